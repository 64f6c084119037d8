//! `cargo xtask sim risk`: the simulation of risk assessment.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::command::Command;
use super::sim::{TEST, single_test};
use crate::support::arguments::{Arguments, OptionSpec};
use crate::support::process;
use crate::support::workspace::cargo;

/// Enough users for intervals of a few percent, in some minutes on two cores.
const DEFAULT_USERS: u64 = 2000;
const PROGRAM: &str = "risk_simulation";
const PAGE: &str = "the_page_is_written_where_somebody_asks_for_it";

pub const COMMAND: Command = Command {
    name: "sim risk",
    words: "",
    summary: "Simulate risk assessment beside other rules",
    details: "Writes docs/risk-simulation.md and its plots in docs/risk/. Run it after a change\n\
              to src/risk.",
    options: &[
        OptionSpec {
            name: "--users",
            value: "N",
            about: "How many users of each simulated site, from 1 on. Default: 2000",
        },
        OptionSpec { name: "--seed", value: "S", about: "The seed of the simulation. Default: 1" },
    ],
    example: "cargo xtask sim risk --users 200 --seed 7",
    run,
};

/// The options of one run.
#[derive(Debug, PartialEq, Eq)]
struct RiskSimOptions {
    user_count: u64,
    seed: u64,
}

impl RiskSimOptions {
    fn parse(arguments: &Arguments) -> Result<RiskSimOptions> {
        let user_count = arguments.number("--users", 1, u64::MAX)?.unwrap_or(DEFAULT_USERS);
        let seed = arguments.number("--seed", 0, u64::MAX)?.unwrap_or(1);
        Ok(RiskSimOptions { user_count, seed })
    }
}

fn run(arguments: &Arguments) -> Result<ExitCode> {
    let options = RiskSimOptions::parse(arguments)?;
    let mut build = cargo(&TEST);
    process::run_step("Building the simulation", build.args(["--test", PROGRAM, "--no-run"]))?;
    let mut page = single_test(PROGRAM, PAGE);
    page.env("PORTCULLIS_RISK_USERS", options.user_count.to_string());
    page.env("PORTCULLIS_RISK_SEED", options.seed.to_string());
    let finished = process::run_with_progress("sim risk", &mut page)?;
    let Some(last) = finished.stdout.lines().rev().find(|line| line.starts_with("users ")) else {
        bail!("sim risk failed:\n\n{}", finished.excerpt());
    };
    println!("{last}\ndocs/risk-simulation.md, docs/risk/*.svg");
    Ok(if finished.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::{COMMAND, DEFAULT_USERS, PAGE, PROGRAM, RiskSimOptions};
    use crate::support::arguments::Arguments;

    #[test]
    fn the_test_that_writes_the_page_exists() {
        let file = crate::support::workspace::root().join("tests").join(PROGRAM);
        let program = std::fs::read_to_string(file.with_extension("rs")).expect("the test program");
        assert!(program.contains(&format!("fn {PAGE}(")));
    }

    #[test]
    fn options_have_defaults_and_limits() {
        let parse = |words: &[&str]| {
            let arguments = Arguments::parse(words, COMMAND.options, 0).expect("known options");
            RiskSimOptions::parse(&arguments).ok()
        };
        let options = |user_count, seed| Some(RiskSimOptions { user_count, seed });
        assert_eq!(parse(&[]), options(DEFAULT_USERS, 1));
        assert_eq!(parse(&["--seed", "7", "--users", "20"]), options(20, 7));
        assert_eq!(parse(&["--users", "0"]), None);
    }
}
