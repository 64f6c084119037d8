//! The published likelihood model of Freeman et al., Who Are You? A Statistical Approach to
//! Measuring User Authenticity, NDSS 2016, without its data about attackers, which are not public.
//!
//! The score is the sum over two features of `-log(p(value of this user) / p(value of all users))`.
//! A rare value is replaced by the next coarser level: address, network, provider, country; and
//! user agent, family, form of the device. With linear interpolation over the levels, and all users
//! as the last level, the ratio is `sum over levels of weight * share of the user / share of all
//! users + last weight`.
//!
//! Two sets of weights are used, because neither is better in every world: each level has the
//! weight of the finer one, or a thousandth of it. They were the best of 3, 1, 1/3, 1/7, 1/20,
//! 1/100 and 1/1000. The model has no limits here: it remembers every address of a user, and the
//! shares of all users cover the whole time including the future.

use super::event_log::ObservedRequest;
use super::rng::mix;
use super::rules::{family, text};
use std::collections::BTreeMap;
use std::net::IpAddr;

const ADDRESS: usize = 4;
const LEVELS: usize = 7;

/// Counts of the values that were seen.
#[derive(Debug, Clone, Default)]
pub struct FeatureCounts {
    of: BTreeMap<u64, u32>,
    all: u32,
}

/// The value of each level, those of the address first.
fn values(seen: &ObservedRequest) -> [u64; LEVELS] {
    let origin = &seen.origin;
    let (address, network) = match origin.ip {
        IpAddr::V4(ip) => (u64::from(u32::from(ip)), u64::from(u32::from(ip) >> 8)),
        IpAddr::V6(ip) => (
            mix(&[(u128::from(ip) >> 64) as u64, u128::from(ip) as u64]),
            (u128::from(ip) >> 64) as u64,
        ),
    };
    let agent = &seen.shown.agent;
    let is_phone = agent.contains("Mobile");
    let values = [
        address,
        network,
        origin.asn.into(),
        text(origin.country),
        text(agent),
        family(agent),
        is_phone.into(),
    ];
    let mut level = 0;
    values.map(|value| {
        level += 1;
        mix(&[level, value])
    })
}

impl FeatureCounts {
    pub fn add(&mut self, seen: &ObservedRequest) {
        self.all += 1;
        for value in values(seen) {
            *self.of.entry(value).or_default() += 1;
        }
    }

    pub fn add_all(&mut self, other: Self) {
        self.all += other.all;
        for (value, count) in other.of {
            *self.of.entry(value).or_default() += count;
        }
    }

    fn count(&self, value: u64) -> f64 {
        self.of.get(&value).copied().unwrap_or_default().into()
    }
}

/// Weight of a level relative to the next finer one.
pub const EVEN: f64 = 1.0;
pub const STEEP: f64 = 0.001;

/// Logarithm of the likelihood ratio of all users against this user, for both sets of weights.
pub fn judge(user: &FeatureCounts, everybody: &FeatureCounts, seen: &ObservedRequest) -> [f64; 2] {
    let ratios = values(seen).map(|value| {
        let of_user = user.count(value) / f64::from(user.all.max(1));
        let of_everybody = (everybody.count(value) + 1.0) / (f64::from(everybody.all) + 1.0);
        of_user / of_everybody
    });
    let (address, agent) = ratios.split_at(ADDRESS);
    [EVEN, STEEP].map(|step| {
        -[address, agent].map(|levels| interpolated(levels, step).ln()).iter().sum::<f64>()
    })
}

fn interpolated(ratios: &[f64], step: f64) -> f64 {
    let (mut sum, mut weights, mut weight) = (0.0, 0.0, 1.0);
    for ratio in ratios.iter().chain([&1.0]) {
        sum += weight * ratio;
        weights += weight;
        weight *= step;
    }
    sum / weights
}
