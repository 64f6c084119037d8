//! Random users, sessions and events from a seed, equal on every machine, natively and in Wasm.

pub use crate::rng::Rng;

use super::user::{CHROME, CHROME_NEWER, CHROME_OLDER, DAY, FIREFOX, HOUR, MINUTE, START};
use portcullis::foundation::time::Timestamp;
use portcullis::risk::{
    ClientHints, FeatureHasher, NetworkKind, RequestContext, RiskAssessment, RiskEventKind,
    RiskPolicy, RiskProfile, SessionProfile, Signals, TokenStatus, assess,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

impl Rng {
    pub fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }

    /// Returns `None` in one of four cases.
    fn maybe<T>(&mut self, value: T) -> Option<T> {
        (self.below(4) > 0).then_some(value)
    }

    fn maybe_one_of<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        let one = self.one_of(list);
        self.maybe(one)
    }

    fn maybe_below(&mut self, end: u64) -> Option<u64> {
        let number = self.below(end);
        self.maybe(number)
    }

    /// Usually one of a few values, so that values repeat; sometimes one of very many.
    fn few(&mut self, few: u64) -> u64 {
        if self.below(4) == 0 { self.below(100_000) } else { self.below(few) }
    }
}

const NETWORKS: [Option<NetworkKind>; 10] = [
    None,
    None,
    None,
    None,
    Some(NetworkKind::Residential),
    Some(NetworkKind::Mobile),
    Some(NetworkKind::Hosting),
    Some(NetworkKind::Vpn),
    Some(NetworkKind::Tor),
    Some(NetworkKind::Relay),
];
const FACTS: [TokenStatus; 12] = [
    TokenStatus::None,
    TokenStatus::None,
    TokenStatus::None,
    TokenStatus::None,
    TokenStatus::None,
    TokenStatus::None,
    TokenStatus::None,
    TokenStatus::ReuseInGrace,
    TokenStatus::Reuse,
    TokenStatus::ProofOk,
    TokenStatus::ProofFail,
    TokenStatus::Fork,
];
const KINDS: [RiskEventKind; 5] = [
    RiskEventKind::SignIn,
    RiskEventKind::Refresh,
    RiskEventKind::Refresh,
    RiskEventKind::Request,
    RiskEventKind::StepUp,
];
const COUNTRIES: [&str; 8] = ["DE", "DE", "DE", "FR", "US", "BR", "XX", "T1"];
const LANGUAGES: [&str; 5] = ["de", "de", "en-US", "pt-BR", ""];
const AGENTS: [&str; 6] = [CHROME, CHROME, CHROME_NEWER, CHROME_OLDER, FIREFOX, ""];
const TLS: [&str; 6] = [
    "t13d1516h2_8daaf6152771_1",
    "t13d1516h2_8daaf6152771_2",
    "t13d1715h2_5b57614c22b0_1",
    "a",
    "b",
    "",
];
const DEVICES: [Option<&[u8]>; 3] = [None, Some(b"laptop"), Some(b"phone")];

/// A random event.
pub fn request_context(random: &mut Rng) -> RequestContext<'static> {
    let [network, asn] = [random.few(4), random.few(3)];
    let ip = if random.below(4) == 0 {
        IpAddr::from(Ipv6Addr::from_bits(
            0x2001_0db8 << 96 | u128::from(network) << random.one_of(&[64, 80]) | 7,
        ))
    } else {
        IpAddr::from(Ipv4Addr::from_bits(0xc000_0000 | (network as u32) << 8 | 9))
    };
    let place = match random.below(8) {
        0 => (random.below(181) as f64 - 90.0, random.below(361) as f64 - 180.0),
        1 => (f64::NAN, 500.0),
        _ => (48.0 + random.below(64) as f64 / 8.0, 8.0 + random.below(64) as f64 / 8.0),
    };
    let hints = ClientHints {
        brands: "\"Chromium\";v=\"140\"",
        platform: Some("\"Windows\""),
        mobile: Some(false),
    };
    RequestContext {
        kind: random.one_of(&KINDS),
        ip: random.maybe(ip),
        asn: random.maybe(64_500 + asn as u32),
        country: random.maybe_one_of(&COUNTRIES),
        location: random.maybe(place),
        network_kind: random.one_of(&NETWORKS),
        user_agent: random.maybe_one_of(&AGENTS),
        hints: random.maybe(hints).filter(|_| network % 8 == 0),
        tls_fingerprint: random.maybe_one_of(&TLS),
        language: random.maybe_one_of(&LANGUAGES),
        rtt_ms: random.maybe_below(4_000).map(|rtt| rtt as f64 / 7.0),
        refreshes_per_access_ttl: random.maybe_below(14).map(|refreshes| refreshes as u32),
        token_status: random.one_of(&FACTS),
        device: random.maybe_one_of(&DEVICES),
    }
}

