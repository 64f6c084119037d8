//! Properties of scoring for random users, sessions and events.
//!
//! ```text
//! PORTCULLIS_RISK_EVENTS   the number of events after which the size is checked. The default is
//!                          20000; 1000000 needs a release build.
//! ```
//!
//! An anomaly is a step of the ladders below: a new value instead of a known one, or a location
//! farther away. Three steps are no anomalies, by design:
//!
//! - to a relay, a VPN or a data centre: its location says little, so speed counts 0.4 times as
//!   much;
//! - to another country of a known provider: location databases are often wrong;
//! - to another version of a browser whose TLS client changed: the version explains the change.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::disallowed_methods, reason = "the size is for whoever runs it to choose")]

#[path = "support/rng.rs"]
mod rng;
#[path = "scoring/mod.rs"]
mod scored;

use portcullis::risk::{
    MAX_PROFILE_BYTES, NetworkKind, RequestContext, RiskAction, RiskAssessment, RiskEventKind,
    RiskPolicy, RiskProfile, RiskReason, SessionProfile, TokenStatus,
};
use proptest::prelude::*;
use scored::random::{Rng, Situation, request_context};
use scored::user::*;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A user with a history, and the next event.
fn situations(most: u64) -> impl Strategy<Value = (Situation, RequestContext<'static>)> {
    (any::<u64>(), 0..=most).prop_map(|(seed, events)| {
        let mut random = Rng(seed);
        let situation = Situation::from_seed(&mut random, events);
        let next = request_context(&mut random);
        (situation, next)
    })
}

impl std::fmt::Debug for Situation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { profile, session, policy, now, .. } = self;
        f.debug_struct("Situation")
            .field("now", now)
            .field("policy", policy)
            .field("session", session)
            .field("profile", profile)
            .finish()
    }
}

/// Tolerance for sums that were computed in another order.
const ROUNDING: f64 = 1e-9;

// Properties of every assessment.

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn every_score_is_a_number_from_0_to_100_and_its_reasons_add_up(
        (user, next) in situations(60),
    ) {
        let assessment = user.assess(&next);
        prop_assert!((0.0..=100.0).contains(&assessment.score));
        prop_assert!(assessment.evidence.is_finite());
        let sum: f64 = assessment.reasons.iter().map(|(_, nats)| nats).sum();
        prop_assert!((sum - assessment.evidence).abs() < ROUNDING, "{assessment:?}");
        prop_assert!(
            (drawn(assessment.evidence) - assessment.score).abs() < ROUNDING
                || assessment.score == 85.0
        );
        let mut names: Vec<_> =
            assessment.reasons.iter().map(|(reason, _)| reason.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        prop_assert_eq!(
            names.len(),
            assessment.reasons.len(),
            "no reason twice: {:?}",
            assessment.reasons
        );
    }

    #[test]
    fn all_missing_scores_30((mut user, _) in situations(60), kind in kinds()) {
        // The hour and alternating devices contribute without any signal.
        user.session = None;
        let none = RequestContext { kind, ..RequestContext::default() };
        let assessment = user.assess(&none);
        prop_assert!(assessment.evidence.abs() <= 0.7, "the hour alone: {assessment:?}");
        user.profile = RiskProfile::default();
        let assessment = user.assess(&none);
        prop_assert_eq!(
            (assessment.score, assessment.evidence, assessment.action),
            (30.0, 0.0, RiskAction::Allow)
        );
    }

    #[test]
    fn the_same_twice_is_the_same((user, next) in situations(20)) {
        let told = |assessment: RiskAssessment| format!("{assessment:?}");
        prop_assert_eq!(told(user.assess(&next)), told(user.clone().assess(&next)));
    }
}

/// The score for an evidence, implemented a second time.
fn drawn(nats: f64) -> f64 {
    let line = |from: (f64, f64), to: (f64, f64)| {
        from.1 + (nats - from.0) * (to.1 - from.1) / (to.0 - from.0)
    };
    match nats {
        n if n < -5.0 => 0.0,
        n if n < 0.0 => line((-5.0, 0.0), (0.0, 30.0)),
        n if n < 3.0 => line((0.0, 30.0), (3.0, 60.0)),
        n if n < 5.0 => line((3.0, 60.0), (5.0, 85.0)),
        n if n < 7.0 => line((5.0, 85.0), (7.0, 97.0)),
        n if n < 9.0 => line((7.0, 97.0), (9.0, 100.0)),
        _ => 100.0,
    }
}

