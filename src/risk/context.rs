//! Floor 2. What the host tells of an event. Everything is optional but its kind, and nothing in it
//! can be wrong: what makes no sense is as if it were not there, because a scorer that fails lets
//! everybody in or nobody.

use std::net::{IpAddr, Ipv6Addr};

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RiskEventKind {
    /// Signs in: there is no session yet to compare with.
    SignIn,
    /// Spends a refresh token.
    Refresh,
    /// Anything else in a session.
    #[default]
    SessionCheck,
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
pub enum TokenStatus {
    /// Nothing special.
    #[default]
    None,
    /// A retired token, soon enough to be a retry.
    ReusedInGrace,
    /// A retired token, too late: a hard fact.
    Reused,
    /// The proof of possession of the session's key holds (RFC 9449).
    ProofValid,
    /// It does not: a hard fact.
    ProofInvalid,
    /// Two clients go on from one token.
    Forked,
}

/// What a browser says of itself in client hints.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientHints<'a> {
    /// `Sec-CH-UA`.
    pub brands: &'a str,
    /// `Sec-CH-UA-Platform`, with or without its quotes.
    pub platform: Option<&'a str>,
    /// `Sec-CH-UA-Mobile`.
    pub mobile: Option<bool>,
}

/// What the host tells of an event.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestContext<'a> {
    /// What somebody does.
    pub kind: RiskEventKind,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The autonomous system: 1 to 4294967295.
    pub asn: Option<u32>,
    /// ISO 3166-1, two letters.
    pub country: Option<&'a str>,
    /// Latitude and longitude in degrees.
    pub location: Option<(f64, f64)>,
    /// Whose network it is.
    pub network_kind: Option<NetworkKind>,
    /// The `User-Agent` header.
    pub user_agent: Option<&'a str>,
    /// What the browser says of itself besides.
    pub hints: Option<ClientHints<'a>>,
    /// A TLS fingerprint: only compared. Of a whole JA4 its middle part is, which names the
    /// ciphers; an order-sensitive hash must not be given.
    pub tls_fingerprint: Option<&'a str>,
    /// The language that the browser likes best (RFC 5646).
    pub language: Option<&'a str>,
    /// Milliseconds to the client and back: above 0, at most 60000.
    pub rtt_ms: Option<f64>,
    /// Refreshes of the session within the last lifetime of an access token, this one included.
    pub refreshes_per_access_ttl: Option<u32>,
    /// What is known of the token.
    pub token_status: TokenStatus,
    /// The name in the device cookie that came along, verified; the inner `None` where there was
    /// none.
    pub device: Option<Option<&'a [u8]>>,
}

/// The same as one text, as it crosses from the host in a tenth of the time of its fields: see
/// [`Context::read`].
#[derive(Debug, Clone)]
pub struct EncodedContext(pub String);

impl EncodedContext {
    /// What is told of an event of this kind.
    pub fn parse(&self, kind: RiskEventKind) -> RequestContext<'_> {
        RequestContext::parse(&self.0, kind)
    }
}

impl<'a> RequestContext<'a> {
    /// What a text tells of an event of this kind. Parted by NUL: the address (IPv4 in dots; IPv6
    /// as a colon and four numbers of 32 bits, parted by dots), asn, country, latitude and
    /// longitude in thousandths of a degree, kind of network, user agent; of the client hints
    /// brands, platform, and 1 or 0 for mobile; TLS fingerprint, language, round trip in ms,
    /// refreshes. What is empty, or not what it should be, is not known.
    pub fn parse(text: &'a str, kind: RiskEventKind) -> Self {
        let mut parts = text.split('\0');
        let mut text = || parts.next().filter(|part| !part.is_empty());
        let ip = text().and_then(parse_address);
        let (asn, country) = (whole_number(text()), text());
        let place = parse_degrees(text()).zip(parse_degrees(text()));
        let (network_kind, user_agent) = (text().and_then(NetworkKind::from_name), text());
        let (brands, platform, mobile) = (text(), text(), text().map(|word| word == "1"));
        let (tls_fingerprint, language, rtt, refreshes) =
            (text(), text(), whole_number(text()), whole_number(text()));
        Self {
            kind,
            ip,
            asn,
            country,
            location: place,
            network_kind,
            user_agent,
            hints: brands.map(|brands| ClientHints { brands, platform, mobile }),
            tls_fingerprint,
            language,
            rtt_ms: rtt.map(f64::from),
            refreshes_per_access_ttl: refreshes,
            ..Self::default()
        }
    }
}

fn whole_number(text: Option<&str>) -> Option<u32> {
    text.and_then(|text| text.parse().ok())
}

fn parse_degrees(text: Option<&str>) -> Option<f64> {
    text.and_then(|text| text.parse::<i32>().ok())
        .map(|thousandths| f64::from(thousandths) / 1000.0)
}

/// Numbers in their one spelling: some programs read 010 as eight, and two would see two addresses.
fn parse_address(text: &str) -> Option<IpAddr> {
    let (numbers, is_v6) = text.strip_prefix(':').map_or((text, false), |numbers| (numbers, true));
    let mut parts = numbers.split('.').map(|part| {
        let is_plain = part == "0" || !part.starts_with(['0', '+']);
        part.parse::<u32>().ok().filter(|number| is_plain && (is_v6 || *number < 256))
    });
    let groups = [parts.next()??, parts.next()??, parts.next()??, parts.next()??];
    if parts.next().is_some() {
        return None;
    }
    if !is_v6 {
        let [a, b, c, d] = groups.map(|number| number as u8);
        return Some(IpAddr::from([a, b, c, d]));
    }
    let mut octets = [0; 16];
    octets
        .iter_mut()
        .zip(groups.map(u32::to_be_bytes).as_flattened())
        .for_each(|(to, from)| *to = *from);
    Some(Ipv6Addr::from(octets).into())
}

impl RiskEventKind {
    /// All of them, each at the place of its number.
    pub const ALL: [Self; 4] = [Self::SignIn, Self::Refresh, Self::SessionCheck, Self::StepUp];

    /// How it is told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Refresh => "refresh",
            Self::SessionCheck => "session_check",
            Self::StepUp => "step_up",
        }
    }
}

impl TokenStatus {
    /// All of them, in the order in which they cross from the host.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::ReusedInGrace,
        Self::Reused,
        Self::ProofValid,
        Self::ProofInvalid,
        Self::Forked,
    ];

    /// How it is told; nothing where there is nothing to tell.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::ReusedInGrace => "reused_in_grace",
            Self::Reused => "reused",
            Self::ProofValid => "proof_valid",
            Self::ProofInvalid => "proof_invalid",
            Self::Forked => "forked",
        }
    }
}

impl NetworkKind {
    fn from_name(word: &str) -> Option<Self> {
        const NAMES: [(&str, NetworkKind); 6] = [
            ("residential", NetworkKind::Residential),
            ("mobile", NetworkKind::Mobile),
            ("hosting", NetworkKind::Hosting),
            ("vpn", NetworkKind::Vpn),
            ("tor", NetworkKind::Tor),
            ("relay", NetworkKind::Relay),
        ];
        NAMES.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind)
    }
}
