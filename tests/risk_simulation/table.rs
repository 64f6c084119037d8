//! The tables. Every caption says that the figures come from a simulation.

use super::attackers::{ATTACKERS, KINDS};
use super::campaign::WorldResults;
use super::evaluation::{METHODS, NAMES, PORTCULLIS, Sample, UserResults};
use super::metrics::{Among, Rate, STOPPED, Threshold, honest, monthly, rate, stopped};
use portcullis::risk::RiskAction;

/// The credential that an attacker stole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stolen {
    Session,
    Password,
}

impl Stolen {
    fn samples(self, fate: &UserResults, attacker: usize) -> &[Sample] {
        match self {
            Self::Session => &fate.thefts[attacker],
            Self::Password => &fate.intrusions[attacker],
        }
    }
}

/// A rule whose cost for honest users is measured.
pub struct Cost {
    pub name: &'static str,
    by: By,
}

enum By {
    /// A site with portcullis at the default thresholds.
    Site(usize),
    /// A rule, from this score.
    Rule(usize, f32),
}

pub const COSTS: [Cost; 6] = [
    Cost { name: NAMES[0], by: By::Site(0) },
    Cost { name: NAMES[1], by: By::Site(1) },
    Cost { name: NAMES[2], by: By::Site(2) },
    Cost { name: "IP equality", by: By::Rule(3, 1.0) },
    Cost { name: "two or more of four rules (Okta-like)", by: By::Rule(4, 2.0) },
    Cost { name: "new ASN and different user agent", by: By::Rule(5, 1.0) },
];

pub fn per_month(outcome: &WorldResults, cost: &Cost) -> Rate {
    monthly(outcome, |fate| match cost.by {
        By::Site(site) => f64::from(fate.step_ups[site] + fate.revoked[site]),
        By::Rule(method, level) => {
            fate.honest.iter().filter(|sample| sample.scores[method] >= level).count() as f64
        }
    })
}

/// Formats a table from a caption, column names and rows.
fn table(caption: &str, columns: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = format!("|---|{}\n", "---:|".repeat(columns.len() - 1));
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("*Simulation, {caption}*\n\n{}{rule}{rows}\n", line(columns))
}

fn names(first: &str) -> Vec<String> {
    std::iter::once(first)
        .chain(ATTACKERS.iter().map(|(_, name)| *name))
        .map(str::to_owned)
        .collect()
}

/// Rates of attacks that are stopped by the thresholds that stop 5, 1 and 0.1 % of honest events.
pub fn detection(outcome: &WorldResults, stolen: Stolen, among: Among) -> String {
    let rows = (0..METHODS).map(|method| {
        let scores = honest(outcome, method, among);
        let cells = (0..KINDS).map(|attacker| {
            let cells = STOPPED.map(|share| {
                let threshold = Threshold::stopping(&scores, share);
                let rate =
                    stopped(outcome, method, threshold, |fate| stolen.samples(fate, attacker));
                if share == 0.01 { percent_with_interval(rate) } else { percent(rate.rate) }
            });
            cells.join(" / ")
        });
        std::iter::once(NAMES[method].to_owned()).chain(cells).collect()
    });
    let of = (0..KINDS).map(|attacker| {
        let attacks: usize =
            outcome.users.iter().map(|fate| stolen.samples(fate, attacker).len()).sum();
        attacks.to_string()
    });
    let last = std::iter::once("attacks".to_owned()).chain(of).collect();
    let events = match among {
        Among::All => "honest events",
        Among::Visits => "the honest events that open a visit",
        Among::SignIns => "honest sign-ins",
    };
    let what = if stolen == Stolen::Session {
        "stolen sessions"
    } else {
        "sign-ins with a stolen password"
    };
    let caption = format!(
        "{} world: {what} that are stopped, in %, where 5 / 1 / 0.1 % of {events} are stopped too.",
        outcome.world.name
    );
    table(&caption, &names("method"), &rows.chain([last]).collect::<Vec<_>>())
}

