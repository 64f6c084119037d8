//! Gives records and tokens small numbers, so that a state is small. Equal bytes get equal numbers.
//! Equal content gives equal bytes, because every attempt gets the same entropy.
#![allow(
    clippy::disallowed_types,
    reason = "looked up, never walked through: the order does not matter"
)]

use portcullis::foundation::time::Timestamp;
use portcullis::model::record::SubjectRecord;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

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

/// The facts of a record that the model needs.
#[derive(Debug, Clone, Copy)]
pub struct RecordFacts {
    pub active: bool,
    pub generation: u8,
    pub confirmed: bool,
    /// The time of the rotation, by the clock of its instance.
    pub rotated_at: u8,
}

/// All records and tokens of a run.
#[derive(Default)]
pub struct Interner {
    records: RwLock<Records>,
    tokens: RwLock<TokenTable>,
}

#[derive(Default)]
struct Records {
    known: Vec<(Arc<Vec<u8>>, RecordFacts)>,
    ids: HashMap<Arc<Vec<u8>>, RecordId>,
}

#[derive(Default)]
struct TokenTable {
    known: Vec<String>,
    ids: HashMap<String, u16>,
}

impl Interner {
    pub fn record(&self, sealed: Vec<u8>, facts: RecordFacts) -> RecordId {
        let mut records = self.records.write().expect("a lock");
        if let Some(id) = records.ids.get(&sealed) {
            return *id;
        }
        let id = RecordId(u32::try_from(records.known.len()).expect("fewer records"));
        let sealed = Arc::new(sealed);
        records.known.push((Arc::clone(&sealed), facts));
        records.ids.insert(sealed, id);
        id
    }

    pub fn bytes(&self, record: RecordId) -> Arc<Vec<u8>> {
        Arc::clone(&self.records.read().expect("a lock").known[record.0 as usize].0)
    }

    pub fn facts(&self, record: RecordId) -> RecordFacts {
        self.records.read().expect("a lock").known[record.0 as usize].1
    }

    pub fn token(&self, text: &str, generation: u8) -> Token {
        let mut tokens = self.tokens.write().expect("a lock");
        if let Some(id) = tokens.ids.get(text) {
            return Token { id: *id, generation };
        }
        let id = u16::try_from(tokens.known.len()).expect("fewer tokens");
        tokens.known.push(text.to_owned());
        tokens.ids.insert(text.to_owned(), id);
        Token { id, generation }
    }

    pub fn text(&self, token: Token) -> String {
        self.tokens.read().expect("a lock").known[usize::from(token.id)].clone()
    }
}

impl RecordFacts {
    pub fn from_record(record: &SubjectRecord, clock: impl Fn(Timestamp) -> u8) -> Self {
        let over = Self { active: false, generation: 0, confirmed: false, rotated_at: 0 };
        record.sessions().expect("sessions").first().map_or(over, |session| Self {
            active: true,
            generation: u8::try_from(session.generation).expect("few generations"),
            confirmed: session.confirmed_at.is_some(),
            rotated_at: clock(session.rotated_at),
        })
    }
}

impl Cookies {
    /// The token that the product uses, which has the highest generation.
    pub fn newest(self) -> Option<Token> {
        self.even.into_iter().chain(self.odd).max_by_key(|token| token.generation)
    }

    /// Whether a newer token is there.
    pub fn is_past(self, token: Token) -> bool {
        self.newest().is_some_and(|newest| newest.generation > token.generation)
    }
}
