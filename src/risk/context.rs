//! Floor 2. What the host tells of an event. Everything is optional but its kind, and nothing in it can be wrong: what
//! makes no sense is as if it were not there, because a scorer that fails lets everybody in or nobody.

use std::net::{IpAddr, Ipv6Addr};

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Signs in: there is no session yet to compare with.
    SignIn,
    /// Spends a refresh token.
    Refresh,
    /// Anything else in a session.
    #[default]
    Request,
    /// Proves more of who they are.
    StepUp,
}

/// Whose network it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkKind {
    /// A home or an office.
    Residential,
    /// A carrier's.
    Mobile,
    /// A data centre's.
    Hosting,
    /// A VPN's.
    Vpn,
    /// An exit of Tor.
    Tor,
    /// A privacy relay's.
    Relay,
}

/// What is known of the token that was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenFact {
    /// Nothing special.
    #[default]
    None,
    /// A retired token, soon enough to be a retry.
    ReuseInGrace,
    /// A retired token, too late: a hard fact.
    Reuse,
    /// The proof of possession of the session's key holds (RFC 9449).
    ProofOk,
    /// It does not: a hard fact.
    ProofFail,
    /// Two clients go on from one token.
    Fork,
}

/// What a browser says of itself in client hints.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// `Sec-CH-UA`.
    pub brands: &'a str,
    /// `Sec-CH-UA-Platform`, with or without its quotes.
    pub platform: Option<&'a str>,
    /// `Sec-CH-UA-Mobile`.
    pub mobile: Option<bool>,
}

/// What the host tells of an event.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// What somebody does.
    pub kind: Kind,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The autonomous system: 1 to 4294967295.
    pub asn: Option<u32>,
    /// ISO 3166-1, two letters.
    pub country: Option<&'a str>,
    /// Latitude and longitude in degrees.
    pub place: Option<(f64, f64)>,
    /// Whose network it is.
    pub network_kind: Option<NetworkKind>,
    /// The `User-Agent` header.
    pub user_agent: Option<&'a str>,
    /// What the browser says of itself besides.
    pub hints: Option<Hints<'a>>,
    /// A TLS fingerprint: only compared. Of a whole JA4 its middle part is, which names the ciphers; an order-sensitive hash
    /// must not be given.
    pub tls_fingerprint: Option<&'a str>,
    /// The language that the browser likes best (RFC 5646).
    pub language: Option<&'a str>,
    /// Milliseconds to the client and back: above 0, at most 60000.
    pub rtt_ms: Option<f64>,
    /// Refreshes of the session within the last lifetime of an access token, this one included.
    pub refreshes_in_ttl: Option<u32>,
    /// What is known of the token.
    pub token_fact: TokenFact,
    /// The name in the device cookie that came along, verified; the inner `None` where there was none.
    pub device: Option<Option<&'a [u8]>>,
}

/// The same as the host hands it over, owned: what is no address, no kind and no number is dropped when it is read.
#[derive(Debug, Clone, Default)]
pub struct ContextInput {
    /// See [`Context::ip`]; IPv4 as its IPv4-mapped address.
    pub ip: Option<[u8; 16]>,
    /// See [`Context::asn`].
    pub asn: Option<f64>,
    /// See [`Context::country`].
    pub country: Option<String>,
    /// See [`Context::place`].
    pub lat: Option<f64>,
    /// See [`Context::place`].
    pub lon: Option<f64>,
    /// See [`Context::network_kind`].
    pub network_kind: Option<String>,
    /// See [`Context::user_agent`].
    pub user_agent: Option<String>,
    /// See [`Hints::brands`].
    pub brands: Option<String>,
    /// See [`Hints::platform`].
    pub platform: Option<String>,
    /// See [`Hints::mobile`].
    pub mobile: Option<bool>,
    /// See [`Context::tls_fingerprint`].
    pub tls_fingerprint: Option<String>,
    /// See [`Context::language`].
    pub language: Option<String>,
    /// See [`Context::rtt_ms`].
    pub rtt_ms: Option<f64>,
    /// See [`Context::refreshes_in_ttl`].
    pub refreshes_in_ttl: Option<f64>,
}

impl ContextInput {
    /// What is told of an event of this kind.
    pub fn context(&self, kind: Kind) -> Context<'_> {
        let whole = |number: f64| (number.fract() == 0.0 && number >= 0.0).then_some(number as u32);
        let hints = |brands| Hints { brands, platform: self.platform.as_deref(), mobile: self.mobile };
        Context {
            kind,
            ip: self.ip.map(|ip| Ipv6Addr::from(ip).into()),
            asn: self.asn.filter(|asn| *asn <= f64::from(u32::MAX)).and_then(whole),
            country: self.country.as_deref(),
            place: self.lat.zip(self.lon),
            network_kind: self.network_kind.as_deref().and_then(NetworkKind::of),
            user_agent: self.user_agent.as_deref(),
            hints: self.brands.as_deref().map(hints),
            tls_fingerprint: self.tls_fingerprint.as_deref(),
            language: self.language.as_deref(),
            rtt_ms: self.rtt_ms,
            refreshes_in_ttl: self.refreshes_in_ttl.and_then(whole),
            ..Context::default()
        }
    }
}

impl Kind {
    /// How it is told.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Refresh => "refresh",
            Self::Request => "request",
            Self::StepUp => "step_up",
        }
    }
}

impl NetworkKind {
    fn of(word: &str) -> Option<Self> {
        const WORDS: [(&str, NetworkKind); 6] = [
            ("residential", NetworkKind::Residential),
            ("mobile", NetworkKind::Mobile),
            ("hosting", NetworkKind::Hosting),
            ("vpn", NetworkKind::Vpn),
            ("tor", NetworkKind::Tor),
            ("relay", NetworkKind::Relay),
        ];
        WORDS.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }
}
