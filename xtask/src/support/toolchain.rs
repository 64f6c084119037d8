//! The Rust toolchain: its version, and the wasm target that the build needs.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::support::process;
use crate::support::workspace::{WASM_TARGET, cargo};

/// Adds the wasm target with rustup unless the compiler has it already.
pub fn add_wasm_target() -> Result<()> {
    let arguments = ["--print", "target-libdir", "--target", WASM_TARGET];
    let Some(folder) = process::query_output(Command::new("rustc").args(arguments)) else {
        bail!(
            "`rustc` does not run: install Rust from https://rustup.rs, open a new terminal and \
             try again."
        );
    };
    if Path::new(&folder).is_dir() {
        return Ok(());
    }
    let advice = format!(
        "Rust's target {WASM_TARGET} is missing and could not be added: connect to a network and \
         run `rustup target add {WASM_TARGET}`, or install the target's package if this Rust did \
         not come from rustup."
    );
    let mut command = Command::new("rustup");
    process::run_step("Adding the wasm target", command.args(["target", "add", WASM_TARGET]))
        .context(advice)?;
    Ok(())
}

/// The compiler's name and version, such as "rustc 1.95.0".
pub fn compiler_version() -> String {
    first_two_words(process::query_output(Command::new("rustc").arg("--version")))
}

/// The name and version of a cargo subcommand, such as "clippy 0.1.95"; empty if it is missing.
pub fn component_version(subcommand: &str) -> String {
    first_two_words(process::query_output(&mut cargo(&[subcommand, "--version"])))
}

fn first_two_words(output: Option<String>) -> String {
    output.unwrap_or_default().split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}
