//! The effect of each step of a scenario.

use super::ring::Ring;
use super::rng::Rng;
use super::scenario::{ApplicationAction, HOUR, MINUTE, SECOND, Step, StepKind, UserAction};
use super::task::Origin;
use super::users::RequestSender;
use super::world::{SimulatedEvent, SimulatedWorld};
use portcullis::decide::Operation;
use portcullis::formats::id::SessionId;

/// The greatest number of keys that a run publishes.
const RINGS_MAX: usize = 5;

impl SimulatedWorld<'_> {
    pub fn turn(&mut self, step: &Step) {
        let browser = usize::from(step.browser);
        let mut rng = Rng::new(step.random);
        match step.kind {
            StepKind::Tab(tab, act) => self.tab(browser, tab, act, step.is_faultless, rng),
            StepKind::Thief(act) => self.thief(browser, act, step.is_faultless, rng),
            StepKind::Steal => {
                let stolen = self.browsers[browser].cookie_jar.clone();
                self.browsers[browser].stolen = stolen;
            }
            StepKind::App(act) => self.application(browser, act, step.is_faultless, &mut rng),
            StepKind::Restart(isolate) => self.restart(usize::from(isolate)),
            StepKind::Jump(isolate, minutes) => {
                self.isolates[usize::from(isolate)].jump = minutes * MINUTE as i64;
                let back = rng.between(SECOND, 20 * MINUTE);
                self.schedule(back, SimulatedEvent::ClockBack(usize::from(isolate)));
            }
            StepKind::NewKey => self.publish(&mut rng),
            StepKind::Restore => self.restore_backup(browser, &mut rng),
        }
    }

    /// Signs in a browser that is signed out, whatever the scenario says.
    fn tab(&mut self, browser: usize, tab: u8, act: UserAction, calm: bool, rng: Rng) {
        let signed_in = self.browsers[browser].cookie_jar.holds_refresh(self.now);
        let act =
            if signed_in || act == UserAction::SignInAnonymous { act } else { UserAction::SignIn };
        self.log(|| format!("browser {}, {}", browser + 1, StepKind::Tab(tab, act)));
        self.send(browser, RequestSender::Tab(tab), act, 0, calm, rng);
    }

    fn thief(&mut self, browser: usize, act: UserAction, calm: bool, rng: Rng) {
        if self.browsers[browser].stolen.holds_refresh(self.now) {
            self.send(browser, RequestSender::Thief, act, 0, calm, rng);
        }
    }

    fn application(&mut self, browser: usize, act: ApplicationAction, calm: bool, rng: &mut Rng) {
        let Some(id) = self.browsers[browser].session else { return };
        let Some(subject) =
            self.ground_truth.session(id.local_id).map(|session| session.subject.clone())
        else {
            return;
        };
        let session_id = id.encode();
        let operation = match act {
            ApplicationAction::Revoke => Operation::Revoke { session_id },
            ApplicationAction::RevokeAll => Operation::RevokeAll { subject, except: None },
            ApplicationAction::RevokeOthers => {
                Operation::RevokeAll { subject, except: Some(session_id) }
            }
            ApplicationAction::List => Operation::List { subject },
            ApplicationAction::Update => {
                Operation::Update { session_id, data: Some(format!("{{\"step\":{}}}", self.step)) }
            }
        };
        let isolate = rng.index(self.isolates.len());
        self.begin(Origin::Application, browser, isolate, vec![operation], calm, rng.split());
    }

    pub fn restart(&mut self, isolate: usize) {
        self.isolates[isolate].epoch += 1;
        self.isolates[isolate].known.clear();
    }

    /// Publishes a key long before it signs.
    fn publish(&mut self, rng: &mut Rng) {
        if self.rings.len() >= RINGS_MAX {
            return;
        }
        let next = Ring::next(&self.rings, &self.scenario.setup, self.now + 2 * HOUR);
        self.rings.push(next);
        for isolate in 0..self.isolates.len() {
            let delay = rng.below(10 * MINUTE);
            self.schedule(delay, SimulatedEvent::Deploy(isolate, self.rings.len() - 1));
        }
    }

    pub fn deploy(&mut self, isolate: usize, ring: usize) {
        if self.isolates[isolate].ring < ring {
            self.isolates[isolate].ring = ring;
            self.isolates[isolate].site = std::rc::Rc::clone(&self.rings[ring].site);
        }
    }

    /// Restores the subject's record to an earlier write. Known limitations apply to its sessions
    /// from then on.
    fn restore_backup(&mut self, browser: usize, rng: &mut Rng) {
        let Some(SessionId { subject, .. }) = self.browsers[browser].session else { return };
        let key = subject.store_key();
        let Some(backup) = self.store.earlier(&key, 1 + rng.index(4)).cloned() else { return };
        self.store.put(&key, &backup.value);
        let owner =
            self.browsers[browser].session.and_then(|id| self.ground_truth.session(id.local_id));
        let Some(owner) = owner.map(|session| session.subject.clone()) else { return };
        for session in
            self.ground_truth.sessions.values_mut().filter(|session| session.subject == owner)
        {
            session.restored = true;
        }
    }
}
