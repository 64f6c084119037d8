//! Generates the JavaScript bindings of the module, and runs its wasm tests on Node.
//!
//! `xtask` calls this program and never links it: the binding generator takes most of a minute to
//! compile, and can be compiled while the module is.
//!
//! ```text
//! xtask-bindings generate MODULE OUT_DIR OUT_NAME MAX_MEMORY_BYTES FEATURES FLAGS...
//! xtask-bindings test     MODULE [--nocapture] [FILTER]
//! ```

mod check_module;
mod generate;
mod run_tests;

use std::process::ExitCode;

use anyhow::{Result, bail};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<ExitCode> {
    match arguments {
        ["generate", module, out_dir, out_name, max_memory, features, flags @ ..] => {
            let bytes = std::fs::read(module)?;
            let features: Vec<&str> = features.split(',').collect();
            check_module::check(&bytes, &features, max_memory.parse()?)?;
            generate::generate(module.as_ref(), out_dir.as_ref(), out_name, flags)?;
            Ok(ExitCode::SUCCESS)
        }
        ["test", module, options @ ..] => run_tests::run(module.as_ref(), options),
        _ => bail!("Unknown arguments: see the first lines of xtask/bindings/src/main.rs."),
    }
}
