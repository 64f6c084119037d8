//! `cargo xtask fmt`: formats all code and Markdown.

use std::process::ExitCode;

use anyhow::Result;

use super::command::Command;
use crate::suite::formatters::{dprint, rustfmt};
use crate::support::arguments::Arguments;
use crate::support::process::run_step;

pub const COMMAND: Command = Command {
    name: "fmt",
    words: "",
    summary: "Format all code and Markdown",
    details: "rustfmt formats Rust; dprint formats TypeScript, JavaScript, CSS, JSON, Markdown.\n\
              Lines are at most 100 columns wide. rustfmt does not wrap comments, so\n\
              `cargo xtask lint` reports those that are too long.",
    options: &[],
    example: "cargo xtask fmt",
    run,
};

fn run(_: &Arguments) -> Result<ExitCode> {
    run_step("Formatting Rust", &mut rustfmt(false))?;
    match dprint(false)? {
        Some(mut command) => drop(run_step("Formatting everything else", &mut command)?),
        None => eprintln!("Only Rust was formatted, because dprint is missing: install it."),
    }
    Ok(ExitCode::SUCCESS)
}
