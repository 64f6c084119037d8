//! What the model remembers of the world between two steps: small, so that millions of it fit into
//! memory.

use super::decisions::{Cookies, ModelResponse, RecordId};

/// The instances of the site, by their clocks: the second one is fast.
pub const ISOLATES: usize = 2;
/// Requests of the browser that may be under way at once: one a tab, and one that its tab has given
/// up.
pub const NET: usize = 3;

/// Everything that matters from here on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// The true time, in ticks.
    pub tick: u8,
    /// What the store holds.
    pub record: RecordId,
    /// What it held when somebody made a backup.
    pub backup: Option<RecordId>,
    /// The browser's cookies, shared by its tabs.
    pub cookie_jar: CookieJar,
    /// What the thief has.
    pub stolen_cookies: Option<CookieJar>,
    /// Requests and answers of the browser that are under way, sorted: tabs have no names.
    pub exchanges: [Option<Exchange>; NET],
    /// What each instance has decided and not yet written.
    pub isolates: [Option<Pending>; ISOLATES],
    /// What may still happen.
    pub budget: Budget,
    /// What the properties need to know of the past.
    pub history: History,
    /// The invariant that the last step broke.
    pub fault: Option<Fault>,
}

/// In which cookies the browser keeps refresh tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slots {
    /// In one: what comes last overwrites what was there.
    One,
    /// In two, by the parity of the generation.
    Parity,
    /// In one for each generation, as the product does.
    Generation,
}

/// Cookies, and the generation of the access token among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct CookieJar {
    pub cookies: Cookies,
    pub access: Option<u8>,
}

/// A request of the browser until its answer has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Exchange {
    /// When it was sent.
    pub sent: u8,
    /// Which step-up it asks for; `None`: it refreshes.
    pub step_up: Option<u8>,
    /// The cookies it carries.
    pub cookies: Cookies,
    /// The answer, once there is one.
    pub answer: Option<ModelResponse>,
}

/// What an instance does for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Job {
    /// A request of the browser.
    Browser(Exchange),
    /// A refresh by the thief.
    Thief(Cookies),
    /// The first use of an access token is written down.
    Confirm(u8),
    /// The session is ended from outside.
    Revoke,
    /// Planted: the second of two writes.
    Create(Exchange, RecordId),
}

/// A decision that waits for its swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pending {
    pub job: Job,
    /// The tick at which it was decided.
    pub at: u8,
    /// The record it was decided on; `None` once another write has landed: then its revision is
    /// gone, and its content does not matter any more.
    pub read: Option<RecordId>,
}

/// How often each thing may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Budget {
    pub sends: u8,
    pub step_ups: u8,
    pub uses: u8,
    pub thefts: u8,
    pub thief_moves: u8,
    pub losses: u8,
    pub crashes: u8,
    pub unseen: u8,
    pub revokes: u8,
    pub restores: u8,
}

/// What happened, as far as a property asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct History {
    /// A revocation was acknowledged, and no backup has undone it.
    pub revoked: bool,
    /// The clock of the instance that first confirmed the current generation.
    pub confirmed: Option<u8>,
    /// When the thief copied the jar.
    pub stolen: Option<u8>,
    /// Long after the theft, the thief was the last to be served.
    pub thief_was_served: bool,
    /// How often, after that, the victim was served as well.
    pub overlaps: u8,
    /// Since when the victim is told to look at its cookies again, and with which generation.
    pub postponed: Option<(u8, u8)>,
}

/// An invariant of rotation that a step broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A theft alarm without a thief.
    FalseAlarm,
    /// The browser lost its cookies and nobody had ended the session.
    Stripped,
    /// A 409 or 503 cleared cookies.
    LoserCleared,
    /// A refresh gave more assurance than its token had.
    AssuranceRaised,
    /// Two tokens of one generation, or a successor that is not the presented token's.
    Forked,
    /// A spent token was served after its window.
    WindowSlid,
    /// Long after a theft, thief and victim are both served.
    BothLive,
    /// The victim is put off for longer than a request may be under way.
    Postponed,
}

impl CookieJar {
    /// What an answer does to the jar.
    pub fn take(&mut self, answer: ModelResponse, slots: Slots) {
        if answer.clears {
            *self = Self::default();
            return;
        }
        let Cookies { even, odd } = answer.cookies;
        let held = &mut self.cookies;
        match slots {
            Slots::One => held.even = even.or(odd).or(held.even),
            Slots::Parity => *held = Cookies { even: even.or(held.even), odd: odd.or(held.odd) },
            // Of those that are kept, the server takes the highest: the others might as well not be
            // there.
            Slots::Generation => {
                let newest =
                    answer.cookies.newest().filter(|token| !held.is_past(*token)).or(held.newest());
                *held = Cookies { even: newest, odd: None };
            }
        }
        self.access = answer.access.or(self.access);
    }
}

impl State {
    /// Nothing of anybody is under way.
    pub fn is_quiet(&self) -> bool {
        self.exchanges.iter().all(Option::is_none) && self.isolates.iter().all(Option::is_none)
    }

    /// How many requests the browser waits for.
    pub fn has_requests_in_flight(&self) -> usize {
        let at_isolates = self.isolates.iter().flatten();
        let browsers =
            at_isolates.filter(|pending| matches!(pending.job, Job::Browser(_) | Job::Create(..)));
        self.exchanges.iter().flatten().count() + browsers.count()
    }

    /// Puts an exchange back under way.
    pub fn put(&mut self, exchange: Exchange) {
        if let Some(place) = self.exchanges.iter_mut().find(|place| place.is_none()) {
            *place = Some(exchange);
        }
        self.exchanges.sort_unstable();
    }

    /// Takes one off.
    pub fn take(&mut self, place: usize) -> Option<Exchange> {
        let exchange = self.exchanges.get_mut(place)?.take();
        self.exchanges.sort_unstable();
        exchange
    }
}
