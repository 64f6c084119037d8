//! Records a stronger authentication within a session (RFC 9470), such as a second factor. The
//! session continues with a new secret and skips generations, so that no earlier token gets the new
//! assurance.

use super::context::DecisionContext;
use super::outcome::{Decision, Outcome, SessionView};
use super::presented_token::PresentedToken;
use super::request::RequestFacts;
use super::response_headers::{
    NewAccessToken, body_refresh_token, initial_refresh_token, set_csrf_cookie,
};
use super::risk_response::{RiskQuery, ScoredEvent};
use super::session_event::SessionEventKind;
use super::site::Site;
use super::validate::{InitialEntropyInput, validate_auth_context};
use super::verdict_effect::VerdictEffect;
use crate::formats::token::refresh_token::{RefreshToken, secret_hash};
use crate::foundation::error::{Error, ErrorCode, RejectionReason, Result};
use crate::foundation::secret::{Entropy, Secret};
use crate::model::record::{SecretHash, SessionRecord, StepUpRecord, SubjectRecord};
use crate::risk::{EncodedContext, RiskEventKind, TokenStatus};

/// The number of generations that a step-up skips. No token of them exists.
const GENERATION_GAP: u32 = 3;

/// A step-up, as the host asks for it.
#[derive(Debug)]
pub struct StepUp {
    /// The request that carries the refresh token.
    pub request: RequestFacts,
    /// The subject that authenticated. `None` accepts the subject of any session.
    pub subject: Option<String>,
    /// The authentication context class, which becomes the claim `acr`.
    pub acr: Option<String>,
    /// The authentication methods, which become the claim `amr` (RFC 8176).
    pub amr: Vec<String>,
    /// The request context, from which scoring learns.
    pub request_context: Option<EncodedContext>,
    /// Random bytes that are drawn once, before the first attempt. A record that holds their secret
    /// has the step-up already.
    pub initial_entropy: InitialEntropyInput,
}

pub(super) fn parse_refresh_token(
    site: &Site,
    step_up: &StepUp,
) -> Result<std::result::Result<RefreshToken, RejectionReason>> {
    validate_auth_context(step_up.acr.as_deref(), &step_up.amr)?;
    step_up.initial_entropy.secret()?;
    PresentedToken::parse_token(site, &step_up.request)
}

pub(super) fn decide(
    mut context: DecisionContext<'_>,
    step_up: &StepUp,
    token: RefreshToken,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let secret = step_up.initial_entropy.secret()?;
    let presented_token = PresentedToken::new(&context, &step_up.request, token)?;
    let sid = presented_token.token.session.local_id;
    let is_another =
        |record: &SubjectRecord| step_up.subject.as_ref().is_some_and(|who| *who != record.subject);
    if context.record.as_ref().is_some_and(is_another) {
        return Ok(Decision::without_write(Outcome::rejected(RejectionReason::SessionUnknown)));
    }
    if let Some(record) = &context.record
        && let Some(landed) = record.session(sid)?
        && landed.secret_hash.matches(&secret_hash(&secret))
    {
        let outcome = stepped_up_outcome(
            &context,
            &presented_token,
            &record.subject,
            landed,
            &secret,
            entropy,
        )?;
        return Ok(Decision::without_write(outcome)
            .with_events(Some(presented_token.event(&context, SessionEventKind::SteppedUp))));
    }
    match presented_token.rotation.verdict.effect() {
        VerdictEffect::Issue(_) => {}
        VerdictEffect::Reject(rejection) if rejection.permits_step_up => {}
        VerdictEffect::Reject(rejection) => return Ok(presented_token.reject(&context, rejection)),
        VerdictEffect::RevokeForReuse => {
            return presented_token.revoke_for_reuse(context, &nonce);
        }
    }
    let Some(mut record) = context.record.take() else {
        return Err(Error::from(ErrorCode::Internal));
    };
    record.drop_expired(context.now);
    let scored =
        ScoredEvent::assess(&context, &record, record.session(sid)?, &step_up.risk_query());
    scored.as_ref().map_or(Ok(()), |scored| scored.learn_in(&mut record, sid, context.now))?;
    let session = record.session_mut(sid)?.ok_or(Error::from(ErrorCode::Internal))?;
    apply_step_up(&context, session, step_up, &presented_token, &secret);
    let session = session.clone();
    let outcome = stepped_up_outcome(
        &context,
        &presented_token,
        &record.subject,
        &session,
        &secret,
        entropy,
    )?;
    let event = presented_token.event(&context, SessionEventKind::SteppedUp);
    let decision =
        Decision::with_write(&context, &record, &nonce, outcome)?.with_events(Some(event));
    Ok(ScoredEvent::add_events(scored.as_ref(), decision, &context, sid))
}

impl StepUp {
    fn risk_query(&self) -> RiskQuery<'_> {
        RiskQuery {
            kind: RiskEventKind::StepUp,
            request_context: self.request_context.as_ref(),
            request: &self.request,
            token_status: TokenStatus::None,
            step_up_verified: true,
        }
    }
}

fn apply_step_up(
    context: &DecisionContext<'_>,
    session: &mut SessionRecord,
    step_up: &StepUp,
    presented: &PresentedToken,
    secret: &Secret<32>,
) {
    let now = context.now;
    let sender = presented.facts.presented_token.client_family;
    let generation =
        session.generation.max(presented.token.generation).saturating_add(GENERATION_GAP);
    let hash = SecretHash::new(secret_hash(secret));
    session.start_generation(
        generation,
        hash,
        context.site.key_ring.current_key(now).tag,
        sender,
        now,
    );
    session.closed_generations.clear();
    session.step_up =
        Some(StepUpRecord { generation, at: now, rotated_by: session.rotated_by, closed_at: None });
    session.authenticated_at = now;
    session.acr.clone_from(&step_up.acr);
    session.amr.clone_from(&step_up.amr);
    session.idle_deadline =
        now.saturating_add(context.site.policy.idle_timeout).min(session.absolute_deadline);
}

fn stepped_up_outcome(
    context: &DecisionContext<'_>,
    presented: &PresentedToken,
    subject: &str,
    session: &SessionRecord,
    secret: &Secret<32>,
    entropy: &mut Entropy,
) -> Result<Outcome> {
    let (token, key) = initial_refresh_token(context, session, session.generation, secret)?;
    let access = NewAccessToken::issue(context, subject, session, entropy)?;
    let mut headers =
        access.headers(context, Some((&token, key)), &presented.refresh_cookie_numbers)?;
    headers.extend(set_csrf_cookie(context, session, entropy)?);
    Ok(Outcome::Refreshed {
        session: SessionView::new(context, subject, session),
        rotated: true,
        refresh_token: body_refresh_token(context, Some((&token, key))),
        headers,
        access_token: access.token,
        risk: None,
    })
}
