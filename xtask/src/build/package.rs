//! From wasm-bindgen's output to what ships.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::build::empty;
use crate::fresh::Stamp;
use crate::manifest::Manifest;
use crate::node::Node;
use crate::process::step;
use crate::tools::root;

/// wasm-opt. A build whose module was not made smaller did not run it, and fails: the difference would only be noticed
/// by users.
pub fn optimise(node: &Node, manifest: &Manifest, from: &Path, to: &Path) -> Result<()> {
    if !manifest.optimiser_flags.iter().any(|flag| matches!(flag.as_str(), "-O2" | "-O3" | "-O4" | "-Os" | "-Oz")) {
        bail!("wasm-pack.toml asks wasm-opt for no optimisation: its flags need one of -O2 -O3 -O4 -Os -Oz.");
    }
    let script = root().join("pkg/node_modules/binaryen/bin/wasm-opt");
    step("Optimising", node.script(&script).arg(from).args(&manifest.optimiser_flags).arg("-o").arg(to))?;
    let before = fs::metadata(from)?.len();
    let after = fs::metadata(to).context("wasm-opt wrote nothing")?.len();
    if after >= before {
        bail!("wasm-opt left the module at {after} bytes (from {before}): it optimised nothing.");
    }
    Ok(())
}

/// The module as a JavaScript string, for every runtime that cannot import a .wasm.
pub fn inline(folder: &Path) -> Result<()> {
    let text = base64(&fs::read(folder.join("core_bg.wasm"))?);
    fs::write(folder.join("inline.js"), format!("export const bytesBase64 = \"{text}\";\n"))?;
    Ok(fs::write(folder.join("inline.d.ts"), "export const bytesBase64: string;\n")?)
}

/// pkg/src -> pkg/dist.
pub fn compile(node: &Node) -> Result<()> {
    let pkg = root().join("pkg");
    let mut inputs = ["src", "tsconfig.json", "package-lock.json"].map(|name| pkg.join(name)).to_vec();
    inputs.extend(["portcullis.d.ts", "core_bg.wasm.d.ts", "inline.d.ts"].map(|name| pkg.join("wasm").join(name)));
    let dist = pkg.join("dist");
    let stamp = Stamp::new("dist", &inputs, std::slice::from_ref(&dist))?;
    if stamp.is_current() {
        return Ok(());
    }
    // A source file that is gone must not live on in what ships.
    empty(&dist)?;
    let tsc = pkg.join("node_modules/typescript/bin/tsc");
    step("Compiling TypeScript", node.script(&tsc).args(["--pretty", "false", "-p"]).arg(&pkg))?;
    stamp.save()
}

/// What a reader of the npm page and a lawyer look for.
pub fn documents() -> Result<()> {
    for name in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(root().join(name), root().join("pkg").join(name))
            .with_context(|| format!("{name} could not be copied"))?;
    }
    Ok(())
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(group >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_that_of_rfc_4648_section_10() {
        let vectors =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")];
        for (bytes, text) in vectors {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
