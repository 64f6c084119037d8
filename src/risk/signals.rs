//! Floor 2. A context without anything that names a person: what is compared, and what may be
//! remembered.

use super::agent::Agent;
use super::context::{Context, Kind, NetworkKind, TokenFact};
use super::place::Place;
use super::reason::Blind;
use super::tags::{Of, Tag, Tagger};
use std::net::IpAddr;

/// Only so much of a language or a fingerprint is looked at, in bytes.
const TEXT_MAX_BYTES: usize = 128;

/// An address without its host: the near prefix is a home's, the wide one a customer's whose /64
/// changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// IPv4 /24, IPv6 /64.
    pub(super) near: Tag,
    /// IPv6 /48.
    pub(super) wide: Option<Tag>,
}

/// Browser family, system and class of device, as one tag; and the browser's major version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appearance {
    pub(super) family: Tag,
    pub(super) major: Option<u16>,
}

/// Which device the device cookie names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceTag {
    /// There was none.
    Absent,
    /// This one.
    Present(Tag),
}

/// What an event showed.
#[derive(Debug, Clone, Copy)]
pub struct Signals {
    pub(super) kind: Kind,
    pub(super) prefix: Option<Prefix>,
    pub(super) asn: Option<Tag>,
    pub(super) country: Option<Tag>,
    pub(super) place: Option<Place>,
    pub(super) network_kind: Option<NetworkKind>,
    pub(super) appearance: Option<Appearance>,
    pub(super) hints_contradict: Option<bool>,
    pub(super) tls: Option<Tag>,
    pub(super) language: Option<Tag>,
    /// Milliseconds.
    pub(super) rtt: Option<f64>,
    pub(super) refreshes_in_ttl: Option<u32>,
    pub(super) token_fact: TokenFact,
    pub(super) device: Option<DeviceTag>,
}

impl Signals {
    /// What a context shows.
    pub fn of(context: &Context<'_>, tagger: &Tagger) -> Self {
        let agent = context.user_agent.map(Agent::read);
        let text = |of, text: Option<&str>| text.and_then(cut).map(|text| tagger.tag(of, &[text]));
        let is_vague = matches!(
            context.network_kind,
            Some(NetworkKind::Mobile | NetworkKind::Relay | NetworkKind::Vpn)
        );
        Self {
            kind: context.kind,
            prefix: context.ip.map(|ip| prefix(ip, tagger)),
            asn: context
                .asn
                .filter(|asn| *asn > 0)
                .map(|asn| tagger.tag(Of::Asn, &[&asn.to_le_bytes()])),
            country: context
                .country
                .and_then(country)
                .map(|letters| tagger.tag(Of::Country, &[&letters])),
            place: context.place.and_then(|(lat, lon)| Place::of(lat, lon, is_vague)),
            network_kind: context.network_kind,
            appearance: agent.map(|agent| appearance(agent, tagger)),
            hints_contradict: agent.and_then(|agent| contradiction(agent, context)),
            tls: text(Of::Tls, context.tls_fingerprint.map(cipher_part)),
            language: text(Of::Language, context.language),
            rtt: context.rtt_ms.filter(|rtt| *rtt > 0.0 && *rtt <= 60_000.0),
            refreshes_in_ttl: context.refreshes_in_ttl,
            token_fact: context.token_fact,
            device: context.device.map(|name| {
                name.map_or(DeviceTag::Absent, |name| DeviceTag::Present(tagger.device(name)))
            }),
        }
    }

    /// The device that the event is remembered with, where that is not the one it came with.
    pub fn name_device(&mut self, name: Tag) {
        self.device = Some(DeviceTag::Present(name));
    }

    /// What the host did not tell.
    pub(super) fn blind(&self) -> Blind {
        let told = [
            self.prefix.is_some(),
            self.asn.is_some(),
            self.country.is_some(),
            self.place.is_some(),
            self.network_kind.is_some(),
            self.appearance.is_some(),
            self.hints_contradict.is_some(),
            self.tls.is_some(),
            self.language.is_some(),
            self.rtt.is_some(),
            self.device.is_some(),
            self.refreshes_in_ttl.is_some(),
        ];
        Blind::of(&told)
    }
}

fn prefix(ip: IpAddr, tagger: &Tagger) -> Prefix {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            Prefix { near: tagger.tag(Of::Prefix, &[&[a, b, c]]), wide: None }
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments().map(u16::to_be_bytes);
            let wide = tagger.tag(Of::WidePrefix, &[&a, &b, &c]);
            Prefix { near: tagger.tag(Of::Prefix, &[&a, &b, &c, &d]), wide: Some(wide) }
        }
    }
}

/// Two letters, whatever their case. XX is what platforms say where they do not know.
fn country(text: &str) -> Option<[u8; 2]> {
    let letters = <[u8; 2]>::try_from(text.as_bytes()).ok()?;
    let letters = letters.map(|letter| letter.to_ascii_uppercase());
    (letters.iter().all(u8::is_ascii_uppercase) && letters != *b"XX").then_some(letters)
}

fn appearance(agent: Agent<'_>, tagger: &Tagger) -> Appearance {
    let parts = [agent.family.as_bytes(), agent.os.as_bytes(), &[agent.class as u8]];
    Appearance {
        family: tagger.tag(Of::Face, &parts),
        major: agent.major.map(|major| u16::try_from(major).unwrap_or(u16::MAX)),
    }
}

fn contradiction(agent: Agent<'_>, context: &Context<'_>) -> Option<bool> {
    let hints = context.hints.filter(|hints| !hints.brands.is_empty())?;
    let mobile = hints.mobile.map(|mobile| if mobile { "?1" } else { "?0" });
    Some(agent.contradicts(Agent::from_hints(hints.brands, hints.platform, mobile)))
}

/// A JA4 is `a_b_c`: `b` hashes the ciphers. `a` counts extensions and `c` hashes them, and both
/// differ where a connection is resumed. What has another shape is compared as it is.
fn cipher_part(fingerprint: &str) -> &str {
    let mut parts = fingerprint.split('_');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(ciphers), Some(_), None) => ciphers,
        _ => fingerprint,
    }
}

/// Nothing for an empty text.
fn cut(text: &str) -> Option<&[u8]> {
    let bytes = text.as_bytes();
    let kept = bytes.get(..bytes.len().min(TEXT_MAX_BYTES)).unwrap_or_default();
    (!kept.is_empty()).then_some(kept)
}
