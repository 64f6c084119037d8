//! Skipping what is up to date: a step leaves a stamp, the hash of all it read. Hashes instead of times, so that a
//! checkout, which touches everything, rebuilds nothing.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::tools::root;

pub struct Stamp {
    file: PathBuf,
    hash: String,
    outputs: Vec<PathBuf>,
}

impl Stamp {
    /// `inputs` may be files or folders. Our own program counts as an input: a change of the build is a rebuild.
    pub fn new(step: &str, inputs: &[PathBuf], outputs: &[PathBuf]) -> Result<Stamp> {
        let mut hasher = DefaultHasher::new();
        let program = fs::metadata(std::env::current_exe()?)?;
        (program.len(), program.modified()?).hash(&mut hasher);
        for input in inputs {
            add(&mut hasher, input)?;
        }
        let file = root().join("target/stamps").join(step);
        Ok(Stamp { file, hash: format!("{:016x}", hasher.finish()), outputs: outputs.to_vec() })
    }

    /// If not, the old stamp goes: a step that fails halfway must not pass for done when its input is as it was.
    pub fn is_current(&self) -> bool {
        let same = fs::read_to_string(&self.file).is_ok_and(|old| old == self.hash);
        let current = same && self.outputs.iter().all(|output| output.exists());
        if !current {
            let _ = fs::remove_file(&self.file);
        }
        current
    }

    pub fn save(&self) -> Result<()> {
        fs::create_dir_all(root().join("target/stamps"))?;
        Ok(fs::write(&self.file, &self.hash)?)
    }
}

fn add(hasher: &mut DefaultHasher, path: &Path) -> Result<()> {
    path.hash(hasher);
    if !path.is_dir() {
        let bytes = fs::read(path).with_context(|| format!("{} is missing", path.display()))?;
        bytes.hash(hasher);
        return Ok(());
    }
    let mut inside = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    inside.sort();
    inside.iter().try_for_each(|file| add(hasher, file))
}
