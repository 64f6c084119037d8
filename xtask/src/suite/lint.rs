//! The suite `lint`: formatters, linters and the length of lines. Each check counts as one test.

use std::process::Command;

use anyhow::Result;

use super::formatters;
use super::line_length::find_long_lines;
use super::suite_options::SuiteOptions;
use super::suite_result::SuiteResult;
use crate::support::process::run_program;
use crate::support::toolchain::{add_wasm_target, component_version};
use crate::support::workspace::{WASM_TARGET, cargo};

/// Runs every check, whatever fails. The quick selection leaves out clippy, because the suite
/// `rust` compiles with it.
pub fn lint(options: &SuiteOptions) -> Result<SuiteResult> {
    for tool in ["clippy", "fmt"] {
        if component_version(tool).is_empty() {
            let remedy = "install it with `rustup component add clippy rustfmt`";
            return Ok(SuiteResult::missing(tool, remedy));
        }
    }
    add_wasm_target()?;
    let mut result = SuiteResult::default();
    for (label, command) in commands(options.is_full)? {
        let Some(mut command) = command else {
            result.skipped.push((label.to_owned(), "not available on this platform".to_owned()));
            continue;
        };
        let finished = run_program(label, &mut command)?;
        let details = (!finished.success).then(|| format!("{label}\n{}", finished.excerpt()));
        result = result.plus(count_check(details));
    }
    let long_lines = find_long_lines()?;
    let details = (!long_lines.is_empty())
        .then(|| format!("Lines of more than 100 columns: wrap them.\n{}", long_lines.join("\n")));
    Ok(result.plus(count_check(details)).on(&component_version("clippy")))
}

fn count_check(details: Option<String>) -> SuiteResult {
    let is_passed = details.is_none();
    let (passed, failed) = (u64::from(is_passed), u64::from(!is_passed));
    SuiteResult { passed, failed, details, ..SuiteResult::default() }
}

/// The commands with their labels; None stands for a tool that this platform does not have.
fn commands(is_full: bool) -> Result<Vec<(&'static str, Option<Command>)>> {
    let mut commands = vec![
        ("lint: rustfmt", Some(formatters::rustfmt(true))),
        ("lint: dprint", formatters::dprint(true)?),
        ("lint: Biome", formatters::biome()?),
    ];
    if !is_full {
        return Ok(commands);
    }
    let tools = ["-p", "xtask-bindings", "-p", "xtask-vectors", "--all-targets"];
    let for_wasm = ["-p", "portcullis", "--lib", "--target", WASM_TARGET];
    commands.extend([
        ("lint: clippy xtask", clippy(&["-p", "xtask", "--all-targets"])),
        ("lint: clippy portcullis", clippy(&["-p", "portcullis", "--all-targets"])),
        ("lint: clippy wasm32", clippy(&for_wasm)),
        ("lint: clippy tools", clippy(&tools)),
    ]);
    Ok(commands)
}

fn clippy(selection: &[&str]) -> Option<Command> {
    let mut command = cargo(&["clippy", "--locked"]);
    command.args(selection).args(["--", "-D", "warnings"]);
    Some(command)
}
