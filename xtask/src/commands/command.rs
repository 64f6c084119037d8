//! The declaration of a command.

use std::process::ExitCode;

use anyhow::Result;

use crate::support::arguments::{Arguments, OptionSpec};

/// A command, with everything that its help prints.
pub struct Command {
    /// The words that name the command, such as "sim risk".
    pub name: &'static str,
    /// The words that may follow its options, such as "[SUITE...]"; empty for none.
    pub words: &'static str,
    /// The purpose as one line, for the list of commands.
    pub summary: &'static str,
    /// The effects beyond the summary, and the defaults.
    pub details: &'static str,
    /// The options that the command takes.
    pub options: &'static [OptionSpec],
    /// A whole command line.
    pub example: &'static str,
    /// Runs the command with the words after its name.
    pub run: fn(&Arguments) -> Result<ExitCode>,
}
