//! portcullis: session security for the edge, as one WebAssembly module.
//!
//! A pure decision core with one JavaScript interface. The core never does I/O, never reads a clock
//! and never draws randomness: the host brings bytes, time, entropy and a store. The core says what
//! is true and what to write ([`decide`]).
//!
//! **The contract: an outcome is true only if its write landed.**
//!
//! # The layers
//! An import points to the left: `foundation <- formats, risk <- model <- decide <- wasm`.
//! Decisions do not import each other, and no two files import each other. `tests/layers.rs` checks
//! all of this.
//!
//! - [`foundation`]: errors, time, secrets, hashes, base64url, the byte codec
//! - [`formats`]: one wire format in each file; bytes and strings come in, checked types come out
//! - [`risk`]: how unusual a request is for its user
//! - [`model`]: the site's policy, and the record that is stored for each subject
//! - [`decide`]: one pure function for each operation
//! - `wasm`: the JavaScript interface, and the only layer that names JavaScript
//!
//! `docs/glossary.md` explains the terms.
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
