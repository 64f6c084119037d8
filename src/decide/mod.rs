//! Floor 3. The protocol between core and host: decide and swap.
//!
//! ```text
//! plan(operation)                            -> Read(key) | Done(outcome)
//! decide(operation, entry, now, entropy)     -> { write?, outcome }
//!
//! the host's loop:
//!   entry = store.get(key);  { write, outcome } = decide(...)
//!   if no write, or store.swap(key, entry.revision, write): return outcome      else once more (bounded)
//! ```
//! **An outcome is true only if its write landed.**
//!
//! An expected refusal is an outcome. An [`Error`] means misuse, a corrupt record or a broken host.

mod check;
mod confirm;
mod event;
mod given;
mod headers;
mod list;
mod operation;
mod outcome;
mod profile;
mod refresh;
mod request;
mod revoke;
mod risk;
mod rotation;
mod rows;
mod sign_in;
mod sign_out;
mod step_up;
mod verify;

pub use event::{Event, EventKind, RiskView, RotationDetails};
pub use given::{MINTED_BYTES, MintedInput};
pub use operation::Operation;
pub use outcome::{Decision, Headers, Outcome, Plan, Rejection, SessionView, Write};
pub use request::RequestFacts;
pub use rotation::{Answer, Facts, PresentedFacts, Rotation, SessionFacts, decide_rotation};
pub use sign_in::{SignIn, session_to_replace};
pub use step_up::StepUp;
pub use verify::{Authenticated, authenticate, csrf_token};

use crate::foundation::error::{Code, Error, Reason, Result};
use crate::formats::id::{SessionId, Sid, SubjectKey};
use crate::formats::keys::{KeyRing, KeysInput};
use crate::model::policy::{Policy, PolicyInput};
use crate::model::record::{SessionRecord, SubjectRecord};
use crate::foundation::secret::Entropy;
use crate::foundation::time::Seconds;
use crate::foundation::time::Timestamp;
use crate::formats::token::access;
use crate::formats::token::claims::Expected;
use crate::formats::token::csrf;
use crate::formats::token::import::{TokenKey, TokenKeyInput};
use crate::formats::token::jwk::Use;
use crate::formats::token::jws::Verifier;
use crate::formats::token::material::Material;
use crate::formats::token::published::Published;
use crate::formats::token::refresh::RefreshToken;
use crate::formats::token::signer::Heads;

/// Random bytes that every attempt of every operation needs: a nonce, a token's name, the jitter, a
/// CSRF token.
pub const ATTEMPT_BYTES: usize = 24 + 16 + 4 + csrf::RANDOM_BYTES;
/// The longest subject, in bytes.
pub const SUBJECT_MAX_BYTES: usize = 256;
/// The longest issuer and audience, in bytes.
pub const ISSUER_MAX_BYTES: usize = 256;

/// A site: who it is, its keys, what it wants.
#[derive(Debug)]
pub struct Site {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Their `aud`.
    pub audience: String,
    /// Its keys.
    pub ring: KeyRing,
    /// What signs its access tokens.
    pub heads: Heads,
    /// What checks them.
    pub verifier: Verifier,
    /// Its published keys, as JSON Web Keys with the times of each.
    pub published: Published,
    /// What it wants.
    pub policy: Policy,
}

/// A site as the host describes it.
pub struct SiteInput {
    /// The `iss`.
    pub issuer: String,
    /// The `aud`; the issuer where absent.
    pub audience: Option<String>,
    /// All secrets.
    pub keys: KeysInput,
    /// Keys of the ring that sign with a key pair instead of a subkey, by the same names.
    pub token_keys: Vec<TokenKeyInput>,
    /// What differs from the defaults.
    pub policy: PolicyInput,
}

/// What a decision stands on besides the operation.
pub(crate) struct Scene<'a> {
    pub(crate) site: &'a Site,
    pub(crate) key: SubjectKey,
    pub(crate) record: Option<SubjectRecord>,
    pub(crate) now: Timestamp,
    /// How long an access token lives that is given now.
    pub(crate) access_ttl: Seconds,
}

impl Scene<'_> {
    /// The session of this name, where there is a record that knows it.
    fn session(&self, sid: Sid) -> Result<Option<&SessionRecord>> {
        self.record.as_ref().map_or(Ok(None), |record| record.session(sid))
    }
}

impl Site {
    /// Checks what the host describes.
    ///
    /// # Errors
    /// [`Code::Config`], [`Code::WeakKey`].
    pub fn new(input: SiteInput) -> Result<Self> {
        let audience = input.audience.unwrap_or_else(|| input.issuer.clone());
        for (name, value) in [("issuer", &input.issuer), ("audience", &audience)] {
            if value.is_empty() || value.len() > ISSUER_MAX_BYTES {
                return Err(Error::because(
                    Code::Config,
                    format!("{name} must have 1 to 256 bytes: your site's origin is a good one."),
                ));
            }
        }
        let ring = KeyRing::new(&input.keys)?;
        let policy = Policy::new(&input.policy)?;
        let keys = token_keys(&ring, &input.token_keys)?;
        let heads = Heads::new(&keys, access::TYP)?;
        let keys = keys.into_iter().map(TokenKey::public).collect::<Result<Vec<_>>>()?;
        let expected = Expected {
            issuer: input.issuer.clone(),
            audiences: vec![audience.clone()],
            types: vec![Some(access::TYP.to_owned())],
            required: Vec::new(),
            leeway: policy.leeway,
            max_lifetime: access::TTL_MAX,
            max_age: None,
        };
        Ok(Self {
            issuer: input.issuer,
            audience,
            verifier: Verifier::new(&keys, expected)?,
            published: Published::new(&keys)?,
            heads,
            ring,
            policy,
        })
    }
}

