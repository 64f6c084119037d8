//! The loop of `pkg/src/sessions/decide-and-swap.ts`, one step at a time: read and decide, then
//! swap, and once more after a conflict. **An outcome is true only if its write landed.**

use super::decisions::{ModelDecision, ModelResponse, RecordId};
use super::injected_bugs::{self, InjectedBug};
use super::properties;
use super::state::{CookieJar, Exchange, Fault, Job, Pending, State};
use super::steps::ModelWorld;

/// An instance reads the record and decides. An outcome without a write is true at once.
pub fn begin(world: &ModelWorld, state: &mut State, isolate: usize, job: Job) {
    let ruling = world.oracle.decide_uncached(job, state.record, world.clock(state.tick, isolate));
    if ruling.write.is_none() {
        return settle(world, state, isolate, state.tick, job, &ruling);
    }
    state.isolates[isolate] = Some(Pending { job, at: state.tick, read: Some(state.record) });
}

/// An instance swaps. `seen` says whether the instance learns that its write landed.
pub fn swap(world: &ModelWorld, state: &mut State, isolate: usize, seen: bool) {
    let Some(Pending { job, at, read }) = state.isolates[isolate].take() else { return };
    if let Job::Create(exchange, write) = job {
        let old = world.oracle.decide_cached(
            Job::Browser(exchange),
            read.unwrap_or(write),
            world.clock(at, isolate),
        );
        land(world, state, write, world.clock(at, isolate));
        return settle(world, state, isolate, at, Job::Browser(exchange), &old);
    }
    let Some(read) = read else { return lost(world, state, isolate, job) };
    let ruling = world.oracle.decide_cached(job, read, world.clock(at, isolate));
    let Some(write) = ruling.write else { return };
    if world.bounds.injected_bug == Some(InjectedBug::TwoWrites)
        && matches!(job, Job::Browser(_))
        && ruling.answer.access.is_some()
    {
        let Job::Browser(exchange) = job else { return };
        land(
            world,
            state,
            injected_bugs::without_sessions(&world.oracle, read),
            world.clock(at, isolate),
        );
        state.isolates[isolate] =
            Some(Pending { job: Job::Create(exchange, write), at, read: Some(read) });
        return;
    }
    let is_stale =
        world.bounds.injected_bug == Some(InjectedBug::RefreshReCreates) && read != state.record;
    let write = match job {
        Job::Browser(_) if is_stale => {
            injected_bugs::re_created(&world.oracle, state.record, write)
        }
        _ if is_stale => return lost(world, state, isolate, job),
        _ => write,
    };
    land(world, state, write, world.clock(at, isolate));
    if ruling.alarm && !properties::thief_has_acted(world, state) {
        state.fault = Some(Fault::FalseAlarm);
    } else if seen {
        settle(world, state, isolate, at, job, &ruling);
    }
}

/// Restores the backup, under a new revision.
pub fn restore_backup(state: &mut State) {
    let Some(backup) = state.backup else { return };
    state.record = backup;
    state.history.revoked = false;
    state.history.confirmed = None;
    // Thief and victim hold tokens ahead of the record, as right after the theft.
    state.history.stolen = state.history.stolen.map(|_| state.tick);
    state.history.thief_was_served = false;
    state.history.postponed = None;
    forget_revision(state);
}

/// A swap with an old revision changes nothing, so that the instance reads and decides again.
fn lost(world: &ModelWorld, state: &mut State, isolate: usize, job: Job) {
    if let (Some(InjectedBug::LoserClearsCookie), Job::Browser(exchange)) =
        (world.bounds.injected_bug, job)
    {
        state.fault = Some(Fault::LoserCleared);
        return state.put(Exchange {
            answer: Some(ModelResponse { clears: true, ..ModelResponse::default() }),
            ..exchange
        });
    }
    begin(world, state, isolate, job);
}

/// A write lands, so that every other instance holds an old revision.
fn land(world: &ModelWorld, state: &mut State, write: RecordId, clock: u8) {
    let [before, after] = [state.record, write].map(|record| world.oracle.facts(record));
    if after.generation != before.generation || !after.active {
        state.history.confirmed = None;
    } else if after.confirmed && !before.confirmed {
        state.history.confirmed = Some(clock);
    }
    state.record = write;
    let blind = [InjectedBug::NoSwap, InjectedBug::RefreshReCreates].map(Some);
    if !blind.contains(&world.bounds.injected_bug) {
        forget_revision(state);
    }
}

fn forget_revision(state: &mut State) {
    for pending in state.isolates.iter_mut().flatten() {
        pending.read = None;
        // The decision is void, so that its time does not matter.
        if !matches!(pending.job, Job::Browser(_) | Job::Create(..)) {
            continue;
        }
        pending.at = 0;
    }
}

/// Delivers an outcome that has become true.
fn settle(
    world: &ModelWorld,
    state: &mut State,
    isolate: usize,
    at: u8,
    job: Job,
    ruling: &ModelDecision,
) {
    properties::observe(world, state, isolate, at, job, ruling);
    match job {
        Job::Browser(exchange) | Job::Create(exchange, _) => {
            // An answer that touches no cookie changes nothing when it arrives.
            if ruling.answer != ModelResponse::default() {
                state.put(Exchange {
                    answer: Some(ruling.answer),
                    cookies: Default::default(),
                    step_up: None,
                    ..exchange
                });
            }
        }
        Job::Thief(_) => {
            let mut loot: CookieJar = state.stolen_cookies.unwrap_or_default();
            loot.take(ruling.answer, world.bounds.slots);
            state.stolen_cookies = Some(loot);
        }
        Job::Revoke => state.history.revoked = true,
        Job::Confirm(_) => (),
    }
}
