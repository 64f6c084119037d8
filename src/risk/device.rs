//! Floor 2. Evidence of the device: in a session beside what the session was seen with, at a
//! sign-in beside the devices that the user signed in with before.

use super::companion::Companion;
use super::context::Kind;
use super::policy::RiskPolicy;
use super::profile::{Count, Profile};
use super::reason::{Evidence, Reason};
use super::signals::{DeviceTag, Signals};
use crate::foundation::time::Timestamp;

const SAME: f64 = -1.03;
const NEWER: f64 = 0.3;
/// At most: a browser that was never seen to change.
const OLDER: f64 = 5.0;
const CHANGED: f64 = 6.0;
/// How often a thief's is another one.
const CHANGED_THIEF: f64 = 0.97;
const ACCEPTED: f64 = -0.3;
const TLS_SAME: f64 = -0.8;
const TLS_WITH_BROWSER: f64 = 0.5;
const TLS_MOST: f64 = 6.0;
const HINTS: f64 = 2.0;
const LANGUAGE: f64 = 1.5;
const COOKIE_KNOWN: f64 = -1.2;
const COOKIE_MISSING: f64 = 2.6;
const SIGN_IN_LEAST: f64 = -2.5;
const SIGN_IN_MOST: f64 = 4.5;

/// How something differs from what it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Not at all.
    None,
    /// It is what was accepted before that.
    Accepted,
    /// A newer version.
    Newer,
    /// An older version.
    Older,
    /// Never seen here.
    New,
}

/// Evidence of the device; and whether the browser contradicts what the session was seen with.
pub(super) fn evidence(
    profile: &Profile,
    session: Option<&Companion>,
    signals: &Signals,
    policy: &RiskPolicy,
    now: Timestamp,
) -> (Evidence, bool) {
    let mut evidence = Evidence::default();
    let session = session.filter(|_| signals.kind != Kind::SignIn);
    let browser = session.and_then(|session| compared_browser(session, signals));
    let habit = habit(profile, now);
    if let Some(change) = browser {
        let (reason, nats) = told(change);
        evidence.add(reason, nats.min(habit));
    }
    if let Some((tls, browser)) = session.and_then(|session| compared_tls(session, signals)) {
        // A change that is a habit is one of names: it explains no other TLS client.
        let browser = if habit < CHANGED { Change::None } else { browser };
        tls_terms(profile, tls, browser, now)
            .into_iter()
            .for_each(|(reason, nats)| evidence.add(reason, nats));
    }
    if signals.kind == Kind::SignIn && !profile.devices.is_empty() {
        sign_in_terms(profile, signals, policy, now, &mut evidence);
    }
    if signals.hints_contradict == Some(true) {
        evidence.add(Reason::HintsContradict, HINTS);
    }
    if language_changed(profile, session, signals) {
        evidence.add(Reason::LanguageChanged, LANGUAGE);
    }
    (evidence.damped(), matches!(browser, Some(Change::Older | Change::New)))
}

/// A browser that changes is judged by how often this user's does: extensions make up another name
/// in every visit, pages are asked for as a desktop's. Never less than for one that was accepted
/// before.
fn habit(profile: &Profile, now: Timestamp) -> f64 {
    let [changed, compared] =
        [Count::BrowserChanged, Count::BrowserCompared].map(|what| profile.counts.of(what, now));
    if changed == 0.0 {
        return CHANGED;
    }
    libm::log(CHANGED_THIEF / ((changed + 0.02) / (compared + 2.0)))
}

fn told(change: Change) -> (Reason, f64) {
    match change {
        Change::None => (Reason::BrowserSame, SAME),
        Change::Accepted => (Reason::BrowserAccepted, ACCEPTED),
        Change::Newer => (Reason::BrowserNewer, NEWER),
        Change::Older => (Reason::BrowserOlder, OLDER),
        Change::New => (Reason::BrowserChanged, CHANGED),
    }
}

