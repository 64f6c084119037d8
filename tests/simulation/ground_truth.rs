//! The true history of sessions, independent of the records. Its times are true times, which no
//! isolate knows.

use super::cookie_jar;
use super::observation::{Landed, Observation, Reading};
use super::scenario::{HOUR, MINUTE, SECOND, Setup};
use super::session::Session;
use portcullis::decide::{Decision, Headers, Operation, Outcome};
use portcullis::formats::id::LocalSessionId;
use portcullis::formats::token::access_token::AccessTokenClaims;
use portcullis::model::record::{RemovalReason, SessionRecord, SubjectRecord};
use std::collections::BTreeMap;

/// The greatest tolerated clock difference. A clock with a greater one is broken.
pub const SKEW_MAX: u64 = 30 * SECOND;
/// The windows of the default policy.
pub const RACE: u64 = 10 * SECOND;
pub const FLIGHT: u64 = 60 * SECOND;
pub const RETRY: u64 = 120 * SECOND;
pub const LEEWAY: u64 = 30 * SECOND;
/// The in-flight window as the core applies it.
pub const WIDENED_FLIGHT: u64 = FLIGHT + 2 * LEEWAY;
/// The time for which timestamps of a clock that was an hour off may have effects.
const OFF_MATTERS: u64 = 3 * HOUR;

#[derive(Debug)]
pub struct GroundTruth {
    pub spread: u64,
    pub fed: bool,
    pub jumps: bool,
    pub access_ttl: u64,
    pub idle: u64,
    pub max_sessions: usize,
    pub sessions: BTreeMap<[u8; 16], Session>,
    /// The sign-outs that a known limitation explains, by limitation.
    pub excused: BTreeMap<&'static str, u64>,
}

impl GroundTruth {
    pub fn new(setup: &Setup) -> Self {
        Self {
            spread: setup.spread(),
            fed: setup.confirmations_recorded,
            jumps: setup.jumps,
            access_ttl: setup.access_ttl,
            idle: setup.idle,
            max_sessions: setup.max_sessions as usize,
            sessions: BTreeMap::new(),
            excused: BTreeMap::new(),
        }
    }

    pub fn session(&self, sid: LocalSessionId) -> Option<&Session> {
        self.sessions.get(&sid.0)
    }

    /// The greatest error of any clock.
    pub const fn clock_tolerance(&self) -> u64 {
        2 * SKEW_MAX + if self.jumps { HOUR + MINUTE } else { 0 }
    }

    /// The longest time of a request: the in-flight window, whatever the clocks differ within the
    /// leeway.
    pub const fn patience(&self) -> u64 {
        WIDENED_FLIGHT.saturating_sub(self.spread + 2 * SECOND)
    }

