//! A session begins: always with a new id and a fresh secret, whatever the request carried (session fixation).

use super::outcome::FreshAccess;
use super::{Decision, Outcome, Plan, RequestFacts, Scene, SessionView, Site, subject_key};
use crate::cookie::Which;
use crate::error::{Code, Error, Result};
use crate::id::{SessionId, Sid};
use crate::record::{Cause, RECORD_MAX_BYTES, SecretHash, SessionRecord, SubjectRecord};
use crate::secret::{Entropy, Secret};
use crate::token::refresh::{RefreshToken, secret_hash};
use crate::token::{access, json};
use serde::Deserialize;
use std::fmt;
use zeroize::ZeroizeOnDrop;

/// Random bytes that a sign-in mints once, before the loop: the sid and the first secret.
pub const MINTED_BYTES: usize = 16 + 32;
const DATA_MAX_BYTES: usize = 1024;
const LABEL_MAX_BYTES: usize = 64;
const ACR_MAX_BYTES: usize = 64;
const AMR_MAX: usize = 8;
const AMR_MAX_BYTES: usize = 32;

/// Who signed in, and what was drawn for it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// The request that signs in.
    pub request: RequestFacts,
    /// Who.
    pub subject: String,
    /// The application's own data, as JSON text.
    pub data: Option<String>,
    /// The application's own claims in every access token: a JSON object, as text.
    pub claims: Option<String>,
    /// Thumbprint of the key that whoever presents a token must hold.
    pub jkt: Option<String>,
    /// Authentication context class.
    pub acr: Option<String>,
    /// Authentication methods.
    #[serde(default)]
    pub amr: Vec<String>,
    /// What to call the session in a list.
    pub label: Option<String>,
    /// [`MINTED_BYTES`] random bytes, drawn once: a re-read that finds their sid means that the write landed.
    pub minted: MintedInput,
}

/// [`MINTED_BYTES`] random bytes as the host drew them.
#[derive(Deserialize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct MintedInput(#[serde(with = "serde_bytes")] Vec<u8>);

/// The sid and the first secret.
struct Minted {
    sid: Sid,
    secret: Secret<32>,
}

impl MintedInput {
    /// Takes over [`MINTED_BYTES`] random bytes.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    fn parts(&self) -> Result<Minted> {
        let mut drawn = Entropy::new(self.0.clone());
        Ok(Minted { sid: Sid(drawn.take()?), secret: Secret::new(drawn.take()?) })
    }
}

impl fmt::Debug for MintedInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MintedInput(redacted)")
    }
}

pub(super) fn plan(site: &Site, sign_in: &SignIn) -> Result<Plan> {
    sign_in.check()?;
    sign_in.minted.parts()?;
    let key = subject_key(site, &sign_in.subject)?;
    Ok(match sign_in.request.admit(site)? {
        Ok(()) => Plan::Read(key),
        Err(reason) => Plan::done(Outcome::rejected(reason)),
    })
}

pub(super) fn decide(mut scene: Scene<'_>, sign_in: &SignIn, entropy: &mut Entropy) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let minted = sign_in.minted.parts()?;
    let mut record = scene.record.take().unwrap_or_else(|| SubjectRecord::new(&sign_in.subject));
    if let Some(landed) = record.session(minted.sid) {
        return Ok(Decision::of(outcome(&scene, sign_in, landed, &minted.secret, entropy)?));
    }
    record.drop_long_over(scene.now);
    if let Some(previous) =
        previous_session(scene.site, &sign_in.request).filter(|previous| previous.subject == scene.key)
    {
        record.end_sessions(Cause::Revoked, scene.now, |session| session.sid == previous.sid);
    }
    let session = sign_in.session(&scene, &minted);
    let outcome = outcome(&scene, sign_in, &session, &minted.secret, entropy)?;
    record.admit(session, scene.now, scene.site.policy.max_sessions);
    let decision = Decision::writing(&scene, &record, &nonce, outcome)?;
    match &decision.write {
        Some(write) if write.value.len() > RECORD_MAX_BYTES => Err(Error::from(Code::RecordFull)),
        _ => Ok(decision),
    }
}

