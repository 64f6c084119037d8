//! Isolates: how a request becomes operations, and how each ends. The loop between is in `attempt`.

use super::attempt::Attempt;
use super::cookie_jar;
use super::injected_bugs::InjectedBug;
use super::observation::{Accepted, Observation};
use super::ring::Ring;
use super::rng::Rng;
use super::scenario::{Kill, UserAction};
use super::task::{Origin, Task, TaskResult};
use super::users::RequestSender;
use super::world::{SimulatedEvent, SimulatedWorld};
use portcullis::decide::{
    INITIAL_ENTROPY_BYTES, InitialEntropyInput, Operation, Outcome, Plan, RequestFacts, SignIn,
    Site, StepUp, authenticate, plan, session_to_replace,
};
use portcullis::formats::id::LocalSessionId;
use portcullis::formats::token::access_token::AccessTokenClaims;
use std::collections::BTreeSet;
use std::rc::Rc;

pub struct Isolate {
    pub skew: i64,
    pub jump: i64,
    /// The number of restarts. A restart drops the work that was in progress.
    pub epoch: u32,
    pub ring: usize,
    pub site: Rc<Site>,
    /// The first uses that the isolate has recorded or is recording.
    pub known: BTreeSet<([u8; 16], u32)>,
}

impl Isolate {
    pub fn new(skew: i64, ring: &Ring) -> Self {
        Self {
            skew,
            jump: 0,
            epoch: 0,
            ring: 0,
            site: Rc::clone(&ring.site),
            known: BTreeSet::new(),
        }
    }
}

