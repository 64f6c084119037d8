//! A test site, a store of one record, and a browser with two cookies: enough to run a whole
//! session in Rust.
#![allow(dead_code, reason = "each test file uses its own part of the world")]

pub mod rng;

use portcullis::decide::{
    self, Decision, Headers, InitialEntropyInput, Operation, Outcome, Plan, RequestFacts, SignIn,
    Site, SiteInput,
};
use portcullis::formats::key_ring::{KeyRingInput, RingKeyInput};
use portcullis::formats::secret_input::SecretInput;
use portcullis::formats::token::claims::ExpectedClaims;
use portcullis::formats::token::jwk::KeyUse;
use portcullis::formats::token::key_import::{KeyFormat, TokenKey, TokenKeyInput};
use portcullis::foundation::error::Result;
use portcullis::foundation::secret::{Entropy, SecretText};
use portcullis::foundation::time::{Seconds, Timestamp};
use portcullis::model::policy::PolicyInput;

/// 2025-06-15, in milliseconds.
pub const NOW: u64 = 1_750_000_000_000;
pub const SECOND: u64 = 1000;
/// The User-Agents of two client families.
pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
pub const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/// Deterministic bytes in place of random ones.
pub fn bytes(seed: u8, length: usize) -> Vec<u8> {
    let mut state = u32::from(seed) + 1;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(48_271) % 2_147_483_647;
            (state >> 8) as u8
        })
        .collect()
}

pub fn keys(ring: &[(&str, u8)]) -> KeyRingInput {
    let key =
        |(id, seed): &(&str, u8)| RingKeyInput::new(*id, SecretInput::from_bytes(bytes(*seed, 32)));
    KeyRingInput::new(ring.iter().map(key).collect(), SecretInput::from_bytes(bytes(99, 32)))
}

pub fn site_with(ring: &[(&str, u8)], policy: PolicyInput) -> Site {
    let issuer = "https://app.example".to_owned();
    Site::new(SiteInput {
        issuer,
        audience: None,
        keys: keys(ring),
        token_keys: Vec::new(),
        policy,
    })
    .expect("a good site")
}

pub fn site() -> Site {
    site_with(&[("k1", 1)], PolicyInput::default())
}

pub fn at(ms: u64) -> Timestamp {
    Timestamp::from_ms(ms)
}

/// A token key that is parsed from a text.
pub fn token_key(
    id: Option<&str>,
    form: KeyFormat,
    text: &str,
    wanted: KeyUse,
) -> Result<TokenKey> {
    TokenKeyInput::new(id, form, SecretInput::from_bytes(text.as_bytes().to_vec())).parse(wanted)
}

/// An HMAC key for tokens.
pub fn hmac_key(id: &str, seed: u8) -> TokenKey {
    let input =
        TokenKeyInput::new(Some(id), KeyFormat::Hmac, SecretInput::from_bytes(bytes(seed, 32)));
    input.parse(KeyUse::Sign).expect("a strong key")
}

/// The expectations of a verifier of issuer "i" and audience "a": typ JWT, no leeway, an hour at
/// most.
pub fn expected() -> ExpectedClaims {
    ExpectedClaims {
        issuer: "i".to_owned(),
        audiences: vec!["a".to_owned()],
        token_types: vec![Some("JWT".to_owned())],
        required_claims: Vec::new(),
        leeway: Seconds(0),
        max_lifetime: Seconds(3600),
        max_age: None,
    }
}

/// A request of this site's own pages with these cookies.
pub fn request(cookies: &[(&str, &str)]) -> RequestFacts {
    let cookie = cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("; ");
    RequestFacts {
        method: "POST".to_owned(),
        scheme: "https:".to_owned(),
        host: "app.example".to_owned(),
        cookie: Some(SecretText::new(cookie)),
        sec_fetch_site: Some("same-origin".to_owned()),
        origin: None,
        user_agent: Some(FIREFOX.to_owned()),
        ..RequestFacts::default()
    }
}

pub fn sign_in(subject: &str, seed: u8) -> Operation {
    Operation::SignIn(SignIn {
        request_context: None,
        step_up_verified: false,
        claims: None,
        jkt: None,
        request: request(&[]),
        subject: subject.to_owned(),
        data: Some("{\"n\":1}".to_owned()),
        acr: Some("aal1".to_owned()),
        amr: vec!["pwd".to_owned()],
        label: None,
        initial_entropy: InitialEntropyInput::new(bytes(seed, 48)),
    })
}

