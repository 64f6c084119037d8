//! The true time, the queue of events, and a whole run.

use super::ground_truth::GroundTruth;
use super::injected_bugs::InjectedBug;
use super::invariants::{self, Violation};
use super::isolates::Isolate;
use super::observation::{Observation, Reading};
use super::ring::Ring;
use super::rng::Rng;
use super::scenario::{MINUTE, Scenario, Step, StepKind, UserAction};
use super::store::Store;
use super::task::Task;
use super::users::{Browser, Request, RequestSender};
use portcullis::foundation::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

/// 2025-06-15.
pub const START: u64 = 1_750_000_000_000;

/// The next event. Its number names a task, a request or an isolate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SimulatedEvent {
    Arrive(usize),
    Get(usize),
    Swap(usize),
    Fail(usize),
    Answer(usize),
    GiveUp(usize),
    Again(usize, UserAction),
    Deploy(usize, usize),
    ClockBack(usize),
}

pub struct SimulatedWorld<'a> {
    pub scenario: &'a Scenario,
    pub injected_bug: Option<InjectedBug>,
    pub now: u64,
    pub step: usize,
    pub isolates: Vec<Isolate>,
    pub rings: Vec<Ring>,
    pub store: Store,
    pub browsers: Vec<Browser>,
    pub requests: Vec<Request>,
    pub tasks: Vec<Option<Box<Task>>>,
    pub ground_truth: GroundTruth,
    pub report: Report,
    queue: BinaryHeap<Reverse<(u64, u64, SimulatedEvent)>>,
    events: u64,
    logs: bool,
}

/// The result of a run.
#[derive(Debug, Default, Clone)]
pub struct Report {
    pub steps: u64,
    pub decisions: u64,
    pub writes: u64,
    pub refreshes: u64,
    pub alarms: u64,
    pub store_calls: u64,
    /// The browsers that are accepted at the end.
    pub signed_in_at_the_end: u64,
    /// The last step that began.
    pub last_step: usize,
    /// The FNV-1a hash of every byte that the core gave.
    pub digest: u64,
    pub violation: Option<Violation>,
    pub narrative: Vec<String>,
    pub excused: Vec<(&'static str, u64)>,
}

/// Runs a script to its end, or to the first violation.
pub fn run(script: &Scenario, bug: Option<InjectedBug>, tells: bool) -> Report {
    let mut world = SimulatedWorld::new(script, bug, tells);
    for (number, step) in script.steps.iter().enumerate() {
        world.until(world.now + step.delay);
        if world.report.violation.is_some() {
            return world.report;
        }
        world.step = number;
        world.report.last_step = number;
        world.perform_step(step);
    }
    world.finish();
    world.report.excused =
        world.ground_truth.excused.iter().map(|(limit, count)| (*limit, *count)).collect();
    world.report
}

impl<'a> SimulatedWorld<'a> {
    fn new(script: &'a Scenario, bug: Option<InjectedBug>, tells: bool) -> Self {
        let setup = &script.setup;
        let rings = vec![Ring::first(setup)];
        let isolate = |skew: &i64| Isolate::new(*skew, &rings[0]);
        Self {
            scenario: script,
            injected_bug: bug,
            now: START,
            step: 0,
            isolates: setup.skews.iter().map(isolate).collect(),
            store: Store::default(),
            browsers: setup.browsers.iter().map(|owner| Browser::new(*owner)).collect(),
            requests: Vec::new(),
            tasks: Vec::new(),
            ground_truth: GroundTruth::new(setup),
            report: Report { digest: 0xcbf2_9ce4_8422_2325, ..Report::default() },
            queue: BinaryHeap::new(),
            rings,
            events: 0,
            logs: tells,
        }
    }

    /// Handles all events up to a time.
    pub fn until(&mut self, then: u64) {
        while self.report.violation.is_none()
            && let Some(Reverse((at, _, event))) =
                self.queue.peek().copied().filter(|next| next.0.0 <= then)
        {
            self.queue.pop();
            self.now = at;
            self.handle_event(event);
        }
        self.now = then;
    }

