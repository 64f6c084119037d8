//! Checks what the compiler made.
//!
//! The compiler flags are in .cargo/config.toml and are easy to lose: a RUSTFLAGS in the
//! environment replaces them. A module without them works, but it is slower and its memory is not
//! limited.

use anyhow::{Context, Result, bail};
use wasmparser::{Parser, Payload};

const PAGE_BYTES: u64 = 65536;

/// Fails unless the module names these features and has this memory limit.
pub fn check(module: &[u8], required_features: &[&str], max_memory_bytes: u64) -> Result<()> {
    let mut features: &[u8] = &[];
    let mut limit = None;
    for payload in Parser::new(0).parse_all(module) {
        match payload.context("The module is not valid wasm")? {
            Payload::CustomSection(section) if section.name() == "target_features" => {
                features = section.data();
            }
            Payload::MemorySection(memories) => {
                limit = memories.into_iter().next().transpose()?.and_then(|memory| memory.maximum);
            }
            _ => {}
        }
    }
    for feature in required_features {
        if !has_feature(features, feature) {
            bail!(
                "The module lacks the feature {feature}: the rustflags of .cargo/config.toml did \
                 not reach rustc."
            );
        }
    }
    match limit.map(|pages| pages * PAGE_BYTES) {
        Some(bytes) if bytes == max_memory_bytes => Ok(()),
        other => bail!("The module's memory limit is {other:?} bytes, not {max_memory_bytes}."),
    }
}

/// An entry of the section is `+`, the length of the name, and the name.
fn has_feature(section: &[u8], feature: &str) -> bool {
    let length = u8::try_from(feature.len()).unwrap_or_default();
    let entry = [&[b'+', length], feature.as_bytes()].concat();
    section.windows(entry.len()).any(|window| window == entry)
}

#[cfg(test)]
mod tests {
    use super::{check, has_feature};

    #[test]
    fn a_feature_is_found_by_its_whole_name() {
        let section = b"\x02+\x07simd128+\x08sign-ext";
        assert!(has_feature(section, "simd128"));
        assert!(has_feature(section, "sign-ext"));
        assert!(!has_feature(section, "simd"));
        assert!(!has_feature(b"", "simd128"));
    }

    #[test]
    fn a_module_without_a_memory_limit_is_rejected() {
        // The header, and a memory section with one memory of one page and no maximum.
        let module = b"\0asm\x01\0\0\0\x05\x03\x01\x00\x01";
        let error = check(module, &[], 65536).expect_err("there is no limit");
        assert_eq!(error.to_string(), "The module's memory limit is None bytes, not 65536.");
    }
}