pub fn refresh(token: &str) -> Operation {
    Operation::Refresh {
        request_context: None,
        request: request(&[("__Host-portcullis-refresh-0", token)]),
    }
}

/// A request from another client family, with these cookies.
pub fn refresh_elsewhere(token: &str) -> Operation {
    let request = request(&[("__Host-portcullis-refresh-0", token)]);
    Operation::Refresh {
        request_context: None,
        request: RequestFacts { user_agent: Some(CHROME.to_owned()), ..request },
    }
}

/// One record of a store, and the loop of the host.
pub struct TestSite {
    pub site: Site,
    pub record: Option<Vec<u8>>,
    pub now: u64,
    entropy_draws: u8,
}

impl TestSite {
    pub fn new(site: Site) -> Self {
        Self { site, record: None, now: NOW, entropy_draws: 100 }
    }

    /// Decides without writing.
    pub fn decide(&mut self, operation: &Operation) -> Result<Decision> {
        self.entropy_draws = self.entropy_draws.wrapping_add(1);
        let mut entropy = Entropy::new(bytes(self.entropy_draws, decide::ATTEMPT_BYTES));
        decide::decide(&self.site, operation, self.record.as_deref(), at(self.now), &mut entropy)
    }

    /// Decides and writes.
    pub fn decide_and_write(&mut self, operation: &Operation) -> Outcome {
        let decision = self.decide(operation).expect("a decision");
        if let Some(write) = decision.write {
            self.record = Some(write.value);
        }
        decision.outcome
    }

    pub fn plan(&self, operation: &Operation) -> Plan {
        decide::plan(&self.site, operation, at(self.now)).expect("a plan")
    }

    /// Signs in and gives the refresh token.
    pub fn signed_in(&mut self, subject: &str, seed: u8) -> String {
        refresh_cookie(&self.decide_and_write(&sign_in(subject, seed))).expect("a refresh cookie")
    }

    pub fn advance_seconds(&mut self, seconds: u64) {
        self.now += seconds * SECOND;
    }
}

/// The value that an outcome sets for a cookie.
pub fn cookie(outcome: &Outcome, name: &str) -> Option<String> {
    cookies(outcome).find(|(other, _)| other == name).map(|(_, value)| value)
}

/// Names and values of the cookies that an outcome sets.
fn cookies(outcome: &Outcome) -> impl Iterator<Item = (String, String)> {
    let none = Headers::new();
    let headers = match outcome {
        Outcome::SignedIn { headers, .. }
        | Outcome::Refreshed { headers, .. }
        | Outcome::SignedOut { headers, .. } => headers,
        Outcome::Rejected(rejection) => &rejection.headers,
        Outcome::Revoked { .. }
        | Outcome::Listed { .. }
        | Outcome::Confirmed { .. }
        | Outcome::Checked { .. }
        | Outcome::Profile { .. }
        | Outcome::Found { .. } => &none,
    };
    let lines =
        headers.iter().filter(|(header, _)| *header == "set-cookie").map(|(_, line)| line.expose());
    let pairs = lines.filter_map(|line| line.split_once(';')?.0.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>().into_iter()
}

/// The code of a rejection, and the number of cookies that it clears.
pub fn rejection_summary(outcome: &Outcome) -> (&'static str, u16, usize) {
    match outcome {
        Outcome::Rejected(rejection) => {
            let cleared = rejection
                .headers
                .iter()
                .filter(|(_, value)| value.expose().contains("Max-Age=0"))
                .count();
            (rejection.code, rejection.status, cleared)
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// The refresh token that an outcome sets, whatever its generation.
pub fn refresh_cookie(outcome: &Outcome) -> Option<String> {
    cookies(outcome)
        .find(|(name, value)| name.starts_with("__Host-portcullis-refresh-") && !value.is_empty())
        .map(|(_, value)| value)
}

/// The refresh cookies that an outcome clears.
pub fn cleared_refresh_cookies(outcome: &Outcome) -> Vec<String> {
    let refresh = |(name, value): (String, String)| {
        name.strip_prefix("__Host-portcullis-refresh-")
            .filter(|_| value.is_empty())
            .map(str::to_owned)
    };
    cookies(outcome).filter_map(refresh).collect()
}
