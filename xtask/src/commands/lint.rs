//! `cargo xtask lint`: checks formatting and runs the linters.

use std::process::ExitCode;

use anyhow::Result;

use super::command::Command;
use crate::suite::list;
use crate::suite::run::run_suites;
use crate::suite::suite_options::SuiteOptions;
use crate::support::arguments::Arguments;

pub const COMMAND: Command = Command {
    name: "lint",
    words: "",
    summary: "Check formatting, run the linters, and find long lines",
    details: "The same as `cargo xtask test lint`: rustfmt, dprint, Biome, clippy for this\n\
              machine and for wasm32, and lines of more than 100 columns. Changes no file.",
    options: &[],
    example: "cargo xtask lint",
    run,
};

fn run(_: &Arguments) -> Result<ExitCode> {
    let suites: Vec<_> = list::find("lint").into_iter().collect();
    run_suites(&suites, &SuiteOptions { filter: None, is_full: true }, None)
}
