//! The product as the model asks it: every answer comes from `portcullis::decide`, and every question is asked once.
//!
//! Records and tokens get small numbers, so that a state is small; equal bytes are equal numbers, because the entropy of
//! every attempt is the same.
#![allow(clippy::disallowed_types, reason = "looked up, never walked through: the order does not matter")]

use super::plants::Plant;
use super::reading;
use super::state::{Fault, Job};
use crate::world::{self, CHROME, FIREFOX, NOW};
use portcullis::decide::{self, Decision, MintedInput, Operation, RequestFacts, Site, StepUp};
use portcullis::id::SubjectKey;
use portcullis::record::SubjectRecord;
use portcullis::secret::{Entropy, Secret};
use portcullis::time::Timestamp;
use portcullis::token::refresh::RefreshToken;
use std::collections::HashMap;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// The names of the cookies that hold refresh tokens.
pub const SLOTS: [&str; 2] = ["__Host-portcullis-refresh", "__Host-portcullis-refresh-1"];
/// The rows of the table, in its order.
pub const ROWS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "6a", "7", "7a", "8", "9", "10"];
/// Enough generations for the longest run.
const GENERATIONS: usize = 40;

/// A record of the store, by its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(u32);

/// A refresh token, by its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token {
    id: u16,
    pub generation: u8,
}

/// Refresh tokens in their two slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Cookies {
    pub even: Option<Token>,
    pub odd: Option<Token>,
}

/// What an answer does to a jar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Answer {
    pub cookies: Cookies,
    /// The generation of the new access token.
    pub access: Option<u8>,
    pub clears: bool,
}

/// What the product decided.
#[derive(Debug, Clone, Copy)]
pub struct Ruling {
    pub write: Option<RecordId>,
    /// The row's place in [`ROWS`].
    pub row: Option<u8>,
    pub status: u16,
    pub answer: Answer,
    /// A theft alarm.
    pub alarm: bool,
    /// What is wrong with it whatever happened before.
    pub fault: Option<Fault>,
}

/// What the model needs to know of a record.
#[derive(Debug, Clone, Copy)]
pub struct RecordFacts {
    pub alive: bool,
    pub generation: u8,
    pub confirmed: bool,
    pub rotated_at: u8,
}

/// What is asked, on what, and when by the clock of the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Question {
    pub job: Job,
    pub record: RecordId,
    pub clock: u8,
}

/// The product, and every answer it has given.
pub struct Product {
    pub site: Site,
    pub key: SubjectKey,
    pub plant: Option<Plant>,
    /// Seconds in a tick.
    tick: u32,
    session_id: String,
    /// The secrets of the chain that began with the sign-in.
    chain: Vec<Secret<32>>,
    book: RwLock<Book>,
    rulings: RwLock<HashMap<Question, Ruling>>,
    rows: AtomicU16,
}

#[derive(Default)]
struct Book {
    records: Vec<(Vec<u8>, RecordFacts)>,
    record_ids: HashMap<Vec<u8>, RecordId>,
    tokens: Vec<String>,
    token_ids: HashMap<String, u16>,
}

impl Product {
    /// A site, and one session that signed in at tick 0. Gives the record and the browser's first answer too.
    pub fn new(site: Site, tick: u32, plant: Option<Plant>) -> (Self, RecordId, Answer) {
        let mut sign_in = world::World::new(site);
        let token = sign_in.signed_in("user-1", 1);
        let record = sign_in.record.take().expect("a record");
        let site = sign_in.site;
        let first = RefreshToken::parse(&token, &site.ring).expect("our token");
        let product = Self {
            key: site.ring.subject_key("user-1"),
            session_id: first.session.text(),
            chain: chain(&site, first),
            plant,
            tick,
            site,
            book: RwLock::default(),
            rulings: RwLock::default(),
            rows: AtomicU16::new(0),
        };
        let cookies = Cookies { even: Some(product.token(&token, 0)), odd: None };
        let record = product.record(record);
        (product, record, Answer { cookies, access: Some(0), clears: false })
    }

    /// What the product decides for a job on a record, by a clock.
    pub fn rule(&self, job: Job, record: RecordId, clock: u8) -> Ruling {
        let job = match job {
            // When a request was sent is nothing that the product can know.
            Job::Browser(exchange) => Job::Browser(super::state::Exchange { sent: 0, ..exchange }),
            other => other,
        };
        let question = Question { job, record, clock };
        if let Some(ruling) = self.rulings.read().expect("a lock").get(&question) {
            return *ruling;
        }
        let ruling = self.ask(question);
        self.rulings.write().expect("a lock").insert(question, ruling);
        ruling
    }

    /// The same, and the row counts as reached.
    pub fn rule_for_good(&self, job: Job, record: RecordId, clock: u8) -> Ruling {
        let ruling = self.rule(job, record, clock);
        if let Some(row) = ruling.row {
            self.rows.fetch_or(1 << row, Ordering::Relaxed);
        }
        ruling
    }

