//! The trips of users.

use super::geography::{COUNTRIES, City, km};
use super::networks::{carrier, line_provider};
use super::parameters::*;
use super::rng::Rng;
use super::users::SimulatedUser;

#[derive(Debug, Clone, Copy)]
pub struct Trip {
    /// Start of the outward journey, which ends at `there`. The return journey is from `back` to
    /// `until`.
    pub from: u64,
    pub there: u64,
    pub back: u64,
    pub until: u64,
    pub city: City,
    /// Provider of the hotel's Wi-Fi.
    pub hotel: u32,
    pub hotel_number: usize,
    pub carrier: u32,
    /// Whether the phone's traffic is routed through the home carrier.
    pub roams_home: bool,
    pub with_laptop: bool,
    pub left_open: bool,
}

impl Trip {
    pub fn is_under_way(&self, at: u64) -> bool {
        (self.from..self.there).contains(&at) || (self.back..self.until).contains(&at)
    }
}

/// The trips in order, without overlap.
pub fn trips(seed: u64, person: &SimulatedUser, world: &WorldParameters) -> Vec<Trip> {
    let chance = &mut Rng::from_seed(&[seed, person.number, 11]);
    let rate = world.trips_inland + world.trips_abroad;
    let end = START + DAYS * DAY;
    let (mut trips, mut at) = (Vec::new(), START);
    loop {
        at += (chance.exponential(30.0 / rate) * DAY as f64) as u64;
        if at >= end {
            return trips;
        }
        let trip = trip(chance, person, world.trips_abroad / rate, at);
        at = trip.until;
        trips.push(trip);
    }
}

fn trip(chance: &mut Rng, person: &SimulatedUser, abroad: f64, from: u64) -> Trip {
    let is_abroad = chance.chance(abroad);
    let city = if is_abroad {
        abroad_from(chance, person.city)
    } else {
        chance.pick(&person.city.neighbours())
    };
    let (least, most) = if is_abroad { ABROAD_DAYS } else { INLAND_DAYS };
    let hours = TRAVEL_HOURS + km(person.city.place(), city.place()) / TRAVEL_KMH;
    let travel = (hours * HOUR as f64) as u64;
    let there = from + travel;
    let back = there + (chance.between(least, most) * DAY as f64) as u64;
    let local = carrier(chance, city.country);
    Trip {
        from,
        there,
        back,
        until: back + travel,
        city,
        hotel: line_provider(chance, city.country),
        hotel_number: chance.index_below(LINE_PREFIXES.0 * LINE_PREFIXES.1),
        carrier: if is_abroad { local } else { person.carrier },
        roams_home: is_abroad && chance.chance(ROAMS_HOME),
        with_laptop: chance.chance(LAPTOP_TRAVELS),
        left_open: chance.chance(LEFT_OPEN),
    }
}

/// A country abroad, drawn by its number of users.
fn abroad_from(chance: &mut Rng, home: City) -> City {
    let share = |(place, country): (usize, &super::geography::Country)| {
        if place == home.country { 0.0 } else { country.share + 0.01 }
    };
    let country = chance.weighted(COUNTRIES.iter().enumerate().map(share));
    City { country, city: chance.index_below(COUNTRIES[country].cities.len()) }
}
