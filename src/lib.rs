//! portcullis: session security for the edge, as one WebAssembly module.
//!
//! A decision core with one door. It never does I/O, never reads a clock, never draws randomness:
//! the host brings bytes, time, entropy and a store; the core says what is true and what to write
//! ([`decide`]).
//!
//! **The contract: an outcome is true only if its write landed.**
//!
//! # The floors
//! An import points down, never sideways between decisions, never up; `tests/floor_plan.rs` sees to
//! it.
//!
//! ```text
//! floor 4  wasm                                  the only file that names the JavaScript world
//! floor 3  decide                                sign_in, verify, refresh, revoke, sign_out, list: one pure function each
//! floor 2  record, policy, risk                  what a subject's record is; what the site wants; how strange a request is
//! floor 1  id, schedule, keys, seal, sender,     one wire format a file: bytes and strings in, types out
//!          token, cookie, csrf
//! floor 0  error, time, secret, base64url, bytes, hash
//! ```
#![deny(missing_docs, unsafe_code)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
#![deny(
    clippy::todo,
    clippy::unimplemented,
    clippy::unreachable,
    clippy::string_slice,
    clippy::mem_forget
)]

pub mod decide;
pub mod formats;
pub mod foundation;
pub mod model;
pub mod risk;

#[cfg(target_arch = "wasm32")]
pub mod wasm;
