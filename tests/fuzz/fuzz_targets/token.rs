//! The law of token (tests/laws).
#![no_main]
#[path = "../../laws/mod.rs"]
mod laws;
libfuzzer_sys::fuzz_target!(init: laws::plant("token"), |bytes: &[u8]| laws::token(bytes));
