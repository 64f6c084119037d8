//! Hostile contexts: a malformed value counts as missing, and nothing traps.

use crate::scored::user::*;
use portcullis::foundation::time::Timestamp;
use portcullis::risk::{
    ClientHints, FeatureHasher, RequestContext, RiskAssessment, RiskEventKind, RiskPolicy,
    RiskProfile, SessionProfile, Signals, assess,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const YEAR_9999: u64 = 253_402_300_799_000;

#[track_caller]
fn sane(assessment: &RiskAssessment) {
    let is_sane = (0.0..=100.0).contains(&assessment.score)
        && assessment.evidence.is_finite()
        && assessment.reasons.iter().all(|(_, nats)| nats.is_finite());
    assert!(is_sane, "{assessment:?}");
}

/// Asserts that a context has the score of an empty one.
#[track_caller]
fn ignored(case: &str, context: &RequestContext<'_>, without: &RequestContext<'_>) {
    let mut user = User::settled(20);
    let at = START + 20 * DAY;
    let [is, of] = [context, without].map(|context| user.assess(context, at));
    sane(&is);
    assert_eq!((is.reasons, is.missing_signals), (of.reasons, of.missing_signals), "{case}");
    let mut other = user.clone();
    user.accept(context, at);
    other.accept(without, at);
    assert_eq!((user.profile, user.session), (other.profile, other.session), "{case}");
}

#[test]
fn a_place_that_is_not_on_earth_is_not_told() {
    let none = RequestContext { location: None, ..home() };
    let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, -1e308, 180.000_001];
    for bad in bad {
        for place in [(bad, 0.0), (0.0, bad), (bad, bad)] {
            ignored(
                &format!("{place:?}"),
                &RequestContext { location: Some(place), ..home() },
                &none,
            );
        }
    }
    ignored("90.1 degrees north", &RequestContext { location: Some((90.1, 0.0)), ..home() }, &none);
}

#[test]
fn the_edges_of_the_earth_are_places() {
    let edges = [
        (90.0, 180.0),
        (-90.0, -180.0),
        (0.0, 180.0),
        (0.0, -180.0),
        (5e-324, -5e-324),
        (-0.0, 0.0),
    ];
    for from in edges {
        for to in edges {
            let mut user = User::settled(20);
            user.accept(&RequestContext { location: Some(from), ..home() }, START + 20 * DAY);
            sane(&user.assess(&RequestContext { location: Some(to), ..thief() }, START + 20 * DAY));
        }
    }
}

#[test]
fn a_round_trip_that_took_no_time_or_for_ever_is_not_told() {
    for rtt in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0, -1.0, 60_000.1, 1e308] {
        ignored(&rtt.to_string(), &RequestContext { rtt_ms: Some(rtt), ..home() }, &home());
    }
    for rtt in [5e-324, 0.1, 60_000.0] {
        let mut user = User::settled(20);
        (0..100).for_each(|hour| {
            user.accept(
                &RequestContext { rtt_ms: Some(rtt), ..home() },
                START + (480 + hour) * HOUR,
            )
        });
        sane(&user.assess(&RequestContext { rtt_ms: Some(60_000.0), ..thief() }, START + 30 * DAY));
    }
}

#[test]
fn a_provider_is_a_number_above_0() {
    ignored(
        "0",
        &RequestContext { asn: Some(0), ..home() },
        &RequestContext { asn: None, ..home() },
    );
    let largest = RequestContext { asn: Some(u32::MAX), ..home() };
    let mut user = User::settled(20);
    sane(&user.assess(&largest, START + 20 * DAY));
    user.accept(&largest, START + 20 * DAY);
}

#[test]
fn what_is_no_country_is_not_told() {
    let none = RequestContext { country: None, ..home() };
    let long = "DE".repeat(500_000);
    for country in ["", "D", "DEU", "T1", "XX", "xx", "d3", "\u{e9}", "\u{fffd}", "\0\0", &long] {
        ignored(
            country.get(..8).unwrap_or(country),
            &RequestContext { country: Some(country), ..home() },
            &none,
        );
    }
    ignored("the same", &RequestContext { country: Some("de"), ..home() }, &home());
}

#[test]
fn an_empty_text_is_not_told() {
    ignored(
        "language",
        &RequestContext { language: Some(""), ..home() },
        &RequestContext { language: None, ..home() },
    );
    ignored(
        "TLS",
        &RequestContext { tls_fingerprint: Some(""), ..home() },
        &RequestContext { tls_fingerprint: None, ..home() },
    );
    let hints = ClientHints { brands: "", platform: Some(""), mobile: Some(true) };
    ignored("hints", &RequestContext { hints: Some(hints), ..home() }, &home());
}

