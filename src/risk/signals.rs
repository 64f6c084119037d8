//! The signals of an event: a request context without personal data. Addresses, browsers and
//! languages become feature hashes and the location becomes coarse, so that signals may be stored.

use super::context::{NetworkKind, RequestContext, RiskEventKind, TokenStatus};
use super::feature_hash::{Feature, FeatureHash, FeatureHasher};
use super::geo::CoarseLocation;
use super::reason::MissingSignals;
use super::user_agent::UserAgent;
use std::net::IpAddr;

/// Number of bytes that are hashed of a language or a TLS fingerprint.
const MAX_TEXT_BYTES: usize = 128;

/// The network part of an IP address. The narrow prefix covers a home or office, the wide one a
/// customer whose IPv6 /64 changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkPrefix {
    /// Hash of the IPv4 /24 or the IPv6 /64.
    pub(super) narrow: FeatureHash,
    /// Hash of the IPv6 /48. `None` for IPv4.
    pub(super) wide: Option<FeatureHash>,
}

/// The browser: one hash of family, system and device class, and the major version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrowserFeature {
    /// Hash of browser family, system and device class.
    pub(super) family: FeatureHash,
    /// Major version of the browser.
    pub(super) major: Option<u16>,
}

/// The device cookie of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceCookieSignal {
    /// The request has no valid device cookie.
    Absent,
    /// The request has a device cookie; the hash of its device ID.
    Present(FeatureHash),
}

/// The signals of one event. `None` means that the signal is missing.
#[derive(Debug, Clone, Copy)]
pub struct Signals {
    /// Kind of the event.
    pub(super) kind: RiskEventKind,
    /// Network part of the IP address.
    pub(super) prefix: Option<NetworkPrefix>,
    /// Hash of the autonomous system number.
    pub(super) asn: Option<FeatureHash>,
    /// Hash of the country code.
    pub(super) country: Option<FeatureHash>,
    /// Location on a grid of half degrees.
    pub(super) location: Option<CoarseLocation>,
    /// Kind of network that the address belongs to.
    pub(super) network_kind: Option<NetworkKind>,
    /// Browser, system and device class.
    pub(super) browser: Option<BrowserFeature>,
    /// Whether the client hints contradict the user agent.
    pub(super) hints_contradict: Option<bool>,
    /// Hash of the cipher part of the TLS fingerprint.
    pub(super) tls: Option<FeatureHash>,
    /// Hash of the preferred language.
    pub(super) language: Option<FeatureHash>,
    /// Round-trip time in milliseconds.
    pub(super) rtt: Option<f64>,
    /// Refreshes within one access token lifetime.
    pub(super) refreshes_per_access_ttl: Option<u32>,
    /// Status of the presented token.
    pub(super) token_status: TokenStatus,
    /// The device cookie, where the site uses device cookies.
    pub(super) device: Option<DeviceCookieSignal>,
}

impl Signals {
    /// Extracts the signals of a context, hashed for one user.
    pub fn from_context(context: &RequestContext<'_>, hasher: &FeatureHasher) -> Self {
        let agent = context.user_agent.map(UserAgent::parse);
        let text = |of, text: Option<&str>| {
            text.and_then(truncate_text).map(|text| hasher.hash(of, &[text]))
        };
        let is_imprecise = matches!(
            context.network_kind,
            Some(NetworkKind::Mobile | NetworkKind::Relay | NetworkKind::Vpn)
        );
        Self {
            kind: context.kind,
            prefix: context.ip.map(|ip| network_prefix(ip, hasher)),
            asn: context
                .asn
                .filter(|asn| *asn > 0)
                .map(|asn| hasher.hash(Feature::Asn, &[&asn.to_le_bytes()])),
            country: context
                .country
                .and_then(country)
                .map(|letters| hasher.hash(Feature::Country, &[&letters])),
            location: context
                .location
                .and_then(|(lat, lon)| CoarseLocation::from_degrees(lat, lon, is_imprecise)),
            network_kind: context.network_kind,
            browser: agent.map(|agent| browser_feature(agent, hasher)),
            hints_contradict: agent.and_then(|agent| hints_contradict_user_agent(agent, context)),
            tls: text(Feature::Tls, context.tls_fingerprint.map(tls_cipher_part)),
            language: text(Feature::Language, context.language),
            rtt: context.rtt_ms.filter(|rtt| *rtt > 0.0 && *rtt <= 60_000.0),
            refreshes_per_access_ttl: context.refreshes_per_access_ttl,
            token_status: context.token_status,
            device: context.device.map(|name| {
                name.map_or(DeviceCookieSignal::Absent, |name| {
                    DeviceCookieSignal::Present(hasher.hash_device_id(name))
                })
            }),
        }
    }

