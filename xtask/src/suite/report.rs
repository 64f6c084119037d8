//! The table that ends `cargo xtask test`.

use std::time::Duration;

use super::suite_result::SuiteResult;
use crate::support::progress::format_duration;
use crate::support::table;

/// Longer reasons are cut off in the table; the suite has printed them in full.
const MAX_REASON_CHARS: usize = 200;

/// A suite that has ended.
pub struct FinishedSuite {
    /// The name of the suite.
    pub name: &'static str,
    /// The counts of the suite.
    pub result: SuiteResult,
    /// How long the suite ran, without the build of the package.
    pub time: Duration,
}

/// Formats the table, a note where there is one, and the sums as the last line.
pub fn format_report(suites: &[FinishedSuite], note: Option<&str>) -> String {
    let header = ["suite", "engine", "passed", "failed", "time", "skipped"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(suites.iter().map(format_row));
    let sum = |count: fn(&SuiteResult) -> u64| -> u64 {
        suites.iter().map(|suite| count(&suite.result)).sum()
    };
    let (passed, failed) = (sum(|result| result.passed), sum(|result| result.failed));
    let skipped = sum(|result| result.skipped.len() as u64);
    let note = note.map(|note| format!("{note}\n\n")).unwrap_or_default();
    let table = table::align(&rows, &[2, 3, 4]);
    format!("{table}\n{note}{passed} passed, {failed} failed, {skipped} skipped\n")
}

fn format_row(suite: &FinishedSuite) -> Vec<String> {
    let result = &suite.result;
    let engine = if result.engine.is_empty() { "-" } else { &result.engine };
    vec![
        suite.name.to_owned(),
        engine.to_owned(),
        result.passed.to_string(),
        result.failed.to_string(),
        format_duration(suite.time),
        format_skipped(&result.skipped),
    ]
}

/// The number of skipped tests with their reasons, such as "1 (kv: no binding)".
fn format_skipped(skipped: &[(String, String)]) -> String {
    if skipped.is_empty() {
        return "0".to_owned();
    }
    let texts: Vec<String> = skipped.iter().map(|(name, why)| format!("{name}: {why}")).collect();
    let mut text = texts.join("; ");
    if text.chars().count() > MAX_REASON_CHARS {
        text = text.chars().take(MAX_REASON_CHARS - 3).chain("...".chars()).collect();
    }
    format!("{} ({text})", skipped.len())
}

#[cfg(test)]
mod tests {
    use super::{Duration, FinishedSuite, SuiteResult, format_report};

    #[test]
    fn the_report_is_a_table_and_ends_with_the_sums() {
        let engine = "node 24.21.0".to_owned();
        let passed = SuiteResult { engine, passed: 12, ..SuiteResult::default() };
        let skipped = vec![("kv".to_owned(), "no binding".to_owned())];
        let engine = "bun 1".to_owned();
        let failed = SuiteResult { engine, failed: 1, skipped, ..SuiteResult::default() };
        let suites =
            [("node24", passed, 4200), ("bun", failed, 17_000)].map(|(name, result, ms)| {
                FinishedSuite { name, result, time: Duration::from_millis(ms) }
            });
        let expected = "\
suite   engine        passed  failed   time  skipped
node24  node 24.21.0      12       0  4.2 s  0
bun     bun 1              0       1   17 s  1 (kv: no binding)

Left out: deno.

12 passed, 1 failed, 1 skipped
";
        assert_eq!(format_report(&suites, Some("Left out: deno.")), expected);
    }
}
