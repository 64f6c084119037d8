//! The desk: a fixed place in the module's memory where JavaScript lays the text of a request, and
//! where the core lays its answer. A string that crosses by itself is allocated, copied and freed,
//! half a microsecond for a token; here it is written once, in place.
//!
//! JavaScript writes between two calls, never during one; the compiler is told that it knows
//! nothing of what lies there. What lay on the desk is wiped when it was read.

use crate::formats::token::json::{Kind, Object};
use crate::formats::token::jws::Verified;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

/// The largest Cookie header that is looked at has 16 KiB; the rest of a request has room beside
/// it.
const SIZE: usize = 24 * 1024;

/// Members of claims that are listed one by one; more than these are read by `JSON.parse`.
const MEMBERS_MAX: usize = 64;

struct Desk {
    input: RefCell<Vec<u8>>,
    output: RefCell<Vec<u8>>,
    members: Box<[Cell<u32>]>,
    names: RefCell<Names>,
}

/// The names of the claims listed last, one after the other, and how often they changed.
#[derive(Default)]
struct Names {
    joined: String,
    shape: u32,
}

thread_local! {
    static DESK: Desk = Desk {
        input: RefCell::new(vec![0; SIZE]),
        output: RefCell::new(Vec::with_capacity(SIZE)),
        members: vec![Cell::new(0); 2 + 5 * MEMBERS_MAX].into_boxed_slice(),
        names: RefCell::default(),
    };
}

/// How many bytes fit.
#[wasm_bindgen(js_name = deskSize)]
pub fn size() -> usize {
    SIZE
}

/// Where JavaScript writes.
#[wasm_bindgen(js_name = deskInput)]
pub fn input_address() -> usize {
    DESK.with(|desk| desk.input.borrow().as_ptr() as usize)
}

/// Where JavaScript reads.
#[wasm_bindgen(js_name = deskOutput)]
pub fn output_address() -> usize {
    DESK.with(|desk| desk.output.borrow().as_ptr() as usize)
}

/// Where JavaScript finds the members of claims: see [`list`].
#[wasm_bindgen(js_name = deskMembers)]
pub fn members_address() -> usize {
    DESK.with(|desk| desk.members.as_ptr() as usize)
}

/// Runs something on the text of so many bytes that lies on the desk. JavaScript writes UTF-8;
/// anything else would be empty.
pub fn with_text<T>(length: usize, run: impl FnOnce(&str) -> T) -> T {
    DESK.with(|desk| {
        let mut input = desk.input.borrow_mut();
        let bytes = std::hint::black_box(&mut *input).get_mut(..length).unwrap_or_default();
        let answer = run(std::str::from_utf8(bytes).unwrap_or_default());
        bytes.fill(0);
        answer
    })
}

/// Lays an answer on the desk, part by part, and gives its length. Longer ones than the desk do not
/// exist: every answer is shorter than the text that it answers, or capped.
pub fn put(parts: &[&[u8]]) -> usize {
    DESK.with(|desk| {
        let mut output = desk.output.borrow_mut();
        output.clear();
        for part in parts {
            let room = SIZE.saturating_sub(output.len());
            output.extend_from_slice(part.get(..room).unwrap_or(part));
        }
        output.len()
    })
}

/// Runs something that makes its answer in place. It must not outgrow the desk.
pub fn answer<T>(run: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    DESK.with(|desk| run(&mut desk.output.borrow_mut()))
}

/// Lists the members of the claims that lie on the desk, and gives their length. JavaScript need
/// not read them a second time: it learns how many there are; a number that changes when their
/// names do; and for each where its name is, and what it is: 1, a string without escapes, and where
/// it is, without its quotes; 2, a whole number of at most 15 digits, and its lower and upper 32
/// bits; 0, anything else, and where its JSON is. The count is 0 where positions in bytes are not
/// those in UTF-16.
pub fn list(verified: &Verified<'_>) -> i32 {
    let (text, claims) = (verified.text(), verified.claims());
    DESK.with(|desk| {
        let mut cells = desk.members.iter();
        let mut write = |number: usize| {
            if let Some(cell) = cells.next() {
                cell.set(u32::try_from(number).unwrap_or(0));
            }
        };
        let place = |piece: &str| (piece.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        if !text.is_ascii()
            || claims.len() > MEMBERS_MAX
            || claims.iter().any(|(name, _)| place(name) >= text.len())
        {
            return write(0);
        }
        write(claims.len());
        write(desk.names.borrow_mut().shape_of(claims) as usize);
        for (name, value) in claims.iter() {
            let json = value.json();
            let (one, two, kind) = match (value.kind(), value.whole()) {
                (Kind::Plain, _) => (place(json).wrapping_add(1), json.len().saturating_sub(2), 1),
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

impl Names {
    /// The number of these names: the last one where they are the same, otherwise the next.
    fn shape_of(&mut self, claims: &Object<'_>) -> u32 {
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
            self.shape = self.shape.wrapping_add(1);
        }
        self.shape
    }
}
