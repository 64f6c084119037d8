//! `cargo xtask bench`: the packed package against other packages, on Node 24 and in workerd.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::node::Node;
use crate::process::{counted, step};
use crate::suite::{package, table};
use crate::tools::root;

pub fn run(json: bool) -> Result<()> {
    let node = prepare()?;
    show(&format!("{}\n{}", on_node(&node)?, in_workerd(&node)?), json)
}

/// Stores that hold a million records, and what an adapter adds: minutes for each engine, so only on request. An engine
/// that is not installed is skipped, and named.
pub fn stores(json: bool) -> Result<()> {
    let node = prepare()?;
    let tests = root().join("tests");
    let mut command = node.script(&tests.join("bench/run.mjs"));
    let finished = counted("Measuring stores", command.arg("stores").current_dir(&tests))?;
    if !finished.success {
        bail!("Measuring stores failed:\n\n{}", finished.excerpt());
    }
    finished.stdout.lines().filter(|line| line.starts_with("skipped: ")).for_each(|line| eprintln!("{line}"));
    show(&finished.stdout, json)
}

fn prepare() -> Result<Node> {
    package::prepare()?;
    Node::generation(24)
        .context("The benchmarks run on Node 24, which npm has not brought for this platform: install it.")
}

/// The lines of figures among what was said: as they are, or as a table.
fn show(said: &str, json: bool) -> Result<()> {
    let lines: Vec<&str> = said.lines().filter(|line| line.starts_with("{\"bench\"")).collect();
    if json {
        lines.iter().for_each(|line| println!("{line}"));
        return Ok(());
    }
    let mut rows = vec![["bench", "runtime", "ours", "peer", "peer's", "ratio"].map(str::to_owned).to_vec()];
    for line in lines {
        rows.push(row(&serde_json::from_str(line)?));
    }
    print!("{}", table::align(&rows, &[2, 4, 5]));
    Ok(())
}

fn on_node(node: &Node) -> Result<String> {
    let tests = root().join("tests");
    step("Measuring on Node 24", node.script(&tests.join("bench/run.mjs")).current_dir(&tests))
}

/// By vitest, as the suite in workerd is; without a network, a look-up of the machine's whereabouts, or telemetry.
fn in_workerd(node: &Node) -> Result<String> {
    let tests = root().join("tests");
    let mut command = node.script(&tests.join("node_modules/vitest/vitest.mjs"));
    command.args(["run", "--reporter=default"]).current_dir(tests.join("bench/workerd"));
    command.env("CLOUDFLARE_CF_FETCH_ENABLED", "false").env("WRANGLER_SEND_METRICS", "false").env("CI", "1");
    step("Measuring in workerd", &mut command)
}

fn row(bench: &Value) -> Vec<String> {
    let word = |key: &str| bench.get(key).and_then(Value::as_str).unwrap_or("-").to_owned();
    let number = |key: &str| bench.get(key).and_then(Value::as_f64);
    let ratio = number("ratio").map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
    let time = |key: &str| number(key).map_or("-".to_owned(), time);
    vec![word("bench"), word("runtime"), time("ours_ns"), word("peer"), time("peer_ns"), ratio]
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e6 => format!("{:.2} us", n / 1e3),
        n => format!("{:.2} ms", n / 1e6),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_written_in_the_unit_that_reads_best() {
        assert_eq!([812.4, 2_150.0, 8_400_000.0].map(super::time), ["812 ns", "2.15 us", "8.40 ms"]);
    }
}
