//! Installs packages with npm, from lockfiles and without install scripts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::support::node::Node;
use crate::support::process;
use crate::support::workspace::{find_on_path, root};

/// Runs `npm ci` in a folder of this repository, unless its node_modules is newer than its
/// lockfile.
pub fn install(folder: &str) -> Result<()> {
    let lock = folder_lock(folder);
    let _held = lock.lock().unwrap_or_else(PoisonError::into_inner);
    let path = root().join(folder);
    let installed = modified(&path.join("node_modules/.package-lock.json"));
    let locked =
        modified(&path.join("package-lock.json")).max(modified(&path.join("package.json")));
    if installed.is_some() && installed > locked {
        return Ok(());
    }
    let label = format!("Installing npm packages for {folder}/");
    let mut command = npm()?;
    command.args(["ci", "--ignore-scripts", "--prefer-offline"]).current_dir(&path);
    process::run_step(&label, &mut command).with_context(|| {
        format!("npm could not install {folder}/package-lock.json: is there a network?")
    })?;
    Ok(())
}

/// The lock of a folder: steps that run at the same time must not install into it together.
fn folder_lock(folder: &str) -> Arc<Mutex<()>> {
    static LOCKS: Mutex<BTreeMap<String, Arc<Mutex<()>>>> = Mutex::new(BTreeMap::new());
    let mut locks = LOCKS.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(locks.entry(folder.to_owned()).or_default())
}

/// Installs one package at an exact version into a folder of its own.
pub fn install_package(folder: &Path, package: &str, label: &str) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut command = npm()?;
    command.arg("--prefix").arg(folder).current_dir(folder);
    command.args(["install", "--no-save", "--no-package-lock", "--ignore-scripts"]);
    command.args(["--no-fund", "--no-audit", package]);
    process::run_step(label, &mut command).map(drop)
}

/// Packs a folder into a tarball, and returns the tarball's name within `destination`.
pub fn pack(folder: &str, destination: &Path) -> Result<String> {
    fs::create_dir_all(destination)?;
    let mut command = npm()?;
    command.args(["pack", "--json", "--ignore-scripts", "--pack-destination"]).arg(destination);
    let output = process::run_step("Packing", command.current_dir(root().join(folder)))?;
    let report: Value = serde_json::from_str(&output).context("npm pack --json printed no JSON")?;
    // npm 11 prints a list of packages; a later npm will print an object of them by name.
    let first = report.as_array().and_then(|list| list.first());
    let entry = first.or_else(|| report.as_object()?.values().next());
    let name = entry.and_then(|entry| entry.get("filename")).and_then(Value::as_str);
    Ok(name.context("npm pack did not report the name of its tarball")?.to_owned())
}

/// Finds a program that npm installs as one package for each platform, under a common scope. The
/// links in node_modules/.bin would not do: install scripts complete them, and none is run.
pub fn find_native_program(folder: &str, scope: &str, file: &str) -> Option<PathBuf> {
    let scope_folder = root().join(folder).join("node_modules").join(scope);
    let packages = fs::read_dir(scope_folder).ok()?;
    let files = packages.filter_map(|entry| Some(entry.ok()?.path().join(file)));
    files
        .map(|file| file.with_extension(std::env::consts::EXE_EXTENSION))
        .find(|file| file.is_file())
}

/// npm runs on the system's Node, to which it belongs, whatever Node a script runs on.
fn npm() -> Result<Command> {
    let node = Node::find_system()?;
    let Some(npm) = find_on_path(&["npm", "npm.cmd"]) else {
        bail!("npm is not installed: install Node with npm from https://nodejs.org.");
    };
    let mut command = Command::new(npm);
    command.env("PATH", node.path()).env("npm_config_update_notifier", "false");
    Ok(command)
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}
