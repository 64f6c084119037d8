//! Evidence of the device. In a session the browser and the TLS client are compared with those of
//! the session; at a sign-in, with the devices that the user signed in with before.

use super::context::RiskEventKind;
use super::policy::RiskPolicy;
use super::profile::{CounterKind, RiskProfile};
use super::reason::{Evidence, RiskReason};
use super::session_profile::SessionProfile;
use super::signals::{DeviceCookieSignal, Signals};
use crate::foundation::time::Timestamp;

// Evidence in nats for each finding; positive values speak for a thief.
const SAME_NATS: f64 = -1.03;
const NEWER_NATS: f64 = 0.3;
/// Evidence of an older version in nats, for a user whose browser never changed. The user's own
/// changes lower it.
const OLDER_NATS: f64 = 5.0;
const CHANGED_NATS: f64 = 6.0;
/// Probability that a thief's browser differs from the owner's.
const THIEF_CHANGE_PROBABILITY: f64 = 0.97;
const SEEN_IN_SESSION_NATS: f64 = -0.3;
const TLS_SAME_NATS: f64 = -0.8;
const TLS_WITH_BROWSER_NATS: f64 = 0.5;
const TLS_MAX_NATS: f64 = 6.0;
const HINTS_NATS: f64 = 2.0;
const LANGUAGE_NATS: f64 = 1.5;
const COOKIE_KNOWN_NATS: f64 = -1.2;
const COOKIE_MISSING_NATS: f64 = 2.6;
const SIGN_IN_MIN_NATS: f64 = -2.5;
const SIGN_IN_MAX_NATS: f64 = 4.5;

/// How a browser or a TLS client differs from that of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeviceChange {
    /// Equal to that of the latest event.
    None,
    /// Equal to that of the client before the latest one.
    SeenInSession,
    /// A newer version of the latest browser.
    Newer,
    /// An older version of the latest browser.
    Older,
    /// Not seen in this session.
    New,
}

/// Computes the evidence of the device, and whether the browser contradicts the session.
pub(super) fn evidence(
    profile: &RiskProfile,
    session: Option<&SessionProfile>,
    signals: &Signals,
    policy: &RiskPolicy,
    now: Timestamp,
) -> (Evidence, bool) {
    let mut evidence = Evidence::default();
    let session = session.filter(|_| signals.kind != RiskEventKind::SignIn);
    let browser = session.and_then(|session| compare_browser(session, signals));
    let habit = change_nats_cap(profile, now);
    if let Some(change) = browser {
        let (reason, nats) = change_reason(change);
        evidence.add(reason, nats.min(habit));
    }
    if let Some((tls, browser)) = session.and_then(|session| compare_tls(session, signals)) {
        // Where only the browser's name changes often, a change does not explain another TLS
        // client.
        let browser = if habit < CHANGED_NATS { DeviceChange::None } else { browser };
        tls_terms(profile, tls, browser, now)
            .into_iter()
            .for_each(|(reason, nats)| evidence.add(reason, nats));
    }
    if signals.kind == RiskEventKind::SignIn && !profile.devices.is_empty() {
        sign_in_terms(profile, signals, policy, now, &mut evidence);
    }
    if signals.hints_contradict == Some(true) {
        evidence.add(RiskReason::HintsContradict, HINTS_NATS);
    }
    if language_changed(profile, session, signals) {
        evidence.add(RiskReason::LanguageChanged, LANGUAGE_NATS);
    }
    (evidence.damp_correlated(), matches!(browser, Some(DeviceChange::Older | DeviceChange::New)))
}

/// Largest evidence of a changed browser in nats, from how often this user's browser changes. Some
/// extensions send another user agent at every visit.
fn change_nats_cap(profile: &RiskProfile, now: Timestamp) -> f64 {
    let [changed, compared] = [CounterKind::BrowserChanged, CounterKind::BrowserCompared]
        .map(|what| profile.counters.value(what, now));
    if changed == 0.0 {
        return CHANGED_NATS;
    }
    libm::log(THIEF_CHANGE_PROBABILITY / ((changed + 0.02) / (compared + 2.0)))
}

fn change_reason(change: DeviceChange) -> (RiskReason, f64) {
    match change {
        DeviceChange::None => (RiskReason::BrowserSame, SAME_NATS),
        DeviceChange::SeenInSession => (RiskReason::BrowserAccepted, SEEN_IN_SESSION_NATS),
        DeviceChange::Newer => (RiskReason::BrowserNewer, NEWER_NATS),
        DeviceChange::Older => (RiskReason::BrowserOlder, OLDER_NATS),
        DeviceChange::New => (RiskReason::BrowserChanged, CHANGED_NATS),
    }
}

