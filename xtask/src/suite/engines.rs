//! The suites that run the packed package, each on its engine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::package::tarball;
use super::suite_options::SuiteOptions;
use super::suite_result::SuiteResult;
use crate::support::node::Node;
use crate::support::npm::{self, find_native_program};
use crate::support::process::{run_program, run_step};
use crate::support::workspace::{cargo, find_on_path, root};

const NODE_REMEDY: &str = "install it from https://nodejs.org";

/// The shared suite on Node 20.
pub fn node20(options: &SuiteOptions) -> Result<SuiteResult> {
    run_on_node("node20", 20, options)
}

/// The shared suite on Node 24.
pub fn node24(options: &SuiteOptions) -> Result<SuiteResult> {
    run_on_node("node24", 24, options)
}

fn run_on_node(suite: &str, major: u32, options: &SuiteOptions) -> Result<SuiteResult> {
    match Node::find_major(major) {
        Some(node) => {
            let mut command = node.script(Path::new("runtimes/node.mjs"));
            run_shared_suite(suite, &mut command, options)
        }
        None => Ok(SuiteResult::missing(&format!("Node {major}"), NODE_REMEDY)),
    }
}

/// The shared suite on Deno, which may read the tests and nothing else: the package needs no
/// permission.
pub fn deno(options: &SuiteOptions) -> Result<SuiteResult> {
    let installed = find_native_program("tests", "@deno", "deno");
    let Some(program) = installed.or_else(|| find_on_path(&["deno"])) else {
        return Ok(SuiteResult::missing("Deno", "install it from https://deno.com"));
    };
    let mut command = Command::new(program);
    command.args(["run", "--quiet", "--no-prompt", "--no-remote", "--node-modules-dir=manual"]);
    command.args(["--allow-read=.", "--unstable-kv", "runtimes/deno.mjs"]);
    command.env("DENO_DIR", root().join("target/deno")).env("DENO_NO_UPDATE_CHECK", "1");
    run_shared_suite("deno", &mut command, options)
}

/// The shared suite on Bun.
pub fn bun(options: &SuiteOptions) -> Result<SuiteResult> {
    let installed = find_native_program("tests", "@oven", "bin/bun");
    let Some(program) = installed.or_else(|| find_on_path(&["bun"])) else {
        return Ok(SuiteResult::missing("Bun", "install it from https://bun.sh"));
    };
    let mut command = Command::new(program);
    command.args(["run", "--no-install", "runtimes/bun.mjs"]).env("DO_NOT_TRACK", "1");
    run_shared_suite("bun", &mut command, options)
}

/// The runners of the shared suite take a filter as their only argument.
fn run_shared_suite(
    suite: &str,
    command: &mut Command,
    options: &SuiteOptions,
) -> Result<SuiteResult> {
    options.limit_rounds(command);
    let command = command.args(&options.filter).current_dir(tests_folder()).env("NO_COLOR", "1");
    let finished = run_program(suite, command)?;
    Ok(options.apply_filter(SuiteResult::from_runner(&finished), &finished))
}

/// The demo and the harness in Chromium.
pub fn browser(_: &SuiteOptions) -> Result<SuiteResult> {
    if find_on_path(&["chromium", "chromium-browser", "google-chrome"]).is_none() {
        let remedy = "install it, on Debian or Ubuntu with `apt-get install chromium`";
        return Ok(SuiteResult::missing("Chromium", remedy));
    }
    run_script("browser", "browser/run.mjs", &[])
}

/// The contents of the tarball.
pub fn package(_: &SuiteOptions) -> Result<SuiteResult> {
    run_script("package", "package/run.mjs", &[tarball()?])
}

/// The examples of the README.
pub fn readme(_: &SuiteOptions) -> Result<SuiteResult> {
    run_script("readme", "readme/run.mjs", &[])
}

/// The stores on their engines. The runner starts the engines and skips those that are missing.
pub fn stores(_: &SuiteOptions) -> Result<SuiteResult> {
    run_script("stores", "stores/run.mjs", &[])
}

/// The frameworks. Their half gigabyte is installed here, because no other suite needs it.
pub fn frameworks(_: &SuiteOptions) -> Result<SuiteResult> {
    npm::install("tests/frameworks")?;
    run_script("frameworks", "frameworks/run.mjs", &[])
}

/// Wycheproof's vectors on the module. xtask-vectors writes them; only this suite compiles it.
pub fn wycheproof(_: &SuiteOptions) -> Result<SuiteResult> {
    let file = root().join("target/wycheproof.json");
    let mut command = cargo(&["run", "--locked", "-p", "xtask-vectors", "--"]);
    run_step("Writing Wycheproof's vectors", command.arg(&file))
        .context("The vectors could not be written")?;
    run_script("wycheproof", "wycheproof/run.mjs", &[file])
}

/// The comparison with jose.
pub fn differential(_: &SuiteOptions) -> Result<SuiteResult> {
    run_script("differential", "differential/run.mjs", &[])
}

/// The benchmarks, for one call each: so that they fit the package when somebody measures.
pub fn bench(_: &SuiteOptions) -> Result<SuiteResult> {
    run_script("bench", "bench/check.mjs", &[])
}

/// Runs a runner that takes no filter, on Node 24: its tools do not run on Node 20.
fn run_script(suite: &str, file: &str, arguments: &[PathBuf]) -> Result<SuiteResult> {
    let Some(node) = Node::find_major(24) else {
        return Ok(SuiteResult::missing("Node 24", NODE_REMEDY));
    };
    let mut command = node.script(Path::new(file));
    command.args(arguments).current_dir(tests_folder()).env("NO_COLOR", "1");
    Ok(SuiteResult::from_runner(&run_program(suite, &mut command)?))
}

fn tests_folder() -> PathBuf {
    root().join("tests")
}
