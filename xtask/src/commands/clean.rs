//! `cargo xtask clean`: removes what the other commands made.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};

use super::command::Command;
use crate::support::arguments::Arguments;
use crate::support::workspace::{GENERATED_FOLDERS, root};

pub const COMMAND: Command = Command {
    name: "clean",
    words: "",
    summary: "Remove what the other commands made",
    details: "That is target/, every node_modules/, pkg/wasm, pkg/dist and the output of the\n\
              frameworks. A symbolic link is left as it is.",
    options: &[],
    example: "cargo xtask clean",
    run,
};

fn run(_: &Arguments) -> Result<ExitCode> {
    for name in GENERATED_FOLDERS {
        let folder = root().join(name);
        // A link points to a folder that belongs to somebody else.
        if folder.is_dir() && !folder.is_symlink() {
            fs::remove_dir_all(&folder).with_context(|| format!("{name}/ could not be removed"))?;
            println!("removed {name}/");
        }
    }
    Ok(ExitCode::SUCCESS)
}
