//! The two compilations of the build, which may run at the same time: they use different folders
//! of target/, and so different locks of cargo.

use std::env;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result};

use super::manifest::Manifest;
use crate::support::process::{query_output, run_step};
use crate::support::workspace::{WASM_TARGET, cargo, root};

/// Compiles the module. cargo is always called: it decides what is up to date.
pub fn compile_module(manifest: &Manifest) -> Result<PathBuf> {
    // With `cargo rustc`, the flags reach only the compilation that optimises the whole module.
    let arguments = ["rustc", "--release", "--locked", "--target", WASM_TARGET, "-p", "portcullis"];
    let mut command = cargo(&arguments);
    command.args(["--lib", "--config", &remap_paths()?, "--crate-type", "cdylib", "--"]);
    run_step("Compiling to wasm", command.args(&manifest.compiler_flags))?;
    Ok(root().join("target").join(WASM_TARGET).join("release/portcullis.wasm"))
}

/// Compiles the program that generates bindings and runs wasm tests. Half of the processors are
/// left to the module, which is compiled beside it and takes longer. On two processors, the later
/// of both ended 2 to 20 seconds earlier by this.
pub fn compile_bindings_tool() -> Result<PathBuf> {
    let jobs = (thread::available_parallelism().map_or(1, NonZero::get) / 2).max(1);
    let mut command = cargo(&["build", "--locked", "-p", "xtask-bindings"]);
    command.args(["--jobs", &jobs.to_string()]);
    run_step("Compiling the binding generator", &mut command)?;
    let program = root().join("target/debug/xtask-bindings");
    Ok(program.with_extension(env::consts::EXE_EXTENSION))
}

/// Shortens the file names in panic messages: the paths of cargo's registry and of the sources of
/// the standard library differ from machine to machine and add a kilobyte to the module.
fn remap_paths() -> Result<String> {
    let default_home = || Some(env::home_dir()?.join(".cargo"));
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(default_home);
    let cargo_home = cargo_home.context("There is no home folder: set CARGO_HOME.")?;
    // These sources are there only where rustup's component rust-src is installed.
    let library = sysroot()?.join("lib/rustlib/src/rust/library");
    let flags = [cargo_home.join("registry/src"), library]
        .map(|path| format!("'--remap-path-prefix={}/='", path.display()));
    // Literal strings of TOML take the backslashes of a path as they are.
    Ok(format!("target.{WASM_TARGET}.rustflags=[{}]", flags.join(",")))
}

fn sysroot() -> Result<PathBuf> {
    let output = query_output(Command::new("rustc").args(["--print", "sysroot"]));
    output.map(|path| PathBuf::from(path.trim())).context("rustc does not name its sysroot.")
}
