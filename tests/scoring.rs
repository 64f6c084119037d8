//! Anomaly scoring: golden cases with exact nats, and what it promises of whole stories.
#![cfg(not(target_arch = "wasm32"))]

use portcullis::risk::{
    Action, Assessment, Companion, Context, Kind, Profile, Reason, RiskPolicy, Signals, Tagger, assess,
};
use portcullis::time::Timestamp;

const START: u64 = 1_760_000_000_000;
const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;
const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

fn home() -> Context<'static> {
    Context {
        kind: Kind::Refresh,
        ip: Some("192.0.2.7".parse().expect("an address")),
        asn: Some(64_500),
        country: Some("DE"),
        place: Some((52.5, 13.4)),
        user_agent: Some(CHROME),
        tls_fingerprint: Some("t13d1516h2_8daaf6152771_02713d6af862"),
        language: Some("de"),
        ..Context::default()
    }
}

struct User {
    tagger: Tagger,
    profile: Profile,
    session: Companion,
    policy: RiskPolicy,
}

impl User {
    fn new() -> Self {
        let tagger = Tagger::new(&[7; 32], b"user");
        Self { tagger, profile: Profile::default(), session: Companion::default(), policy: RiskPolicy::default() }
    }

    /// Somebody who was at home, once a day.
    fn settled(days: u64) -> Self {
        let mut user = Self::new();
        user.accept(&Context { kind: Kind::SignIn, ..home() }, START);
        (1..days).for_each(|day| user.accept(&home(), START + day * DAY));
        user
    }

    fn accept(&mut self, context: &Context<'_>, at: u64) {
        let (signals, now) = (Signals::of(context, &self.tagger), Timestamp::from_ms(at));
        self.profile.learn(Some(&self.session), &signals, now);
        self.session.accept(&signals, now);
    }

    fn assess(&self, context: &Context<'_>, at: u64) -> Assessment {
        let signals = Signals::of(context, &self.tagger);
        assess(&self.profile, Some(&self.session), &signals, &self.policy, Timestamp::from_ms(at))
    }
}

#[test]
fn where_nothing_is_known_the_score_is_30() {
    let assessment = User::new().assess(&Context::default(), START);
    assert_eq!((assessment.score, assessment.evidence), (30.0, 0.0));
    assert_eq!(assessment.action, Action::Allow);
}

#[test]
fn at_home_nothing_is_strange() {
    let user = User::settled(20);
    let assessment = user.assess(&home(), START + 20 * DAY);
    assert!(assessment.score < 10.0, "{assessment:?}");
}

#[test]
fn a_token_from_another_country_with_another_browser_is_revoked() {
    let user = User::settled(20);
    let thief = Context {
        ip: Some("203.0.113.9".parse().expect("an address")),
        asn: Some(64_501),
        country: Some("BR"),
        place: Some((-23.5, -46.6)),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        tls_fingerprint: Some("t13d1715h2_5b57614c22b0_3d5424432f57"),
        ..home()
    };
    let assessment = user.assess(&thief, START + 19 * DAY + 300_000);
    assert_eq!(assessment.action, Action::Revoke, "{assessment:?}");
    let total: f64 = assessment.reasons.iter().map(|(_, nats)| nats).sum();
    assert!((total - assessment.evidence).abs() < 1e-9);
    assert!(assessment.reasons.iter().any(|(reason, _)| *reason == Reason::CountryNew));
}

#[test]
fn a_train_is_no_theft() {
    let mut user = User::settled(20);
    for minute in 0..60u8 {
        let ip = std::net::Ipv4Addr::new(198, 51, minute, 9).into();
        let context =
            Context { ip: Some(ip), asn: Some(64_502), place: Some((52.5 + f64::from(minute) / 60.0, 13.4)), ..home() };
        let at = START + 19 * DAY + u64::from(minute) * 300_000;
        let assessment = user.assess(&context, at);
        assert_eq!(assessment.action, Action::Allow, "minute {minute}: {assessment:?}");
        user.accept(&context, at);
    }
}