    /// The rows that were reached.
    pub fn rows_reached(&self) -> Vec<&'static str> {
        let rows = self.rows.load(Ordering::Relaxed);
        ROWS.into_iter().enumerate().filter(|(place, _)| rows & (1 << place) != 0).map(|(_, row)| row).collect()
    }

    pub fn facts(&self, record: RecordId) -> RecordFacts {
        self.book.read().expect("a lock").records[record.0 as usize].1
    }

    pub fn open(&self, record: RecordId) -> SubjectRecord {
        let book = self.book.read().expect("a lock");
        SubjectRecord::open(&self.site.ring, &self.key, &book.records[record.0 as usize].0).expect("opens")
    }

    pub fn sealed(&self, record: &SubjectRecord) -> Vec<u8> {
        let key = self.site.ring.current(self.at(0));
        record.seal_with_nonce(key, &self.key, &nonce()).expect("seals")
    }

    /// Gives a record its number.
    pub fn seal(&self, record: &SubjectRecord) -> RecordId {
        self.record(self.sealed(record))
    }

    pub fn parse(&self, token: Token) -> RefreshToken {
        RefreshToken::parse(&self.text(token), &self.site.ring).expect("our token")
    }

    /// Gives a token its number.
    pub fn token(&self, text: &str, generation: u8) -> Token {
        let mut book = self.book.write().expect("a lock");
        if let Some(id) = book.token_ids.get(text) {
            return Token { id: *id, generation };
        }
        let id = u16::try_from(book.tokens.len()).expect("fewer tokens");
        book.tokens.push(text.to_owned());
        book.token_ids.insert(text.to_owned(), id);
        Token { id, generation }
    }

    /// Whether a token descends from the sign-in without a step-up in between.
    pub fn is_of_the_sign_in(&self, token: &RefreshToken) -> bool {
        self.chain.get(token.generation as usize).is_some_and(|secret| secret.matches(&token.secret))
    }

    pub fn at(&self, clock: u8) -> Timestamp {
        world::at(NOW + u64::from(clock) * u64::from(self.tick) * world::SECOND)
    }

    fn clock(&self, at: Timestamp) -> u8 {
        u8::try_from((at.ms() - NOW) / (u64::from(self.tick) * world::SECOND)).expect("few ticks")
    }

    fn ask(&self, question: Question) -> Ruling {
        let Question { job, record, clock } = question;
        let cookies = super::plants::cookies_as_sent(self, job);
        let operation = self.operation(job, cookies);
        let before = super::plants::record_as_read(self, record, cookies);
        let mut decision = self.decide(&operation, before, clock);
        super::plants::decision_as_made(self, &mut decision, before, clock);
        reading::ruling(self, question, cookies, &decision)
    }

    fn decide(&self, operation: &Operation, record: RecordId, clock: u8) -> Decision {
        let mut entropy = Entropy::new(world::bytes(100, decide::ATTEMPT_BYTES));
        let book = self.book.read().expect("a lock");
        let entry = &book.records[record.0 as usize].0;
        decide::decide(&self.site, operation, Some(entry), self.at(clock), &mut entropy).expect("a decision")
    }

    fn operation(&self, job: Job, cookies: Cookies) -> Operation {
        let session_id = self.session_id.clone();
        match job {
            Job::Browser(exchange) | Job::Create(exchange, _) => match exchange.step_up {
                None => Operation::Refresh { request: self.request(cookies, FIREFOX) },
                Some(seed) => Operation::StepUp(StepUp {
                    request: self.request(cookies, FIREFOX),
                    acr: Some("aal2".to_owned()),
                    amr: vec!["pwd".to_owned(), "otp".to_owned()],
                    minted: MintedInput::new(world::bytes(50 + seed, 48)),
                }),
            },
            Job::Thief(_) => Operation::Refresh { request: self.request(cookies, CHROME) },
            Job::Confirm(generation) => Operation::Confirm { session_id, generation: generation.into() },
            Job::Revoke => Operation::Revoke { session_id },
        }
    }

    fn request(&self, cookies: Cookies, user_agent: &str) -> RequestFacts {
        let texts = [cookies.even, cookies.odd].map(|token| token.map(|token| self.text(token)));
        let pairs = SLOTS.iter().zip(&texts).filter_map(|(slot, text)| Some((*slot, text.as_deref()?)));
        let request = world::request(&pairs.collect::<Vec<_>>());
        RequestFacts { user_agent: Some(user_agent.to_owned()), ..request }
    }

    fn text(&self, token: Token) -> String {
        self.book.read().expect("a lock").tokens[token.id as usize].clone()
    }

    /// Gives sealed bytes their number.
    pub fn record(&self, sealed: Vec<u8>) -> RecordId {
        let opened = SubjectRecord::open(&self.site.ring, &self.key, &sealed).expect("opens");
        let facts = opened.sessions.first().map_or(
            RecordFacts { alive: false, generation: 0, confirmed: false, rotated_at: 0 },
            |session| RecordFacts {
                alive: true,
                generation: u8::try_from(session.generation).expect("few generations"),
                confirmed: session.confirmed_at.is_some(),
                rotated_at: self.clock(session.rotated_at),
            },
        );
        let mut book = self.book.write().expect("a lock");
        if let Some(id) = book.record_ids.get(&sealed) {
            return *id;
        }
        let id = RecordId(u32::try_from(book.records.len()).expect("fewer records"));
        book.records.push((sealed.clone(), facts));
        book.record_ids.insert(sealed, id);
        id
    }
}

impl Cookies {
    /// The one that the product takes: the higher generation.
    pub fn newest(self) -> Option<Token> {
        self.even.into_iter().chain(self.odd).max_by_key(|token| token.generation)
    }

    /// Whether a newer token is there.
    pub fn is_past(self, token: Token) -> bool {
        self.newest().is_some_and(|newest| newest.generation > token.generation)
    }
}

fn chain(site: &Site, first: RefreshToken) -> Vec<Secret<32>> {
    let key = site.ring.by_tag(&first.key_tag).expect("its key");
    let tokens = std::iter::successors(Some(first), |token| token.successor(key, token.issued_at));
    tokens.take(GENERATIONS).map(|token| token.secret).collect()
}

fn nonce() -> [u8; 24] {
    world::bytes(100, 24).try_into().expect("24 bytes")
}
