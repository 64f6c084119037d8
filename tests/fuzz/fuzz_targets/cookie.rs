//! The law of cookie (tests/laws).
#![no_main]
#[path = "../../laws/mod.rs"]
mod laws;
libfuzzer_sys::fuzz_target!(init: laws::plant("cookie"), |bytes: &[u8]| laws::cookie(bytes));
