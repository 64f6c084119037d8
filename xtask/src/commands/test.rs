//! `cargo xtask test`: selects the suites that run.

use std::process::ExitCode;

use anyhow::{Result, bail};

use super::command::Command;
use crate::suite::list::{self, Suite};
use crate::suite::run::run_suites;
use crate::suite::suite_options::SuiteOptions;
use crate::support::arguments::{Arguments, OptionSpec, UsageError};

pub const COMMAND: Command = Command {
    name: "test",
    words: "[SUITE...]",
    summary: "Run the quick suites, the named ones, or with --all every suite",
    details: "Ends with one table and the line `N passed, N failed, N skipped`. Without a suite,\n\
              the quick ones run, without the core's long test programs. Two run at a time.\n\
              With CI=true a missing engine is a failure, otherwise its suite is skipped.",
    options: &[
        OptionSpec { name: "--all", value: "", about: "Run every suite as a whole" },
        OptionSpec {
            name: "--filter",
            value: "WORD",
            about: "Run the tests whose name contains WORD, in suites that take a filter",
        },
    ],
    example: "cargo xtask test rust node24 --filter rotation",
    run,
};

/// The suites that a command line selects, and how they run.
struct Selection {
    suites: Vec<&'static Suite>,
    options: SuiteOptions,
    note: Option<String>,
}

fn run(arguments: &Arguments) -> Result<ExitCode> {
    let Selection { suites, options, note } = select(arguments)?;
    run_suites(&suites, &options, note.as_deref())
}

fn select(arguments: &Arguments) -> Result<Selection> {
    let (names, is_all) = (&arguments.words, arguments.has("--all"));
    if let Some(unknown) = names.iter().find(|name| list::find(name).is_none()) {
        bail!(UsageError(format!("Unknown suite `{unknown}`.")));
    }
    if is_all && !names.is_empty() {
        bail!(UsageError("--all runs every suite: name no suite beside it.".to_owned()));
    }
    let filter = arguments.value("--filter").map(str::to_owned);
    let is_quick = !is_all && names.is_empty();
    let is_selected = |suite: &&Suite| match is_quick {
        // A filter asks for certain tests, so that whole suites are not run in addition.
        true => suite.is_quick && (filter.is_none() || suite.takes_filter),
        false => is_all || names.contains(&suite.name),
    };
    let suites: Vec<&Suite> = list::ALL.iter().filter(is_selected).collect();
    let note = match &filter {
        Some(word) => Some(filter_note(word, &suites)),
        None => is_quick.then(quick_note),
    };
    Ok(Selection { suites, options: SuiteOptions { filter, is_full: !is_quick }, note })
}

/// Lists what the quick selection leaves out, and how to run it.
fn quick_note() -> String {
    let mut note = "Left out:\n".to_owned();
    for suite in list::ALL.iter().filter(|suite| !suite.quick_omits.is_empty()) {
        note += &format!("  of {}: {}\n", suite.name, suite.quick_omits);
    }
    let slow: Vec<&str> =
        list::ALL.iter().filter(|suite| !suite.is_quick).map(|suite| suite.name).collect();
    let (half, other_half) = slow.split_at(slow.len() / 2);
    note += &format!("  the suites {},\n  {}\n", half.join(", "), other_half.join(", "));
    note + "`cargo xtask test --all` runs everything, `cargo xtask test SUITE...` whole suites."
}

fn filter_note(word: &str, suites: &[&Suite]) -> String {
    let whole: Vec<&str> =
        suites.iter().filter(|one| !one.takes_filter).map(|one| one.name).collect();
    let note = format!("Only the tests whose name contains `{word}` were run.");
    if whole.is_empty() {
        return note;
    }
    format!("{note} These suites take no filter and ran as a whole: {}.", whole.join(", "))
}

/// The list of suites for the help.
pub fn format_suites() -> String {
    let mut text = "\nSuites (q: quick, f: takes a filter):\n".to_owned();
    for suite in &list::ALL {
        let mark = |is_set: bool, mark: char| if is_set { mark } else { ' ' };
        let marks = [mark(suite.is_quick, 'q'), mark(suite.takes_filter, 'f')];
        text += &format!("  {:<12} {}{} {}\n", suite.name, marks[0], marks[1], suite.about);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{COMMAND, Selection, list, select};
    use crate::support::arguments::Arguments;

    fn selected(words: &[&str]) -> Result<Selection, String> {
        let arguments = Arguments::parse(words, COMMAND.options, usize::MAX).expect("known words");
        select(&arguments).map_err(|error| error.to_string())
    }

    fn names(words: &[&str]) -> Vec<&'static str> {
        let selection = selected(words).expect("the words make sense");
        selection.suites.iter().map(|suite| suite.name).collect()
    }

    #[test]
    fn without_names_the_quick_suites_run_and_the_rest_is_listed() {
        assert_eq!(names(&[]), ["lint", "rust", "node24", "workerd", "readme"]);
        let note = selected(&[]).expect("no words").note.expect("something is left out");
        assert!(note.contains("frameworks") && note.contains("cargo xtask test --all"), "{note}");
    }

    #[test]
    fn names_keep_the_order_of_the_list_and_all_means_every_suite() {
        assert_eq!(names(&["--all"]).len(), list::ALL.len());
        assert_eq!(names(&["bun", "lint"]), ["lint", "bun"]);
        assert!(selected(&["nod"]).is_err_and(|text| text.starts_with("Unknown suite `nod`")));
        assert!(selected(&["--all", "bun"]).is_err());
    }

    #[test]
    fn a_filter_leaves_out_quick_suites_that_take_none() {
        assert_eq!(names(&["--filter", "x"]), ["rust", "node24", "workerd"]);
        let note = selected(&["--filter", "x", "lint"]).expect("known").note.expect("a note");
        assert!(note.ends_with("ran as a whole: lint."), "{note}");
    }
}