    pub fn schedule(&mut self, delay: u64, event: SimulatedEvent) {
        self.events += 1;
        self.queue.push(Reverse((self.now + delay, self.events, event)));
    }

    fn handle_event(&mut self, event: SimulatedEvent) {
        match event {
            SimulatedEvent::Arrive(task) => self.arrive(task),
            SimulatedEvent::Get(task) => self.get(task),
            SimulatedEvent::Swap(task) => self.swap(task),
            SimulatedEvent::Fail(task) => self.fail(task),
            SimulatedEvent::Answer(task) => self.answer(task),
            SimulatedEvent::GiveUp(request) => self.give_up(request),
            SimulatedEvent::Again(request, act) => self.retry(request, act),
            SimulatedEvent::Deploy(isolate, ring) => self.deploy(isolate, ring),
            SimulatedEvent::ClockBack(isolate) => self.isolates[isolate].jump = 0,
        }
    }

    fn perform_step(&mut self, step: &Step) {
        self.report.steps += u64::from(step.is_client());
        if !matches!(step.kind, StepKind::Tab(..)) {
            self.log(|| format!("browser {}, {}", step.browser + 1, step.kind));
        }
        self.turn(step);
    }

    /// Ends the run without losses or delays, and checks that signed-in users still are.
    fn finish(&mut self) {
        self.until(self.now + 10 * MINUTE);
        for isolate in &mut self.isolates {
            isolate.jump = 0;
        }
        for browser in 0..self.browsers.len() {
            if self.browsers[browser].accepted_claims.is_none() || self.report.violation.is_some() {
                continue;
            }
            self.step = self.scenario.steps.len();
            self.log(|| format!("browser {}, at last: refresh", browser + 1));
            let rng = Rng::new(self.scenario.seed ^ browser as u64);
            self.browsers[browser].was_served = false;
            self.send(browser, RequestSender::Tab(0), UserAction::Refresh, 0, true, rng);
            self.until(self.now + MINUTE);
            self.must_be_served(browser);
        }
    }

    /// Checks that a browser with a session gets an access token, or was told why not.
    fn must_be_served(&mut self, browser: usize) {
        let Browser { was_served: served, accepted_claims: believes, .. } = self.browsers[browser];
        self.report.signed_in_at_the_end += u64::from(served);
        let session = believes
            .and_then(|sid| self.ground_truth.session(sid))
            .filter(|one| !one.stolen && !one.is_over());
        let lives = session.is_some_and(|one| {
            self.now + self.ground_truth.clock_tolerance() < one.expires_at.ms()
        });
        if lives && !served && self.report.violation.is_none() {
            let seen = "a client is not served although it tries again and again".to_owned();
            self.log(|| format!("invariant 2 is broken: {seen}"));
            let (number, words, _) = invariants::ALL[1];
            self.report.violation = Some(Violation { number, words, seen });
        }
    }

    pub fn reading(&self, isolate: usize) -> Reading {
        let Isolate { skew, jump, site, .. } = &self.isolates[isolate];
        let off = skew + jump;
        Reading {
            site: Rc::clone(site),
            clock: Timestamp::from_ms(self.now.saturating_add_signed(off)),
            now: self.now,
            clock_error: off.unsigned_abs() > super::ground_truth::SKEW_MAX,
        }
    }

    /// Checks all invariants on an observation, then adds it to the history.
    pub fn observe(&mut self, moment: &Observation<'_>) {
        if self.report.violation.is_some() {
            return;
        }
        match invariants::check(&self.ground_truth, moment) {
            Ok(()) => {
                self.report.alarms +=
                    u64::from(matches!(moment, Observation::Landed(landed) if landed.is_alarm()));
                self.ground_truth.learn(moment);
            }
            Err(violation) => {
                self.log(|| {
                    format!("invariant {} is broken: {}", violation.number, violation.seen)
                });
                self.report.violation = Some(violation);
            }
        }
    }

    pub fn digest(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.report.digest =
                (self.report.digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub fn log(&mut self, line: impl FnOnce() -> String) {
        if self.logs {
            let seconds = (self.now - START) as f64 / 1000.0;
            self.report.narrative.push(format!("{seconds:>9.1} s  {}", line()));
        }
    }
}
