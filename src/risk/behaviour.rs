//! Floor 2. Evidence of what somebody does: when, how fast, with what of a token.

use super::companion::Companion;
use super::context::{Kind, TokenFact};
use super::learning::hour_of_day;
use super::profile::{HOURS, Profile};
use super::reason::{Evidence, Reason};
use super::signals::Signals;
use crate::foundation::time::Timestamp;

const HOUR_MOST: f64 = 0.7;
const ROUND_TRIP: f64 = 0.5;
const ALTERNATING: f64 = 4.0;
/// So many turns in a row are no accident: a page that was asked for as a desktop's and back takes
/// two.
const TURNS: u8 = 3;
/// Refreshes within the lifetime of one access token: more than so many, and what that says.
const CADENCE: [(u32, f64); 2] = [(10, 3.0), (3, 1.0)];

pub(super) fn evidence(
    profile: &Profile,
    session: Option<&Companion>,
    signals: &Signals,
    now: Timestamp,
) -> Evidence {
    let mut evidence = Evidence::default();
    let mut add = |reason, nats: f64| {
        if nats != 0.0 {
            evidence.add(reason, nats);
        }
    };
    add(Reason::Hour, hour(profile, now));
    if is_far(profile, signals) {
        add(Reason::RoundTrip, ROUND_TRIP);
    }
    let refreshes = signals.refreshes_in_ttl.unwrap_or(0);
    let hurry = CADENCE.iter().find(|(most, _)| refreshes > *most);
    add(Reason::Hurried, hurry.map_or(0.0, |(_, nats)| *nats));
    let in_session = session.filter(|_| signals.kind != Kind::SignIn);
    if in_session.is_some_and(|session| session.turns_with(signals, now) >= TURNS) {
        add(Reason::Alternating, ALTERNATING);
    }
    if let Some((reason, nats)) = token(signals.token_fact) {
        add(reason, nats);
    }
    evidence
}

/// Hard facts decide by themselves; their nats only make the score say so.
fn token(fact: TokenFact) -> Option<(Reason, f64)> {
    Some(match fact {
        TokenFact::None => return None,
        TokenFact::ReuseInGrace => (Reason::TokenRetried, 0.3),
        TokenFact::Reuse => (Reason::TokenReused, 9.0),
        TokenFact::Fork => (Reason::TokenForked, 4.0),
        TokenFact::ProofOk => (Reason::ProofOk, -2.0),
        TokenFact::ProofFail => (Reason::ProofFailed, 9.0),
    })
}

/// A thief comes at any hour alike; the owner at theirs, give or take one.
fn hour(profile: &Profile, now: Timestamp) -> f64 {
    let counts = profile.hours.map(|heat| heat.count(now));
    let at = |hour: usize| counts.get(hour % HOURS).copied().unwrap_or_default();
    let hour = hour_of_day(now);
    let near = 0.25 * at(hour.saturating_add(HOURS - 1))
        + 0.5 * at(hour)
        + 0.25 * at(hour.saturating_add(1));
    let all: f64 = counts.iter().sum();
    let hours = HOURS as f64;
    libm::log((all + hours) / (hours * (near + 1.0))).clamp(-HOUR_MOST, HOUR_MOST)
}

/// From a network that is not known, and much farther away than usual.
fn is_far(profile: &Profile, signals: &Signals) -> bool {
    let known = signals.prefix.is_some_and(|prefix| profile.heat_of_prefix(prefix).is_some());
    let usual = profile.rtt.map(|(_, usual)| f64::from(usual));
    !known && signals.rtt.zip(usual).is_some_and(|(rtt, usual)| rtt > 2.5 * usual + 50.0)
}
