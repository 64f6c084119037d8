//! Thresholds, rates, and how sure they are.

use super::campaign::WorldResults;
use super::evaluation::{Sample, UserResults};
use super::parameters::{DAYS, FIRST_DAYS};

/// The share of the honest events that a threshold stops: 5, 1 and 0.1 %.
pub const STOPPED: [f64; 3] = [0.05, 0.01, 0.001];

/// A share with half of its 95 % interval. People are the unit, not events: the events of one are
/// alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    pub rate: f64,
    pub half: f64,
    pub of: usize,
}

/// A threshold; scores that equal it count in part, as if a coin were thrown: that is how a rule
/// with few levels is read in between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    pub score: f32,
    pub share: f64,
}

impl Threshold {
    /// `scores` in descending order.
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

/// Which of the honest events a threshold is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    All,
    /// The first of every visit.
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

/// Honest scores of a method, the highest first.
pub fn honest(outcome: &WorldResults, method: usize, among: Among) -> Vec<f32> {
    let samples =
        outcome.users.iter().flat_map(|fate| &fate.honest).filter(|sample| among.has(sample));
    let mut scores: Vec<f32> = samples.map(|sample| sample.scores[method]).collect();
    scores.sort_unstable_by(|one, other| other.total_cmp(one));
    scores
}

/// How many of the attacks a threshold stops.
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

/// Of (how many, of how many) for each person: a ratio, with the interval of ratio estimators.
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

/// So many of something a user-month, with its interval.
pub fn monthly(outcome: &WorldResults, count: impl Fn(&UserResults) -> f64) -> Rate {
    let months = (DAYS - FIRST_DAYS) as f64 / 30.0;
    rate(outcome.users.iter().map(|fate| (count(fate), months)).collect())
}

/// Points of the curve: the share of honest events that are stopped, and of attacks.
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
