//! Runs many scenarios on all cores.

use super::scenario::Scenario;
use super::world::{Report, run};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The number of progress reports to `cargo xtask sim`.
const PROGRESS: Duration = Duration::from_millis(250);

#[derive(Debug, Default)]
pub struct Totals {
    pub runs: u64,
    pub steps: u64,
    pub decisions: u64,
    pub writes: u64,
    pub refreshes: u64,
    pub false_alarms: u64,
    /// Runs that broke an invariant.
    pub failed: Vec<u64>,
    pub excused: BTreeMap<&'static str, u64>,
}

impl Totals {
    fn add(&mut self, number: u64, report: &Report) {
        self.runs += 1;
        self.steps += report.steps;
        self.decisions += report.decisions;
        self.writes += report.writes;
        self.refreshes += report.refreshes;
        self.false_alarms += report.alarms;
        if report.violation.is_some() {
            self.failed.push(number);
            self.failed.sort_unstable();
        }
        for (limit, count) in &report.excused {
            *self.excused.entry(limit).or_default() += count;
        }
    }
}

/// Runs the scenario of each of these seeds once.
pub fn scripts(from: u64, count: u64, script: impl Fn(u64) -> Scenario + Sync) -> Totals {
    let sum = Mutex::new(Totals::default());
    on_all_cores("seeds", count, |number| {
        let report = run(&script(from + number), None, false);
        sum.lock().expect("no panic").add(from + number, &report);
    });
    sum.into_inner().expect("no panic")
}

/// Runs each piece of work once. Reports the progress where PORTCULLIS_SIM_PROGRESS is set.
pub fn on_all_cores(what: &str, count: u64, work: impl Fn(u64) + Sync) {
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let workers = thread::available_parallelism().map_or(2, usize::from);
    let reads_along = std::env::var_os("PORTCULLIS_SIM_PROGRESS").is_some();
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut said = Instant::now();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    work(number);
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if reads_along && (said.elapsed() >= PROGRESS || done == count) {
                        said = Instant::now();
                        let _ = writeln!(std::io::stdout(), "progress {done} {count} {what}");
                    }
                }
            });
        }
    });
}

/// Reads a number from an environment variable.
pub fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} takes a number, not {text:?}")),
        Err(_) => default,
    }
}
