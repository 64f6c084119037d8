//! `cargo xtask sim risk`: anomaly scoring, simulated; writes docs/risk-simulation.md and its plots.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::{TEST, one};
use crate::process;
use crate::tools::cargo;

/// Enough for intervals of a few percent; some minutes on two cores.
pub const USERS: u64 = 2000;
const PROGRAM: &str = "risk_simulation";
const PAGE: &str = "the_page_is_written_where_somebody_asks_for_it";

/// What a person asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    users: u64,
    seed: u64,
}

impl Asked {
    /// The words after `sim risk`; for words that make no sense, the sentence to say.
    pub fn read(words: &[&str]) -> Result<Self, String> {
        let mut asked = Self { users: USERS, seed: 1 };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let number = words.next().and_then(|text| text.parse::<u64>().ok());
            match (*word, number) {
                ("--users", Some(users)) if users > 0 => asked.users = users,
                ("--users", _) => return Err("--users takes how many of each world, 1 or more.".to_owned()),
                ("--seed", Some(seed)) => asked.seed = seed,
                ("--seed", None) => return Err("--seed takes the number of one seed.".to_owned()),
                (other, _) => return Err(format!("`{other}` is not how `sim risk` is used.")),
            }
        }
        Ok(asked)
    }
}

pub fn run(asked: &Asked) -> Result<ExitCode> {
    process::step("Building the simulation", cargo(&TEST).args(["--test", PROGRAM, "--no-run"]))?;
    let mut users = one(PROGRAM, PAGE);
    users.env("PORTCULLIS_RISK_USERS", asked.users.to_string());
    users.env("PORTCULLIS_RISK_SEED", asked.seed.to_string());
    let finished = process::counted("sim risk", &mut users)?;
    let Some(last) = finished.stdout.lines().rev().find(|line| line.starts_with("users ")) else {
        bail!("sim risk failed:\n\n{}", finished.excerpt());
    };
    println!("{last}\ndocs/risk-simulation.md, docs/risk/*.svg");
    Ok(if finished.success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::{Asked, USERS};

    #[test]
    fn the_words_may_come_in_any_order() {
        assert_eq!(Asked::read(&[]), Ok(Asked { users: USERS, seed: 1 }));
        assert_eq!(Asked::read(&["--seed", "7", "--users", "20"]), Ok(Asked { users: 20, seed: 7 }));
        for words in [&["--users"][..], &["--users", "0"], &["--seed", "x"], &["--seeds", "1"]] {
            assert!(Asked::read(words).is_err(), "{words:?}");
        }
    }
}
