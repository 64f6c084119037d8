//! A model checker of rotation. It visits every state that a browser, two instances, a thief and
//! the clock can bring a session into, within bounds, and finds that no invariant is broken. Each
//! decision is made by `portcullis::decide::decide`.
//!
//! The model has one browser, whose tabs share their cookies; requests and responses that are
//! delayed, reordered and lost; two instances with clocks two ticks apart, whose read and swap are
//! separate steps of the host's loop; swaps that land although the instance gets an error;
//! instances that stop; a thief with another client family who copied the cookies once; a step-up,
//! a revocation, and a restored backup. Times are in ticks, and the windows are scaled down to a
//! few ticks. Every scenario is finite and is searched completely.
//!
//! The known limitations of the rotation table bound the model too:
//! - A request and its response take less than the in-flight window, reduced by the difference of
//!   the clocks. A slower one is lost, because the clock of another instance distinguishes an
//!   in-flight request from a thief.
//! - Where first uses are not recorded, a client that lost a response returns, and its request
//!   arrives, before the lost-response window ends.
//! - A backup is restored while no request is in flight, because the restored record has lost the
//!   times at which tokens were closed.
//!
//! Every generation has a cookie of its own. `model/slots.rs` shows what fails with one or two
//! cookies.
//!
//! `PORTCULLIS_MODEL=ci` and `PORTCULLIS_MODEL=long` search more, with `--profile sim`.
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

/// The rows of the table that a run must reach.
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
