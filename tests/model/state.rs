//! The state of the model between two steps, small enough that millions of states fit into memory.

use super::decisions::{Cookies, ModelResponse, RecordId};

/// The instances of the site, by their clocks: the second one is fast.
pub const ISOLATES: usize = 2;
/// The most in-flight requests of the browser: one of each tab, and one that its tab has abandoned.
pub const NET: usize = 3;

/// Everything that the next steps depend on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// The true time, in ticks.
    pub tick: u8,
    /// The record in the store.
    pub record: RecordId,
    /// The content of the store at the time of the backup.
    pub backup: Option<RecordId>,
    /// The browser's cookies, shared by its tabs.
    pub cookie_jar: CookieJar,
    /// The cookies of the thief.
    pub stolen_cookies: Option<CookieJar>,
    /// The in-flight requests and responses of the browser, sorted because tabs have no names.
    pub exchanges: [Option<Exchange>; NET],
    /// The decision of each instance that is not yet written.
    pub isolates: [Option<Pending>; ISOLATES],
    /// The events that may still happen.
    pub budget: Budget,
    /// The past events that the properties depend on.
    pub history: History,
    /// The invariant that the last step broke.
    pub fault: Option<Fault>,
}

/// The cookies in which the browser keeps refresh tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slots {
    /// One cookie, which the last response overwrites.
    One,
    /// Two cookies, chosen by the parity of the generation.
    Parity,
    /// One cookie for each generation, as in the product.
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
    /// The step-up that it asks for, or `None` for a refresh.
    pub step_up: Option<u8>,
    /// The cookies it carries.
    pub cookies: Cookies,
    /// The answer, once there is one.
    pub answer: Option<ModelResponse>,
}

/// The work of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Job {
    /// A request of the browser.
    Browser(Exchange),
    /// A refresh by the thief.
    Thief(Cookies),
    /// The first use of an access token is recorded.
    Confirm(u8),
    /// The session is ended from outside.
    Revoke,
    /// The second write of an injected bug that writes twice.
    Create(Exchange, RecordId),
}

/// A decision that waits for its swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pending {
    pub job: Job,
    /// The tick at which it was decided.
    pub at: u8,
    /// The record of the decision. `None` once another write has landed, because the swap must then
    /// fail whatever the record held.
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

/// The history that the properties check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct History {
    /// A revocation was acknowledged, and no backup has undone it.
    pub revoked: bool,
    /// The clock of the instance that first confirmed the current generation.
    pub confirmed: Option<u8>,
    /// The time at which the thief copied the cookies.
    pub stolen: Option<u8>,
    /// Long after the theft, the thief was the last to be served.
    pub thief_was_served: bool,
    /// How often, after that, the victim was served as well.
    pub overlaps: u8,
    /// The time since which the victim gets 409, and the generation that it presents.
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
    /// A superseded token was accepted after its window.
    WindowSlid,
    /// Long after a theft, thief and victim are both served.
    BothLive,
    /// The victim gets 409 for longer than the in-flight window.
    Postponed,
}

impl CookieJar {
    /// Applies a response to the cookie jar.
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
            // The server uses the highest generation, so that the others need not be kept.
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
    /// Whether no request is in flight and no decision is pending.
    pub fn is_quiet(&self) -> bool {
        self.exchanges.iter().all(Option::is_none) && self.isolates.iter().all(Option::is_none)
    }

    /// The number of requests that the browser waits for.
    pub fn has_requests_in_flight(&self) -> usize {
        let at_isolates = self.isolates.iter().flatten();
        let browsers =
            at_isolates.filter(|pending| matches!(pending.job, Job::Browser(_) | Job::Create(..)));
        self.exchanges.iter().flatten().count() + browsers.count()
    }

    /// Adds an exchange to those in flight.
    pub fn put(&mut self, exchange: Exchange) {
        if let Some(place) = self.exchanges.iter_mut().find(|place| place.is_none()) {
            *place = Some(exchange);
        }
        self.exchanges.sort_unstable();
    }

    /// Removes an exchange from those in flight.
    pub fn take(&mut self, place: usize) -> Option<Exchange> {
        let exchange = self.exchanges.get_mut(place)?.take();
        self.exchanges.sort_unstable();
        exchange
    }
}
