//! How the formatters and Biome are called. dprint and Biome come from npm, by
//! xtask/package-lock.json.

use std::process::Command;

use anyhow::{Context, Result};

use crate::support::npm::{self, find_native_program};
use crate::support::workspace::{cargo, root};

/// rustfmt on the crates of the workspace.
pub fn rustfmt(is_check: bool) -> Command {
    let mut command = cargo(&["fmt", "--all"]);
    if is_check {
        command.args(["--check", "--", "--color", "never"]);
    }
    command
}

/// dprint on TypeScript, JavaScript, CSS, JSON and Markdown, by dprint.json.
pub fn dprint(is_check: bool) -> Result<Command> {
    let mut command = tool("@dprint", "dprint")?;
    command.arg(if is_check { "check" } else { "fmt" });
    // dprint compiles its plugins at first use, and keeps them here.
    command.env("DPRINT_CACHE_DIR", root().join("target/dprint")).env("NO_COLOR", "1");
    Ok(command)
}

/// Biome's linter on TypeScript and JavaScript, by biome.json.
pub fn biome() -> Result<Command> {
    let mut command = tool("@biomejs", "biome")?;
    command.args(["lint", "--error-on-warnings", "--max-diagnostics=100", "--colors=off"]);
    Ok(command)
}

fn tool(scope: &str, name: &str) -> Result<Command> {
    npm::install("xtask")?;
    let program = find_native_program("xtask", scope, name)
        .with_context(|| format!("{name} is not available: npm has none for this platform."))?;
    let mut command = Command::new(program);
    command.current_dir(root());
    Ok(command)
}