/// Rates of attacks that are stopped at the default thresholds.
pub fn defaults(outcome: &WorldResults, stolen: Stolen) -> String {
    let rows: Vec<Vec<String>> = (0..PORTCULLIS)
        .map(|site| {
            let cells = (0..KINDS).map(|attacker| {
                let share = |does: fn(RiskAction) -> bool| {
                    rate(
                        outcome
                            .users
                            .iter()
                            .map(|fate| with_count(stolen.samples(fate, attacker), site, does))
                            .collect(),
                    )
                };
                let (stopped, revoked) = (
                    share(|action| action != RiskAction::Allow),
                    share(|action| action == RiskAction::Revoke),
                );
                match stolen {
                    Stolen::Session => {
                        format!("{}, {}", percent_with_interval(stopped), percent(revoked.rate))
                    }
                    Stolen::Password => percent_with_interval(stopped),
                }
            });
            std::iter::once(NAMES[site].to_owned()).chain(cells).collect()
        })
        .collect();
    let what = match stolen {
        Stolen::Session => {
            "stolen sessions that are stopped at the default thresholds, in %, and those that are revoked at once"
        }
        Stolen::Password => {
            "sign-ins with a stolen password that require a step-up at the default thresholds, in %"
        }
    };
    table(&format!("{} world: {what}.", outcome.world.name), &names("host"), &rows)
}

fn with_count(samples: &[Sample], site: usize, does: fn(RiskAction) -> bool) -> (f64, f64) {
    (
        samples.iter().filter(|sample| does(sample.actions[site])).count() as f64,
        samples.len() as f64,
    )
}

/// Cost of the default thresholds for honest users.
pub fn burden(outcome: &WorldResults) -> String {
    let columns = [
        "host",
        "step-ups per user-month",
        "false revocations per 1,000 user-months",
        "users who are never stopped",
        "share of the step-ups of the 1 % of users with the most",
        "step-ups in a user's first 30 days",
    ];
    let rows: Vec<Vec<String>> = (0..PORTCULLIS)
        .map(|site| {
            let asked = monthly(outcome, |fate| f64::from(fate.step_ups[site]));
            let revocations = monthly(outcome, |fate| 1000.0 * f64::from(fate.revoked[site]));
            let sum = |of: fn(&UserResults) -> [u32; PORTCULLIS]| -> u32 {
                outcome.users.iter().map(|fate| of(fate)[site]).sum()
            };
            let users = outcome.users.len() as f64;
            let never = outcome
                .users
                .iter()
                .filter(|fate| fate.step_ups[site] + fate.revoked[site] == 0)
                .count() as f64;
            vec![
                NAMES[site].to_owned(),
                format!("{:.3} ± {:.3} ({})", asked.rate, asked.half, sum(|fate| fate.step_ups)),
                format!(
                    "{:.1} ± {:.1} ({})",
                    revocations.rate,
                    revocations.half,
                    sum(|fate| fate.revoked)
                ),
                format!("{} %", percent(never / users)),
                format!("{} %", percent(of_the_unluckiest(outcome, site))),
                format!("{:.2}", f64::from(sum(|fate| fate.step_ups_at_first)) / users),
            ]
        })
        .collect();
    let caption = format!(
        "{} world: what the default thresholds cost honest users (number of events in brackets).",
        outcome.world.name
    );
    table(&caption, &columns.map(str::to_owned), &rows)
}

/// Share of the step-ups at the 1 % of users with the most, because the average hides users with
/// unstable browsers.
fn of_the_unluckiest(outcome: &WorldResults, site: usize) -> f64 {
    let mut asked: Vec<u32> = outcome.users.iter().map(|fate| fate.step_ups[site]).collect();
    asked.sort_unstable_by(|one, other| other.cmp(one));
    let most: u32 = asked.iter().take(asked.len().div_ceil(100)).sum();
    f64::from(most) / f64::from(asked.iter().sum::<u32>().max(1))
}

/// Frequency with which each rule stops honest users.
pub fn costs(outcomes: &[WorldResults]) -> String {
    let worlds = outcomes.iter().map(|outcome| outcome.world.name.to_owned());
    let columns: Vec<String> = std::iter::once("rule".to_owned()).chain(worlds).collect();
    let rows: Vec<Vec<String>> = COSTS
        .iter()
        .map(|cost| {
            let cells = outcomes.iter().map(|outcome| {
                let rate = per_month(outcome, cost);
                format!("{:.2} ± {:.2}", rate.rate, rate.half)
            });
            std::iter::once(cost.name.to_owned()).chain(cells).collect()
        })
        .collect();
    table("all worlds: how often an honest user is stopped, per user-month.", &columns, &rows)
}

fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}

fn percent_with_interval(rate: Rate) -> String {
    format!("{:.1} ± {:.1}", 100.0 * rate.rate, 100.0 * rate.half)
}
