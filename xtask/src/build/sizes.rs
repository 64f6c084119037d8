//! The size of the shipped module against the budget. Node compresses: it has both formats, and the people who will
//! serve the file use the same libraries.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::fresh::Stamp;
use crate::manifest::Manifest;
use crate::node::Node;
use crate::process::step;
use crate::tools::root;

/// Brotli at its default for a file, quality 11; gzip at 9.
const SCRIPT: &str = "const { gzipSync, brotliCompressSync } = require('node:zlib');
const bytes = require('node:fs').readFileSync(process.argv[1]);
console.log(bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length);";

/// Gives the sizes in words.
pub fn check(node: &Node, manifest: &Manifest) -> Result<String> {
    let (raw, gzip, brotli) = measure(node)?;
    let budget = manifest.brotli_bytes;
    let share = brotli * 100 / budget;
    let sizes =
        format!("core_bg.wasm: {raw} bytes raw, {gzip} gzip, {brotli} brotli ({share} % of the {budget} allowed)");
    if brotli > budget {
        bail!("{sizes}\nThe module is {} bytes over its budget (wasm-pack.toml).", brotli - budget);
    }
    Ok(sizes)
}

/// Measured once for a module: brotli at its best takes a second.
fn measure(node: &Node) -> Result<(u64, u64, u64)> {
    let module = root().join("pkg/wasm/core_bg.wasm");
    let known = root().join("target/stamps/sizes.txt");
    let stamp = Stamp::new("sizes", std::slice::from_ref(&module), std::slice::from_ref(&known))?;
    if !stamp.is_current() {
        let said = step("Measuring", Command::new(&node.program).args(["-e", SCRIPT]).arg(&module))?;
        std::fs::write(&known, said)?;
        stamp.save()?;
    }
    parse(&std::fs::read_to_string(&known)?).context("the sizes are not three numbers")
}

fn parse(text: &str) -> Option<(u64, u64, u64)> {
    let mut numbers = text.split_whitespace().map(|word| word.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}
