//! The decisions of the product, which `portcullis::decide` makes. Each is made once and cached.
#![allow(
    clippy::disallowed_types,
    reason = "looked up, never walked through: the order does not matter"
)]

pub use super::interning::{Cookies, RecordFacts, RecordId, Token};

use super::injected_bugs::InjectedBug;
use super::interning::Interner;
use super::reading;
use super::state::{Fault, Job};
use crate::support::{self, CHROME, FIREFOX, NOW};
use portcullis::decide::{
    self, Decision, InitialEntropyInput, Operation, Plan, RequestFacts, Site, StepUp,
};
use portcullis::formats::id::SubjectIndexKey;
use portcullis::formats::token::refresh_token::RefreshToken;
use portcullis::foundation::secret::{Entropy, Secret};
use portcullis::foundation::time::Timestamp;
use portcullis::model::record::SubjectRecord;
use std::collections::HashMap;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// The names of the cookies that hold refresh tokens.
const NAMES: [&str; 2] = ["__Host-portcullis-refresh-0", "__Host-portcullis-refresh-1"];
/// The rows of the table, in its order.
pub const ROWS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "6a", "7", "7a", "8", "9", "10"];
/// Enough generations for the longest run.
const GENERATIONS: usize = 40;

/// The effect of a response on a cookie jar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ModelResponse {
    pub cookies: Cookies,
    /// The generation of the new access token.
    pub access: Option<u8>,
    pub clears: bool,
}

/// A decision of the product.
#[derive(Debug, Clone, Copy)]
pub struct ModelDecision {
    pub write: Option<RecordId>,
    /// The row's place in [`ROWS`].
    pub row: Option<u8>,
    pub status: u16,
    pub answer: ModelResponse,
    /// A theft alarm.
    pub alarm: bool,
    /// The invariant that the decision breaks by itself.
    pub fault: Option<Fault>,
}

/// The input of a decision: job, record, and the time by the clock of the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModelQuery {
    pub job: Job,
    pub record: RecordId,
    pub clock: u8,
}

/// The product, with a cache of its decisions.
pub struct DecisionOracle {
    pub site: Site,
    pub key: SubjectIndexKey,
    pub injected_bug: Option<InjectedBug>,
    /// Seconds in a tick.
    tick: u32,
    session_id: String,
    /// The secrets of the chain that began with the sign-in.
    chain: Vec<Secret<32>>,
    interner: Interner,
    decisions: RwLock<HashMap<ModelQuery, ModelDecision>>,
    rows: AtomicU16,
}

impl DecisionOracle {
    /// A site, and one session that signed in at tick 0. Gives the record and the browser's first
    /// answer too.
    pub fn new(
        site: Site,
        tick: u32,
        plant: Option<InjectedBug>,
    ) -> (Self, RecordId, ModelResponse) {
        let mut sign_in = support::TestSite::new(site);
        let token = sign_in.signed_in("user-1", 1);
        let record = sign_in.record.take().expect("a record");
        let site = sign_in.site;
        let first = RefreshToken::parse(&token, &site.key_ring).expect("our token");
        let product = Self {
            key: site.key_ring.subject_index_key("user-1"),
            session_id: first.session.encode(),
            chain: chain(&site, first),
            injected_bug: plant,
            tick,
            site,
            interner: Interner::default(),
            decisions: RwLock::default(),
            rows: AtomicU16::new(0),
        };
        let cookies = Cookies { even: Some(product.token(&token, 0)), odd: None };
        let record = product.record(record);
        (product, record, ModelResponse { cookies, access: Some(0), clears: false })
    }

    /// The product's decision of a job on a record, at a clock's time.
    pub fn decide_cached(&self, job: Job, record: RecordId, clock: u8) -> ModelDecision {
        let job = match job {
            // The product does not know when a request was sent.
            Job::Browser(exchange) => Job::Browser(super::state::Exchange { sent: 0, ..exchange }),
            other => other,
        };
        let question = ModelQuery { job, record, clock };
        if let Some(ruling) = self.decisions.read().expect("a lock").get(&question) {
            return *ruling;
        }
        let ruling = self.query(question);
        self.decisions.write().expect("a lock").insert(question, ruling);
        ruling
    }

    /// Decides a job, and marks the row of the table as reached.
    pub fn decide_uncached(&self, job: Job, record: RecordId, clock: u8) -> ModelDecision {
        let ruling = self.decide_cached(job, record, clock);
        if let Some(row) = ruling.row {
            self.rows.fetch_or(1 << row, Ordering::Relaxed);
        }
        ruling
    }

