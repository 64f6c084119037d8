//! The stored form of risk profiles and session profiles.
//!
//! ```text
//! profile    format (1) | learned events | last event | counters | networks | providers
//!            | countries | devices | hours | location? | rtt? | new prefixes
//! network    hash (4) | count | hour | wide hash (4, 0: none)
//! feature    hash (4) | count                                    a provider or a country
//! device     count | hour | family, device ID, language (4 each, 0: none)
//! location   at | lat, lon (2 each) | imprecise (1)
//! new prefixes  count of each provider, in their order; absent in older profiles
//! session    format (1) | latest? | previous? | alternations (1) | location?
//! client     family, TLS, language (4 each, 0: none) | major (2), present (1) | at
//! ```
//! Sizes are in bytes. `byte_codec` defines numbers, lists and optional values (`?`).

use super::decayed_count::DecayedCount;
use super::feature_hash::FeatureHash;
use super::geo::CoarseLocation;
use super::profile::{
    INACTIVITY_LIMIT, KnownDevice, KnownFeature, KnownNetwork, MAX_COUNTRIES, MAX_DEVICES,
    MAX_NETWORKS, MAX_PROVIDERS, RiskProfile, insert_ranked,
};
use super::session_profile::{ClientFingerprint, SessionProfile};
use crate::foundation::byte_codec::{ByteReader, ByteWriter};
use crate::foundation::time::Timestamp;

/// Format version of both encodings.
const FORMAT: u8 = 1;

impl RiskProfile {
    /// Encodes the profile in at most [`super::MAX_PROFILE_BYTES`] bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = ByteWriter(Vec::with_capacity(512));
        to.write_raw(&[FORMAT]);
        to.write_varint(self.learned_events.into());
        to.write_varint(self.last_event_at.map_or(0, Timestamp::ms));
        self.counters.0.into_iter().for_each(|weight| write_heat(&mut to, weight));
        write_list(&mut to, &self.networks, |to, network| {
            to.write_raw(&network.narrow.get().to_le_bytes());
            write_heat(to, network.weight);
            to.write_varint(network.hour.into());
            write_tag(to, network.wide);
        });
        for list in [&self.providers, &self.countries] {
            write_list(&mut to, list, |to, familiar| {
                to.write_raw(&familiar.hash.get().to_le_bytes());
                write_heat(to, familiar.weight);
            });
        }
        write_list(&mut to, &self.devices, |to, device| {
            write_heat(to, device.weight);
            to.write_varint(device.hour.into());
            [device.family, device.device_id, device.language]
                .into_iter()
                .for_each(|tag| write_tag(to, tag));
        });
        self.hours.into_iter().for_each(|weight| write_heat(&mut to, weight));
        to.write_optional(self.location, write_place);
        to.write_optional(self.rtt, |to, (at, rtt)| {
            to.write_varint(at.ms());
            to.write_raw(&rtt.to_le_bytes());
        });
        self.providers.iter().for_each(|provider| write_heat(&mut to, provider.new_prefixes));
        to.0
    }

    /// Time from which an encoded profile is outdated, after the inactivity limit. `None` for an
    /// empty profile and for bytes that cannot be read.
    pub fn expires_at(bytes: &[u8]) -> Option<Timestamp> {
        let mut from = ByteReader(bytes);
        let [FORMAT] = *from.read_array()? else { return None };
        from.read_varint_u32()?;
        read_time(&mut from)?.map(|last| last.saturating_add(INACTIVITY_LIMIT))
    }

    /// Decodes a profile. `None` for anything that [`RiskProfile::to_bytes`] does not produce.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut from = ByteReader(bytes);
        let [FORMAT] = *from.read_array()? else { return None };
        let mut profile = Self {
            learned_events: from.read_varint_u32()?,
            last_event_at: read_time(&mut from)?,
            ..Self::default()
        };
        for weight in &mut profile.counters.0 {
            *weight = read_heat(&mut from)?;
        }
        profile.networks = read_list(&mut from, MAX_NETWORKS, |from| {
            let near = read_tag(from)??;
            Some(KnownNetwork {
                narrow: near,
                weight: read_heat(from)?,
                hour: from.read_varint_u32()?,
                wide: read_tag(from)?,
            })
        })?;
        let familiar = |from: &mut ByteReader<'_>| {
            Some(KnownFeature {
                hash: read_tag(from)??,
                weight: read_heat(from)?,
                new_prefixes: DecayedCount::default(),
            })
        };
        profile.providers = read_list(&mut from, MAX_PROVIDERS, familiar)?;
        profile.countries = read_list(&mut from, MAX_COUNTRIES, familiar)?;
        profile.devices = read_list(&mut from, MAX_DEVICES, |from| {
            let (weight, hour) = (read_heat(from)?, from.read_varint_u32()?);
            Some(KnownDevice {
                weight,
                hour,
                family: read_tag(from)?,
                device_id: read_tag(from)?,
                language: read_tag(from)?,
            })
        })?;
        for weight in &mut profile.hours {
            *weight = read_heat(&mut from)?;
        }
        profile.location = from.read_optional(read_place)?;
        profile.rtt = from.read_optional(|from| {
            Some((Timestamp::from_ms(from.read_varint()?), u16::from_le_bytes(*from.read_array()?)))
        })?;
        if !from.0.is_empty() {
            for provider in &mut profile.providers {
                provider.new_prefixes = read_heat(&mut from)?;
            }
        }
        from.0.is_empty().then_some(profile)
    }
}

