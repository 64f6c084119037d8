//! How a suite is to run.

use super::suite_result::SuiteResult;
use crate::support::process::FinishedProgram;

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
}
