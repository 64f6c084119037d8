//! The law of pem (tests/laws).
#![no_main]
#[path = "../../laws/mod.rs"]
mod laws;
libfuzzer_sys::fuzz_target!(init: laws::plant("pem"), |bytes: &[u8]| laws::pem(bytes));
