//! Floor 2. Evidence of what somebody does: when, how fast, with what of a token.

use super::context::{RiskEventKind, TokenStatus};
use super::learning::hour_of_day;
use super::profile::{HOURS, RiskProfile};
use super::reason::{Evidence, RiskReason};
use super::session_profile::SessionProfile;
use super::signals::Signals;
use crate::foundation::time::Timestamp;

const HOUR_MAX_NATS: f64 = 0.7;
const ROUND_TRIP_NATS: f64 = 0.5;
const ALTERNATION_NATS: f64 = 4.0;
/// So many turns in a row are no accident: a page that was asked for as a desktop's and back takes
/// two.
const MIN_ALTERNATIONS: u8 = 3;
/// Refreshes within the lifetime of one access token: more than so many, and what that says.
const REFRESH_RATE_NATS: [(u32, f64); 2] = [(10, 3.0), (3, 1.0)];

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
    add(RiskReason::TimeOfDay, hour_of_day_nats(profile, now));
    if is_round_trip_unusual(profile, signals) {
        add(RiskReason::RoundTripTime, ROUND_TRIP_NATS);
    }
    let refreshes = signals.refreshes_per_access_ttl.unwrap_or(0);
    let hurry = REFRESH_RATE_NATS.iter().find(|(most, _)| refreshes > *most);
    add(RiskReason::RefreshRate, hurry.map_or(0.0, |(_, nats)| *nats));
    let in_session = session.filter(|_| signals.kind != RiskEventKind::SignIn);
    if in_session.is_some_and(|session| session.alternations_with(signals, now) >= MIN_ALTERNATIONS)
    {
        add(RiskReason::DeviceAlternation, ALTERNATION_NATS);
    }
    if let Some((reason, nats)) = token_status_terms(signals.token_status) {
        add(reason, nats);
    }
    evidence
}

/// Hard facts decide by themselves; their nats only make the score say so.
fn token_status_terms(fact: TokenStatus) -> Option<(RiskReason, f64)> {
    Some(match fact {
        TokenStatus::None => return None,
        TokenStatus::ReusedInGrace => (RiskReason::TokenReusedInGrace, 0.3),
        TokenStatus::Reused => (RiskReason::TokenReused, 9.0),
        TokenStatus::Forked => (RiskReason::TokenForked, 4.0),
        TokenStatus::ProofValid => (RiskReason::ProofValid, -2.0),
        TokenStatus::ProofInvalid => (RiskReason::ProofInvalid, 9.0),
    })
}

/// A thief comes at any hour alike; the owner at theirs, give or take one.
fn hour_of_day_nats(profile: &RiskProfile, now: Timestamp) -> f64 {
    let counts = profile.hours.map(|heat| heat.value(now));
    let at = |hour: usize| counts.get(hour % HOURS).copied().unwrap_or_default();
    let hour = hour_of_day(now);
    let near = 0.25 * at(hour.saturating_add(HOURS - 1))
        + 0.5 * at(hour)
        + 0.25 * at(hour.saturating_add(1));
    let all: f64 = counts.iter().sum();
    let hours = HOURS as f64;
    libm::log((all + hours) / (hours * (near + 1.0))).clamp(-HOUR_MAX_NATS, HOUR_MAX_NATS)
}

/// From a network that is not known, and much farther away than usual.
fn is_round_trip_unusual(profile: &RiskProfile, signals: &Signals) -> bool {
    let known = signals.prefix.is_some_and(|prefix| profile.prefix_weight(prefix).is_some());
    let usual = profile.rtt.map(|(_, usual)| f64::from(usual));
    !known && signals.rtt.zip(usual).is_some_and(|(rtt, usual)| rtt > 2.5 * usual + 50.0)
}
