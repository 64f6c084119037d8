//! The suites that cargo runs.

use std::process::Command;

use anyhow::Result;

use super::outcome::Outcome;
use crate::node::Node;
use crate::tools::{WASM, cargo, wasm_target};
use crate::{npm, process, sim};

/// Three checks; each counts as one.
pub fn lint() -> Result<Outcome> {
    wasm_target()?;
    let checks: [(&str, &[&str]); 3] = [
        ("lint: formatting", &["fmt", "--all", "--check", "--", "--color", "never"]),
        ("lint: clippy", &["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        (
            "lint: clippy wasm32",
            &["clippy", "--locked", "-p", "portcullis", "--lib", "--target", WASM, "--", "-D", "warnings"],
        ),
    ];
    let mut outcome = Outcome::default().on(&version("clippy"));
    for tool in ["clippy", "fmt"] {
        if version(tool).is_empty() {
            return Ok(Outcome::missing(tool, "Get it with: rustup component add clippy rustfmt"));
        }
    }
    let mut stories = Vec::new();
    for (label, words) in checks {
        let finished = process::run(label, &mut cargo(words))?;
        if finished.success {
            outcome.passed += 1;
        } else {
            outcome.failed += 1;
            stories.push(format!("{label}\n{}", finished.excerpt()));
        }
    }
    outcome.story = (!stories.is_empty()).then(|| stories.join("\n"));
    Ok(outcome)
}

/// Everything of the workspace: the core, its documentation's examples, and this tool.
pub fn native() -> Result<Outcome> {
    let finished = process::run("rust", &mut cargo(&["test", "--locked", "--workspace", "--no-fail-fast"]))?;
    Ok(Outcome::from_cargo(&finished).on(&compiler()))
}

/// The proofs of rotation at the size that every change can afford; `cargo xtask sim` runs them at length.
pub fn proofs() -> Result<Outcome> {
    let mut command = cargo(&["test", "--locked", "--profile", "sim", "-p", "portcullis", "--no-fail-fast"]);
    command.args(sim::tests());
    let sizes = [("SIM_SEEDS", "500"), ("SIM_LOSSY", "50000"), ("SIM_THEFTS", "1000"), ("MODEL", "ci")];
    for (name, size) in sizes {
        command.env(format!("PORTCULLIS_{name}"), size);
    }
    Ok(Outcome::from_cargo(&process::run("proofs", &mut command)?).on(&compiler()))
}

/// Not the documentation's examples: on wasm32 each would be a module without tests.
pub fn wasm32() -> Result<Outcome> {
    wasm_target()?;
    npm::install("tests")?;
    let Some(node) = Node::generation(24) else {
        return Ok(Outcome::missing("Node 24", "npm has none for this platform: install it from https://nodejs.org"));
    };
    let program = serde_json::to_string(&std::env::current_exe()?)?;
    // As TOML, where the variable of the same meaning would be split at spaces.
    let runner = format!("target.{WASM}.runner=[{program},\"wasm-test-runner\"]");
    let words = ["test", "--locked", "-p", "portcullis", "--lib", "--tests", "--target", WASM, "--no-fail-fast"];
    let finished = process::run("wasm32", cargo(&words).args(["--config", &runner]).env("PATH", node.path()))?;
    Ok(Outcome::from_cargo(&finished).on(&format!("Node.js {}", node.version)))
}

/// "rustc 1.95.0"
fn compiler() -> String {
    first_two_words(process::ask(Command::new("rustc").arg("--version")))
}

/// "clippy 0.1.95"; nothing if the component is not installed.
fn version(tool: &str) -> String {
    first_two_words(process::ask(&mut cargo(&[tool, "--version"])))
}

fn first_two_words(said: Option<String>) -> String {
    said.unwrap_or_default().split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}
