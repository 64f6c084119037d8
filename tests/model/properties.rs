//! The invariants of rotation, as the model checks them after every step.

use super::product::{ROWS, Ruling};
use super::state::{Exchange, Fault, ISOLATES, Job, State};
use super::steps::World;
use stateright::Property;

/// All of them.
pub fn all() -> Vec<Property<World>> {
    vec![
        Property::always("no theft alarm without a thief", |_: &World, state: &State| {
            state.fault != Some(Fault::FalseAlarm)
        }),
        Property::always("no honest browser loses its cookies", |_: &World, state: &State| {
            state.fault != Some(Fault::Stripped)
        }),
        Property::always("an honest browser that asks in peace is served", served_in_peace),
        Property::always("a 409 clears no cookie", |_: &World, state: &State| {
            state.fault != Some(Fault::LoserCleared)
        }),
        Property::always("a refresh never raises the assurance", |_: &World, state: &State| {
            state.fault != Some(Fault::Raised)
        }),
        Property::always("one chain, never two", |_: &World, state: &State| {
            state.fault != Some(Fault::Forked)
        }),
        Property::always("the window never slides", |_: &World, state: &State| {
            state.fault != Some(Fault::Slid)
        }),
        Property::always("thief and victim do not both live", |_: &World, state: &State| {
            state.fault != Some(Fault::BothLive)
        }),
        Property::always("nobody is put off for ever", |_: &World, state: &State| {
            state.fault != Some(Fault::PutOff)
        }),
        Property::always(
            "an acknowledged revocation is never undone",
            |world: &World, state: &State| {
                !state.past.revoked || !world.product.facts(state.record).alive
            },
        ),
    ]
}

pub fn thief_has_acted(world: &World, state: &State) -> bool {
    state.left.thief_moves < world.limits.budget.thief_moves
}

fn revoke_has_begun(world: &World, state: &State) -> bool {
    state.left.revokes < world.limits.budget.revokes
}

/// Whatever was lost, delayed and restarted: once nothing is under way any more, every instance
/// serves the browser.
fn served_in_peace(world: &World, state: &State) -> bool {
    if !state.is_quiet() || thief_has_acted(world, state) || revoke_has_begun(world, state) {
        return true;
    }
    let asks = |isolate, step_up| {
        let exchange = Exchange { sent: 0, step_up, cookies: state.jar.cookies, answer: None };
        world.product.rule(Job::Browser(exchange), state.record, world.clock(state.tick, isolate))
    };
    (0..ISOLATES).all(|isolate| {
        let ruling = asks(isolate, None);
        // A step-up whose answer was lost is to be repeated.
        ruling.status == 200 || (is(&ruling, "9") && asks(isolate, Some(9)).status == 200)
    })
}

/// What an outcome that became true breaks.
pub fn observe(
    world: &World,
    state: &mut State,
    isolate: usize,
    at: u8,
    job: Job,
    ruling: &Ruling,
) {
    let innocent = !thief_has_acted(world, state) && !revoke_has_begun(world, state);
    let broken = if ruling.fault.is_some() {
        ruling.fault
    } else if ruling.answer.clears && innocent {
        Some(Fault::Stripped)
    } else if slid(world, state, isolate, at, ruling) {
        Some(Fault::Slid)
    } else if both_live(world, state, at, job, ruling) {
        Some(Fault::BothLive)
    } else if put_off(world, state, at, job, ruling) {
        Some(Fault::PutOff)
    } else {
        None
    };
    state.fault = state.fault.or(broken);
}

/// The previous token is served once more only within `race` of the first confirmation.
fn slid(world: &World, state: &State, isolate: usize, at: u8, ruling: &Ruling) -> bool {
    let clock = world.clock(at, isolate);
    is(ruling, "7")
        && state.past.confirmed.is_some_and(|confirmed| clock >= confirmed + world.limits.race)
}

/// A token that was stolen is current for both until one of them rotates: within the throttle that
/// may be neither. Long after, once the thief was served the victim is not any more. A backup that
/// is put back sets one more turn free.
fn both_live(world: &World, state: &mut State, at: u8, job: Job, ruling: &Ruling) -> bool {
    let Some(stolen) = state.past.stolen else { return false };
    let is_late = at >= stolen + world.limits.throttle + world.limits.skew;
    if !is_late || ruling.status != 200 {
        return false;
    }
    match job {
        Job::Thief(_) => state.past.thief_was_served = true,
        Job::Browser(_) if state.past.thief_was_served => {
            state.past.thief_was_served = false;
            state.past.overlaps += 1;
        }
        _ => (),
    }
    state.past.overlaps > world.limits.budget.restores - state.left.restores
}

/// Who is told to look again has its answer after `flight`, by whichever clock: it is served, or
/// the session is over.
fn put_off(world: &World, state: &mut State, at: u8, job: Job, ruling: &Ruling) -> bool {
    let Job::Browser(exchange) = job else { return false };
    if !thief_has_acted(world, state) {
        return false;
    }
    if !is(ruling, "7a") {
        state.past.put_off = None;
        return false;
    }
    let generation = exchange.cookies.newest().map_or(0, |token| token.generation);
    match state.past.put_off {
        Some((first, since)) if first == generation => {
            at >= since + world.limits.flight + world.limits.skew
        }
        _ => {
            state.past.put_off = Some((generation, at));
            false
        }
    }
}

fn is(ruling: &Ruling, row: &str) -> bool {
    ruling.row.and_then(|place| ROWS.get(usize::from(place))).is_some_and(|name| *name == row)
}
