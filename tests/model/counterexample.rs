//! Describes a counterexample, with one line for each step.

use super::decisions::{Cookies, ModelDecision, ROWS};
use super::state::{Exchange, Job, State};
use super::steps::{ModelWorld, Step};
use std::fmt::Write;

/// Describes the steps of a path.
pub fn format_counterexample(world: &ModelWorld, path: &[(State, Option<Step>)]) -> String {
    let mut story = String::new();
    for (state, step) in path {
        let Some(step) = step else { break };
        // Writing to a String cannot fail.
        let _ = writeln!(story, "  tick {:>2}: {}", state.tick, format_step(world, state, *step));
    }
    if let Some((state, _)) = path.last() {
        let facts = world.oracle.facts(state.record);
        let life = if facts.active { "alive" } else { "over" };
        let _ = writeln!(
            story,
            "  at last: the session is {life}, at generation {}; the browser has {}; the thief has {}; {:?}",
            facts.generation,
            generations(state.cookie_jar.cookies),
            state.stolen_cookies.map_or("nothing".to_owned(), |loot| generations(loot.cookies)),
            state.fault
        );
    }
    story
}

fn format_step(world: &ModelWorld, state: &State, step: Step) -> String {
    match step {
        Step::Tick => "time passes".to_owned(),
        Step::Send { step_up } => {
            let what = if step_up { "step-up" } else { "refresh" };
            format!("a tab sends a {what} with {}", generations(state.cookie_jar.cookies))
        }
        Step::Arrive { place, isolate } => match state.exchanges[place] {
            Some(exchange) => format_decided(world, state, isolate, Job::Browser(exchange)),
            None => String::new(),
        },
        Step::Deliver { place } => {
            format!("the browser gets {}", format_response(state.exchanges[place]))
        }
        Step::Lose { place } => match state.exchanges[place] {
            Some(Exchange { answer: Some(_), .. }) => {
                format!("lost on its way: {}", format_response(state.exchanges[place]))
            }
            _ => "a request of the browser is lost".to_owned(),
        },
        Step::Swap { isolate } => {
            format!("isolate {isolate} {}", format_swap(world, state, isolate))
        }
        Step::SwapUnseen { isolate } => {
            format!(
                "isolate {isolate} {}, but is told that it failed",
                format_swap(world, state, isolate)
            )
        }
        Step::Crash { isolate } => format!("isolate {isolate} dies before its swap"),
        Step::Use { isolate } => {
            format!(
                "a tab uses its access token; {}",
                format_decided(
                    world,
                    state,
                    isolate,
                    Job::Confirm(state.cookie_jar.access.unwrap_or(0))
                )
            )
        }
        Step::Steal => {
            format!("the thief copies the jar: {}", generations(state.cookie_jar.cookies))
        }
        Step::ThiefRefresh { isolate } => format_decided(
            world,
            state,
            isolate,
            Job::Thief(state.stolen_cookies.unwrap_or_default().cookies),
        ),
        Step::ThiefUse { isolate } => {
            let generation = state.stolen_cookies.and_then(|loot| loot.access).unwrap_or(0);
            format!(
                "the thief uses its access token; {}",
                format_decided(world, state, isolate, Job::Confirm(generation))
            )
        }
        Step::Revoke { isolate } => format_decided(world, state, isolate, Job::Revoke),
        Step::Backup => "somebody makes a backup of the store".to_owned(),
        Step::Restore => "somebody puts the backup back".to_owned(),
    }
}

fn format_decided(world: &ModelWorld, state: &State, isolate: usize, job: Job) -> String {
    let ruling = world.oracle.decide_cached(job, state.record, world.clock(state.tick, isolate));
    format!("isolate {isolate} reads for {}: {}", format_job(job), format_decision(&ruling))
}

fn format_swap(world: &ModelWorld, state: &State, isolate: usize) -> String {
    let Some(pending) = state.isolates[isolate] else { return String::new() };
    if pending.read.is_some_and(|read| read == state.record) {
        return format!("writes for {}", format_job(pending.job));
    }
    let again =
        world.oracle.decide_cached(pending.job, state.record, world.clock(state.tick, isolate));
    format!(
        "swaps for {} on what is no longer there; if it decides again: {}",
        format_job(pending.job),
        format_decision(&again)
    )
}

fn format_job(job: Job) -> String {
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

fn format_decision(ruling: &ModelDecision) -> String {
    let row =
        ruling.row.map_or(String::new(), |place| format!("row {}, ", ROWS[usize::from(place)]));
    let write = if ruling.write.is_some() { "to be written" } else { "nothing to write" };
    let alarm = if ruling.alarm { ", theft alarm" } else { "" };
    format!("{row}status {}{alarm}, {write}", ruling.status)
}

fn format_response(exchange: Option<Exchange>) -> String {
    let Some(answer) = exchange.and_then(|exchange| exchange.answer) else {
        return "nothing".to_owned();
    };
    if answer.clears {
        return "an answer that clears the cookies".to_owned();
    }
    format!("an answer with {}", generations(answer.cookies))
}

fn generations(cookies: Cookies) -> String {
    let of = |name: &str, token: Option<super::decisions::Token>| {
        token.map(|token| format!("{name} {}", token.generation))
    };
    let both: Vec<_> = of("even", cookies.even).into_iter().chain(of("odd", cookies.odd)).collect();
    if both.is_empty() {
        "no refresh token".to_owned()
    } else {
        format!("refresh token {}", both.join(", "))
    }
}