/// The session that the request carries and that this sign-in ends, where it belongs to somebody else and so is in another
/// record. The host revokes it first. `None` where the sign-in itself is refused.
///
/// # Errors
/// As [`super::plan`].
pub fn session_to_replace(site: &Site, sign_in: &SignIn) -> Result<Option<String>> {
    let Plan::Read(key) = plan(site, sign_in)? else { return Ok(None) };
    let previous = previous_session(site, &sign_in.request);
    Ok(previous.filter(|previous| previous.subject != key).map(|previous| previous.text()))
}

fn previous_session(site: &Site, request: &RequestFacts) -> Option<SessionId> {
    let text = request.cookie(site, Which::Refresh).ok()??;
    RefreshToken::parse(text, &site.ring).map(|token| token.session)
}

fn outcome(
    scene: &Scene<'_>,
    sign_in: &SignIn,
    session: &SessionRecord,
    secret: &Secret<32>,
    entropy: &mut Entropy,
) -> Result<Outcome> {
    let ring = &scene.site.ring;
    let key = ring.by_tag(&session.key_tag).ok_or(Error::from(Code::RecordKey))?;
    let token = RefreshToken {
        key_tag: session.key_tag,
        session: SessionId { subject: scene.key, sid: session.sid },
        generation: 0,
        issued_at: session.rotated_at,
        absolute_deadline: session.absolute_deadline,
        secret: secret.clone(),
    };
    let access = FreshAccess::mint(scene, &sign_in.subject, session, entropy)?;
    Ok(Outcome::SignedIn {
        session: SessionView::new(scene, &sign_in.subject, session),
        headers: access.headers(scene, Some((&token, key)))?,
        access_token: access.token,
    })
}

impl SignIn {
    fn check(&self) -> Result<()> {
        let too_long =
            |text: &Option<String>, most: usize| text.as_ref().is_some_and(|text| text.is_empty() || text.len() > most);
        let wrong = |why: &'static str| Err(Error::because(Code::Argument, why));
        if too_long(&self.acr, ACR_MAX_BYTES) {
            return wrong("acr must have 1 to 64 bytes, or be left out.");
        }
        if self.amr.len() > AMR_MAX || self.amr.iter().any(|one| one.is_empty() || one.len() > AMR_MAX_BYTES) {
            return wrong("amr must hold at most 8 names of 1 to 32 bytes each (RFC 8176).");
        }
        if too_long(&self.label, LABEL_MAX_BYTES) {
            return wrong("label must have 1 to 64 bytes, or be left out.");
        }
        if too_long(&self.data, DATA_MAX_BYTES) {
            return wrong(
                "data must be at most 1024 bytes of JSON: keep an id here and the rest in your own database.",
            );
        }
        if self.data.as_deref().is_some_and(|data| !json::is_strict(data.as_bytes())) {
            return wrong("data must be a JSON value, nested at most 64 deep.");
        }
        self.claims.as_deref().map(access::own_claims).transpose()?;
        self.jkt.as_deref().map_or(Ok(()), access::check_thumbprint)
    }

    fn session(&self, scene: &Scene<'_>, minted: &Minted) -> SessionRecord {
        let Scene { site, now, .. } = scene;
        let absolute_deadline = now.plus(site.policy.absolute_timeout);
        SessionRecord {
            sid: minted.sid,
            created_at: *now,
            authenticated_at: *now,
            acr: self.acr.clone(),
            amr: self.amr.clone(),
            generation: 0,
            secret_hash: SecretHash::new(secret_hash(&minted.secret)),
            key_tag: site.ring.current(*now).tag,
            rotated_at: *now,
            idle_deadline: now.plus(site.policy.idle_timeout).min(absolute_deadline),
            absolute_deadline,
            label: self.label.clone(),
            data: self.data.clone(),
            claims: self.claims.as_deref().and_then(|claims| access::own_claims(claims).ok()).map(str::to_owned),
            jkt: self.jkt.clone(),
        }
    }
}