    /// The known limitation that explains an alarm without a thief.
    pub fn limit(
        &self,
        sid: LocalSessionId,
        generation: u32,
        before: &SessionRecord,
        reading: &Reading,
    ) -> Option<&'static str> {
        let session = self.session(sid)?;
        let recently_off =
            session.off_at.is_some_and(|at| reading.now.saturating_sub(at) < OFF_MATTERS);
        let unconfirmed = before.confirmed_at.is_none();
        if session.restored {
            return Some("the store was restored");
        }
        if generation < before.generation && (reading.clock_error || recently_off) {
            return Some("a clock that was an hour off judged a straggler");
        }
        let late = reading.clock.ms_since(before.rotated_at) + self.spread >= RETRY;
        (!self.fed && unconfirmed && late).then_some("not fed, and back after retry")
    }

    /// Updates the history with an observation that broke no invariant.
    pub fn learn(&mut self, moment: &Observation<'_>) {
        match moment {
            Observation::Decided(decided) => {
                if let (Some(token), true) = (decided.presented, decided.by_thief)
                    && let Some(session) = self.sessions.get_mut(&token.session.local_id.0)
                {
                    session.stolen = true;
                }
                if let Ok(decision) = decided.result
                    && decision.write.is_none()
                {
                    self.tokens(decision, decided.reading);
                }
            }
            Observation::Landed(landed) => self.landed(landed),
            Observation::Acknowledged { operation, outcome, presented, now } => {
                self.acknowledged(operation, outcome, *presented, *now);
            }
            Observation::Accepted(_) | Observation::Arrived(_) => (),
        }
    }

    fn landed(&mut self, landed: &Landed<'_>) {
        let Landed { before, after, reading, .. } = *landed;
        for session in sessions_of(Some(after)) {
            let old = session_of(before, session.local_id);
            self.grown(landed, old, session);
        }
        for gone in sessions_of(before)
            .into_iter()
            .filter(|one| session_of(Some(after), one.local_id).is_none())
        {
            let cause = after.find_removal(gone.local_id);
            if cause == Some(RemovalReason::Reused)
                && self.session(gone.local_id).is_some_and(|session| !session.stolen)
            {
                self.excuse(landed, gone);
            }
            if let Some(session) = self.sessions.get_mut(&gone.local_id.0) {
                session.ended = Some((cause.unwrap_or(RemovalReason::Revoked), reading.now));
            }
        }
        self.tokens(landed.decision, reading);
    }

    fn excuse(&mut self, landed: &Landed<'_>, gone: &SessionRecord) {
        let generation = landed.presented.map_or(0, |token| token.generation);
        let limit = self.limit(gone.local_id, generation, gone, landed.reading);
        if let (Some(limit), Some(session)) = (limit, self.sessions.get_mut(&gone.local_id.0)) {
            session.is_excused = Some(limit);
            *self.excused.entry(limit).or_default() += 1;
        }
    }

    fn grown(&mut self, landed: &Landed<'_>, old: Option<&SessionRecord>, new: &SessionRecord) {
        let now = landed.reading.now;
        let session =
            self.sessions.entry(new.local_id.0).or_insert_with(|| Session::new(landed, new));
        session.expires_at = new.expires_at();
        session.acr.clone_from(&new.acr);
        session.authenticated_at = new.authenticated_at;
        let Some(old) = old else { return };
        let rotated = old.generation != new.generation;
        let newly_confirmed = old.confirmed_at.is_none() && new.confirmed_at.is_some();
        if rotated || newly_confirmed {
            session.close(old.generation, now);
        }
        if rotated {
            session.started = now;
        }
        if let Some(step_up) = new
            .step_up
            .filter(|step_up| old.step_up.map(|old| old.generation) != Some(step_up.generation))
        {
            session.step_up = Some((step_up.generation, None));
        }
        if landed.reading.clock_error && (rotated || newly_confirmed) {
            session.off_at = Some(now);
        }
    }

    /// Notes the refresh token of an outcome that is true.
    fn tokens(&mut self, decision: &Decision, reading: &Reading) {
        let Some(text) = headers(&decision.outcome).and_then(cookie_jar::refresh_set) else {
            return;
        };
        let Some(token) = cookie_jar::presented_token(
            &format!("__Host-portcullis-refresh-0={text}"),
            &reading.site.key_ring,
        ) else {
            return;
        };
        if let Some(session) = self.sessions.get_mut(&token.session.local_id.0) {
            session.chain.entry(token.generation).or_insert_with(|| text.to_owned());
        }
    }

    fn acknowledged(
        &mut self,
        operation: &Operation,
        outcome: &Outcome,
        presented: Option<LocalSessionId>,
        now: u64,
    ) {
        for (sid, session) in &mut self.sessions {
            let told = match (operation, outcome) {
                (Operation::SignOut { .. }, Outcome::SignedOut { .. }) => {
                    presented == Some(LocalSessionId(*sid))
                }
                (Operation::Revoke { session_id }, Outcome::Revoked { .. }) => {
                    portcullis::formats::id::SessionId::parse(session_id).map(|id| id.local_id)
                        == Some(LocalSessionId(*sid))
                }
                (Operation::RevokeAll { .. }, Outcome::Revoked { .. }) => session.ended.is_some(),
                _ => false,
            };
            if told && session.ended.is_some() {
                session.acknowledged.get_or_insert(now);
            }
        }
    }
}

pub const fn headers(outcome: &Outcome) -> Option<&Headers> {
    match outcome {
        Outcome::SignedIn { headers, .. }
        | Outcome::Refreshed { headers, .. }
        | Outcome::SignedOut { headers, .. } => Some(headers),
        Outcome::Rejected(rejection) => Some(&rejection.headers),
        _ => None,
    }
}

/// The claims of the access token that an outcome gives.
pub fn claims<'a>(
    outcome: &Outcome,
    reading: &Reading,
    room: &'a mut Vec<u8>,
) -> Option<AccessTokenClaims<'a>> {
    let (Outcome::SignedIn { access_token, .. } | Outcome::Refreshed { access_token, .. }) =
        outcome
    else {
        return None;
    };
    let verified = reading.site.verifier.verify(access_token.expose(), reading.clock, room).ok()?;
    AccessTokenClaims::parse(verified.claims()).ok()
}

pub fn session_of(record: Option<&SubjectRecord>, sid: LocalSessionId) -> Option<&SessionRecord> {
    record.and_then(|record| record.session(sid).expect("a session that can be read"))
}

pub fn sessions_of(record: Option<&SubjectRecord>) -> Vec<&SessionRecord> {
    record.map(|record| record.sessions().expect("sessions that can be read")).unwrap_or_default()
}
