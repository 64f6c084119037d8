//! Runs suites, two at a time where they do not disturb each other.

use std::process::ExitCode;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Result, bail};

use super::list::{ALL, Needs, Suite};
use super::package;
use super::report::{FinishedSuite, format_report};
use super::suite_options::SuiteOptions;
use super::suite_result::SuiteResult;
use crate::support::process_group;
use crate::support::progress::print_message;

/// How many suites run at the same time. One that compiles and one that does not keep two cores
/// busy; more would slow down tests that wait for a time to pass.
const PARALLEL_SUITES: usize = 2;

/// Runs every suite, whatever fails, and prints the table, the note and the sums.
pub fn run_suites(
    suites: &[&'static Suite],
    options: &SuiteOptions,
    note: Option<&str>,
) -> Result<ExitCode> {
    let is_alone = |suite: &&&'static Suite| suite.needs == Needs::IdleMachine;
    let (alone, shared): (Vec<_>, Vec<_>) = suites.iter().partition(is_alone);
    let queue = Mutex::new(SuiteQueue { waiting: shared, ..SuiteQueue::default() });
    thread::scope(|scope| {
        for _ in 0..PARALLEL_SUITES {
            scope.spawn(|| work(&queue, options));
        }
    });
    let mut finished = lock(&queue).finished.split_off(0);
    for suite in alone {
        if !process_group::is_interrupted() {
            finished.push(run_suite(suite, options));
        }
    }
    if process_group::is_interrupted() {
        bail!("interrupted");
    }
    let position = |name: &str| ALL.iter().position(|suite| suite.name == name);
    finished.sort_by_key(|suite| position(suite.name));
    print!("\n{}", format_report(&finished, note));
    let is_failed = finished.iter().any(|suite| suite.result.failed > 0);
    Ok(if is_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[derive(Default)]
struct SuiteQueue {
    waiting: Vec<&'static Suite>,
    is_cargo_busy: bool,
    finished: Vec<FinishedSuite>,
}

impl SuiteQueue {
    /// Takes the next suite that may start now. If none may, the thread that runs the suites of
    /// cargo will take the remaining ones.
    fn take(&mut self) -> Option<&'static Suite> {
        let may_start = |suite: &&Suite| !(suite.needs.has_cargo() && self.is_cargo_busy);
        let index = self.waiting.iter().position(may_start)?;
        let suite = self.waiting.remove(index);
        self.is_cargo_busy |= suite.needs.has_cargo();
        Some(suite)
    }

    fn finish(&mut self, suite: &Suite, finished: FinishedSuite) {
        if suite.needs.has_cargo() {
            self.is_cargo_busy = false;
        }
        self.finished.push(finished);
    }
}

fn work(queue: &Mutex<SuiteQueue>, options: &SuiteOptions) {
    while !process_group::is_interrupted() {
        let Some(suite) = lock(queue).take() else { return };
        let finished = run_suite(suite, options);
        lock(queue).finish(suite, finished);
    }
}

fn run_suite(suite: &Suite, options: &SuiteOptions) -> FinishedSuite {
    let prepared = if suite.needs.has_package() { package::prepare_once() } else { Ok(()) };
    let started = Instant::now();
    let result = match prepared {
        Ok(()) => {
            (suite.run)(options).unwrap_or_else(|error| SuiteResult::broken(&format!("{error:#}")))
        }
        Err(reason) => SuiteResult::broken(reason),
    };
    if let (Some(details), false) = (&result.details, process_group::is_interrupted()) {
        print_message(&format!("\n{}: {}\n", suite.name, details.trim_end()));
    }
    FinishedSuite { name: suite.name, result, time: started.elapsed() }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{ALL, FinishedSuite, SuiteQueue, SuiteResult};
    use std::time::Duration;

    #[test]
    fn a_suite_of_cargo_waits_for_the_one_before_it() {
        let mut queue = SuiteQueue { waiting: ALL.iter().collect(), ..SuiteQueue::default() };
        let take = |queue: &mut SuiteQueue| queue.take().expect("a suite may start");
        let first = take(&mut queue);
        let names = [first.name, take(&mut queue).name, take(&mut queue).name];
        assert_eq!(names, ["lint", "node24", "workerd"]);
        let (result, time) = (SuiteResult::default(), Duration::ZERO);
        queue.finish(first, FinishedSuite { name: first.name, result, time });
        assert_eq!(take(&mut queue).name, "rust");
    }
}
