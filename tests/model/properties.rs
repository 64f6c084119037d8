//! The invariants of rotation, as the model checks them after every step.

use super::decisions::{ModelDecision, ROWS};
use super::state::{Exchange, Fault, ISOLATES, Job, State};
use super::steps::ModelWorld;
use stateright::Property;

/// All of them.
pub fn all() -> Vec<Property<ModelWorld>> {
    vec![
        Property::always("no theft alarm without a thief", |_: &ModelWorld, state: &State| {
            state.fault != Some(Fault::FalseAlarm)
        }),
        Property::always("no honest browser loses its cookies", |_: &ModelWorld, state: &State| {
            state.fault != Some(Fault::Stripped)
        }),
        Property::always("an honest browser that asks in peace is served", served_in_peace),
        Property::always("a 409 clears no cookie", |_: &ModelWorld, state: &State| {
            state.fault != Some(Fault::LoserCleared)
        }),
        Property::always(
            "a refresh never raises the assurance",
            |_: &ModelWorld, state: &State| state.fault != Some(Fault::AssuranceRaised),
        ),
        Property::always("one chain, never two", |_: &ModelWorld, state: &State| {
            state.fault != Some(Fault::Forked)
        }),
        Property::always("the window never slides", |_: &ModelWorld, state: &State| {
            state.fault != Some(Fault::WindowSlid)
        }),
        Property::always("thief and victim do not both live", |_: &ModelWorld, state: &State| {
            state.fault != Some(Fault::BothLive)
        }),
        Property::always("nobody is put off for ever", |_: &ModelWorld, state: &State| {
            state.fault != Some(Fault::Postponed)
        }),
        Property::always(
            "an acknowledged revocation is never undone",
            |world: &ModelWorld, state: &State| {
                !state.history.revoked || !world.oracle.facts(state.record).active
            },
        ),
    ]
}

pub fn thief_has_acted(world: &ModelWorld, state: &State) -> bool {
    state.budget.thief_moves < world.bounds.budget.thief_moves
}

fn revoke_has_begun(world: &ModelWorld, state: &State) -> bool {
    state.budget.revokes < world.bounds.budget.revokes
}

/// Once no request is in flight, every instance accepts the browser, whatever was lost, delayed or
/// restarted before.
fn served_in_peace(world: &ModelWorld, state: &State) -> bool {
    if !state.is_quiet() || thief_has_acted(world, state) || revoke_has_begun(world, state) {
        return true;
    }
    let asks = |isolate, step_up| {
        let exchange =
            Exchange { sent: 0, step_up, cookies: state.cookie_jar.cookies, answer: None };
        world.oracle.decide_cached(
            Job::Browser(exchange),
            state.record,
            world.clock(state.tick, isolate),
        )
    };
    (0..ISOLATES).all(|isolate| {
        let ruling = asks(isolate, None);
        // A step-up whose response was lost must be repeated.
        ruling.status == 200 || (is(&ruling, "9") && asks(isolate, Some(9)).status == 200)
    })
}

/// The invariant that an outcome breaks.
pub fn observe(
    world: &ModelWorld,
    state: &mut State,
    isolate: usize,
    at: u8,
    job: Job,
    ruling: &ModelDecision,
) {
    let innocent = !thief_has_acted(world, state) && !revoke_has_begun(world, state);
    let broken = if ruling.fault.is_some() {
        ruling.fault
    } else if ruling.answer.clears && innocent {
        Some(Fault::Stripped)
    } else if slid(world, state, isolate, at, ruling) {
        Some(Fault::WindowSlid)
    } else if both_live(world, state, at, job, ruling) {
        Some(Fault::BothLive)
    } else if put_off(world, state, at, job, ruling) {
        Some(Fault::Postponed)
    } else {
        None
    };
    state.fault = state.fault.or(broken);
}

/// The previous token is accepted only within the concurrent-refresh window of the confirmation.
fn slid(world: &ModelWorld, state: &State, isolate: usize, at: u8, ruling: &ModelDecision) -> bool {
    let clock = world.clock(at, isolate);
    is(ruling, "7")
        && state
            .history
            .confirmed
            .is_some_and(|confirmed| clock >= confirmed + world.bounds.concurrent_refresh)
}

/// A stolen token is current for thief and victim until one of them rotates, which neither may do
/// within the minimum rotation interval. Later, the victim is no longer accepted once the thief
/// was. A restored backup permits one more exchange.
fn both_live(
    world: &ModelWorld,
    state: &mut State,
    at: u8,
    job: Job,
    ruling: &ModelDecision,
) -> bool {
    let Some(stolen) = state.history.stolen else { return false };
    let is_late = at >= stolen + world.bounds.min_rotation_interval + world.bounds.skew;
    if !is_late || ruling.status != 200 {
        return false;
    }
    match job {
        Job::Thief(_) => state.history.thief_was_served = true,
        Job::Browser(_) if state.history.thief_was_served => {
            state.history.thief_was_served = false;
            state.history.overlaps += 1;
        }
        _ => (),
    }
    state.history.overlaps > world.bounds.budget.restores - state.budget.restores
}

/// A client that gets 409 is accepted, or finds its session ended, after the in-flight window by
/// any clock.
fn put_off(
    world: &ModelWorld,
    state: &mut State,
    at: u8,
    job: Job,
    ruling: &ModelDecision,
) -> bool {
    let Job::Browser(exchange) = job else { return false };
    if !thief_has_acted(world, state) {
        return false;
    }
    if !is(ruling, "7a") {
        state.history.postponed = None;
        return false;
    }
    let generation = exchange.cookies.newest().map_or(0, |token| token.generation);
    match state.history.postponed {
        Some((first, since)) if first == generation => {
            at >= since + world.bounds.in_flight + world.bounds.skew
        }
        _ => {
            state.history.postponed = Some((generation, at));
            false
        }
    }
}

fn is(ruling: &ModelDecision, row: &str) -> bool {
    ruling.row.and_then(|place| ROWS.get(usize::from(place))).is_some_and(|name| *name == row)
}
