//! The action for a score: the table of actions row by row, and the histories that it was designed
//! for.

use crate::scored::crafted::{FeatureCounts, MOVER, NOW, user};
use crate::scored::user::*;
use portcullis::foundation::time::Timestamp;
use portcullis::risk::{
    NetworkKind, RequestContext, RiskAction, RiskAssessment, RiskEventKind, RiskPolicy,
    RiskPolicyInput, RiskProfile, RiskReason, TokenStatus,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const KINDS: [RiskEventKind; 4] = [
    RiskEventKind::SignIn,
    RiskEventKind::Refresh,
    RiskEventKind::SessionCheck,
    RiskEventKind::StepUp,
];

fn none(kind: RiskEventKind) -> RequestContext<'static> {
    RequestContext { kind, ..RequestContext::default() }
}

/// A context of a known user with only these two signals.
fn with(refreshes: u32, token_fact: TokenStatus) -> RequestContext<'static> {
    RequestContext {
        refreshes_per_access_ttl: Some(refreshes),
        token_status: token_fact,
        ..none(RiskEventKind::Refresh)
    }
}

fn policy(step_up_score: Option<f64>, revoke_score: Option<f64>) -> RiskPolicy {
    RiskPolicy::new(&RiskPolicyInput { step_up_score, revoke_score, ..Default::default() })
        .expect("a policy")
}

// The table of actions.

#[test]
fn allow_below_60() {
    let user = user(&home(), &MOVER);
    for context in [
        none(RiskEventKind::Refresh),
        with(4, TokenStatus::None),
        with(4, TokenStatus::ReusedInGrace),
        home(),
    ] {
        let assessment = user.assess(&context, NOW);
        assert!(
            assessment.score < 60.0 && assessment.action == RiskAction::Allow,
            "{assessment:?}"
        );
    }
}

#[test]
fn step_up_from_60_on() {
    let user = user(&home(), &MOVER);
    let assessment = user.assess(&with(11, TokenStatus::None), NOW);
    assert_eq!((assessment.score, assessment.action), (60.0, RiskAction::StepUp));
    let assessment = user.assess(&with(11, TokenStatus::Forked), NOW);
    assert_eq!(
        (assessment.score, assessment.action),
        (97.0, RiskAction::StepUp),
        "nothing is told of network and browser"
    );
}

#[test]
fn revoke_for_a_hard_fact() {
    let user = user(&home(), &MOVER);
    for fact in [TokenStatus::Reused, TokenStatus::ProofInvalid] {
        for kind in [RiskEventKind::Refresh, RiskEventKind::SessionCheck, RiskEventKind::StepUp] {
            let request_context = RequestContext { kind, token_status: fact, ..home() };
            assert_eq!(
                user.assess(&request_context, NOW).action,
                RiskAction::Revoke,
                "{kind:?}, {fact:?}"
            );
        }
    }
    for fact in [
        TokenStatus::None,
        TokenStatus::ReusedInGrace,
        TokenStatus::Forked,
        TokenStatus::ProofValid,
    ] {
        assert_ne!(
            user.assess(&RequestContext { token_status: fact, ..home() }, NOW).action,
            RiskAction::Revoke,
            "{fact:?}"
        );
    }
}

#[test]
fn revoke_from_97_on_with_the_network_and_the_browser_against_it() {
    let user = user(&home(), &MOVER);
    let thief = RequestContext { location: None, ..thief() };
    assert_eq!(user.assess(&thief, NOW).action, RiskAction::Revoke);
    let rows = [
        (
            "the network is the user's",
            RequestContext {
                refreshes_per_access_ttl: Some(11),
                token_status: TokenStatus::Forked,
                ip: home().ip,
                ..thief
            },
        ),
        (
            "the network is not told",
            RequestContext {
                ip: None,
                asn: None,
                country: None,
                refreshes_per_access_ttl: Some(11),
                ..thief
            },
        ),
        (
            "the browser is the session's",
            RequestContext {
                user_agent: Some(CHROME),
                refreshes_per_access_ttl: Some(11),
                token_status: TokenStatus::Forked,
                ..thief
            },
        ),
        (
            "the browser is newer",
            RequestContext {
                user_agent: Some(CHROME_NEWER),
                refreshes_per_access_ttl: Some(11),
                token_status: TokenStatus::Forked,
                ..thief
            },
        ),
        (
            "the browser is not told",
            RequestContext {
                user_agent: None,
                refreshes_per_access_ttl: Some(11),
                token_status: TokenStatus::Forked,
                ..thief
            },
        ),
    ];
    for (case, context) in rows {
        let assessment = user.assess(&context, NOW);
        assert_eq!(assessment.action, RiskAction::StepUp, "{case}: {assessment:?}");
    }
    // The evidence is 3.17 + 5 = 8.17 and 1.36 + 5 = 6.36 nats.
    let older = RequestContext { user_agent: Some(CHROME_OLDER), tls_fingerprint: None, ..thief };
    assert_eq!(user.assess(&older, NOW).action, RiskAction::Revoke);
    let near = user.assess(&RequestContext { country: Some("DE"), ..older }, NOW);
    assert!(near.score < 97.0 && near.action == RiskAction::StepUp, "{near:?}");
}

