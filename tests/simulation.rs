//! Rotation, simulated: users, tabs, isolates, stores that fail, thieves.
#![cfg(not(target_arch = "wasm32"))]

#[path = "simulation/mod.rs"]
mod simulated;

use simulated::script::Script;
use simulated::world::run;

#[test]
fn seeds_hold() {
    let from = std::env::var("PORTCULLIS_SIM_FROM").ok().and_then(|v| v.parse().ok()).unwrap_or(0u64);
    let n = std::env::var("PORTCULLIS_SIM_SEEDS").ok().and_then(|v| v.parse().ok()).unwrap_or(8u64);
    let mut v = std::collections::BTreeMap::new();
    let (mut steps, mut dec) = (0, 0);
    for seed in from..from + n {
        let script = Script::new(seed);
        let report = run(&script, None, n == 1);
        steps += report.steps;
        dec += report.decisions;
        if n == 1 {
            println!("{}", report.story.join("\n"));
            println!("{:?}", script.setup);
        }
        if let Some(x) = report.violation {
            v.entry((x.number, x.seen)).or_insert_with(Vec::new).push(seed);
        }
    }
    for (k, s) in &v {
        println!("{k:?} {} {:?}", s.len(), &s[..s.len().min(6)]);
    }
    println!("seeds {n} steps {steps} decisions {dec} violations {}", v.values().map(Vec::len).sum::<usize>());
}
