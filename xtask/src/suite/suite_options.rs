//! How a suite is to run.

use std::process::Command;

use super::suite_result::SuiteResult;
use crate::support::process::FinishedProgram;

/// How often the tests of concurrent requests are repeated; the runners' default is 1000.
const ROUNDS_VARIABLE: &str = "PORTCULLIS_ROUNDS";
const QUICK_ROUNDS: &str = "20";

/// The options that apply to every suite of a run.
pub struct SuiteOptions {
    /// Only tests whose name contains this text.
    pub filter: Option<String>,
    /// Whether the parts run that the quick selection leaves out.
    pub is_full: bool,
}

impl SuiteOptions {
    /// With a filter, a suite without a matching test is no failure.
    pub fn apply_filter(&self, result: SuiteResult, finished: &FinishedProgram) -> SuiteResult {
        if self.filter.is_some() { result.filtered(finished) } else { result }
    }

    /// Makes the quick selection repeat the tests of concurrent requests fewer times.
    pub fn limit_rounds(&self, command: &mut Command) {
        if !self.is_full && std::env::var_os(ROUNDS_VARIABLE).is_none() {
            command.env(ROUNDS_VARIABLE, QUICK_ROUNDS);
        }
    }
}
