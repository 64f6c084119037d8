//! Lists the active sessions of a subject.

use super::context::DecisionContext;
use super::outcome::{Outcome, SessionView};
use crate::foundation::error::Result;
use crate::model::record::SessionRecord;

/// Lists the sessions, most recently used first. A session that expired is left out.
pub(super) fn list_active_sessions(context: &DecisionContext<'_>) -> Result<Outcome> {
    let Some(record) = &context.record else { return Ok(Outcome::Listed { sessions: Vec::new() }) };
    let mut active: Vec<&SessionRecord> = Vec::new();
    // Insertion is enough for so few sessions; measured: see performance.md, Sorting sessions
    for session in record.sessions()?.into_iter().filter(|session| session.is_active(context.now)) {
        let place = active.partition_point(|other| other.rotated_at >= session.rotated_at);
        active.insert(place, session);
    }
    Ok(Outcome::Listed {
        sessions: active
            .into_iter()
            .map(|session| SessionView::new(context, &record.subject, session))
            .collect(),
    })
}
