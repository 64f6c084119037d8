//! Bugs that are injected around the core, to show that the simulation finds such bugs.

use super::attempt::Attempt;
use super::observation::Reading;
use super::task::{Task, TaskResult};
use super::world::SimulatedWorld;
use portcullis::decide::{Decision, Headers, Operation, Outcome, Site};
use portcullis::formats::cookie::CookieKind;
use portcullis::model::record::{RemovalReason, SubjectRecord};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InjectedBug {
    /// The store writes whatever the revision is.
    NoSwap,
    /// Every retry restarts the window.
    SlidingWindow,
    /// A refresh of a removed session restores it.
    Recreates,
    /// A request that gets 409 or 503 has its cookies cleared.
    LoserClears,
    /// A write is stored although its swap failed.
    LateWrite,
    /// An outcome is returned although its swap failed.
    Hasty,
    /// A session past its deadline by any clock is deleted at once.
    Forgets,
}

impl InjectedBug {
    /// Replaces the headers of a response.
    pub fn headers(self, answered: &TaskResult, site: &Site) -> Option<Headers> {
        let loses = match answered {
            TaskResult::Outcome(Outcome::Rejected(rejection)) => rejection.status == 409,
            TaskResult::Failed(status) => *status == 503,
            _ => false,
        };
        let all = std::iter::once(CookieKind::Access).chain((0..200).map(CookieKind::Refresh));
        let cleared_cookies =
            || all.map(|which| ("set-cookie", site.policy.cookies.clear(which))).collect();
        (self == Self::LoserClears && loses).then(cleared_cookies)
    }
}

impl SimulatedWorld<'_> {
    /// The effect of an injected bug after a decision that writes nothing.
    pub fn plant_after(&mut self, task: &Task, decision: &Decision, reading: &Reading) {
        let Some(Operation::Refresh { .. }) = task.operations.front() else { return };
        let value = match &decision.outcome {
            Outcome::Refreshed { rotated: true, .. }
                if self.has_site_version(InjectedBug::SlidingWindow) =>
            {
                self.slid(task, reading)
            }
            Outcome::Rejected(rejection)
                if rejection.code == "ERR_SESSION_REVOKED"
                    && self.has_site_version(InjectedBug::Recreates) =>
            {
                self.with_session(task)
            }
            Outcome::Rejected(rejection)
                if rejection.code == "ERR_SESSION_EXPIRED"
                    && self.has_site_version(InjectedBug::Forgets) =>
            {
                self.without_session(task, reading)
            }
            _ => None,
        };
        if let Some(value) = value {
            self.write(task, decision, reading, Some(&value));
        }
    }

    fn slid(&self, task: &Task, reading: &Reading) -> Option<Vec<u8>> {
        let Attempt { key: Some(key), .. } = task.attempt else { return None };
        let entry = self.store.get(&key.store_key())?;
        let mut record = SubjectRecord::unseal(&reading.site.key_ring, &key, &entry.value).ok()?;
        record.session_mut(task.presented.as_ref()?.session.local_id).ok()??.rotated_at =
            reading.clock;
        record
            .seal_with_nonce(reading.site.key_ring.current_key(reading.clock), &key, &[7; 24])
            .ok()
    }

    fn without_session(&self, task: &Task, reading: &Reading) -> Option<Vec<u8>> {
        let (key, sid) = (task.attempt.key?, task.presented.as_ref()?.session.local_id);
        let entry = self.store.get(&key.store_key())?;
        let mut record = SubjectRecord::unseal(&reading.site.key_ring, &key, &entry.value).ok()?;
        let removals = record.removals.clone();
        record.remove_sessions(RemovalReason::Revoked, reading.clock, |session| {
            session.local_id == sid
        });
        record.removals = removals;
        record
            .seal_with_nonce(reading.site.key_ring.current_key(reading.clock), &key, &[7; 24])
            .ok()
    }

    /// The last record that still had the session.
    fn with_session(&self, task: &Task) -> Option<Vec<u8>> {
        let key = task.attempt.key?;
        let sid = task.presented.as_ref()?.session.local_id;
        let ring = &self.rings.last()?.site.key_ring;
        let has = |value: &[u8]| {
            SubjectRecord::unseal(ring, &key, value)
                .is_ok_and(|one| one.session_summaries().any(|session| session.local_id == sid))
        };
        (1..8)
            .filter_map(|writes| self.store.earlier(&key.store_key(), writes))
            .map(|entry| entry.value.clone())
            .find(|value| has(value))
    }
}
