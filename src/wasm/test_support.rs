//! Exports that only tests call: traps on demand, and the cryptographic primitives one by one.

use super::convert::{JsResult, to_js, to_js_error};
use crate::formats::known_answer;
use crate::foundation::error::{Error, ErrorCode};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

/// Stops the core during a call, for tests of what follows: `abort`, `stack` or `memory`.
#[wasm_bindgen(js_name = forceTrap)]
pub fn force_trap(how: &str) -> JsResult<()> {
    match how {
        "abort" => std::process::abort(),
        "stack" => to_js(&sink(1)).map(|_| ()),
        "memory" => to_js(&std::hint::black_box(vec![1u8; 1 << 30]).len()).map(|_| ()),
        _ => Err(to_js_error(Error::from(ErrorCode::Argument))),
    }
}

/// Recurses deeper than any stack, in a way that no optimiser turns into a loop.
fn sink(depth: u64) -> u64 {
    let deeper = if std::hint::black_box(depth) == 0 { 0 } else { sink(depth.wrapping_add(1)) };
    std::hint::black_box(deeper).wrapping_add(depth)
}

/// Runs one primitive: see [`known_answer::compute_known_answer`]. Gives `undefined` where the
/// primitive rejects its input.
#[wasm_bindgen(js_name = knownAnswer)]
pub fn known_answer(primitive: &str, parts: &Array) -> JsResult<Option<Vec<u8>>> {
    let parts: Vec<Vec<u8>> = parts.iter().map(|part| Uint8Array::new(&part).to_vec()).collect();
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    known_answer::compute_known_answer(primitive, &parts).map_err(to_js_error)
}
