//! Floor 2. How profiles and companions are stored.
//!
//! ```text
//! profile    format (1) | learned | last | counts | networks | providers | countries | devices | hours | place? | rtt? | moves
//! moves      heat of each provider, in their order; profiles of before have none
//! network    tag (4) | heat | hour | wide tag (4, 0: none)
//! familiar   tag (4) | heat
//! device     heat | hour | family, cookie, language (4 each, 0: none)
//! place      at | lat, lon (2 each) | vague (1)
//! companion  format (1) | latest? | other? | turns (1) | place?
//! face       family, TLS, language (4 each, 0: none) | major (2) and whether there is one (1) | at
//! ```
//! Numbers and what may be absent: `bytes`.

use super::companion::{Companion, Face};
use super::heat::Heat;
use super::place::Place;
use super::profile::{
    COUNTRIES, DEVICES, Device, Familiar, NETWORKS, Network, PAUSE, PROVIDERS, Profile, admit,
};
use super::tags::Tag;
use crate::foundation::bytes::{Reader, Writer};
use crate::foundation::time::Timestamp;

/// The format that is written, of both.
const FORMAT: u8 = 1;

impl Profile {
    /// Its bytes: at most [`super::PROFILE_MAX_BYTES`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = Writer(Vec::with_capacity(512));
        to.raw(&[FORMAT]);
        to.number(self.learned.into());
        to.number(self.last.map_or(0, Timestamp::ms));
        self.counts.0.into_iter().for_each(|heat| write_heat(&mut to, heat));
        write_list(&mut to, &self.networks, |to, network| {
            to.raw(&network.near.get().to_le_bytes());
            write_heat(to, network.heat);
            to.number(network.hour.into());
            write_tag(to, network.wide);
        });
        for list in [&self.providers, &self.countries] {
            write_list(&mut to, list, |to, familiar| {
                to.raw(&familiar.tag.get().to_le_bytes());
                write_heat(to, familiar.heat);
            });
        }
        write_list(&mut to, &self.devices, |to, device| {
            write_heat(to, device.heat);
            to.number(device.hour.into());
            [device.family, device.cookie, device.language]
                .into_iter()
                .for_each(|tag| write_tag(to, tag));
        });
        self.hours.into_iter().for_each(|heat| write_heat(&mut to, heat));
        to.optional(self.place, write_place);
        to.optional(self.rtt, |to, (at, rtt)| {
            to.number(at.ms());
            to.raw(&rtt.to_le_bytes());
        });
        self.providers.iter().for_each(|provider| write_heat(&mut to, provider.moves));
        to.0
    }

    /// From when on a stored profile tells too little to be kept: where it has long been idle,
    /// scoring learns anew.
    pub fn stale_at(bytes: &[u8]) -> Option<Timestamp> {
        let mut from = Reader(bytes);
        let [FORMAT] = *from.raw()? else { return None };
        from.small()?;
        read_time(&mut from)?.map(|last| last.plus(PAUSE))
    }

    /// What [`Profile::to_bytes`] gave; nothing for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        let [FORMAT] = *from.raw()? else { return None };
        let mut profile =
            Self { learned: from.small()?, last: read_time(&mut from)?, ..Self::default() };
        for heat in &mut profile.counts.0 {
            *heat = read_heat(&mut from)?;
        }
        profile.networks = read_list(&mut from, NETWORKS, |from| {
            let near = read_tag(from)??;
            Some(Network {
                near,
                heat: read_heat(from)?,
                hour: from.small()?,
                wide: read_tag(from)?,
            })
        })?;
        let familiar = |from: &mut Reader<'_>| {
            Some(Familiar { tag: read_tag(from)??, heat: read_heat(from)?, moves: Heat::default() })
        };
        profile.providers = read_list(&mut from, PROVIDERS, familiar)?;
        profile.countries = read_list(&mut from, COUNTRIES, familiar)?;
        profile.devices = read_list(&mut from, DEVICES, |from| {
            let (heat, hour) = (read_heat(from)?, from.small()?);
            Some(Device {
                heat,
                hour,
                family: read_tag(from)?,
                cookie: read_tag(from)?,
                language: read_tag(from)?,
            })
        })?;
        for heat in &mut profile.hours {
            *heat = read_heat(&mut from)?;
        }
        profile.place = from.optional(read_place)?;
        profile.rtt = from.optional(|from| {
            Some((Timestamp::from_ms(from.number()?), u16::from_le_bytes(*from.raw()?)))
        })?;
        if !from.0.is_empty() {
            for provider in &mut profile.providers {
                provider.moves = read_heat(&mut from)?;
            }
        }
        from.0.is_empty().then_some(profile)
    }
}

