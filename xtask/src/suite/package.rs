//! What the JavaScript suites run on: the packed tarball, unpacked as an install would leave it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::step;
use crate::tools::root;
use crate::{build, npm};

/// Builds, packs, and puts the package where `import 'portcullis'` from tests/ finds it.
pub fn prepare() -> Result<()> {
    eprintln!("{}", build::run()?);
    npm::install("tests")?;
    let packs = root().join("target/pack");
    if packs.exists() {
        fs::remove_dir_all(&packs)?;
    }
    let file = packs.join(npm::pack("pkg", &packs)?);
    let place = root().join("tests/node_modules/portcullis");
    if place.exists() {
        fs::remove_dir_all(&place)?;
    }
    fs::create_dir_all(&place)?;
    // Every system that Node and Rust know ships a `tar` that reads .tgz.
    step("Unpacking", Command::new("tar").arg("-xzf").arg(&file).arg("-C").arg(&place).arg("--strip-components=1"))?;
    Ok(())
}

/// The one tarball in target/pack.
pub fn tarball() -> Result<PathBuf> {
    let packs = root().join("target/pack");
    let files = fs::read_dir(&packs)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut tarballs = files.filter(|file| file.extension().is_some_and(|end| end == "tgz"));
    let first = tarballs.next().context("there is no tarball in target/pack")?;
    if tarballs.next().is_some() {
        bail!("there is more than one tarball in target/pack");
    }
    Ok(first)
}
