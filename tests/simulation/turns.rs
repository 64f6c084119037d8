//! What each choice of a script does.

use super::dice::Dice;
use super::people::Who;
use super::ring::Ring;
use super::script::{Act, AppAct, HOUR, MINUTE, SECOND, Step, What};
use super::task::Origin;
use super::world::{Event, World};
use portcullis::decide::Operation;
use portcullis::formats::id::SessionId;

/// So many keys, then no more are published.
const RINGS_MAX: usize = 5;

impl World<'_> {
    pub fn turn(&mut self, step: &Step) {
        let browser = usize::from(step.browser);
        let mut dice = Dice::new(step.luck);
        match step.what {
            What::Tab(tab, act) => self.tab(browser, tab, act, step.calm, dice),
            What::Thief(act) => self.thief(browser, act, step.calm, dice),
            What::Steal => {
                let stolen = self.browsers[browser].jar.clone();
                self.browsers[browser].stolen = stolen;
            }
            What::App(act) => self.application(browser, act, step.calm, &mut dice),
            What::Restart(isolate) => self.restart(usize::from(isolate)),
            What::Jump(isolate, minutes) => {
                self.isolates[usize::from(isolate)].jump = minutes * MINUTE as i64;
                let back = dice.between(SECOND, 20 * MINUTE);
                self.soon(back, Event::ClockBack(usize::from(isolate)));
            }
            What::NewKey => self.publish(&mut dice),
            What::Restore => self.restore(browser, &mut dice),
        }
    }

    /// Who is signed out signs in, whatever the script says.
    fn tab(&mut self, browser: usize, tab: u8, act: Act, calm: bool, dice: Dice) {
        let signed_in = self.browsers[browser].jar.holds_refresh(self.now);
        let act = if signed_in || act == Act::SignInAnonymous { act } else { Act::SignIn };
        self.tell(|| format!("browser {}, {}", browser + 1, What::Tab(tab, act)));
        self.send(browser, Who::Tab(tab), act, 0, calm, dice);
    }

    fn thief(&mut self, browser: usize, act: Act, calm: bool, dice: Dice) {
        if self.browsers[browser].stolen.holds_refresh(self.now) {
            self.send(browser, Who::Thief, act, 0, calm, dice);
        }
    }

    fn application(&mut self, browser: usize, act: AppAct, calm: bool, dice: &mut Dice) {
        let Some(id) = self.browsers[browser].session else { return };
        let Some(subject) = self.shadow.session(id.sid).map(|session| session.subject.clone())
        else {
            return;
        };
        let session_id = id.text();
        let operation = match act {
            AppAct::Revoke => Operation::Revoke { session_id },
            AppAct::RevokeAll => Operation::RevokeAll { subject, except: None },
            AppAct::RevokeOthers => Operation::RevokeAll { subject, except: Some(session_id) },
            AppAct::List => Operation::List { subject },
            AppAct::Update => {
                Operation::Update { session_id, data: Some(format!("{{\"step\":{}}}", self.step)) }
            }
        };
        let isolate = dice.index(self.isolates.len());
        self.begin(Origin::Application, browser, isolate, vec![operation], calm, dice.split());
    }

    pub fn restart(&mut self, isolate: usize) {
        self.isolates[isolate].epoch += 1;
        self.isolates[isolate].known.clear();
    }

    /// A new key is known everywhere long before it signs.
    fn publish(&mut self, dice: &mut Dice) {
        if self.rings.len() >= RINGS_MAX {
            return;
        }
        let next = Ring::next(&self.rings, &self.script.setup, self.now + 2 * HOUR);
        self.rings.push(next);
        for isolate in 0..self.isolates.len() {
            let delay = dice.below(10 * MINUTE);
            self.soon(delay, Event::Deploy(isolate, self.rings.len() - 1));
        }
    }

    pub fn deploy(&mut self, isolate: usize, ring: usize) {
        if self.isolates[isolate].ring < ring {
            self.isolates[isolate].ring = ring;
            self.isolates[isolate].site = std::rc::Rc::clone(&self.rings[ring].site);
        }
    }

    /// The subject's record is what it was some writes ago; its sessions are in the limits from
    /// then on.
    fn restore(&mut self, browser: usize, dice: &mut Dice) {
        let Some(SessionId { subject, .. }) = self.browsers[browser].session else { return };
        let key = subject.store_key();
        let Some(backup) = self.store.earlier(&key, 1 + dice.index(4)).cloned() else { return };
        self.store.put(&key, &backup.value);
        let owner = self.browsers[browser].session.and_then(|id| self.shadow.session(id.sid));
        let Some(owner) = owner.map(|session| session.subject.clone()) else { return };
        for session in self.shadow.sessions.values_mut().filter(|session| session.subject == owner)
        {
            session.restored = true;
        }
    }
}
