//! A simulation of rotation: users with several tabs, isolates with different clocks, stores that
//! fail, and thieves. The decisions are those of the product, on sealed records. The host's loop is
//! interrupted at every store call, so that anything may happen in between. All fourteen invariants
//! are checked after every step.
//!
//! An honest client presents the cookies in its jar and retries on any error. The simulation keeps
//! to the limits of the design:
//! - A request and its response take less than the in-flight window, reduced by the difference of
//!   the clocks.
//! - A sign-in is a navigation, which drops the browser's in-flight requests.
//! - A read of the store is consistent, by contract. Only a decision that writes may get a stale
//!   read, and its swap must fail.
//! - An alarm that a limit in docs/rotation.md explains is counted and reported: a restored store,
//!   a client that returns after the lost-response window where first uses are not recorded, or an
//!   isolate whose clock is an hour off.
//!
//! ```text
//! PORTCULLIS_SIM_SEEDS   the number of seeds (default 4); a single one prints its trace
//! PORTCULLIS_SIM_FROM    the first seed
//! PORTCULLIS_SIM_LOSSY   the number of refreshes with lost responses (default 400)
//! PORTCULLIS_SIM_THEFTS  the number of thefts of each order (default 4)
//! ```
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::disallowed_methods,
    reason = "the sizes are for whoever runs it to choose, and progress needs a clock"
)]

#[path = "support/rng.rs"]
mod rng;
#[path = "simulation/mod.rs"]
mod simulated;

use simulated::campaign::{self, number};
use simulated::injected_bugs::InjectedBug;
use simulated::lossy_network;
use simulated::scenario::{Scenario, Thief};
use simulated::shrink::{narrate, shrink};
use simulated::theft::{self, MoveOrder, ORDERS, Theft};
use simulated::world::run;
use std::sync::Mutex;

fn seeds() -> u64 {
    number("PORTCULLIS_SIM_SEEDS", 4)
}

#[test]
fn all_invariants_hold_after_every_step_of_every_seed() {
    let (from, count) = (number("PORTCULLIS_SIM_FROM", 0), seeds());
    let sum = campaign::scripts(from, count, Scenario::new);
    println!(
        "{} decisions, {} writes, {} alarms for thefts, and within the limits: {:?}",
        sum.decisions,
        sum.writes,
        sum.false_alarms - sum.excused.values().sum::<u64>(),
        sum.excused
    );
    for seed in sum.failed.iter().take(3) {
        let (script, report) = shrink(&Scenario::new(*seed), None);
        println!("\n{}", narrate(&script, &report));
    }
    if count == 1 && sum.failed.is_empty() {
        let script = Scenario::new(from);
        println!("\n{}", narrate(&script, &run(&script, None, true)));
    }
    println!("seeds {} steps {} violations {}", sum.runs, sum.steps, sum.failed.len());
    assert!(sum.failed.is_empty(), "seeds {:?} break an invariant", sum.failed);
    assert!(sum.steps >= 200 * sum.runs, "at least 200 client steps a seed");
}

#[test]
fn a_seed_replays_byte_for_byte() {
    campaign::on_all_cores("replays", seeds().min(100), |seed| {
        let script = Scenario::new(seed);
        assert_eq!(
            run(&script, None, false).digest,
            run(&script, None, false).digest,
            "seed {seed}"
        );
    });
}

#[test]
fn lost_replies_and_repeated_requests_sign_nobody_out() {
    let wanted = number("PORTCULLIS_SIM_LOSSY", 400);
    let sum = campaign::scripts(0, wanted.div_ceil(200), lossy_network::script);
    println!(
        "{} refreshes, {} decisions, {} alarms, failed {:?}, within the limits: {:?}",
        sum.refreshes, sum.decisions, sum.false_alarms, sum.failed, sum.excused
    );
    assert!(sum.failed.is_empty() && sum.false_alarms == 0 && sum.excused.is_empty(), "{sum:?}");
    assert!(sum.refreshes >= wanted, "{} refreshes", sum.refreshes);
}

/// Expects the limit that docs/rotation.md names, and no other alarm.
#[test]
fn where_first_uses_are_not_written_down_every_sign_out_is_that_limit() {
    let wanted = number("PORTCULLIS_SIM_LOSSY", 400) / 10;
    let sum = campaign::scripts(0, wanted.div_ceil(200), lossy_network::script_not_fed);
    println!(
        "not fed: {} refreshes, {} sign-outs, within the limits: {:?}",
        sum.refreshes, sum.false_alarms, sum.excused
    );
    assert!(sum.failed.is_empty(), "{sum:?}");
    assert_eq!(
        sum.excused.get("not fed, and back after retry").copied().unwrap_or(0),
        sum.false_alarms
    );
}

#[test]
fn an_instance_that_dies_between_any_two_store_calls_signs_nobody_out() {
    let (points, harmed) = lossy_network::killed_everywhere();
    for (kill, report) in &harmed {
        println!("{kill:?}\n{}\n", report.narrative.join("\n"));
    }
    println!("{points} points");
    assert!(harmed.is_empty() && points > 60, "{} of {points} points harm somebody", harmed.len());
}

