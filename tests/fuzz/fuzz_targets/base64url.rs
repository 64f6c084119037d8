//! The law of base64url (tests/laws).
#![no_main]
#[path = "../../laws/mod.rs"]
mod laws;
libfuzzer_sys::fuzz_target!(init: laws::plant("base64url"), |bytes: &[u8]| laws::base64url(bytes));
