//! The request's own session is ended and its cookies are cleared, once the write landed.

use super::event::{Event, EventKind};
use super::headers::clearing;
use super::{Decision, Outcome, Plan, RequestFacts, Scene, Site, verify};
use crate::foundation::error::Result;
use crate::formats::id::SessionId;
use crate::model::record::Cause;
use crate::foundation::secret::{Entropy, SecretText};
use crate::foundation::time::Timestamp;

pub(super) fn plan(site: &Site, request: &RequestFacts, now: Timestamp) -> Result<Plan> {
    if let Err(reason) = request.admit_change(site)? {
        return Ok(Plan::done(Outcome::rejected(reason)));
    }
    Ok(match carried(site, request, now)? {
        Some(session) => Plan::Read(session.subject),
        None => Plan::done(signed_out(site, request, false)),
    })
}

pub(super) fn decide(
    mut scene: Scene<'_>,
    request: &RequestFacts,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let session = carried(scene.site, request, scene.now)?;
    let doomed = |sid| session.is_some_and(|session| session.sid == sid);
    let Some(mut record) =
        scene.record.take().filter(|record| record.heads().any(|one| doomed(one.sid)))
    else {
        return Ok(Decision::of(signed_out(scene.site, request, false)));
    };
    record.drop_long_over(scene.now);
    let alive = record.end_sessions(Cause::Revoked, scene.now, |one| doomed(one.sid));
    let event = session.map(|session| Event::new(&scene, EventKind::Revoked, Some(session.sid)));
    Ok(Decision::writing(&scene, &record, &nonce, signed_out(scene.site, request, alive > 0))?
        .with(event))
}

/// The session that the request carries: by any refresh token of it, or else by a valid access
/// token. Who holds either may end the session.
fn carried(site: &Site, request: &RequestFacts, now: Timestamp) -> Result<Option<SessionId>> {
    if let Ok(token) = request.refresh_token(site) {
        return Ok(Some(token.session));
    }
    let mut room = Vec::new();
    let authenticated = verify::believed(site, request, now, &mut room);
    Ok(authenticated.ok().and_then(|authenticated| authenticated.claims.session()))
}

fn signed_out(site: &Site, request: &RequestFacts, revoked: bool) -> Outcome {
    let mut headers = clearing(site, &request.refresh_numbers(site));
    let clear = &site.policy.clear_site_data;
    if !clear.is_empty() {
        headers.push(("clear-site-data", SecretText::new(clear.clone())));
    }
    Outcome::SignedOut { revoked, headers }
}