/// A megabyte in every field. A lone surrogate arrives from JavaScript as U+FFFD.
#[test]
fn a_megabyte_of_everything_is_judged_like_any_other_text() {
    for unit in ["\u{fffd}", "_", "Chrome/99999999999", "(", "; "] {
        let text = unit.repeat(1_048_576 / unit.len());
        let hints = ClientHints { brands: &text, platform: Some(&text), mobile: Some(true) };
        let request_context = RequestContext {
            user_agent: Some(&text),
            hints: Some(hints),
            language: Some(&text),
            tls_fingerprint: Some(&text),
            country: Some(&text),
            device: Some(Some(text.as_bytes())),
            ..thief()
        };
        let mut user = User::settled(20);
        for kind in [RiskEventKind::SignIn, RiskEventKind::Refresh] {
            let request_context = RequestContext { kind, ..request_context };
            sane(&user.assess(&request_context, START + 20 * DAY));
            user.accept(&request_context, START + 20 * DAY);
        }
        assert!(user.profile.to_bytes().len() <= portcullis::risk::MAX_PROFILE_BYTES);
    }
}

#[test]
fn versions_of_browsers_are_numbers_or_nothing() {
    for version in [
        "0",
        "65535",
        "65536",
        "4294967295",
        "4294967296",
        "99999999999999999999",
        "-1",
        "",
        "1e9",
        "\u{664}",
    ] {
        let text = CHROME.replace("140", version);
        let mut user = User::settled(20);
        let odd = RequestContext { user_agent: Some(&text), ..home() };
        sane(&user.assess(&odd, START + 20 * DAY));
        user.accept(&odd, START + 20 * DAY);
        sane(&user.assess(&home(), START + 20 * DAY));
    }
}

#[test]
fn another_users_profile_and_session_are_strange_and_no_more() {
    let user = User::settled(20);
    let other = FeatureHasher::new(&[7; 32], b"another");
    for context in [home(), thief(), RequestContext { kind: RiskEventKind::SignIn, ..home() }] {
        let signals = Signals::from_context(&context, &other);
        let now = Timestamp::from_ms(START + 20 * DAY);
        let assessment =
            assess(&user.profile, Some(&user.session), &signals, &RiskPolicy::default(), now);
        sane(&assessment);
        assert!(assessment.score > 60.0, "{assessment:?}");
    }
}

#[test]
fn every_time_a_clock_can_show_is_one_to_live_in() {
    let times = [1, 2, 59_999, HOUR, START, 1 << 53, YEAR_9999 - 1, YEAR_9999, u64::MAX];
    for first in times {
        for second in times {
            let mut user = User::new();
            for at in [first, second, first, second] {
                for context in [
                    home(),
                    thief(),
                    RequestContext { kind: RiskEventKind::SignIn, rtt_ms: Some(9.0), ..home() },
                ] {
                    sane(&user.assess(&context, at));
                    user.accept(&context, at);
                    sane(&user.assess(&context, at));
                }
            }
            let bytes = user.profile.to_bytes();
            assert!(bytes.len() <= portcullis::risk::MAX_PROFILE_BYTES);
            assert_eq!(RiskProfile::from_bytes(&bytes).as_ref(), Some(&user.profile));
            assert_eq!(SessionProfile::from_bytes(&user.session.to_bytes()), Some(user.session));
        }
    }
}

/// Stored counts grow with time and take as many bytes as they need. Around every length the
/// decoded profile is equal to the encoded one.
#[test]
fn at_the_edges_of_its_lengths_a_number_is_read_as_it_was_written() {
    // One step of a decayed count in milliseconds (30 days by 16,384); each hour is counted.
    const STEP: u64 = 2_592_000_000 / 16_384;
    for bits in [7, 14, 21, 28, 32] {
        for around in 0..=4 {
            for unit in [STEP, HOUR] {
                let at = ((1_u64 << bits) + around - 2) * unit;
                let mut user = User::new();
                for kind in [RiskEventKind::SignIn, RiskEventKind::Refresh] {
                    user.accept(&RequestContext { kind, ..home() }, at);
                }
                let bytes = user.profile.to_bytes();
                assert_eq!(
                    RiskProfile::from_bytes(&bytes),
                    Some(user.profile),
                    "{bits} bits, {around}, {unit}"
                );
            }
        }
    }
}
