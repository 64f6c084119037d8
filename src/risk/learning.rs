//! Floor 2. An event that was accepted becomes familiar. The caller decides that it was; a refused
//! one must leave nothing.

use super::companion::Companion;
use super::context::Kind;
use super::device::{self, Change};
use super::heat::Heat;
use super::profile::{
    COUNTRIES, Count, DEVICES, Device, Entry, Familiar, NETWORKS, Network, PROVIDERS, Profile,
    admit,
};
use super::signals::{DeviceTag, Prefix, Signals};
use super::tags::Tag;
use crate::foundation::time::Timestamp;

const HOUR_MS: u64 = 3_600_000;
const HOURS_A_DAY: u64 = 24;

impl Profile {
    /// Remembers an event, against the session as it was before. A network counts once an hour, a
    /// whole IPv6 customer as one and all that have no address as one: whoever wants to make
    /// another one familiar needs days.
    pub fn learn(&mut self, session: Option<&Companion>, signals: &Signals, now: Timestamp) {
        let hour = hour_of(now);
        let counts = self.learn_network(signals, hour, now);
        self.learn_tls(session, signals, now);
        self.learn_browser(session, signals, now);
        let counts = matches!(signals.kind, Kind::SignIn | Kind::StepUp)
            && self.learn_device(signals, hour, now)
            || counts;
        if counts {
            self.learned = self.learned.saturating_add(1);
            if let Some(heat) = self.hours.get_mut(hour_of_day(now)) {
                *heat = heat.and(now);
            }
        }
        self.last = self.last.max(Some(now));
        if let Some(place) = signals.place {
            self.place = self.place.max(Some((now, place)));
        }
        if let Some(rtt) = signals.rtt {
            self.learn_rtt(rtt, now);
        }
    }

    /// Whether it counted.
    fn learn_network(&mut self, signals: &Signals, hour: u32, now: Timestamp) -> bool {
        let Signals { prefix, asn, country, .. } = *signals;
        if prefix.is_none() && asn.is_none() && country.is_none() {
            return false;
        }
        let has_counted = match prefix {
            Some(prefix) => {
                self.networks.iter().any(|network| network.hour == hour && network.is_of(prefix))
            }
            None => self.last.is_some_and(|last| hour_of(last) == hour),
        };
        if has_counted {
            return false;
        }
        // The first of all is not new beside anything, and what is not told is as new as what
        // stands for more.
        let is_new = |list: &[Familiar], tag| !list.is_empty() && !knows(list, tag);
        let country_is_new = country.is_some_and(|tag| is_new(&self.countries, tag));
        let asn_is_new = asn.map_or(country_is_new, |tag| is_new(&self.providers, tag));
        let prefix_is_new = prefix.map_or(asn_is_new, |prefix| {
            !self.networks.is_empty() && self.heat_of_prefix(prefix).is_none()
        });
        let news = [
            (Count::Events, true),
            (Count::NewPrefix, prefix_is_new),
            (Count::NewProvider, prefix_is_new && asn_is_new),
            (Count::NewCountry, prefix_is_new && asn_is_new && country_is_new),
        ];
        let happened = news.into_iter().filter(|(_, happened)| *happened);
        happened.for_each(|(what, _)| self.counts.add(what, now));
        if let Some(Prefix { near, wide }) = prefix {
            let before = self.networks.iter().copied().find(|network| network.near == near);
            make_room(&mut self.networks, before, NETWORKS);
            let heat = before.map(|network| network.heat).unwrap_or_default().and(now);
            admit(&mut self.networks, Network { heat, hour, near, wide }, NETWORKS);
        }
        warm(&mut self.providers, asn, PROVIDERS, prefix_is_new && !asn_is_new, now);
        warm(&mut self.countries, country, COUNTRIES, false, now);
        true
    }

    /// How familiar a prefix is: the near one, or else the networks of the same customer.
    pub(super) fn heat_of_prefix(&self, prefix: Prefix) -> Option<Heat> {
        let near = self.networks.iter().find(|network| network.near == prefix.near);
        near.or_else(|| self.networks.iter().find(|network| network.is_of(prefix)))
            .map(|network| network.heat)
    }

