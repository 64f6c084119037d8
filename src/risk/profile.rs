//! Floor 2. What is remembered of a user. Networks, countries and browsers are keyed tags, the
//! place is coarse; how it is stored: `codec`.

use super::heat::Heat;
use super::place::Place;
use super::tags::Tag;
use crate::foundation::time::{Seconds, Timestamp};

/// The most bytes that a stored profile has.
pub const PROFILE_MAX_BYTES: usize = 1024;
/// After so long a pause little of it is still true.
pub(super) const PAUSE: Seconds = Seconds(90 * 86_400);
/// How many of each are remembered: the hottest.
pub(super) const NETWORKS: usize = 12;
pub(super) const PROVIDERS: usize = 8;
pub(super) const COUNTRIES: usize = 6;
pub(super) const DEVICES: usize = 8;
pub(super) const HOURS: usize = 24;

/// What is remembered of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Events that were learned, ever.
    pub(super) learned: u32,
    /// The latest of them.
    pub(super) last: Option<Timestamp>,
    pub(super) counts: Counts,
    pub(super) networks: Vec<Network>,
    pub(super) providers: Vec<Familiar>,
    pub(super) countries: Vec<Familiar>,
    pub(super) devices: Vec<Device>,
    /// By the hour of the day, UTC.
    pub(super) hours: [Heat; HOURS],
    /// Where the user was last, and when.
    pub(super) place: Option<(Timestamp, Place)>,
    /// The usual round trip in ms, and when it was last measured.
    pub(super) rtt: Option<(Timestamp, u16)>,
}

/// What is counted, in the order in which it is stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Count {
    /// Events that told a network.
    Events,
    /// Those whose prefix was new.
    NewPrefix,
    /// Those of them whose provider was new.
    NewProvider,
    /// Those of them whose country was new.
    NewCountry,
    /// Sign-ins that told a browser.
    SignIns,
    /// Those whose browser was new.
    NewDevice,
    /// Events of a session whose TLS client could be compared.
    TlsCompared,
    /// Those where it had changed without the browser.
    TlsChanged,
    /// Events of a session whose browser could be compared.
    BrowserCompared,
    /// Those where it was another, or an older one.
    BrowserChanged,
}

/// How often what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts(pub(super) [Heat; 10]);

impl Counts {
    /// How often, by now.
    pub(super) fn of(&self, what: Count, now: Timestamp) -> f64 {
        self.0.get(what as usize).map_or(0.0, |heat| heat.count(now))
    }

    /// Once more.
    pub(super) fn add(&mut self, what: Count, now: Timestamp) {
        if let Some(heat) = self.0.get_mut(what as usize) {
            *heat = heat.and(now);
        }
    }
}

/// A network that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Network {
    pub(super) heat: Heat,
    /// The hour since 1970 in which it last counted.
    pub(super) hour: u32,
    pub(super) near: Tag,
    pub(super) wide: Option<Tag>,
}

/// A provider or a country that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Familiar {
    pub(super) heat: Heat,
    pub(super) tag: Tag,
    /// Of a provider: how often another prefix of it was new. Of a country: never.
    pub(super) moves: Heat,
}

/// A browser that signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Device {
    pub(super) heat: Heat,
    /// The hour since 1970 in which it last counted.
    pub(super) hour: u32,
    pub(super) family: Option<Tag>,
    /// What its device cookie says.
    pub(super) cookie: Option<Tag>,
    pub(super) language: Option<Tag>,
}

impl Profile {
    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.learned == 0
    }

    /// When it was last added to.
    pub const fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// Events that were learned, ever.
    pub const fn learned(&self) -> u32 {
        self.learned
    }
}

/// Whatever has a name of its own in a list.
pub(super) trait Entry: Ord + Copy {
    /// What tells it from the others.
    type Name: PartialEq;
    fn name(&self) -> Self::Name;
}

impl Entry for Network {
    type Name = Tag;
    fn name(&self) -> Tag {
        self.near
    }
}

impl Entry for Familiar {
    type Name = Tag;
    fn name(&self) -> Tag {
        self.tag
    }
}

impl Entry for Device {
    /// A device with a cookie is one of its own; without, its family stands for it.
    type Name = (Option<Tag>, Option<Tag>);
    fn name(&self) -> Self::Name {
        (self.cookie, if self.cookie.is_none() { self.family } else { None })
    }
}

/// Takes an entry in, where it is better than the one of its name; the best `most` stay, the best
/// first. The list is in that order already: a sort would be a copy of the sorting code for each
/// kind of entry.
pub(super) fn admit<E: Entry>(list: &mut Vec<E>, entry: E, most: usize) {
    if let Some(place) = list.iter().position(|other| other.name() == entry.name()) {
        if list.get(place).is_some_and(|other| *other >= entry) {
            return;
        }
        list.remove(place);
    }
    // A sort is 20 KB of the module, for the three kinds of entries.
    let place = list.iter().position(|other| *other < entry).unwrap_or(list.len());
    list.insert(place, entry);
    list.truncate(most);
}
