//! Compares the size of the shipped module with its budget.
//!
//! Node compresses: it has both formats, and servers use the same libraries.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::manifest::Manifest;
use crate::support::build_stamp::BuildStamp;
use crate::support::node::Node;
use crate::support::process::run_step;
use crate::support::workspace::root;

/// Prints the sizes: uncompressed, gzip at level 9, and brotli at its default quality, which is 11.
const SCRIPT: &str = "const { gzipSync, brotliCompressSync } = require('node:zlib');
const bytes = require('node:fs').readFileSync(process.argv[1]);
const gzip = gzipSync(bytes, { level: 9 });
console.log(bytes.length, gzip.length, brotliCompressSync(bytes).length);";

/// Returns the sizes as a line to print, or an error if the module is over its budget.
pub fn check_sizes(node: &Node, manifest: &Manifest) -> Result<String> {
    let (raw, gzip, brotli) = measure(node)?;
    let budget = manifest.brotli_bytes;
    let percent = brotli * 100 / budget;
    let sizes = format!(
        "core_bg.wasm: {raw} bytes raw, {gzip} gzip, {brotli} brotli ({percent} % of the {budget} \
         allowed)"
    );
    if brotli > budget {
        let excess = brotli - budget;
        bail!(
            "{sizes}\nThe module is {excess} bytes over its budget: make it smaller, or change \
             [budget] in wasm-pack.toml."
        );
    }
    Ok(sizes)
}

/// Measures a module once: brotli takes more than a second.
fn measure(node: &Node) -> Result<(u64, u64, u64)> {
    let module = root().join("pkg/wasm/core_bg.wasm");
    let file = root().join("target/stamps/sizes.txt");
    let stamp =
        BuildStamp::new("sizes", std::slice::from_ref(&module), std::slice::from_ref(&file))?;
    if !stamp.is_current() {
        let mut command = Command::new(&node.program);
        let output = run_step("Measuring sizes", command.args(["-e", SCRIPT]).arg(&module))?;
        std::fs::write(&file, output)?;
        stamp.save()?;
    }
    parse(&std::fs::read_to_string(&file)?).context("target/stamps/sizes.txt is no three numbers")
}

fn parse(text: &str) -> Option<(u64, u64, u64)> {
    let mut numbers = text.split_whitespace().map(|word| word.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}
