//! The living sessions of a subject.

use super::{Outcome, Scene, SessionView};
use std::cmp::Reverse;

/// The most recently used first. What the store kept too long is left out.
pub(super) fn living(scene: &Scene<'_>) -> Outcome {
    let Some(record) = &scene.record else { return Outcome::Listed { sessions: Vec::new() } };
    let mut alive: Vec<_> = record.sessions.iter().filter(|session| session.is_alive(scene.now)).collect();
    alive.sort_by_key(|session| Reverse(session.rotated_at));
    Outcome::Listed {
        sessions: alive.into_iter().map(|session| SessionView::new(scene, &record.subject, session)).collect(),
    }
}
