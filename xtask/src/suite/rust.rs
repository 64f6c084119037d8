//! The suites that cargo runs, except `lint`.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};

use super::suite_options::SuiteOptions;
use super::suite_result::SuiteResult;
use crate::build::compile_bindings_tool;
use crate::support::node::Node;
use crate::support::npm;
use crate::support::process::run_program;
use crate::support::toolchain::{add_wasm_target, compiler_version, component_version};
use crate::support::workspace::{WASM_TARGET, cargo, root};

/// Test programs of the core that take more than four seconds each to run without optimisation, or
/// to compile. The quick selection leaves them out, and the suite `proofs` runs two of them at
/// length.
const LONG_PROGRAMS: [&str; 7] = [
    "fuzz_properties",
    "model",
    "properties",
    "risk_simulation",
    "scoring_properties",
    "simulation",
    "user_agents",
];

/// The core's tests, the examples of its documentation, and the tests of the build tool.
pub fn rust(options: &SuiteOptions) -> Result<SuiteResult> {
    let mut core = vec!["-p".to_owned(), "portcullis".to_owned()];
    if !options.is_full {
        core.push("--lib".to_owned());
        let quick = test_programs()?.into_iter();
        let quick = quick.filter(|name| !LONG_PROGRAMS.contains(&name.as_str()));
        core.extend(quick.flat_map(|name| ["--test".to_owned(), name]));
    }
    // One call for each crate: cargo would compile shared dependencies anew for another selection.
    let mut result = cargo_test("rust", &core, options)?;
    for name in ["xtask", "xtask-bindings"] {
        let label = format!("rust {name}");
        result = result.plus(cargo_test(&label, &["-p".to_owned(), name.to_owned()], options)?);
    }
    Ok(result.on(&compiler_version()))
}

fn cargo_test(label: &str, selection: &[String], options: &SuiteOptions) -> Result<SuiteResult> {
    let mut command = cargo(&["test", "--locked", "--no-fail-fast"]);
    lint_while_compiling(&mut command);
    command.args(selection).arg("--").args(&options.filter);
    let finished = run_program(label, &mut command)?;
    Ok(options.apply_filter(SuiteResult::from_cargo(&finished), &finished))
}

/// Lets clippy compile the crates of the workspace, and fail for each finding. A call of `cargo
/// clippy` would check every dependency once more: 246 seconds of processor time for both instead
/// of 182, measured cold with the quick selection.
fn lint_while_compiling(command: &mut Command) {
    if !component_version("clippy").is_empty() {
        // cargo clippy gives the arguments to its compiler in this form, too.
        command.env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
        command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
    }
}

/// The names of the core's test programs: the files in tests/.
fn test_programs() -> Result<Vec<String>> {
    let files = fs::read_dir(root().join("tests")).context("tests/ cannot be listed")?;
    let paths = files.map(|file| Ok(file?.path())).collect::<Result<Vec<_>>>()?;
    let programs = paths.iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
    let mut names: Vec<String> = programs
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    Ok(names)
}

/// The proofs of rotation at a size that suits every change; `cargo xtask sim` runs them at length.
pub fn proofs(options: &SuiteOptions) -> Result<SuiteResult> {
    let mut command = cargo(&["test", "--locked", "--profile", "sim", "-p", "portcullis"]);
    command.args(["--no-fail-fast", "--test", "simulation", "--test", "model"]);
    let sizes = [("SIM_SEEDS", "500"), ("SIM_LOSSY", "50000"), ("SIM_THEFTS", "1000")];
    for (name, size) in sizes {
        command.env(format!("PORTCULLIS_{name}"), size);
    }
    command.env("PORTCULLIS_MODEL", "ci").arg("--").args(&options.filter);
    let finished = run_program("proofs", &mut command)?;
    let result = options.apply_filter(SuiteResult::from_cargo(&finished), &finished);
    Ok(result.on(&compiler_version()))
}

/// The core's tests, compiled to wasm. The examples of the documentation are left out: each would
/// be a module without tests.
pub fn wasm32(options: &SuiteOptions) -> Result<SuiteResult> {
    add_wasm_target()?;
    npm::install("tests")?;
    let Some(node) = Node::find_major(24) else {
        return Ok(SuiteResult::missing("Node 24", "install it from https://nodejs.org"));
    };
    let program = serde_json::to_string(&compile_bindings_tool()?)?;
    // The runner is given as TOML: a variable of the environment would be split at spaces.
    let runner = format!("target.{WASM_TARGET}.runner=[{program},\"test\"]");
    let mut command = cargo(&["test", "--locked", "-p", "portcullis", "--lib", "--tests"]);
    command.args(["--target", WASM_TARGET, "--no-fail-fast", "--config", &runner, "--"]);
    let finished = run_program("wasm32", command.args(&options.filter).env("PATH", node.path()))?;
    let result = options.apply_filter(SuiteResult::from_cargo(&finished), &finished);
    Ok(result.on(&format!("Node.js {}", node.version)))
}

#[cfg(test)]
mod tests {
    use super::{LONG_PROGRAMS, test_programs};

    #[test]
    fn the_long_programs_exist() {
        let programs = test_programs().expect("tests/ can be listed");
        let missing = LONG_PROGRAMS.iter().find(|name| !programs.contains(&(**name).to_owned()));
        assert_eq!(missing, None, "LONG_PROGRAMS in xtask/src/suite/rust.rs names no such file");
    }
}
