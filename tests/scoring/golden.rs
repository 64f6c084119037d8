//! Golden cases: every term of the evidence with its exact nats. The numbers were computed from the
//! formulas in the comments, not taken from the core; `ln` is the natural logarithm. Values compare
//! to 1e-9, with the exact counts of `crafted`.

use crate::scored::crafted::{FeatureCounts, HALF_LIFE, MOVER, NOW, user, user_of};
use crate::scored::user::*;
use portcullis::risk::RiskReason::*;
use portcullis::risk::{
    NetworkKind, RequestContext, RiskAssessment, RiskEventKind, RiskPolicy, RiskPolicyInput,
    RiskProfile, RiskReason, TokenStatus,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const EXACT: f64 = 1e-9;

/// A label, the event, and its reasons with their nats.
type Case<'a> = (&'a str, RequestContext<'a>, &'a [(RiskReason, f64)]);

/// A context with network signals only.
fn network() -> RequestContext<'static> {
    RequestContext {
        kind: RiskEventKind::Refresh,
        ip: ip("192.0.2.7"),
        asn: Some(64_500),
        country: Some("DE"),
        ..RequestContext::default()
    }
}

fn other_country() -> RequestContext<'static> {
    RequestContext { ip: ip("203.0.113.9"), asn: Some(64_501), country: Some("BR"), ..network() }
}

/// Asserts these reasons in this order and no others.
#[track_caller]
fn check(case: &str, assessment: &RiskAssessment, expected: &[(RiskReason, f64)]) {
    let same = assessment.reasons.len() == expected.len()
        && assessment
            .reasons
            .iter()
            .zip(expected)
            .all(|(is, of)| is.0 == of.0 && (is.1 - of.1).abs() < EXACT);
    assert!(same, "{case}\n  is       {:?}\n  expected {expected:?}", assessment.reasons);
    let sum: f64 = expected.iter().map(|(_, nats)| nats).sum();
    assert!((assessment.evidence - sum).abs() < EXACT, "{case}: {} of {sum}", assessment.evidence);
}

