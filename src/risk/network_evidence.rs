//! Floor 2. Evidence of the network: how new it is for this user, how fast they would have
//! travelled, whose it is.
//!
//! | what is new | thief | owner |
//! |---|---|---|
//! | nothing | 0.01 | 1 - p1 |
//! | the prefix | 0.06 / k | p1 (1 - p2) s |
//! | the provider too | 0.28 | p1 p2 (1 - p3) |
//! | the country too | 0.65 | p1 p2 p3 |
//!
//! p1, p2, p3: how often this user's prefix is new, then the provider, then the country. s: of the
//! new prefixes of the k known providers, the share of this one; a thief comes from any of them
//! alike. A carrier gives a phone new prefixes all day, a line at home seldom, and the provider of
//! a café that was visited once has given none.
//!
//! The evidence is the logarithm of thief / owner; where the host tells less, of the sums over the
//! rows that are left (without k and s). For somebody who is always somewhere else a known network
//! may be the rarer sight: no row is evidence for more than the rows below it. And for somebody
//! whose address never changed until the provider changed it, a new one is no reason to prove who
//! they are: see [`RENUMBERED`].

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

const THIEF_PROBABILITIES: [f64; 4] = [0.01, 0.06, 0.28, 0.65];
const REASONS: [RiskReason; 4] = [
    RiskReason::NetworkKnown,
    RiskReason::NetworkNew,
    RiskReason::ProviderNew,
    RiskReason::CountryNew,
];
const MIN_NATS: f64 = -4.5;
const MAX_NATS: f64 = 6.0;
/// The most that a new prefix of a known provider says: with the oddest hour (0.7) it stays below a
/// step-up (3).
const MAX_KNOWN_PROVIDER_NATS: f64 = 2.2;
const HOSTING_NATS: f64 = 1.2;
const TOR_NATS: f64 = 2.5;

/// Evidence of the network; `profile` has some history.
pub(super) fn evidence(
    profile: &RiskProfile,
    session: Option<&SessionProfile>,
    signals: &Signals,
    now: Timestamp,
) -> Evidence {
    let known = NetworkFamiliarity::from_profile(profile, signals);
    let mut evidence = Evidence::default();
    let usual = || provider_prefix_rate(&profile.providers, signals.asn, now);
    let novelty =
        known.candidate_rows().map(|rows| novelty(profile, rows, known.weight, usual(), now));
    if let Some((reason, nats)) = novelty {
        evidence.add(reason, nats);
        if nats <= 0.0 {
            return evidence;
        }
    }
    let travel_nats =
        if known.weight.is_some() { 0.0 } else { velocity(profile, session, signals, now) };
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

/// Whether the network is known, as far as both sides tell.
#[derive(Debug, Clone, Copy)]
struct NetworkFamiliarity {
    /// How familiar the prefix is, where it is known.
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
        let heat = signals.prefix.and_then(|prefix| profile.prefix_weight(prefix));
        Self {
            weight: heat,
            prefix: signals.prefix.filter(|_| !profile.networks.is_empty()).map(|_| heat.is_some()),
            provider: familiar(&profile.providers, signals.asn),
            country: familiar(&profile.countries, signals.country),
        }
    }

    /// The first and the last row of the table that are left; nothing where all are.
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

/// k s: how usual a new prefix is of this provider, beside those of the others; 1 where nothing
/// tells. Everyone has half a prefix in advance: what never happened yet is not impossible.
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
    heat: Option<DecayedCount>,
    usual: f64,
    now: Timestamp,
) -> (RiskReason, f64) {
    let owner = owner_probabilities(profile, now);
    // A known network of a provider whose new ones are rare is no stranger than one of a provider
    // that is not known.
    let ratios = likelihood_ratios(&owner, if heat.is_some() { usual.max(1.0) } else { usual });
    let within =
        |masses: &[f64; 4]| masses.iter().take(last.saturating_add(1)).skip(first).sum::<f64>();
    let at = |row: usize| ratios.get(row).copied().unwrap_or_default();
    // Not `clamp`, which would bring a panic and the printing of floats along.
    let nats =
        libm::log(within(&THIEF_PROBABILITIES) / within(&owner)).max(at(first)).min(at(last));
    let nats = match heat {
        // A network that was hardly ever used says little; but never more than a new one.
        Some(heat) => weighted_ratios(nats, heat.value(now)).min(at(1)),
        None => nats,
    };
    (REASONS.get(first).copied().unwrap_or(RiskReason::NetworkNew), nats.clamp(MIN_NATS, MAX_NATS))
}

fn weighted_ratios(nats: f64, count: f64) -> f64 {
    nats * (count / (count + 0.5))
}

/// How often which row is the owner's: all four above 0, whatever bytes the profile was read from.
fn owner_probabilities(profile: &RiskProfile, now: Timestamp) -> [f64; 4] {
    let count = |what| profile.counters.value(what, now);
    let n = count(CounterKind::Events);
    let n1 = count(CounterKind::NewPrefix).min(n);
    let n2 = count(CounterKind::NewProvider).min(n1);
    let n3 = count(CounterKind::NewCountry).min(n2);
    let [p1, p2, p3] = [(n1 + 1.0) / (n + 5.0), (n2 + 0.5) / (n1 + 2.0), (n3 + 0.1) / (n2 + 2.0)];
    [1.0 - p1, p1 * (1.0 - p2), p1 * p2 * (1.0 - p3), p1 * p2 * p3]
}

/// The evidence of each row alone, no larger than the next one's.
fn likelihood_ratios(owner: &[f64; 4], usual: f64) -> [f64; 4] {
    let [a, b, c, d] = [0, 1, 2, 3].map(|row: usize| {
        let of = |masses: &[f64; 4]| masses.get(row).copied().unwrap_or(1.0);
        libm::log(of(&THIEF_PROBABILITIES) / of(owner))
    });
    let c = c.min(d);
    let b = (b - libm::log(usual)).min(c).min(MAX_KNOWN_PROVIDER_NATS);
    [a.min(b), b, c, d]
}

/// Against the session's own last place, or else the user's: a browser that was left open at home
/// goes nowhere while its owner travels.
fn velocity(
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
