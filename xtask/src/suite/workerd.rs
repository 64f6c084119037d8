//! The shared suite in workerd, which vitest runs and counts.

use std::fs;
use std::process::Command;

use anyhow::Result;
use serde_json::Value;

use super::suite_options::SuiteOptions;
use super::suite_result::SuiteResult;
use crate::support::node::Node;
use crate::support::npm::find_native_program;
use crate::support::process::{query_output, run_program};
use crate::support::workspace::root;

/// Runs the suite without a network: the variables turn off telemetry and a look-up of the
/// machine's location.
pub fn workerd(options: &SuiteOptions) -> Result<SuiteResult> {
    let program = find_native_program("tests", "@cloudflare", "bin/workerd");
    let (Some(node), Some(program)) = (Node::find_major(24), program) else {
        let remedy = "npm has none for this platform, so run this suite on Linux or macOS";
        return Ok(SuiteResult::missing("workerd or the Node 24 that drives it", remedy));
    };
    let report = root().join("target/workerd.json");
    let _ = fs::remove_file(&report);
    let mut command = node.script(&root().join("tests/node_modules/vitest/vitest.mjs"));
    command.args(["run", "--reporter=default", "--reporter=json", "--outputFile"]).arg(&report);
    if let Some(filter) = &options.filter {
        command.args(["-t", filter]);
    }
    command.env("CLOUDFLARE_CF_FETCH_ENABLED", "false").env("WRANGLER_SEND_METRICS", "false");
    command.env("CI", "1").current_dir(root().join("tests/runtimes/workerd"));
    options.limit_rounds(&mut command);
    let finished = run_program("workerd", &mut command)?;
    let report = fs::read_to_string(&report).ok();
    let result = report.and_then(|text| read_vitest_report(&text)).unwrap_or_default();
    let version = query_output(Command::new(program).arg("--version")).unwrap_or_default();
    Ok(options.apply_filter(result.judged(&finished), &finished).on(&version))
}

fn read_vitest_report(text: &str) -> Option<SuiteResult> {
    let report: Value = serde_json::from_str(text).ok()?;
    let files = report.get("testResults")?.as_array()?;
    let assertions =
        |file: &'_ Value| file.get("assertionResults").and_then(Value::as_array).cloned();
    let tests: Vec<Value> = files.iter().filter_map(assertions).flatten().collect();
    let count = |status: &str| tests.iter().filter(|test| test["status"] == status).count() as u64;
    // A file that does not load has no tests, and counts as one failure.
    let is_unloaded = |file: &Value| {
        file["status"] == "failed" && assertions(file).is_none_or(|all| all.is_empty())
    };
    let unloaded = files.iter().filter(|file| is_unloaded(file)).count() as u64;
    let is_skipped = |test: &&Value| !matches!(test["status"].as_str(), Some("passed" | "failed"));
    let skipped = tests.iter().filter(is_skipped).map(|test| {
        (test["fullName"].as_str().unwrap_or_default().to_owned(), "marked in the test".to_owned())
    });
    Some(SuiteResult {
        passed: count("passed"),
        failed: count("failed") + unloaded,
        skipped: skipped.collect(),
        ..SuiteResult::default()
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_vitest_file_that_does_not_load_is_a_failure() {
        let text = r#"{"testResults":[{"status":"failed","assertionResults":[]},
            {"status":"passed","assertionResults":[
                {"status":"passed"},{"status":"skipped","fullName":"x"}]}]}"#;
        let result = super::read_vitest_report(text).expect("the text is a report");
        assert_eq!((result.passed, result.failed, result.skipped.len()), (1, 1, 1));
    }
}
