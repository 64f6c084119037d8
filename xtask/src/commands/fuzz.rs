//! `cargo xtask fuzz`: tries every property with random inputs, under libFuzzer where it is
//! installed, otherwise with the mutator of tests/fuzz_properties.rs.

use std::fs;
use std::process::{Command as Program, ExitCode};

use anyhow::{Context, Result, bail};

use super::command::Command;
use crate::support::arguments::{Arguments, OptionSpec};
use crate::support::process::{self, FinishedProgram};
use crate::support::table;
use crate::support::workspace::{cargo, root};

const DEFAULT_SECONDS: u64 = 60;

/// A child that runs for longer than [`process::TIME_LIMIT`] is stopped.
const MAX_SECONDS: u64 = 600;

const FOLDER: &str = "tests/fuzz";

/// The test program that tries the properties without libFuzzer.
const TEST: [&str; 7] =
    ["test", "--locked", "--release", "-p", "portcullis", "--test", "fuzz_properties"];

pub const COMMAND: Command = Command {
    name: "fuzz",
    words: "",
    summary: "Try every fuzz property with random inputs",
    details: "Uses libFuzzer if a nightly toolchain and cargo-fuzz are installed, otherwise our\n\
              own mutator, which knows nothing of coverage.",
    options: &[OptionSpec {
        name: "--seconds",
        value: "N",
        about: "The time for each property, from 1 to 600. Default: 60",
    }],
    example: "cargo xtask fuzz --seconds 10",
    run,
};

/// How one property is tried, and the words that mark the line with the number of inputs.
type Attempt = (fn(property: &str, seconds: u64) -> Program, &'static str);

fn run(arguments: &Arguments) -> Result<ExitCode> {
    let seconds = arguments.number("--seconds", 1, MAX_SECONDS)?.unwrap_or(DEFAULT_SECONDS);
    let properties = properties()?;
    let (attempt, mark) = build_properties()?;
    let mut rows = vec![vec!["property".to_owned(), "inputs".to_owned()]];
    let mut failures = Vec::new();
    for property in &properties {
        let label = format!("fuzz {property}");
        let finished = process::run_program(&label, &mut attempt(property, seconds))?;
        rows.push(vec![property.clone(), input_count(&finished, mark)]);
        if !finished.success {
            failures.push(format!("{label} failed:\n\n{}", finished.excerpt()));
        }
    }
    print!("{}", table::align(&rows, &[]));
    if failures.is_empty() { Ok(ExitCode::SUCCESS) } else { bail!("{}", failures.join("\n\n")) }
}

/// Builds what tries the properties.
fn build_properties() -> Result<Attempt> {
    let Some(what) = missing_part() else {
        let mut command = nightly(&["fuzz", "build", "--fuzz-dir", FOLDER]);
        process::run_step("Building the fuzz targets", &mut command)?;
        return Ok((with_libfuzzer, "Done "));
    };
    eprintln!("{what} is missing, so our own mutator tries the properties, without coverage.");
    process::run_step("Building the properties", cargo(&TEST).arg("--no-run"))?;
    Ok((with_our_mutator, "inputs from number"))
}

/// The names of the fuzz targets, which tests/fuzz_properties.rs compares with the properties.
fn properties() -> Result<Vec<String>> {
    let folder = root().join(FOLDER).join("fuzz_targets");
    let files =
        fs::read_dir(&folder).with_context(|| format!("{} is missing", folder.display()))?;
    let names = files.map(|file| {
        Ok(file?.path().file_stem().unwrap_or_default().to_string_lossy().into_owned())
    });
    let mut names = names.collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// The part of libFuzzer that this machine lacks, with the command that installs it.
fn missing_part() -> Option<&'static str> {
    if process::query_output(&mut nightly(&["--version"])).is_none() {
        return Some("A nightly toolchain (`rustup toolchain install nightly`)");
    }
    let version = process::query_output(&mut nightly(&["fuzz", "--version"]));
    version.is_none().then_some("cargo-fuzz (`cargo install cargo-fuzz --locked`)")
}

/// Another compiler builds the fuzz targets, with sanitizers and into a folder of its own.
fn nightly(arguments: &[&str]) -> Program {
    let mut command = cargo(&["+nightly"]);
    command.args(arguments).env_remove("CARGO_TARGET_DIR");
    command
}

/// An input that takes five seconds counts as one that never ends.
fn with_libfuzzer(property: &str, seconds: u64) -> Program {
    let mut command = nightly(&["fuzz", "run", "--fuzz-dir", FOLDER, property, "--", "-timeout=5"]);
    command.arg(format!("-max_total_time={seconds}"));
    command
}

fn with_our_mutator(property: &str, seconds: u64) -> Program {
    let mut command = cargo(&TEST);
    command.args(["--", "--nocapture", "--exact", &format!("{property}_property_holds")]);
    command.env("PORTCULLIS_FUZZ_SECONDS", seconds.to_string());
    command
}

fn input_count(finished: &FinishedProgram, mark: &str) -> String {
    let mut lines = finished.stdout.lines().chain(finished.stderr.lines());
    lines.find(|line| line.contains(mark)).unwrap_or("FAILED").to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_property_is_found() {
        let names = super::properties().expect("the folder of targets");
        let program = super::root().join("tests/fuzz_properties.rs");
        let program = std::fs::read_to_string(program).expect("the test program");
        assert!(names.len() >= 9, "{names:?}");
        for name in names {
            let test = format!("fn {name}_property_holds(");
            assert!(program.contains(&test), "tests/fuzz_properties.rs has no `{test}`");
        }
    }
}
