//! The law of der (tests/laws).
#![no_main]
#[path = "../../laws/mod.rs"]
mod laws;
libfuzzer_sys::fuzz_target!(init: laws::plant("der"), |bytes: &[u8]| laws::der(bytes));
