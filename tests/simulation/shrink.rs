//! Shrinks a failing scenario to the shortest one that still breaks the same invariant, and prints
//! its trace.

use super::injected_bugs::InjectedBug;
use super::scenario::{Scenario, Step};
use super::world::{Report, run};

/// Shrinks a failing scenario. Gives the rest and its run, with the trace.
pub fn shrink(script: &Scenario, bug: Option<InjectedBug>) -> (Scenario, Report) {
    let first = run(script, bug, false);
    let mut best = script.clone();
    let Some(violation) = first.violation else { return (best, first) };
    let fails = |candidate: &Scenario| {
        let found = run(candidate, bug, false).violation;
        found.is_some_and(|found| found.number == violation.number)
    };
    best.steps.truncate(first.last_step + 1);
    loop {
        let before = best.steps.len();
        without_steps(&mut best, &fails);
        if best.steps.len() == before {
            break;
        }
    }
    simpler_setup(&mut best, &fails);
    simpler_steps(&mut best, &fails);
    without_steps(&mut best, &fails);
    let report = run(&best, bug, true);
    (best, report)
}

/// Removes halves, quarters and so on down to single steps. The remaining steps keep their times.
fn without_steps(best: &mut Scenario, fails: &impl Fn(&Scenario) -> bool) {
    let mut size = best.steps.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < best.steps.len() {
            let mut candidate = best.clone();
            let end = (at + size).min(candidate.steps.len());
            let gap: u64 = candidate.steps.drain(at..end).map(|step| step.delay).sum();
            if let Some(next) = candidate.steps.get_mut(at) {
                next.delay += gap;
            }
            if fails(&candidate) {
                *best = candidate;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
}

/// Removes faults, delays and pauses where the violation remains.
fn simpler_steps(best: &mut Scenario, fails: &impl Fn(&Scenario) -> bool) {
    let changes: [fn(&mut Step); 4] = [
        |step| step.is_faultless = true,
        |step| step.delay = 0,
        |step| step.delay = step.delay.min(31_000),
        |step| step.delay /= 8,
    ];
    for at in 0..best.steps.len() {
        for change in changes {
            still_fails(best, fails, |candidate| change(&mut candidate.steps[at]));
        }
    }
}

fn simpler_setup(best: &mut Scenario, fails: &impl Fn(&Scenario) -> bool) {
    let changes: [fn(&mut Scenario); 5] = [
        |script| script.setup.skews.truncate(1),
        |script| script.setup.skews.fill(0),
        |script| script.setup.lost = 0,
        |script| script.setup.store_faults = 0,
        |script| script.setup.twice = 0,
    ];
    for change in changes {
        still_fails(best, fails, change);
    }
}

fn still_fails(
    best: &mut Scenario,
    fails: &impl Fn(&Scenario) -> bool,
    change: impl Fn(&mut Scenario),
) {
    let mut candidate = best.clone();
    change(&mut candidate);
    if fails(&candidate) {
        *best = candidate;
    }
}

/// The trace in a readable form.
pub fn narrate(script: &Scenario, report: &Report) -> String {
    let setup = &script.setup;
    let fed = if setup.confirmations_recorded { "fed" } else { "not fed" };
    let skews: Vec<String> =
        setup.skews.iter().map(|skew| format!("{:+.1} s", *skew as f64 / 1000.0)).collect();
    let mut text = format!(
        "seed {}: browsers: {}; isolates {} ({}), access token {} s, idle {} s\n",
        script.seed,
        setup.browsers.len(),
        skews.join(" "),
        fed,
        setup.access_ttl / 1000,
        setup.idle / 1000
    );
    for line in &report.narrative {
        text += line;
        text.push('\n');
    }
    if let Some(violation) = &report.violation {
        text += &format!("Invariant {}: {}\n", violation.number, violation.words);
    }
    text + &format!("Again: cargo xtask sim --seed {}\n", script.seed)
}
