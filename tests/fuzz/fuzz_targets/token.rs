//! Fuzzes the property of token (tests/fuzz_properties).
#![no_main]
#[path = "../../fuzz_properties/mod.rs"]
mod fuzz_properties;
libfuzzer_sys::fuzz_target!(
    init: fuzz_properties::write_corpus("token"),
    |bytes: &[u8]| fuzz_properties::token(bytes)
);
