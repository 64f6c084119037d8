//! The suites that run the packed package, each on its engine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use serde_json::Value;

use super::outcome::Outcome;
use super::package::tarball;
use super::wycheproof as vectors;
use crate::node::Node;
use crate::npm;
use crate::process;
use crate::tools::{on_path, root};

const NO_NODE: &str = "npm has none for this platform: install it from https://nodejs.org";

pub fn node20() -> Result<Outcome> {
    node("node20", 20)
}

pub fn node24() -> Result<Outcome> {
    node("node24", 24)
}

fn node(suite: &str, major: u32) -> Result<Outcome> {
    match Node::generation(major) {
        Some(node) => run(suite, &mut node.script(Path::new("runtimes/node.mjs"))),
        None => Ok(Outcome::missing(&format!("Node {major}"), NO_NODE)),
    }
}

/// With no permission but to read the tests: the package asks for none.
pub fn deno() -> Result<Outcome> {
    let Some(program) = brought("@deno", "deno").or_else(|| on_path(&["deno"])) else {
        return Ok(Outcome::missing("Deno", "npm has none for this platform: install it from https://deno.com"));
    };
    let mut command = Command::new(program);
    command.args(["run", "--quiet", "--no-prompt", "--no-remote", "--node-modules-dir=manual"]);
    command.args(["--allow-read=.", "--unstable-kv"]);
    command.env("DENO_DIR", root().join("target/deno")).env("DENO_NO_UPDATE_CHECK", "1");
    run("deno", command.arg("runtimes/deno.mjs"))
}

pub fn bun() -> Result<Outcome> {
    let Some(program) = brought("@oven", "bin/bun").or_else(|| on_path(&["bun"])) else {
        return Ok(Outcome::missing("Bun", "npm has none for this platform: install it from https://bun.sh"));
    };
    let mut command = Command::new(program);
    run("bun", command.args(["run", "--no-install", "runtimes/bun.mjs"]).env("DO_NOT_TRACK", "1"))
}

/// vitest counts; workerd says its version itself.
pub fn workerd() -> Result<Outcome> {
    let program = brought("@cloudflare", "bin/workerd");
    let (Some(node), Some(program)) = (Node::generation(24), program) else {
        return Ok(Outcome::missing("workerd (or the Node 24 that drives it)", "npm has none for this platform."));
    };
    let report = root().join("target/workerd.json");
    let _ = std::fs::remove_file(&report);
    let mut command = node.script(&tests().join("node_modules/vitest/vitest.mjs"));
    command.args(["run", "--reporter=default", "--reporter=json", "--outputFile"]).arg(&report);
    // No look-up of the machine's whereabouts, no telemetry: the suite runs without a network.
    command.env("CLOUDFLARE_CF_FETCH_ENABLED", "false").env("WRANGLER_SEND_METRICS", "false").env("CI", "1");
    let finished = process::run("workerd", command.current_dir(tests().join("runtimes/workerd")))?;
    let outcome = std::fs::read_to_string(&report).ok().and_then(|text| vitest(&text)).unwrap_or_default();
    let version = process::ask(Command::new(program).arg("--version")).unwrap_or_default();
    Ok(outcome.judged(&finished).on(&version))
}

pub fn browser() -> Result<Outcome> {
    if on_path(&["chromium", "chromium-browser", "google-chrome"]).is_none() {
        let remedy = "Install it, on Debian or Ubuntu with: apt-get install chromium";
        return Ok(Outcome::missing("Chromium", remedy));
    }
    script("browser", "browser/run.mjs", &[])
}

pub fn package() -> Result<Outcome> {
    script("package", "package/run.mjs", &[tarball()?])
}

pub fn readme() -> Result<Outcome> {
    script("readme", "readme/run.mjs", &[])
}

/// Starts the engines it finds, and says which it does not.
pub fn stores() -> Result<Outcome> {
    script("stores", "stores/run.mjs", &[])
}

/// Installed when they are asked for: half a gigabyte that no other suite needs.
pub fn frameworks() -> Result<Outcome> {
    npm::install("tests/frameworks")?;
    script("frameworks", "frameworks/run.mjs", &[])
}

pub fn wycheproof() -> Result<Outcome> {
    script("wycheproof", "wycheproof/run.mjs", &[vectors::write()?])
}

pub fn differential() -> Result<Outcome> {
    script("differential", "differential/run.mjs", &[])
}

/// A runner whose tools want the newer Node.
fn script(suite: &str, file: &str, arguments: &[PathBuf]) -> Result<Outcome> {
    match Node::generation(24) {
        Some(node) => run(suite, node.script(Path::new(file)).args(arguments)),
        None => Ok(Outcome::missing("Node 24", NO_NODE)),
    }
}

fn run(suite: &str, command: &mut Command) -> Result<Outcome> {
    let finished = process::run(suite, command.current_dir(tests()).env("NO_COLOR", "1"))?;
    Ok(Outcome::from_runner(&finished))
}

/// Some engines come as one npm package a platform; npm installs the one that fits. Called there directly: the names
/// in node_modules/.bin are put in order by install scripts, which we do not run.
fn brought(scope: &str, file: &str) -> Option<PathBuf> {
    let packages = std::fs::read_dir(tests().join("node_modules").join(scope)).ok()?;
    let files = packages.filter_map(|entry| Some(entry.ok()?.path().join(file)));
    files.map(|file| file.with_extension(std::env::consts::EXE_EXTENSION)).find(|file| file.is_file())
}

fn vitest(text: &str) -> Option<Outcome> {
    let report: Value = serde_json::from_str(text).ok()?;
    let files = report.get("testResults")?.as_array()?;
    let tests: Vec<&Value> =
        files.iter().filter_map(|file| file.get("assertionResults")?.as_array()).flatten().collect();
    let with = |status: &str| tests.iter().filter(|test| test["status"] == status).count() as u64;
    // A file that does not load has no tests; it is a failure all the same.
    let unloaded =
        files.iter().filter(|file| file["status"] == "failed" && file["assertionResults"] == Value::Array(vec![]));
    let failed = with("failed") + unloaded.count() as u64;
    let skipped = tests.iter().filter(|test| !matches!(test["status"].as_str(), Some("passed" | "failed")));
    let skipped =
        skipped.map(|test| (test["fullName"].as_str().unwrap_or_default().to_owned(), "marked in the test".to_owned()));
    Some(Outcome { passed: with("passed"), failed, skipped: skipped.collect(), ..Outcome::default() })
}

fn tests() -> PathBuf {
    root().join("tests")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_vitest_file_that_does_not_load_is_a_failure() {
        let text = r#"{"testResults":[{"status":"failed","assertionResults":[]},
            {"status":"passed","assertionResults":[{"status":"passed"},{"status":"skipped","fullName":"x"}]}]}"#;
        let outcome = super::vitest(text).expect("a report");
        assert_eq!((outcome.passed, outcome.failed, outcome.skipped.len()), (1, 1, 1));
    }
}