impl SimulatedWorld<'_> {
    /// A request on its way to an isolate.
    pub fn task_of(&mut self, request: usize, isolate: usize, calm: bool, rng: Rng) -> usize {
        let until = self.now + self.ground_truth.patience();
        self.add(Task::new(Origin::Request(request), 0, isolate, Vec::new(), calm, rng, until))
    }

    /// Begins work of the host itself.
    pub fn begin(
        &mut self,
        origin: Origin,
        browser: usize,
        isolate: usize,
        operations: Vec<Operation>,
        calm: bool,
        rng: Rng,
    ) {
        let mut task = Task::new(origin, browser, isolate, operations, calm, rng, u64::MAX);
        task.epoch = self.isolates[isolate].epoch;
        self.proceed(Box::new(task));
    }

    fn add(&mut self, task: Task) -> usize {
        self.tasks.push(Some(Box::new(task)));
        self.tasks.len() - 1
    }

    /// A task whose isolate still runs and whose client still waits.
    pub fn running_isolates(&mut self, task: usize) -> Option<Box<Task>> {
        let mut task = self.tasks[task].take()?;
        self.report.store_calls += 1;
        if self.kills(false)
            || !task.calm && task.rng.per_mille(self.scenario.setup.store_faults / 4)
        {
            self.restart(task.isolate);
        }
        let lives = task.epoch == self.isolates[task.isolate].epoch && self.now <= task.until;
        lives.then_some(task)
    }

    /// Whether the script says that this store call is the instance's last.
    pub fn kills(&self, done: bool) -> bool {
        self.scenario.setup.kill == Some(Kill { call: self.report.store_calls, done })
    }

    pub fn keep(&mut self, task: Box<Task>, delay: u64, event: fn(usize) -> SimulatedEvent) {
        self.tasks.push(Some(task));
        self.schedule(delay, event(self.tasks.len() - 1));
    }

    /// Handles the arrival of a request.
    pub fn arrive(&mut self, task: usize) {
        let Some(mut task) = self.tasks[task].take() else { return };
        let Some(request) = task.request() else { return };
        task.epoch = self.isolates[task.isolate].epoch;
        let (who, act) = (self.requests[request].sender, self.requests[request].action);
        (task.browser, task.by_thief) =
            (self.requests[request].browser, who == RequestSender::Thief);
        let site = Rc::clone(&self.isolates[task.isolate].site);
        task.presented =
            cookie_jar::presented_token(&self.requests[request].cookies, &site.key_ring);
        let facts = self.facts_of(request);
        if act == UserAction::Use {
            return self.verify_access_cookie(task, &facts);
        }
        let operation = match act {
            UserAction::Use | UserAction::Check => {
                Operation::Check { is_inner: false, request_context: None, request: facts }
            }
            UserAction::Refresh => Operation::Refresh { request_context: None, request: facts },
            UserAction::SignOut => Operation::SignOut { request: facts },
            UserAction::StepUp => Operation::StepUp(StepUp {
                subject: None,
                request_context: None,
                request: facts,
                acr: Some("aal2".to_owned()),
                amr: vec!["pwd".to_owned(), "otp".to_owned()],
                initial_entropy: InitialEntropyInput::new(task.rng.bytes(INITIAL_ENTROPY_BYTES)),
            }),
            UserAction::SignIn | UserAction::SignInAnonymous => {
                self.sign_in(&mut task, act, facts, &site)
            }
        };
        task.operations.push_back(operation);
        self.proceed(task);
    }

    /// Revokes another subject's session in this browser first.
    fn sign_in(
        &self,
        task: &mut Task,
        act: UserAction,
        request: RequestFacts,
        site: &Site,
    ) -> Operation {
        let named = format!("user-{}", self.browsers[task.browser].owner.subject + 1);
        let nobody = format!("anonymous:{:016x}", task.rng.next_u64());
        let sign_in = SignIn {
            request_context: None,
            step_up_verified: false,
            request,
            subject: if act == UserAction::SignInAnonymous { nobody } else { named },
            data: None,
            claims: None,
            jkt: None,
            acr: Some("aal1".to_owned()),
            amr: vec!["pwd".to_owned()],
            label: None,
            initial_entropy: InitialEntropyInput::new(task.rng.bytes(INITIAL_ENTROPY_BYTES)),
        };
        if let Ok(Some(session_id)) = session_to_replace(site, &sign_in) {
            task.operations.push_back(Operation::Revoke { session_id });
        }
        Operation::SignIn(sign_in)
    }

    /// Plans the next operation of a task.
    fn proceed(&mut self, mut task: Box<Task>) {
        let Some(operation) = task.operations.front() else { return };
        let reading = self.reading(task.isolate);
        match plan(&reading.site, operation, reading.clock) {
            Ok(Plan::Read(key)) => {
                task.attempt = Attempt::at(key);
                let delay = self.store_delay(&mut task);
                self.keep(task, delay, SimulatedEvent::Get);
            }
            Ok(Plan::Done(outcome)) => self.done(task, *outcome),
            Err(error) => {
                self.digest(error.code().code().as_bytes());
                self.reply(task, TaskResult::Failed(error.code().status()));
            }
        }
    }

    /// Handles an outcome that is true, because its write landed or it needed none.
    pub fn done(&mut self, mut task: Box<Task>, outcome: Outcome) {
        let Some(operation) = task.operations.pop_front() else { return };
        let presented_token = task.presented.as_ref().map(|token| token.session.local_id);
        self.observe(&Observation::Acknowledged {
            operation: &operation,
            outcome: &outcome,
            presented: presented_token,
            now: self.now,
        });
        if task.operations.is_empty() {
            self.reply(task, TaskResult::Outcome(outcome));
        } else {
            self.proceed(task);
        }
    }

    /// Sends the response. One in ten is lost.
    pub fn reply(&mut self, mut task: Box<Task>, answered: TaskResult) {
        if let (
            Origin::Confirmation,
            TaskResult::Failed(_),
            Some(Operation::Confirm { session_id, generation }),
        ) = (task.origin, &answered, task.operations.front())
            && let Some(id) = portcullis::formats::id::SessionId::parse(session_id)
        {
            self.isolates[task.isolate].known.remove(&(id.local_id.0, *generation));
        }
        let lost = !task.calm && task.rng.per_mille(self.scenario.setup.lost);
        if task.request().is_none() || lost {
            return;
        }
        task.result = Some(answered);
        let calm = task.calm;
        let delay = self.network_delay(calm, &mut task.rng);
        self.keep(task, delay, SimulatedEvent::Answer);
    }

    /// Verifies the access cookie alone. The first use of its generation is recorded after the
    /// response.
    fn verify_access_cookie(&mut self, mut task: Box<Task>, facts: &RequestFacts) {
        let reading = self.reading(task.isolate);
        let mut room = Vec::new();
        let answer = authenticate(&reading.site, facts, reading.clock, &mut room);
        match answer {
            Ok(Ok(good)) => {
                self.digest(good.verified.text().as_bytes());
                let browser = task.browser;
                self.observe(&Observation::Accepted(&Accepted {
                    reading: &reading,
                    browser,
                    claims: &good.claims,
                }));
                let rng = task.rng.split();
                self.record_first_use(&task, &good.claims, rng);
                self.reply(task, TaskResult::Accepted);
            }
            Ok(Err(reason)) => {
                self.digest(reason.code().as_bytes());
                self.reply(task, TaskResult::Outcome(Outcome::rejected(reason)));
            }
            Err(error) => self.reply(task, TaskResult::Failed(error.code().status())),
        }
    }

    fn record_first_use(&mut self, task: &Task, claims: &AccessTokenClaims<'_>, rng: Rng) {
        let Some(id) = claims.session() else { return };
        let LocalSessionId(sid) = id.local_id;
        if self.scenario.setup.confirmations_recorded
            && self.isolates[task.isolate].known.insert((sid, claims.generation))
        {
            let operation = Operation::Confirm {
                session_id: claims.sid.clone().into_owned(),
                generation: claims.generation,
            };
            self.begin(
                Origin::Confirmation,
                task.browser,
                task.isolate,
                vec![operation],
                task.calm,
                rng,
            );
        }
    }

    pub const fn has_site_version(&self, bug: InjectedBug) -> bool {
        matches!(self.injected_bug, Some(planted) if planted as u8 == bug as u8)
    }
}