    /// The rows that were reached.
    pub fn rows_reached(&self) -> Vec<&'static str> {
        let rows = self.rows.load(Ordering::Relaxed);
        ROWS.into_iter()
            .enumerate()
            .filter(|(place, _)| rows & (1 << place) != 0)
            .map(|(_, row)| row)
            .collect()
    }

    pub fn facts(&self, record: RecordId) -> RecordFacts {
        self.interner.facts(record)
    }

    pub fn unseal(&self, record: RecordId) -> SubjectRecord {
        self.unsealed(&self.interner.bytes(record))
    }

    fn unsealed(&self, sealed: &[u8]) -> SubjectRecord {
        SubjectRecord::unseal(&self.site.key_ring, &self.key, sealed).expect("opens")
    }

    /// Gives sealed bytes their number.
    pub fn record(&self, sealed: Vec<u8>) -> RecordId {
        let facts = RecordFacts::from_record(&self.unsealed(&sealed), |at| self.clock(at));
        self.interner.record(sealed, facts)
    }

    pub fn sealed(&self, record: &SubjectRecord) -> Vec<u8> {
        let key = self.site.key_ring.current_key(self.at(0));
        record.seal_with_nonce(key, &self.key, &nonce()).expect("seals")
    }

    /// Gives a record its number.
    pub fn seal(&self, record: &SubjectRecord) -> RecordId {
        self.record(self.sealed(record))
    }

    pub fn parse(&self, token: Token) -> RefreshToken {
        RefreshToken::parse(&self.interner.text(token), &self.site.key_ring).expect("our token")
    }

    /// Gives a token its number.
    pub fn token(&self, text: &str, generation: u8) -> Token {
        self.interner.token(text, generation)
    }

    /// Whether a token descends from the sign-in without a step-up in between.
    pub fn is_of_the_sign_in(&self, token: &RefreshToken) -> bool {
        self.chain
            .get(token.generation as usize)
            .is_some_and(|secret| secret.matches(&token.secret))
    }

    pub fn at(&self, clock: u8) -> Timestamp {
        support::at(NOW + u64::from(clock) * u64::from(self.tick) * support::SECOND)
    }

    fn clock(&self, at: Timestamp) -> u8 {
        u8::try_from((at.ms() - NOW) / (u64::from(self.tick) * support::SECOND)).expect("few ticks")
    }

    fn query(&self, question: ModelQuery) -> ModelDecision {
        let ModelQuery { job, record, clock } = question;
        let cookies = super::injected_bugs::cookies_as_sent(self, job);
        let operation = self.operation(job, cookies);
        let before = super::injected_bugs::record_as_read(self, record, cookies);
        let mut decision = self.decide(&operation, before, clock);
        super::injected_bugs::decision_as_made(self, &mut decision, before, clock);
        reading::ruling(self, question, cookies, &decision)
    }

    fn decide(&self, operation: &Operation, record: RecordId, clock: u8) -> Decision {
        let mut entropy = Entropy::new(support::bytes(100, decide::ATTEMPT_BYTES));
        let (entry, now) = (self.interner.bytes(record), self.at(clock));
        let Plan::Read(_) = decide::plan(&self.site, operation, now).expect("a plan") else {
            unreachable!("malformed")
        };
        decide::decide(&self.site, operation, Some(&entry), now, &mut entropy).expect("a decision")
    }

    fn operation(&self, job: Job, cookies: Cookies) -> Operation {
        let session_id = self.session_id.clone();
        match job {
            Job::Browser(exchange) | Job::Create(exchange, _) => match exchange.step_up {
                None => Operation::Refresh {
                    request_context: None,
                    request: self.request(cookies, FIREFOX),
                },
                Some(seed) => Operation::StepUp(StepUp {
                    subject: None,
                    request_context: None,
                    request: self.request(cookies, FIREFOX),
                    acr: Some("aal2".to_owned()),
                    amr: vec!["pwd".to_owned(), "otp".to_owned()],
                    initial_entropy: InitialEntropyInput::new(support::bytes(50 + seed, 48)),
                }),
            },
            Job::Thief(_) => {
                Operation::Refresh { request_context: None, request: self.request(cookies, CHROME) }
            }
            Job::Confirm(generation) => {
                Operation::Confirm { session_id, generation: generation.into() }
            }
            Job::Revoke => Operation::Revoke { session_id },
        }
    }

    fn request(&self, cookies: Cookies, user_agent: &str) -> RequestFacts {
        let texts =
            [cookies.even, cookies.odd].map(|token| token.map(|token| self.interner.text(token)));
        let pairs =
            NAMES.iter().zip(&texts).filter_map(|(slot, text)| Some((*slot, text.as_deref()?)));
        let request = support::request(&pairs.collect::<Vec<_>>());
        RequestFacts { user_agent: Some(user_agent.to_owned()), ..request }
    }
}

fn chain(site: &Site, first: RefreshToken) -> Vec<Secret<32>> {
    let key = site.key_ring.find_by_tag(&first.key_tag).expect("its key");
    let tokens = std::iter::successors(Some(first), |token| token.successor(key, token.issued_at));
    tokens.take(GENERATIONS).map(|token| token.secret).collect()
}

fn nonce() -> [u8; 24] {
    support::bytes(100, 24).try_into().expect("24 bytes")
}
