//! Fuzzes the property of jwk (tests/fuzz_properties).
#![no_main]
#[path = "../../fuzz_properties/mod.rs"]
mod fuzz_properties;
libfuzzer_sys::fuzz_target!(
    init: fuzz_properties::write_corpus("jwk"),
    |bytes: &[u8]| fuzz_properties::jwk(bytes)
);
