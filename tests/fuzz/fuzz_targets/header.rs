//! The law of header (tests/laws).
#![no_main]
#[path = "../../laws/mod.rs"]
mod laws;
libfuzzer_sys::fuzz_target!(init: laws::plant("header"), |bytes: &[u8]| laws::header(bytes));
