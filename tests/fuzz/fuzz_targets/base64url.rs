//! Fuzzes the property of base64url (tests/fuzz_properties).
#![no_main]
#[path = "../../fuzz_properties/mod.rs"]
mod fuzz_properties;
libfuzzer_sys::fuzz_target!(
    init: fuzz_properties::write_corpus("base64url"),
    |bytes: &[u8]| fuzz_properties::base64url(bytes)
);