fn kinds() -> impl Strategy<Value = RiskEventKind> {
    proptest::sample::select(vec![
        RiskEventKind::SignIn,
        RiskEventKind::Refresh,
        RiskEventKind::SessionCheck,
        RiskEventKind::StepUp,
    ])
}

// Properties of anomalies.

/// A browser that no user has.
const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15";

type Step = fn(&mut RequestContext<'static>);

/// Each input: first missing, then from the strongest evidence for the owner to the strongest
/// against.
const LADDERS: &[(&str, Step, &[Step])] = &[
    ("ip", |c| c.ip = None, &[|c| c.ip = home().ip, |c| c.ip = ip("198.18.77.1")]),
    ("asn", |c| c.asn = None, &[|c| c.asn = home().asn, |c| c.asn = Some(4_200_000_000)]),
    (
        "country",
        |c| c.country = None,
        &[|c| c.country = home().country, |c| c.country = Some("AQ")],
    ),
    (
        "place",
        |c| c.location = None,
        &[
            |c| c.location = home().location,
            |c| c.location = Some((50.0, 30.0)),
            |c| c.location = Some((-60.0, -150.0)),
        ],
    ),
    (
        "Tor",
        |c| c.network_kind = None,
        &[
            |c| c.network_kind = None,
            |c| c.network_kind = Some(NetworkKind::Residential),
            |c| c.network_kind = Some(NetworkKind::Tor),
        ],
    ),
    (
        "VPN",
        |c| c.network_kind = Some(NetworkKind::Relay),
        &[|c| c.network_kind = Some(NetworkKind::Vpn)],
    ),
    (
        "browser",
        |c| c.user_agent = None,
        &[
            |c| c.user_agent = Some(CHROME),
            |c| c.user_agent = Some(FIREFOX),
            |c| c.user_agent = Some(SAFARI),
        ],
    ),
    (
        "version",
        |c| c.user_agent = None,
        &[
            |c| c.user_agent = Some(CHROME),
            |c| {
                let is_explained = c.tls_fingerprint.is_some() && c.tls_fingerprint != Some(TLS);
                c.user_agent = Some(if is_explained { CHROME } else { CHROME_NEWER });
            },
            |c| c.user_agent = Some(CHROME_OLDER),
            |c| c.user_agent = Some(SAFARI),
        ],
    ),
    (
        "TLS client",
        |c| c.tls_fingerprint = None,
        &[
            |c| c.tls_fingerprint = Some(TLS),
            |c| c.tls_fingerprint = Some(TLS_OTHER),
            |c| c.tls_fingerprint = Some("never seen"),
        ],
    ),
    (
        "language",
        |c| c.language = None,
        &[|c| c.language = Some("de"), |c| c.language = Some("tlh")],
    ),
    (
        "round trip",
        |c| c.rtt_ms = None,
        &[|c| c.rtt_ms = Some(1.0), |c| c.rtt_ms = Some(200.0), |c| c.rtt_ms = Some(9_000.0)],
    ),
    (
        "refreshes",
        |c| c.refreshes_per_access_ttl = None,
        &[
            |c| c.refreshes_per_access_ttl = Some(0),
            |c| c.refreshes_per_access_ttl = Some(4),
            |c| c.refreshes_per_access_ttl = Some(11),
        ],
    ),
    (
        "token",
        |c| c.token_status = TokenStatus::None,
        &[
            |c| c.token_status = TokenStatus::ProofValid,
            |c| c.token_status = TokenStatus::None,
            |c| c.token_status = TokenStatus::ReusedInGrace,
            |c| c.token_status = TokenStatus::Forked,
            |c| c.token_status = TokenStatus::Reused,
        ],
    ),
    (
        "device cookie",
        |c| c.device = None,
        &[|c| c.device = Some(Some(b"laptop")), |c| c.device = Some(None)],
    ),
];

/// A user with any history, who was at home just now and in Firefox shortly before; and an event in
/// which each input is missing or on any of its steps.
fn ladders() -> impl Strategy<Value = (Situation, RequestContext<'static>)> {
    let steps = proptest::collection::vec(0usize..6, LADDERS.len());
    (situations(60), steps, 0u64..4, kinds()).prop_map(|((mut user, _), steps, turns, kind)| {
        let laptop: Option<Option<&[u8]>> = Some(Some(b"laptop"));
        let firefox = RequestContext {
            user_agent: Some(FIREFOX),
            tls_fingerprint: Some(TLS_OTHER),
            device: laptop,
            ..home()
        };
        let chrome = RequestContext { device: laptop, ..home() };
        user.now = user.latest + HOUR;
        user.accept(&RequestContext { kind: RiskEventKind::SignIn, ..chrome });
        for _ in 0..=turns {
            user.now += MINUTE;
            user.accept(&firefox);
            user.accept(&chrome);
        }
        let mut next = RequestContext { kind, ..RequestContext::default() };
        for ((_, without, ladder), step) in LADDERS.iter().zip(steps) {
            ladder.get(step).unwrap_or(without)(&mut next);
        }
        (user, next)
    })
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn adding_an_anomaly_never_lowers_the_evidence((user, next) in ladders()) {
        for (name, _, ladder) in LADDERS {
            let evidence = on_each(&user, next, ladder);
            prop_assert!(
                evidence.is_sorted_by(|one, other| *one <= other + ROUNDING),
                "{name}: {evidence:?} of {next:?}"
            );
        }
    }

    #[test]
    fn a_missing_input_never_scores_above_its_worst_value((user, next) in ladders()) {
        for (name, without, ladder) in LADDERS {
            let worst = on_each(&user, next, ladder).into_iter().fold(f64::NEG_INFINITY, f64::max);
            let missing = on_each(&user, next, &[*without])[0];
            prop_assert!(
                missing <= worst + ROUNDING,
                "{name}: {missing} above {worst} of {next:?}"
            );
        }
    }
}

fn on_each(user: &Situation, event: RequestContext<'static>, ladder: &[Step]) -> Vec<f64> {
    let on = |step: &Step| {
        let mut event = event;
        step(&mut event);
        user.assess(&event).evidence
    };
    ladder.iter().map(on).collect()
}

/// Every ladder has a step that changes the score of some user.
#[test]
fn every_ladder_rises() {
    let mut user = Situation::from_seed(&mut Rng(1), 0);
    user.policy.device_cookie = true;
    let laptop: Option<Option<&[u8]>> = Some(Some(b"laptop"));
    (0..20).for_each(|_| {
        user.accept(&RequestContext {
            kind: RiskEventKind::SignIn,
            device: laptop,
            rtt_ms: Some(9.0),
            ..home()
        });
        user.now += DAY;
    });
    for (name, without, ladder) in LADDERS {
        let rises = [RiskEventKind::SignIn, RiskEventKind::Refresh].into_iter().any(|kind| {
            let mut bare = RequestContext { kind, ..home() };
            if *name != "ip" {
                bare.ip = ip("198.18.77.1");
            }
            if !["ip", "asn"].contains(name) {
                bare.asn = None;
            }
            without(&mut bare);
            let evidence = on_each(&user, bare, ladder);
            let first = on_each(&user, bare, &[*without])[0];
            evidence.last() > evidence.first().filter(|_| evidence.len() > 1).or(Some(&first))
        });
        assert!(rises, "{name}");
    }
}

// Properties of addresses.

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn an_ip_change_alone_never_revokes_and_with_a_known_asn_never_steps_up_after_20_events(
        (mut user, _) in situations(80),
        days in 20u64..200,
        at in 0..DAY,
        told in any::<[bool; 4]>(),
    ) {
        let [agent, tls, language, place] = told;
        let at_home = RequestContext {
            user_agent: home().user_agent.filter(|_| agent),
            tls_fingerprint: home().tls_fingerprint.filter(|_| tls),
            language: home().language.filter(|_| language),
            location: home().location.filter(|_| place),
            ..home()
        };
        // A new session, so that only the address is tested.
        user.session = None;
        user.now = user.latest;
        for _ in 0..days {
            user.now += DAY;
            user.accept(&at_home);
        }
        user.now += at;
        let moved = user.assess(&RequestContext { ip: ip("198.18.77.1"), ..at_home });
        prop_assert_eq!(moved.action, RiskAction::Allow, "{:?}", moved);
        user.policy = RiskPolicy::default();
        user.policy.revoke_score = 60.0;
        let other_country = RequestContext {
            asn: Some(4_200_000_000),
            country: Some("AQ"),
            location: Some((-60.0, -150.0)),
            ..at_home
        };
        let abroad = user.assess(&RequestContext {
            ip: ip("198.18.77.1"),
            network_kind: Some(NetworkKind::Tor),
            ..other_country
        });
        prop_assert_ne!(abroad.action, RiskAction::Revoke, "{:?}", abroad);
    }

    #[test]
    fn a_clock_that_goes_backwards_counts_as_one_minute(
        lat in -90.0..90.0,
        lon in -180.0..180.0,
        back in 0..40 * DAY,
        vague in any::<bool>(),
    ) {
        let mut user = User::new();
        let network_kind = vague.then_some(NetworkKind::Mobile);
        let place = |place| RequestContext {
            kind: RiskEventKind::Refresh,
            location: Some(place),
            network_kind,
            ..RequestContext::default()
        };
        let start = START + 40 * DAY;
        user.accept(&RequestContext { country: Some("DE"), ..place((50.0, 10.0)) }, start);
        let [before, minute, later] =
            [start - back, start + MINUTE, start + MINUTE + 1].map(|at| {
                nats(&user.assess(&place((lat, lon)), at), RiskReason::TravelVelocity)
            });
        prop_assert_eq!(before, minute);
        prop_assert!(later <= minute);
    }
}

