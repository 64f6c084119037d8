//! The base of every other folder: this repository's paths, child processes, Node and npm.

pub mod arguments;
pub mod build_stamp;
pub mod install_node;
pub mod node;
pub mod npm;
pub mod process;
pub mod process_group;
pub mod progress;
pub mod table;
pub mod toolchain;
pub mod workspace;
