//! The contents of the npm package, from the generated bindings and the TypeScript sources.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::manifest::Manifest;
use crate::support::build_stamp::BuildStamp;
use crate::support::node::Node;
use crate::support::process::run_step;
use crate::support::workspace::root;

/// Runs wasm-opt. A module that did not become smaller was not optimised, and fails the build: only
/// the package's users would notice the difference.
pub fn optimise(node: &Node, manifest: &Manifest, from: &Path, to: &Path) -> Result<()> {
    const LEVELS: [&str; 5] = ["-O2", "-O3", "-O4", "-Os", "-Oz"];
    if !manifest.optimiser_flags.iter().any(|flag| LEVELS.contains(&flag.as_str())) {
        bail!("[optimiser] of wasm-pack.toml has no level: add one of {}.", LEVELS.join(", "));
    }
    let script = root().join("pkg/node_modules/binaryen/bin/wasm-opt");
    let mut command = node.script(&script);
    command.arg(from).args(&manifest.optimiser_flags).arg("-o").arg(to);
    run_step("Optimising the module", &mut command)?;
    let before = fs::metadata(from)?.len();
    let after = fs::metadata(to).context("wasm-opt wrote no module")?.len();
    if after >= before {
        bail!("wasm-opt did not make the module smaller: {before} bytes before, {after} after.");
    }
    Ok(())
}

/// Writes the module as a JavaScript string, for the runtimes that cannot import a .wasm file.
pub fn write_inline_module(folder: &Path) -> Result<()> {
    let text = encode_base64(&fs::read(folder.join("core_bg.wasm"))?);
    let script = format!("export const bytesBase64 = \"{text}\";\n");
    Ok(fs::write(folder.join("inline.js"), script)?)
}

/// Writes the types of the inline module.
pub fn write_inline_types(folder: &Path) -> Result<()> {
    Ok(fs::write(folder.join("inline.d.ts"), "export const bytesBase64: string;\n")?)
}

/// Compiles pkg/src to pkg/dist.
pub fn compile_typescript(node: &Node) -> Result<()> {
    let pkg = root().join("pkg");
    let sources = ["src", "tsconfig.json", "package-lock.json"];
    let bindings = ["wasm/portcullis.d.ts", "wasm/core_bg.wasm.d.ts", "wasm/inline.d.ts"];
    let inputs: Vec<_> = sources.iter().chain(&bindings).map(|name| pkg.join(name)).collect();
    let dist = pkg.join("dist");
    let stamp = BuildStamp::new("dist", &inputs, std::slice::from_ref(&dist))?;
    if stamp.is_current() {
        return Ok(());
    }
    // The output of a source file that was deleted must not ship.
    clear_folder(&dist)?;
    let compiler = pkg.join("node_modules/typescript/bin/tsc");
    let mut command = node.script(&compiler);
    run_step("Compiling TypeScript", command.args(["--pretty", "false", "-p"]).arg(&pkg))?;
    stamp.save()
}

/// Copies the documents that belong to a published package.
pub fn copy_documents() -> Result<()> {
    for name in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(root().join(name), root().join("pkg").join(name))
            .with_context(|| format!("{name} could not be copied to pkg/"))?;
    }
    Ok(())
}

/// Leaves an empty folder, whatever was in it.
pub fn clear_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}

/// Standard base64 with padding (RFC 4648 section 4).
fn encode_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * position)) as usize & 63];
            text.push(if position <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::encode_base64;

    #[test]
    fn base64_gives_the_test_vectors_of_rfc_4648_section_10() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
        ];
        for (bytes, text) in vectors {
            assert_eq!(encode_base64(bytes.as_bytes()), text);
        }
    }
}