pub(super) fn compared_browser(session: &Companion, signals: &Signals) -> Option<Change> {
    let seen = signals.appearance?;
    let latest = session.latest?;
    let family = latest.family?;
    if seen.family == family {
        return Some(match latest.major.zip(seen.major) {
            Some((before, after)) if after > before => Change::Newer,
            Some((before, after)) if after < before => Change::Older,
            _ => Change::None,
        });
    }
    let accepted = session.other.and_then(|other| other.family) == Some(seen.family);
    Some(if accepted { Change::Accepted } else { Change::New })
}

/// How the TLS client differs, and how the browser does meanwhile (a browser that is not told is
/// taken for the same).
pub(super) fn compared_tls(session: &Companion, signals: &Signals) -> Option<(Change, Change)> {
    let seen = signals.tls?;
    let known = [session.latest, session.other].map(|face| face.and_then(|face| face.tls));
    let tls = match known {
        [None, _] => return None,
        [latest, _] if latest == Some(seen) => Change::None,
        [_, other] if other == Some(seen) => Change::Accepted,
        _ => Change::New,
    };
    Some((tls, compared_browser(session, signals).unwrap_or(Change::None)))
}

/// A TLS client that changes with its browser was to be expected; not so with one that was accepted
/// before, or the other browser of a session would be a thief's excuse. One that changes alone is
/// judged by how often it does that for this user, behind proxies that look into TLS for one; it
/// never speaks for the owner.
fn tls_terms(
    profile: &Profile,
    tls: Change,
    browser: Change,
    now: Timestamp,
) -> Option<(Reason, f64)> {
    Some(match (tls, browser) {
        (Change::None, _) => (Reason::TlsSame, TLS_SAME),
        (Change::Accepted, _) => return None,
        (_, Change::None | Change::Accepted) => {
            let [changed, compared] =
                [Count::TlsChanged, Count::TlsCompared].map(|what| profile.counts.of(what, now));
            (
                Reason::TlsChanged,
                libm::log(0.55 / ((changed + 0.02) / (compared + 2.0))).clamp(0.0, TLS_MOST),
            )
        }
        _ => (Reason::TlsChanged, TLS_WITH_BROWSER),
    })
}

fn sign_in_terms(
    profile: &Profile,
    signals: &Signals,
    policy: &RiskPolicy,
    now: Timestamp,
    evidence: &mut Evidence,
) {
    if let Some(appearance) = signals.appearance {
        let all = profile.counts.of(Count::SignIns, now);
        let new = (profile.counts.of(Count::NewDevice, now).min(all) + 0.3) / (all + 6.3);
        let popular = 0.5 * policy.popularity + 0.15;
        let of_new = (1.0 - popular) / new;
        let is_known =
            profile.devices.iter().any(|device| device.family == Some(appearance.family));
        let (reason, ratio) = if is_known {
            // Also for somebody who is always new: no browser is stranger for being known.
            (Reason::DeviceKnown, (popular / (1.0 - new)).min(of_new))
        } else {
            (Reason::DeviceNew, of_new)
        };
        evidence.add(reason, libm::log(ratio).clamp(SIGN_IN_LEAST, SIGN_IN_MOST));
    }
    let was_issued = profile.devices.iter().any(|device| device.cookie.is_some());
    match signals.device.filter(|_| policy.device_cookie && was_issued) {
        Some(DeviceTag::Present(tag))
            if profile.devices.iter().any(|device| device.cookie == Some(tag)) =>
        {
            evidence.add(Reason::DeviceTagKnown, COOKIE_KNOWN);
        }
        Some(_) => evidence.add(Reason::DeviceTagMissing, COOKIE_MISSING),
        None => (),
    }
}

fn language_changed(profile: &Profile, session: Option<&Companion>, signals: &Signals) -> bool {
    let Some(seen) = signals.language else { return false };
    let mut known = profile.devices.iter().filter_map(|device| device.language).peekable();
    let of_session = session.map(|session| {
        [session.latest, session.other].map(|face| face.and_then(|face| face.language))
    });
    match of_session {
        Some([latest, other]) => latest.is_some() && latest != Some(seen) && other != Some(seen),
        None if signals.kind == Kind::SignIn => {
            known.peek().is_some() && !known.any(|language| language == seen)
        }
        None => false,
    }
}
