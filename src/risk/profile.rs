//! Floor 2. What is remembered of a user. Networks, countries and browsers are keyed tags, the
//! place is coarse; how it is stored: `codec`.

use super::decayed_count::DecayedCount;
use super::feature_hash::FeatureHash;
use super::geo::CoarseLocation;
use crate::foundation::time::{Seconds, Timestamp};

/// The most bytes that a stored profile has.
pub const MAX_PROFILE_BYTES: usize = 1024;
/// After so long a pause little of it is still true.
pub(super) const INACTIVITY_LIMIT: Seconds = Seconds(90 * 86_400);
/// How many of each are remembered: the hottest.
pub(super) const MAX_NETWORKS: usize = 12;
pub(super) const MAX_PROVIDERS: usize = 8;
pub(super) const MAX_COUNTRIES: usize = 6;
pub(super) const MAX_DEVICES: usize = 8;
pub(super) const HOURS: usize = 24;

/// What is remembered of a user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RiskProfile {
    /// Events that were learned, ever.
    pub(super) learned_events: u32,
    /// The latest of them.
    pub(super) last_event_at: Option<Timestamp>,
    pub(super) counters: DecayedCounters,
    pub(super) networks: Vec<KnownNetwork>,
    pub(super) providers: Vec<KnownFeature>,
    pub(super) countries: Vec<KnownFeature>,
    pub(super) devices: Vec<KnownDevice>,
    /// By the hour of the day, UTC.
    pub(super) hours: [DecayedCount; HOURS],
    /// Where the user was last, and when.
    pub(super) location: Option<(Timestamp, CoarseLocation)>,
    /// The usual round trip in ms, and when it was last measured.
    pub(super) rtt: Option<(Timestamp, u16)>,
}

/// What is counted, in the order in which it is stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum CounterKind {
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
pub(super) struct DecayedCounters(pub(super) [DecayedCount; 10]);

impl DecayedCounters {
    /// How often, by now.
    pub(super) fn value(&self, what: CounterKind, now: Timestamp) -> f64 {
        self.0.get(what as usize).map_or(0.0, |heat| heat.value(now))
    }

    /// Once more.
    pub(super) fn increment(&mut self, what: CounterKind, now: Timestamp) {
        if let Some(heat) = self.0.get_mut(what as usize) {
            *heat = heat.increment(now);
        }
    }
}

/// A network that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KnownNetwork {
    pub(super) weight: DecayedCount,
    /// The hour since 1970 in which it last counted.
    pub(super) hour: u32,
    pub(super) narrow: FeatureHash,
    pub(super) wide: Option<FeatureHash>,
}

/// A provider or a country that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KnownFeature {
    pub(super) weight: DecayedCount,
    pub(super) hash: FeatureHash,
    /// Of a provider: how often another prefix of it was new. Of a country: never.
    pub(super) new_prefixes: DecayedCount,
}

/// A browser that signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KnownDevice {
    pub(super) weight: DecayedCount,
    /// The hour since 1970 in which it last counted.
    pub(super) hour: u32,
    pub(super) family: Option<FeatureHash>,
    /// What its device cookie says.
    pub(super) device_id: Option<FeatureHash>,
    pub(super) language: Option<FeatureHash>,
}

impl RiskProfile {
    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.learned_events == 0
    }

    /// When it was last added to.
    pub const fn last_event_at(&self) -> Option<Timestamp> {
        self.last_event_at
    }

    /// Events that were learned, ever.
    pub const fn learned_events(&self) -> u32 {
        self.learned_events
    }
}

/// Whatever has a name of its own in a list.
pub(super) trait RankedEntry: Ord + Copy {
    /// What tells it from the others.
    type Key: PartialEq;
    fn key(&self) -> Self::Key;
}

impl RankedEntry for KnownNetwork {
    type Key = FeatureHash;
    fn key(&self) -> FeatureHash {
        self.narrow
    }
}

impl RankedEntry for KnownFeature {
    type Key = FeatureHash;
    fn key(&self) -> FeatureHash {
        self.hash
    }
}

impl RankedEntry for KnownDevice {
    /// A device with a cookie is one of its own; without, its family stands for it.
    type Key = (Option<FeatureHash>, Option<FeatureHash>);
    fn key(&self) -> Self::Key {
        (self.device_id, if self.device_id.is_none() { self.family } else { None })
    }
}

/// Takes an entry in, where it is better than the one of its name; the best `most` stay, the best
/// first. The list is in that order already: a sort would be a copy of the sorting code for each
/// kind of entry.
pub(super) fn insert_ranked<E: RankedEntry>(list: &mut Vec<E>, entry: E, most: usize) {
    if let Some(place) = list.iter().position(|other| other.key() == entry.key()) {
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
