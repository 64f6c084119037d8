//! Evidence of behaviour: the hour, the round trip, the refresh rate, alternating devices, and the
//! status of the presented token.

use super::context::{RiskEventKind, TokenStatus};
use super::learning::hour_of_day;
use super::profile::{HOURS, RiskProfile};
use super::reason::{Evidence, RiskReason};
use super::session_profile::SessionProfile;
use super::signals::Signals;
use crate::foundation::time::Timestamp;

/// Largest evidence of the hour in nats, in both directions.
const HOUR_MAX_NATS: f64 = 0.7;
/// Evidence of an unusual round trip in nats.
const ROUND_TRIP_NATS: f64 = 0.5;
/// Evidence of alternating devices in nats.
const ALTERNATION_NATS: f64 = 4.0;
/// Alternations from which two devices are suspected. Requesting a page's desktop version and going
/// back takes two.
const MIN_ALTERNATIONS: u8 = 3;
/// Refreshes within one access token lifetime that must be exceeded, and their evidence in nats.
const REFRESH_RATE_NATS: [(u32, f64); 2] = [(10, 3.0), (3, 1.0)];

/// Computes the evidence of behaviour.
pub(super) fn evidence(
    profile: &RiskProfile,
    session: Option<&SessionProfile>,
    signals: &Signals,
    now: Timestamp,
) -> Evidence {
    let mut evidence = Evidence::default();
    let mut add = |reason, nats: f64| {
        if nats != 0.0 {
            evidence.add(reason, nats);
        }
    };
    add(RiskReason::Hour, hour_of_day_nats(profile, now));
    if is_round_trip_unusual(profile, signals) {
        add(RiskReason::RoundTrip, ROUND_TRIP_NATS);
    }
    let refreshes = signals.refreshes_per_access_ttl.unwrap_or(0);
    let hurry = REFRESH_RATE_NATS.iter().find(|(most, _)| refreshes > *most);
    add(RiskReason::Hurried, hurry.map_or(0.0, |(_, nats)| *nats));
    let in_session = session.filter(|_| signals.kind != RiskEventKind::SignIn);
    if in_session.is_some_and(|session| session.alternations_with(signals, now) >= MIN_ALTERNATIONS)
    {
        add(RiskReason::Alternating, ALTERNATION_NATS);
    }
    if let Some((reason, nats)) = token_status_terms(signals.token_status) {
        add(reason, nats);
    }
    evidence
}

/// Evidence of the token status. Reuse and an invalid proof decide the action by themselves, and
/// their nats only raise the score accordingly.
fn token_status_terms(fact: TokenStatus) -> Option<(RiskReason, f64)> {
    Some(match fact {
        TokenStatus::None => return None,
        TokenStatus::ReuseInGrace => (RiskReason::TokenRetried, 0.3),
        TokenStatus::Reuse => (RiskReason::TokenReused, 9.0),
        TokenStatus::Fork => (RiskReason::TokenForked, 4.0),
        TokenStatus::ProofOk => (RiskReason::ProofOk, -2.0),
        TokenStatus::ProofFail => (RiskReason::ProofFailed, 9.0),
    })
}

/// Evidence of the hour of the day. A thief is equally likely at every hour; the owner's
/// probability comes from the profile, smoothed over the neighbouring hours.
fn hour_of_day_nats(profile: &RiskProfile, now: Timestamp) -> f64 {
    let counts = profile.hours.map(|weight| weight.value(now));
    let at = |hour: usize| counts.get(hour % HOURS).copied().unwrap_or_default();
    let hour = hour_of_day(now);
    let near = 0.25 * at(hour.saturating_add(HOURS - 1))
        + 0.5 * at(hour)
        + 0.25 * at(hour.saturating_add(1));
    let all: f64 = counts.iter().sum();
    let hours = HOURS as f64;
    libm::log((all + hours) / (hours * (near + 1.0))).clamp(-HOUR_MAX_NATS, HOUR_MAX_NATS)
}

/// Whether the round trip is far above the average and the network unknown.
fn is_round_trip_unusual(profile: &RiskProfile, signals: &Signals) -> bool {
    let known = signals.prefix.is_some_and(|prefix| profile.prefix_weight(prefix).is_some());
    let owner_share = profile.rtt.map(|(_, owner_share)| f64::from(owner_share));
    !known
        && signals
            .rtt
            .zip(owner_share)
            .is_some_and(|(rtt, owner_share)| rtt > 2.5 * owner_share + 50.0)
}
