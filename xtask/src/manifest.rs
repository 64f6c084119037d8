//! wasm-pack.toml, our build manifest.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::tools::root;

pub struct Manifest {
    /// Features that the module's target_features section must name.
    pub features: Vec<String>,
    /// The most memory the module may ask for; a multiple of wasm's 64 KiB page.
    pub max_memory_bytes: u64,
    pub compiler_flags: Vec<String>,
    pub binding_flags: Vec<String>,
    pub optimiser_flags: Vec<String>,
    /// The most bytes that the shipped module may have, compressed by brotli at its best.
    pub brotli_bytes: u64,
}

impl Manifest {
    pub fn read() -> Result<Manifest> {
        let text = std::fs::read_to_string(root().join("wasm-pack.toml")).context("wasm-pack.toml is missing")?;
        Manifest::parse(&text).context("wasm-pack.toml")
    }

    fn parse(text: &str) -> Result<Manifest> {
        let table: Value = basic_toml::from_str(text)?;
        Ok(Manifest {
            features: words(&table, "/module/features")?,
            max_memory_bytes: number(&table, "/module/max-memory-bytes")?,
            compiler_flags: words(&table, "/compiler/flags")?,
            binding_flags: words(&table, "/bindings/flags")?,
            optimiser_flags: words(&table, "/optimiser/flags")?,
            brotli_bytes: number(&table, "/budget/brotli-bytes")?,
        })
    }
}

fn number(table: &Value, place: &str) -> Result<u64> {
    table.pointer(place).and_then(Value::as_u64).with_context(|| format!("{place} must be a whole number"))
}

fn words(table: &Value, place: &str) -> Result<Vec<String>> {
    let list = table.pointer(place).and_then(Value::as_array);
    let words: Option<Vec<String>> =
        list.and_then(|list| list.iter().map(|word| word.as_str().map(str::to_owned)).collect());
    words.with_context(|| format!("{place} must be a list of strings"))
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    #[test]
    fn the_manifest_of_this_repository_reads() {
        let manifest = Manifest::read().expect("wasm-pack.toml reads");
        assert_eq!(manifest.max_memory_bytes % 65536, 0, "memory comes in pages");
        assert!(!manifest.optimiser_flags.iter().any(|flag| flag == "--all-features"));
    }

    #[test]
    fn a_missing_budget_is_named() {
        let text = "[module]\nfeatures=[]\nmax-memory-bytes=1\n[compiler]\nflags=[]\n[bindings]\nflags=[]\n[optimiser]\nflags=[]";
        let error = Manifest::parse(text).err().expect("no budget");
        assert_eq!(error.to_string(), "/budget/brotli-bytes must be a whole number");
    }
}