/// Asserts several contexts of one user.
#[track_caller]
fn check_all(user: &User, at: u64, cases: &[Case<'_>]) {
    cases
        .iter()
        .for_each(|(case, context, expected)| check(case, &user.assess(context, at), expected));
}

// Network evidence.

#[test]
fn what_is_new_of_the_network() {
    // n = 16, N1 = 4, N2 = 2, N3 = 1: p1 = 5/21, p2 = 2.5/6, p3 = 1.1/4.
    let prefix = RequestContext { ip: ip("192.0.3.7"), ..network() };
    let provider = RequestContext { country: Some("DE"), ..other_country() };
    check_all(
        &user(&network(), &MOVER),
        NOW,
        &[
            // 16/16.5 ln(0.01 / (1-p1))
            ("nothing", network(), &[(NetworkKnown, -4.201926274429)]),
            // ln(0.06 / (p1 (1-p2)))
            ("the prefix", prefix, &[(NetworkNew, -0.839329690738)]),
            // ln(0.28 / (p1 p2 (1-p3)))
            ("the provider", provider, &[(ProviderNew, 1.359171210958)]),
            // ln(0.65 / (p1 p2 p3))
            ("the country", other_country(), &[(CountryNew, 3.170754527866)]),
            (
                "the country of a known provider",
                RequestContext { asn: Some(64_500), ..other_country() },
                &[(NetworkNew, -0.839329690738)],
            ),
            (
                "not told",
                RequestContext { kind: RiskEventKind::Refresh, ..RequestContext::default() },
                &[],
            ),
        ],
    );
}

#[test]
fn what_is_new_where_the_host_tells_less() {
    // The probabilities are summed over the possible rows; p1 = 5/21, p2 = 2.5/6, p3 = 1.1/4.
    let address = |text| RequestContext { asn: None, country: None, ip: ip(text), ..network() };
    let provider = |asn| RequestContext { ip: None, country: None, asn: Some(asn), ..network() };
    let country =
        |country| RequestContext { ip: None, asn: None, country: Some(country), ..network() };
    check_all(
        &user(&network(), &MOVER),
        NOW,
        &[
            // 16/16.5 ln(0.01 / (1-p1))
            ("the address, known", address("192.0.2.99"), &[(NetworkKnown, -4.201926274429)]),
            // ln(0.99 / p1)
            ("the address, new", address("192.0.3.7"), &[(NetworkNew, 1.425034189436)]),
            // ln(0.07 / ((1-p1) + p1 (1-p2)))
            ("the provider, known", provider(64_500), &[(NetworkKnown, -2.554780966903)]),
            // ln(0.93 / (p1 p2))
            ("the provider, new", provider(64_501), &[(ProviderNew, 2.237982569808)]),
            // ln(0.35 / ((1-p1) + p1 (1-p2) + p1 p2 (1-p3)))
            ("the country, known", country("de"), &[(NetworkKnown, -1.022161321504)]),
            // ln(0.65 / (p1 p2 p3))
            ("the country, new", country("BR"), &[(CountryNew, 3.170754527866)]),
            // ln(0.34 / (p1 (1-p2) + p1 p2 (1-p3)))
            (
                "a new address, a known country",
                RequestContext { ip: ip("192.0.3.7"), ..country("DE") },
                &[(NetworkNew, 0.477971798895)],
            ),
        ],
    );
}

/// A user with a phone on its carrier, a home line, and a café that was visited once.
fn three_providers(counts: &FeatureCounts) -> User {
    let of = |address, asn| RequestContext { ip: ip(address), asn: Some(asn), ..network() };
    let seen = [of("192.0.2.7", 64_500), of("198.51.100.7", 64_501), of("203.0.113.9", 64_502)];
    user_of(&[(seen[0], 8.0), (seen[1], 0.5), (seen[2], 0.0)], counts)
}

#[test]
fn a_new_network_of_a_provider_whose_networks_are_often_new() {
    let new = |asn| RequestContext { ip: ip("192.0.3.7"), asn, ..network() };
    let known = |asn| RequestContext { asn, ..network() };
    check_all(
        &three_providers(&MOVER),
        NOW,
        &[
            // ln(0.06 / (p1 (1-p2))) - ln(3 (8 + 0.5) / (8.5 + 1 + 0.5))
            ("the carrier", new(Some(64_500)), &[(NetworkNew, -1.775423049908)]),
            // - ln(3 (0.5 + 0.5) / 10)
            ("home", new(Some(64_501)), &[(NetworkNew, 0.364643113588)]),
            // - ln(3 (0 + 0.5) / 10)
            ("the café", new(Some(64_502)), &[(NetworkNew, 1.057790294148)]),
            // The rate of new prefixes is unknown without a provider and for an unknown one.
            ("none", new(None), &[(NetworkNew, 0.477971798895)]),
            ("another", new(Some(64_503)), &[(ProviderNew, 1.359171210958)]),
            ("known", known(Some(64_500)), &[(NetworkKnown, -4.201926274429)]),
            ("known, and of the café", known(Some(64_502)), &[(NetworkKnown, -4.201926274429)]),
        ],
    );
    // Home and café would have 2.7 nats and more, as ln(0.06 / (1/21 * 0.75)) = 0.5188 is added.
    // The limit keeps them below a step-up.
    let settled = three_providers(&FeatureCounts {
        networks: [1024.0, 0.0, 0.0, 0.0],
        heat: 1024.0,
        ..MOVER
    });
    for asn in [64_500, 64_501, 64_502] {
        check("the most", &settled.assess(&new(Some(asn)), NOW), &[(NetworkNew, 2.2)]);
    }
    // A user who is always on another network of known providers: p1 = 65/69, p2 = 0.5/66. A known
    // network is rare as well: seldom used, it would have 0.5 ln(0.01 / (1-p1)) = -0.88. Its
    // evidence never exceeds that of a new network.
    let commuter =
        three_providers(&FeatureCounts { networks: [64.0, 64.0, 0.0, 0.0], heat: 0.5, ..MOVER });
    check_all(
        &commuter,
        NOW,
        &[
            ("a new one of the carrier", new(Some(64_500)), &[(NetworkNew, -3.682180241844)]),
            ("a new one of home", new(Some(64_501)), &[(NetworkNew, -1.542114078347)]),
            ("a known one of the carrier", known(Some(64_500)), &[(NetworkKnown, -3.682180241844)]),
            ("a known one of home", known(Some(64_501)), &[(NetworkKnown, -2.746086882673)]),
            ("a known one of another", known(Some(64_503)), &[(NetworkKnown, -2.746086882673)]),
            ("a known one of nobody", known(None), &[(NetworkKnown, -2.746086882673)]),
        ],
    );
}

/// Older profiles have no counts of new prefixes, so all providers are equal.
#[test]
fn profiles_of_before_are_read() {
    let mut user = three_providers(&MOVER);
    let bytes = user.profile.to_bytes();
    // The stored counts are four bytes each for the carrier and for home, and a 0.
    user.profile = RiskProfile::from_bytes(&bytes[..bytes.len() - 9]).expect("a profile");
    for asn in [64_500, 64_501, 64_502] {
        let moved = RequestContext { ip: ip("192.0.3.7"), asn: Some(asn), ..network() };
        check("a new one", &user.assess(&moved, NOW), &[(NetworkNew, -0.839329690738)]);
    }
    for less in 1..9 {
        assert_eq!(
            RiskProfile::from_bytes(&bytes[..bytes.len() - less]),
            None,
            "{less} bytes less"
        );
    }
    assert_eq!(user.profile.to_bytes().len(), bytes.len() - 6, "and the next time they have");
}

#[test]
fn new_networks_are_counted_for_their_provider() {
    let mut user = User::new();
    let of = |number: u64, asn| RequestContext {
        ip: ip(&format!("192.0.{number}.7")),
        asn: Some(asn),
        ..network()
    };
    let [home, carrier] = [64_500, 64_501];
    for day in 0..40 {
        let event = if day % 2 == 0 { of(200, home) } else { of(day, carrier) };
        user.accept(&event, START + day * DAY);
    }
    let apart = |user: &User| {
        let [home, carrier] = [home, carrier]
            .map(|asn| nats(&user.assess(&of(99, asn), START + 41 * DAY), NetworkNew));
        home - carrier
    };
    // The carrier has 19 new prefixes after its first, more than half of them after decay; home has
    // none.
    let before = apart(&user);
    assert!(before > (10.0f64 / 0.5).ln() && before < (19.5f64 / 0.5).ln(), "{before}");
    user.accept(&of(200, home), START + 40 * DAY);
    assert!((apart(&user) - before).abs() < EXACT, "a second visit brings nothing new");
    let mut user = User::new();
    [home, carrier].into_iter().for_each(|asn| user.accept(&of(u64::from(asn % 7), asn), START));
    assert_eq!(apart(&user), 0.0, "nor does the first, of either");
}

/// A new network is known at its next use, even if many others have higher counts.
#[test]
fn what_is_new_makes_room_for_itself() {
    let countries = ["DE", "FR", "US", "BR", "JP", "IN", "GB", "ES", "IT", "PL", "SE", "CA", "MX"];
    let of = |number: u64| RequestContext {
        ip: ip(&format!("192.0.{number}.7")),
        asn: Some(64_500 + number as u32),
        country: Some(countries[number as usize]),
        ..network()
    };
    let mut user = User::new();
    (0..72).for_each(|hour| user.accept(&of(hour % 12), START + hour * HOUR));
    for (case, met) in [
        ("the network", RequestContext { asn: None, country: None, ..of(12) }),
        ("the provider", RequestContext { ip: None, country: None, ..of(12) }),
        ("the country", RequestContext { ip: None, asn: None, ..of(12) }),
    ] {
        let mut user = user.clone();
        assert_eq!(nats(&user.assess(&met, START + 80 * HOUR), NetworkKnown), 0.0, "{case}");
        user.accept(&met, START + 80 * HOUR);
        assert!(nats(&user.assess(&met, START + 81 * HOUR), NetworkKnown) != 0.0, "{case}");
    }
}

#[test]
fn counts_halve_in_thirty_days() {
    // After one half-life 16, 4, 2, 1 and 16 are 8, 2, 1, 0.5 and 8: p1 = 3/13, p2 = 1.5/4, p3 =
    // 0.6/3.
    check_all(
        &user(&network(), &MOVER),
        NOW + HALF_LIFE,
        &[
            ("nothing", network(), &[(NetworkKnown, -4.087346749666)]),
            (
                "the prefix",
                RequestContext { ip: ip("192.0.3.7"), ..network() },
                &[(NetworkNew, -0.877070018721)],
            ),
            (
                "the provider",
                RequestContext { country: Some("DE"), ..other_country() },
                &[(ProviderNew, 1.397344197306)],
            ),
            ("the country", other_country(), &[(CountryNew, 3.625821318147)]),
        ],
    );
}

#[test]
fn a_network_that_was_hardly_used_says_little() {
    // h = 0.5: 0.5/1 ln(0.01 / (1-p1))
    let user = user(&network(), &FeatureCounts { heat: 0.5, ..MOVER });
    check("half an event", &user.assess(&network(), NOW), &[(NetworkKnown, -2.166618235252)]);
}

#[test]
fn evidence_of_the_network_has_bounds() {
    let settled = user(
        &network(),
        &FeatureCounts { networks: [1024.0, 0.0, 0.0, 0.0], heat: 1024.0, ..MOVER },
    );
    check_all(
        &settled,
        NOW,
        &[
            // The unlimited value ln(0.01 / (1 - 1/1029)) is lower, and ln(0.65 / (1/1029 * 0.25 *
            // 0.05)) is higher.
            ("the least", network(), &[(NetworkKnown, -4.5)]),
            ("the most", other_country(), &[(CountryNew, 6.0)]),
            // The unlimited value ln(0.06 / (1/1029 * 0.75)) is higher. A renumbered address causes
            // no step-up.
            (
                "the most of a known provider",
                RequestContext { ip: ip("192.0.3.7"), ..network() },
                &[(NetworkNew, 2.2)],
            ),
        ],
    );
    // A user who is always in another country: 65/69, 64.5/66, 64.1/66. A new prefix and a new
    // provider alone would have 1.03 and 2.36 nats. No row exceeds ln(0.65 / (p1 p2 p3)), so
    // distance does not help a thief.
    let nomad = user(&network(), &FeatureCounts { networks: [64.0; 4], heat: 0.5, ..MOVER });
    let far = -0.318863785066;
    check_all(
        &nomad,
        NOW,
        &[
            (
                "the prefix",
                RequestContext { ip: ip("192.0.3.7"), ..network() },
                &[(NetworkNew, far)],
            ),
            (
                "the provider",
                RequestContext { country: Some("DE"), ..other_country() },
                &[(ProviderNew, far)],
            ),
            ("the country", other_country(), &[(CountryNew, far)]),
            // 0.5 ln(0.01 / (1-p1))
            ("nothing", network(), &[(NetworkKnown, -0.878679021256)]),
        ],
    );
}

#[test]
fn the_48_bits_of_an_ipv6_customer_are_one_network() {
    let at = |text| RequestContext { ip: ip(text), ..network() };
    check_all(
        &user(&at("2001:db8:1:1::7"), &MOVER),
        NOW,
        &[
            ("another host", at("2001:db8:1:1:ffff::"), &[(NetworkKnown, -4.201926274429)]),
            ("another /64", at("2001:db8:1:ffff::7"), &[(NetworkKnown, -4.201926274429)]),
            ("another /48", at("2001:db8:2:1::7"), &[(NetworkNew, -0.839329690738)]),
        ],
    );
    let mapped = at("::ffff:192.0.2.250");
    check(
        "IPv4 in IPv6",
        &user(&network(), &MOVER).assess(&mapped, NOW),
        &[(NetworkKnown, -4.201926274429)],
    );
}

#[test]
fn how_fast_they_would_have_travelled() {
    // Ten degrees on the equator are 1111.95 km. The radius of two locations is 300 km together, or
    // 550 and 800 km where one or both are imprecise. A new provider has 1.359171210958 nats, so
    // the larger term counts in full and the other is damped to 0.35.
    let base = RequestContext { location: Some((0.0, 0.0)), ..network() };
    let there =
        RequestContext { country: Some("DE"), location: Some((0.0, 10.0)), ..other_country() };
    let vague = |kind| RequestContext { network_kind: Some(kind), ..there };
    let new = 1.359171210958;
    let slow: &[_] = &[(ProviderNew, new)];
    let cases: [(u64, Case<'_>); 10] = [
        (120, ("406 km/h", there, slow)),
        (98, ("499 km/h", there, &[(ProviderNew, new)])),
        (97, ("502 km/h", there, &[(ProviderNew, new), (TravelVelocity, 0.35)])),
        (49, ("994 km/h", there, &[(ProviderNew, new), (TravelVelocity, 0.35)])),
        (48, ("1015 km/h", there, &[(ProviderNew, 0.35 * new), (TravelVelocity, 2.0)])),
        (17, ("2865 km/h", there, &[(ProviderNew, 0.35 * new), (TravelVelocity, 2.0)])),
        (16, ("3045 km/h", there, &[(ProviderNew, 0.35 * new), (TravelVelocity, 3.0)])),
        // 562 km in 16 minutes are 2107 km/h.
        (
            16,
            (
                "a carrier",
                vague(NetworkKind::Mobile),
                &[(ProviderNew, 0.35 * new), (TravelVelocity, 2.0)],
            ),
        ),
        (
            16,
            (
                "a relay",
                vague(NetworkKind::Relay),
                &[(ProviderNew, new), (TravelVelocity, 0.35 * 0.8)],
            ),
        ),
        (
            16,
            (
                "a VPN",
                vague(NetworkKind::Vpn),
                &[(ProviderNew, new), (TravelVelocity, 0.35 * 0.8), (HostingNetwork, 0.35 * 1.2)],
            ),
        ),
    ];
    for (minutes, (case, context, expected)) in cases {
        let mut user = user(&network(), &MOVER);
        user.session = Default::default();
        user.session.record_accepted(
            &user.signals(&RequestContext { location: base.location, ..RequestContext::default() }),
            at(minutes),
        );
        check(case, &user.assess(&context, NOW), expected);
    }
    let mut user = user(&network(), &MOVER);
    user.session.record_accepted(
        &user.signals(&RequestContext { location: base.location, ..RequestContext::default() }),
        at(0),
    );
    check(
        "a known network",
        &user.assess(&RequestContext { location: there.location, ..network() }, NOW),
        &[(NetworkKnown, -4.201926274429)],
    );
    let alone = RequestContext {
        kind: RiskEventKind::Refresh,
        location: there.location,
        ..RequestContext::default()
    };
    check("nothing else told", &user.assess(&alone, NOW), &[(TravelVelocity, 3.0)]);
}

fn at(minutes_ago: u64) -> portcullis::foundation::time::Timestamp {
    portcullis::foundation::time::Timestamp::from_ms(NOW - minutes_ago * MINUTE)
}

#[test]
fn whose_network_it_is() {
    let of = |kind, context| RequestContext { network_kind: Some(kind), ..context };
    let provider = RequestContext { country: Some("DE"), ..other_country() };
    let prefix = RequestContext { ip: ip("192.0.3.7"), ..network() };
    let new = 1.359171210958;
    check_all(
        &user(&network(), &MOVER),
        NOW,
        &[
            (
                "hosting",
                of(NetworkKind::Hosting, provider),
                &[(ProviderNew, new), (HostingNetwork, 0.35 * 1.2)],
            ),
            (
                "a VPN",
                of(NetworkKind::Vpn, provider),
                &[(ProviderNew, new), (HostingNetwork, 0.35 * 1.2)],
            ),
            (
                "TorExit",
                of(NetworkKind::Tor, provider),
                &[(ProviderNew, 0.35 * new), (TorExit, 2.5)],
            ),
            ("a relay", of(NetworkKind::Relay, provider), &[(ProviderNew, new)]),
            ("a carrier", of(NetworkKind::Mobile, provider), &[(ProviderNew, new)]),
            ("a home", of(NetworkKind::Residential, provider), &[(ProviderNew, new)]),
            // Where the network is evidence for the owner, its kind contributes nothing.
            (
                "hosting that is known",
                of(NetworkKind::Hosting, network()),
                &[(NetworkKnown, -4.201926274429)],
            ),
            (
                "TorExit that is known",
                of(NetworkKind::Tor, network()),
                &[(NetworkKnown, -4.201926274429)],
            ),
            (
                "TorExit of a known provider",
                of(NetworkKind::Tor, prefix),
                &[(NetworkNew, -0.839329690738)],
            ),
        ],
    );
    // For a known provider, with ln(0.06 / (1/21 * 0.75)): a data centre adds nothing, a Tor exit
    // does.
    let settled = user(&network(), &FeatureCounts { networks: [16.0, 0.0, 0.0, 0.0], ..MOVER });
    check_all(
        &settled,
        NOW,
        &[
            (
                "hosting of a known provider",
                of(NetworkKind::Hosting, prefix),
                &[(NetworkNew, 0.518793793415)],
            ),
            (
                "TorExit of a known provider",
                of(NetworkKind::Tor, prefix),
                &[(NetworkNew, 0.35 * 0.518793793415), (TorExit, 2.5)],
            ),
        ],
    );
}

// Device evidence in a session.

/// A context with browser signals only.
fn browser(user_agent: &'static str) -> RequestContext<'static> {
    RequestContext {
        kind: RiskEventKind::Refresh,
        user_agent: Some(user_agent),
        ..RequestContext::default()
    }
}

#[test]
fn the_browser_of_a_session() {
    let mut user = user(&browser(CHROME), &MOVER);
    check_all(
        &user,
        NOW,
        &[
            ("the same", browser(CHROME), &[(BrowserSame, -1.03)]),
            ("a newer version", browser(CHROME_NEWER), &[(BrowserNewer, 0.3)]),
            ("an older version", browser(CHROME_OLDER), &[(BrowserOlder, 5.0)]),
            ("another", browser(FIREFOX), &[(BrowserChanged, 6.0)]),
            (
                "not told",
                RequestContext { kind: RiskEventKind::Refresh, ..RequestContext::default() },
                &[],
            ),
        ],
    );
    user.accept(&browser(FIREFOX), NOW);
    check_all(
        &user,
        NOW,
        &[
            ("the one before", browser(CHROME), &[(BrowserSeenInSession, -0.3)]),
            ("the one before, older", browser(CHROME_OLDER), &[(BrowserSeenInSession, -0.3)]),
            ("the latest", browser(FIREFOX), &[(BrowserSame, -1.03)]),
        ],
    );
}

/// The formula of a TLS client that changes alone, with the probability that a thief's browser
/// differs.
#[test]
fn a_browser_whose_changes_are_usual() {
    let another_case =
        RequestContext { user_agent: Some(FIREFOX), tls_fingerprint: None, ..home() };
    // ln(0.97 / ((4 + 0.02) / (16 + 2))), ln(0.97 / ((16 + 0.02) / (16 + 2))), and 6 at most.
    for (browsers, nats_of_it) in [
        ([16.0, 4.0], 1.468_631),
        ([16.0, 16.0], 0.086_075),
        ([1024.0, 1.0], 6.0),
        ([16.0, 0.0], 6.0),
    ] {
        let user = user(&home(), &FeatureCounts { browsers, ..MOVER });
        let found = nats(&user.assess(&another_case, NOW), RiskReason::BrowserChanged);
        assert!((found - nats_of_it).abs() < 1e-6, "{browsers:?}: {found}");
    }
}

#[test]
fn the_tls_client_of_a_session() {
    let with =
        |tls, user_agent| RequestContext { tls_fingerprint: Some(tls), ..browser(user_agent) };
    let resumed = "t13d1517h2_8daaf6152771_b1ff8ab2d16f";
    // k = 1 of m = 16: ln(0.55 / (1.02 / 18))
    let changed = 2.272732129844;
    let mut seen = user(&with(TLS, CHROME), &MOVER);
    check_all(
        &seen,
        NOW,
        &[
            ("the same", with(TLS, CHROME), &[(BrowserSame, -1.03), (TlsSame, -0.8)]),
            ("resumed", with(resumed, CHROME), &[(BrowserSame, -1.03), (TlsSame, -0.8)]),
            ("alone", with(TLS_OTHER, CHROME), &[(BrowserSame, -1.03), (TlsChanged, changed)]),
            (
                "no user agent",
                RequestContext { user_agent: None, ..with(TLS_OTHER, CHROME) },
                &[(TlsChanged, changed)],
            ),
            (
                "with a version",
                with(TLS_OTHER, CHROME_NEWER),
                &[(BrowserNewer, 0.35 * 0.3), (TlsChanged, 0.5)],
            ),
            (
                "with an older one",
                with(TLS_OTHER, CHROME_OLDER),
                &[(BrowserOlder, 5.0), (TlsChanged, 0.35 * 0.5)],
            ),
            (
                "with the browser",
                with(TLS_OTHER, FIREFOX),
                &[(BrowserChanged, 6.0), (TlsChanged, 0.35 * 0.5)],
            ),
            ("the browser alone", with(TLS, FIREFOX), &[(BrowserChanged, 6.0), (TlsSame, -0.8)]),
            (
                "of no known shape",
                with("771,4865-4866,0-23", CHROME),
                &[(BrowserSame, -1.03), (TlsChanged, changed)],
            ),
            ("empty", with("", CHROME), &[(BrowserSame, -1.03)]),
        ],
    );
    seen.accept(&with(TLS_OTHER, FIREFOX), NOW);
    check_all(
        &seen,
        NOW,
        &[
            ("the one before", with(TLS, FIREFOX), &[(BrowserSame, -1.03)]),
            ("both before", with(TLS, CHROME), &[(BrowserSeenInSession, -0.3)]),
            // The counts of crafted profiles stay, because this change came with a browser.
            (
                "a third",
                with("third", CHROME),
                &[(BrowserSeenInSession, -0.3), (TlsChanged, changed)],
            ),
        ],
    );
    for (case, tls, nats) in [
        ("never compared", [0.0, 0.0], 4.007333185232), // ln(0.55 / (0.02 / 2))
        ("often compared, never changed", [1024.0, 0.0], 6.0), // ln(0.55 / (0.02 / 1026)) is more
        ("often changed", [16.0, 8.0], 0.210596335262), // ln(0.55 / (8.02 / 18))
    ] {
        let user = user(&with(TLS, CHROME), &FeatureCounts { tls, ..MOVER });
        check(
            case,
            &user.assess(&with(TLS_OTHER, CHROME), NOW),
            &[(BrowserSame, -1.03), (TlsChanged, nats)],
        );
    }
    // ln(0.55 / (16.02 / 18)) is below 0, and a changed TLS client never counts for the owner.
    let always = user(&with(TLS, CHROME), &FeatureCounts { tls: [16.0, 16.0], ..MOVER });
    let assessment = always.assess(&with(TLS_OTHER, CHROME), NOW);
    check("always changed", &assessment, &[(BrowserSame, -1.03), (TlsChanged, 0.0)]);
}

#[test]
fn the_language_of_a_session() {
    let with = |language| RequestContext { language, ..browser(CHROME) };
    let mut user = user(&with(Some("de")), &MOVER);
    check_all(
        &user,
        NOW,
        &[
            ("the same", with(Some("de")), &[(BrowserSame, -1.03)]),
            ("another", with(Some("pt-BR")), &[(BrowserSame, -1.03), (LanguageChanged, 1.5)]),
            ("not told", with(None), &[(BrowserSame, -1.03)]),
            ("empty", with(Some("")), &[(BrowserSame, -1.03)]),
        ],
    );
    let firefox = RequestContext { user_agent: Some(FIREFOX), ..with(Some("pt-BR")) };
    check(
        "with the browser",
        &user.assess(&firefox, NOW),
        &[(BrowserChanged, 6.0), (LanguageChanged, 0.35 * 1.5)],
    );
    user.accept(&with(Some("pt-BR")), NOW);
    check(
        "the same browser's other",
        &user.assess(&with(Some("pt-BR")), NOW),
        &[(BrowserSame, -1.03)],
    );
}

// Device evidence at a sign-in.

#[test]
fn the_browser_of_a_sign_in() {
    let signs_in =
        |user_agent| RequestContext { kind: RiskEventKind::SignIn, ..browser(user_agent) };
    // (device base rate, nd, Nd, known, new)
    let cases = [
        // ln((0.5q + 0.15) / (1-pd)), ln((1 - 0.5q - 0.15) / pd); q = 0.05, pd = 2.3/22.3
        (0.05, [16.0, 2.0], -1.634114900147, 2.079305662884),
        (0.5, [16.0, 2.0], -0.807436326962, 1.760851931765),
        // The unlimited value ln(0.825 / (0.3 / 1030.3)) is higher.
        (0.05, [1024.0, 0.0], -1.742678085331, 4.5),
        // pd = 8.3/14.3: a known browser would have 0.44 nats and is limited to those of a new one.
        (1.0, [8.0, 8.0], -0.505818102035, -0.505818102035),
    ];
    for (popularity, sign_ins, known, new) in cases {
        let mut user = user(&signs_in(CHROME), &FeatureCounts { sign_ins, ..MOVER });
        user.policy = RiskPolicy::new(&RiskPolicyInput {
            device_base_rate: Some(popularity),
            ..Default::default()
        })
        .expect("a policy");
        let case = format!("popularity {popularity}, {sign_ins:?}");
        check(&case, &user.assess_alone(&signs_in(CHROME), NOW), &[(DeviceKnown, known)]);
        check(&case, &user.assess_alone(&signs_in(CHROME_OLDER), NOW), &[(DeviceKnown, known)]);
        check(&case, &user.assess_alone(&signs_in(FIREFOX), NOW), &[(DeviceNew, new)]);
        // A sign-in is not compared with a session.
        check(&case, &user.assess(&signs_in(FIREFOX), NOW), &[(DeviceNew, new)]);
    }
}

#[test]
fn the_device_cookie_of_a_sign_in() {
    let signs_in = |user_agent, device| RequestContext {
        kind: RiskEventKind::SignIn,
        device,
        ..browser(user_agent)
    };
    let (known, new) = (-1.634114900147, 2.079305662884);
    let mut user = user(&signs_in(CHROME, Some(Some(b"laptop"))), &MOVER);
    let expected = |user: &User, cases: [Case<'_>; 4]| check_all(user, NOW, &cases);
    let cases = [
        signs_in(CHROME, Some(Some(b"laptop"))),
        signs_in(CHROME, Some(Some(b"phone"))),
        signs_in(CHROME, Some(None)),
        signs_in(FIREFOX, Some(None)),
    ];
    let [a, b, c, d] = cases;
    expected(
        &user,
        [
            ("not issued: ours", a, &[(DeviceKnown, known)]),
            ("not issued: another", b, &[(DeviceKnown, known)]),
            ("not issued: none", c, &[(DeviceKnown, known)]),
            ("not issued: none, and a new browser", d, &[(DeviceNew, new)]),
        ],
    );
    user.policy.device_cookie = true;
    expected(
        &user,
        [
            ("ours", a, &[(DeviceKnown, known), (DeviceCookieKnown, -1.2)]),
            ("another", b, &[(DeviceKnown, known), (DeviceCookieMissing, 2.6)]),
            ("none", c, &[(DeviceKnown, known), (DeviceCookieMissing, 2.6)]),
            ("none, and a new browser", d, &[(DeviceNew, 0.35 * new), (DeviceCookieMissing, 2.6)]),
        ],
    );
    check("not told", &user.assess(&signs_in(CHROME, None), NOW), &[(DeviceKnown, known)]);
}

#[test]
fn the_language_of_a_sign_in() {
    let with = |language| RequestContext {
        kind: RiskEventKind::SignIn,
        language: Some(language),
        ..RequestContext::default()
    };
    let user = user(&RequestContext { user_agent: Some(CHROME), ..with("de") }, &MOVER);
    check("known", &user.assess_alone(&with("de"), NOW), &[]);
    check("new", &user.assess_alone(&with("pt-BR"), NOW), &[(LanguageChanged, 1.5)]);
}

// Behaviour evidence.

#[test]
fn how_usual_the_hour_is() {
    let none = RequestContext { kind: RiskEventKind::Refresh, ..RequestContext::default() };
    let with = |busy: &[(usize, f64)]| {
        let mut hours = [0.0; 24];
        busy.iter().for_each(|(hour, count)| hours[*hour] = *count);
        hours
    };
    // The hour is midnight. ln((all + 24) / (24 (near + 1))), where near is half of this hour and a
    // quarter of each hour beside it.
    for (case, busy, nats) in [
        ("once at this hour", with(&[(0, 1.0)]), -0.364643113588), // ln(25 / (24 * 1.5))
        ("once an hour later", with(&[(1, 1.0)]), -0.182321556794), // ln(25 / (24 * 1.25))
        ("once an hour before", with(&[(23, 1.0)]), -0.182321556794),
        ("at both", with(&[(0, 1.0), (23, 1.0)]), -0.479573080262), // ln(26 / (24 * 1.75))
        ("once at noon", with(&[(12, 1.0)]), 0.040821994520),       // ln(25 / 24)
        ("eight times at noon", with(&[(12, 8.0)]), 0.287682072452), // ln(32 / 24)
        ("eight times at this hour", with(&[(0, 8.0)]), -0.7),      // ln(32 / (24 * 5)) is less
        ("32 times at noon", with(&[(12, 32.0)]), 0.7),             // ln(56 / 24) is more
    ] {
        let user = user(&network(), &FeatureCounts { hours: busy, ..MOVER });
        check(case, &user.assess(&none, NOW), &[(TimeOfDay, nats)]);
    }
}

#[test]
fn how_fast_refreshes_follow_each_other() {
    let user = user(&network(), &MOVER);
    let cases: [(u32, &[(RiskReason, f64)]); 7] = [
        (0, &[]),
        (3, &[]),
        (4, &[(RefreshRate, 1.0)]),
        (10, &[(RefreshRate, 1.0)]),
        (11, &[(RefreshRate, 3.0)]),
        (u32::MAX, &[(RefreshRate, 3.0)]),
        (1, &[]),
    ];
    for (refreshes, expected) in cases {
        let request_context = RequestContext {
            kind: RiskEventKind::Refresh,
            refreshes_per_access_ttl: Some(refreshes),
            ..RequestContext::default()
        };
        check(&refreshes.to_string(), &user.assess(&request_context, NOW), expected);
    }
}

#[test]
fn how_far_the_client_is() {
    let with = |rtt| RequestContext {
        kind: RiskEventKind::Refresh,
        rtt_ms: Some(rtt),
        ..RequestContext::default()
    };
    let user = user(&RequestContext { rtt_ms: Some(20.0), ..network() }, &MOVER);
    check("2.5 times and 50 ms", &user.assess(&with(100.0), NOW), &[]);
    check("more", &user.assess(&with(100.5), NOW), &[(RoundTripTime, 0.5)]);
    let known = RequestContext { rtt_ms: Some(500.0), ..network() };
    check("from a known network", &user.assess(&known, NOW), &[(NetworkKnown, -4.201926274429)]);
}

#[test]
fn two_devices_that_take_turns() {
    let mut user = user(&browser(CHROME), &MOVER);
    let turns = [FIREFOX, CHROME, FIREFOX].into_iter().zip(1..);
    for (user_agent, minutes) in turns {
        assert_eq!(
            nats(&user.assess(&browser(user_agent), NOW + minutes * MINUTE), DeviceAlternation),
            0.0
        );
        user.accept(&browser(user_agent), NOW + minutes * MINUTE);
    }
    let third = user.assess(&browser(CHROME), NOW + 4 * MINUTE);
    check("the third turn", &third, &[(BrowserSeenInSession, -0.3), (DeviceAlternation, 4.0)]);
    user.accept(&browser(CHROME), NOW + 4 * MINUTE);
    let stays = user.assess(&browser(CHROME), NOW + 5 * MINUTE);
    check("it stays one", &stays, &[(BrowserSame, -1.03), (DeviceAlternation, 4.0)]);
    let third = user.assess(&browser(CHROME_OLDER), NOW + 5 * MINUTE);
    assert_eq!(nats(&third, DeviceAlternation), 4.0, "a third device ends nothing");
    // One change in four: ln(0.97 / ((1 + 0.02) / (4 + 2))).
    assert!((nats(&third, BrowserOlder) - 1.741_497).abs() < 1e-3);
    (5..=64).for_each(|minutes| user.accept(&browser(CHROME), NOW + minutes * MINUTE));
    let after = user.assess(&browser(CHROME), NOW + 64 * MINUTE);
    check("the other stays away for an hour", &after, &[(BrowserSame, -1.03)]);
}

#[test]
fn what_is_known_of_the_token() {
    let user = user(&network(), &MOVER);
    let cases: [(TokenStatus, &[(RiskReason, f64)]); 6] = [
        (TokenStatus::None, &[]),
        (TokenStatus::ReusedInGrace, &[(TokenReusedInGrace, 0.3)]),
        (TokenStatus::Reused, &[(TokenReused, 9.0)]),
        (TokenStatus::Forked, &[(TokenForked, 4.0)]),
        (TokenStatus::ProofValid, &[(ProofValid, -2.0)]),
        (TokenStatus::ProofInvalid, &[(ProofInvalid, 9.0)]),
    ];
    for (token_fact, expected) in cases {
        let request_context = RequestContext {
            kind: RiskEventKind::Refresh,
            token_status: token_fact,
            ..RequestContext::default()
        };
        check(&format!("{token_fact:?}"), &user.assess(&request_context, NOW), expected);
    }
}

// The total and the score.

#[test]
fn the_kinds_of_evidence_add_up_and_each_is_damped_by_itself() {
    let mut user = user(
        &RequestContext { user_agent: Some(CHROME), language: Some("de"), ..network() },
        &MOVER,
    );
    user.session.record_accepted(
        &user.signals(&RequestContext { location: Some((0.0, 0.0)), ..RequestContext::default() }),
        at(16),
    );
    let request_context = RequestContext {
        user_agent: Some(FIREFOX),
        language: Some("pt"),
        location: Some((0.0, 10.0)),
        network_kind: Some(NetworkKind::Hosting),
        refreshes_per_access_ttl: Some(11),
        token_status: TokenStatus::Forked,
        ..other_country()
    };
    // 812 km in 16 minutes are 3045 km/h. A data centre has a precise location, but may belong to
    // anybody.
    check(
        "all at once",
        &user.assess(&request_context, NOW),
        &[
            (CountryNew, 3.170754527866),
            (TravelVelocity, 0.35 * 0.4 * 3.0),
            (HostingNetwork, 0.35 * 1.2),
            (BrowserChanged, 6.0),
            (LanguageChanged, 0.35 * 1.5),
            (RefreshRate, 3.0),
            (TokenForked, 4.0),
        ],
    );
}

#[test]
fn a_score_for_every_corner_of_the_scale() {
    let told = |refreshes, token_fact| RequestContext {
        kind: RiskEventKind::Refresh,
        refreshes_per_access_ttl: Some(refreshes),
        token_status: token_fact,
        ..RequestContext::default()
    };
    let seen = RequestContext { tls_fingerprint: Some(TLS), user_agent: Some(CHROME), ..network() };
    let none = TokenStatus::None;
    let user = user(&seen, &MOVER);
    let cases = [
        // -4.20 - 1.03 - 0.8
        ("less than -5", 0.0, seen),
        // -1.03 - 0.8 - 2 = -3.83: 30 * (5 - 3.83) / 5
        (
            "-3.83",
            7.02,
            RequestContext {
                ip: None,
                asn: None,
                country: None,
                token_status: TokenStatus::ProofValid,
                ..seen
            },
        ),
        ("-2", 18.0, told(0, TokenStatus::ProofValid)),
        ("0", 30.0, told(0, none)),
        ("0.3", 33.0, told(0, TokenStatus::ReusedInGrace)),
        ("1", 40.0, told(4, none)),
        ("3", 60.0, told(11, none)),
        ("4", 72.5, told(0, TokenStatus::Forked)),
        ("5", 85.0, RequestContext { user_agent: Some(CHROME_OLDER), ..told(0, none) }),
        ("6", 91.0, RequestContext { user_agent: Some(FIREFOX), ..told(0, none) }),
        ("7", 97.0, told(11, TokenStatus::Forked)),
        ("8", 98.5, RequestContext { user_agent: Some(CHROME_OLDER), ..told(11, none) }),
        ("9", 100.0, told(0, TokenStatus::Reused)),
        ("12", 100.0, told(11, TokenStatus::ProofInvalid)),
    ];
    for (nats, score, context) in cases {
        let assessment = user.assess(&context, NOW);
        assert!((assessment.score - score).abs() < EXACT, "{nats}: {assessment:?}");
    }
}
