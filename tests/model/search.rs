//! What a step leads to, and so every state that there is.

use super::host;
use super::properties;
use super::state::{Exchange, Jar, Job, Past, State};
use super::steps::{Step, World};
use stateright::{Model, Property};

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

impl World {
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

    fn browser(&self, state: &mut State, step: Step) -> Option<()> {
        match step {
            Step::Send { step_up } => {
                state.left.sends -= 1;
                state.left.step_ups -= u8::from(step_up);
                let step_up = step_up.then_some(state.left.step_ups);
                state.put(Exchange {
                    sent: state.tick,
                    step_up,
                    cookies: state.jar.cookies,
                    answer: None,
                });
            }
            Step::Arrive { place, isolate } => {
                let exchange = state.take(place)?;
                host::begin(self, state, isolate, Job::Browser(exchange));
            }
            Step::Deliver { place } => {
                let answer = state.take(place)?.answer?;
                state.jar.take(answer, self.limits.slots);
            }
            Step::Lose { place } => {
                state.left.losses -= 1;
                state.take(place)?;
            }
            Step::Use { isolate } => {
                state.left.uses -= 1;
                host::begin(self, state, isolate, Job::Confirm(state.jar.access?));
            }
            _ => (),
        }
        Some(())
    }

    fn thief(&self, state: &mut State, step: Step) -> Option<()> {
        match step {
            Step::Steal => {
                state.left.thefts -= 1;
                state.loot = Some(state.jar);
                state.past.stolen = Some(state.tick);
            }
            Step::ThiefRefresh { isolate } => {
                state.left.thief_moves -= 1;
                host::begin(self, state, isolate, Job::Thief(state.loot?.cookies));
            }
            Step::ThiefUse { isolate } => {
                state.left.thief_moves -= 1;
                host::begin(self, state, isolate, Job::Confirm(state.loot?.access?));
            }
            _ => (),
        }
        Some(())
    }

    fn site(&self, state: &mut State, step: Step) {
        match step {
            Step::Swap { isolate } => host::swap(self, state, isolate, true),
            Step::SwapUnseen { isolate } => {
                state.left.unseen -= 1;
                host::swap(self, state, isolate, false);
            }
            Step::Crash { isolate } => {
                state.left.crashes -= 1;
                state.isolates[isolate] = None;
            }
            Step::Revoke { isolate } => {
                state.left.revokes -= 1;
                host::begin(self, state, isolate, Job::Revoke);
            }
            Step::Backup => state.backup = Some(state.record),
            Step::Restore => {
                state.left.restores -= 1;
                host::restore(state);
            }
            _ => (),
        }
    }
}