#[test]
fn the_policy_moves_both_thresholds() {
    let mut user = user(&home(), &MOVER);
    let older = RequestContext {
        user_agent: Some(CHROME_OLDER),
        tls_fingerprint: None,
        country: Some("DE"),
        location: None,
        ..thief()
    };
    user.policy = policy(None, Some(90.0));
    assert_eq!(user.assess(&older, NOW).action, RiskAction::Revoke);
    user.policy = policy(Some(100.0), Some(100.0));
    assert_eq!(user.assess(&older, NOW).action, RiskAction::Allow);
    user.policy = policy(Some(31.0), None);
    assert_eq!(user.assess(&with(0, TokenStatus::ReusedInGrace), NOW).action, RiskAction::StepUp);
}

#[test]
fn a_sign_in_is_never_revoked() {
    let mut user = user(&home(), &MOVER);
    user.policy = policy(Some(31.0), Some(60.0));
    for token_fact in
        [TokenStatus::None, TokenStatus::Reused, TokenStatus::ProofInvalid, TokenStatus::Forked]
    {
        let request_context = RequestContext {
            kind: RiskEventKind::SignIn,
            token_status: token_fact,
            refreshes_per_access_ttl: Some(99),
            ..thief()
        };
        for assessment in
            [user.assess(&request_context, NOW), user.assess_alone(&request_context, NOW)]
        {
            assert_eq!(assessment.action, RiskAction::StepUp, "{assessment:?}");
        }
    }
}

#[test]
fn an_address_alone_never_revokes_and_of_a_known_provider_never_asks() {
    for events in [0.0, 1.0, 4.0, 16.0, 128.0, 1024.0] {
        for told in [
            home(),
            RequestContext { tls_fingerprint: None, ..home() },
            RequestContext { user_agent: None, tls_fingerprint: None, ..home() },
        ] {
            // The most unusual hour: all 32 earlier events were at noon.
            let mut hours = [0.0; 24];
            hours[12] = 32.0;
            let networks = [events, 0.0, 0.0, 0.0];
            let mut user = user(
                &told,
                &FeatureCounts { networks, hours, learned: 20, heat: events.max(1.0), ..MOVER },
            );
            let moved = RequestContext { ip: ip("203.0.113.9"), ..told };
            assert_eq!(
                user.assess(&moved, NOW).action,
                RiskAction::Allow,
                "{events}: {:?}",
                user.assess(&moved, NOW)
            );
            user.policy = policy(None, Some(60.0));
            let abroad = RequestContext {
                asn: Some(64_501),
                country: Some("BR"),
                location: Some((-23.5, -46.5)),
                ..moved
            };
            assert_ne!(user.assess(&abroad, NOW).action, RiskAction::Revoke, "{events}");
        }
    }
}

#[test]
fn a_tls_client_alone_never_revokes() {
    let mut user = user(&home(), &FeatureCounts { tls: [1024.0, 0.0], ..MOVER });
    user.policy = policy(None, Some(60.0));
    for context in [home(), thief()] {
        let request_context = RequestContext {
            tls_fingerprint: Some(TLS_OTHER),
            user_agent: Some(CHROME),
            ..context
        };
        let assessment = user.assess(&request_context, NOW);
        assert_ne!(assessment.action, RiskAction::Revoke, "{assessment:?}");
        assert!(nats(&assessment, RiskReason::TlsChanged) > 2.0);
    }
}

// Cold start.