impl SessionProfile {
    /// Encodes the session profile.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = ByteWriter(Vec::with_capacity(64));
        to.write_raw(&[FORMAT]);
        [self.latest, self.previous]
            .into_iter()
            .for_each(|face| to.write_optional(face, write_face));
        to.write_raw(&[self.alternations]);
        to.write_optional(self.location, write_place);
        to.0
    }

    /// Decodes a session profile. `None` for anything that [`SessionProfile::to_bytes`] does not
    /// produce.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut from = ByteReader(bytes);
        let [FORMAT] = *from.read_array()? else { return None };
        let (latest, other) = (from.read_optional(read_face)?, from.read_optional(read_face)?);
        let [turns] = *from.read_array()?;
        let place = from.read_optional(read_place)?;
        from.0.is_empty().then_some(Self {
            latest,
            previous: other,
            alternations: turns,
            location: place,
        })
    }
}

fn write_heat(to: &mut ByteWriter, weight: DecayedCount) {
    to.write_varint(weight.0.into());
}

fn read_heat(from: &mut ByteReader<'_>) -> Option<DecayedCount> {
    from.read_varint_u32().map(DecayedCount)
}

fn write_tag(to: &mut ByteWriter, tag: Option<FeatureHash>) {
    to.write_raw(&tag.map_or(0, FeatureHash::get).to_le_bytes());
}

fn read_tag(from: &mut ByteReader<'_>) -> Option<Option<FeatureHash>> {
    Some(FeatureHash::new(u32::from_le_bytes(*from.read_array()?)))
}

fn read_time(from: &mut ByteReader<'_>) -> Option<Option<Timestamp>> {
    let ms = from.read_varint()?;
    Some((ms > 0).then(|| Timestamp::from_ms(ms)))
}

fn write_list<T>(to: &mut ByteWriter, list: &[T], write: impl Fn(&mut ByteWriter, &T)) {
    to.write_length(list.len());
    list.iter().for_each(|entry| write(to, entry));
}

/// Reads a list through the function that keeps lists ordered and bounded, because stored bytes may
/// come from anywhere.
fn read_list<E: super::profile::RankedEntry>(
    from: &mut ByteReader<'_>,
    most: usize,
    read: impl Fn(&mut ByteReader<'_>) -> Option<E>,
) -> Option<Vec<E>> {
    let count = from.read_length().filter(|count| *count <= most)?;
    let mut list = Vec::with_capacity(count);
    for _ in 0..count {
        let entry = read(from)?;
        insert_ranked(&mut list, entry, most);
    }
    Some(list)
}

fn write_place(to: &mut ByteWriter, (at, place): (Timestamp, CoarseLocation)) {
    to.write_varint(at.ms());
    to.write_raw(&place.lat.to_le_bytes());
    to.write_raw(&place.lon.to_le_bytes());
    to.write_raw(&[u8::from(place.is_imprecise)]);
}

fn read_place(from: &mut ByteReader<'_>) -> Option<(Timestamp, CoarseLocation)> {
    let at = Timestamp::from_ms(from.read_varint()?);
    let (lat, lon) =
        (i16::from_le_bytes(*from.read_array()?), i16::from_le_bytes(*from.read_array()?));
    let is_imprecise = matches!(from.read_array()?, [1]);
    Some((at, CoarseLocation { lat, lon, is_imprecise }))
}

fn write_face(to: &mut ByteWriter, face: ClientFingerprint) {
    [face.family, face.tls, face.language].into_iter().for_each(|tag| write_tag(to, tag));
    to.write_raw(&face.major.unwrap_or_default().to_le_bytes());
    to.write_raw(&[u8::from(face.major.is_some())]);
    to.write_varint(face.at.ms());
}

fn read_face(from: &mut ByteReader<'_>) -> Option<ClientFingerprint> {
    let (family, tls, language) = (read_tag(from)?, read_tag(from)?, read_tag(from)?);
    let major = u16::from_le_bytes(*from.read_array()?);
    let major = matches!(from.read_array()?, [1]).then_some(major);
    Some(ClientFingerprint {
        family,
        major,
        tls,
        language,
        at: Timestamp::from_ms(from.read_varint()?),
    })
}
