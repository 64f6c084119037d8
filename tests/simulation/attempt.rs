//! The loop of `pkg/src/sessions/decide-and-swap.ts`: get, decide, swap, and once more after a
//! conflict. A run interrupts it at every store call, so that anything may happen between two of
//! them. The faults of stores are simulated here too.

use super::ground_truth::{session_of, sessions_of};
use super::injected_bugs::InjectedBug;
use super::observation::{Decided, Landed, Observation, Reading};
use super::scenario::SECOND;
use super::store::StoredVersion;
use super::task::{Task, TaskResult};
use super::world::{SimulatedEvent, SimulatedWorld};
use portcullis::decide::{ATTEMPT_BYTES, Decision, decide};
use portcullis::formats::id::SubjectIndexKey;
use portcullis::foundation::error::Error;
use portcullis::foundation::secret::Entropy;
use portcullis::model::record::SubjectRecord;

/// The limit of attempts, as in the loop of the package.
const ATTEMPTS: u32 = 64;
/// One decision of this many is made twice, to compare the bytes.
const TWINS: u64 = 16;

/// The position of a task in the loop.
#[derive(Default)]
pub struct Attempt {
    pub key: Option<SubjectIndexKey>,
    number: u32,
    read_at: u64,
    revision: Option<u64>,
    decided: Option<(Decision, Reading)>,
}

/// The result of a read.
struct Read {
    entry: Option<StoredVersion>,
    genuine: bool,
    stale: bool,
}

impl Attempt {
    pub fn at(key: SubjectIndexKey) -> Self {
        Self { key: Some(key), ..Self::default() }
    }
}

