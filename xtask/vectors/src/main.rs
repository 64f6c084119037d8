//! Writes the cases of the suite `wycheproof` to the file that is named on the command line: a JSON
//! list of `{ name, primitive, parts, must, expected }`, in which bytes are hexadecimal.

#[path = "../../../tests/wycheproof/cases.rs"]
mod cases;

use std::error::Error;

use cases::{Case, ExpectedOutput};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("Usage: xtask-vectors FILE")?;
    let vectors = cases::vectors()?;
    let malformed = cases::malformed(&vectors);
    let cases: Vec<Value> = vectors.iter().chain(&malformed).map(to_json).collect();
    Ok(std::fs::write(file, serde_json::to_vec(&cases)?)?)
}

fn to_json(case: &Case) -> Value {
    let (must, expected) = match &case.expected {
        ExpectedOutput::Equal(bytes) => ("equal", Some(to_hex(bytes))),
        ExpectedOutput::Begin(bytes) => ("begin", Some(to_hex(bytes))),
        ExpectedOutput::Differ(bytes) => ("differ", Some(to_hex(bytes))),
        ExpectedOutput::Refusal => ("refuse", None),
    };
    let parts: Vec<String> = case.parts.iter().map(|part| to_hex(part)).collect();
    json!({
        "name": case.name,
        "primitive": case.primitive,
        "parts": parts,
        "must": must,
        "expected": expected,
    })
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
