//! How the formatters and Biome are called. dprint and Biome come from npm, by
//! xtask/package-lock.json.

use std::process::Command;

use anyhow::Result;

use crate::support::npm::{self, find_native_program};
use crate::support::workspace::{cargo, find_on_path, root};

/// rustfmt on the crates of the workspace.
pub fn rustfmt(is_check: bool) -> Command {
    let mut command = cargo(&["fmt", "--all"]);
    if is_check {
        command.args(["--check", "--", "--color", "never"]);
    }
    command
}

/// dprint on TypeScript, JavaScript, CSS, JSON and Markdown, by dprint.json. None if there is no
/// dprint: npm installs it on Linux with x86-64, elsewhere it is taken from PATH.
pub fn dprint(is_check: bool) -> Result<Option<Command>> {
    npm::install("xtask")?;
    let installed = find_native_program("xtask", "@dprint", "dprint");
    let Some(program) = installed.or_else(|| find_on_path(&["dprint"])) else { return Ok(None) };
    let mut command = Command::new(program);
    command.arg(if is_check { "check" } else { "fmt" }).current_dir(root());
    // dprint compiles its plugins at first use, and keeps them in this folder.
    command.env("DPRINT_CACHE_DIR", root().join("target/dprint")).env("NO_COLOR", "1");
    Ok(Some(command))
}

/// Biome's linter on TypeScript and JavaScript, by biome.json. None if npm has no Biome for this
/// platform.
pub fn biome() -> Result<Option<Command>> {
    npm::install("xtask")?;
    let Some(program) = find_native_program("xtask", "@biomejs", "biome") else { return Ok(None) };
    let mut command = Command::new(program);
    command.args(["lint", "--error-on-warnings", "--max-diagnostics=100", "--colors=off"]);
    command.current_dir(root());
    Ok(Some(command))
}
