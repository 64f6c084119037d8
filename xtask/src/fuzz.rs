//! `cargo xtask fuzz`: every law of tests/laws for a while, under libFuzzer where it is there, otherwise with the
//! mutator of tests/fuzz_laws.rs.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{self, Finished};
use crate::suite::table;
use crate::tools::{cargo, root};

pub const SECONDS: u64 = 60;
/// The most for a law: a child that runs for longer than `process::LIMIT` has hung.
pub const SECONDS_MAX: u64 = 600;

const FOLDER: &str = "tests/fuzz";

/// How one law is tried, and the line in which it says how often.
type Try = fn(law: &str, seconds: u64) -> Command;

pub fn run(seconds: u64) -> Result<()> {
    let laws = laws()?;
    let (attempt, counted): (Try, &str) = match missing() {
        None => {
            process::step("Building the fuzz targets", &mut nightly(&["fuzz", "build", "--fuzz-dir", FOLDER]))?;
            (under_libfuzzer, "Done ")
        }
        Some(what) => {
            eprintln!("{what}, so our own mutator tries the laws, without coverage to guide it.");
            process::step("Building the laws", cargo(&TEST).arg("--no-run"))?;
            (with_our_mutator, "inputs from number")
        }
    };
    let (mut rows, mut failures) = (vec![vec!["law".to_owned(), "what was tried".to_owned()]], Vec::new());
    for law in &laws {
        let finished = process::run(&format!("fuzz {law}"), &mut attempt(law, seconds))?;
        rows.push(vec![law.clone(), tried(&finished, counted)]);
        if !finished.success {
            failures.push(format!("fuzz {law} failed:\n\n{}", finished.excerpt()));
        }
    }
    print!("{}", table::align(&rows, &[]));
    if failures.is_empty() { Ok(()) } else { bail!("{}", failures.join("\n\n")) }
}

/// The laws by the names of their targets, which tests/fuzz_laws.rs compares with the laws.
fn laws() -> Result<Vec<String>> {
    let folder = root().join(FOLDER).join("fuzz_targets");
    let files = fs::read_dir(&folder).with_context(|| format!("{} cannot be listed", folder.display()))?;
    let names = files.map(|file| Ok(file?.path().file_stem().unwrap_or_default().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

/// What libFuzzer lacks here, as the beginning of a sentence.
fn missing() -> Option<&'static str> {
    if process::ask(&mut nightly(&["--version"])).is_none() {
        return Some("There is no nightly toolchain (`rustup toolchain install nightly`)");
    }
    let fuzz = process::ask(&mut nightly(&["fuzz", "--version"]));
    fuzz.is_none().then_some("There is no cargo-fuzz (`cargo install cargo-fuzz --locked`)")
}

/// Its builds are of another compiler, with sanitizers: they have a folder of their own.
fn nightly(words: &[&str]) -> Command {
    let mut command = cargo(&["+nightly"]);
    command.args(words).env_remove("CARGO_TARGET_DIR");
    command
}

/// An input that takes five seconds hangs.
fn under_libfuzzer(law: &str, seconds: u64) -> Command {
    let mut command = nightly(&["fuzz", "run", "--fuzz-dir", FOLDER, law, "--", "-timeout=5"]);
    command.arg(format!("-max_total_time={seconds}"));
    command
}

const TEST: [&str; 7] = ["test", "--locked", "--release", "-p", "portcullis", "--test", "fuzz_laws"];

fn with_our_mutator(law: &str, seconds: u64) -> Command {
    let mut command = cargo(&TEST);
    command.args(["--", "--nocapture", "--exact", &format!("the_law_of_{law}_holds")]);
    command.env("PORTCULLIS_FUZZ_SECONDS", seconds.to_string());
    command
}

fn tried(finished: &Finished, counted: &str) -> String {
    let mut lines = finished.stdout.lines().chain(finished.stderr.lines());
    lines.find(|line| line.contains(counted)).unwrap_or("FAILED").to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_law_is_found() {
        let laws = super::laws().expect("the folder of targets");
        assert!(laws.len() >= 9 && laws.iter().any(|law| law == "token"), "{laws:?}");
    }
}
