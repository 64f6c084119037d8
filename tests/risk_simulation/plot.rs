//! The plots: detection at each threshold, cost of the default thresholds, and distribution of
//! scores.

use super::attackers::ATTACKERS;
use super::campaign::WorldResults;
use super::evaluation::{METHODS, NAMES, Sample};
use super::metrics;
use super::svg::{Anchor, FAINT, GREY, INK, Svg};
use super::table::{COSTS, per_month};
use portcullis::risk::RiskAction;

/// Line styles in the order of the methods, in colours that colour-blind readers can distinguish
/// (Okabe and Ito).
const LOOKS: [(&str, f64, &str); METHODS] = [
    ("#0072b2", 2.6, ""),
    ("#0072b2", 1.8, "6 3"),
    ("#0072b2", 1.6, "2 3"),
    ("#8c8c8c", 1.6, ""),
    ("#d55e00", 1.6, ""),
    ("#009e73", 1.6, ""),
    ("#cc79a7", 1.6, "6 3"),
    ("#cc79a7", 1.6, ""),
];

/// A rectangle with two scales from 0 to 1.
#[derive(Clone, Copy)]
struct Panel {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Panel {
    fn at(self, x: f64, y: f64) -> (f64, f64) {
        (self.left + x * self.width, self.top + (1.0 - y) * self.height)
    }
}

/// Position on a logarithmic scale from 0.01 % to 100 %.
fn decades(share: f64) -> f64 {
    (share.log10() + 4.0) / 4.0
}

pub fn roc(outcome: &WorldResults) -> String {
    let mut svg = Svg::new(960.0, 590.0);
    let headline = format!(
        "Simulation, {} world: stolen sessions that are stopped, by the honest events that are stopped too",
        outcome.world.name
    );
    svg.title((16.0, 24.0), &headline);
    for (kind, (_, name)) in ATTACKERS.iter().enumerate() {
        let (column, row) = ((kind % 3) as f64, (kind / 3) as f64);
        let panel = Panel {
            left: 64.0 + column * 310.0,
            top: 64.0 + row * 268.0,
            width: 240.0,
            height: 190.0,
        };
        axes(&mut svg, panel, name, column == 0.0);
        for method in (0..METHODS).rev() {
            let curve = metrics::curve(outcome, method, |fate| &fate.thefts[kind]);
            let points: Vec<_> = curve
                .into_iter()
                .map(|(share, stopped)| panel.at(decades(share), stopped))
                .collect();
            let (colour, width, dashes) = LOOKS[method];
            svg.curve(&points, colour, width, dashes);
        }
    }
    legend(&mut svg, 684.0, 346.0);
    svg.end(&headline)
}

fn axes(svg: &mut Svg, panel: Panel, name: &str, is_first: bool) {
    let (left, top) = panel.at(0.0, 1.0);
    svg.title((left, top - 10.0), name);
    for step in 0..=4 {
        let y = f64::from(step) / 4.0;
        svg.line(panel.at(0.0, y), panel.at(1.0, y), FAINT);
        let (x, middle) = panel.at(0.0, y);
        svg.text((x - 6.0, middle + 4.0), Anchor::End, GREY, &format!("{} %", step * 25));
    }
    for (step, label) in ["0.01 %", "0.1 %", "1 %", "10 %", "100 %"].iter().enumerate() {
        let x = step as f64 / 4.0;
        svg.line(panel.at(x, 0.0), panel.at(x, 1.0), if step == 2 { GREY } else { FAINT });
        let (middle, y) = panel.at(x, 0.0);
        svg.text((middle, y + 16.0), Anchor::Middle, GREY, label);
    }
    let (middle, y) = panel.at(0.5, 0.0);
    svg.text((middle, y + 33.0), Anchor::Middle, INK, "honest events stopped");
    if is_first {
        let (x, middle) = panel.at(0.0, 0.5);
        svg.upwards((x - 48.0, middle), INK, "thefts stopped");
    }
}

fn legend(svg: &mut Svg, left: f64, top: f64) {
    for (method, (colour, width, dashes)) in LOOKS.into_iter().enumerate() {
        let y = top + method as f64 * 24.0;
        svg.curve(&[(left, y), (left + 36.0, y)], colour, width, dashes);
        svg.text((left + 44.0, y + 4.0), Anchor::Start, INK, NAMES[method]);
    }
}

/// Costs on one logarithmic scale, because IP equality and portcullis differ by two orders of
/// magnitude.
pub fn costs(outcomes: &[WorldResults]) -> String {
    const DECADES: (f64, f64) = (-2.0, 2.0);
    let mut svg = Svg::new(860.0, 360.0);
    let headline = "Simulation: how often an honest user is stopped, a month";
    svg.title((16.0, 24.0), headline);
    let panel = Panel { left: 290.0, top: 76.0, width: 540.0, height: 222.0 };
    for (step, label) in ["0.01", "0.1", "1", "10", "100"].iter().enumerate() {
        let x = step as f64 / 4.0;
        svg.line(panel.at(x, 0.0), panel.at(x, 1.0), FAINT);
        let (middle, y) = panel.at(x, 0.0);
        svg.text((middle, y + 16.0), Anchor::Middle, GREY, label);
    }
    let (middle, y) = panel.at(0.5, 0.0);
    svg.text(
        (middle, y + 36.0),
        Anchor::Middle,
        INK,
        "step-ups and sign-outs per user-month (each mark ten times the one before)",
    );
    let colours = ["#0072b2", "#d55e00", "#009e73"];
    for (place, (outcome, colour)) in outcomes.iter().zip(colours).enumerate() {
        let x = panel.left + place as f64 * 150.0;
        svg.dot((x, 54.0), 5.0, colour);
        svg.text((x + 10.0, 58.0), Anchor::Start, INK, &format!("{} world", outcome.world.name));
    }
    for (row, cost) in COSTS.iter().enumerate() {
        let y = 1.0 - (row as f64 + 0.5) / COSTS.len() as f64;
        let (x, middle) = panel.at(0.0, y);
        svg.text((x - 12.0, middle + 4.0), Anchor::End, INK, cost.name);
        svg.line(panel.at(0.0, y), panel.at(1.0, y), FAINT);
        for (outcome, colour) in outcomes.iter().zip(colours) {
            let rate = per_month(outcome, cost).rate.max(10f64.powf(DECADES.0));
            svg.dot(panel.at((rate.log10() - DECADES.0) / (DECADES.1 - DECADES.0), y), 5.0, colour);
        }
    }
    svg.end(headline)
}

const BINS: usize = 25;

pub fn scores(outcome: &WorldResults) -> String {
    let mut svg = Svg::new(860.0, 640.0);
    let headline = format!(
        "Simulation, {} world: scores of honest events and of stolen sessions, all signals",
        outcome.world.name
    );
    svg.title((16.0, 24.0), &headline);
    svg.text(
        (16.0, 44.0),
        Anchor::Start,
        GREY,
        "Height: share of the row's events, 0 to 100 %. Each bar is 4 points wide.",
    );
    let honest = outcome.users.iter().flat_map(|fate| &fate.honest).collect();
    let thefts = (0..ATTACKERS.len())
        .map(|kind| outcome.users.iter().flat_map(|fate| &fate.thefts[kind]).collect());
    let rows: Vec<Vec<&Sample>> = std::iter::once(honest).chain(thefts).collect();
    let names = std::iter::once("honest").chain(ATTACKERS.iter().map(|(_, name)| *name));
    for (row, (samples, name)) in rows.iter().zip(names).enumerate() {
        let panel =
            Panel { left: 110.0, top: 84.0 + row as f64 * 84.0, width: 560.0, height: 70.0 };
        histogram(&mut svg, panel, samples, if row == 0 { "#6b6b6b" } else { "#d55e00" });
        let (x, y) = panel.at(0.0, 0.0);
        svg.title((16.0, y - 4.0), name);
        svg.line((x, y), panel.at(1.0, 0.0), GREY);
        let share = |action: RiskAction| {
            let with = samples.iter().filter(|sample| sample.actions[0] == action).count();
            100.0 * with as f64 / samples.len().max(1) as f64
        };
        let (right, _) = panel.at(1.0, 0.0);
        svg.text(
            (right + 14.0, y - 24.0),
            Anchor::Start,
            INK,
            &format!("step-up {:.2} %", share(RiskAction::StepUp)),
        );
        svg.text(
            (right + 14.0, y - 6.0),
            Anchor::Start,
            INK,
            &format!("revoke {:.3} %", share(RiskAction::Revoke)),
        );
    }
    let whole = Panel { left: 110.0, top: 84.0, width: 560.0, height: 490.0 };
    for (score, label) in
        [(0.60, "step-up from 60"), (0.97, "97: revoke, if network and browser are against it")]
    {
        svg.line(whole.at(score, 0.0), whole.at(score, 1.0), INK);
        let (x, y) = whole.at(score, 1.0);
        svg.text(
            (x - 4.0, y - 8.0),
            if score < 0.9 { Anchor::End } else { Anchor::Middle },
            INK,
            label,
        );
    }
    for tick in 0..=5 {
        let (x, y) = whole.at(f64::from(tick) / 5.0, 0.0);
        svg.text((x, y + 18.0), Anchor::Middle, GREY, &(tick * 20).to_string());
    }
    let (x, y) = whole.at(0.5, 0.0);
    svg.text((x, y + 40.0), Anchor::Middle, INK, "score, 0 to 100");
    svg.end(&headline)
}

fn histogram(svg: &mut Svg, panel: Panel, samples: &[&Sample], fill: &str) {
    let mut bins = [0usize; BINS];
    for sample in samples {
        bins[((sample.score as f64 / 100.0 * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    for (bin, count) in bins.into_iter().enumerate() {
        let share = count as f64 / samples.len().max(1) as f64;
        let (x, y) = panel.at(bin as f64 / BINS as f64, share);
        svg.rect((x + 0.5, y), (panel.width / BINS as f64 - 1.0, share * panel.height), fill);
    }
}

/// The plots of the documentation: name and content.
pub fn all(outcomes: &[WorldResults]) -> [(&'static str, String); 3] {
    let base = &outcomes[0];
    [("roc.svg", roc(base)), ("costs.svg", costs(outcomes)), ("scores.svg", scores(base))]
}
