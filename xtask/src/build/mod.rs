//! `cargo xtask build`: Rust -> wasm -> bindings -> optimised wasm -> the package.
//!
//! ```text
//! target/wasm32-unknown-unknown/release/portcullis.wasm    cargo; features and memory limit asserted (module.rs)
//! target/bindings/{portcullis.js,_bg.wasm}                 wasm-bindgen
//! pkg/wasm/portcullis.{js,d.ts}                            the glue, patched (glue.rs)
//! pkg/wasm/core_bg.wasm, core_bg.wasm.d.ts, inline.*       wasm-opt; the same in base64 (package.rs)
//! pkg/dist/**                                              tsc
//! pkg/{README,CHANGELOG}.md, pkg/LICENSE-*                  copied from the root
//! ```

mod glue;
mod module;
mod package;
mod sizes;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::fresh::Stamp;
use crate::manifest::Manifest;
use crate::node::Node;
use crate::npm;
use crate::process::step;
use crate::tools::{WASM, cargo, root, wasm_target};

/// Gives the sizes, as a line to print.
pub fn run() -> Result<String> {
    let manifest = Manifest::read()?;
    let node = Node::system()?;
    wasm_target()?;
    let raw = compile(&manifest)?;
    npm::install("pkg")?;
    bind(&manifest, &node, &raw)?;
    package::compile(&node)?;
    package::documents()?;
    sizes::check(&node, &manifest)
}

/// cargo knows best what is up to date: it is always asked.
fn compile(manifest: &Manifest) -> Result<PathBuf> {
    // `cargo rustc`: its flags reach the last compilation alone, which optimises the whole module.
    let words = ["rustc", "--release", "--locked", "--target", WASM, "-p", "portcullis", "--lib"];
    let mut command = cargo(&words);
    command.arg("--config").arg(nameless_paths()?);
    step("Compiling to wasm", command.args(["--crate-type", "cdylib", "--"]).args(&manifest.compiler_flags))?;
    let raw = root().join("target").join(WASM).join("release/portcullis.wasm");
    module::check(&fs::read(&raw).context("cargo made no portcullis.wasm")?, manifest)?;
    Ok(raw)
}

/// Panics name their file: from this machine's folder of crates on, which is nobody's business and a kilobyte of the module.
fn nameless_paths() -> Result<String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let crates = home.context("There is no home folder, and so no CARGO_HOME: set it.")?.join("registry/src");
    let flag = format!("--remap-path-prefix={}/=", crates.display());
    // TOML's literal strings take backslashes as they are.
    Ok(format!("target.{WASM}.rustflags=['{flag}']"))
}

fn bind(manifest: &Manifest, node: &Node, raw: &Path) -> Result<()> {
    let out = root().join("pkg/wasm");
    let types = root().join("pkg/src/core/wasm-module.d.ts");
    let inputs =
        [raw.to_path_buf(), root().join("wasm-pack.toml"), root().join("pkg/package-lock.json"), types.clone()];
    let outputs = ["portcullis.js", "portcullis.d.ts", "core_bg.wasm", "core_bg.wasm.d.ts", "inline.js", "inline.d.ts"];
    let stamp = Stamp::new("module", &inputs, &outputs.map(|name| out.join(name)))?;
    if stamp.is_current() {
        return Ok(());
    }
    let bindings = root().join("target/bindings");
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("wasm-bindgen").arg(raw).args(&manifest.binding_flags);
    command.args(["--out-name", "portcullis", "--out-dir"]).arg(&bindings);
    step("Generating bindings", &mut command)?;

    empty(&out)?;
    let script = glue::patch_script(&fs::read_to_string(bindings.join("portcullis.js"))?)?;
    fs::write(out.join("portcullis.js"), script)?;
    let declarations = glue::patch_types(&fs::read_to_string(bindings.join("portcullis.d.ts"))?)?;
    fs::write(out.join("portcullis.d.ts"), declarations)?;
    fs::copy(&types, out.join("core_bg.wasm.d.ts"))?;
    package::optimise(node, manifest, &bindings.join("portcullis_bg.wasm"), &out.join("core_bg.wasm"))?;
    package::inline(&out)?;
    stamp.save()
}

/// A folder of ours with nothing left from before.
fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}
