//! `cargo xtask`: builds the module and the package, tests them on every engine, measures them, shows them.
//!
//! ```text
//! main            the words a person may type
//! demo bench fuzz sim clean fmt             one command each
//! suite/          test: the suites, what each asks of its engine, the table at the end
//! build/          the compiler's module -> bindings -> optimiser -> pkg/wasm -> pkg/dist
//! node npm        which Node, and what npm installs
//! process group progress fresh tools        children, their signals, what is seen meanwhile, what can be skipped
//! ```

mod bench;
mod build;
mod clean;
mod demo;
mod fresh;
mod fuzz;
mod group;
mod manifest;
mod node;
mod npm;
mod process;
mod progress;
mod sim;
mod suite;
mod tools;

use std::process::ExitCode;

use anyhow::Result;

/// Exit codes: 0 done; 1 something failed; 2 the words made no sense; 130 interrupted.
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // The two tools that we carry as libraries run as children of ours, so that they can be timed and stopped.
    match words.split_first() {
        Some((&"wasm-bindgen", _)) => return tool(wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(rest())),
        Some((&"wasm-test-runner", _)) => {
            return tool(wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(rest()));
        }
        _ => {}
    }
    group::listen();
    match command(&words) {
        Ok(code) => code,
        Err(_) if group::interrupted() => {
            eprintln!("Interrupted.");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(words: &[&str]) -> Result<ExitCode> {
    match words {
        [] | ["help" | "--help" | "-h"] => print!("{}", help()),
        ["build"] => println!("{}", build::run()?),
        ["demo"] => demo::run(demo::PORT)?,
        ["demo", "--port", port] => match port.parse() {
            Ok(port) => demo::run(port)?,
            Err(_) => return Ok(misuse(&format!("--port takes a number from 1 to 65535, not `{port}`."))),
        },
        ["test", names @ ..] => match suite::choose(names) {
            Ok(suites) => return suite::run(&suites),
            Err(sentence) => return Ok(misuse(&sentence)),
        },
        ["bench"] => bench::run(false)?,
        ["bench", "--json"] => bench::run(true)?,
        ["bench", "--stores"] => bench::stores(false)?,
        ["bench", "--stores", "--json"] => bench::stores(true)?,
        ["fuzz"] => fuzz::run(fuzz::SECONDS)?,
        ["fuzz", "--seconds", seconds] => match seconds.parse() {
            Ok(seconds @ 1..=fuzz::SECONDS_MAX) => fuzz::run(seconds)?,
            _ => {
                let most = fuzz::SECONDS_MAX;
                return Ok(misuse(&format!("--seconds takes a number from 1 to {most}, not `{seconds}`.")));
            }
        },
        ["sim", "risk", words @ ..] => match sim::risk::Asked::read(words) {
            Ok(asked) => return sim::risk::run(&asked),
            Err(sentence) => return Ok(misuse(&sentence)),
        },
        ["sim", words @ ..] => match sim::Asked::read(words) {
            Ok(asked) => return sim::run(&asked),
            Err(sentence) => return Ok(misuse(&sentence)),
        },
        ["fmt"] => tools::format()?,
        ["lint"] => return suite::run(&suite::only("lint")),
        ["clean"] => clean::run()?,
        [word, ..] if WORDS.iter().any(|(known, _)| known == word) => {
            return Ok(misuse(&format!("`{}` is not how `{word}` is used.", words.join(" "))));
        }
        [word, ..] => return Ok(misuse(&format!("There is no command `{word}`."))),
    }
    Ok(ExitCode::SUCCESS)
}

const WORDS: [(&str, &str); 10] = [
    ("demo", "[--port N]  build, then serve a small real site on http://localhost:8787"),
    ("test", "[suite...]  run every suite, or the named ones, and end with one table"),
    ("build", "            the wasm and the npm package in pkg/; fails over the size budget"),
    ("bench", "[--stores]  build, then measure against other packages, or stores of a million records; --json"),
    ("fuzz", "[--seconds N]  try every law of tests/laws, a minute or N seconds each"),
    ("sim", "[--seeds N] [--seed S] [--long]  simulate rotation, 2000 seeds or N; tell seed S; all long proofs"),
    ("sim", "risk [--users N] [--seed S]  simulate scoring, 2000 users of each world; writes docs/risk-simulation.md"),
    ("fmt", "            format the Rust code"),
    ("lint", "            formatting and clippy, natively and for wasm32"),
    ("clean", "            remove what the other commands made"),
];

fn help() -> String {
    let mut text = String::from("cargo xtask COMMAND\n\n");
    for (word, about) in WORDS {
        text += &format!("  {word:<6} {about}\n");
    }
    text += "\nSuites of `cargo xtask test`:\n\n";
    for suite in &suite::ALL {
        text += &format!("  {:<12} {}\n", suite.name, suite.about);
    }
    text +=
        "\nNeeds Rust (rustup) and Node 20 or newer with npm; the rest is fetched into target/ and node_modules/.\n";
    text += "With CI=true an engine that is missing is a failure, otherwise a skip that says so.\n";
    text
}

fn misuse(sentence: &str) -> ExitCode {
    eprintln!("{sentence} `cargo xtask` alone lists the commands and the suites.");
    ExitCode::from(2)
}

/// The arguments as such a tool expects them: its own name first.
fn rest() -> impl Iterator<Item = std::ffi::OsString> {
    std::env::args_os().skip(1)
}

fn tool(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