impl Companion {
    /// Its bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = Writer(Vec::with_capacity(64));
        to.raw(&[FORMAT]);
        [self.latest, self.other].into_iter().for_each(|face| to.optional(face, write_face));
        to.raw(&[self.turns]);
        to.optional(self.place, write_place);
        to.0
    }

    /// What [`Companion::to_bytes`] gave; nothing for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        let [FORMAT] = *from.raw()? else { return None };
        let (latest, other) = (from.optional(read_face)?, from.optional(read_face)?);
        let [turns] = *from.raw()?;
        let place = from.optional(read_place)?;
        from.0.is_empty().then_some(Self { latest, other, turns, place })
    }
}

fn write_heat(to: &mut Writer, heat: Heat) {
    to.number(heat.0.into());
}

fn read_heat(from: &mut Reader<'_>) -> Option<Heat> {
    from.small().map(Heat)
}

fn write_tag(to: &mut Writer, tag: Option<Tag>) {
    to.raw(&tag.map_or(0, Tag::get).to_le_bytes());
}

fn read_tag(from: &mut Reader<'_>) -> Option<Option<Tag>> {
    Some(Tag::new(u32::from_le_bytes(*from.raw()?)))
}

fn read_time(from: &mut Reader<'_>) -> Option<Option<Timestamp>> {
    let ms = from.number()?;
    Some((ms > 0).then(|| Timestamp::from_ms(ms)))
}

fn write_list<T>(to: &mut Writer, list: &[T], write: impl Fn(&mut Writer, &T)) {
    to.size(list.len());
    list.iter().for_each(|entry| write(to, entry));
}

/// Through the door that keeps a list in order and in bounds: stored bytes may be anybody's.
fn read_list<E: super::profile::Entry>(
    from: &mut Reader<'_>,
    most: usize,
    read: impl Fn(&mut Reader<'_>) -> Option<E>,
) -> Option<Vec<E>> {
    let count = from.size().filter(|count| *count <= most)?;
    let mut list = Vec::with_capacity(count);
    for _ in 0..count {
        let entry = read(from)?;
        admit(&mut list, entry, most);
    }
    Some(list)
}

fn write_place(to: &mut Writer, (at, place): (Timestamp, Place)) {
    to.number(at.ms());
    to.raw(&place.lat.to_le_bytes());
    to.raw(&place.lon.to_le_bytes());
    to.raw(&[u8::from(place.is_vague)]);
}

fn read_place(from: &mut Reader<'_>) -> Option<(Timestamp, Place)> {
    let at = Timestamp::from_ms(from.number()?);
    let (lat, lon) = (i16::from_le_bytes(*from.raw()?), i16::from_le_bytes(*from.raw()?));
    let is_vague = matches!(from.raw()?, [1]);
    Some((at, Place { lat, lon, is_vague }))
}

fn write_face(to: &mut Writer, face: Face) {
    [face.family, face.tls, face.language].into_iter().for_each(|tag| write_tag(to, tag));
    to.raw(&face.major.unwrap_or_default().to_le_bytes());
    to.raw(&[u8::from(face.major.is_some())]);
    to.number(face.at.ms());
}

fn read_face(from: &mut Reader<'_>) -> Option<Face> {
    let (family, tls, language) = (read_tag(from)?, read_tag(from)?, read_tag(from)?);
    let major = u16::from_le_bytes(*from.raw()?);
    let major = matches!(from.raw()?, [1]).then_some(major);
    Some(Face { family, major, tls, language, at: Timestamp::from_ms(from.number()?) })
}
