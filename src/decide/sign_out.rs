//! Ends the session of a request and clears its cookies, once the write landed.

use super::authenticate;
use super::context::DecisionContext;
use super::outcome::{Decision, Outcome, Plan};
use super::request::RequestFacts;
use super::response_headers::clear_cookies;
use super::session_event::{SessionEvent, SessionEventKind};
use super::site::Site;
use crate::formats::id::SessionId;
use crate::foundation::error::Result;
use crate::foundation::secret::{Entropy, SecretText};
use crate::foundation::time::Timestamp;
use crate::model::record::RemovalReason;

pub(super) fn plan(site: &Site, request: &RequestFacts, now: Timestamp) -> Result<Plan> {
    if let Err(reason) = request.check_origin_for_change(site)? {
        return Ok(Plan::done(Outcome::rejected(reason)));
    }
    Ok(match session_in_request(site, request, now)? {
        Some(session) => Plan::Read(session.subject),
        None => Plan::done(signed_out_outcome(site, request, false)),
    })
}

pub(super) fn decide(
    mut context: DecisionContext<'_>,
    request: &RequestFacts,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let session = session_in_request(context.site, request, context.now)?;
    let should_remove = |sid| session.is_some_and(|session| session.local_id == sid);
    let Some(mut record) = context
        .record
        .take()
        .filter(|record| record.session_summaries().any(|one| should_remove(one.local_id)))
    else {
        return Ok(Decision::without_write(signed_out_outcome(context.site, request, false)));
    };
    record.drop_expired(context.now);
    let removed_count = record
        .remove_sessions(RemovalReason::Revoked, context.now, |one| should_remove(one.local_id));
    let event = session.map(|session| {
        SessionEvent::new(&context, SessionEventKind::Revoked, Some(session.local_id))
    });
    Ok(Decision::with_write(
        &context,
        &record,
        &nonce,
        signed_out_outcome(context.site, request, removed_count > 0),
    )?
    .with_events(event))
}

/// Finds the session that the request carries, by any of its refresh tokens or by a valid access
/// token. A client with either may end the session.
fn session_in_request(
    site: &Site,
    request: &RequestFacts,
    now: Timestamp,
) -> Result<Option<SessionId>> {
    if let Ok(token) = request.refresh_token(site) {
        return Ok(Some(token.session));
    }
    let mut buffer = Vec::new();
    let authenticated = authenticate::verify_access_token(site, request, now, &mut buffer);
    Ok(authenticated.ok().and_then(|authenticated| authenticated.claims.session()))
}

fn signed_out_outcome(site: &Site, request: &RequestFacts, revoked: bool) -> Outcome {
    let mut headers = clear_cookies(site, &request.refresh_numbers(site));
    let clear = &site.policy.clear_site_data;
    if !clear.is_empty() {
        headers.push(("clear-site-data", SecretText::new(clear.clone())));
    }
    Outcome::SignedOut { revoked, headers }
}