impl SimulatedWorld<'_> {
    pub fn store_delay(&self, task: &mut Task) -> u64 {
        match task.rng.below(100) {
            _ if task.calm => 3,
            0..=89 => task.rng.between(1, 30),
            90..=97 => task.rng.between(30, 800),
            _ => task.rng.between(800, 8 * SECOND),
        }
    }

    fn trouble(&self, task: &mut Task) -> bool {
        !task.calm && task.rng.per_mille(self.scenario.setup.store_faults)
    }

    /// The store answers a read, and the core decides on it at once.
    pub fn get(&mut self, task: usize) {
        let Some(mut task) = self.running_isolates(task) else { return };
        let Some(key) = task.attempt.key else { return };
        if self.trouble(&mut task) {
            // The store throws, or hangs until the host's timeout.
            let hangs = if task.rng.per_mille(300) { 5 * SECOND } else { 0 };
            return self.keep(task, hangs, SimulatedEvent::Fail);
        }
        if self.kills(true) {
            return self.restart(task.isolate);
        }
        let read = self.read(&mut task, &key.store_key());
        task.attempt.read_at = self.now;
        task.attempt.revision = read.entry.as_ref().map(|entry| entry.revision);
        match self.decide(&task, &read) {
            Err(error) => {
                self.digest(error.code().code().as_bytes());
                self.reply(task, TaskResult::Failed(error.code().status()));
            }
            // A read is strongly consistent by contract, so that an outcome without a write needs a
            // current read.
            Ok((decision, _)) if decision.write.is_none() && read.stale => {
                self.keep(task, 1, SimulatedEvent::Get)
            }
            Ok((decision, reading)) if decision.write.is_none() => {
                self.plant_after(&task, &decision, &reading);
                self.done(task, decision.outcome);
            }
            Ok(decided) => {
                task.attempt.decided = Some(decided);
                let delay = self.store_delay(&mut task);
                self.keep(task, delay, SimulatedEvent::Swap);
            }
        }
    }

    /// Mostly the stored value; sometimes a changed, truncated, foreign or older one.
    fn read(&self, task: &mut Task, key: &str) -> Read {
        let entry = self.store.get(key).cloned();
        let whole = Read { entry: entry.clone(), genuine: true, stale: false };
        let Some(mut entry) = entry else { return whole };
        if !self.trouble(task) {
            return whole;
        }
        match task.rng.below(4) {
            0 => {
                let at = task.rng.index(entry.value.len());
                entry.value[at] ^= 1 << task.rng.below(8);
            }
            1 => entry.value.truncate(task.rng.index(entry.value.len())),
            2 => match self.store.find_other_record(key) {
                Some(other) => entry.value.clone_from(&other.value),
                None => return whole,
            },
            _ => {
                let earlier = self.store.earlier(key, 1 + task.rng.index(3)).cloned();
                return Read {
                    stale: earlier.is_some(),
                    entry: earlier.or(Some(entry)),
                    genuine: true,
                };
            }
        }
        Read { entry: Some(entry), genuine: false, stale: false }
    }

    fn decide(&mut self, task: &Task, read: &Read) -> Result<(Decision, Reading), Error> {
        let reading = self.reading(task.isolate);
        let (Some(key), Some(operation)) = (task.attempt.key, task.operations.front()) else {
            unreachable!("a task in the loop has a key and an operation")
        };
        let value = read.entry.as_ref().map(|entry| entry.value.as_slice());
        let mut rng = task.rng;
        let entropy = rng.bytes(ATTEMPT_BYTES);
        let once = || {
            decide(
                &reading.site,
                operation,
                value,
                reading.clock,
                &mut Entropy::new(entropy.clone()),
            )
        };
        let result = once();
        let bytes = as_bytes(&result);
        self.digest(bytes.as_bytes());
        self.report.decisions += 1;
        let twin = self.report.decisions.is_multiple_of(TWINS).then(|| as_bytes(&once()));
        let genuine = if read.genuine { value } else { None };
        let before = genuine
            .and_then(|value| SubjectRecord::unseal(&reading.site.key_ring, &key, value).ok());
        // An outcome of a stale read is read again: see `get`.
        let decision = Decided {
            reading: &reading,
            operation,
            by_thief: task.by_thief,
            presented: task.presented.as_ref(),
            genuine: read.genuine,
            read_at: task.attempt.read_at,
            before: before.as_ref(),
            result: result.as_ref(),
            twin: twin.as_deref().map(|twin| (bytes.as_str(), twin)),
        };
        if result.as_ref().is_ok_and(|decision| decision.write.is_some()) || !read.stale {
            self.observe(&Observation::Decided(&decision));
        }
        result.map(|decision| (decision, reading))
    }

    /// The store answers a swap, which lands, conflicts, throws before or after it landed, or
    /// hangs.
    pub fn swap(&mut self, task: usize) {
        let Some(mut task) = self.running_isolates(task) else { return };
        let (Some(key), Some((decision, reading))) =
            (task.attempt.key, task.attempt.decided.take())
        else {
            return;
        };
        let key = key.store_key();
        if self.trouble(&mut task) {
            let applies = task.rng.per_mille(500);
            let hangs = if task.rng.per_mille(300) { 5 * SECOND } else { 0 };
            if applies {
                self.land(&task, &decision, &reading, &key);
            }
            return self.keep(task, hangs, SimulatedEvent::Fail);
        }
        let landed = self.land(&task, &decision, &reading, &key);
        if self.kills(true) {
            return self.restart(task.isolate);
        }
        if landed || self.has_site_version(InjectedBug::Hasty) {
            return self.done(task, decision.outcome);
        }
        if self.has_site_version(InjectedBug::LateWrite) {
            self.write(&task, &decision, &reading, None);
        }
        task.attempt.number += 1;
        if task.attempt.number >= ATTEMPTS {
            return self.reply(task, TaskResult::Failed(503));
        }
        task.rng.next_u64();
        let most = 1 << task.attempt.number.min(5);
        let delay = task.rng.below(most) + self.store_delay(&mut task);
        self.keep(task, delay, SimulatedEvent::Get);
    }

    /// Reports whether the write landed.
    fn land(&mut self, task: &Task, decision: &Decision, reading: &Reading, key: &str) -> bool {
        let now = self.store.get(key).map(|entry| entry.revision);
        let lands = now == task.attempt.revision || self.has_site_version(InjectedBug::NoSwap);
        if lands {
            self.write(task, decision, reading, None);
        }
        lands
    }

    /// Puts the decision's record into the store, or another one in its place.
    pub fn write(
        &mut self,
        task: &Task,
        decision: &Decision,
        reading: &Reading,
        instead: Option<&[u8]>,
    ) {
        let (Some(key), Some(operation)) = (task.attempt.key, task.operations.front()) else {
            return;
        };
        let Some(value) = instead.or(decision.write.as_ref().map(|write| write.value.as_slice()))
        else {
            return;
        };
        // The checker knows every key that was ever published.
        let ring = std::rc::Rc::clone(&self.rings[self.rings.len() - 1].site);
        let open = |value: &[u8]| SubjectRecord::unseal(&ring.key_ring, &key, value).ok();
        let before = self.store.get(&key.store_key()).and_then(|entry| open(&entry.value));
        let Some(after) = open(value) else { return };
        self.store.put(&key.store_key(), value);
        self.report.writes += 1;
        let isolate = task.isolate + 1;
        self.log(|| format!("    isolate {isolate} writes: {}", change(before.as_ref(), &after)));
        let reading = Reading { now: self.now, ..reading.clone() };
        let landed = Landed {
            reading: &reading,
            operation,
            browser: task.browser,
            presented: task.presented.as_ref(),
            before: before.as_ref(),
            after: &after,
            decision,
        };
        self.observe(&Observation::Landed(&landed));
    }

    /// A store call threw: the response is a typed "unavailable" and changes no cookie.
    pub fn fail(&mut self, task: usize) {
        if let Some(task) = self.running_isolates(task) {
            self.reply(task, TaskResult::Failed(503));
        }
    }
}

/// A short description of a write for the trace.
fn change(before: Option<&SubjectRecord>, after: &SubjectRecord) -> String {
    let new = sessions_of(Some(after)).into_iter().filter_map(|new| {
        match session_of(before, new.local_id) {
            None => Some("a session begins".to_owned()),
            Some(old) if old.generation != new.generation => {
                Some(format!("generation {} -> {}", old.generation, new.generation))
            }
            Some(old) if old.confirmed_at != new.confirmed_at => {
                Some(format!("generation {} is confirmed", new.generation))
            }
            Some(_) => None,
        }
    });
    let gone = sessions_of(before)
        .into_iter()
        .filter(|old| session_of(Some(after), old.local_id).is_none());
    let gone = gone.map(|old| format!("a session ends ({:?})", after.find_removal(old.local_id)));
    let all: Vec<String> = new.chain(gone).collect();
    if all.is_empty() { "nothing of rotation".to_owned() } else { all.join(", ") }
}

fn as_bytes(result: &Result<Decision, Error>) -> String {
    match result {
        Ok(decision) => serde_json::to_string(decision).expect("JSON"),
        Err(error) => error.code().code().to_owned(),
    }
}
