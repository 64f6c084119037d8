//! The request context: what the host knows of an event. Everything but the kind of the event is
//! optional. A value that cannot be read counts as missing and is never an error, because a failing
//! risk assessment would lock out every user.

use std::net::{IpAddr, Ipv6Addr};

/// The kind of event that is assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RiskEventKind {
    /// A sign-in, which has no session yet to compare with.
    SignIn,
    /// A refresh of a session.
    Refresh,
    /// Any other request in a session.
    #[default]
    SessionCheck,
    /// A step-up: a stronger authentication within a session (RFC 9470).
    StepUp,
}

/// The kind of network that the client's address belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkKind {
    /// A home or office network.
    Residential,
    /// The network of a mobile carrier.
    Mobile,
    /// The network of a data centre.
    Hosting,
    /// The network of a VPN service.
    Vpn,
    /// An exit node of the Tor network.
    Tor,
    /// The egress of a privacy relay.
    Relay,
}

/// The status of the presented token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenStatus {
    /// An ordinary token, or none.
    #[default]
    None,
    /// A superseded token within its grace window, as a retry sends it.
    ReusedInGrace,
    /// A superseded token after its grace window. Revokes the session.
    Reused,
    /// A valid proof of possession of the session's key (RFC 9449).
    ProofValid,
    /// An invalid proof of possession (RFC 9449). Revokes the session.
    ProofInvalid,
    /// Two clients continued from the same token.
    Forked,
}

/// The user agent client hints of a request.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientHints<'a> {
    /// Value of the header `Sec-CH-UA`.
    pub brands: &'a str,
    /// Value of `Sec-CH-UA-Platform`, with or without its quotes.
    pub platform: Option<&'a str>,
    /// Whether `Sec-CH-UA-Mobile` is `?1`.
    pub mobile: Option<bool>,
}

/// The properties of one event, as far as the host knows them.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestContext<'a> {
    /// Kind of the event. Default: a request.
    pub kind: RiskEventKind,
    /// IP address of the client.
    pub ip: Option<IpAddr>,
    /// Number of the autonomous system, 1 to 4294967295.
    pub asn: Option<u32>,
    /// Country code of two letters (ISO 3166-1).
    pub country: Option<&'a str>,
    /// Latitude and longitude in degrees.
    pub location: Option<(f64, f64)>,
    /// Kind of network that the address belongs to.
    pub network_kind: Option<NetworkKind>,
    /// Value of the header `User-Agent`.
    pub user_agent: Option<&'a str>,
    /// Client hints of the request.
    pub hints: Option<ClientHints<'a>>,
    /// TLS fingerprint, which is only compared. Of a JA4 only the middle part, which hashes the
    /// ciphers, is used. A hash that depends on the order of extensions is unsuitable.
    pub tls_fingerprint: Option<&'a str>,
    /// Preferred language of the browser (RFC 5646).
    pub language: Option<&'a str>,
    /// Round-trip time in milliseconds, above 0 and at most 60000.
    pub rtt_ms: Option<f64>,
    /// Refreshes of the session within one access token lifetime, including this one.
    pub refreshes_per_access_ttl: Option<u32>,
    /// Status of the presented token.
    pub token_status: TokenStatus,
    /// Device ID of the verified device cookie. The inner `None` means that no cookie was sent, the
    /// outer one that the site does not use device cookies.
    pub device: Option<Option<&'a [u8]>>,
}

/// A request context encoded as one string. [`RequestContext::parse`] defines the format. measured:
/// see performance.md, Encoded request context
#[derive(Debug, Clone)]
pub struct EncodedContext(pub String);

impl EncodedContext {
    /// Decodes the context of an event of this kind.
    pub fn parse(&self, kind: RiskEventKind) -> RequestContext<'_> {
        RequestContext::parse(&self.0, kind)
    }
}

impl<'a> RequestContext<'a> {
    /// Decodes a context. The fields are separated by NUL, in this order:
    ///
    /// - IP address: IPv4 as four decimal numbers, IPv6 as a colon and four decimal numbers of 32
    ///   bits, both separated by dots
    /// - ASN, country, latitude and longitude in thousandths of a degree, kind of network, user
    ///   agent
    /// - client hints: brands, platform, and 1 or 0 for mobile
    /// - TLS fingerprint, language, round-trip time in ms, refreshes
    ///
    /// A field that is empty or malformed counts as missing.
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

/// Decodes an IP address. Leading zeros are rejected, because some programs read them as octal.
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
    /// Every kind, at the index of its number.
    pub const ALL: [Self; 4] = [Self::SignIn, Self::Refresh, Self::SessionCheck, Self::StepUp];

    /// The text of this kind in the JavaScript API.
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
    /// Every status, at the index that the host passes.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::ReusedInGrace,
        Self::Reused,
        Self::ProofValid,
        Self::ProofInvalid,
        Self::Forked,
    ];

    /// The text of this status in the JavaScript API, empty for [`Self::None`].
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
