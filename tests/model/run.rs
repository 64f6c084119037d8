//! Runs the model checker. The environment selects the size; progress and counterexamples go to
//! stderr.
#![allow(
    clippy::disallowed_methods,
    reason = "the size of a run comes from the environment, its progress from a clock"
)]

use super::bounds::Bounds;
use super::counterexample;
use super::steps::ModelWorld;
use stateright::{Checker, HasDiscoveries, Model};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const THREADS: usize = 2;
/// One run at a time: each takes every core, and memory.
static RUNNING: Mutex<()> = Mutex::new(());

/// The size of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Small,
    Ci,
    Long,
}

/// The result of a run.
#[derive(Debug)]
pub struct SearchReport {
    pub states: usize,
    pub depth: usize,
    pub rows: Vec<&'static str>,
    pub counterexamples: Vec<Counterexample>,
}

/// A property that does not hold, with its counterexample.
#[derive(Debug)]
pub struct Counterexample {
    pub property: &'static str,
    pub steps: usize,
    pub narrative: String,
}

impl SearchReport {
    /// Whether a property does not hold. The counterexamples go to stderr.
    pub fn breaks(&self, property: &str) -> bool {
        for Counterexample { property, steps, narrative: story } in &self.counterexamples {
            eprintln!("after {steps} steps it is not true that {property}:\n{story}");
        }
        self.counterexamples.iter().any(|one| one.property == property)
    }

    /// Whether every property holds. Counterexamples go to stderr.
    pub fn has_no_counterexample(&self) -> bool {
        self.breaks("");
        self.counterexamples.is_empty()
    }
}

/// The size of this run: `PORTCULLIS_MODEL` is `ci` or `long`, or absent.
pub fn size() -> Size {
    match std::env::var("PORTCULLIS_MODEL").as_deref() {
        Ok("ci") => Size::Ci,
        Ok("long") => Size::Long,
        _ => Size::Small,
    }
}

/// Visits every state within the limits, or as many as it takes to find a counterexample.
pub fn check(name: &str, limits: Bounds) -> SearchReport {
    let _one = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let started = Instant::now();
    let checker = ModelWorld::new(limits)
        .checker()
        .threads(THREADS)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs();
    let mut told = started;
    while !checker.is_done() {
        std::thread::sleep(Duration::from_millis(10));
        if told.elapsed() >= Duration::from_secs(5) {
            told = Instant::now();
            eprintln!(
                "model: {name}: {} states so far, depth {}",
                checker.unique_state_count(),
                checker.max_depth()
            );
        }
    }
    let checker = checker.join();
    let world = checker.model();
    let counterexamples = checker.discoveries().into_iter().map(|(property, path)| {
        let path = path.into_vec();
        Counterexample {
            property,
            steps: path.len() - 1,
            narrative: counterexample::format_counterexample(world, &path),
        }
    });
    let seen = SearchReport {
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
        rows: world.oracle.rows_reached(),
        counterexamples: counterexamples.collect(),
    };
    eprintln!(
        "model: {name}: {} unique states, depth {}, {} counterexamples, {} s",
        seen.states,
        seen.depth,
        seen.counterexamples.len(),
        started.elapsed().as_secs()
    );
    seen
}
