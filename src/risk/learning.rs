//! Adds an accepted event to the risk profile. The caller decides whether an event is accepted; a
//! rejected event must not change the profile.

use super::context::RiskEventKind;
use super::decayed_count::DecayedCount;
use super::device_evidence::{self, DeviceChange};
use super::feature_hash::FeatureHash;
use super::profile::{
    CounterKind, KnownDevice, KnownFeature, KnownNetwork, MAX_COUNTRIES, MAX_DEVICES, MAX_NETWORKS,
    MAX_PROVIDERS, RankedEntry, RiskProfile, insert_ranked,
};
use super::session_profile::SessionProfile;
use super::signals::{DeviceCookieSignal, NetworkPrefix, Signals};
use crate::foundation::time::Timestamp;

const HOUR_MS: u64 = 3_600_000;
const HOURS_A_DAY: u64 = 24;

impl RiskProfile {
    /// Adds an event, compared with the session as it was before. Each network counts at most once
    /// an hour. All prefixes of one IPv6 /48 count as one network, and so do all events without an
    /// address. Therefore a thief needs days to make another network familiar.
    pub fn learn(&mut self, session: Option<&SessionProfile>, signals: &Signals, now: Timestamp) {
        let hour = hour_of(now);
        let counts = self.learn_network(signals, hour, now);
        self.learn_tls(session, signals, now);
        self.learn_browser(session, signals, now);
        let counts = matches!(signals.kind, RiskEventKind::SignIn | RiskEventKind::StepUp)
            && self.learn_device(signals, hour, now)
            || counts;
        if counts {
            self.learned_events = self.learned_events.saturating_add(1);
            if let Some(weight) = self.hours.get_mut(hour_of_day(now)) {
                *weight = weight.increment(now);
            }
        }
        self.last_event_at = self.last_event_at.max(Some(now));
        if let Some(place) = signals.location {
            self.location = self.location.max(Some((now, place)));
        }
        if let Some(rtt) = signals.rtt {
            self.learn_rtt(rtt, now);
        }
    }

    /// Adds the network of the event. Returns whether the event was counted.
    fn learn_network(&mut self, signals: &Signals, hour: u32, now: Timestamp) -> bool {
        let Signals { prefix, asn, country, .. } = *signals;
        if prefix.is_none() && asn.is_none() && country.is_none() {
            return false;
        }
        let has_counted = match prefix {
            Some(prefix) => {
                self.networks.iter().any(|network| network.hour == hour && network.is_of(prefix))
            }
            None => self.last_event_at.is_some_and(|last| hour_of(last) == hour),
        };
        if has_counted {
            return false;
        }
        // The first entry of a list is not new, because there is nothing to compare it with. A
        // missing signal counts as new where the broader signal is new.
        let is_new = |list: &[KnownFeature], hash| !list.is_empty() && !contains_hash(list, hash);
        let country_is_new = country.is_some_and(|hash| is_new(&self.countries, hash));
        let asn_is_new = asn.map_or(country_is_new, |hash| is_new(&self.providers, hash));
        let prefix_is_new = prefix.map_or(asn_is_new, |prefix| {
            !self.networks.is_empty() && self.prefix_weight(prefix).is_none()
        });
        let is_new = [
            (CounterKind::Events, true),
            (CounterKind::NewPrefix, prefix_is_new),
            (CounterKind::NewProvider, prefix_is_new && asn_is_new),
            (CounterKind::NewCountry, prefix_is_new && asn_is_new && country_is_new),
        ];
        let happened = is_new.into_iter().filter(|(_, happened)| *happened);
        happened.for_each(|(what, _)| self.counters.increment(what, now));
        if let Some(NetworkPrefix { narrow: near, wide }) = prefix {
            let before = self.networks.iter().copied().find(|network| network.narrow == near);
            evict_for(&mut self.networks, before, MAX_NETWORKS);
            let weight = before.map(|network| network.weight).unwrap_or_default().increment(now);
            insert_ranked(
                &mut self.networks,
                KnownNetwork { weight, hour, narrow: near, wide },
                MAX_NETWORKS,
            );
        }
        increment_entry(&mut self.providers, asn, MAX_PROVIDERS, prefix_is_new && !asn_is_new, now);
        increment_entry(&mut self.countries, country, MAX_COUNTRIES, false, now);
        true
    }

    /// Count of the narrow prefix, or else of a network with the same wide prefix.
    pub(super) fn prefix_weight(&self, prefix: NetworkPrefix) -> Option<DecayedCount> {
        let near = self.networks.iter().find(|network| network.narrow == prefix.narrow);
        near.or_else(|| self.networks.iter().find(|network| network.is_of(prefix)))
            .map(|network| network.weight)
    }

