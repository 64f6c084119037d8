//! What can happen next, and what it leads to: the browser, the network, the thief, the clock.

use super::host;
use super::limits::Limits;
use super::product::{Answer, Cookies, Product, RecordId};
use super::properties;
use super::state::{Exchange, ISOLATES, Jar, Job, Past, State};
use stateright::{Model, Property};

/// The world.
pub struct World {
    pub product: Product,
    pub limits: Limits,
    pub first: (RecordId, Answer),
}

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A tick passes.
    Tick,
    /// A tab sends a refresh, or a step-up.
    Send {
        step_up: bool,
    },
    /// A request reaches an instance, which reads the record and decides.
    Arrive {
        place: usize,
        isolate: usize,
    },
    /// An answer reaches the browser.
    Deliver {
        place: usize,
    },
    /// A request or an answer is lost.
    Lose {
        place: usize,
    },
    /// An instance swaps what it decided.
    Swap {
        isolate: usize,
    },
    /// The same, and the write lands, but the instance is told that it failed.
    SwapUnseen {
        isolate: usize,
    },
    /// An instance dies before it swaps.
    Crash {
        isolate: usize,
    },
    /// A tab uses its access token, and an instance writes that down.
    Use {
        isolate: usize,
    },
    /// The thief copies the jar.
    Steal,
    /// The thief refreshes.
    ThiefRefresh {
        isolate: usize,
    },
    /// The thief uses its access token.
    ThiefUse {
        isolate: usize,
    },
    /// Somebody ends the session.
    Revoke {
        isolate: usize,
    },
    /// Somebody makes a backup of the store, or puts it back.
    Backup,
    Restore,
}

impl World {
    pub fn new(limits: Limits) -> Self {
        let (product, record, answer) = Product::new(limits.site(), super::limits::TICK, limits.plant);
        Self { product, limits, first: (record, answer) }
    }

    /// An instance's clock.
    pub fn clock(&self, tick: u8, isolate: usize) -> u8 {
        if isolate == 0 { tick } else { tick + self.limits.skew }
    }

    fn of_the_browser(&self, state: &State, steps: &mut Vec<Step>) {
        let left = &state.left;
        let may_send = left.sends > 0 && state.under_way() < self.limits.tabs && state.jar.cookies.newest().is_some();
        if may_send {
            steps.push(Step::Send { step_up: false });
            if left.step_ups > 0 {
                steps.push(Step::Send { step_up: true });
            }
        }
        for (place, exchange) in state.net.iter().enumerate() {
            let Some(exchange) = exchange else { continue };
            if exchange.answer.is_some() {
                steps.push(Step::Deliver { place });
            } else {
                steps.extend(idle(state).map(|isolate| Step::Arrive { place, isolate }));
            }
            if left.losses > 0 {
                steps.push(Step::Lose { place });
            }
        }
        if left.uses > 0 && self.would_confirm(state, state.jar.access) {
            steps.extend(idle(state).map(|isolate| Step::Use { isolate }));
        }
    }

    fn of_the_thief(&self, state: &State, steps: &mut Vec<Step>) {
        let left = &state.left;
        if left.thefts > 0 && state.jar.cookies.newest().is_some() {
            steps.push(Step::Steal);
        }
        let Some(loot) = state.loot.filter(|_| left.thief_moves > 0) else { return };
        let is_busy = state.isolates.iter().flatten().any(|pending| matches!(pending.job, Job::Thief(_)));
        if loot.cookies.newest().is_some() && !is_busy {
            steps.extend(idle(state).map(|isolate| Step::ThiefRefresh { isolate }));
        }
        if self.would_confirm(state, loot.access) {
            steps.extend(idle(state).map(|isolate| Step::ThiefUse { isolate }));
        }
    }

    fn of_the_site(&self, state: &State, steps: &mut Vec<Step>) {
        let left = &state.left;
        for isolate in (0..ISOLATES).filter(|isolate| state.isolates[*isolate].is_some()) {
            steps.push(Step::Swap { isolate });
            let lands = state.isolates[isolate].is_some_and(|pending| pending.read.is_some());
            if left.unseen > 0 && lands {
                steps.push(Step::SwapUnseen { isolate });
            }
            if left.crashes > 0 {
                steps.push(Step::Crash { isolate });
            }
        }
        if left.revokes > 0 && self.product.facts(state.record).alive {
            steps.extend(idle(state).map(|isolate| Step::Revoke { isolate }));
        }
        if left.restores > 0 {
            match state.backup {
                None => steps.push(Step::Backup),
                // The site stands still while its store is put back.
                Some(backup) if backup != state.record && state.is_quiet() => steps.push(Step::Restore),
                Some(_) => (),
            }
        }
    }

    /// Whether the use of an access token would be news to the record.
    fn would_confirm(&self, state: &State, access: Option<u8>) -> bool {
        let facts = self.product.facts(state.record);
        self.limits.fed && facts.alive && !facts.confirmed && access == Some(facts.generation)
    }

