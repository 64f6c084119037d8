//! Every state that a browser, two instances, a thief and the clock can bring a session into,
//! within limits: in none of them is an invariant of rotation broken. Each decision is made by
//! `portcullis::decide::decide`, the one that ships.
//!
//! The world: one browser whose tabs share their cookies; requests and answers that are delayed,
//! reordered and lost; two instances whose read and whose swap are separate steps (the host's
//! loop), with clocks two ticks apart; swaps that landed although the instance was told otherwise;
//! instances that die; a thief with another kind of client who copied the cookies once; a step-up,
//! a revocation, a backup that is put back. Times are in ticks, and the windows are scaled down to
//! a few of them. Every scenario is finite and is searched to its end.
//!
//! The limits that no row of the table mends are limits of this world too:
//! - A request, with its answer, is under way for less than `flight` less the difference of the
//!   clocks: what takes longer is lost. (A straggler is told from a thief by the clock of another
//!   instance.)
//! - Where confirmation is not fed, a client that lost an answer is back before `retry` ends, its
//!   request too.
//! - A backup is put back while the site stands still: a request that was under way would find a
//!   record that has forgotten when its token was closed.
//!
//! What one and two cookies would not hold back stands in `model/slots.rs`: every generation has
//! its own.
//!
//! `PORTCULLIS_MODEL=ci` and `PORTCULLIS_MODEL=long` look at more, with `--profile sim`.
#![cfg(not(target_arch = "wasm32"))]

mod model {
    pub mod bounds;
    pub mod counterexample;
    pub mod decisions;
    mod edges;
    pub mod host;
    mod injected_bug_tests;
    pub mod injected_bugs;
    pub mod interning;
    pub mod properties;
    pub mod reading;
    pub mod run;
    pub mod scenarios;
    pub mod search;
    mod slots;
    pub mod state;
    pub mod steps;
}
mod support;

use model::{run, scenarios};
use std::collections::BTreeSet;

/// The rows that say more than yes and no.
const ROWS: [&str; 8] = ["4", "5", "6", "7", "7a", "8", "9", "10"];

#[test]
fn in_every_state_the_invariants_of_rotation_hold() {
    let size = run::size();
    let seen: Vec<_> =
        scenarios::all(size).into_iter().map(|(name, limits)| run::check(name, limits)).collect();
    let states: usize = seen.iter().map(|seen| seen.states).sum();
    let depth = seen.iter().map(|seen| seen.depth).max().unwrap_or(0);
    let found: usize = seen.iter().map(|seen| seen.counterexamples.len()).sum();
    eprintln!("model: {states} unique states, depth {depth}, {found} counterexamples");
    assert!(seen.iter().all(run::SearchReport::has_no_counterexample), "the stories stand above");
    let rows: BTreeSet<_> = seen.iter().flat_map(|seen| seen.rows.clone()).collect();
    assert!(ROWS.iter().all(|row| rows.contains(row)), "rows that were reached: {rows:?}");
    assert!(states >= scenarios::promised(size), "only {states} states: fewer than promised");
}
