//! Finds the Node.js that a script runs on.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::support::process;
use crate::support::workspace::{find_on_path, path_with, root};

/// The advice for a user who has no suitable Node.
pub const ADVICE: &str =
    "install Node 24 from https://nodejs.org or your package manager, and open a new terminal.";

const MIN_VERSION: Version = Version(20, 0, 0);

/// A Node version: major, minor and patch number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

/// A Node.js that is installed on this machine.
#[derive(Clone)]
pub struct Node {
    /// The path of its program.
    pub program: PathBuf,
    /// The version that the program reports.
    pub version: Version,
}

impl Node {
    /// Finds the Node on PATH, to which npm belongs. Its version is 20 or newer.
    pub fn find_system() -> Result<Node> {
        let Some(program) = find_on_path(&["node"]) else {
            bail!("Node is not installed: {ADVICE}");
        };
        let node = Node::at(&program).context("`node` is on PATH but reports no version")?;
        if node.version < MIN_VERSION {
            bail!("Node {} is older than 20, the oldest that works: {ADVICE}", node.version);
        }
        Ok(node)
    }

    /// Finds a Node of exactly this major version: the system's, or the one in tests/node_modules.
    /// There is none if npm has no such binary for this platform.
    pub fn find_major(major: u32) -> Option<Node> {
        let installed = root().join(format!("tests/node_modules/node{major}/bin/node"));
        let system = Node::find_system().ok().filter(|node| node.version.0 == major);
        system.or_else(|| Node::at(&installed)).filter(|node| node.version.0 == major)
    }

    /// The Node of a program, if the program runs.
    pub fn at(program: &Path) -> Option<Node> {
        let version = process::query_output(Command::new(program).arg("--version"))?;
        Some(Node { program: program.to_path_buf(), version: Version::parse(&version)? })
    }

    /// Prepares to run a script, with this Node first on the PATH of what the script starts.
    pub fn script(&self, script: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(script).env("PATH", self.path());
        command
    }

    /// PATH with this Node in front.
    pub fn path(&self) -> std::ffi::OsString {
        path_with(self.program.parent().unwrap_or(Path::new(".")))
    }
}

impl Version {
    /// Parses a version such as "v24.21.0".
    pub fn parse(text: &str) -> Option<Version> {
        let mut numbers = text.trim().trim_start_matches('v').split(['.', '-']).map(str::parse);
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch))) => {
                Some(Version(major, minor, patch))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_compared_as_numbers() {
        let with_sqlite = Some(Version(22, 13, 0));
        assert!(Version::parse("v22.9.0") < with_sqlite);
        assert!(Version::parse("v22.13.0") >= with_sqlite);
        assert!(Version::parse("v25.0.0-nightly2026") > with_sqlite);
        assert!(Version::parse("not a version").is_none());
    }
}
