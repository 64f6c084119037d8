//! `cargo xtask clean`: removes what the other commands made, and nothing else.

use std::fs;

use anyhow::{Context, Result};

use crate::tools::root;

const OURS: [&str; 8] = [
    "pkg/wasm",
    "pkg/dist",
    "pkg/node_modules",
    "tests/node_modules",
    "tests/fuzz/target",
    "tests/fuzz/corpus",
    "tests/fuzz/artifacts",
    "target",
];

pub fn run() -> Result<()> {
    for name in OURS {
        let folder = root().join(name);
        // A link points to somebody else's folder: only the link would be ours.
        if folder.is_dir() && !folder.is_symlink() {
            fs::remove_dir_all(&folder).with_context(|| format!("{name}/ could not be removed"))?;
            println!("removed {name}/");
        }
    }
    Ok(())
}
