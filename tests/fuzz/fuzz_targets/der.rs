//! Fuzzes the property of der (tests/fuzz_properties).
#![no_main]
#[path = "../../fuzz_properties/mod.rs"]
mod fuzz_properties;
libfuzzer_sys::fuzz_target!(
    init: fuzz_properties::write_corpus("der"),
    |bytes: &[u8]| fuzz_properties::der(bytes)
);
