//! Calls the binding generator with the flags of wasm-pack.toml.

use std::path::Path;

use anyhow::{Result, bail};
use wasm_bindgen_cli_support::Bindgen;

/// Writes `{out_name}.js`, `{out_name}.d.ts` and `{out_name}_bg.wasm`. The flags have the names and
/// the meaning of the `wasm-bindgen` program's.
pub fn generate(module: &Path, out_dir: &Path, out_name: &str, flags: &[&str]) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name(out_name).typescript(true);
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        match *flag {
            "--target" => match flags.next() {
                Some(&"web") => bindgen.web(true)?,
                other => bail!("Unknown binding target {other:?}: expected \"web\"."),
            },
            "--omit-default-module-path" => bindgen.omit_default_module_path(true),
            "--remove-name-section" => bindgen.remove_name_section(true),
            "--remove-producers-section" => bindgen.remove_producers_section(true),
            "--experimental-reset-state-function" => bindgen.reset_state_function(true),
            other => bail!(
                "Unknown flag `{other}` in [bindings] of wasm-pack.toml: add it to \
                 xtask/bindings/src/generate.rs."
            ),
        };
    }
    bindgen.generate(out_dir)
}
