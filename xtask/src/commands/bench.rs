//! `cargo xtask bench`: the packed package beside other packages, on Node 24 and in workerd.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::command::Command;
use crate::suite::package;
use crate::support::arguments::{Arguments, OptionSpec};
use crate::support::node::Node;
use crate::support::process::{run_step, run_with_progress};
use crate::support::table;
use crate::support::workspace::root;

pub const COMMAND: Command = Command {
    name: "bench",
    words: "",
    summary: "Build, then measure beside other packages",
    details: "Prints a table; the column `ratio` is the other package's time divided by ours.",
    options: &[
        OptionSpec {
            name: "--stores",
            value: "",
            about: "Measure stores that hold a million records, for minutes on each engine",
        },
        OptionSpec { name: "--json", value: "", about: "Print a line of JSON for each figure" },
    ],
    example: "cargo xtask bench --stores --json",
    run,
};

fn run(arguments: &Arguments) -> Result<ExitCode> {
    package::prepare_package()?;
    let node = Node::find_major(24)
        .context("Node 24, on which the benchmarks run, is missing: install it.")?;
    let output = match arguments.has("--stores") {
        true => measure_stores(&node)?,
        false => format!("{}\n{}", measure_on_node(&node)?, measure_in_workerd(&node)?),
    };
    print_figures(&output, arguments.has("--json"))?;
    Ok(ExitCode::SUCCESS)
}

/// Measures each store and what an adapter adds. An engine that is not installed is named and
/// skipped.
fn measure_stores(node: &Node) -> Result<String> {
    let tests = root().join("tests");
    let mut command = node.script(&tests.join("bench/run.mjs"));
    let finished =
        run_with_progress("Measuring stores", command.arg("stores").current_dir(&tests))?;
    if !finished.success {
        bail!("Measuring stores failed:\n\n{}", finished.excerpt());
    }
    let skipped = finished.stdout.lines().filter(|line| line.starts_with("skipped: "));
    skipped.for_each(|line| eprintln!("{line}"));
    Ok(finished.stdout)
}

fn measure_on_node(node: &Node) -> Result<String> {
    let tests = root().join("tests");
    let mut command = node.script(&tests.join("bench/run.mjs"));
    run_step("Measuring on Node 24", command.current_dir(&tests))
}

/// Runs vitest as the suite `workerd` does: without a network and without telemetry.
fn measure_in_workerd(node: &Node) -> Result<String> {
    let tests = root().join("tests");
    let mut command = node.script(&tests.join("node_modules/vitest/vitest.mjs"));
    command.args(["run", "--reporter=default"]).current_dir(tests.join("bench/workerd"));
    command.env("CLOUDFLARE_CF_FETCH_ENABLED", "false").env("WRANGLER_SEND_METRICS", "false");
    run_step("Measuring in workerd", command.env("CI", "1"))
}

/// Prints the figures of an output, each of which is a line of JSON.
fn print_figures(output: &str, is_json: bool) -> Result<()> {
    let lines: Vec<&str> = output.lines().filter(|line| line.starts_with("{\"bench\"")).collect();
    if is_json {
        lines.iter().for_each(|line| println!("{line}"));
        return Ok(());
    }
    let header = ["bench", "runtime", "ours", "peer", "peer's", "ratio"];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for line in lines {
        rows.push(format_row(&serde_json::from_str(line)?));
    }
    print!("{}", table::align(&rows, &[2, 4, 5]));
    Ok(())
}

fn format_row(bench: &Value) -> Vec<String> {
    let text = |key: &str| bench.get(key).and_then(Value::as_str).unwrap_or("-").to_owned();
    let number = |key: &str| bench.get(key).and_then(Value::as_f64);
    let ratio = number("ratio").map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
    let time = |key: &str| number(key).map_or("-".to_owned(), format_time);
    let (ours, peers) = (time("ours_ns"), time("peer_ns"));
    vec![text("bench"), text("runtime"), ours, text("peer"), peers, ratio]
}

fn format_time(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e6 => format!("{:.2} us", n / 1e3),
        n => format!("{:.2} ms", n / 1e6),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_have_the_unit_that_suits_them() {
        let times = [812.4, 2_150.0, 8_400_000.0].map(super::format_time);
        assert_eq!(times, ["812 ns", "2.15 us", "8.40 ms"]);
    }
}