/// A user with a history and a session.
#[derive(Clone)]
pub struct Situation {
    pub tagger: FeatureHasher,
    pub profile: RiskProfile,
    pub session: Option<SessionProfile>,
    pub policy: RiskPolicy,
    pub now: u64,
    /// The latest time of any event.
    pub latest: u64,
}

impl Situation {
    /// Learns up to `most` events, each accepted at any score. Time usually moves forward.
    pub fn from_seed(random: &mut Rng, most: u64) -> Self {
        let tagger = FeatureHasher::new(&[7; 32], &random.next_u64().to_le_bytes());
        let mut situation = Self {
            tagger,
            profile: RiskProfile::default(),
            session: None,
            policy: RiskPolicy::default(),
            now: START,
            latest: START,
        };
        situation.policy.device_cookie = random.below(2) == 0;
        situation.policy.device_base_rate = random.below(101) as f64 / 100.0;
        for _ in 0..random.below(most + 1) {
            let request_context = request_context(random);
            situation.accept(&request_context);
            situation.pass(random);
        }
        if random.below(8) == 0 {
            situation.session = None;
        }
        situation
    }

    pub fn pass(&mut self, random: &mut Rng) {
        let length = random.one_of(&[0, 1, MINUTE, 7 * MINUTE, HOUR, 5 * HOUR, DAY, 20 * DAY]);
        self.now = match random.below(16) {
            0 => self.now - length,
            _ => self.now + length + random.below(MINUTE),
        };
        self.latest = self.latest.max(self.now);
    }

    pub fn signals(&self, context: &RequestContext<'_>) -> Signals {
        Signals::from_context(context, &self.tagger)
    }

    pub fn accept(&mut self, context: &RequestContext<'_>) {
        let (signals, now) = (self.signals(context), Timestamp::from_ms(self.now));
        self.profile.learn(self.session.as_ref(), &signals, now);
        self.session.get_or_insert_default().record_accepted(&signals, now);
    }

    pub fn assess(&self, context: &RequestContext<'_>) -> RiskAssessment {
        let now = Timestamp::from_ms(self.now);
        assess(&self.profile, self.session.as_ref(), &self.signals(context), &self.policy, now)
    }
}

/// Digest of this many assessments and of the profiles that they were made with.
pub fn digest(seed: u64, assessments: u64) -> u64 {
    let mut random = Rng(seed);
    let mut digest = 0;
    let mut done = 0;
    while done < assessments {
        let mut situation = Situation::from_seed(&mut random, 4);
        for _ in 0..16 {
            let request_context = request_context(&mut random);
            fold_assessment(&mut digest, &situation.assess(&request_context));
            situation.accept(&request_context);
            situation.pass(&mut random);
            done += 1;
        }
        situation.profile.to_bytes().into_iter().for_each(|byte| fold(&mut digest, byte.into()));
    }
    digest
}

/// Digest of one assessment.
pub fn digest_of(assessment: &RiskAssessment) -> u64 {
    let mut digest = 0;
    fold_assessment(&mut digest, assessment);
    digest
}

fn fold_assessment(digest: &mut u64, assessment: &RiskAssessment) {
    fold(digest, assessment.score.to_bits());
    fold(digest, assessment.evidence.to_bits());
    fold(digest, assessment.action as u64);
    fold(digest, assessment.missing_signals.0.into());
    for (reason, nats) in &assessment.reasons {
        fold(digest, *reason as u64);
        fold(digest, nats.to_bits());
    }
}

/// Mixes new bits into a digest without losing any.
fn fold(digest: &mut u64, bits: u64) {
    *digest = (digest.rotate_left(5) ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15);
}
