//! The commands of `cargo xtask`, and their help.

mod bench;
mod build;
mod clean;
mod command;
mod demo;
mod fmt;
mod fuzz;
mod lint;
mod sim;
mod sim_risk;
mod test;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::support::arguments::{Arguments, UsageError};
use command::Command;

/// `sim risk` precedes `sim`, because the first command whose name fits is taken.
const ALL: [Command; 10] = [
    demo::COMMAND,
    test::COMMAND,
    lint::COMMAND,
    fmt::COMMAND,
    build::COMMAND,
    bench::COMMAND,
    fuzz::COMMAND,
    sim_risk::COMMAND,
    sim::COMMAND,
    clean::COMMAND,
];

/// Runs the command that the words name, or prints help.
pub fn run(words: &[&str]) -> Result<ExitCode> {
    let (is_help, words) = match words {
        [] | ["help" | "--help" | "-h"] => {
            print!("{}", format_overview());
            return Ok(ExitCode::SUCCESS);
        }
        ["help", rest @ ..] => (true, rest),
        [.., "--help" | "-h"] => (true, words),
        _ => (false, words),
    };
    let Some((command, rest)) = find(words) else {
        bail!(UsageError(format!("Unknown command `{}`.", words.join(" "))));
    };
    if is_help {
        print!("{}", format_help(&command));
        return Ok(ExitCode::SUCCESS);
    }
    let max_words = if command.words.is_empty() { 0 } else { usize::MAX };
    (command.run)(&Arguments::parse(rest, command.options, max_words)?)
}

/// Splits the words into the command and what follows.
fn find<'a, 'b>(words: &'a [&'b str]) -> Option<(Command, &'a [&'b str])> {
    ALL.into_iter().find_map(|command| {
        let name: Vec<&str> = command.name.split(' ').collect();
        let rest = words.strip_prefix(name.as_slice())?;
        Some((command, rest))
    })
}

fn format_overview() -> String {
    let mut text = String::from("Usage: cargo xtask COMMAND [OPTIONS]\n\n");
    for command in ALL {
        text += &format!("  {:<9} {}\n", command.name, command.summary);
    }
    text += "\n`cargo xtask COMMAND --help` prints the options of a command.\n\n";
    text += "Needed: Rust from rustup, and Node 20 or newer with npm.\n\
             Everything else is installed into target/ and node_modules/.\n";
    text
}

fn format_help(command: &Command) -> String {
    let Command { name, words, summary, details, options, example, .. } = command;
    let usages = options.iter().map(|option| format!(" [{}]", option.usage()));
    let words = if words.is_empty() { String::new() } else { format!(" {words}") };
    let usage: String = usages.chain([words]).collect();
    let mut text = format!("Usage: cargo xtask {name}{usage}\n\n{summary}.\n");
    if !details.is_empty() {
        text += &format!("{details}\n");
    }
    if !options.is_empty() {
        text += "\nOptions:\n";
    }
    for option in *options {
        text += &format!("  {:<15} {}\n", option.usage(), option.about);
    }
    if *name == test::COMMAND.name {
        text += &test::format_suites();
    }
    text + &format!("\nExample: {example}\n")
}

#[cfg(test)]
mod tests {
    use super::{ALL, find, format_help, run};
    use crate::support::arguments::UsageError;

    #[test]
    fn every_command_has_help_with_a_usage_and_an_example() {
        for command in ALL {
            let help = format_help(&command);
            assert!(help.starts_with(&format!("Usage: cargo xtask {}", command.name)), "{help}");
            assert!(command.example.starts_with(&format!("cargo xtask {}", command.name)));
            assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
        }
    }

    #[test]
    fn the_longer_name_is_preferred() {
        let name = |words: &[&str]| find(words).map(|(command, rest)| (command.name, rest.len()));
        assert_eq!(name(&["sim", "risk", "--users", "2"]), Some(("sim risk", 2)));
        assert_eq!(name(&["sim", "--long"]), Some(("sim", 1)));
        assert_eq!(name(&["simulate"]), None);
    }

    #[test]
    fn words_that_make_no_sense_are_usage_errors() {
        for words in [&["tset"][..], &["help", "tset"], &["clean", "all"], &["demo", "--port"]] {
            let error = run(words).expect_err("the words make no sense");
            assert!(error.is::<UsageError>(), "{words:?}: {error}");
        }
    }
}
