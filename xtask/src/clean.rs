//! `cargo xtask clean`: removes what the other commands made, and nothing else.

use std::fs;

use anyhow::{Context, Result};

use crate::tools::root;

const OURS: [&str; 17] = [
    "pkg/wasm",
    "pkg/dist",
    "pkg/node_modules",
    "tests/node_modules",
    "tests/frameworks/apps/astro/.astro",
    "tests/frameworks/apps/astro/dist",
    "tests/frameworks/apps/next/.next",
    "tests/frameworks/apps/react-router/.react-router",
    "tests/frameworks/apps/react-router/build",
    "tests/frameworks/apps/sveltekit/.svelte-kit",
    "tests/frameworks/apps/sveltekit/build",
    "tests/frameworks/apps/sveltekit/node_modules",
    "tests/frameworks/node_modules",
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
