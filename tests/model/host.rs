//! The loop of the host (`pkg/src/loop.ts`), a step at a time: read and decide; swap; a lost swap,
//! and once more. **An outcome is true only if its write landed.**

use super::plants::{self, Plant};
use super::product::{Answer, RecordId, Ruling};
use super::properties;
use super::state::{Exchange, Fault, Jar, Job, Pending, State};
use super::steps::World;

/// An instance reads the record and decides. What needs no write is true at once.
pub fn begin(world: &World, state: &mut State, isolate: usize, job: Job) {
    let ruling = world.product.rule_for_good(job, state.record, world.clock(state.tick, isolate));
    if ruling.write.is_none() {
        return settle(world, state, isolate, state.tick, job, &ruling);
    }
    state.isolates[isolate] = Some(Pending { job, at: state.tick, read: Some(state.record) });
}

/// An instance swaps. `seen`: it learns that its write landed.
pub fn swap(world: &World, state: &mut State, isolate: usize, seen: bool) {
    let Some(Pending { job, at, read }) = state.isolates[isolate].take() else { return };
    if let Job::Create(exchange, write) = job {
        let old = world.product.rule(
            Job::Browser(exchange),
            read.unwrap_or(write),
            world.clock(at, isolate),
        );
        land(world, state, write, world.clock(at, isolate));
        return settle(world, state, isolate, at, Job::Browser(exchange), &old);
    }
    let Some(read) = read else { return lost(world, state, isolate, job) };
    let ruling = world.product.rule(job, read, world.clock(at, isolate));
    let Some(write) = ruling.write else { return };
    if world.limits.plant == Some(Plant::TwoWrites)
        && matches!(job, Job::Browser(_))
        && ruling.answer.access.is_some()
    {
        let Job::Browser(exchange) = job else { return };
        land(
            world,
            state,
            plants::without_sessions(&world.product, read),
            world.clock(at, isolate),
        );
        state.isolates[isolate] =
            Some(Pending { job: Job::Create(exchange, write), at, read: Some(read) });
        return;
    }
    let is_stale = world.limits.plant == Some(Plant::RefreshReCreates) && read != state.record;
    let write = match job {
        Job::Browser(_) if is_stale => plants::re_created(&world.product, state.record, write),
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

/// The store is put back to the backup, under a new revision.
pub fn restore(state: &mut State) {
    let Some(backup) = state.backup else { return };
    state.record = backup;
    state.past.revoked = false;
    state.past.confirmed = None;
    // Both know tokens ahead of it: as if the theft had just happened.
    state.past.stolen = state.past.stolen.map(|_| state.tick);
    state.past.thief_was_served = false;
    state.past.put_off = None;
    forget_revision(state);
}

/// A swap whose revision is gone changes nothing: read and decide again.
fn lost(world: &World, state: &mut State, isolate: usize, job: Job) {
    if let (Some(Plant::LoserClearsCookie), Job::Browser(exchange)) = (world.limits.plant, job) {
        state.fault = Some(Fault::LoserCleared);
        return state.put(Exchange {
            answer: Some(Answer { clears: true, ..Answer::default() }),
            ..exchange
        });
    }
    begin(world, state, isolate, job);
}

/// A write lands: every other instance holds a revision that is gone.
fn land(world: &World, state: &mut State, write: RecordId, clock: u8) {
    let [before, after] = [state.record, write].map(|record| world.product.facts(record));
    if after.generation != before.generation || !after.alive {
        state.past.confirmed = None;
    } else if after.confirmed && !before.confirmed {
        state.past.confirmed = Some(clock);
    }
    state.record = write;
    let blind = [Plant::NoSwap, Plant::RefreshReCreates].map(Some);
    if !blind.contains(&world.limits.plant) {
        forget_revision(state);
    }
}

fn forget_revision(state: &mut State) {
    for pending in state.isolates.iter_mut().flatten() {
        pending.read = None;
        // What it decided is void, so it does not matter when.
        if !matches!(pending.job, Job::Browser(_) | Job::Create(..)) {
            continue;
        }
        pending.at = 0;
    }
}

/// An outcome is true now: it goes to whoever asked.
fn settle(world: &World, state: &mut State, isolate: usize, at: u8, job: Job, ruling: &Ruling) {
    properties::observe(world, state, isolate, at, job, ruling);
    match job {
        Job::Browser(exchange) | Job::Create(exchange, _) => {
            // An answer that touches no cookie changes nothing when it arrives.
            if ruling.answer != Answer::default() {
                state.put(Exchange {
                    answer: Some(ruling.answer),
                    cookies: Default::default(),
                    step_up: None,
                    ..exchange
                });
            }
        }
        Job::Thief(_) => {
            let mut loot: Jar = state.loot.unwrap_or_default();
            loot.take(ruling.answer, world.limits.slots);
            state.loot = Some(loot);
        }
        Job::Revoke => state.past.revoked = true,
        Job::Confirm(_) => (),
    }
}
