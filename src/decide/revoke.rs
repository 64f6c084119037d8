//! Revokes one session, or all sessions of a subject. Each is one swap, and no clock is compared.

use super::context::DecisionContext;
use super::outcome::{Decision, Outcome};
use super::session_event::{SessionEvent, SessionEventKind};
use crate::formats::id::{LocalSessionId, SessionId};
use crate::foundation::error::Result;
use crate::foundation::secret::Entropy;
use crate::model::record::{RemovalReason, SessionSummary};

/// Revokes one session of the subject.
pub(super) fn revoke_one(
    context: DecisionContext<'_>,
    sid: LocalSessionId,
    entropy: &mut Entropy,
) -> Result<Decision> {
    revoke_matching(context, entropy, |session| session.local_id == sid)
}

/// Revokes all sessions of a subject, except one where `except` names it.
pub(super) fn revoke_all(
    context: DecisionContext<'_>,
    except: Option<SessionId>,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let spared = except.filter(|id| id.subject == context.key).map(|id| id.local_id);
    revoke_matching(context, entropy, |session| Some(session.local_id) != spared)
}

fn revoke_matching(
    mut context: DecisionContext<'_>,
    entropy: &mut Entropy,
    should_remove: impl Fn(&SessionSummary) -> bool,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let Some(mut record) = context
        .record
        .take()
        .filter(|record| record.session_summaries().any(|session| should_remove(&session)))
    else {
        return Ok(Decision::without_write(Outcome::Revoked { count: 0 }));
    };
    record.drop_expired(context.now);
    let count = record.remove_sessions(RemovalReason::Revoked, context.now, should_remove);
    let event = SessionEvent {
        count: Some(count),
        ..SessionEvent::new(&context, SessionEventKind::Revoked, None)
    };
    Ok(Decision::with_write(&context, &record, &nonce, Outcome::Revoked { count })?
        .with_events(Some(event)))
}
