//! The desk: a fixed place in the module's memory where JavaScript lays the text of a request, and
//! where the core lays its answer. A string that crosses by itself is allocated, copied and freed,
//! half a microsecond for a token; here it is written once, in place.
//!
//! JavaScript writes between two calls, never during one; the compiler is told that it knows
//! nothing of what lies there. What lay on the desk is wiped when it was read.

use crate::formats::token::json::{Object, ValueKind};
use crate::formats::token::jws::VerifiedToken;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

/// The largest Cookie header that is looked at has 16 KiB; the rest of a request has room beside
/// it.
const BUFFER_BYTES: usize = 24 * 1024;

/// Members of claims that are listed one by one; more than these are read by `JSON.parse`.
const MAX_CLAIM_INDEX_ENTRIES: usize = 64;

struct SharedBuffer {
    input: RefCell<Vec<u8>>,
    output: RefCell<Vec<u8>>,
    claim_index: Box<[Cell<u32>]>,
    names: RefCell<ClaimNames>,
}

/// The names of the claims listed last, one after the other, and how often they changed.
#[derive(Default)]
struct ClaimNames {
    joined: String,
    names_hash: u32,
}

thread_local! {
    static SHARED_BUFFER: SharedBuffer = SharedBuffer {
        input: RefCell::new(vec![0; BUFFER_BYTES]),
        output: RefCell::new(Vec::with_capacity(BUFFER_BYTES)),
        claim_index: vec![Cell::new(0); 2 + 5 * MAX_CLAIM_INDEX_ENTRIES].into_boxed_slice(),
        names: RefCell::default(),
    };
}

/// How many bytes fit.
#[wasm_bindgen(js_name = bufferSize)]
pub fn buffer_size() -> usize {
    BUFFER_BYTES
}

/// Where JavaScript writes.
#[wasm_bindgen(js_name = inputAddress)]
pub fn input_address() -> usize {
    SHARED_BUFFER.with(|buffer| buffer.input.borrow().as_ptr() as usize)
}

/// Where JavaScript reads.
#[wasm_bindgen(js_name = outputAddress)]
pub fn output_address() -> usize {
    SHARED_BUFFER.with(|buffer| buffer.output.borrow().as_ptr() as usize)
}

/// Where JavaScript finds the members of claims: see [`list`].
#[wasm_bindgen(js_name = claimIndexAddress)]
pub fn claim_index_address() -> usize {
    SHARED_BUFFER.with(|buffer| buffer.claim_index.as_ptr() as usize)
}

/// Runs something on the text of so many bytes that lies on the desk. JavaScript writes UTF-8;
/// anything else would be empty.
pub fn with_input_text<T>(length: usize, run: impl FnOnce(&str) -> T) -> T {
    SHARED_BUFFER.with(|buffer| {
        let mut input = buffer.input.borrow_mut();
        let bytes = std::hint::black_box(&mut *input).get_mut(..length).unwrap_or_default();
        let answer = run(std::str::from_utf8(bytes).unwrap_or_default());
        bytes.fill(0);
        answer
    })
}

/// Lays an answer on the desk, part by part, and gives its length. Longer ones than the desk do not
/// exist: every answer is shorter than the text that it answers, or capped.
pub fn write_output(parts: &[&[u8]]) -> usize {
    SHARED_BUFFER.with(|buffer| {
        let mut output = buffer.output.borrow_mut();
        output.clear();
        for part in parts {
            let buffer = BUFFER_BYTES.saturating_sub(output.len());
            output.extend_from_slice(part.get(..buffer).unwrap_or(part));
        }
        output.len()
    })
}

/// Runs something that makes its answer in place. It must not outgrow the desk.
pub fn with_output<T>(run: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    SHARED_BUFFER.with(|buffer| run(&mut buffer.output.borrow_mut()))
}

/// Lists the members of the claims that lie on the desk, and gives their length. JavaScript need
/// not read them a second time: it learns how many there are; a number that changes when their
/// names do; and for each where its name is, and what it is: 1, a string without escapes, and where
/// it is, without its quotes; 2, a whole number of at most 15 digits, and its lower and upper 32
/// bits; 0, anything else, and where its JSON is. The count is 0 where positions in bytes are not
/// those in UTF-16.
pub fn write_claim_index(verified: &VerifiedToken<'_>) -> i32 {
    let (text, claims) = (verified.text(), verified.claims());
    SHARED_BUFFER.with(|buffer| {
        let mut cells = buffer.claim_index.iter();
        let mut write = |number: usize| {
            if let Some(cell) = cells.next() {
                cell.set(u32::try_from(number).unwrap_or(0));
            }
        };
        let place = |piece: &str| (piece.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        if !text.is_ascii()
            || claims.len() > MAX_CLAIM_INDEX_ENTRIES
            || claims.iter().any(|(name, _)| place(name) >= text.len())
        {
            return write(0);
        }
        write(claims.len());
        write(buffer.names.borrow_mut().hash_names(claims) as usize);
        for (name, value) in claims.iter() {
            let json = value.json();
            let (one, two, kind) = match (value.kind(), value.whole_number()) {
                (ValueKind::UnescapedString, _) => {
                    (place(json).wrapping_add(1), json.len().saturating_sub(2), 1)
                }
                (_, Some(number)) if json.len() < 16 => {
                    (number as usize, (number >> 32) as usize, 2)
                }
                _ => (place(json), json.len(), 0),
            };
            for number in [place(name), name.len(), one, two, kind] {
                write(number);
            }
        }
    });
    i32::try_from(text.len()).unwrap_or(i32::MIN)
}

impl ClaimNames {
    /// The number of these names: the last one where they are the same, otherwise the next.
    fn hash_names(&mut self, claims: &Object<'_>) -> u32 {
        let mut rest = self.joined.as_str();
        let same = claims.iter().all(|(name, _)| {
            match rest.strip_prefix(name).and_then(|rest| rest.strip_prefix('"')) {
                Some(after) => {
                    rest = after;
                    true
                }
                None => false,
            }
        });
        if !same || !rest.is_empty() {
            self.joined.clear();
            // No name that is listed holds a quote: names with escapes are not listed.
            claims.iter().for_each(|(name, _)| self.joined.extend([name, "\""]));
            self.names_hash = self.names_hash.wrapping_add(1);
        }
        self.names_hash
    }
}
