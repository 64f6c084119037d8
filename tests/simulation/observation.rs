//! The observations that invariants check: a decision, a write that landed, an accepted token, or a
//! response that arrived.

use portcullis::decide::{Decision, Headers, Operation, Outcome, SessionEventKind, Site};
use portcullis::formats::id::LocalSessionId;
use portcullis::formats::token::access_token::AccessTokenClaims;
use portcullis::formats::token::refresh_token::RefreshToken;
use portcullis::foundation::error::Error;
use portcullis::foundation::time::Timestamp;
use portcullis::model::record::SubjectRecord;
use std::rc::Rc;

/// The time of an isolate's clock, with the true time.
#[derive(Debug, Clone)]
pub struct Reading {
    pub site: Rc<Site>,
    pub clock: Timestamp,
    /// The true time of the simulation.
    pub now: u64,
    /// Whether the clock is wrong by more than the tolerated difference.
    pub clock_error: bool,
}

#[derive(Debug)]
pub enum Observation<'a> {
    Decided(&'a Decided<'a>),
    Landed(&'a Landed<'a>),
    Accepted(&'a Accepted<'a>),
    /// A caller gets an outcome.
    Acknowledged {
        operation: &'a Operation,
        outcome: &'a Outcome,
        presented: Option<LocalSessionId>,
        now: u64,
    },
    Arrived(&'a Arrived<'a>),
}

/// The core decided.
#[derive(Debug)]
pub struct Decided<'a> {
    pub reading: &'a Reading,
    pub operation: &'a Operation,
    pub by_thief: bool,
    pub presented: Option<&'a RefreshToken>,
    /// The value as it was written, without simulated corruption.
    pub genuine: bool,
    pub read_at: u64,
    pub before: Option<&'a SubjectRecord>,
    pub result: std::result::Result<&'a Decision, &'a Error>,
    /// A repeat of the decision on equal bytes, where it was made twice.
    pub twin: Option<(&'a str, &'a str)>,
}

/// A write that has landed in the store.
#[derive(Debug)]
pub struct Landed<'a> {
    pub reading: &'a Reading,
    pub operation: &'a Operation,
    pub browser: usize,
    pub presented: Option<&'a RefreshToken>,
    pub before: Option<&'a SubjectRecord>,
    pub after: &'a SubjectRecord,
    pub decision: &'a Decision,
}

impl Landed<'_> {
    pub fn is_alarm(&self) -> bool {
        self.decision.events.iter().any(|event| event.kind == SessionEventKind::Reuse)
    }
}

/// A request that was authenticated without the store.
#[derive(Debug)]
pub struct Accepted<'a> {
    pub reading: &'a Reading,
    pub browser: usize,
    pub claims: &'a AccessTokenClaims<'a>,
}

/// A response that reached a browser, whose cookies are in the jar.
#[derive(Debug)]
pub struct Arrived<'a> {
    pub now: u64,
    pub by_thief: bool,
    pub presented: Option<&'a RefreshToken>,
    /// `None` where the host failed: 503.
    pub outcome: Option<&'a Outcome>,
    pub headers: &'a Headers,
    /// The session of the browser's cookies, and whether it still has a refresh token.
    pub accepted_claims: Option<LocalSessionId>,
    pub holds_refresh: bool,
}
