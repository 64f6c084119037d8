//! Skips build steps whose inputs have not changed.
//!
//! A step leaves a stamp: the hash of everything that it read. Modification times would not do,
//! because a checkout changes the time of every file.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::support::workspace::root;

/// The stamp of one build step.
pub struct BuildStamp {
    file: PathBuf,
    hash: String,
    outputs: Vec<PathBuf>,
}

impl BuildStamp {
    /// Hashes the inputs, which may be files or folders. This program is an input of every step, so
    /// that a change of the build tool repeats the steps.
    pub fn new(step: &str, inputs: &[PathBuf], outputs: &[PathBuf]) -> Result<BuildStamp> {
        let mut hasher = DefaultHasher::new();
        let program = fs::metadata(std::env::current_exe()?)?;
        (program.len(), program.modified()?).hash(&mut hasher);
        for input in inputs {
            hash_path(&mut hasher, input)?;
        }
        let file = root().join("target/stamps").join(step);
        let hash = format!("{:016x}", hasher.finish());
        Ok(BuildStamp { file, hash, outputs: outputs.to_vec() })
    }

    /// Whether the outputs belong to the inputs. If not, the saved stamp is removed: a step that
    /// fails halfway must not count as done when its inputs change back.
    pub fn is_current(&self) -> bool {
        let is_same = fs::read_to_string(&self.file).is_ok_and(|saved| saved == self.hash);
        let is_current = is_same && self.outputs.iter().all(|output| output.exists());
        if !is_current {
            let _ = fs::remove_file(&self.file);
        }
        is_current
    }

    /// Records that the step is done.
    pub fn save(&self) -> Result<()> {
        fs::create_dir_all(root().join("target/stamps"))?;
        Ok(fs::write(&self.file, &self.hash)?)
    }
}

fn hash_path(hasher: &mut DefaultHasher, path: &Path) -> Result<()> {
    path.hash(hasher);
    if !path.is_dir() {
        let bytes = fs::read(path).with_context(|| format!("{} is missing", path.display()))?;
        bytes.hash(hasher);
        return Ok(());
    }
    let entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path()));
    let mut entries = entries.collect::<Result<Vec<_>>>()?;
    entries.sort();
    entries.iter().try_for_each(|entry| hash_path(hasher, entry))
}
