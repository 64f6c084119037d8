//! Floor 2. Two profiles of one user become one: whatever is known better of the two. Commutative, associative and
//! idempotent, so copies that went separate ways may meet in any order, any number of times.

use super::heat::Heat;
use super::profile::{COUNTRIES, Counts, DEVICES, Entry, NETWORKS, PROVIDERS, Profile, admit};

impl Profile {
    /// What both know.
    #[must_use]
    pub fn merge(mut self, other: &Self) -> Self {
        self.learned = self.learned.max(other.learned);
        self.last = self.last.max(other.last);
        self.counts = self.counts.merge(&other.counts);
        take_in(&mut self.networks, &other.networks, NETWORKS);
        take_in(&mut self.providers, &other.providers, PROVIDERS);
        take_in(&mut self.countries, &other.countries, COUNTRIES);
        take_in(&mut self.devices, &other.devices, DEVICES);
        self.hours.iter_mut().zip(other.hours).for_each(|(hour, other)| *hour = (*hour).max(other));
        self.place = self.place.max(other.place);
        self.rtt = self.rtt.max(other.rtt);
        self
    }
}

impl Counts {
    fn merge(self, other: &Self) -> Self {
        let mut merged = self;
        merged.all_mut().into_iter().zip(other.all()).for_each(|(one, other)| *one = (*one).max(other));
        merged
    }

    pub(super) const fn all(&self) -> [Heat; 10] {
        let Self {
            events,
            new_prefix,
            new_provider,
            new_country,
            sign_ins,
            new_device,
            tls_compared,
            tls_changed,
            browser_compared,
            browser_changed,
        } = *self;
        [
            events,
            new_prefix,
            new_provider,
            new_country,
            sign_ins,
            new_device,
            tls_compared,
            tls_changed,
            browser_compared,
            browser_changed,
        ]
    }

    pub(super) const fn all_mut(&mut self) -> [&mut Heat; 10] {
        let Self {
            events,
            new_prefix,
            new_provider,
            new_country,
            sign_ins,
            new_device,
            tls_compared,
            tls_changed,
            browser_compared,
            browser_changed,
        } = self;
        [
            events,
            new_prefix,
            new_provider,
            new_country,
            sign_ins,
            new_device,
            tls_compared,
            tls_changed,
            browser_compared,
            browser_changed,
        ]
    }
}

fn take_in<E: Entry>(list: &mut Vec<E>, others: &[E], most: usize) {
    others.iter().for_each(|other| admit(list, *other, most));
}