// Properties of learning.

/// Events within hours, on a handful of networks.
fn hours() -> impl Strategy<Value = Vec<(u8, u8, u8)>> {
    proptest::collection::vec((0u8..5, 0u8..11, any::<u8>()), 1..200)
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn a_patient_attacker_cannot_poison_the_profile_past_the_hourly_cap(events in hours()) {
        let mut events = events;
        events.sort_unstable();
        let mut user = User::settled(20);
        let before = user.profile.learned_events();
        let mut once = user.clone();
        let mut counted = std::collections::BTreeSet::new();
        for (hour, network, variant) in events {
            let at = (START + 30 * DAY) / HOUR * HOUR
                + u64::from(hour) * HOUR
                + u64::from(variant) * 10_000;
            // Even networks are IPv6 customers with another /64 for each event; one network has no
            // address.
            let address = match network {
                0 => None,
                even if even % 2 == 0 => ip(&format!("2001:db8:{even}:{variant}::1")),
                odd => ip(&format!("198.18.{odd}.{variant}")),
            };
            let event = RequestContext {
                ip: address,
                asn: Some(64_501),
                country: Some("BR"),
                user_agent: None,
                ..home()
            };
            user.accept(&event, at);
            // Without an address each hour counts once, whatever else happened in it.
            if counted.insert((hour, network))
                && (network > 0 || counted.range((hour, 1)..(hour, 99)).next().is_none())
            {
                once.accept(&event, at);
            }
        }
        let learned = user.profile.learned_events() - before;
        prop_assert!(learned as usize <= counted.len(), "{learned} of {}", counted.len());
        prop_assert_eq!(learned, once.profile.learned_events() - before);
    }

    #[test]
    fn asking_a_thousand_times_within_the_hour_is_asking_once((user, next) in situations(40)) {
        let next = RequestContext {
            kind: RiskEventKind::Refresh,
            tls_fingerprint: None,
            rtt_ms: None,
            ..next
        };
        let mut once = user.clone();
        once.now = once.latest / HOUR * HOUR + HOUR;
        once.accept(&next);
        let mut often = once.clone();
        for _ in 0..1_000 {
            often.now += 3_000;
            often.accept(&next);
        }
        let strip = |user: &Situation| (user.profile.learned_events(), counts(&user.profile));
        prop_assert_eq!(strip(&once), strip(&often));
    }

    #[test]
    fn merging_is_commutative_associative_and_idempotent(
        seed in any::<u64>(),
        lengths in any::<[u8; 4]>(),
    ) {
        // Three copies of one user's profile that diverged.
        let mut random = Rng(seed);
        let root = Situation::from_seed(&mut random, lengths[3].into());
        let [a, b, c] = [lengths[0], lengths[1], lengths[2]].map(|length| {
            let mut copy = root.clone();
            for _ in 0..length {
                let next = request_context(&mut random);
                copy.accept(&next);
                copy.pass(&mut random);
            }
            copy.profile
        });
        let merge = |one: &RiskProfile, other: &RiskProfile| one.clone().merge(other);
        prop_assert_eq!(merge(&a, &b), merge(&b, &a));
        prop_assert_eq!(merge(&merge(&a, &b), &c), merge(&a, &merge(&b, &c)));
        prop_assert_eq!(&merge(&a, &a), &a);
        prop_assert_eq!(&merge(&merge(&a, &b), &b), &merge(&a, &b));
        prop_assert_eq!(&merge(&a, &RiskProfile::default()), &a);
        // A merged profile is at least as familiar with every value as each part.
        prop_assert!(merge(&a, &b).learned_events() >= a.learned_events().max(b.learned_events()));
        let stored = |profile: &RiskProfile| {
            RiskProfile::from_bytes(&profile.to_bytes()).expect("a profile")
        };
        prop_assert_eq!(merge(&stored(&a), &stored(&b)), stored(&merge(&a, &b)));
    }
}

