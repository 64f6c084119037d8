//! The paths of this repository, the search path for programs, and how cargo is called.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The compilation target of the module that ships.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The folders that the commands of this tool make.
pub const GENERATED_FOLDERS: [&str; 18] = [
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
    "xtask/node_modules",
    "target",
];

/// The root of the repository: the folder above this crate.
pub fn root() -> &'static Path {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    crate_folder.parent().unwrap_or(crate_folder)
}

/// Whether this is a continuous-integration machine, on which a missing engine is a failure.
pub fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// Prepares a call of cargo on this workspace.
///
/// Compiler flags in the environment would replace those of .cargo/config.toml and leak into host
/// builds, and another target folder would hide the module from this tool. Both are overridden.
pub fn cargo(arguments: &[&str]) -> Command {
    const FLAG_VARIABLES: [&str; 5] = [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
    ];
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(root());
    command.env("CARGO_TARGET_DIR", root().join("target"));
    for name in FLAG_VARIABLES {
        command.env_remove(name);
    }
    command
}

/// Finds the first of these programs that a folder of PATH holds.
pub fn find_on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let files = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    files.map(|file| file.with_extension(env::consts::EXE_EXTENSION)).find(|file| file.is_file())
}

/// PATH with this folder in front, so that programs started by name come from there.
pub fn path_with(folder: &Path) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(env::split_paths(&path));
    // Joining fails only if a folder's name contains the separator; PATH stays unchanged then.
    env::join_paths(folders).unwrap_or(path)
}
