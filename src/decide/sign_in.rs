//! A session begins: always with a new id and a fresh secret, whatever the request carried (session
//! fixation).

use super::event::{Event, EventKind};
use super::given::{Minted, MintedInput, check_assurance, check_data};
use super::headers::{
    FreshAccess, csrf_cookie, device_cookie, device_name, handed_over, minted_token,
};
use super::risk::{Asked, Scored};
use super::{Decision, Outcome, Plan, RequestFacts, Scene, SessionView, Site, subject_key};
use crate::foundation::error::{Code, Error, Result};
use crate::formats::id::SessionId;
use crate::model::record::{Cause, SecretHash, SessionRecord, SubjectRecord};
use crate::risk::{ContextText, Kind, TokenFact};
use crate::foundation::secret::{Entropy, Secret};
use crate::formats::token::access;
use crate::formats::token::refresh::secret_hash;

const LABEL_MAX_BYTES: usize = 64;

/// Who signed in, and what was drawn for it.
#[derive(Debug)]
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
    pub amr: Vec<String>,
    /// What to call the session in a list.
    pub label: Option<String>,
    /// Where the request comes from, for scoring.
    pub context: Option<ContextText>,
    /// The user proved more than usual of who they are: scoring asks for no more, and learns.
    pub proved: bool,
    /// Random bytes, drawn once: a re-read that finds their sid means that the write landed.
    pub minted: MintedInput,
}

pub(super) fn plan(site: &Site, sign_in: &SignIn) -> Result<Plan> {
    sign_in.check()?;
    sign_in.minted.parts()?;
    let key = subject_key(site, &sign_in.subject)?;
    Ok(match sign_in.request.admit_change(site)? {
        Ok(()) => Plan::Read(key),
        Err(reason) => Plan::done(Outcome::rejected(reason)),
    })
}

pub(super) fn decide(
    mut scene: Scene<'_>,
    sign_in: &SignIn,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let minted = sign_in.minted.parts()?;
    let mut record = scene.record.take().unwrap_or_else(|| SubjectRecord::new(&sign_in.subject));
    if let Some(landed) = record.session(minted.sid)? {
        let outcome = outcome(&scene, sign_in, landed, &minted.secret, entropy)?;
        return Ok(Decision::of(outcome).with(Some(Event::new(
            &scene,
            EventKind::SignIn,
            Some(minted.sid),
        ))));
    }
    let mut scored = Scored::of(&scene, &record, None, &sign_in.asked());
    if let Some(scored) = &scored
        && let Some(refused) =
            scored.refused(&scene, &mut record, None, &sign_in.request, &nonce)?
    {
        return Ok(refused);
    }
    record.drop_long_over(scene.now);
    if let Some(previous) = previous_session(scene.site, &sign_in.request)
        .filter(|previous| previous.subject == scene.key)
    {
        record.end_sessions(Cause::Revoked, scene.now, |session| session.sid == previous.sid);
    }
    let mut session = sign_in.session(&scene, &minted);
    if let Some(scored) = &mut scored {
        if let Some(name) = device_name(&scene, &sign_in.request, minted.sid) {
            scored.names_device(&name);
        }
        scored.learn(&mut record, &mut session.companion, scene.now);
        scene.access_ttl = scored.access_ttl(&scene.site.policy);
    }
    let outcome = outcome(&scene, sign_in, &session, &minted.secret, entropy)?;
    let evicted = record.admit(session, scene.now, scene.site.policy.max_sessions)?;
    let event = Event::new(&scene, EventKind::SignIn, Some(minted.sid));
    let evictions =
        evicted.into_iter().map(|sid| Event::new(&scene, EventKind::Evicted, Some(sid)));
    let decision =
        Decision::writing(&scene, &record, &nonce, outcome)?.with(Some(event)).with(evictions);
    Scored::tell(scored.as_ref(), decision, &scene, minted.sid).within_the_record_limit()
}

/// The session that the request carries and that this sign-in ends, where it belongs to somebody
/// else and so is in another record. The host revokes it first. `None` where the sign-in itself is
/// refused.
///
/// # Errors
/// As [`super::plan`].
pub fn session_to_replace(site: &Site, sign_in: &SignIn) -> Result<Option<String>> {
    let Plan::Read(key) = plan(site, sign_in)? else { return Ok(None) };
    let previous = previous_session(site, &sign_in.request);
    Ok(previous.filter(|previous| previous.subject != key).map(|previous| previous.text()))
}

fn previous_session(site: &Site, request: &RequestFacts) -> Option<SessionId> {
    request.refresh_token(site).ok().map(|token| token.session)
}

fn outcome(
    scene: &Scene<'_>,
    sign_in: &SignIn,
    session: &SessionRecord,
    secret: &Secret<32>,
    entropy: &mut Entropy,
) -> Result<Outcome> {
    let carried = sign_in.request.refresh_numbers(scene.site);
    let (token, key) = minted_token(scene, session, first_generation(&carried), secret)?;
    let access = FreshAccess::mint(scene, &sign_in.subject, session, entropy)?;
    let mut headers = access.headers(scene, Some((&token, key)), &carried)?;
    headers.extend(csrf_cookie(scene, session, entropy)?);
    let device = device_name(scene, &sign_in.request, session.sid);
    headers.extend(device.map(|name| device_cookie(scene, &name)).transpose()?);
    Ok(Outcome::SignedIn {
        session: SessionView::new(scene, &sign_in.subject, session),
        refresh_token: handed_over(scene, Some((&token, key))),
        headers,
        access_token: access.token,
        risk: None,
    })
}

/// Beyond what the browser holds, and what an answer on its way to it may set: an answer of the
/// session before must neither displace a cookie of this one nor take it away.
fn first_generation(carried: &[u32]) -> u32 {
    const ON_THE_WAY: u32 = 16;
    let highest = carried.iter().copied().max().filter(|number| *number <= u32::MAX / 2);
    highest.map_or(0, |number| number.saturating_add(ON_THE_WAY))
}

impl SignIn {
    fn check(&self) -> Result<()> {
        check_assurance(self.acr.as_deref(), &self.amr)?;
        let too_long = |text: &Option<String>, most: usize| {
            text.as_ref().is_some_and(|text| text.is_empty() || text.len() > most)
        };
        let wrong = |why: &'static str| Err(Error::because(Code::Argument, why));
        if too_long(&self.label, LABEL_MAX_BYTES) {
            return wrong("label must have 1 to 64 bytes, or be left out.");
        }
        check_data(self.data.as_deref())?;
        self.claims.as_deref().map(access::own_claims).transpose()?;
        self.jkt.as_deref().map_or(Ok(()), access::check_thumbprint)
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            kind: Kind::SignIn,
            context: self.context.as_ref(),
            request: &self.request,
            token_fact: TokenFact::None,
            proved: self.proved,
        }
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
            generation: first_generation(&self.request.refresh_numbers(site)),
            secret_hash: SecretHash::new(secret_hash(&minted.secret)),
            key_tag: site.ring.current(*now).tag,
            rotated_at: *now,
            written_by: self.request.sender(),
            confirmed_at: None,
            closed: Vec::new(),
            step_up: None,
            idle_deadline: now.plus(site.policy.idle_timeout).min(absolute_deadline),
            absolute_deadline,
            label: self.label.clone(),
            data: self.data.clone(),
            claims: self
                .claims
                .as_deref()
                .and_then(|claims| access::own_claims(claims).ok())
                .map(str::to_owned),
            jkt: self.jkt.clone(),
            companion: None,
        }
    }
}
