//! The law of json (tests/laws).
#![no_main]
#[path = "../../laws/mod.rs"]
mod laws;
libfuzzer_sys::fuzz_target!(init: laws::plant("json"), |bytes: &[u8]| laws::json(bytes));
