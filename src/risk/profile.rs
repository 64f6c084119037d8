//! The risk profile of a subject: which networks, countries and browsers were used how often. The
//! profile holds feature hashes and a coarse location, no addresses and no names. `profile_codec`
//! defines the stored form.

use super::decayed_count::DecayedCount;
use super::feature_hash::FeatureHash;
use super::geo::CoarseLocation;
use crate::foundation::time::{Seconds, Timestamp};

/// Largest size of an encoded profile, in bytes.
pub const MAX_PROFILE_BYTES: usize = 1024;
/// Inactivity after which a profile is outdated: 90 days.
pub(super) const INACTIVITY_LIMIT: Seconds = Seconds(90 * 86_400);
/// Number of networks that are kept, those with the highest counts.
pub(super) const MAX_NETWORKS: usize = 12;
/// Number of providers that are kept.
pub(super) const MAX_PROVIDERS: usize = 8;
/// Number of countries that are kept.
pub(super) const MAX_COUNTRIES: usize = 6;
/// Number of devices that are kept.
pub(super) const MAX_DEVICES: usize = 8;
/// Number of hours in a day.
pub(super) const HOURS: usize = 24;

/// The decayed history of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RiskProfile {
    /// Number of learned events, without decay.
    pub(super) learned_events: u32,
    /// Time of the latest learned event.
    pub(super) last_event_at: Option<Timestamp>,
    /// Decayed counts of events by kind.
    pub(super) counters: DecayedCounters,
    /// Known network prefixes, the highest count first.
    pub(super) networks: Vec<KnownNetwork>,
    /// Known providers (ASN), the highest count first.
    pub(super) providers: Vec<KnownFeature>,
    /// Known countries, the highest count first.
    pub(super) countries: Vec<KnownFeature>,
    /// Known browsers and devices, the highest count first.
    pub(super) devices: Vec<KnownDevice>,
    /// Events by the hour of the day, in UTC.
    pub(super) hours: [DecayedCount; HOURS],
    /// The last location, and when the user was there.
    pub(super) location: Option<(Timestamp, CoarseLocation)>,
    /// When the round trip was last measured, and its moving average in milliseconds.
    pub(super) rtt: Option<(Timestamp, u16)>,
}

/// The counters of a profile, in their stored order.
#[derive(Debug, Clone, Copy)]
pub(super) enum CounterKind {
    /// Events whose network was described.
    Events,
    /// Events on a new network prefix.
    NewPrefix,
    /// Events on a new prefix of a new provider.
    NewProvider,
    /// Events on a new prefix of a new provider in a new country.
    NewCountry,
    /// Sign-ins and step-ups whose browser was described.
    SignIns,
    /// Sign-ins and step-ups with a new browser.
    NewDevice,
    /// Session events whose TLS client could be compared.
    TlsCompared,
    /// Session events whose TLS client changed without the browser.
    TlsChanged,
    /// Session events whose browser could be compared.
    BrowserCompared,
    /// Session events whose browser was another or an older one.
    BrowserChanged,
}

/// One decayed count for each [`CounterKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct DecayedCounters(pub(super) [DecayedCount; 10]);

impl DecayedCounters {
    /// The decayed number of these events at `now`.
    pub(super) fn value(&self, what: CounterKind, now: Timestamp) -> f64 {
        self.0.get(what as usize).map_or(0.0, |weight| weight.value(now))
    }

    /// Adds one event of this kind at `now`.
    pub(super) fn increment(&mut self, what: CounterKind, now: Timestamp) {
        if let Some(weight) = self.0.get_mut(what as usize) {
            *weight = weight.increment(now);
        }
    }
}

/// A network prefix that the user was seen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KnownNetwork {
    pub(super) weight: DecayedCount,
    /// Hour since 1970 in which the entry was last counted.
    pub(super) hour: u32,
    /// Hash of the IPv4 /24 or the IPv6 /64.
    pub(super) narrow: FeatureHash,
    /// Hash of the IPv6 /48. `None` for IPv4.
    pub(super) wide: Option<FeatureHash>,
}

/// A provider or a country that the user was seen in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KnownFeature {
    pub(super) weight: DecayedCount,
    /// Hash of the ASN or of the country.
    pub(super) hash: FeatureHash,
    /// Count of further new prefixes of this provider. Stays empty for a country.
    pub(super) new_prefixes: DecayedCount,
}

/// A browser or device that the user signed in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KnownDevice {
    pub(super) weight: DecayedCount,
    /// Hour since 1970 in which the entry was last counted.
    pub(super) hour: u32,
    /// Hash of browser family, system and device class.
    pub(super) family: Option<FeatureHash>,
    /// Feature hash of the device ID in its device cookie.
    pub(super) device_id: Option<FeatureHash>,
    /// Hash of the preferred language at the last sign-in.
    pub(super) language: Option<FeatureHash>,
}

impl RiskProfile {
    /// Whether no event was learned.
    pub fn is_empty(&self) -> bool {
        self.learned_events == 0
    }

    /// Time of the latest learned event.
    pub const fn last_event_at(&self) -> Option<Timestamp> {
        self.last_event_at
    }

    /// Number of learned events, without decay.
    pub const fn learned_events(&self) -> u32 {
        self.learned_events
    }
}

/// An entry of a list that is ordered by count and holds each key once.
pub(super) trait RankedEntry: Ord + Copy {
    /// The value that identifies an entry in its list.
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
    /// The device ID, or the browser family where the device has no cookie.
    type Key = (Option<FeatureHash>, Option<FeatureHash>);
    fn key(&self) -> Self::Key {
        (self.device_id, if self.device_id.is_none() { self.family } else { None })
    }
}

/// Inserts an entry into a list in descending order, unless a better entry of its key is there, and
/// keeps the best `most` entries.
pub(super) fn insert_ranked<E: RankedEntry>(list: &mut Vec<E>, entry: E, most: usize) {
    if let Some(place) = list.iter().position(|other| other.key() == entry.key()) {
        if list.get(place).is_some_and(|other| *other >= entry) {
            return;
        }
        list.remove(place);
    }
    // The list is already in order. measured: see performance.md, Ranked lists
    let place = list.iter().position(|other| *other < entry).unwrap_or(list.len());
    list.insert(place, entry);
    list.truncate(most);
}
