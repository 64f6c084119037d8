//! A counterexample as a story: one line a step, in the words of the field.

use super::product::{Cookies, ROWS, Ruling};
use super::state::{Exchange, Job, State};
use super::steps::{Step, World};
use std::fmt::Write;

/// Tells a path.
pub fn tell(world: &World, path: &[(State, Option<Step>)]) -> String {
    let mut story = String::new();
    for (state, step) in path {
        let Some(step) = step else { break };
        // Writing to a String cannot fail.
        let _ = writeln!(story, "  tick {:>2}: {}", state.tick, line(world, state, *step));
    }
    if let Some((state, _)) = path.last() {
        let facts = world.product.facts(state.record);
        let life = if facts.alive { "alive" } else { "over" };
        let _ = writeln!(
            story,
            "  at last: the session is {life}, at generation {}; the browser has {}; the thief has {}; {:?}",
            facts.generation,
            generations(state.jar.cookies),
            state.loot.map_or("nothing".to_owned(), |loot| generations(loot.cookies)),
            state.fault
        );
    }
    story
}

fn line(world: &World, state: &State, step: Step) -> String {
    match step {
        Step::Tick => "time passes".to_owned(),
        Step::Send { step_up } => {
            let what = if step_up { "step-up" } else { "refresh" };
            format!("a tab sends a {what} with {}", generations(state.jar.cookies))
        }
        Step::Arrive { place, isolate } => match state.net[place] {
            Some(exchange) => decided(world, state, isolate, Job::Browser(exchange)),
            None => String::new(),
        },
        Step::Deliver { place } => format!("the browser gets {}", answered(state.net[place])),
        Step::Lose { place } => match state.net[place] {
            Some(Exchange { answer: Some(_), .. }) => {
                format!("lost on its way: {}", answered(state.net[place]))
            }
            _ => "a request of the browser is lost".to_owned(),
        },
        Step::Swap { isolate } => format!("isolate {isolate} {}", swapped(world, state, isolate)),
        Step::SwapUnseen { isolate } => {
            format!(
                "isolate {isolate} {}, but is told that it failed",
                swapped(world, state, isolate)
            )
        }
        Step::Crash { isolate } => format!("isolate {isolate} dies before its swap"),
        Step::Use { isolate } => {
            format!(
                "a tab uses its access token; {}",
                decided(world, state, isolate, Job::Confirm(state.jar.access.unwrap_or(0)))
            )
        }
        Step::Steal => format!("the thief copies the jar: {}", generations(state.jar.cookies)),
        Step::ThiefRefresh { isolate } => {
            decided(world, state, isolate, Job::Thief(state.loot.unwrap_or_default().cookies))
        }
        Step::ThiefUse { isolate } => {
            let generation = state.loot.and_then(|loot| loot.access).unwrap_or(0);
            format!(
                "the thief uses its access token; {}",
                decided(world, state, isolate, Job::Confirm(generation))
            )
        }
        Step::Revoke { isolate } => decided(world, state, isolate, Job::Revoke),
        Step::Backup => "somebody makes a backup of the store".to_owned(),
        Step::Restore => "somebody puts the backup back".to_owned(),
    }
}

fn decided(world: &World, state: &State, isolate: usize, job: Job) -> String {
    let ruling = world.product.rule(job, state.record, world.clock(state.tick, isolate));
    format!("isolate {isolate} reads for {}: {}", named(job), ruled(&ruling))
}

fn swapped(world: &World, state: &State, isolate: usize) -> String {
    let Some(pending) = state.isolates[isolate] else { return String::new() };
    if pending.read.is_some_and(|read| read == state.record) {
        return format!("writes for {}", named(pending.job));
    }
    let again = world.product.rule(pending.job, state.record, world.clock(state.tick, isolate));
    format!(
        "swaps for {} on what is no longer there; if it decides again: {}",
        named(pending.job),
        ruled(&again)
    )
}

fn named(job: Job) -> String {
    match job {
        Job::Browser(Exchange { step_up: None, cookies, .. }) => {
            format!("the browser's refresh with {}", generations(cookies))
        }
        Job::Browser(exchange) => {
            format!("the browser's step-up with {}", generations(exchange.cookies))
        }
        Job::Thief(cookies) => format!("the thief's refresh with {}", generations(cookies)),
        Job::Confirm(generation) => format!("the first use of generation {generation}"),
        Job::Revoke => "a revocation".to_owned(),
        Job::Create(..) => "the second of two writes".to_owned(),
    }
}

fn ruled(ruling: &Ruling) -> String {
    let row =
        ruling.row.map_or(String::new(), |place| format!("row {}, ", ROWS[usize::from(place)]));
    let write = if ruling.write.is_some() { "to be written" } else { "nothing to write" };
    let alarm = if ruling.alarm { ", theft alarm" } else { "" };
    format!("{row}status {}{alarm}, {write}", ruling.status)
}

fn answered(exchange: Option<Exchange>) -> String {
    let Some(answer) = exchange.and_then(|exchange| exchange.answer) else {
        return "nothing".to_owned();
    };
    if answer.clears {
        return "an answer that clears the cookies".to_owned();
    }
    format!("an answer with {}", generations(answer.cookies))
}

fn generations(cookies: Cookies) -> String {
    let of = |name: &str, token: Option<super::product::Token>| {
        token.map(|token| format!("{name} {}", token.generation))
    };
    let both: Vec<_> = of("even", cookies.even).into_iter().chain(of("odd", cookies.odd)).collect();
    if both.is_empty() {
        "no refresh token".to_owned()
    } else {
        format!("refresh token {}", both.join(", "))
    }
}
