//! What a suite came to, and how it is read from what the runners print.

use serde_json::Value;

use crate::process::Finished;
use crate::tools::is_ci;

#[derive(Default)]
pub struct Outcome {
    /// "node 24.21.0"
    pub engine: String,
    pub passed: u64,
    pub failed: u64,
    /// Name and reason.
    pub skipped: Vec<(String, String)>,
    /// What to show at once, when there is something to show.
    pub story: Option<String>,
}

impl Outcome {
    /// A suite that could not run to its end counts as one failure.
    pub fn broken(why: &str) -> Outcome {
        Outcome { failed: 1, story: Some(why.to_owned()), ..Outcome::default() }
    }

    /// On a person's machine a missing engine is a skip that says so; where everything must be tested it is a failure.
    pub fn missing(engine: &str, remedy: &str) -> Outcome {
        if is_ci() {
            return Outcome::broken(&format!("{engine} is missing. {remedy}"));
        }
        let story = Some(format!("SKIPPED, {engine} is missing. {remedy}"));
        let skipped = vec![("all of it".to_owned(), format!("{engine} is missing"))];
        Outcome { skipped, story, ..Outcome::default() }
    }

    /// The last line of JSON of one of our own runners.
    pub fn from_runner(finished: &Finished) -> Outcome {
        let last = finished.stdout.lines().rev().find(|line| line.starts_with('{'));
        let report = last.and_then(|line| serde_json::from_str::<Value>(line).ok());
        let outcome = report.as_ref().and_then(counted);
        outcome.unwrap_or_default().judged(finished)
    }

    /// The sums of `cargo test`, one "test result:" line a binary.
    pub fn from_cargo(finished: &Finished) -> Outcome {
        let mut outcome = Outcome::default();
        for line in finished.stdout.lines().filter(|line| line.starts_with("test result:")) {
            outcome.passed += before(line, " passed");
            outcome.failed += before(line, " failed");
        }
        let ignored = finished.stdout.lines().filter_map(|line| line.strip_prefix("test ")?.split_once(" ... ignored"));
        outcome.skipped = ignored.map(|(name, why)| (name.to_owned(), reason(why))).collect();
        outcome.judged(finished)
    }

    /// A runner that ran nothing, or that ended badly without naming a failure, has failed.
    pub fn judged(mut self, finished: &Finished) -> Outcome {
        let nothing = self.passed == 0 && self.skipped.is_empty();
        if self.failed == 0 && (nothing || !finished.success) {
            self.failed = 1;
        }
        if self.failed > 0 {
            self.story = Some(finished.excerpt());
        }
        self
    }

    pub fn on(mut self, engine: &str) -> Outcome {
        engine.clone_into(&mut self.engine);
        self
    }
}

/// {"engine", "version", "passed", "failed", "skipped": [{"name", "why"}]}; anything else is no report.
fn counted(report: &Value) -> Option<Outcome> {
    let word = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let skipped = report.get("skipped").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Some(Outcome {
        engine: format!("{} {}", word(report, "engine"), word(report, "version")),
        passed: report.get("passed")?.as_u64()?,
        failed: report.get("failed")?.as_u64()?,
        skipped: skipped.iter().map(|skip| (word(skip, "name"), word(skip, "why"))).collect(),
        story: None,
    })
}

/// The number in front of a word: "ok. 12 passed; 0 failed".
fn before(line: &str, word: &str) -> u64 {
    let number = line.split(word).next().and_then(|head| head.rsplit(' ').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// `#[ignore = "why"]` is printed as ", why".
fn reason(text: &str) -> String {
    let text = text.trim_start_matches(',').trim();
    if text.is_empty() { "marked #[ignore]".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::Outcome;
    use crate::process::Finished;

    fn finished(success: bool, stdout: &str) -> Finished {
        Finished { success, ending: String::new(), stdout: stdout.to_owned(), stderr: String::new(), log: "log".into() }
    }

    #[test]
    fn cargo_s_sums_are_added_up() {
        let text = "test a ... ok\ntest b ... ignored, slow\n\
                    test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                    test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let outcome = Outcome::from_cargo(&finished(false, text));
        assert_eq!((outcome.passed, outcome.failed), (5, 1));
        assert_eq!(outcome.skipped, [("b".to_owned(), "slow".to_owned())]);
    }

    #[test]
    fn the_last_line_of_json_counts() {
        let text = "{\"note\":1}\nnot ok x\n{\"engine\":\"bun\",\"version\":\"1\",\"passed\":4,\"failed\":0,\
                    \"skipped\":[{\"name\":\"a\",\"why\":\"b\"}]}\n";
        let outcome = Outcome::from_runner(&finished(true, text));
        assert_eq!((outcome.engine.as_str(), outcome.passed, outcome.failed), ("bun 1", 4, 0));
        assert_eq!(outcome.skipped.len(), 1);
    }

    #[test]
    fn silence_and_a_bad_end_are_failures() {
        assert_eq!(Outcome::from_runner(&finished(true, "")).failed, 1);
        assert_eq!(Outcome::from_runner(&finished(false, "{\"passed\":4,\"failed\":0}")).failed, 1);
        assert_eq!(Outcome::from_cargo(&finished(true, "test result: ok. 0 passed; 0 failed;")).failed, 1);
    }
}
