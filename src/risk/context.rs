//! Floor 2. What the host tells of an event. Everything is optional but its kind, and nothing in it can be wrong: what
//! makes no sense is as if it were not there, because a scorer that fails lets everybody in or nobody.

use std::net::IpAddr;

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
