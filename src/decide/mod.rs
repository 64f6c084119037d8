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

mod authenticate;
mod first_use;
mod list;
mod operation;
mod outcome;
mod presented_token;
mod refresh;
mod request;
mod response_headers;
mod revoke;
mod risk_profile;
mod risk_response;
mod rotation;
mod session_check;
mod session_event;
mod sign_in;
mod sign_out;
mod step_up;
mod validate;

pub use authenticate::{AuthenticatedToken, authenticate, create_csrf_token};
pub use operation::Operation;
pub use outcome::{Decision, Headers, Outcome, Plan, RecordWrite, Rejection, SessionView};
pub use request::RequestFacts;
pub use rotation::{
    PresentedTokenFacts, RotationDecision, RotationFacts, RotationVerdict, SessionFacts,
    decide_rotation,
};
pub use session_event::{RiskReport, RotationDetails, SessionEvent, SessionEventKind};
pub use sign_in::{SignIn, session_to_replace};
pub use step_up::StepUp;
pub use validate::{INITIAL_ENTROPY_BYTES, InitialEntropyInput};

use crate::formats::id::{LocalSessionId, SessionId, SubjectIndexKey};
use crate::formats::key_ring::{KeyRing, KeyRingInput};
use crate::formats::token::access_token;
use crate::formats::token::claims::ExpectedClaims;
use crate::formats::token::csrf_token;
use crate::formats::token::jwk::KeyUse;
use crate::formats::token::jwks::JwksDocument;
use crate::formats::token::jws::Verifier;
use crate::formats::token::key_import::{TokenKey, TokenKeyInput};
use crate::formats::token::key_material::KeyMaterial;
use crate::formats::token::refresh_token::RefreshToken;
use crate::formats::token::signer::SigningKeys;
use crate::foundation::error::{Error, ErrorCode, RejectionReason, Result};
use crate::foundation::secret::Entropy;
use crate::foundation::time::Seconds;
use crate::foundation::time::Timestamp;
use crate::model::policy::{Policy, PolicyInput};
use crate::model::record::{SessionRecord, SubjectRecord};

/// Random bytes that every attempt of every operation needs: a nonce, a token's name, the jitter, a
/// CSRF token.
pub const ATTEMPT_BYTES: usize = 24 + 16 + 4 + csrf_token::RANDOM_BYTES;
/// The longest subject, in bytes.
pub const MAX_SUBJECT_BYTES: usize = 256;
/// The longest issuer and audience, in bytes.
pub const MAX_ISSUER_BYTES: usize = 256;

/// A site: who it is, its keys, what it wants.
#[derive(Debug)]
pub struct Site {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Their `aud`.
    pub audience: String,
    /// Its keys.
    pub key_ring: KeyRing,
    /// What signs its access tokens.
    pub signing_keys: SigningKeys,
    /// What checks them.
    pub verifier: Verifier,
    /// Its published keys, as JSON Web Keys with the times of each.
    pub jwks: JwksDocument,
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
    pub keys: KeyRingInput,
    /// Keys of the ring that sign with a key pair instead of a subkey, by the same names.
    pub token_keys: Vec<TokenKeyInput>,
    /// What differs from the defaults.
    pub policy: PolicyInput,
}

/// What a decision stands on besides the operation.
pub(crate) struct DecisionContext<'a> {
    pub(crate) site: &'a Site,
    pub(crate) key: SubjectIndexKey,
    pub(crate) record: Option<SubjectRecord>,
    pub(crate) now: Timestamp,
    /// How long an access token lives that is given now.
    pub(crate) access_ttl: Seconds,
}

impl DecisionContext<'_> {
    /// The session of this name, where there is a record that knows it.
    fn find_session(&self, sid: LocalSessionId) -> Result<Option<&SessionRecord>> {
        self.record.as_ref().map_or(Ok(None), |record| record.session(sid))
    }
}

impl Site {
    /// Checks what the host describes.
    ///
    /// # Errors
    /// [`ErrorCode::Config`], [`ErrorCode::WeakKey`].
    pub fn new(input: SiteInput) -> Result<Self> {
        let audience = input.audience.unwrap_or_else(|| input.issuer.clone());
        for (name, value) in [("issuer", &input.issuer), ("audience", &audience)] {
            if value.is_empty() || value.len() > MAX_ISSUER_BYTES {
                return Err(Error::with_message(
                    ErrorCode::Config,
                    format!("{name} must have 1 to 256 bytes: your site's origin is a good one."),
                ));
            }
        }
        let ring = KeyRing::new(&input.keys)?;
        let policy = Policy::new(&input.policy)?;
        let keys = build_token_keys(&ring, &input.token_keys)?;
        let heads = SigningKeys::new(&keys, access_token::TYP)?;
        let keys = keys.into_iter().map(TokenKey::to_public).collect::<Result<Vec<_>>>()?;
        let expected = ExpectedClaims {
            issuer: input.issuer.clone(),
            audiences: vec![audience.clone()],
            token_types: vec![Some(access_token::TYP.to_owned())],
            required_claims: Vec::new(),
            leeway: policy.leeway,
            max_lifetime: access_token::MAX_TTL,
            max_age: None,
        };
        Ok(Self {
            issuer: input.issuer,
            audience,
            verifier: Verifier::new(&keys, expected)?,
            jwks: JwksDocument::new(&keys)?,
            signing_keys: heads,
            key_ring: ring,
            policy,
        })
    }
}

