//! The result of a suite, and how it is read from what the runners print.

use serde_json::Value;

use crate::support::process::FinishedProgram;
use crate::support::workspace::is_ci;

/// The counts of a suite.
#[derive(Default)]
pub struct SuiteResult {
    /// The engine and its version, such as "node 24.21.0".
    pub engine: String,
    /// How many tests passed.
    pub passed: u64,
    /// How many tests failed.
    pub failed: u64,
    /// The name of each skipped test, and the reason.
    pub skipped: Vec<(String, String)>,
    /// A text to print when the suite ends, such as the output of failed tests.
    pub details: Option<String>,
}

impl SuiteResult {
    /// A suite that could not run to its end counts as one failure.
    pub fn broken(reason: &str) -> SuiteResult {
        SuiteResult { failed: 1, details: Some(reason.to_owned()), ..SuiteResult::default() }
    }

    /// A missing engine is skipped on a developer's machine and a failure in CI, where everything
    /// must be tested.
    pub fn missing(engine: &str, remedy: &str) -> SuiteResult {
        if is_ci() {
            return SuiteResult::broken(&format!("{engine} is missing: {remedy}"));
        }
        let details = Some(format!("skipped, because {engine} is missing: {remedy}"));
        let skipped = vec![("the whole suite".to_owned(), format!("{engine} is missing"))];
        SuiteResult { skipped, details, ..SuiteResult::default() }
    }

    /// Reads the last line of JSON that one of this repository's runners prints.
    pub fn from_runner(finished: &FinishedProgram) -> SuiteResult {
        let last = finished.stdout.lines().rev().find(|line| line.starts_with('{'));
        let report = last.and_then(|line| serde_json::from_str::<Value>(line).ok());
        report.as_ref().and_then(read_report).unwrap_or_default().judged(finished)
    }

    /// Adds up what `cargo test` prints: one line "test result:" for each program.
    pub fn from_cargo(finished: &FinishedProgram) -> SuiteResult {
        let mut result = SuiteResult::default();
        for line in finished.stdout.lines().filter(|line| line.starts_with("test result:")) {
            result.passed += number_before(line, " passed");
            result.failed += number_before(line, " failed");
        }
        let tests = finished.stdout.lines().filter_map(|line| line.strip_prefix("test "));
        let ignored = tests.filter_map(|line| line.split_once(" ... ignored"));
        result.skipped = ignored.map(|(name, why)| (name.to_owned(), ignore_reason(why))).collect();
        result.judged(finished)
    }

    /// A runner that ran nothing, or that failed without naming a failed test, counts as a failure.
    pub fn judged(mut self, finished: &FinishedProgram) -> SuiteResult {
        let is_empty = self.passed == 0 && self.skipped.is_empty();
        if self.failed == 0 && (is_empty || !finished.success) {
            self.failed = 1;
        }
        if self.failed > 0 {
            self.details = Some(finished.excerpt());
        }
        self
    }

    /// Accepts an empty result of a successful program: the filter matched none of its tests.
    /// Skipped tests are dropped, because most of them were skipped by the filter.
    pub fn filtered(mut self, finished: &FinishedProgram) -> SuiteResult {
        if finished.success {
            self.failed = 0;
            self.details = None;
        }
        self.skipped.clear();
        self
    }

    /// Adds the counts of another run of the same suite.
    pub fn plus(mut self, other: SuiteResult) -> SuiteResult {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped.extend(other.skipped);
        let details: Vec<String> = [self.details, other.details].into_iter().flatten().collect();
        self.details = (!details.is_empty()).then(|| details.join("\n\n"));
        self
    }

    /// Sets the engine and its version.
    pub fn on(mut self, engine: &str) -> SuiteResult {
        engine.clone_into(&mut self.engine);
        self
    }
}

/// Reads {"engine", "version", "passed", "failed", "skipped": [{"name", "why"}]}; other JSON is no
/// report.
fn read_report(report: &Value) -> Option<SuiteResult> {
    let text = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let skipped = report.get("skipped").and_then(Value::as_array).map(Vec::as_slice);
    let skipped = skipped.unwrap_or_default();
    Some(SuiteResult {
        engine: format!("{} {}", text(report, "engine"), text(report, "version")),
        passed: report.get("passed")?.as_u64()?,
        failed: report.get("failed")?.as_u64()?,
        skipped: skipped.iter().map(|skip| (text(skip, "name"), text(skip, "why"))).collect(),
        details: None,
    })
}

/// The number in front of a word, as in "ok. 12 passed; 0 failed".
fn number_before(line: &str, word: &str) -> u64 {
    let number = line.split(word).next().and_then(|head| head.rsplit(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// cargo prints the reason of `#[ignore = "reason"]` as ", reason".
fn ignore_reason(text: &str) -> String {
    let text = text.trim_start_matches(',').trim();
    if text.is_empty() { "marked #[ignore]".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::SuiteResult;
    use crate::support::process::FinishedProgram;

    fn finished(success: bool, stdout: &str) -> FinishedProgram {
        let (ending, stdout, stderr) = (String::new(), stdout.to_owned(), String::new());
        FinishedProgram { success, ending, stdout, stderr, log: "log".into() }
    }

    #[test]
    fn the_counts_of_cargo_are_added_up() {
        let text = "test a ... ok\ntest b ... ignored, slow\n\
                    test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                    test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured\n";
        let result = SuiteResult::from_cargo(&finished(false, text));
        assert_eq!((result.passed, result.failed), (5, 1));
        assert_eq!(result.skipped, [("b".to_owned(), "slow".to_owned())]);
    }

    #[test]
    fn the_last_line_of_json_is_the_report() {
        let text = "{\"note\":1}\nnot ok x\n{\"engine\":\"bun\",\"version\":\"1\",\"passed\":4,\
                    \"failed\":0,\"skipped\":[{\"name\":\"a\",\"why\":\"b\"}]}\n";
        let result = SuiteResult::from_runner(&finished(true, text));
        assert_eq!((result.engine.as_str(), result.passed, result.failed), ("bun 1", 4, 0));
        assert_eq!(result.skipped.len(), 1);
    }

    #[test]
    fn an_empty_result_and_a_bad_exit_code_are_failures() {
        let failed_report = finished(false, "{\"passed\":4,\"failed\":0}");
        let empty = finished(true, "test result: ok. 0 passed; 0 failed;");
        assert_eq!(SuiteResult::from_runner(&finished(true, "")).failed, 1);
        assert_eq!(SuiteResult::from_runner(&failed_report).failed, 1);
        assert_eq!(SuiteResult::from_cargo(&empty).failed, 1);
        assert_eq!(SuiteResult::from_cargo(&empty).filtered(&empty).failed, 0);
    }
}
