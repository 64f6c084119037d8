//! Reads back what the compiler made. The flags live in .cargo/config.toml and are easy to lose (a RUSTFLAGS in the
//! environment replaces them); a module without them works, only slower and without a cap on its memory.

use anyhow::{Context, Result, bail};
use wasmparser::{Parser, Payload};

use crate::manifest::Manifest;

const PAGE: u64 = 65536;

pub fn check(module: &[u8], manifest: &Manifest) -> Result<()> {
    let mut features = None;
    let mut limit = None;
    for payload in Parser::new(0).parse_all(module) {
        match payload.context("the module is not valid wasm")? {
            Payload::CustomSection(section) if section.name() == "target_features" => features = Some(section.data()),
            Payload::MemorySection(memories) => {
                limit = memories.into_iter().next().transpose()?.and_then(|memory| memory.maximum);
            }
            _ => {}
        }
    }
    for feature in &manifest.features {
        if !names(features.unwrap_or_default(), feature) {
            bail!("The module lacks the feature {feature}: the rustflags in .cargo/config.toml did not reach rustc.");
        }
    }
    match limit.map(|pages| pages * PAGE) {
        Some(bytes) if bytes == manifest.max_memory_bytes => Ok(()),
        other => bail!("The module's memory limit is {other:?} bytes, not {}.", manifest.max_memory_bytes),
    }
}

/// An entry of the section is `+`, the length of the name, the name.
fn names(section: &[u8], feature: &str) -> bool {
    let length = u8::try_from(feature.len()).unwrap_or_default();
    let entry = [&[b'+', length], feature.as_bytes()].concat();
    section.windows(entry.len()).any(|window| window == entry)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_feature_is_found_by_its_whole_name() {
        let section = b"\x02+\x07simd128+\x08sign-ext";
        assert!(names(section, "simd128"));
        assert!(names(section, "sign-ext"));
        assert!(!names(section, "simd"));
        assert!(!names(b"", "simd128"));
    }
}
