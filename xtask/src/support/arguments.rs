//! Reads the words after a command, by the options that the command declares.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail};

/// An option of a command.
pub struct OptionSpec {
    /// The option as typed, such as "--port".
    pub name: &'static str,
    /// The placeholder of its value in the help, such as "N"; empty if the option has no value.
    pub value: &'static str,
    /// The purpose and the default, for the help.
    pub about: &'static str,
}

impl OptionSpec {
    /// The option with its value, as the help shows it.
    pub fn usage(&self) -> String {
        format!("{} {}", self.name, self.value).trim_end().to_owned()
    }
}

/// The words of a command line that fit the declared options.
#[derive(Debug)]
pub struct Arguments<'a> {
    options: Vec<(&'static str, &'a str)>,
    /// The words that are neither options nor their values.
    pub words: Vec<&'a str>,
}

/// Words that make no sense. The program prints the sentence and exits with code 2.
#[derive(Debug)]
pub struct UsageError(pub String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

impl<'a> Arguments<'a> {
    /// Sorts the words into options and others. `max_words` is how many others are allowed.
    pub fn parse(words: &[&'a str], specs: &[OptionSpec], max_words: usize) -> Result<Self> {
        let mut arguments = Arguments { options: Vec::new(), words: Vec::new() };
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let spec = specs.iter().find(|spec| spec.name == *word);
            match (spec, spec.is_some_and(|spec| !spec.value.is_empty())) {
                (Some(spec), false) => arguments.options.push((spec.name, "")),
                (Some(spec), true) => match rest.next() {
                    Some(value) => arguments.options.push((spec.name, value)),
                    None => bail!(UsageError(format!("{word} needs a value: {}.", spec.value))),
                },
                (None, _) if word.starts_with('-') => {
                    bail!(UsageError(format!("Unknown option `{word}`.")))
                }
                (None, _) if arguments.words.len() == max_words => {
                    bail!(UsageError(format!("Unexpected word `{word}`.")))
                }
                (None, _) => arguments.words.push(word),
            }
        }
        Ok(arguments)
    }

    /// Whether the option was given.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// The value of the option, as typed; the last one if the option was repeated.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.options.iter().rev().find(|(option, _)| *option == name).map(|(_, value)| *value)
    }

    /// The value as a number of at least `min` and at most `max`.
    pub fn number<N>(&self, name: &str, min: N, max: N) -> Result<Option<N>>
    where
        N: FromStr + PartialOrd + fmt::Display + Copy,
    {
        let Some(text) = self.value(name) else { return Ok(None) };
        match text.parse::<N>() {
            Ok(number) if number >= min && number <= max => Ok(Some(number)),
            _ => bail!(UsageError(format!(
                "{name} takes a whole number from {min} to {max}, not `{text}`."
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Arguments, OptionSpec};

    const SPECS: [OptionSpec; 2] = [
        OptionSpec { name: "--seeds", value: "N", about: "" },
        OptionSpec { name: "--long", value: "", about: "" },
    ];

    fn parse<'a>(words: &[&'a str]) -> Result<Arguments<'a>, String> {
        Arguments::parse(words, &SPECS, 1).map_err(|error| error.to_string())
    }

    #[test]
    fn options_and_words_may_come_in_any_order() {
        let arguments = parse(&["--long", "word", "--seeds", "7"]).expect("all are known");
        assert!(arguments.has("--long"));
        assert_eq!(arguments.words, ["word"]);
        assert_eq!(arguments.number("--seeds", 1, 10).expect("7 is in the range"), Some(7));
        assert!(arguments.number("--seeds", 8, 10).is_err());
    }

    #[test]
    fn what_is_not_declared_is_rejected() {
        assert_eq!(parse(&["--sed"]).unwrap_err(), "Unknown option `--sed`.");
        assert_eq!(parse(&["--seeds"]).unwrap_err(), "--seeds needs a value: N.");
        assert_eq!(parse(&["a", "b"]).unwrap_err(), "Unexpected word `b`.");
    }
}
