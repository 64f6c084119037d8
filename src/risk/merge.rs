//! Merges two risk profiles of one user. The merge is commutative, associative and idempotent, so
//! copies that diverged may be merged in any order and any number of times.

use super::decayed_count::DecayedCount;
use super::profile::{
    MAX_COUNTRIES, MAX_DEVICES, MAX_NETWORKS, MAX_PROVIDERS, RankedEntry, RiskProfile,
    insert_ranked,
};

impl RiskProfile {
    /// Combines both profiles: for each entry the larger count or the later value.
    #[must_use]
    pub fn merge(mut self, other: &Self) -> Self {
        self.learned_events = self.learned_events.max(other.learned_events);
        self.last_event_at = self.last_event_at.max(other.last_event_at);
        larger(&mut self.counters.0, &other.counters.0);
        merge_entries(&mut self.networks, &other.networks, MAX_NETWORKS);
        merge_entries(&mut self.providers, &other.providers, MAX_PROVIDERS);
        merge_entries(&mut self.countries, &other.countries, MAX_COUNTRIES);
        merge_entries(&mut self.devices, &other.devices, MAX_DEVICES);
        larger(&mut self.hours, &other.hours);
        self.location = self.location.max(other.location);
        self.rtt = self.rtt.max(other.rtt);
        self
    }
}

fn larger(heats: &mut [DecayedCount], others: &[DecayedCount]) {
    heats.iter_mut().zip(others).for_each(|(weight, other)| *weight = (*weight).max(*other));
}

fn merge_entries<E: RankedEntry>(list: &mut Vec<E>, others: &[E], most: usize) {
    others.iter().for_each(|other| insert_ranked(list, *other, most));
}
