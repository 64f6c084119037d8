//! `cargo xtask build`: builds the module and the npm package.

use std::process::ExitCode;

use anyhow::Result;

use super::command::Command;
use crate::build::build_package;
use crate::support::arguments::Arguments;

pub const COMMAND: Command = Command {
    name: "build",
    words: "",
    summary: "Build the module and the npm package",
    details: "The package is in pkg/. The build fails if the module is over its size budget,\n\
              which is in wasm-pack.toml. What has not changed is not built again.",
    options: &[],
    example: "cargo xtask build",
    run,
};

fn run(_: &Arguments) -> Result<ExitCode> {
    println!("{}", build_package()?);
    Ok(ExitCode::SUCCESS)
}
