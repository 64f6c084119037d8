//! Floor 2. A context without anything that names a person: what is compared, and what may be
//! remembered.

use super::context::{NetworkKind, RequestContext, RiskEventKind, TokenStatus};
use super::feature_hash::{Feature, FeatureHash, FeatureHasher};
use super::geo::CoarseLocation;
use super::reason::MissingSignals;
use super::user_agent::UserAgent;
use std::net::IpAddr;

/// Only so much of a language or a fingerprint is looked at, in bytes.
const MAX_TEXT_BYTES: usize = 128;

/// An address without its host: the near prefix is a home's, the wide one a customer's whose /64
/// changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkPrefix {
    /// IPv4 /24, IPv6 /64.
    pub(super) narrow: FeatureHash,
    /// IPv6 /48.
    pub(super) wide: Option<FeatureHash>,
}

/// Browser family, system and class of device, as one tag; and the browser's major version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrowserFeature {
    pub(super) family: FeatureHash,
    pub(super) major: Option<u16>,
}

/// Which device the device cookie names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceCookieSignal {
    /// There was none.
    Absent,
    /// This one.
    Present(FeatureHash),
}

/// What an event showed.
#[derive(Debug, Clone, Copy)]
pub struct Signals {
    pub(super) kind: RiskEventKind,
    pub(super) prefix: Option<NetworkPrefix>,
    pub(super) asn: Option<FeatureHash>,
    pub(super) country: Option<FeatureHash>,
    pub(super) location: Option<CoarseLocation>,
    pub(super) network_kind: Option<NetworkKind>,
    pub(super) browser: Option<BrowserFeature>,
    pub(super) hints_contradict: Option<bool>,
    pub(super) tls: Option<FeatureHash>,
    pub(super) language: Option<FeatureHash>,
    /// Milliseconds.
    pub(super) rtt: Option<f64>,
    pub(super) refreshes_per_access_ttl: Option<u32>,
    pub(super) token_status: TokenStatus,
    pub(super) device: Option<DeviceCookieSignal>,
}

impl Signals {
    /// What a context shows.
    pub fn from_context(context: &RequestContext<'_>, tagger: &FeatureHasher) -> Self {
        let agent = context.user_agent.map(UserAgent::parse);
        let text = |of, text: Option<&str>| {
            text.and_then(truncate_text).map(|text| tagger.hash(of, &[text]))
        };
        let is_imprecise = matches!(
            context.network_kind,
            Some(NetworkKind::Mobile | NetworkKind::Relay | NetworkKind::Vpn)
        );
        Self {
            kind: context.kind,
            prefix: context.ip.map(|ip| network_prefix(ip, tagger)),
            asn: context
                .asn
                .filter(|asn| *asn > 0)
                .map(|asn| tagger.hash(Feature::Asn, &[&asn.to_le_bytes()])),
            country: context
                .country
                .and_then(country)
                .map(|letters| tagger.hash(Feature::Country, &[&letters])),
            location: context
                .location
                .and_then(|(lat, lon)| CoarseLocation::from_degrees(lat, lon, is_imprecise)),
            network_kind: context.network_kind,
            browser: agent.map(|agent| browser_feature(agent, tagger)),
            hints_contradict: agent.and_then(|agent| hints_contradict_user_agent(agent, context)),
            tls: text(Feature::Tls, context.tls_fingerprint.map(tls_cipher_part)),
            language: text(Feature::Language, context.language),
            rtt: context.rtt_ms.filter(|rtt| *rtt > 0.0 && *rtt <= 60_000.0),
            refreshes_per_access_ttl: context.refreshes_per_access_ttl,
            token_status: context.token_status,
            device: context.device.map(|name| {
                name.map_or(DeviceCookieSignal::Absent, |name| {
                    DeviceCookieSignal::Present(tagger.hash_device_id(name))
                })
            }),
        }
    }

    /// The device that the event is remembered with, where that is not the one it came with.
    pub fn set_device_id(&mut self, name: FeatureHash) {
        self.device = Some(DeviceCookieSignal::Present(name));
    }

    /// What the host did not tell.
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

fn network_prefix(ip: IpAddr, tagger: &FeatureHasher) -> NetworkPrefix {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            NetworkPrefix { narrow: tagger.hash(Feature::Prefix, &[&[a, b, c]]), wide: None }
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments().map(u16::to_be_bytes);
            let wide = tagger.hash(Feature::WidePrefix, &[&a, &b, &c]);
            NetworkPrefix {
                narrow: tagger.hash(Feature::Prefix, &[&a, &b, &c, &d]),
                wide: Some(wide),
            }
        }
    }
}

/// Two letters, whatever their case. XX is what platforms say where they do not know.
fn country(text: &str) -> Option<[u8; 2]> {
    let letters = <[u8; 2]>::try_from(text.as_bytes()).ok()?;
    let letters = letters.map(|letter| letter.to_ascii_uppercase());
    (letters.iter().all(u8::is_ascii_uppercase) && letters != *b"XX").then_some(letters)
}

fn browser_feature(agent: UserAgent<'_>, tagger: &FeatureHasher) -> BrowserFeature {
    let parts = [agent.family.as_bytes(), agent.os.as_bytes(), &[agent.class as u8]];
    BrowserFeature {
        family: tagger.hash(Feature::ClientFingerprint, &parts),
        major: agent.major.map(|major| u16::try_from(major).unwrap_or(u16::MAX)),
    }
}

fn hints_contradict_user_agent(agent: UserAgent<'_>, context: &RequestContext<'_>) -> Option<bool> {
    let hints = context.hints.filter(|hints| !hints.brands.is_empty())?;
    let mobile = hints.mobile.map(|mobile| if mobile { "?1" } else { "?0" });
    Some(agent.contradicts(UserAgent::from_hints(hints.brands, hints.platform, mobile)))
}

/// A JA4 is `a_b_c`: `b` hashes the ciphers. `a` counts extensions and `c` hashes them, and both
/// differ where a connection is resumed. What has another shape is compared as it is.
fn tls_cipher_part(fingerprint: &str) -> &str {
    let mut parts = fingerprint.split('_');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(ciphers), Some(_), None) => ciphers,
        _ => fingerprint,
    }
}

/// Nothing for an empty text.
fn truncate_text(text: &str) -> Option<&[u8]> {
    let bytes = text.as_bytes();
    let kept = bytes.get(..bytes.len().min(MAX_TEXT_BYTES)).unwrap_or_default();
    (!kept.is_empty()).then_some(kept)
}
