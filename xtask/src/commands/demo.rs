//! `cargo xtask demo`: the site in www/, on this machine only.

use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;

use anyhow::{Result, bail};

use super::command::Command;
use crate::build::build_package;
use crate::build::parallel::run_both;
use crate::support::arguments::{Arguments, OptionSpec};
use crate::support::install_node::find_or_install;
use crate::support::process::run_in_foreground;
use crate::support::process_group;
use crate::support::workspace::root;

const DEFAULT_PORT: u16 = 8787;

pub const COMMAND: Command = Command {
    name: "demo",
    words: "",
    summary: "Build, then serve a small site on http://localhost:8787",
    details: "The site shows a sign-in, rotation and a theft. It listens on loopback only, and\n\
              keeps its sessions in target/demo/. Ctrl-C ends it.",
    options: &[OptionSpec {
        name: "--port",
        value: "N",
        about: "The port to listen on, from 1 to 65535. Default: 8787",
    }],
    example: "cargo xtask demo --port 3000",
    run,
};

fn run(arguments: &Arguments) -> Result<ExitCode> {
    let port = arguments.number("--port", 1, u16::MAX)?.unwrap_or(DEFAULT_PORT);
    // The port is tested before the build, so that the user does not wait for this error.
    if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
        let other = port.checked_add(1).unwrap_or(DEFAULT_PORT);
        bail!(
            "Port {port} is in use or not allowed: stop the program that uses it, or run \
             `cargo xtask demo --port {other}`."
        );
    }
    let (sizes, node) = run_both(build_package, find_or_install)?;
    eprintln!("{sizes}");
    let database = root().join("target/demo/sessions.db");
    std::fs::create_dir_all(root().join("target/demo"))?;
    let mut command = node.script(&root().join("www/server.mjs"));
    command.args(["--port", &port.to_string(), "--db"]).arg(database).current_dir(root());
    let status = run_in_foreground(&mut command)?;
    // Ctrl-C is the normal end of a demo.
    if status.success() || process_group::is_interrupted() {
        return Ok(ExitCode::SUCCESS);
    }
    bail!("The demo's server ended with {status}: see its output above.")
}
