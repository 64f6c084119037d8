//! The cases that the suite `wycheproof` asks of the shipped module, written down for its runner.

#[path = "../../../tests/wycheproof/cases.rs"]
mod cases;

use std::path::PathBuf;

use anyhow::{Error, Result};
use serde_json::{Value, json};

use crate::tools::root;
use cases::{Case, Expected};

/// Writes target/wycheproof.json: a list of `{ name, primitive, parts, must, expected }`, bytes as hex.
pub fn write() -> Result<PathBuf> {
    let vectors = cases::vectors().map_err(Error::msg)?;
    let malformed = cases::malformed(&vectors);
    let cases: Vec<Value> = vectors.iter().chain(&malformed).map(written).collect();
    let file = root().join("target/wycheproof.json");
    std::fs::write(&file, serde_json::to_vec(&cases)?)?;
    Ok(file)
}

fn written(case: &Case) -> Value {
    let (must, expected) = match &case.expected {
        Expected::Equal(bytes) => ("equal", Some(hex(bytes))),
        Expected::Begin(bytes) => ("begin", Some(hex(bytes))),
        Expected::Differ(bytes) => ("differ", Some(hex(bytes))),
        Expected::Refusal => ("refuse", None),
    };
    let parts: Vec<String> = case.parts.iter().map(|part| hex(part)).collect();
    json!({ "name": case.name, "primitive": case.primitive, "parts": parts, "must": must, "expected": expected })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