    fn learn_tls(&mut self, session: Option<&SessionProfile>, signals: &Signals, now: Timestamp) {
        let Some((comparison, browser)) =
            session.and_then(|session| device_evidence::compare_tls(session, signals))
        else {
            return;
        };
        if !matches!(browser, DeviceChange::None | DeviceChange::SeenInSession) {
            return;
        }
        self.counters.increment(CounterKind::TlsCompared, now);
        if comparison == DeviceChange::New {
            self.counters.increment(CounterKind::TlsChanged, now);
        }
    }

    fn learn_browser(
        &mut self,
        session: Option<&SessionProfile>,
        signals: &Signals,
        now: Timestamp,
    ) {
        let session = session.filter(|_| signals.kind != RiskEventKind::SignIn);
        let Some(change) =
            session.and_then(|session| device_evidence::compare_browser(session, signals))
        else {
            return;
        };
        self.counters.increment(CounterKind::BrowserCompared, now);
        if matches!(change, DeviceChange::Older | DeviceChange::New) {
            self.counters.increment(CounterKind::BrowserChanged, now);
        }
    }

    /// Adds the browser and device cookie. Returns whether the event was counted.
    fn learn_device(&mut self, signals: &Signals, hour: u32, now: Timestamp) -> bool {
        let family = signals.browser.map(|appearance| appearance.family);
        let cookie = match signals.device {
            Some(DeviceCookieSignal::Present(hash)) => Some(hash),
            _ => None,
        };
        if family.is_none() && cookie.is_none() {
            return false;
        }
        let seen = KnownDevice {
            weight: DecayedCount::default(),
            hour,
            family,
            device_id: cookie,
            language: signals.language,
        };
        let before = self.devices.iter().copied().find(|device| device.key() == seen.key());
        if before.is_some_and(|device| device.hour == hour) {
            return false;
        }
        if family.is_some() {
            let is_new = !self.devices.is_empty()
                && !self.devices.iter().any(|device| device.family == family);
            self.counters.increment(CounterKind::SignIns, now);
            if is_new {
                self.counters.increment(CounterKind::NewDevice, now);
            }
        }
        evict_for(&mut self.devices, before, MAX_DEVICES);
        let weight = before.map(|device| device.weight).unwrap_or_default().increment(now);
        let language = seen.language.or(before.and_then(|device| device.language));
        insert_ranked(&mut self.devices, KnownDevice { weight, language, ..seen }, MAX_DEVICES);
        true
    }

    /// Updates the moving average of the round-trip time with a weight of 1/8.
    fn learn_rtt(&mut self, rtt: f64, now: Timestamp) {
        let typical = self.rtt.map_or(rtt, |(_, typical)| f64::from(typical));
        let next = (typical + (rtt - typical) / 8.0 + 0.5) as u16;
        self.rtt = Some((self.rtt.map_or(now, |(at, _)| at.max(now)), next));
    }
}

impl KnownNetwork {
    /// Whether the narrow or the wide prefix matches.
    fn is_of(&self, prefix: NetworkPrefix) -> bool {
        self.narrow == prefix.narrow || prefix.wide.is_some() && self.wide == prefix.wide
    }
}

/// Number of the hour since 1970.
fn hour_of(now: Timestamp) -> u32 {
    u32::try_from(now.ms() / HOUR_MS).unwrap_or(u32::MAX)
}

pub(super) fn hour_of_day(now: Timestamp) -> usize {
    usize::try_from(now.ms() / HOUR_MS % HOURS_A_DAY).unwrap_or(0)
}

pub(super) fn contains_hash(list: &[KnownFeature], hash: FeatureHash) -> bool {
    list.iter().any(|familiar| familiar.hash == hash)
}

fn increment_entry(
    list: &mut Vec<KnownFeature>,
    hash: Option<FeatureHash>,
    most: usize,
    has_moved: bool,
    now: Timestamp,
) {
    let Some(hash) = hash else { return };
    let before = list.iter().copied().find(|familiar| familiar.hash == hash);
    evict_for(list, before, most);
    let KnownFeature { weight, new_prefixes, .. } = before.unwrap_or(KnownFeature {
        weight: DecayedCount::default(),
        hash,
        new_prefixes: DecayedCount::default(),
    });
    let new_prefixes = if has_moved { new_prefixes.increment(now) } else { new_prefixes };
    insert_ranked(list, KnownFeature { weight: weight.increment(now), hash, new_prefixes }, most);
}

/// Makes room for a new entry by removing the one with the lowest count. Otherwise a new entry
/// could never enter a full list and would be new at every event.
fn evict_for<E: RankedEntry>(list: &mut Vec<E>, before: Option<E>, most: usize) {
    if before.is_none() {
        list.truncate(most.saturating_sub(1));
    }
}
