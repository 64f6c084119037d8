//! The package under test: the packed tarball, unpacked as an installation would leave it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::build::build_package;
use crate::build::parallel::run_both;
use crate::support::npm;
use crate::support::process::run_step;
use crate::support::progress::print_message;
use crate::support::workspace::root;

/// Builds and packs the package, and unpacks it where `import 'portcullis'` from tests/ finds it.
pub fn prepare_package() -> Result<()> {
    let (sizes, ()) = run_both(build_package, || npm::install("tests"))?;
    print_message(&sizes);
    let tarballs = root().join("target/pack");
    if tarballs.exists() {
        fs::remove_dir_all(&tarballs)?;
    }
    let tarball = tarballs.join(npm::pack("pkg", &tarballs)?);
    let destination = root().join("tests/node_modules/portcullis");
    if destination.exists() {
        fs::remove_dir_all(&destination)?;
    }
    fs::create_dir_all(&destination)?;
    // Every system that Node and Rust support has a `tar` that reads .tgz files.
    let mut command = Command::new("tar");
    command.arg("-xzf").arg(&tarball).arg("-C").arg(&destination).arg("--strip-components=1");
    run_step("Unpacking", &mut command)?;
    Ok(())
}

/// Prepares the package once for all suites of a run; later calls wait for the first one. The error
/// is printed here, and each suite that needs the package gets a short reason.
pub fn prepare_once() -> Result<(), &'static str> {
    static PREPARED: OnceLock<bool> = OnceLock::new();
    let is_prepared = PREPARED.get_or_init(|| match prepare_package() {
        Ok(()) => true,
        Err(error) => {
            print_message(&format!("\n{error:#}\n"));
            false
        }
    });
    if *is_prepared { Ok(()) } else { Err("the package could not be built: see above") }
}

/// The path of the tarball that [`prepare_package`] made.
pub fn tarball() -> Result<PathBuf> {
    let files = fs::read_dir(root().join("target/pack"))?;
    let paths = files.filter_map(|entry| Some(entry.ok()?.path()));
    let mut tarballs = paths.filter(|path| path.extension().is_some_and(|end| end == "tgz"));
    let first = tarballs.next().context("There is no tarball in target/pack.")?;
    if tarballs.next().is_some() {
        bail!("There is more than one tarball in target/pack: remove that folder.");
    }
    Ok(first)
}
