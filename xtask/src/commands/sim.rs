//! `cargo xtask sim`: the seeded simulation of rotation at length, with a progress bar.

use std::process::{Command as Program, ExitCode};

use anyhow::{Result, bail};

use super::command::Command;
use crate::support::arguments::{Arguments, OptionSpec};
use crate::support::process::{self, FinishedProgram};
use crate::support::workspace::cargo;

const DEFAULT_SEEDS: u64 = 2000;
const ALL_SEEDS: &str = "all_invariants_hold_after_every_step_of_every_seed";
/// Part of the names of the tests about thefts.
const THEFTS: &str = "thie";
const LOST_REPLIES: &str = "lost_replies_and_repeated_requests_sign_nobody_out";

/// How cargo is called for every simulation: with optimisation, and in the profile for it.
pub const TEST: [&str; 6] = ["test", "--locked", "--profile", "sim", "-p", "portcullis"];

pub const COMMAND: Command = Command {
    name: "sim",
    words: "",
    summary: "Simulate rotation and check its invariants",
    details: "Ends with the line `seeds N steps N violations N`. A seed that fails is printed\n\
              step by step; the same seed gives the same steps.",
    options: &[
        OptionSpec {
            name: "--seeds",
            value: "N",
            about: "How many seeds, from 1 on. Default: 2000",
        },
        OptionSpec { name: "--seed", value: "S", about: "Only this seed, with its steps" },
        OptionSpec {
            name: "--long",
            value: "",
            about: "In addition lost replies, thefts and the whole model, for many minutes",
        },
    ],
    example: "cargo xtask sim --seeds 20000 --long",
    run,
};

/// The options of one run.
#[derive(Debug, PartialEq, Eq)]
struct SimOptions {
    seed_count: u64,
    first_seed: u64,
    is_long: bool,
}

impl SimOptions {
    fn parse(arguments: &Arguments) -> Result<SimOptions> {
        let seed_count = arguments.number("--seeds", 1, u64::MAX)?.unwrap_or(DEFAULT_SEEDS);
        let is_long = arguments.has("--long");
        Ok(match arguments.number("--seed", 0, u64::MAX)? {
            Some(seed) => SimOptions { seed_count: 1, first_seed: seed, is_long },
            None => SimOptions { seed_count, first_seed: 0, is_long },
        })
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode> {
    let options = SimOptions::parse(arguments)?;
    let mut build = cargo(&TEST);
    build.args(["--test", "simulation", "--test", "model", "--no-run"]);
    process::run_step("Building the simulation", &mut build)?;
    let mut seeds = single_test("simulation", ALL_SEEDS);
    seeds.env("PORTCULLIS_SIM_SEEDS", options.seed_count.to_string());
    seeds.env("PORTCULLIS_SIM_FROM", options.first_seed.to_string());
    let finished = process::run_with_progress("sim", &mut seeds)?;
    let Some(last) = summary_line(&finished.stdout) else {
        bail!("sim failed:\n\n{}", finished.excerpt());
    };
    print!("{}", program_output(&finished));
    let mut is_success = finished.success;
    if options.is_long {
        is_success &= run_long_proofs()?;
    }
    println!("{last}");
    Ok(if is_success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn run_long_proofs() -> Result<bool> {
    let mut is_success = true;
    for (label, mut command) in long_proofs() {
        let finished = process::run_with_progress(label, &mut command)?;
        print!("{}", program_output(&finished));
        if !finished.success {
            println!("{label} failed:\n\n{}\n", finished.excerpt());
            is_success = false;
        }
    }
    Ok(is_success)
}

fn long_proofs() -> [(&'static str, Program); 3] {
    let mut lost_replies = single_test("simulation", LOST_REPLIES);
    lost_replies.env("PORTCULLIS_SIM_LOSSY", "1000000");
    let mut thefts = cargo(&TEST);
    thefts.args(["--test", "simulation", "--", "--nocapture", "--test-threads=1", THEFTS]);
    thefts.env("PORTCULLIS_SIM_PROGRESS", "1").env("PORTCULLIS_SIM_THEFTS", "1000");
    let mut model = cargo(&TEST);
    model.args(["--test", "model", "--", "--nocapture"]).env("PORTCULLIS_MODEL", "long");
    [("sim lossy", lost_replies), ("sim theft", thefts), ("model", model)]
}

/// One test of a test program, which prints its progress.
pub fn single_test(program: &str, test: &str) -> Program {
    let mut command = cargo(&TEST);
    command.args(["--test", program, "--", "--nocapture", "--exact", test]);
    command.env("PORTCULLIS_SIM_PROGRESS", "1");
    command
}

/// Finds the line "seeds 2000 steps 440000 violations 0".
fn summary_line(stdout: &str) -> Option<&str> {
    let is_summary = |line: &&str| line.starts_with("seeds ") && line.contains(" violations ");
    stdout.lines().rev().find(is_summary)
}

/// The output of the test itself: without its progress, its summary and the lines of the test
/// runner.
fn program_output(finished: &FinishedProgram) -> String {
    const RUNNER_LINES: [&str; 6] =
        ["progress ", "running ", "test result:", "seeds ", "failures:", "    "];
    let lines = finished.stdout.lines().map(|line| match line.split_once(" ... ") {
        Some((test, rest)) if test.starts_with("test ") => rest,
        _ => line,
    });
    let is_output = |line: &&str| {
        // The steps of a seed are indented by more than the test runner indents.
        let is_step = line.starts_with("     ");
        let is_runner_line = RUNNER_LINES.iter().any(|start| line.starts_with(start));
        (is_step || !is_runner_line) && !matches!(*line, "" | "ok" | "FAILED")
    };
    lines.filter(is_output).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        ALL_SEEDS, COMMAND, DEFAULT_SEEDS, LOST_REPLIES, SimOptions, THEFTS, summary_line,
    };
    use crate::support::arguments::Arguments;
    use crate::support::workspace::root;

    fn parse(words: &[&str]) -> Result<SimOptions, String> {
        let arguments = Arguments::parse(words, COMMAND.options, 0).expect("known options");
        SimOptions::parse(&arguments).map_err(|error| error.to_string())
    }

    #[test]
    fn a_single_seed_is_one_seed_from_there() {
        let options =
            |seed_count, first_seed, is_long| Ok(SimOptions { seed_count, first_seed, is_long });
        assert_eq!(parse(&[]), options(DEFAULT_SEEDS, 0, false));
        assert_eq!(parse(&["--long", "--seeds", "20000"]), options(20_000, 0, true));
        assert_eq!(parse(&["--seed", "7"]), options(1, 7, false));
        assert!(parse(&["--seeds", "0"]).is_err());
        assert!(parse(&["--seed", "x"]).is_err());
    }

    #[test]
    fn the_tests_of_the_simulation_exist() {
        let program = std::fs::read_to_string(root().join("tests/simulation.rs"));
        let program = program.expect("the test program");
        assert!(program.contains(&format!("fn {ALL_SEEDS}(")));
        assert!(program.contains(&format!("fn {LOST_REPLIES}(")));
        assert!(program.lines().any(|line| line.starts_with("fn ") && line.contains(THEFTS)));
    }

    #[test]
    fn the_summary_is_found_among_other_lines() {
        let output = "running 1 test\nprogress 1 1 seeds\nseeds 1 steps 223 violations 0\nok\n";
        assert_eq!(summary_line(output), Some("seeds 1 steps 223 violations 0"));
        assert_eq!(summary_line("seeds of doubt\n"), None);
    }
}