#[test]
fn below_5_events_and_after_90_idle_days_only_hard_facts_revoke() {
    const IDLE: u64 = 90 * DAY;
    for (case, learned, later, learns) in [
        ("the fourth", 4, 0, true),
        ("the fifth", 5, 0, false),
        ("a moment before", 20, IDLE - 1, false),
        ("90 days", 20, IDLE, true),
        ("a year", u64::from(u32::MAX), 365 * DAY, true),
    ] {
        let mut user = user(&home(), &FeatureCounts { learned, ..MOVER });
        for revoke_score in [60.0, 97.0] {
            user.policy = policy(None, Some(revoke_score));
            let thief = user.assess(&RequestContext { location: None, ..thief() }, NOW + later);
            let (score, action) =
                if learns { (85.0, RiskAction::StepUp) } else { (100.0, RiskAction::Revoke) };
            assert!(
                thief.evidence >= 9.0 && thief.score == score && thief.action == action,
                "{case}: {thief:?}"
            );
            let reused = user.assess(
                &RequestContext { token_status: TokenStatus::Reused, ..home() },
                NOW + later,
            );
            assert_eq!(reused.action, RiskAction::Revoke, "{case}");
        }
    }
}

// Histories of users.

#[test]
fn where_nothing_is_known_the_score_is_30() {
    for kind in KINDS {
        for user in [User::new(), user(&home(), &MOVER)] {
            let assessment = user.assess(&none(kind), NOW);
            assert_eq!((assessment.score, assessment.evidence), (30.0, 0.0), "{assessment:?}");
            assert_eq!((assessment.action, assessment.reasons.len()), (RiskAction::Allow, 0));
        }
    }
    let names: Vec<_> =
        User::new().assess(&none(RiskEventKind::SignIn), START).missing_signals.names().collect();
    assert_eq!(names, portcullis::risk::MissingSignals::NAMES);
    let names: Vec<_> =
        user(&home(), &MOVER).assess(&home(), NOW).missing_signals.names().collect();
    assert_eq!(names, ["network_kind", "client_hints", "rtt", "device", "refreshes"]);
}

#[test]
fn at_home_nothing_is_strange() {
    let assessment = User::settled(20).assess(&home(), START + 20 * DAY);
    assert!(assessment.score < 10.0, "{assessment:?}");
}

#[test]
fn a_token_from_another_country_with_another_browser_is_revoked() {
    for days in [5, 20, 300] {
        let assessment =
            User::settled(days).assess(&thief(), START + (days - 1) * DAY + 5 * MINUTE);
        assert_eq!(assessment.action, RiskAction::Revoke, "{assessment:?}");
        let has = |reason| nats(&assessment, reason) > 0.0;
        assert!(
            has(RiskReason::CountryNew)
                && has(RiskReason::BrowserChanged)
                && has(RiskReason::TravelVelocity)
        );
    }
}

#[test]
fn a_train_is_no_theft() {
    let mut user = User::settled(20);
    for minute in 0..60u8 {
        let ip = std::net::Ipv4Addr::new(198, 51, minute, 9).into();
        let place = Some((52.5 + f64::from(minute) / 60.0, 13.5));
        let request_context =
            RequestContext { ip: Some(ip), asn: Some(64_502), location: place, ..home() };
        let at = START + 19 * DAY + u64::from(minute) * 5 * MINUTE;
        let assessment = user.assess(&request_context, at);
        assert_eq!(assessment.action, RiskAction::Allow, "minute {minute}: {assessment:?}");
        user.accept(&request_context, at);
    }
}

/// A user on a first trip needs one step-up and keeps the session.
#[test]
fn the_first_train_after_a_year_at_home_is_no_theft() {
    let mut user = User::new();
    (0..365 * 8).for_each(|events| user.accept(&home(), START + events * 3 * HOUR));
    let mut asked = 0;
    for minute in 0..60u8 {
        let ip = std::net::Ipv4Addr::new(198, 51, minute, 9).into();
        let request_context = RequestContext {
            ip: Some(ip),
            asn: Some(64_502),
            network_kind: Some(NetworkKind::Mobile),
            ..home()
        };
        let at = START + 365 * DAY + u64::from(minute) * 5 * MINUTE;
        let assessment = user.assess(&request_context, at);
        assert_ne!(assessment.action, RiskAction::Revoke, "minute {minute}: {assessment:?}");
        asked += u32::from(assessment.action == RiskAction::StepUp);
        user.accept(&request_context, at);
    }
    assert_eq!(asked, 1);
}

