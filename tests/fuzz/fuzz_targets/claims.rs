//! The law of claims (tests/laws).
#![no_main]
#[path = "../../laws/mod.rs"]
mod laws;
libfuzzer_sys::fuzz_target!(init: laws::plant("claims"), |bytes: &[u8]| laws::claims(bytes));
