//! The shared buffer: a fixed place in Wasm memory through which texts cross. JavaScript writes the
//! text of a request into it, and the core writes its result. A string that crosses by itself would
//! be allocated, copied and freed.
//!
//! JavaScript writes between two calls, never during a call. Input is wiped once it was read.
//! measured: see performance.md, Shared buffer

use crate::formats::token::json::{Object, ValueKind};
use crate::formats::token::jws::VerifiedToken;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

/// The size of each half, in bytes. The largest accepted Cookie header has 16 KiB.
const BUFFER_BYTES: usize = 24 * 1024;

/// The most claims that the claim index lists. `JSON.parse` reads longer claims.
const MAX_CLAIM_INDEX_ENTRIES: usize = 64;

struct SharedBuffer {
    input: RefCell<Vec<u8>>,
    output: RefCell<Vec<u8>>,
    claim_index: Box<[Cell<u32>]>,
    names: RefCell<ClaimNames>,
}

/// The names of the claims that were listed last, and how often they changed.
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

/// The size of each half, in bytes.
#[wasm_bindgen(js_name = bufferSize)]
pub fn buffer_size() -> usize {
    BUFFER_BYTES
}

/// The address at which JavaScript writes.
#[wasm_bindgen(js_name = inputAddress)]
pub fn input_address() -> usize {
    SHARED_BUFFER.with(|buffer| buffer.input.borrow().as_ptr() as usize)
}

/// The address at which JavaScript reads.
#[wasm_bindgen(js_name = outputAddress)]
pub fn output_address() -> usize {
    SHARED_BUFFER.with(|buffer| buffer.output.borrow().as_ptr() as usize)
}

/// The address of the claim index: see [`write_claim_index`].
#[wasm_bindgen(js_name = claimIndexAddress)]
pub fn claim_index_address() -> usize {
    SHARED_BUFFER.with(|buffer| buffer.claim_index.as_ptr() as usize)
}

/// Runs `run` on the input text of `length` bytes, and wipes the input. A text that is not UTF-8
/// counts as empty.
pub fn with_input_text<T>(length: usize, run: impl FnOnce(&str) -> T) -> T {
    SHARED_BUFFER.with(|buffer| {
        let mut input = buffer.input.borrow_mut();
        let bytes = std::hint::black_box(&mut *input).get_mut(..length).unwrap_or_default();
        let answer = run(std::str::from_utf8(bytes).unwrap_or_default());
        bytes.fill(0);
        answer
    })
}

/// Writes a result, part by part, and gives its length. A result is never longer than the buffer,
/// because every result is shorter than its request or limited.
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

/// Runs `run`, which writes its result in place and must not exceed the buffer.
pub fn with_output<T>(run: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    SHARED_BUFFER.with(|buffer| run(&mut buffer.output.borrow_mut()))
}

/// Writes the claim index of a verified token, and gives the length of the claims. The index saves
/// JavaScript from parsing the claims.
///
/// The index holds the number of claims and a number that changes with their names. Each claim has
/// an entry: the position of its name, and its value. The value is 1 and the position of a string
/// without escapes, or 2 and the halves of a whole number of at most 15 digits, or 0 and the
/// position of other JSON. The number of claims is 0 where positions in bytes differ from positions
/// in UTF-16.
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
    /// The number of these names: the last one where the names are the same, otherwise the next
    /// one.
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
