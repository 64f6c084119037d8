//! Evidence of the network: how new the network is for this user, how fast the user would have
//! travelled, and what kind of network it is.
//!
//! | what is new | thief | owner |
//! |---|---|---|
//! | nothing | 0.01 | 1 - p1 |
//! | the prefix | 0.06 / k | p1 (1 - p2) s |
//! | the provider too | 0.28 | p1 p2 (1 - p3) |
//! | the country too | 0.65 | p1 p2 p3 |
//!
//! - p1: the probability that a prefix is new for this user
//! - p2: the probability that the provider of a new prefix is new
//! - p3: the probability that the country of a new provider is new
//! - k: the number of known providers
//! - s: this provider's share of the user's new prefixes. A mobile carrier assigns many prefixes, a
//!   home line few. A thief is assumed to use each known provider equally often.
//!
//! The evidence is ln(thief / owner). Where signals are missing, both probabilities are summed over
//! the rows that remain possible, without k and s. The evidence of a row never exceeds that of the
//! rows below it, because for a user who is always elsewhere a known network may be the rarest
//! case. [`MAX_KNOWN_PROVIDER_NATS`] keeps a provider that renumbers its customers from causing a
//! step-up.

use super::context::NetworkKind;
use super::decayed_count::DecayedCount;
use super::feature_hash::FeatureHash;
use super::geo::speed_km_per_hour;
use super::learning::contains_hash;
use super::profile::{CounterKind, KnownFeature, RiskProfile};
use super::reason::{Evidence, RiskReason};
use super::session_profile::SessionProfile;
use super::signals::Signals;
use crate::foundation::time::Timestamp;

/// Probability of each row of the table for a thief.
const THIEF_PROBABILITIES: [f64; 4] = [0.01, 0.06, 0.28, 0.65];
/// Reason of each row of the table.
const REASONS: [RiskReason; 4] = [
    RiskReason::NetworkKnown,
    RiskReason::NetworkNew,
    RiskReason::ProviderNew,
    RiskReason::CountryNew,
];
/// Lowest evidence of novelty, in nats.
const MIN_NATS: f64 = -4.5;
/// Highest evidence of novelty, in nats.
const MAX_NATS: f64 = 6.0;
/// Largest evidence of a new prefix of a known provider, in nats. Together with the most unusual
/// hour (0.7) the sum stays below a step-up (3).
const MAX_KNOWN_PROVIDER_NATS: f64 = 2.2;
const HOSTING_NATS: f64 = 1.2;
const TOR_NATS: f64 = 2.5;

/// Computes the evidence of the network. `profile` must not be empty.
pub(super) fn evidence(
    profile: &RiskProfile,
    session: Option<&SessionProfile>,
    signals: &Signals,
    now: Timestamp,
) -> Evidence {
    let known = NetworkFamiliarity::from_profile(profile, signals);
    let mut evidence = Evidence::default();
    let prefix_rate = || provider_prefix_rate(&profile.providers, signals.asn, now);
    let novelty =
        known.candidate_rows().map(|rows| novelty(profile, rows, known.weight, prefix_rate(), now));
    if let Some((reason, nats)) = novelty {
        evidence.add(reason, nats);
        if nats <= 0.0 {
            return evidence;
        }
    }
    let travel_nats =
        if known.weight.is_some() { 0.0 } else { travel_velocity(profile, session, signals, now) };
    if travel_nats > 0.0 {
        evidence.add(RiskReason::TravelVelocity, travel_nats);
    }
    match signals.network_kind {
        Some(NetworkKind::Tor) => evidence.add(RiskReason::TorExit, TOR_NATS),
        Some(NetworkKind::Hosting | NetworkKind::Vpn)
            if known.provider != Some(true) && known.weight.is_none() =>
        {
            evidence.add(RiskReason::HostingNetwork, HOSTING_NATS);
        }
        _ => (),
    }
    evidence.damp_correlated()
}

/// Which parts of the network are known. `None` means that the signal or the history is missing.
#[derive(Debug, Clone, Copy)]
struct NetworkFamiliarity {
    /// Count of the prefix where the prefix is known.
    weight: Option<DecayedCount>,
    prefix: Option<bool>,
    provider: Option<bool>,
    country: Option<bool>,
}

impl NetworkFamiliarity {
    fn from_profile(profile: &RiskProfile, signals: &Signals) -> Self {
        let familiar = |list: &[KnownFeature], tag: Option<FeatureHash>| {
            tag.filter(|_| !list.is_empty()).map(|tag| contains_hash(list, tag))
        };
        let weight = signals.prefix.and_then(|prefix| profile.prefix_weight(prefix));
        Self {
            weight,
            prefix: signals
                .prefix
                .filter(|_| !profile.networks.is_empty())
                .map(|_| weight.is_some()),
            provider: familiar(&profile.providers, signals.asn),
            country: familiar(&profile.countries, signals.country),
        }
    }

