//! The state that each step leads to, and so every reachable state.

use super::host;
use super::properties;
use super::state::{CookieJar, Exchange, History, Job, State};
use super::steps::{ModelWorld, Step};
use stateright::{Model, Property};

impl Model for ModelWorld {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let (record, answer) = self.first;
        let mut jar = CookieJar::default();
        jar.take(answer, self.bounds.slots);
        vec![State {
            // The first rotation is due.
            tick: self.bounds.min_rotation_interval,
            record,
            backup: None,
            cookie_jar: jar,
            stolen_cookies: None,
            exchanges: Default::default(),
            isolates: Default::default(),
            budget: self.bounds.budget,
            history: History::default(),
            fault: None,
        }]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        if state.fault.is_some() {
            return;
        }
        if state.tick < self.bounds.ticks && self.may_wait(state) {
            steps.push(Step::Tick);
        }
        self.of_the_browser(state, steps);
        self.of_the_thief(state, steps);
        self.of_the_site(state, steps);
    }

    fn next_state(&self, last: &State, step: Step) -> Option<State> {
        let mut state = last.clone();
        match step {
            Step::Tick => self.tick(&mut state),
            Step::Send { .. }
            | Step::Arrive { .. }
            | Step::Deliver { .. }
            | Step::Lose { .. }
            | Step::Use { .. } => {
                self.browser(&mut state, step)?;
            }
            Step::Steal | Step::ThiefRefresh { .. } | Step::ThiefUse { .. } => {
                self.thief(&mut state, step)?
            }
            Step::Swap { .. }
            | Step::SwapUnseen { .. }
            | Step::Crash { .. }
            | Step::Revoke { .. }
            | Step::Backup
            | Step::Restore => self.site(&mut state, step),
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}

impl ModelWorld {
    /// Drops the requests and responses that have been in flight for too long.
    fn tick(&self, state: &mut State) {
        state.tick += 1;
        let is_late = |sent: u8| state.tick > sent + self.bounds.life;
        for place in &mut state.exchanges {
            *place = place.filter(|exchange| !is_late(exchange.sent));
        }
        for isolate in &mut state.isolates {
            *isolate = isolate.filter(|pending| match pending.job {
                Job::Browser(exchange) | Job::Create(exchange, _) => !is_late(exchange.sent),
                Job::Thief(_) | Job::Confirm(_) | Job::Revoke => !is_late(pending.at),
            });
        }
        state.exchanges.sort_unstable();
    }

    fn browser(&self, state: &mut State, step: Step) -> Option<()> {
        match step {
            Step::Send { step_up } => {
                state.budget.sends -= 1;
                state.budget.step_ups -= u8::from(step_up);
                let step_up = step_up.then_some(state.budget.step_ups);
                state.put(Exchange {
                    sent: state.tick,
                    step_up,
                    cookies: state.cookie_jar.cookies,
                    answer: None,
                });
            }
            Step::Arrive { place, isolate } => {
                let exchange = state.take(place)?;
                host::begin(self, state, isolate, Job::Browser(exchange));
            }
            Step::Deliver { place } => {
                let answer = state.take(place)?.answer?;
                state.cookie_jar.take(answer, self.bounds.slots);
            }
            Step::Lose { place } => {
                state.budget.losses -= 1;
                state.take(place)?;
            }
            Step::Use { isolate } => {
                state.budget.uses -= 1;
                host::begin(self, state, isolate, Job::Confirm(state.cookie_jar.access?));
            }
            _ => (),
        }
        Some(())
    }

    fn thief(&self, state: &mut State, step: Step) -> Option<()> {
        match step {
            Step::Steal => {
                state.budget.thefts -= 1;
                state.stolen_cookies = Some(state.cookie_jar);
                state.history.stolen = Some(state.tick);
            }
            Step::ThiefRefresh { isolate } => {
                state.budget.thief_moves -= 1;
                host::begin(self, state, isolate, Job::Thief(state.stolen_cookies?.cookies));
            }
            Step::ThiefUse { isolate } => {
                state.budget.thief_moves -= 1;
                host::begin(self, state, isolate, Job::Confirm(state.stolen_cookies?.access?));
            }
            _ => (),
        }
        Some(())
    }

    fn site(&self, state: &mut State, step: Step) {
        match step {
            Step::Swap { isolate } => host::swap(self, state, isolate, true),
            Step::SwapUnseen { isolate } => {
                state.budget.unseen -= 1;
                host::swap(self, state, isolate, false);
            }
            Step::Crash { isolate } => {
                state.budget.crashes -= 1;
                state.isolates[isolate] = None;
            }
            Step::Revoke { isolate } => {
                state.budget.revokes -= 1;
                host::begin(self, state, isolate, Job::Revoke);
            }
            Step::Backup => state.backup = Some(state.record),
            Step::Restore => {
                state.budget.restores -= 1;
                host::restore_backup(state);
            }
            _ => (),
        }
    }
}
