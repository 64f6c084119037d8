//! Starts a session, always with a new ID and a new secret, whatever the request carried (session
//! fixation, OWASP Session Management).

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

/// A sign-in, as the host asks for it.
#[derive(Debug)]
pub struct SignIn {
    /// The request that signs in.
    pub request: RequestFacts,
    /// The site's stable ID of the user.
    pub subject: String,
    /// The application's data, as JSON text of at most 1 KiB.
    pub data: Option<String>,
    /// The application's claims for every access token, as the text of a JSON object.
    pub claims: Option<String>,
    /// The thumbprint of the client's key, for sender-constrained tokens (RFC 9449 section 6.1).
    pub jkt: Option<String>,
    /// The authentication context class, which becomes the claim `acr`.
    pub acr: Option<String>,
    /// The authentication methods, which become the claim `amr` (RFC 8176).
    pub amr: Vec<String>,
    /// A name for the session in lists, of at most 64 bytes.
    pub label: Option<String>,
    /// The request context for risk scoring.
    pub request_context: Option<EncodedContext>,
    /// Whether the user has verified a second factor: the sign-in is then not rejected as unusual,
    /// and scoring learns from it.
    pub step_up_verified: bool,
    /// Random bytes that are drawn once, before the first attempt. A record that holds their
    /// session ID has the sign-in already.
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
    let initial_entropy = sign_in.initial_entropy.split()?;
    let mut record = context.record.take().unwrap_or_else(|| SubjectRecord::new(&sign_in.subject));
    if let Some(landed) = record.session(initial_entropy.local_id)? {
        let outcome =
            signed_in_outcome(&context, sign_in, landed, &initial_entropy.secret, entropy)?;
        return Ok(Decision::without_write(outcome).with_events(Some(SessionEvent::new(
            &context,
            SessionEventKind::SignedIn,
            Some(initial_entropy.local_id),
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
    let mut session = sign_in.build_session(&context, &initial_entropy);
    if let Some(scored) = &mut scored {
        if let Some(name) = new_device_id(&context, &sign_in.request, initial_entropy.local_id) {
            scored.set_device_id(&name);
        }
        scored.learn(&mut record, &mut session.session_profile, context.now);
        context.access_ttl = scored.access_ttl(&context.site.policy);
    }
    let outcome = signed_in_outcome(&context, sign_in, &session, &initial_entropy.secret, entropy)?;
    let evicted_ids =
        record.insert_session(session, context.now, context.site.policy.max_sessions)?;
    let event =
        SessionEvent::new(&context, SessionEventKind::SignedIn, Some(initial_entropy.local_id));
    let evictions = evicted_ids
        .into_iter()
        .map(|sid| SessionEvent::new(&context, SessionEventKind::SessionEvicted, Some(sid)));
    let decision = Decision::with_write(&context, &record, &nonce, outcome)?
        .with_events(Some(event))
        .with_events(evictions);
    ScoredEvent::add_events(scored.as_ref(), decision, &context, initial_entropy.local_id)
        .check_record_size()
}

/// Names the session that the request carries and that this sign-in ends, where that session
/// belongs to another subject and so lies in another record. The host revokes it first. Gives
/// `None` where the sign-in itself is rejected.
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

/// The first generation of a session. It lies beyond the cookies that the browser holds or that a
/// response under way may set, so that such a response neither replaces nor clears a cookie of this
/// session.
fn first_generation(held_generations: &[u32]) -> u32 {
    const GENERATION_GAP: u32 = 16;
    let highest = held_generations.iter().copied().max().filter(|number| *number <= u32::MAX / 2);
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
        initial_entropy: &InitialEntropy,
    ) -> SessionRecord {
        let DecisionContext { site, now, .. } = context;
        let absolute_deadline = now.saturating_add(site.policy.absolute_timeout);
        SessionRecord {
            local_id: initial_entropy.local_id,
            created_at: *now,
            authenticated_at: *now,
            acr: self.acr.clone(),
            amr: self.amr.clone(),
            generation: first_generation(&self.request.refresh_numbers(site)),
            secret_hash: SecretHash::new(secret_hash(&initial_entropy.secret)),
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
