//! What npm installs: from lock files, without running anybody's install scripts.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::node::Node;
use crate::process;
use crate::tools::{on_path, root};

/// `npm ci` in a folder of this repository, unless its node_modules is newer than its lock file.
pub fn install(folder: &str) -> Result<()> {
    let path = root().join(folder);
    let installed = modified(&path.join("node_modules/.package-lock.json"));
    let wanted = modified(&path.join("package-lock.json")).max(modified(&path.join("package.json")));
    if installed.is_some() && installed > wanted {
        return Ok(());
    }
    let label = format!("Installing npm packages for {folder}/");
    process::step(&label, npm()?.args(["ci", "--ignore-scripts"]).current_dir(&path))
        .with_context(|| format!("npm could not install what {folder}/package-lock.json lists; is there a network?"))?;
    Ok(())
}

/// One package at an exact version, into a folder of its own.
pub fn fetch(folder: &Path, package: &str, label: &str) -> Result<()> {
    fs::create_dir_all(folder)?;
    let words = ["install", "--no-save", "--no-package-lock", "--ignore-scripts", "--no-fund", "--no-audit", package];
    process::step(label, npm()?.arg("--prefix").arg(folder).args(words).current_dir(folder)).map(drop)
}

/// Packs a folder and gives the name of the tarball in `into`.
pub fn pack(folder: &str, into: &Path) -> Result<String> {
    fs::create_dir_all(into)?;
    let mut command = npm()?;
    command.args(["pack", "--json", "--ignore-scripts", "--pack-destination"]).arg(into);
    let said = process::step("Packing", command.current_dir(root().join(folder)))?;
    let answer: Value = serde_json::from_str(&said).context("npm pack --json gave no JSON")?;
    // npm 11 answers with a list of packages; an object of them, by name, is announced.
    let entry = answer.as_array().and_then(|list| list.first()).or_else(|| answer.as_object()?.values().next());
    let name = entry.and_then(|entry| entry.get("filename")).and_then(Value::as_str);
    Ok(name.context("npm pack did not say what it wrote")?.to_owned())
}

/// npm belongs to the system's Node, and runs on it, whatever Node a script will run on.
fn npm() -> Result<Command> {
    let node = Node::system()?;
    let Some(npm) = on_path(&["npm", "npm.cmd"]) else {
        bail!(
            "`node` is there but `npm` is not. Install npm (it comes with Node from https://nodejs.org) and try again."
        );
    };
    let mut command = Command::new(npm);
    command.env("PATH", node.path()).env("npm_config_update_notifier", "false");
    Ok(command)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}
