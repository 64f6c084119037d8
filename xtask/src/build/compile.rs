//! The two compilations of the build, which may run at the same time: they use different folders
//! of target/, and so different locks of cargo.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::manifest::Manifest;
use crate::support::process::run_step;
use crate::support::workspace::{WASM_TARGET, cargo, root};

/// Compiles the module. cargo is always called: it decides what is up to date.
pub fn compile_module(manifest: &Manifest) -> Result<PathBuf> {
    // With `cargo rustc`, the flags reach only the compilation that optimises the whole module.
    let arguments = ["rustc", "--release", "--locked", "--target", WASM_TARGET, "-p", "portcullis"];
    let mut command = cargo(&arguments);
    command.args(["--lib", "--config", &remap_registry_path()?, "--crate-type", "cdylib", "--"]);
    run_step("Compiling to wasm", command.args(&manifest.compiler_flags))?;
    Ok(root().join("target").join(WASM_TARGET).join("release/portcullis.wasm"))
}

/// Compiles the program that generates bindings and runs wasm tests.
pub fn compile_bindings_tool() -> Result<PathBuf> {
    let mut command = cargo(&["build", "--locked", "-p", "xtask-bindings"]);
    run_step("Compiling the binding generator", &mut command)?;
    let program = root().join("target/debug/xtask-bindings");
    Ok(program.with_extension(env::consts::EXE_EXTENSION))
}

/// Shortens the file names in panic messages to what follows cargo's registry folder: the rest
/// differs from machine to machine and adds a kilobyte to the module.
fn remap_registry_path() -> Result<String> {
    let default_home = || Some(env::home_dir()?.join(".cargo"));
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(default_home);
    let cargo_home = cargo_home.context("There is no home folder: set CARGO_HOME.")?;
    let flag = format!("--remap-path-prefix={}/=", cargo_home.join("registry/src").display());
    // A literal string of TOML takes the backslashes of a path as they are.
    Ok(format!("target.{WASM_TARGET}.rustflags=['{flag}']"))
}
