//! `cargo xtask build`, step by step:
//!
//! ```text
//! target/wasm32-unknown-unknown/release/portcullis.wasm   cargo
//! target/bindings/portcullis{.js,.d.ts,_bg.wasm}          xtask-bindings, which checks the module
//! pkg/wasm/portcullis.{js,d.ts}                           the bindings, patched
//! pkg/wasm/core_bg.wasm, core_bg.wasm.d.ts, inline.*      wasm-opt, and the module as base64
//! pkg/dist/**                                             tsc
//! pkg/{README,CHANGELOG}.md, pkg/LICENSE-*                copies of the files in the root
//! ```
//!
//! The module, the binding generator and the npm packages do not depend on each other and are made
//! at the same time; so are the optimised module and the compiled TypeScript.

mod compile;
mod manifest;
mod package;
pub mod parallel;
mod patch_bindings;
mod sizes;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::support::build_stamp::BuildStamp;
use crate::support::node::Node;
use crate::support::npm;
use crate::support::process::run_step;
use crate::support::toolchain::add_wasm_target;
use crate::support::workspace::root;
pub use compile::compile_bindings_tool;
use manifest::Manifest;
use parallel::run_both;

/// Makes the module and the npm package, and returns the module's sizes as a line to print.
pub fn build_package() -> Result<String> {
    let manifest = Manifest::read()?;
    let node = Node::find_system()?;
    add_wasm_target()?;
    let (module, (bindings_tool, ())) = run_both(
        || compile::compile_module(&manifest),
        || run_both(compile_bindings_tool, || npm::install("pkg")),
    )?;
    let stamp = module_stamp(&module, &bindings_tool)?;
    let is_current = stamp.is_current();
    if !is_current {
        generate_bindings(&manifest, &module, &bindings_tool)?;
    }
    let ((), ()) = run_both(
        || if is_current { Ok(()) } else { optimise_module(&manifest, &node, &stamp) },
        || package::compile_typescript(&node),
    )?;
    package::copy_documents()?;
    sizes::check_sizes(&node, &manifest)
}

fn module_stamp(module: &Path, bindings_tool: &Path) -> Result<BuildStamp> {
    let files = ["wasm-pack.toml", "pkg/package-lock.json", "pkg/src/core/wasm-module.d.ts"];
    let mut inputs = files.map(|file| root().join(file)).to_vec();
    inputs.extend([module.to_path_buf(), bindings_tool.to_path_buf()]);
    let outputs = [
        "portcullis.js",
        "portcullis.d.ts",
        "core_bg.wasm",
        "core_bg.wasm.d.ts",
        "inline.js",
        "inline.d.ts",
    ];
    BuildStamp::new("module", &inputs, &outputs.map(|name| output_folder().join(name)))
}

/// Writes all of pkg/wasm that the TypeScript compiler reads.
fn generate_bindings(manifest: &Manifest, module: &Path, bindings_tool: &Path) -> Result<()> {
    let bindings = bindings_folder();
    let mut command = Command::new(bindings_tool);
    command.arg("generate").args([module, &bindings]).arg("portcullis");
    command.arg(manifest.max_memory_bytes.to_string()).arg(manifest.features.join(","));
    run_step("Generating bindings", command.args(&manifest.binding_flags))?;

    let output = output_folder();
    package::clear_folder(&output)?;
    let script = fs::read_to_string(bindings.join("portcullis.js"))?;
    fs::write(output.join("portcullis.js"), patch_bindings::patch_script(&script)?)?;
    let types = fs::read_to_string(bindings.join("portcullis.d.ts"))?;
    fs::write(output.join("portcullis.d.ts"), patch_bindings::patch_types(&types)?)?;
    fs::copy(root().join("pkg/src/core/wasm-module.d.ts"), output.join("core_bg.wasm.d.ts"))?;
    package::write_inline_types(&output)
}

fn optimise_module(manifest: &Manifest, node: &Node, stamp: &BuildStamp) -> Result<()> {
    let (from, output) = (bindings_folder().join("portcullis_bg.wasm"), output_folder());
    package::optimise(node, manifest, &from, &output.join("core_bg.wasm"))?;
    package::write_inline_module(&output)?;
    stamp.save()
}

fn bindings_folder() -> PathBuf {
    root().join("target/bindings")
}

fn output_folder() -> PathBuf {
    root().join("pkg/wasm")
}
