//! The law of jwk (tests/laws).
#![no_main]
#[path = "../../laws/mod.rs"]
mod laws;
libfuzzer_sys::fuzz_target!(init: laws::plant("jwk"), |bytes: &[u8]| laws::jwk(bytes));
