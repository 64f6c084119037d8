//! Fuzzes the property of json (tests/fuzz_properties).
#![no_main]
#[path = "../../fuzz_properties/mod.rs"]
mod fuzz_properties;
libfuzzer_sys::fuzz_target!(
    init: fuzz_properties::write_corpus("json"),
    |bytes: &[u8]| fuzz_properties::json(bytes)
);