    /// Where confirmation is not fed, a client that lost an answer comes back within `retry`: one that does not is signed
    /// out, and that is a limit of the table. Its request must arrive within it too.
    fn may_wait(&self, state: &State) -> bool {
        let facts = self.product.facts(state.record);
        let has_it = state.jar.cookies.newest().is_none_or(|token| token.generation >= facts.generation);
        let latest = facts.rotated_at + self.limits.retry - self.limits.skew - self.limits.life;
        self.limits.fed || !facts.alive || has_it || state.tick + 1 < latest
    }

    /// Whatever has been under way for too long is lost.
    fn tick(&self, state: &mut State) {
        state.tick += 1;
        let is_late = |sent: u8| state.tick > sent + self.limits.life;
        for place in &mut state.net {
            *place = place.filter(|exchange| !is_late(exchange.sent));
        }
        for isolate in &mut state.isolates {
            *isolate = isolate.filter(|pending| match pending.job {
                Job::Browser(exchange) | Job::Create(exchange, _) => !is_late(exchange.sent),
                Job::Thief(_) | Job::Confirm(_) | Job::Revoke => !is_late(pending.at),
            });
        }
        state.net.sort_unstable();
    }
}

/// Whether the slot of an answer's token holds a newer one.
fn is_overtaken(jar: &Jar, answer: Answer) -> bool {
    let Cookies { even, odd } = answer.cookies;
    [(even, jar.cookies.even), (odd, jar.cookies.odd)]
        .into_iter()
        .any(|(new, held)| new.zip(held).is_some_and(|(new, held)| new.generation < held.generation))
}

fn idle(state: &State) -> impl Iterator<Item = usize> {
    let isolates = state.isolates;
    (0..ISOLATES).filter(move |isolate| isolates[*isolate].is_none())
}

impl Model for World {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let (record, answer) = self.first;
        let mut jar = Jar::default();
        jar.take(answer, self.limits.slots);
        vec![State {
            // The first rotation is due.
            tick: self.limits.throttle,
            record,
            backup: None,
            jar,
            loot: None,
            net: Default::default(),
            isolates: Default::default(),
            left: self.limits.budget,
            past: Past::default(),
            fault: None,
        }]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        if state.fault.is_some() {
            return;
        }
        if state.tick < self.limits.ticks && self.may_wait(state) {
            steps.push(Step::Tick);
        }
        self.of_the_browser(state, steps);
        self.of_the_thief(state, steps);
        self.of_the_site(state, steps);
    }

    fn next_state(&self, last: &State, step: Step) -> Option<State> {
        let mut state = last.clone();
        let left = &mut state.left;
        match step {
            Step::Tick => self.tick(&mut state),
            Step::Send { step_up } => {
                left.sends -= 1;
                left.step_ups -= u8::from(step_up);
                let step_up = step_up.then_some(left.step_ups);
                state.put(Exchange { sent: state.tick, step_up, cookies: state.jar.cookies, answer: None });
            }
            Step::Arrive { place, isolate } => {
                let exchange = state.take(place)?;
                host::begin(self, &mut state, isolate, Job::Browser(exchange));
            }
            Step::Deliver { place } => {
                let answer = state.take(place)?.answer?;
                if !(self.limits.overtaken_is_lost && is_overtaken(&state.jar, answer)) {
                    state.jar.take(answer, self.limits.slots);
                }
            }
            Step::Lose { place } => {
                left.losses -= 1;
                state.take(place)?;
            }
            Step::Swap { isolate } => host::swap(self, &mut state, isolate, true),
            Step::SwapUnseen { isolate } => {
                left.unseen -= 1;
                host::swap(self, &mut state, isolate, false);
            }
            Step::Crash { isolate } => {
                left.crashes -= 1;
                state.isolates[isolate] = None;
            }
            Step::Use { isolate } => {
                left.uses -= 1;
                host::begin(self, &mut state, isolate, Job::Confirm(last.jar.access?));
            }
            Step::Steal => {
                left.thefts -= 1;
                state.loot = Some(state.jar);
                state.past.stolen = Some(state.tick);
            }
            Step::ThiefRefresh { isolate } => {
                left.thief_moves -= 1;
                host::begin(self, &mut state, isolate, Job::Thief(last.loot?.cookies));
            }
            Step::ThiefUse { isolate } => {
                left.thief_moves -= 1;
                host::begin(self, &mut state, isolate, Job::Confirm(last.loot?.access?));
            }
            Step::Revoke { isolate } => {
                left.revokes -= 1;
                host::begin(self, &mut state, isolate, Job::Revoke);
            }
            Step::Backup => state.backup = Some(state.record),
            Step::Restore => {
                left.restores -= 1;
                host::restore(&mut state);
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