    /// Replaces the device ID: a new device cookie was issued with the response.
    pub fn set_device_id(&mut self, name: FeatureHash) {
        self.device = Some(DeviceCookieSignal::Present(name));
    }

    /// The signals that are missing, in the order of [`MissingSignals::NAMES`].
    pub(super) fn missing_signals(&self) -> MissingSignals {
        let told = [
            self.prefix.is_some(),
            self.asn.is_some(),
            self.country.is_some(),
            self.location.is_some(),
            self.network_kind.is_some(),
            self.browser.is_some(),
            self.hints_contradict.is_some(),
            self.tls.is_some(),
            self.language.is_some(),
            self.rtt.is_some(),
            self.device.is_some(),
            self.refreshes_per_access_ttl.is_some(),
        ];
        MissingSignals::from_signals(&told)
    }
}

fn network_prefix(ip: IpAddr, hasher: &FeatureHasher) -> NetworkPrefix {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            NetworkPrefix { narrow: hasher.hash(Feature::Prefix, &[&[a, b, c]]), wide: None }
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments().map(u16::to_be_bytes);
            let wide = hasher.hash(Feature::WidePrefix, &[&a, &b, &c]);
            NetworkPrefix {
                narrow: hasher.hash(Feature::Prefix, &[&a, &b, &c, &d]),
                wide: Some(wide),
            }
        }
    }
}

/// Normalises a country code to two capital letters. Platforms send XX where the country is
/// unknown.
fn country(text: &str) -> Option<[u8; 2]> {
    let letters = <[u8; 2]>::try_from(text.as_bytes()).ok()?;
    let letters = letters.map(|letter| letter.to_ascii_uppercase());
    (letters.iter().all(u8::is_ascii_uppercase) && letters != *b"XX").then_some(letters)
}

fn browser_feature(agent: UserAgent<'_>, hasher: &FeatureHasher) -> BrowserFeature {
    let parts = [agent.family.as_bytes(), agent.os.as_bytes(), &[agent.class as u8]];
    BrowserFeature {
        family: hasher.hash(Feature::ClientFingerprint, &parts),
        major: agent.major.map(|major| u16::try_from(major).unwrap_or(u16::MAX)),
    }
}

fn hints_contradict_user_agent(agent: UserAgent<'_>, context: &RequestContext<'_>) -> Option<bool> {
    let hints = context.hints.filter(|hints| !hints.brands.is_empty())?;
    let mobile = hints.mobile.map(|mobile| if mobile { "?1" } else { "?0" });
    Some(agent.contradicts(UserAgent::from_hints(hints.brands, hints.platform, mobile)))
}

/// Returns the cipher hash of a JA4 fingerprint, the `b` of `a_b_c`. The other parts depend on the
/// extensions, which differ when a connection is resumed. Other formats are returned whole.
fn tls_cipher_part(fingerprint: &str) -> &str {
    let mut parts = fingerprint.split('_');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(ciphers), Some(_), None) => ciphers,
        _ => fingerprint,
    }
}

/// Truncates a text to [`MAX_TEXT_BYTES`]. `None` for an empty text.
fn truncate_text(text: &str) -> Option<&[u8]> {
    let bytes = text.as_bytes();
    let kept = bytes.get(..bytes.len().min(MAX_TEXT_BYTES)).unwrap_or_default();
    (!kept.is_empty()).then_some(kept)
}
