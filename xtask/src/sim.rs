//! `cargo xtask sim`: the seeded simulation of rotation, at length and with a bar. `--long` adds the other long proofs.
//! `sim risk` is that of scoring.

pub mod risk;

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::process::{self, Finished};
use crate::tools::{cargo, root};

pub const SEEDS: u64 = 2000;
const TEST: [&str; 6] = ["test", "--locked", "--profile", "sim", "-p", "portcullis"];
const ALL_SEEDS: &str = "all_invariants_hold_after_every_step_of_every_seed";

/// What a person asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    seeds: u64,
    /// This one alone, with its story.
    seed: Option<u64>,
    long: bool,
}

impl Asked {
    /// The words after `sim`; for words that make no sense, the sentence to say.
    pub fn read(words: &[&str]) -> Result<Self, String> {
        let mut asked = Self { seeds: SEEDS, seed: None, long: false };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut number = || words.next().and_then(|text| text.parse::<u64>().ok());
            match *word {
                "--long" => asked.long = true,
                "--seeds" => match number() {
                    Some(count) if count > 0 => asked.seeds = count,
                    _ => return Err("--seeds takes how many, 1 or more.".to_owned()),
                },
                "--seed" => match number() {
                    Some(seed) => (asked.seed, asked.seeds) = (Some(seed), 1),
                    None => return Err("--seed takes the number of one seed.".to_owned()),
                },
                other => return Err(format!("`{other}` is not how `sim` is used.")),
            }
        }
        Ok(asked)
    }
}

pub fn run(asked: &Asked) -> Result<ExitCode> {
    process::step("Building the simulation", cargo(&TEST).args(tests()).arg("--no-run"))?;
    let mut seeds = one("simulation", ALL_SEEDS);
    seeds.env("PORTCULLIS_SIM_SEEDS", asked.seeds.to_string());
    seeds.env("PORTCULLIS_SIM_FROM", asked.seed.unwrap_or(0).to_string());
    let finished = process::counted("sim", &mut seeds)?;
    let Some(last) = last_line(&finished.stdout) else { bail!("sim failed:\n\n{}", finished.excerpt()) };
    print!("{}", said(&finished));
    let mut holds = finished.success;
    if asked.long {
        for (label, mut command) in long_proofs() {
            let finished = process::counted(label, &mut command)?;
            print!("{}", said(&finished));
            if !finished.success {
                println!("{label} failed:\n\n{}\n", finished.excerpt());
                holds = false;
            }
        }
    }
    println!("{last}");
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The test programs of the proofs; the model is one once its file is there.
pub fn tests() -> Vec<&'static str> {
    let mut tests = vec!["--test", "simulation"];
    if root().join("tests/model.rs").is_file() {
        tests.extend(["--test", "model"]);
    }
    tests
}

fn long_proofs() -> Vec<(&'static str, Command)> {
    let mut lossy = one("simulation", "lost_replies_and_repeated_requests_sign_nobody_out");
    lossy.env("PORTCULLIS_SIM_LOSSY", "1000000");
    let mut thefts = cargo(&TEST);
    thefts.args(["--test", "simulation", "--", "--nocapture", "--test-threads=1", "thie"]);
    thefts.env("PORTCULLIS_SIM_PROGRESS", "1").env("PORTCULLIS_SIM_THEFTS", "1000");
    let mut proofs = vec![("sim lossy", lossy), ("sim theft", thefts)];
    if tests().contains(&"model") {
        let mut model = cargo(&TEST);
        model.args(["--test", "model", "--", "--nocapture"]).env("PORTCULLIS_MODEL", "long");
        proofs.push(("model", model));
    }
    proofs
}

/// One test of a program, which says how far it is.
fn one(program: &str, test: &str) -> Command {
    let mut command = cargo(&TEST);
    command.args(["--test", program, "--", "--nocapture", "--exact", test]).env("PORTCULLIS_SIM_PROGRESS", "1");
    command
}

/// "seeds 2000 steps 440000 violations 0"
fn last_line(stdout: &str) -> Option<&str> {
    stdout.lines().rev().find(|line| line.starts_with("seeds ") && line.contains(" violations "))
}

/// What a program said, without its progress, its last line and what its runner adds.
fn said(finished: &Finished) -> String {
    let lines = finished.stdout.lines().map(|line| match line.split_once(" ... ") {
        Some((test, rest)) if test.starts_with("test ") => rest,
        _ => line,
    });
    let calm = |line: &&str| {
        let words = ["progress ", "running ", "test result:", "seeds ", "failures:", "    "];
        let is_story = line.starts_with("     ") || !words.iter().any(|word| line.starts_with(word));
        is_story && !matches!(*line, "" | "ok" | "FAILED")
    };
    lines.filter(calm).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Asked, SEEDS, last_line};

    #[test]
    fn the_words_may_come_in_any_order() {
        let asked = |seeds, seed, long| Ok(Asked { seeds, seed, long });
        assert_eq!(Asked::read(&[]), asked(SEEDS, None, false));
        assert_eq!(Asked::read(&["--long", "--seeds", "20000"]), asked(20_000, None, true));
        assert_eq!(Asked::read(&["--seed", "7"]), asked(1, Some(7), false));
        for words in [&["--seeds"][..], &["--seeds", "0"], &["--seed", "x"], &["--sed"]] {
            assert!(Asked::read(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn the_last_line_is_found_among_the_others() {
        let said = "running 1 test\nprogress 1 1 seeds\nseeds 1 steps 223 violations 0\nok\n";
        assert_eq!(last_line(said), Some("seeds 1 steps 223 violations 0"));
        assert_eq!(last_line("seeds of doubt\n"), None);
    }
}