/// A browser that was left open at home still refreshes there while its owner travels. Compared
/// with the user's last location, every refresh of the phone would be an impossible journey, so
/// each session is compared with its own last location.
#[test]
fn a_browser_left_open_at_home_makes_no_journey_impossible() {
    let mut home_tab = User::settled(20);
    let mut phone = home_tab.session;
    let start = START + 20 * DAY;
    let abroad = RequestContext {
        ip: ip("203.0.113.9"),
        asn: Some(64_501),
        country: Some("JP"),
        location: Some((35.5, 139.5)),
        ..home()
    };
    for minutes in 0..120 {
        let at = start + minutes * MINUTE;
        home_tab.accept(&home(), at);
        let traveller = User { session: phone, ..home_tab.clone() };
        let place = Some((35.5, 139.5 + minutes as f64 / 60.0));
        // The network is not known yet: every refresh has another address.
        let ip = Some(std::net::Ipv4Addr::new(203, 0, minutes as u8, 9).into());
        let assessment = traveller.assess(&RequestContext { ip, location: place, ..abroad }, at);
        let beside_the_user =
            traveller.assess_alone(&RequestContext { ip, location: place, ..abroad }, at);
        assert!(
            nats(&beside_the_user, RiskReason::TravelVelocity) > 0.0,
            "beside the tab at home it is"
        );
        // The flight took a day, during which the phone was off.
        let expected =
            if minutes == 0 { nats(&assessment, RiskReason::TravelVelocity) } else { 0.0 };
        assert_eq!(
            nats(&assessment, RiskReason::TravelVelocity),
            expected,
            "minute {minutes}: {assessment:?}"
        );
        phone.record_accepted(
            &traveller.signals(&RequestContext { ip, location: place, ..abroad }),
            Timestamp::from_ms(at),
        );
    }
}

#[test]
fn a_host_that_tells_only_the_provider_gets_used_to_somebody_who_moves() {
    let told = |asn| RequestContext {
        kind: RiskEventKind::Refresh,
        asn: Some(asn),
        ..RequestContext::default()
    };
    let mut user = User::new();
    let first = |user: &User, days: u64| {
        nats(&user.assess(&told(1), START + days * DAY), RiskReason::ProviderNew)
    };
    (0..20).for_each(|day| user.accept(&told(64_500), START + day * DAY));
    let before = first(&user, 20);
    (20..40).for_each(|day| user.accept(&told(64_500 + day as u32), START + day * DAY));
    let after = first(&user, 40);
    assert!(before > 4.0 && after < 1.0, "{before} {after}");
}

#[test]
fn an_open_browser_and_a_clock_that_jumps_back_are_no_theft() {
    let user = User::settled(20);
    let assessment: RiskAssessment = user.assess(&home(), START);
    assert_eq!(assessment.action, RiskAction::Allow, "{assessment:?}");
    // The profile in another process, whose clock is behind by more than the profile's retention.
    let profile = RiskProfile::from_bytes(&user.profile.to_bytes()).expect("a profile");
    let assessment = User { profile, ..user }.assess(&home(), 1);
    assert_eq!(assessment.action, RiskAction::Allow, "{assessment:?}");
}

#[test]
fn whose_browser_says_another_name_every_day_is_not_asked_every_day() {
    let names = ["Chrome/140.0.0.0", "Edg/140.0.0.0", "OPR/124.0.0.0", "Firefox/146.0"];
    let agent = |day: u64| CHROME.replace("Chrome/140.0.0.0", names[day as usize % names.len()]);
    let mut user = User::settled(20);
    // Without TLS, on a new network of a known provider.
    let away = |day: u64| RequestContext {
        ip: Some([198, 51, day as u8, 9].into()),
        tls_fingerprint: None,
        ..home()
    };
    let asked: Vec<bool> = (20..40)
        .map(|day| {
            let agent = agent(day + 1);
            let request_context = RequestContext { user_agent: Some(&agent), ..away(day) };
            let assessment = user.assess(&request_context, START + day * DAY);
            user.accept(&request_context, START + day * DAY);
            assessment.action != RiskAction::Allow
        })
        .collect();
    assert!(asked[0], "the first time");
    assert!(asked[10..].iter().all(|asked| !asked), "{asked:?}");
}
