//! Floor 2. Two profiles of one user become one: whatever is known better of the two. Commutative,
//! associative and idempotent, so copies that went separate ways may meet in any order, any number
//! of times.

use super::heat::Heat;
use super::profile::{COUNTRIES, DEVICES, Entry, NETWORKS, PROVIDERS, Profile, admit};

impl Profile {
    /// What both know.
    #[must_use]
    pub fn merge(mut self, other: &Self) -> Self {
        self.learned = self.learned.max(other.learned);
        self.last = self.last.max(other.last);
        hotter(&mut self.counts.0, &other.counts.0);
        take_in(&mut self.networks, &other.networks, NETWORKS);
        take_in(&mut self.providers, &other.providers, PROVIDERS);
        take_in(&mut self.countries, &other.countries, COUNTRIES);
        take_in(&mut self.devices, &other.devices, DEVICES);
        hotter(&mut self.hours, &other.hours);
        self.place = self.place.max(other.place);
        self.rtt = self.rtt.max(other.rtt);
        self
    }
}

fn hotter(heats: &mut [Heat], others: &[Heat]) {
    heats.iter_mut().zip(others).for_each(|(heat, other)| *heat = (*heat).max(*other));
}

fn take_in<E: Entry>(list: &mut Vec<E>, others: &[E], most: usize) {
    others.iter().for_each(|other| admit(list, *other, most));
}