/// The first seed in which an injected bug breaks this invariant.
fn found(bug: InjectedBug, number: u8) -> Scenario {
    let breaks = |script: &Scenario| {
        run(script, Some(bug), false).violation.is_some_and(|one| one.number == number)
    };
    (0..300)
        .map(Scenario::new)
        .find(breaks)
        .unwrap_or_else(|| panic!("{bug:?} does not break {number}"))
}

#[test]
fn a_store_that_does_not_swap_is_found() {
    found(InjectedBug::NoSwap, 1);
    found(InjectedBug::NoSwap, 5);
}

#[test]
fn a_window_that_slides_is_found() {
    found(InjectedBug::SlidingWindow, 4);
}

#[test]
fn a_refresh_that_brings_a_removed_session_back_is_found() {
    found(InjectedBug::Recreates, 5);
}

#[test]
fn a_loser_that_clears_cookies_is_found() {
    found(InjectedBug::LoserClears, 2);
    found(InjectedBug::LoserClears, 8);
}

#[test]
fn a_revocation_undone_by_a_late_write_is_found() {
    found(InjectedBug::LateWrite, 5);
}

#[test]
fn an_outcome_that_is_told_before_its_write_landed_is_found() {
    found(InjectedBug::Hasty, 5);
}

#[test]
fn a_session_thrown_away_at_its_deadline_is_found() {
    found(InjectedBug::Forgets, 10);
}

#[test]
fn a_failing_seed_shrinks_to_a_story_that_a_person_can_read() {
    for (bug, number) in [
        (InjectedBug::SlidingWindow, 4),
        (InjectedBug::LoserClears, 2),
        (InjectedBug::LateWrite, 5),
    ] {
        let script = found(bug, number);
        let (short, report) = shrink(&script, Some(bug));
        println!("{bug:?}\n{}", narrate(&short, &report));
        assert_eq!(
            report.violation.map(|violation| violation.number),
            Some(number),
            "it still fails"
        );
        assert!(report.narrative.len() <= 25, "{} lines", report.narrative.len());
    }
}

/// Checks that every thief is detected, or left without a token, within two access-token lifetimes.
/// Gives the longest time in lifetimes.
fn within_two_lives(thefts: &[Theft]) -> (usize, f64) {
    let ends = thefts.iter().map(|theft| theft.caught_after.unwrap_or(theft.served_for));
    let longest = ends.clone().max().unwrap_or(0) as f64 / theft::LIFE as f64;
    (ends.filter(|end| *end <= 2 * theft::LIFE).count(), longest)
}

fn thefts(order: MoveOrder, thief: Option<Thief>, jitter: bool) -> Vec<Theft> {
    let all = Mutex::new(Vec::new());
    campaign::on_all_cores("thefts", number("PORTCULLIS_SIM_THEFTS", 4), |seed| {
        let theft = theft::run(seed, order, thief, jitter);
        all.lock().expect("no panic").push(theft);
    });
    all.into_inner().expect("no panic")
}

#[test]
fn a_thief_with_another_client_is_caught_or_starved_within_two_lives_of_an_access_token() {
    for (order, name) in ORDERS {
        for jitter in [true, false] {
            let all = thefts(order, Some(Thief::Foreign), jitter);
            let (ended, longest) = within_two_lives(&all);
            let caught = all.iter().filter(|theft| theft.caught_after.is_some()).count();
            println!(
                "theft | another client | {name} | jitter {jitter} | ended in time {ended} of {} (longest {longest:.2} lives), caught {caught}",
                all.len()
            );
            assert_eq!(ended, all.len(), "{name}, jitter {jitter}");
            assert!(all.iter().all(|theft| !theft.false_alarm), "{name}, jitter {jitter}");
        }
    }
}

#[test]
fn without_a_thief_there_is_no_alarm() {
    for jitter in [true, false] {
        let all = thefts(MoveOrder::ThiefFirst, None, jitter);
        let refreshes: u64 = all.iter().map(|theft| theft.refreshes).sum();
        println!(
            "theft | nobody | jitter {jitter} | {refreshes} refreshes in {} evenings, alarms 0",
            all.len()
        );
        assert!(all.iter().all(|theft| theft.caught_after.is_none()));
    }
}

/// A measurement without a promise, because only a bound key distinguishes a clone.
#[test]
fn of_thieves_who_cannot_be_told_apart_a_share_is_caught() {
    for (order, name) in ORDERS {
        for jitter in [true, false] {
            let all = thefts(order, Some(Thief::Clone), jitter);
            let caught = |within: u64| {
                all.iter().filter(|theft| theft.caught_after.is_some_and(|at| at <= within)).count()
            };
            let share = |count: usize| 100.0 * count as f64 / all.len() as f64;
            println!(
                "theft | clone | {name} | jitter {jitter} | caught within two lives {:.1} %, within 8 h {:.1} %",
                share(caught(2 * theft::LIFE)),
                share(caught(u64::MAX))
            );
        }
    }
}
