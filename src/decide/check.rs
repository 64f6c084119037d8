//! A request is checked against the record as well, where a revocation must be honoured at once.

use super::risk::{Asked, Scored};
use super::verify::{self, Authenticated};
use super::{Decision, Outcome, Plan, Rejection, RequestFacts, Scene, SessionView, Site};
use crate::foundation::error::{Code, Error, Reason, Result};
use crate::formats::id::{SessionId, Sid};
use crate::model::record::{Cause, SessionRecord, SubjectRecord};
use crate::risk::{ContextText, Kind, TokenFact};
use crate::foundation::secret::Entropy;
use crate::foundation::time::Timestamp;

pub(super) fn plan(site: &Site, request: &RequestFacts, now: Timestamp) -> Result<Plan> {
    Ok(match claimed(site, request, now, &mut Vec::new())? {
        Ok((_, session)) => Plan::Read(session.subject),
        Err(reason) => Plan::done(Outcome::rejected(reason)),
    })
}

pub(super) fn decide(
    mut scene: Scene<'_>,
    request: &RequestFacts,
    context: Option<&ContextText>,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let mut room = Vec::new();
    let (Authenticated { claims, verified }, id) =
        match claimed(scene.site, request, scene.now, &mut room)? {
            Ok(claimed) => claimed,
            Err(reason) => return Ok(Decision::of(Outcome::rejected(reason))),
        };
    let mut record = scene.record.take();
    let session = record.as_mut().map_or(Ok(None), |record| record.session_mut(id.sid))?;
    let Some(session) = session.filter(|one| one.is_alive(scene.now)) else {
        return Ok(Decision::of(gone(record.as_ref(), id.sid)));
    };
    // A token from before a step-up must not borrow its assurance.
    if session.step_up.is_some_and(|step_up| claims.generation < step_up.generation) {
        return Ok(Decision::of(Outcome::rejected(Reason::StepUpUnfinished)));
    }
    let news = confirm(session, claims.generation, &scene);
    let session = SessionView::new(&scene, &claims.sub, session);
    let mut record = record.ok_or(Error::from(Code::Internal))?;
    let asked =
        Asked { kind: Kind::Request, context, request, token_fact: TokenFact::None, proved: false };
    let scored = Scored::of(&scene, &record, record.session(id.sid)?, &asked);
    if let Some(scored) = &scored
        && let Some(refused) = scored.refused(&scene, &mut record, Some(id.sid), request, &nonce)?
    {
        return Ok(refused);
    }
    let outcome = Outcome::Checked { session, claims: verified.text().to_owned(), risk: None };
    let decision = if news {
        Decision::writing(&scene, &record, &nonce, outcome)?
    } else {
        Decision::of(outcome)
    };
    Ok(Scored::tell(scored.as_ref(), decision, &scene, id.sid))
}

/// The first use of a generation is written down where the site feeds confirmations.
fn confirm(session: &mut SessionRecord, generation: u32, scene: &Scene<'_>) -> bool {
    let fed = scene.site.policy.windows.fed;
    let news = fed && session.generation == generation && session.confirmed_at.is_none();
    if news {
        session.confirm(scene.now);
    }
    news
}

fn claimed<'a>(
    site: &Site,
    request: &RequestFacts,
    now: Timestamp,
    room: &'a mut Vec<u8>,
) -> Result<std::result::Result<(Authenticated<'a>, SessionId), Reason>> {
    let authenticated = verify::authenticate(site, request, now, room)?;
    Ok(authenticated.and_then(|authenticated| {
        let session = authenticated.claims.session().ok_or(Reason::TokenClaim)?;
        Ok((authenticated, session))
    }))
}

fn gone(record: Option<&SubjectRecord>, sid: Sid) -> Outcome {
    let reason = match record.and_then(|record| record.removal(sid)) {
        Some(Cause::Revoked) => Reason::SessionRevoked,
        Some(Cause::Evicted) => Reason::SessionEvicted,
        Some(Cause::Reused) => Reason::SessionReused,
        None => Reason::SessionUnknown,
    };
    // The cookies are the refresh token's to lose, not the access token's.
    Outcome::Rejected(Rejection::new(reason, Vec::new()))
}

/// A session by its public id, for whoever may see it; nothing where it is over.
pub(super) fn view(scene: &Scene<'_>, sid: Sid) -> Result<Outcome> {
    let session = scene.session(sid)?.filter(|session| session.is_alive(scene.now));
    let view = |session| {
        scene.record.as_ref().map(|record| SessionView::new(scene, &record.subject, session))
    };
    Ok(Outcome::Found { session: session.and_then(view) })
}

/// Replaces the application's data on a session.
pub(super) fn update(
    mut scene: Scene<'_>,
    sid: Sid,
    data: Option<&str>,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let is_alive = scene.session(sid)?.is_some_and(|session| session.is_alive(scene.now));
    let Some(mut record) = scene.record.take().filter(|_| is_alive) else {
        return Ok(Decision::of(Outcome::Found { session: None }));
    };
    let session = record.session_mut(sid)?.ok_or(Error::from(Code::Internal))?;
    session.data = data.map(str::to_owned);
    let session = session.clone();
    let view = SessionView::new(&scene, &record.subject, &session);
    let decision =
        Decision::writing(&scene, &record, &nonce, Outcome::Found { session: Some(view) })?;
    decision.within_the_record_limit()
}