/// Every key of the ring as a key for tokens: its subkey, or the key pair of its name.
fn token_keys(ring: &KeyRing, pairs: &[TokenKeyInput]) -> Result<Vec<TokenKey>> {
    let mut pairs = pairs.iter().map(|pair| pair.read(Use::Sign)).collect::<Result<Vec<_>>>()?;
    let keys = ring.iter().map(|key| {
        let pair = pairs
            .iter()
            .position(|pair| pair.id.as_ref() == Some(&key.id))
            .map(|at| pairs.swap_remove(at));
        TokenKey {
            id: Some(key.id.clone()),
            material: pair
                .map_or_else(|| Material::Subkey(key.signing.clone()), |pair| pair.material),
            schedule: key.schedule,
        }
    });
    Ok(keys.collect())
}

/// Says which record an operation needs, or its outcome where it needs none.
///
/// # Errors
/// [`Code::Argument`], [`Code::DevelopmentMode`].
pub fn plan(site: &Site, operation: &Operation, now: Timestamp) -> Result<Plan> {
    prepare(site, operation, now).map(|(plan, _)| plan)
}

/// The plan, and the refresh token where the operation spends one: it is read once.
fn prepare(
    site: &Site,
    operation: &Operation,
    now: Timestamp,
) -> Result<(Plan, Option<RefreshToken>)> {
    let plan = match operation {
        Operation::SignIn(sign_in) => sign_in::plan(site, sign_in)?,
        Operation::Refresh { request, .. } => {
            return Ok(spending(rows::Presented::token(site, request)?));
        }
        Operation::SignOut { request } => sign_out::plan(site, request, now)?,
        Operation::StepUp(step_up) => return Ok(spending(step_up::token(site, step_up)?)),
        Operation::Check { request, .. } => check::plan(site, request, now)?,
        Operation::Update { session_id, data } => {
            given::check_data(data.as_deref())?;
            Plan::Read(session(session_id)?.subject)
        }
        Operation::Revoke { session_id }
        | Operation::Find { session_id }
        | Operation::Confirm { session_id, .. } => Plan::Read(session(session_id)?.subject),
        Operation::RevokeAll { subject, .. }
        | Operation::List { subject }
        | Operation::Profile { subject, .. } => Plan::Read(subject_key(site, subject)?),
    };
    Ok((plan, None))
}

fn spending(token: std::result::Result<RefreshToken, Reason>) -> (Plan, Option<RefreshToken>) {
    match token {
        Ok(token) => (Plan::Read(token.session.subject), Some(token)),
        Err(reason) => (Plan::done(Outcome::rejected(reason)), None),
    }
}

/// Decides an operation on what the store holds under the key that [`plan`] named.
///
/// # Errors
/// As [`plan`]; the record codes; [`Code::Entropy`].
pub fn decide(
    site: &Site,
    operation: &Operation,
    entry: Option<&[u8]>,
    now: Timestamp,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let (key, token) = match prepare(site, operation, now)? {
        (Plan::Read(key), token) => (key, token),
        (Plan::Done(outcome), _) => return Ok(Decision::of(*outcome)),
    };
    let token = || token.ok_or(Error::from(Code::Internal));
    let record = entry.map(|sealed| SubjectRecord::open(&site.ring, &key, sealed)).transpose()?;
    let scene = Scene { site, key, record, now, access_ttl: site.policy.access_ttl };
    match operation {
        Operation::SignIn(sign_in) => sign_in::decide(scene, sign_in, entropy),
        Operation::Refresh { request, context } => {
            refresh::decide(scene, request, context.as_ref(), token()?, entropy)
        }
        Operation::SignOut { request } => sign_out::decide(scene, request, entropy),
        Operation::StepUp(step_up) => step_up::decide(scene, step_up, token()?, entropy),
        Operation::Check { request, context } => {
            check::decide(scene, request, context.as_ref(), entropy)
        }
        Operation::Find { session_id } => {
            check::view(&scene, session(session_id)?.sid).map(Decision::of)
        }
        Operation::Update { session_id, data } => {
            check::update(scene, session(session_id)?.sid, data.as_deref(), entropy)
        }
        Operation::Confirm { session_id, generation } => {
            confirm::decide(scene, session(session_id)?.sid, *generation, entropy)
        }
        Operation::Revoke { session_id } => revoke::one(scene, session(session_id)?.sid, entropy),
        Operation::RevokeAll { except, .. } => {
            revoke::all(scene, except.as_deref().map(session).transpose()?, entropy)
        }
        Operation::Profile { erase, .. } => profile::decide(scene, *erase, entropy),
        Operation::List { .. } => list::living(&scene).map(Decision::of),
    }
}

fn session(id: &str) -> Result<SessionId> {
    SessionId::parse(id).ok_or_else(|| {
        Error::because(
            Code::Argument,
            "This is not a session id: pass session.id, 43 characters, as it was given.",
        )
    })
}

fn subject_key(site: &Site, subject: &str) -> Result<SubjectKey> {
    if subject.is_empty() || subject.len() > SUBJECT_MAX_BYTES {
        return Err(Error::because(
            Code::Argument,
            "The subject must have 1 to 256 bytes: pass your own stable user id.",
        ));
    }
    Ok(site.ring.subject_key(subject))
}
