//! A user who signs in and keeps the session.

use portcullis::foundation::time::Timestamp;
use portcullis::risk::{
    FeatureHasher, RequestContext, RiskAssessment, RiskEventKind, RiskPolicy, RiskProfile,
    RiskReason, SessionProfile, Signals, assess,
};

pub const START: u64 = 1_760_000_000_000;
pub const MINUTE: u64 = 60_000;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;

pub const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
pub const CHROME_OLDER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36";
pub const CHROME_NEWER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
pub const TLS: &str = "t13d1516h2_8daaf6152771_02713d6af862";
pub const TLS_OTHER: &str = "t13d1715h2_5b57614c22b0_3d5424432f57";

pub fn ip(text: &str) -> Option<std::net::IpAddr> {
    Some(text.parse().expect("an address"))
}

/// A refresh at home, with every signal.
pub fn home() -> RequestContext<'static> {
    RequestContext {
        kind: RiskEventKind::Refresh,
        ip: ip("192.0.2.7"),
        asn: Some(64_500),
        country: Some("DE"),
        location: Some((52.5, 13.5)),
        user_agent: Some(CHROME),
        tls_fingerprint: Some(TLS),
        language: Some("de"),
        ..RequestContext::default()
    }
}

/// A refresh by a thief: far away, in another browser.
pub fn thief() -> RequestContext<'static> {
    RequestContext {
        ip: ip("203.0.113.9"),
        asn: Some(64_501),
        country: Some("BR"),
        location: Some((-23.5, -46.5)),
        user_agent: Some(FIREFOX),
        tls_fingerprint: Some(TLS_OTHER),
        ..home()
    }
}

/// A user with one session.
#[derive(Clone)]
pub struct User {
    pub tagger: FeatureHasher,
    pub profile: RiskProfile,
    pub session: SessionProfile,
    pub policy: RiskPolicy,
}

impl User {
    pub fn new() -> Self {
        let tagger = FeatureHasher::new(&[7; 32], b"user");
        Self {
            tagger,
            profile: RiskProfile::default(),
            session: SessionProfile::default(),
            policy: RiskPolicy::default(),
        }
    }

    /// A user who signed in at home and was there once a day since then.
    pub fn settled(days: u64) -> Self {
        let mut user = Self::new();
        user.accept(&RequestContext { kind: RiskEventKind::SignIn, ..home() }, START);
        (1..days).for_each(|day| user.accept(&home(), START + day * DAY));
        user
    }

    pub fn signals(&self, context: &RequestContext<'_>) -> Signals {
        Signals::from_context(context, &self.tagger)
    }

    pub fn accept(&mut self, context: &RequestContext<'_>, at: u64) {
        let (signals, now) = (self.signals(context), Timestamp::from_ms(at));
        self.profile.learn(Some(&self.session), &signals, now);
        self.session.record_accepted(&signals, now);
    }

    pub fn assess(&self, context: &RequestContext<'_>, at: u64) -> RiskAssessment {
        let now = Timestamp::from_ms(at);
        assess(&self.profile, Some(&self.session), &self.signals(context), &self.policy, now)
    }

    /// Assesses a context without a session.
    pub fn assess_alone(&self, context: &RequestContext<'_>, at: u64) -> RiskAssessment {
        assess(&self.profile, None, &self.signals(context), &self.policy, Timestamp::from_ms(at))
    }
}

/// Nats of one reason, or 0 where it does not occur.
pub fn nats(assessment: &RiskAssessment, reason: RiskReason) -> f64 {
    assessment.reasons.iter().filter(|(one, _)| *one == reason).map(|(_, nats)| nats).sum()
}
