//! `cargo xtask demo`: the site in www/, on this machine only.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, bail};

use crate::node::Node;
use crate::tools::root;
use crate::{build, group, process};

pub const PORT: u16 = 8787;

pub fn run(port: u16) -> Result<()> {
    // Asked first: nobody wants to hear it after the build.
    if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
        let other = port.checked_add(1).unwrap_or(PORT);
        bail!("Port {port} is taken or not allowed. Stop what uses it, or: cargo xtask demo --port {other}");
    }
    eprintln!("{}", build::run()?);
    let node = Node::with_sqlite()?;
    let database = root().join("target/demo/sessions.db");
    std::fs::create_dir_all(root().join("target/demo"))?;
    let mut command = node.script(&root().join("www/server.mjs"));
    command.args(["--port", &port.to_string(), "--db"]).arg(database).current_dir(root());
    let status = process::foreground(&mut command)?;
    // Ctrl-C is how a demo ends, not a failure.
    if status.success() || group::interrupted() {
        return Ok(());
    }
    bail!("The demo's server ended by itself ({status}); what it said is above.")
}