    /// The first and the last row of the table that are possible. `None` where the signals exclude
    /// no row.
    fn candidate_rows(self) -> Option<(usize, usize)> {
        let least = usize::from(self.prefix == Some(false));
        match self {
            Self { prefix: Some(true), .. } => Some((0, 0)),
            Self { provider: Some(true), .. } => Some((least, 1)),
            Self { country: Some(false), .. } => Some((3, 3)),
            Self { provider: Some(false), country, .. } => {
                Some((2, if country.is_some() { 2 } else { 3 }))
            }
            Self { country: Some(true), .. } => Some((least, 2)),
            Self { prefix: Some(false), .. } => Some((1, 3)),
            _ => None,
        }
    }
}

/// The product k s: the rate of new prefixes of this provider relative to the average provider, or
/// 1 where the provider is unknown. Every provider starts at half a prefix, so that no rate is 0.
fn provider_prefix_rate(
    providers: &[KnownFeature],
    asn: Option<FeatureHash>,
    now: Timestamp,
) -> f64 {
    let moves = |provider: &KnownFeature| provider.new_prefixes.value(now) + 0.5;
    let Some(this) = providers.iter().find(|provider| Some(provider.hash) == asn) else {
        return 1.0;
    };
    let all: f64 = providers.iter().map(moves).sum();
    moves(this) * providers.len() as f64 / all
}

fn novelty(
    profile: &RiskProfile,
    (first, last): (usize, usize),
    weight: Option<DecayedCount>,
    prefix_rate: f64,
    now: Timestamp,
) -> (RiskReason, f64) {
    let owner = owner_probabilities(profile, now);
    // A provider that seldom assigns new prefixes must not make a known network suspicious.
    let ratios = likelihood_ratios(
        &owner,
        if weight.is_some() { prefix_rate.max(1.0) } else { prefix_rate },
    );
    let within =
        |masses: &[f64; 4]| masses.iter().take(last.saturating_add(1)).skip(first).sum::<f64>();
    let at = |row: usize| ratios.get(row).copied().unwrap_or_default();
    // `clamp` would add a panic and the formatting of floats to the module.
    let nats =
        libm::log(within(&THIEF_PROBABILITIES) / within(&owner)).max(at(first)).min(at(last));
    let nats = match weight {
        // A rarely used network is weak evidence for the owner, and never worse than a new network.
        Some(weight) => weighted_ratios(nats, weight.value(now)).min(at(1)),
        None => nats,
    };
    (REASONS.get(first).copied().unwrap_or(RiskReason::NetworkNew), nats.clamp(MIN_NATS, MAX_NATS))
}

fn weighted_ratios(nats: f64, count: f64) -> f64 {
    nats * (count / (count + 0.5))
}

/// Probability of each row for the owner. All four are above 0 for any stored profile.
fn owner_probabilities(profile: &RiskProfile, now: Timestamp) -> [f64; 4] {
    let count = |what| profile.counters.value(what, now);
    let n = count(CounterKind::Events);
    let n1 = count(CounterKind::NewPrefix).min(n);
    let n2 = count(CounterKind::NewProvider).min(n1);
    let n3 = count(CounterKind::NewCountry).min(n2);
    let [p1, p2, p3] = [(n1 + 1.0) / (n + 5.0), (n2 + 0.5) / (n1 + 2.0), (n3 + 0.1) / (n2 + 2.0)];
    [1.0 - p1, p1 * (1.0 - p2), p1 * p2 * (1.0 - p3), p1 * p2 * p3]
}

/// The evidence of each row in nats, limited to that of the next row.
fn likelihood_ratios(owner: &[f64; 4], prefix_rate: f64) -> [f64; 4] {
    let [a, b, c, d] = [0, 1, 2, 3].map(|row: usize| {
        let of = |masses: &[f64; 4]| masses.get(row).copied().unwrap_or(1.0);
        libm::log(of(&THIEF_PROBABILITIES) / of(owner))
    });
    let c = c.min(d);
    let b = (b - libm::log(prefix_rate)).min(c).min(MAX_KNOWN_PROVIDER_NATS);
    [a.min(b), b, c, d]
}

/// Evidence of the travel speed since the session's last location, or else the user's. A browser
/// that stays at home does not move while its owner travels.
fn travel_velocity(
    profile: &RiskProfile,
    session: Option<&SessionProfile>,
    signals: &Signals,
    now: Timestamp,
) -> f64 {
    let last = session.and_then(|session| session.location).or(profile.location);
    let Some(((at, from), to)) = last.zip(signals.location) else { return 0.0 };
    let nats = match speed_km_per_hour(from, to, now.ms_since(at)) {
        v if v >= 3000.0 => 3.0,
        v if v >= 1000.0 => 2.0,
        v if v >= 500.0 => 1.0,
        _ => 0.0,
    };
    match signals.network_kind {
        Some(NetworkKind::Vpn | NetworkKind::Relay | NetworkKind::Hosting) => nats * 0.4,
        _ => nats,
    }
}