/// The stored counts of a profile.
fn counts(profile: &RiskProfile) -> Vec<u64> {
    let bytes = profile.to_bytes();
    let mut number_list = Vec::new();
    let mut number = 0u64;
    let mut shift = 0;
    for byte in &bytes[1..] {
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            number_list.push(number);
            (number, shift) = (0, 0);
        }
        if number_list.len() == 10 {
            break;
        }
    }
    // The learned events and the last event precede them.
    number_list.split_off(2)
}

#[test]
fn the_size_is_bounded_after_very_many_events() {
    let events = std::env::var("PORTCULLIS_RISK_EVENTS")
        .map_or(20_000, |events| events.parse().expect("a number"));
    let mut random = Rng(1);
    let mut user = Situation::from_seed(&mut random, 0);
    let mut largest = (0, 0);
    for event in 0..events {
        let next = request_context(&mut random);
        user.accept(&next);
        // Mostly within one half-life, because older networks are evicted.
        user.now += random.below(2 * HOUR);
        if event % 64 == 0 {
            let bytes = user.profile.to_bytes();
            largest.0 = largest.0.max(bytes.len());
            largest.1 = largest.1.max(user.session.expect("a session").to_bytes().len());
            assert_eq!(RiskProfile::from_bytes(&bytes).as_ref(), Some(&user.profile));
        }
    }
    println!("at most {} bytes of a profile, {} of a session", largest.0, largest.1);
    assert!(largest.0 <= MAX_PROFILE_BYTES && largest.0 > 400, "{largest:?}");
    assert!(largest.1 <= 80, "{largest:?}");
}

