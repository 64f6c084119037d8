//! What the invariants look at: a moment is a decision, a write that landed, a token that was
//! believed, or an answer that arrived.

use portcullis::decide::{Decision, Headers, Operation, Outcome, SessionEventKind, Site};
use portcullis::formats::id::LocalSessionId;
use portcullis::formats::token::access_token::AccessTokenClaims;
use portcullis::formats::token::refresh_token::RefreshToken;
use portcullis::foundation::error::Error;
use portcullis::foundation::time::Timestamp;
use portcullis::model::record::SubjectRecord;
use std::rc::Rc;

/// An isolate's clock beside the world's.
#[derive(Debug, Clone)]
pub struct Reading {
    pub site: Rc<Site>,
    pub clock: Timestamp,
    /// The world's own time.
    pub now: u64,
    /// By more than any skew.
    pub clock_error: bool,
}

#[derive(Debug)]
pub enum Observation<'a> {
    Decided(&'a Decided<'a>),
    Landed(&'a Landed<'a>),
    Accepted(&'a Accepted<'a>),
    /// A caller is told an outcome.
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
    /// The value as it was written, not garbled and not somebody else's.
    pub genuine: bool,
    pub read_at: u64,
    pub before: Option<&'a SubjectRecord>,
    pub result: std::result::Result<&'a Decision, &'a Error>,
    /// The same decision on the same bytes, where it was made twice.
    pub twin: Option<(&'a str, &'a str)>,
}

/// A write is in the store now.
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
        self.decision.events.iter().any(|event| event.kind == SessionEventKind::ReuseDetected)
    }
}

/// A request was believed without a look at the store.
#[derive(Debug)]
pub struct Accepted<'a> {
    pub reading: &'a Reading,
    pub browser: usize,
    pub claims: &'a AccessTokenClaims<'a>,
}

/// An answer is in a browser, and its cookies are in the jar.
#[derive(Debug)]
pub struct Arrived<'a> {
    pub now: u64,
    pub by_thief: bool,
    pub presented: Option<&'a RefreshToken>,
    /// `None` where the host failed: 503.
    pub outcome: Option<&'a Outcome>,
    pub headers: &'a Headers,
    /// The session that the browser believes it has, and whether it still holds a refresh token.
    pub accepted_claims: Option<LocalSessionId>,
    pub holds_refresh: bool,
}
