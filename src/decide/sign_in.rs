//! A session begins: always with a new id and a fresh secret, whatever the request carried (session
//! fixation).

use super::context::DecisionContext;
use super::outcome::{Decision, Outcome, Plan, SessionView};
use super::request::RequestFacts;
use super::response_headers::{
    NewAccessToken, body_refresh_token, initial_refresh_token, new_device_id, set_csrf_cookie,
    set_device_cookie,
};
use super::risk_response::{RiskQuery, ScoredEvent};
use super::session_event::{SessionEvent, SessionEventKind};
use super::site::Site;
use super::validate::subject_index_key;
use super::validate::{InitialEntropy, InitialEntropyInput, validate_auth_context, validate_data};
use crate::formats::id::SessionId;
use crate::formats::token::access_token;
use crate::formats::token::refresh_token::secret_hash;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::secret::{Entropy, Secret};
use crate::model::record::{RemovalReason, SecretHash, SessionRecord, SubjectRecord};
use crate::risk::{EncodedContext, RiskEventKind, TokenStatus};

const MAX_LABEL_BYTES: usize = 64;

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
    pub request_context: Option<EncodedContext>,
    /// The user proved more than usual of who they are: scoring asks for no more, and learns.
    pub step_up_verified: bool,
    /// Random bytes, drawn once: a re-read that finds their sid means that the write landed.
    pub initial_entropy: InitialEntropyInput,
}

pub(super) fn plan(site: &Site, sign_in: &SignIn) -> Result<Plan> {
    sign_in.validate()?;
    sign_in.initial_entropy.split()?;
    let key = subject_index_key(site, &sign_in.subject)?;
    Ok(match sign_in.request.check_origin_for_change(site)? {
        Ok(()) => Plan::Read(key),
        Err(reason) => Plan::done(Outcome::rejected(reason)),
    })
}

pub(super) fn decide(
    mut context: DecisionContext<'_>,
    sign_in: &SignIn,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let minted = sign_in.initial_entropy.split()?;
    let mut record = context.record.take().unwrap_or_else(|| SubjectRecord::new(&sign_in.subject));
    if let Some(landed) = record.session(minted.local_id)? {
        let outcome = signed_in_outcome(&context, sign_in, landed, &minted.secret, entropy)?;
        return Ok(Decision::without_write(outcome).with_events(Some(SessionEvent::new(
            &context,
            SessionEventKind::SignedIn,
            Some(minted.local_id),
        ))));
    }
    let mut scored = ScoredEvent::assess(&context, &record, None, &sign_in.risk_query());
    if let Some(scored) = &scored
        && let Some(refused) =
            scored.rejection(&context, &mut record, None, &sign_in.request, &nonce)?
    {
        return Ok(refused);
    }
    record.drop_expired(context.now);
    if let Some(previous) = find_previous_session(context.site, &sign_in.request)
        .filter(|previous| previous.subject == context.key)
    {
        record.remove_sessions(RemovalReason::Revoked, context.now, |session| {
            session.local_id == previous.local_id
        });
    }
    let mut session = sign_in.build_session(&context, &minted);
    if let Some(scored) = &mut scored {
        if let Some(name) = new_device_id(&context, &sign_in.request, minted.local_id) {
            scored.sets_device_cookie(&name);
        }
        scored.learn(&mut record, &mut session.session_profile, context.now);
        context.access_ttl = scored.access_ttl(&context.site.policy);
    }
    let outcome = signed_in_outcome(&context, sign_in, &session, &minted.secret, entropy)?;
    let evicted_ids =
        record.insert_session(session, context.now, context.site.policy.max_sessions)?;
    let event = SessionEvent::new(&context, SessionEventKind::SignedIn, Some(minted.local_id));
    let evictions = evicted_ids
        .into_iter()
        .map(|sid| SessionEvent::new(&context, SessionEventKind::SessionEvicted, Some(sid)));
    let decision = Decision::with_write(&context, &record, &nonce, outcome)?
        .with_events(Some(event))
        .with_events(evictions);
    ScoredEvent::add_events(scored.as_ref(), decision, &context, minted.local_id)
        .check_record_size()
}