    fn learn_tls(&mut self, session: Option<&Companion>, signals: &Signals, now: Timestamp) {
        let Some((comparison, browser)) =
            session.and_then(|session| device::compared_tls(session, signals))
        else {
            return;
        };
        if !matches!(browser, Change::None | Change::Accepted) {
            return;
        }
        self.counts.add(Count::TlsCompared, now);
        if comparison == Change::New {
            self.counts.add(Count::TlsChanged, now);
        }
    }

    fn learn_browser(&mut self, session: Option<&Companion>, signals: &Signals, now: Timestamp) {
        let session = session.filter(|_| signals.kind != Kind::SignIn);
        let Some(change) = session.and_then(|session| device::compared_browser(session, signals))
        else {
            return;
        };
        self.counts.add(Count::BrowserCompared, now);
        if matches!(change, Change::Older | Change::New) {
            self.counts.add(Count::BrowserChanged, now);
        }
    }

    /// Whether it counted.
    fn learn_device(&mut self, signals: &Signals, hour: u32, now: Timestamp) -> bool {
        let family = signals.appearance.map(|appearance| appearance.family);
        let cookie = match signals.device {
            Some(DeviceTag::Present(tag)) => Some(tag),
            _ => None,
        };
        if family.is_none() && cookie.is_none() {
            return false;
        }
        let seen =
            Device { heat: Heat::default(), hour, family, cookie, language: signals.language };
        let before = self.devices.iter().copied().find(|device| device.name() == seen.name());
        if before.is_some_and(|device| device.hour == hour) {
            return false;
        }
        if family.is_some() {
            let is_new = !self.devices.is_empty()
                && !self.devices.iter().any(|device| device.family == family);
            self.counts.add(Count::SignIns, now);
            if is_new {
                self.counts.add(Count::NewDevice, now);
            }
        }
        make_room(&mut self.devices, before, DEVICES);
        let heat = before.map(|device| device.heat).unwrap_or_default().and(now);
        let language = seen.language.or(before.and_then(|device| device.language));
        admit(&mut self.devices, Device { heat, language, ..seen }, DEVICES);
        true
    }

    /// An eighth of the way to the latest.
    fn learn_rtt(&mut self, rtt: f64, now: Timestamp) {
        let usual = self.rtt.map_or(rtt, |(_, usual)| f64::from(usual));
        let next = (usual + (rtt - usual) / 8.0 + 0.5) as u16;
        self.rtt = Some((self.rtt.map_or(now, |(at, _)| at.max(now)), next));
    }
}

impl Network {
    /// Whether the prefix is this one, or another of the same customer.
    fn is_of(&self, prefix: Prefix) -> bool {
        self.near == prefix.near || prefix.wide.is_some() && self.wide == prefix.wide
    }
}

/// Since 1970.
fn hour_of(now: Timestamp) -> u32 {
    u32::try_from(now.ms() / HOUR_MS).unwrap_or(u32::MAX)
}

pub(super) fn hour_of_day(now: Timestamp) -> usize {
    usize::try_from(now.ms() / HOUR_MS % HOURS_A_DAY).unwrap_or(0)
}

pub(super) fn knows(list: &[Familiar], tag: Tag) -> bool {
    list.iter().any(|familiar| familiar.tag == tag)
}

fn warm(list: &mut Vec<Familiar>, tag: Option<Tag>, most: usize, has_moved: bool, now: Timestamp) {
    let Some(tag) = tag else { return };
    let before = list.iter().copied().find(|familiar| familiar.tag == tag);
    make_room(list, before, most);
    let Familiar { heat, moves, .. } =
        before.unwrap_or(Familiar { heat: Heat::default(), tag, moves: Heat::default() });
    let moves = if has_moved { moves.and(now) } else { moves };
    admit(list, Familiar { heat: heat.and(now), tag, moves }, most);
}

/// What is new is remembered, and what was the coldest so far is not: beside warmer ones it would
/// be new every time.
fn make_room<E: Entry>(list: &mut Vec<E>, before: Option<E>, most: usize) {
    if before.is_none() {
        list.truncate(most.saturating_sub(1));
    }
}
