//! The true history of one session.

use super::observation::Landed;
use portcullis::foundation::time::Timestamp;
use portcullis::model::record::{RemovalReason, SessionRecord};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Session {
    pub subject: String,
    pub browser: usize,
    pub acr: Option<String>,
    pub authenticated_at: Timestamp,
    pub absolute: Timestamp,
    /// The earlier of both deadlines, as the record has it.
    pub expires_at: Timestamp,
    /// The refresh token of every generation.
    pub chain: BTreeMap<u32, String>,
    /// The times at which generations were closed.
    pub closed: BTreeMap<u32, u64>,
    /// The first generation after the last step-up, and the time at which it was closed.
    pub step_up: Option<(u32, Option<u64>)>,
    /// The time at which the current generation began.
    pub started: u64,
    /// The time of and the reason for the session's removal from the store.
    pub ended: Option<(RemovalReason, u64)>,
    /// The time at which a client was told that the session has ended.
    pub acknowledged: Option<u64>,
    /// Whether a thief presented a refresh token of the session.
    pub stolen: bool,
    pub restored: bool,
    pub is_excused: Option<&'static str>,
    /// The last write by a broken clock.
    pub off_at: Option<u64>,
}

impl Session {
    pub fn new(landed: &Landed<'_>, new: &SessionRecord) -> Self {
        Self {
            subject: landed.after.subject.clone(),
            browser: landed.browser,
            acr: new.acr.clone(),
            authenticated_at: new.authenticated_at,
            absolute: new.absolute_deadline,
            expires_at: new.expires_at(),
            chain: BTreeMap::new(),
            closed: BTreeMap::new(),
            step_up: None,
            started: landed.reading.now,
            ended: None,
            acknowledged: None,
            stolen: false,
            restored: false,
            is_excused: None,
            off_at: landed.reading.clock_error.then_some(landed.reading.now),
        }
    }

    /// Notes the use of a generation, which closes the previous one and those before a step-up.
    pub fn close(&mut self, used: u32, now: u64) {
        if let Some(parent) = used.checked_sub(1) {
            self.closed.entry(parent).or_insert(now);
        }
        if let Some((generation, closed @ None)) = &mut self.step_up
            && *generation == used
        {
            *closed = Some(now);
        }
    }

    /// The time at which a superseded generation was closed.
    pub fn closed_at(&self, generation: u32) -> Option<u64> {
        match self.step_up {
            Some((first, closed)) if generation < first => closed,
            _ => self.closed.get(&generation).copied(),
        }
    }

    /// Whether the session ended for a reason that a user expects, or by a known limitation.
    pub const fn is_over(&self) -> bool {
        self.ended.is_some() || self.is_excused.is_some() || self.restored
    }
}
