//! The runner that `cargo test --target wasm32-unknown-unknown` starts for each test binary.
//!
//! It does what `wasm-bindgen-test-runner` does for Node, and nothing else: no browser, no
//! benchmarks, no coverage. The script that it writes fits the pinned `wasm-bindgen-test`.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;
use wasmparser::{Parser, Payload};

/// The name of the generated bindings, which the script imports.
const BINDINGS: &str = "bindings";

/// `#[wasm_bindgen_test]` exports each test under a name with this prefix.
const EXPORT_PREFIX: &str = "__wbgt_";

/// Runs the tests of a module whose names contain the filter; prints as `cargo test` does.
pub fn run(module: &Path, options: &[&str]) -> Result<ExitCode> {
    let mut filter = None;
    let mut is_captured = true;
    for option in options {
        match *option {
            "--nocapture" => is_captured = false,
            word if !word.starts_with('-') && filter.is_none() => filter = Some(word),
            other => bail!("Unknown option `{other}`: expected --nocapture or one filter."),
        }
    }
    let exports = test_exports(&fs::read(module)?)?;
    let total = exports.len();
    let selected: Vec<String> = exports.into_iter().filter(|name| matches(name, filter)).collect();
    // Without a test in it, the module lacks the support code that the script calls.
    if selected.is_empty() {
        println!("no tests to run!");
        return Ok(ExitCode::SUCCESS);
    }
    let folder = module.with_extension("tests");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    generate(module, &folder)?;
    let script = folder.join("run.cjs");
    fs::write(&script, test_script(&selected, total - selected.len(), is_captured))?;
    let status = Command::new("node").arg(&script).status().context("`node` could not start")?;
    fs::remove_dir_all(&folder)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes CommonJS bindings in which each test can be called by the name of its export.
fn generate(module: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name(BINDINGS).nodejs(true)?;
    bindgen.debug(true).export_wasm(true).emit_start(false).typescript(false);
    bindgen.generate(folder)
}

/// The names of the exports that are tests.
fn test_exports(module: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::ExportSection(exports) = payload? else { continue };
        for export in exports {
            let name = export?.name;
            if name.starts_with(EXPORT_PREFIX) {
                names.push(name.to_owned());
            }
        }
    }
    Ok(names)
}

/// An export's name is the prefix, modifiers, the crate, `::` and the path of the test.
fn matches(export: &str, filter: Option<&str>) -> bool {
    let path = export.split_once("::").map_or("", |(_, path)| path);
    filter.is_none_or(|filter| path.contains(filter))
}

fn test_script(exports: &[String], filtered_count: usize, is_captured: bool) -> String {
    format!(
        r#"// The console is replaced first, because the module keeps the functions that it finds.
const handlers = {{}}
global.__wbgtest_og_console_log = console.log
global.__wbgtest_og_console_error = console.error
for (const method of ['debug', 'log', 'info', 'warn', 'error']) {{
  const original = console[method]
  console[method] = (...args) => {{
    if (!{is_captured}) original.apply(console, args)
    handlers[method]?.(args)
  }}
}}
global.__wbg_test_invoke = (test) => test()

const wasm = require('./{BINDINGS}.js')
const runner = new wasm.WasmBindgenTestContext(false)
for (const method of ['debug', 'log', 'info', 'warn', 'error']) {{
  handlers[method] = wasm[`__wbgtest_console_${{method}}`]
}}
runner.include_ignored(false)
runner.filtered_count({filtered_count})
const tests = {exports:?}
runner.run(tests.map((name) => wasm.__wasm[name])).then(
  (passed) => process.exit(passed ? 0 : 1),
  (error) => {{
    global.__wbgtest_og_console_error(error)
    process.exit(1)
  }},
)
"#
    )
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_filter_is_searched_in_the_path_and_not_in_the_crate_name() {
        assert!(matches("__wbgt__tokens::times::a_test", Some("times")));
        assert!(matches("__wbgt__tokens::a_test", None));
        assert!(!matches("__wbgt__tokens::a_test", Some("tokens")));
    }
}
