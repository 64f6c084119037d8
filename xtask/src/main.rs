//! `cargo xtask`: builds the module and the package, tests them on every engine, and runs the demo.
//!
//! A folder imports from those above it in this list, and never from those below:
//!
//! ```text
//! support/    paths, processes, progress, Node, npm, tables, arguments
//! build/      the module, its bindings, the npm package
//! suite/      the suites of `cargo xtask test`, and how they run side by side
//! commands/   one file for each command, with its options and help
//! ```

mod build;
mod commands;
#[cfg(test)]
mod layers;
mod suite;
mod support;

use std::process::ExitCode;

use support::arguments::UsageError;
use support::process_group;

/// Exit codes: 0 success, 1 failure, 2 words that make no sense, 130 interrupted.
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    process_group::handle_interrupts();
    match commands::run(&words) {
        Ok(code) => code,
        Err(_) if process_group::is_interrupted() => {
            eprintln!("Interrupted.");
            ExitCode::from(130)
        }
        Err(error) if error.is::<UsageError>() => {
            eprintln!("{error} See `cargo xtask help`, or `cargo xtask help COMMAND`.");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