// Properties of the encoding.

/// Bytes in the form of a profile with arbitrary content.
fn shaped() -> impl Strategy<Value = Vec<u8>> {
    let small = prop_oneof![3 => 0u32..4, 3 => 11_100_000u32..11_200_000, 1 => any::<u32>()];
    let values = proptest::collection::vec(small, 200);
    let sizes = (0u32..=13, 0u32..=9, 0u32..=7, 0u32..=9);
    (values, sizes, any::<u64>(), any::<[bool; 3]>()).prop_map(|(values, sizes, last, has)| {
        let mut values = values.into_iter().cycle();
        let mut bytes = vec![1];
        number(&mut bytes, values.next().unwrap_or(0).into());
        number(&mut bytes, last);
        let mut heats = |bytes: &mut Vec<u8>, count: u32| {
            (0..count).for_each(|_| number(bytes, values.next().unwrap_or(0).into()));
        };
        heats(&mut bytes, 10);
        // Feature hashes have four bytes; few values are used, so that keys repeat.
        number(&mut bytes, sizes.0.into());
        for entry in 0..sizes.0 {
            bytes.extend((entry % 5 + 1).to_le_bytes());
            heats(&mut bytes, 2);
            bytes.extend((entry % 2).to_le_bytes());
        }
        for size in [sizes.1, sizes.2] {
            number(&mut bytes, size.into());
            for entry in 0..size {
                bytes.extend((entry % 4 + 1).to_le_bytes());
                heats(&mut bytes, 1);
            }
        }
        number(&mut bytes, sizes.3.into());
        for entry in 0..sizes.3 {
            heats(&mut bytes, 2);
            [entry % 3, entry % 2, entry]
                .into_iter()
                .for_each(|tag| bytes.extend(tag.to_le_bytes()));
        }
        heats(&mut bytes, 24);
        bytes.push(has[0].into());
        if has[0] {
            number(&mut bytes, last);
            bytes.extend([0xff, 0x7f, 0x00, 0x80, 7]);
        }
        bytes.push(has[1].into());
        if has[1] {
            number(&mut bytes, last);
            bytes.extend([0, 0]);
        }
        // The keys of the first four differ.
        if has[2] {
            heats(&mut bytes, sizes.1.min(4));
        }
        bytes
    })
}