/// Every key of the ring as a key for tokens: its subkey, or the key pair of its name.
fn build_token_keys(ring: &KeyRing, pairs: &[TokenKeyInput]) -> Result<Vec<TokenKey>> {
    let mut pairs =
        pairs.iter().map(|pair| pair.parse(KeyUse::Sign)).collect::<Result<Vec<_>>>()?;
    let keys = ring.iter().map(|key| {
        let pair = pairs
            .iter()
            .position(|pair| pair.id.as_ref() == Some(&key.id))
            .map(|at| pairs.swap_remove(at));
        TokenKey {
            id: Some(key.id.clone()),
            material: pair
                .map_or_else(|| KeyMaterial::Subkey(key.signing.clone()), |pair| pair.material),
            schedule: key.schedule,
        }
    });
    Ok(keys.collect())
}

/// Says which record an operation needs, or its outcome where it needs none.
///
/// # Errors
/// [`ErrorCode::Argument`], [`ErrorCode::DevelopmentMode`].
pub fn plan(site: &Site, operation: &Operation, now: Timestamp) -> Result<Plan> {
    plan_with_token(site, operation, now).map(|(plan, _)| plan)
}

/// The plan, and the refresh token where the operation spends one: it is read once.
fn plan_with_token(
    site: &Site,
    operation: &Operation,
    now: Timestamp,
) -> Result<(Plan, Option<RefreshToken>)> {
    let plan = match operation {
        Operation::SignIn(sign_in) => sign_in::plan(site, sign_in)?,
        Operation::Refresh { request, .. } => {
            return Ok(plan_for_token(presented_token::PresentedToken::parse_token(
                site, request,
            )?));
        }
        Operation::SignOut { request } => sign_out::plan(site, request, now)?,
        Operation::StepUp(step_up) => {
            return Ok(plan_for_token(step_up::parse_refresh_token(site, step_up)?));
        }
        Operation::Check { request, .. } => session_check::plan(site, request, now)?,
        Operation::Update { session_id, data } => {
            validate::validate_data(data.as_deref())?;
            Plan::Read(parse_session_id(session_id)?.subject)
        }
        Operation::Revoke { session_id }
        | Operation::Find { session_id }
        | Operation::Confirm { session_id, .. } => {
            Plan::Read(parse_session_id(session_id)?.subject)
        }
        Operation::RevokeAll { subject, .. }
        | Operation::List { subject }
        | Operation::Profile { subject, .. } => Plan::Read(subject_index_key(site, subject)?),
    };
    Ok((plan, None))
}

fn plan_for_token(
    token: std::result::Result<RefreshToken, RejectionReason>,
) -> (Plan, Option<RefreshToken>) {
    match token {
        Ok(token) => (Plan::Read(token.session.subject), Some(token)),
        Err(reason) => (Plan::done(Outcome::rejected(reason)), None),
    }
}

/// Decides an operation on what the store holds under the key that [`plan`] named.
///
/// # Errors
/// As [`plan`]; the record codes; [`ErrorCode::Entropy`].
pub fn decide(
    site: &Site,
    operation: &Operation,
    entry: Option<&[u8]>,
    now: Timestamp,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let (key, token) = match plan_with_token(site, operation, now)? {
        (Plan::Read(key), token) => (key, token),
        (Plan::Done(outcome), _) => return Ok(Decision::without_write(*outcome)),
    };
    let token = || token.ok_or(Error::from(ErrorCode::Internal));
    let record =
        entry.map(|sealed| SubjectRecord::unseal(&site.key_ring, &key, sealed)).transpose()?;
    let context = DecisionContext { site, key, record, now, access_ttl: site.policy.access_ttl };
    match operation {
        Operation::SignIn(sign_in) => sign_in::decide(context, sign_in, entropy),
        Operation::Refresh { request, request_context } => {
            refresh::decide(context, request, request_context.as_ref(), token()?, entropy)
        }
        Operation::SignOut { request } => sign_out::decide(context, request, entropy),
        Operation::StepUp(step_up) => step_up::decide(context, step_up, token()?, entropy),
        Operation::Check { request, request_context } => {
            session_check::decide(context, request, request_context.as_ref(), entropy)
        }
        Operation::Find { session_id } => {
            session_check::find_session(&context, parse_session_id(session_id)?.local_id)
                .map(Decision::without_write)
        }
        Operation::Update { session_id, data } => session_check::update_data(
            context,
            parse_session_id(session_id)?.local_id,
            data.as_deref(),
            entropy,
        ),
        Operation::Confirm { session_id, generation } => {
            first_use::decide(context, parse_session_id(session_id)?.local_id, *generation, entropy)
        }
        Operation::Revoke { session_id } => {
            revoke::revoke_one(context, parse_session_id(session_id)?.local_id, entropy)
        }
        Operation::RevokeAll { except, .. } => revoke::revoke_all(
            context,
            except.as_deref().map(parse_session_id).transpose()?,
            entropy,
        ),
        Operation::Profile { erase, .. } => risk_profile::decide(context, *erase, entropy),
        Operation::List { .. } => list::list_active_sessions(&context).map(Decision::without_write),
    }
}

fn parse_session_id(id: &str) -> Result<SessionId> {
    SessionId::parse(id).ok_or_else(|| {
        Error::with_message(
            ErrorCode::Argument,
            "This is not a session id: pass session.id, 43 characters, as it was given.",
        )
    })
}

fn subject_index_key(site: &Site, subject: &str) -> Result<SubjectIndexKey> {
    if subject.is_empty() || subject.len() > MAX_SUBJECT_BYTES {
        return Err(Error::with_message(
            ErrorCode::Argument,
            "The subject must have 1 to 256 bytes: pass your own stable user id.",
        ));
    }
    Ok(site.key_ring.subject_index_key(subject))
}
