//! wasm-pack.toml, our build manifest.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::support::workspace::root;

/// The settings of the build.
pub struct Manifest {
    /// Features that the module's section `target_features` must name.
    pub features: Vec<String>,
    /// The memory limit of the module, a multiple of wasm's 64 KiB page.
    pub max_memory_bytes: u64,
    /// Arguments of rustc for the compilation that optimises the whole module.
    pub compiler_flags: Vec<String>,
    /// Arguments of the binding generator, beside the paths.
    pub binding_flags: Vec<String>,
    /// Arguments of wasm-opt, beside the paths.
    pub optimiser_flags: Vec<String>,
    /// The largest size that the shipped module may have, compressed by brotli at quality 11.
    pub brotli_bytes: u64,
}

impl Manifest {
    /// Reads the manifest of this repository.
    pub fn read() -> Result<Manifest> {
        let file = root().join("wasm-pack.toml");
        let text = std::fs::read_to_string(file).context("wasm-pack.toml is missing")?;
        Manifest::parse(&text).context("wasm-pack.toml")
    }

    fn parse(text: &str) -> Result<Manifest> {
        let table: Value = basic_toml::from_str(text)?;
        Ok(Manifest {
            features: strings(&table, "/module/features")?,
            max_memory_bytes: number(&table, "/module/max-memory-bytes")?,
            compiler_flags: strings(&table, "/compiler/flags")?,
            binding_flags: strings(&table, "/bindings/flags")?,
            optimiser_flags: strings(&table, "/optimiser/flags")?,
            brotli_bytes: number(&table, "/budget/brotli-bytes")?,
        })
    }
}

fn number(table: &Value, path: &str) -> Result<u64> {
    let value = table.pointer(path).and_then(Value::as_u64);
    value.with_context(|| format!("{path} must be a whole number"))
}

fn strings(table: &Value, path: &str) -> Result<Vec<String>> {
    let list = table.pointer(path).and_then(Value::as_array);
    let strings: Option<Vec<String>> =
        list.and_then(|list| list.iter().map(|word| word.as_str().map(str::to_owned)).collect());
    strings.with_context(|| format!("{path} must be a list of strings"))
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    #[test]
    fn the_manifest_of_this_repository_is_readable() {
        let manifest = Manifest::read().expect("wasm-pack.toml is valid");
        assert_eq!(manifest.max_memory_bytes % 65536, 0, "memory is allocated in pages");
        assert!(!manifest.optimiser_flags.iter().any(|flag| flag == "--all-features"));
    }

    #[test]
    fn the_error_names_a_missing_entry() {
        let text = "[module]\nfeatures=[]\nmax-memory-bytes=1\n[compiler]\nflags=[]\n\
                    [bindings]\nflags=[]\n[optimiser]\nflags=[]";
        let error = Manifest::parse(text).err().expect("there is no budget");
        assert_eq!(error.to_string(), "/budget/brotli-bytes must be a whole number");
    }
}
