//! Thresholds, rates and their confidence intervals.

use super::campaign::WorldResults;
use super::evaluation::{Sample, UserResults};
use super::parameters::{DAYS, FIRST_DAYS};

/// Shares of honest events that a threshold stops: 5, 1 and 0.1 %.
pub const STOPPED: [f64; 3] = [0.05, 0.01, 0.001];

/// A rate with half of its 95 % interval. The unit is the user and not the event, because the
/// events of one user are correlated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    pub rate: f64,
    pub half: f64,
    pub of: usize,
}

/// A threshold. Scores equal to it count in part, so that a rule with few levels can be compared
/// between its levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    pub score: f32,
    pub share: f64,
}

impl Threshold {
    /// The threshold that stops a share of `scores`, which are in descending order.
    pub fn stopping(scores: &[f32], share: f64) -> Self {
        let wanted = share * scores.len() as f64;
        let Some(score) =
            scores.get((wanted as usize).min(scores.len().saturating_sub(1))).copied()
        else {
            return Self { score: f32::INFINITY, share: 0.0 };
        };
        let above = scores.partition_point(|other| *other > score);
        let with = scores.partition_point(|other| *other >= score);
        Self { score, share: ((wanted - above as f64) / (with - above) as f64).clamp(0.0, 1.0) }
    }

    pub fn stops(self, score: f32) -> f64 {
        if score > self.score {
            1.0
        } else if score == self.score {
            self.share
        } else {
            0.0
        }
    }
}

/// The honest events that determine a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    All,
    /// The first event of every visit.
    Visits,
    SignIns,
}

impl Among {
    fn has(self, sample: &Sample) -> bool {
        match self {
            Self::All => true,
            Self::Visits => sample.opens_visit,
            Self::SignIns => sample.is_sign_in,
        }
    }
}

pub fn months(outcome: &WorldResults) -> f64 {
    outcome.users.len() as f64 * (DAYS - FIRST_DAYS) as f64 / 30.0
}

pub fn count(outcome: &WorldResults, among: Among) -> usize {
    outcome.users.iter().flat_map(|fate| &fate.honest).filter(|sample| among.has(sample)).count()
}

/// Honest scores of a method in descending order.
pub fn honest(outcome: &WorldResults, method: usize, among: Among) -> Vec<f32> {
    let samples =
        outcome.users.iter().flat_map(|fate| &fate.honest).filter(|sample| among.has(sample));
    let mut scores: Vec<f32> = samples.map(|sample| sample.scores[method]).collect();
    scores.sort_unstable_by(|one, other| other.total_cmp(one));
    scores
}

/// Rate of attacks that a threshold stops.
pub fn stopped<'a>(
    outcome: &'a WorldResults,
    method: usize,
    threshold: Threshold,
    attacks: impl Fn(&'a UserResults) -> &'a [Sample],
) -> Rate {
    let by_person = outcome.users.iter().map(|fate| {
        let samples = attacks(fate);
        (
            samples.iter().map(|sample| threshold.stops(sample.scores[method])).sum(),
            samples.len() as f64,
        )
    });
    rate(by_person.collect())
}

/// Ratio of the sums of (matches, total) over all users, with the interval of ratio estimators.
pub fn rate(by_person: Vec<(f64, f64)>) -> Rate {
    let (hits, of) =
        by_person.iter().fold((0.0, 0.0), |(hits, of), (hit, all)| (hits + hit, of + all));
    if of == 0.0 {
        return Rate { rate: 0.0, half: 0.0, of: 0 };
    }
    let rate = hits / of;
    let squares: f64 = by_person.iter().map(|(hit, all)| (hit - rate * all).powi(2)).sum();
    Rate { rate, half: 1.96 * squares.sqrt() / of, of: of as usize }
}

/// Number per user-month, with its interval.
pub fn monthly(outcome: &WorldResults, count: impl Fn(&UserResults) -> f64) -> Rate {
    let months = (DAYS - FIRST_DAYS) as f64 / 30.0;
    rate(outcome.users.iter().map(|fate| (count(fate), months)).collect())
}

/// Points of the curve: share of honest events and share of attacks that are stopped.
pub fn curve<'a>(
    outcome: &'a WorldResults,
    method: usize,
    attacks: impl Fn(&'a UserResults) -> &'a [Sample] + Copy,
) -> Vec<(f64, f64)> {
    let scores = honest(outcome, method, Among::All);
    let points = (0..=80).map(|step| 10f64.powf(-4.0 + f64::from(step) / 20.0));
    points
        .map(|share| {
            (share, stopped(outcome, method, Threshold::stopping(&scores, share), attacks).rate)
        })
        .collect()
}