pub(super) fn compare_browser(session: &SessionProfile, signals: &Signals) -> Option<DeviceChange> {
    let seen = signals.browser?;
    let latest = session.latest?;
    let family = latest.family?;
    if seen.family == family {
        return Some(match latest.major.zip(seen.major) {
            Some((before, after)) if after > before => DeviceChange::Newer,
            Some((before, after)) if after < before => DeviceChange::Older,
            _ => DeviceChange::None,
        });
    }
    let accepted = session.previous.and_then(|other| other.family) == Some(seen.family);
    Some(if accepted { DeviceChange::SeenInSession } else { DeviceChange::New })
}

/// Compares the TLS client and the browser with the session. A missing browser counts as unchanged.
/// `None` where a TLS fingerprint is missing.
pub(super) fn compare_tls(
    session: &SessionProfile,
    signals: &Signals,
) -> Option<(DeviceChange, DeviceChange)> {
    let seen = signals.tls?;
    let known = [session.latest, session.previous].map(|face| face.and_then(|face| face.tls));
    let tls = match known {
        [None, _] => return None,
        [latest, _] if latest == Some(seen) => DeviceChange::None,
        [_, other] if other == Some(seen) => DeviceChange::SeenInSession,
        _ => DeviceChange::New,
    };
    Some((tls, compare_browser(session, signals).unwrap_or(DeviceChange::None)))
}

/// Evidence of the TLS client. A new browser explains a new TLS client; a browser that was seen
/// before does not, or a thief could use the session's second browser as cover. A TLS client that
/// changes alone is weighed by how often this happens to the user, for example behind a
/// TLS-inspecting proxy, and never counts for the owner.
fn tls_terms(
    profile: &RiskProfile,
    tls: DeviceChange,
    browser: DeviceChange,
    now: Timestamp,
) -> Option<(RiskReason, f64)> {
    Some(match (tls, browser) {
        (DeviceChange::None, _) => (RiskReason::TlsSame, TLS_SAME_NATS),
        (DeviceChange::SeenInSession, _) => return None,
        (_, DeviceChange::None | DeviceChange::SeenInSession) => {
            let [changed, compared] = [CounterKind::TlsChanged, CounterKind::TlsCompared]
                .map(|what| profile.counters.value(what, now));
            (
                RiskReason::TlsChanged,
                libm::log(0.55 / ((changed + 0.02) / (compared + 2.0))).clamp(0.0, TLS_MAX_NATS),
            )
        }
        _ => (RiskReason::TlsChanged, TLS_WITH_BROWSER_NATS),
    })
}

fn sign_in_terms(
    profile: &RiskProfile,
    signals: &Signals,
    policy: &RiskPolicy,
    now: Timestamp,
    evidence: &mut Evidence,
) {
    if let Some(appearance) = signals.browser {
        let all = profile.counters.value(CounterKind::SignIns, now);
        let new =
            (profile.counters.value(CounterKind::NewDevice, now).min(all) + 0.3) / (all + 6.3);
        let popular = 0.5 * policy.device_base_rate + 0.15;
        let of_new = (1.0 - popular) / new;
        let is_known =
            profile.devices.iter().any(|device| device.family == Some(appearance.family));
        let (reason, ratio) = if is_known {
            // A known browser is never more suspicious than a new one, even for a user of many
            // browsers.
            (RiskReason::DeviceKnown, (popular / (1.0 - new)).min(of_new))
        } else {
            (RiskReason::DeviceNew, of_new)
        };
        evidence.add(reason, libm::log(ratio).clamp(SIGN_IN_MIN_NATS, SIGN_IN_MAX_NATS));
    }
    let was_issued = profile.devices.iter().any(|device| device.device_id.is_some());
    match signals.device.filter(|_| policy.device_cookie && was_issued) {
        Some(DeviceCookieSignal::Present(tag))
            if profile.devices.iter().any(|device| device.device_id == Some(tag)) =>
        {
            evidence.add(RiskReason::DeviceTagKnown, COOKIE_KNOWN_NATS);
        }
        Some(_) => evidence.add(RiskReason::DeviceTagMissing, COOKIE_MISSING_NATS),
        None => (),
    }
}

fn language_changed(
    profile: &RiskProfile,
    session: Option<&SessionProfile>,
    signals: &Signals,
) -> bool {
    let Some(seen) = signals.language else { return false };
    let mut known = profile.devices.iter().filter_map(|device| device.language).peekable();
    let of_session = session.map(|session| {
        [session.latest, session.previous].map(|face| face.and_then(|face| face.language))
    });
    match of_session {
        Some([latest, other]) => latest.is_some() && latest != Some(seen) && other != Some(seen),
        None if signals.kind == RiskEventKind::SignIn => {
            known.peek().is_some() && !known.any(|language| language == seen)
        }
        None => false,
    }
}