/// The session that the request carries and that this sign-in ends, where it belongs to somebody
/// else and so is in another record. The host revokes it first. `None` where the sign-in itself is
/// refused.
///
/// # Errors
/// As [`super::plan`].
pub fn session_to_replace(site: &Site, sign_in: &SignIn) -> Result<Option<String>> {
    let Plan::Read(key) = plan(site, sign_in)? else { return Ok(None) };
    let previous = find_previous_session(site, &sign_in.request);
    Ok(previous.filter(|previous| previous.subject != key).map(|previous| previous.encode()))
}

fn find_previous_session(site: &Site, request: &RequestFacts) -> Option<SessionId> {
    request.refresh_token(site).ok().map(|token| token.session)
}

fn signed_in_outcome(
    context: &DecisionContext<'_>,
    sign_in: &SignIn,
    session: &SessionRecord,
    secret: &Secret<32>,
    entropy: &mut Entropy,
) -> Result<Outcome> {
    let refresh_cookie_numbers = sign_in.request.refresh_numbers(context.site);
    let (token, key) =
        initial_refresh_token(context, session, first_generation(&refresh_cookie_numbers), secret)?;
    let access = NewAccessToken::issue(context, &sign_in.subject, session, entropy)?;
    let mut headers = access.headers(context, Some((&token, key)), &refresh_cookie_numbers)?;
    headers.extend(set_csrf_cookie(context, session, entropy)?);
    let device = new_device_id(context, &sign_in.request, session.local_id);
    headers.extend(device.map(|name| set_device_cookie(context, &name)).transpose()?);
    Ok(Outcome::SignedIn {
        session: SessionView::new(context, &sign_in.subject, session),
        refresh_token: body_refresh_token(context, Some((&token, key))),
        headers,
        access_token: access.token,
        risk: None,
    })
}

/// Beyond what the browser holds, and what an answer on its way to it may set: an answer of the
/// session before must neither displace a cookie of this one nor take it away.
fn first_generation(carried: &[u32]) -> u32 {
    const GENERATION_GAP: u32 = 16;
    let highest = carried.iter().copied().max().filter(|number| *number <= u32::MAX / 2);
    highest.map_or(0, |number| number.saturating_add(GENERATION_GAP))
}

impl SignIn {
    fn validate(&self) -> Result<()> {
        validate_auth_context(self.acr.as_deref(), &self.amr)?;
        let too_long = |text: &Option<String>, most: usize| {
            text.as_ref().is_some_and(|text| text.is_empty() || text.len() > most)
        };
        let wrong = |why: &'static str| Err(Error::with_message(ErrorCode::Argument, why));
        if too_long(&self.label, MAX_LABEL_BYTES) {
            return wrong("label must have 1 to 64 bytes, or be left out.");
        }
        validate_data(self.data.as_deref())?;
        self.claims.as_deref().map(access_token::validate_custom_claims).transpose()?;
        self.jkt.as_deref().map_or(Ok(()), access_token::validate_thumbprint)
    }

    fn risk_query(&self) -> RiskQuery<'_> {
        RiskQuery {
            kind: RiskEventKind::SignIn,
            request_context: self.request_context.as_ref(),
            request: &self.request,
            token_status: TokenStatus::None,
            step_up_verified: self.step_up_verified,
        }
    }

    fn build_session(
        &self,
        context: &DecisionContext<'_>,
        minted: &InitialEntropy,
    ) -> SessionRecord {
        let DecisionContext { site, now, .. } = context;
        let absolute_deadline = now.saturating_add(site.policy.absolute_timeout);
        SessionRecord {
            local_id: minted.local_id,
            created_at: *now,
            authenticated_at: *now,
            acr: self.acr.clone(),
            amr: self.amr.clone(),
            generation: first_generation(&self.request.refresh_numbers(site)),
            secret_hash: SecretHash::new(secret_hash(&minted.secret)),
            key_tag: site.key_ring.current_key(*now).tag,
            rotated_at: *now,
            rotated_by: self.request.client_family(),
            confirmed_at: None,
            closed_generations: Vec::new(),
            step_up: None,
            idle_deadline: now.saturating_add(site.policy.idle_timeout).min(absolute_deadline),
            absolute_deadline,
            label: self.label.clone(),
            data: self.data.clone(),
            claims: self
                .claims
                .as_deref()
                .and_then(|claims| access_token::validate_custom_claims(claims).ok())
                .map(str::to_owned),
            jkt: self.jkt.clone(),
            session_profile: None,
        }
    }
}
