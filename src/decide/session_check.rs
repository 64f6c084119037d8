//! Authenticates a request and checks that its session is active, where a revocation must take
//! effect at once.

use super::authenticate::{self, AuthenticatedToken};
use super::context::DecisionContext;
use super::outcome::{Decision, Outcome, Plan, Rejection, SessionView};
use super::request::RequestFacts;
use super::risk_response::{RiskQuery, ScoredEvent};
use super::site::Site;
use crate::formats::id::{LocalSessionId, SessionId};
use crate::foundation::error::{Error, ErrorCode, RejectionReason, Result};
use crate::foundation::secret::Entropy;
use crate::foundation::time::Timestamp;
use crate::model::record::{RemovalReason, SessionRecord, SubjectRecord};
use crate::risk::{EncodedContext, RiskEventKind, TokenStatus};

pub(super) fn plan(site: &Site, request: &RequestFacts, now: Timestamp) -> Result<Plan> {
    Ok(match authenticate_with_session(site, request, now, &mut Vec::new())? {
        Ok((_, session)) => Plan::Read(session.subject),
        Err(reason) => Plan::done(Outcome::rejected(reason)),
    })
}

/// A check, as the host asks for it.
pub(super) struct SessionCheck<'a> {
    pub(super) request: &'a RequestFacts,
    pub(super) request_context: Option<&'a EncodedContext>,
    /// Whether the server sends the request to itself: that is no first use.
    pub(super) is_inner: bool,
}

pub(super) fn decide(
    mut context: DecisionContext<'_>,
    check: &SessionCheck<'_>,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let SessionCheck { request, request_context, is_inner } = *check;
    let nonce = entropy.take::<24>()?;
    let mut buffer = Vec::new();
    let (AuthenticatedToken { claims, verified }, id) =
        match authenticate_with_session(context.site, request, context.now, &mut buffer)? {
            Ok(claimed) => claimed,
            Err(reason) => return Ok(Decision::without_write(Outcome::rejected(reason))),
        };
    let mut record = context.record.take();
    let session = record.as_mut().map_or(Ok(None), |record| record.session_mut(id.local_id))?;
    let Some(session) = session.filter(|one| one.is_active(context.now)) else {
        return Ok(Decision::without_write(missing_session(record.as_ref(), id.local_id)));
    };
    // A token from before a step-up must not get the assurance of that step-up.
    if session.step_up.is_some_and(|step_up| claims.generation < step_up.generation) {
        return Ok(Decision::without_write(Outcome::rejected(RejectionReason::StepUpUnfinished)));
    }
    let is_first_use = !is_inner && record_first_use(session, claims.generation, &context);
    let session = SessionView::new(&context, &claims.sub, session);
    let mut record = record.ok_or(Error::from(ErrorCode::Internal))?;
    let asked = RiskQuery {
        kind: RiskEventKind::SessionCheck,
        request_context,
        request,
        token_status: TokenStatus::None,
        step_up_verified: false,
    };
    let scored = ScoredEvent::assess(&context, &record, record.session(id.local_id)?, &asked);
    if let Some(scored) = &scored
        && let Some(refused) =
            scored.rejection(&context, &mut record, Some(id.local_id), request, &nonce)?
    {
        return Ok(refused);
    }
    let outcome = Outcome::Checked { session, claims: verified.text().to_owned(), risk: None };
    let decision = if is_first_use {
        Decision::with_write(&context, &record, &nonce, outcome)?
    } else {
        Decision::without_write(outcome)
    };
    Ok(ScoredEvent::add_events(scored.as_ref(), decision, &context, id.local_id))
}

/// Records the first use of a generation, where the policy records confirmations.
fn record_first_use(
    session: &mut SessionRecord,
    generation: u32,
    context: &DecisionContext<'_>,
) -> bool {
    let fed = context.site.policy.windows.confirmations_recorded;
    let is_first_use = fed && session.generation == generation && session.confirmed_at.is_none();
    if is_first_use {
        session.confirm(context.now);
    }
    is_first_use
}

fn authenticate_with_session<'a>(
    site: &Site,
    request: &RequestFacts,
    now: Timestamp,
    buffer: &'a mut Vec<u8>,
) -> Result<std::result::Result<(AuthenticatedToken<'a>, SessionId), RejectionReason>> {
    let authenticated = authenticate::authenticate(site, request, now, buffer)?;
    Ok(authenticated.and_then(|authenticated| {
        let session = authenticated.claims.session().ok_or(RejectionReason::TokenClaimInvalid)?;
        Ok((authenticated, session))
    }))
}

fn missing_session(record: Option<&SubjectRecord>, sid: LocalSessionId) -> Outcome {
    let reason = match record.and_then(|record| record.find_removal(sid)) {
        Some(RemovalReason::Revoked) => RejectionReason::SessionRevoked,
        Some(RemovalReason::Evicted) => RejectionReason::SessionEvicted,
        Some(RemovalReason::Reused) => RejectionReason::SessionReuseDetected,
        None => RejectionReason::SessionUnknown,
    };
    // Only a refresh may clear the cookies: the access token does not decide about them.
    Outcome::Rejected(Rejection::new(reason, Vec::new()))
}

/// Looks an active session up by its local ID.
pub(super) fn find_session(context: &DecisionContext<'_>, sid: LocalSessionId) -> Result<Outcome> {
    let session = context.find_session(sid)?.filter(|session| session.is_active(context.now));
    let view = |session| {
        context.record.as_ref().map(|record| SessionView::new(context, &record.subject, session))
    };
    Ok(Outcome::Found { session: session.and_then(view) })
}

/// Replaces the application's data of a session.
pub(super) fn update_data(
    mut context: DecisionContext<'_>,
    sid: LocalSessionId,
    data: Option<&str>,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let is_active =
        context.find_session(sid)?.is_some_and(|session| session.is_active(context.now));
    let Some(mut record) = context.record.take().filter(|_| is_active) else {
        return Ok(Decision::without_write(Outcome::Found { session: None }));
    };
    let session = record.session_mut(sid)?.ok_or(Error::from(ErrorCode::Internal))?;
    session.data = data.map(str::to_owned);
    let session = session.clone();
    let view = SessionView::new(&context, &record.subject, &session);
    let decision =
        Decision::with_write(&context, &record, &nonce, Outcome::Found { session: Some(view) })?;
    decision.check_record_size()
}
