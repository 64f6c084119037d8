//! Where things are, and how cargo and its kin are called.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

pub const WASM: &str = "wasm32-unknown-unknown";

/// The repository: the folder above this crate.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// A continuous-integration machine: nothing may be missing there.
pub fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// cargo on this workspace. Flags from the environment would replace those of .cargo/config.toml and leak into host
/// builds; a target folder from elsewhere would hide the module from us.
pub fn cargo(words: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(words).current_dir(root()).env("CARGO_TARGET_DIR", root().join("target"));
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    command.env_remove("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS");
    command
}

pub fn format() -> Result<()> {
    process::step("Formatting", &mut cargo(&["fmt", "--all"])).map(drop)
}

/// Adds the target once; later calls see its folder and ask nobody.
pub fn wasm_target() -> Result<()> {
    let asked = process::ask(Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]));
    let Some(folder) = asked else {
        bail!("`rustc` did not answer. Install Rust from https://rustup.rs, open a new terminal and try again.");
    };
    if Path::new(&folder).is_dir() {
        return Ok(());
    }
    let advice = format!(
        "Rust's {WASM} target is missing and could not be added. With a network: `rustup target add {WASM}`. \
         With a Rust that did not come from rustup: install that distribution's package for the target."
    );
    process::step("Adding the wasm target", Command::new("rustup").args(["target", "add", WASM])).context(advice)?;
    Ok(())
}

/// The first of these programs that PATH has.
pub fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let candidates = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.map(|file| file.with_extension(env::consts::EXE_EXTENSION)).find(|file| file.is_file())
}

/// PATH with this folder in front: what a program starts by name comes from there.
pub fn path_with(folder: &Path) -> OsString {
    let old = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(env::split_paths(&old));
    // Fails only on a folder whose name holds the separator; then the old PATH is the best there is.
    env::join_paths(folders).unwrap_or(old)
}
