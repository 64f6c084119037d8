//! Simulates anomaly scoring: users who travel, update browsers and change settings; thieves who
//! use stolen sessions and passwords; the model of this crate on three hosts with more or fewer
//! signals; and the rules and models of others in the same worlds.
//!
//! ```text
//! PORTCULLIS_RISK_USERS   the number of users of each world, for `cargo xtask sim risk`. Without
//!                         the variable a few are simulated, and nothing is written.
//! PORTCULLIS_RISK_SEED    the seed of the random numbers (1)
//! ```
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::disallowed_methods, reason = "the sizes are for whoever runs it to choose")]

#[path = "support/rng.rs"]
mod rng;
#[path = "risk_simulation/mod.rs"]
mod simulated;

use simulated::attackers::ATTACKERS;
use simulated::campaign::{Campaign, WorldResults};
use simulated::metrics::{Among, Threshold, count, curve, honest, months, stopped};
use simulated::parameters::WORLDS;
use simulated::{plot, text};
use std::fs;
use std::path::{Path, PathBuf};

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} takes a number, not {text:?}")))
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

/// The simulation that `cargo xtask sim risk` runs.
#[test]
fn the_page_is_written_where_somebody_asks_for_it() {
    let Some(users) = number("PORTCULLIS_RISK_USERS") else { return };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let mut campaign = Campaign::new(number("PORTCULLIS_RISK_SEED").unwrap_or(1), users, threads);
    let outcomes = campaign.worlds(&WORLDS);
    fs::create_dir_all(docs().join("risk")).expect("a folder");
    fs::write(docs().join("risk-simulation.md"), text::page(&campaign, &outcomes))
        .expect("written");
    for (name, plot) in plot::all(&outcomes) {
        fs::write(docs().join("risk").join(name), plot).expect("written");
    }
    let sum = |of: &dyn Fn(&WorldResults) -> f64| outcomes.iter().map(of).sum::<f64>();
    let (months, events) = (sum(&months), sum(&|outcome| count(outcome, Among::All) as f64));
    println!("users {users} user-months {months} events {events}");
}

/// A world that is small enough to run with every change.
fn small(users: u64, threads: usize) -> WorldResults {
    Campaign::new(1, users, threads).worlds(&WORLDS[..1]).remove(0)
}

/// Share of the thefts that are stopped at the threshold that stops 1 % of honest events.
fn stopped_at_one_percent(outcome: &WorldResults, method: usize, attacker: usize) -> f64 {
    let threshold = Threshold::stopping(&honest(outcome, method, Among::All), 0.01);
    stopped(outcome, method, threshold, |fate| &fate.thefts[attacker]).rate
}

#[test]
fn scoring_stops_more_thieves_than_equal_addresses_do_and_the_better_they_copy_the_fewer() {
    let outcome = small(20, 2);
    for (attacker, (_, name)) in ATTACKERS.iter().enumerate() {
        let curve = |method| curve(&outcome, method, |fate| &fate.thefts[attacker]);
        // A quarter of the honest events have another address, so a threshold that stops as many
        // stops every thief.
        let both = curve(0)
            .into_iter()
            .zip(curve(3))
            .filter(|((share, _), _)| (0.01..=0.1).contains(share));
        for ((share, ours), (_, theirs)) in both {
            assert!(ours >= theirs, "{name}, {share}: {ours} < {theirs}");
        }
    }
    let by = |attacker| stopped_at_one_percent(&outcome, 0, attacker);
    let [naive, vpn, targeted, clone, exact] = [0, 1, 2, 3, 4].map(by);
    assert!(naive > 0.95 && vpn > 0.9, "{naive} {vpn}");
    assert!(vpn > targeted && clone > exact, "{vpn} {targeted} {clone} {exact}");
    // Without TLS a clone equals an exact clone.
    let [clone, exact] = [3, 4].map(|attacker| stopped_at_one_percent(&outcome, 1, attacker));
    assert!((clone - exact).abs() < 0.25, "{clone} {exact}");
    let asked: u32 = outcome.users.iter().map(|fate| fate.step_ups[0]).sum();
    let moved = outcome
        .users
        .iter()
        .flat_map(|fate| &fate.honest)
        .filter(|sample| sample.scores[3] > 0.0)
        .count();
    assert!(
        moved > 50 * asked as usize,
        "equal addresses would have stopped {moved} honest events, scoring {asked}"
    );
}

#[test]
fn a_seed_gives_the_same_whatever_the_cores_and_another_seed_another() {
    let one = small(3, 1);
    assert_eq!(one.users, small(3, 3).users);
    let other = Campaign::new(2, 3, 1).worlds(&WORLDS[..1]).remove(0);
    assert_ne!(one.users, other.users);
}

/// The page without its digits, because a small simulation has other figures.
fn shape(page: &str) -> String {
    let mut shape = String::new();
    for letter in page.chars() {
        let letter = if letter.is_ascii_digit() { '0' } else { letter };
        if letter != '0' || !shape.ends_with('0') {
            shape.push(letter);
        }
    }
    shape
}

#[test]
fn the_page_is_the_code_s_and_every_table_of_it_says_that_it_is_a_simulation() {
    let mut campaign = Campaign::new(1, 2, 2);
    let outcomes = campaign.worlds(&WORLDS);
    let page = text::page(&campaign, &outcomes);
    let written = fs::read_to_string(docs().join("risk-simulation.md")).expect("the page");
    assert_eq!(
        page.lines().count(),
        written.lines().count(),
        "`cargo xtask sim risk` writes the page anew"
    );
    for (ours, theirs) in page.lines().zip(written.lines()) {
        assert_eq!(shape(ours), shape(theirs), "`cargo xtask sim risk` writes the page anew");
    }
    let tables: Vec<&str> = page.split("\n\n").collect();
    let tables: Vec<_> = tables.windows(2).filter(|parts| parts[1].starts_with('|')).collect();
    assert!(tables.len() > 12, "{}", tables.len());
    for parts in tables {
        assert!(parts[0].starts_with("*Simulation"), "{}", parts[0]);
    }
    let of_attackers = page.lines().filter(|line| line.contains("| naive |"));
    assert!(
        of_attackers.clone().count() > 10
            && of_attackers.clone().all(|line| line.contains("| clone | exact clone |"))
    );
    for (name, plot) in plot::all(&outcomes) {
        assert!(plot.contains("<title>Simulation"), "{name}");
        assert!(page.contains(&format!("](risk/{name})")), "{name}");
        let written = fs::read_to_string(docs().join("risk").join(name)).expect("the plot");
        assert!(written.starts_with("<svg ") && written.contains("<title>Simulation"), "{name}");
    }
}

#[test]
fn a_rule_with_two_levels_is_read_between_them() {
    let scores = [1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let stops = |share, score| Threshold::stopping(&scores, share).stops(score);
    let close = |one: f64, other: f64| assert!((one - other).abs() < 1e-9, "{one} {other}");
    close(stops(0.1, 1.0), 0.5);
    close(stops(0.1, 0.0), 0.0);
    close(stops(0.2, 1.0), 1.0);
    close(stops(0.2, 0.0), 0.0);
    close(stops(0.6, 1.0), 1.0);
    close(stops(0.6, 0.0), 0.5);
}
