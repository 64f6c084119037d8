//! The steps of the model: of the browser and its network, the site, the thief and the clock.

use super::bounds::Bounds;
use super::decisions::{DecisionOracle, ModelResponse, RecordId};
use super::state::{ISOLATES, Job, State};

/// The model that is searched.
pub struct ModelWorld {
    pub oracle: DecisionOracle,
    pub bounds: Bounds,
    pub first: (RecordId, ModelResponse),
}

/// One step of the model.
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
    /// An instance swaps and the write lands, but the instance gets an error.
    SwapUnseen {
        isolate: usize,
    },
    /// An instance dies before it swaps.
    Crash {
        isolate: usize,
    },
    /// A tab uses its access token, and an instance records that.
    Use {
        isolate: usize,
    },
    /// The thief copies the cookies.
    Steal,
    /// The thief refreshes.
    ThiefRefresh {
        isolate: usize,
    },
    /// The thief uses its access token.
    ThiefUse {
        isolate: usize,
    },
    /// The session is revoked by a call.
    Revoke {
        isolate: usize,
    },
    /// The store is backed up or restored.
    Backup,
    Restore,
}

impl ModelWorld {
    pub fn new(limits: Bounds) -> Self {
        let (product, record, answer) =
            DecisionOracle::new(limits.site(), super::bounds::TICK, limits.injected_bug);
        Self { oracle: product, bounds: limits, first: (record, answer) }
    }

    /// An instance's clock.
    pub fn clock(&self, tick: u8, isolate: usize) -> u8 {
        if isolate == 0 { tick } else { tick + self.bounds.skew }
    }

    pub fn of_the_browser(&self, state: &State, steps: &mut Vec<Step>) {
        let left = &state.budget;
        let may_send = left.sends > 0
            && state.has_requests_in_flight() < self.bounds.tabs
            && state.cookie_jar.cookies.newest().is_some();
        if may_send {
            steps.push(Step::Send { step_up: false });
            if left.step_ups > 0 {
                steps.push(Step::Send { step_up: true });
            }
        }
        for (place, exchange) in state.exchanges.iter().enumerate() {
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
        if left.uses > 0 && self.would_confirm(state, state.cookie_jar.access) {
            steps.extend(idle(state).map(|isolate| Step::Use { isolate }));
        }
    }

    pub fn of_the_thief(&self, state: &State, steps: &mut Vec<Step>) {
        let left = &state.budget;
        if left.thefts > 0 && state.cookie_jar.cookies.newest().is_some() {
            steps.push(Step::Steal);
        }
        let Some(loot) = state.stolen_cookies.filter(|_| left.thief_moves > 0) else { return };
        let is_busy =
            state.isolates.iter().flatten().any(|pending| matches!(pending.job, Job::Thief(_)));
        if loot.cookies.newest().is_some() && !is_busy {
            steps.extend(idle(state).map(|isolate| Step::ThiefRefresh { isolate }));
        }
        if self.would_confirm(state, loot.access) {
            steps.extend(idle(state).map(|isolate| Step::ThiefUse { isolate }));
        }
    }

    pub fn of_the_site(&self, state: &State, steps: &mut Vec<Step>) {
        let left = &state.budget;
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
        if left.revokes > 0 && self.oracle.facts(state.record).active {
            steps.extend(idle(state).map(|isolate| Step::Revoke { isolate }));
        }
        if left.restores > 0 {
            match state.backup {
                None => steps.push(Step::Backup),
                // The site stands still while its store is put back.
                Some(backup) if backup != state.record && state.is_quiet() => {
                    steps.push(Step::Restore)
                }
                Some(_) => (),
            }
        }
    }

    /// Whether the use of an access token is the first of its generation.
    fn would_confirm(&self, state: &State, access: Option<u8>) -> bool {
        let facts = self.oracle.facts(state.record);
        self.bounds.confirmations_recorded
            && facts.active
            && !facts.confirmed
            && access == Some(facts.generation)
    }

    /// Where first uses are not recorded, a client that lost a response returns, and its request
    /// arrives, within the lost-response window. A later one is signed out, which is a known
    /// limitation of the table.
    pub fn may_wait(&self, state: &State) -> bool {
        let facts = self.oracle.facts(state.record);
        let has_it = state
            .cookie_jar
            .cookies
            .newest()
            .is_none_or(|token| token.generation >= facts.generation);
        let latest =
            facts.rotated_at + self.bounds.lost_response - self.bounds.skew - self.bounds.life;
        self.bounds.confirmations_recorded || !facts.active || has_it || state.tick + 1 < latest
    }
}

fn idle(state: &State) -> impl Iterator<Item = usize> {
    let isolates = state.isolates;
    (0..ISOLATES).filter(move |isolate| isolates[*isolate].is_none())
}