fn number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// A profile that is accepted behaves like any other.
fn check_bytes(bytes: &[u8], now: u64) -> std::result::Result<(), TestCaseError> {
    if let Some(profile) = RiskProfile::from_bytes(bytes) {
        let stored = profile.to_bytes();
        prop_assert!(stored.len() <= MAX_PROFILE_BYTES);
        let again = RiskProfile::from_bytes(&stored);
        prop_assert_eq!(again.as_ref(), Some(&profile));
        prop_assert_eq!(&profile.clone().merge(&profile), &profile);
        let mut user = User { profile, ..User::new() };
        for event in [
            home(),
            thief(),
            RequestContext { kind: RiskEventKind::SignIn, rtt_ms: Some(1.0), ..thief() },
        ] {
            let assessment = user.assess(&event, now);
            prop_assert!(
                (0.0..=100.0).contains(&assessment.score) && assessment.evidence.is_finite(),
                "{assessment:?}"
            );
            user.accept(&event, now);
            prop_assert!(user.profile.to_bytes().len() <= MAX_PROFILE_BYTES);
        }
    }
    if let Some(session) = SessionProfile::from_bytes(bytes) {
        prop_assert_eq!(SessionProfile::from_bytes(&session.to_bytes()), Some(session));
        let mut user = User { session, ..User::settled(6) };
        for event in [home(), thief()] {
            let assessment = user.assess(&event, now);
            prop_assert!(
                (0.0..=100.0).contains(&assessment.score) && assessment.evidence.is_finite(),
                "{assessment:?}"
            );
            user.accept(&event, now);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn what_is_written_is_read((user, _) in situations(60)) {
        prop_assert_eq!(RiskProfile::from_bytes(&user.profile.to_bytes()), Some(user.profile));
        if let Some(session) = user.session {
            prop_assert_eq!(SessionProfile::from_bytes(&session.to_bytes()), Some(session));
        }
    }

    #[test]
    fn any_bytes_are_refused_or_a_profile(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        now in any::<u64>(),
    ) {
        check_bytes(&bytes, now)?;
        check_bytes(&[&[1], &bytes[..]].concat(), now)?;
    }

    #[test]
    fn bytes_of_the_right_shape_are_a_profile_or_refused(
        bytes in shaped(),
        now in prop_oneof![Just(START), any::<u64>()],
    ) {
        check_bytes(&bytes, now)?;
    }

    #[test]
    fn bytes_that_were_changed_are_refused_or_a_profile(
        (user, _) in situations(30),
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
        how in 0..4,
    ) {
        for mut bytes in [user.profile.to_bytes(), user.session.unwrap_or_default().to_bytes()] {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => drop(bytes.drain(at..=at)),
                _ => bytes.truncate(at),
            }
            check_bytes(&bytes, user.now)?;
        }
    }
}

/// Most generated profiles are accepted.
#[test]
fn the_right_shape_is_right() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let taken = (0..200)
        .filter(|_| {
            let tree =
                proptest::strategy::Strategy::new_tree(&shaped(), &mut runner).expect("bytes");
            RiskProfile::from_bytes(&proptest::strategy::ValueTree::current(&tree)).is_some()
        })
        .count();
    assert!(taken > 100, "{taken} of 200");
}
