//! Determines the network that a device uses.

use super::geography::{COUNTRIES, City};
use super::networks::*;
use super::parameters::*;
use super::rng::{Rng, mix};
use super::trips::Trip;
use super::users::{DeviceForm, Office, SimulatedUser, UserDevice};
use portcullis::risk::NetworkKind;

/// Location of a device during a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts {
    Home,
    Office,
    /// Another person's Wi-Fi: one that the user returns to, or any.
    Wifi(Option<usize>),
    Carrier,
    Hotel,
}

/// The location of a device and the path of its traffic.
#[derive(Debug, Clone, Copy)]
pub struct Stay {
    pub at: Whereabouts,
    pub over_v6: bool,
    pub vpn: bool,
    pub relay: bool,
    /// Seed of everything that is drawn once for the stay.
    pub draw: u64,
}

/// Address of a phone at its carrier, until it changes.
#[derive(Debug, Clone, Copy)]
pub struct Attached {
    until: u64,
    to: (u32, City),
    origin: Origin,
}

/// The user, the device and the time.
#[derive(Clone, Copy)]
pub struct LocationContext<'a> {
    pub person: &'a SimulatedUser,
    pub device: &'a UserDevice,
    pub trip: Option<&'a Trip>,
    pub at: u64,
    pub world: &'a WorldParameters,
}

impl Stay {
    pub fn begins(chance: &mut Rng, scene: LocationContext<'_>) -> Self {
        let LocationContext { person, device, .. } = scene;
        let safari = device.browser.family().is_apple;
        Self {
            at: whereabouts(chance, scene),
            over_v6: chance.chance(USES_V6),
            vpn: person.vpn.is_some_and(|vpn| chance.chance(vpn.share)),
            relay: safari && person.relay && !chance.chance(RELAY_IS_OFF),
            draw: chance.next_u64(),
        }
    }

    /// Changes between two refreshes: a phone may join or leave the Wi-Fi, and a relay may choose
    /// another exit.
    pub fn goes_on(&mut self, chance: &mut Rng, device: &UserDevice) {
        if device.form == DeviceForm::Phone && chance.chance(HANDOVER) {
            self.at = if self.at == Whereabouts::Carrier {
                Whereabouts::Wifi(None)
            } else {
                Whereabouts::Carrier
            };
        }
        if (self.relay && chance.chance(RELAY_MOVES)) || device.tor {
            self.draw = chance.next_u64();
        }
    }

    pub fn origin(
        &self,
        chance: &mut Rng,
        scene: LocationContext<'_>,
        attached: &mut Option<Attached>,
    ) -> Origin {
        let LocationContext { person, device, trip, at, .. } = scene;
        let draw = &mut Rng::from_seed(&[self.draw, 12]);
        if device.tor {
            let city = City { country: draw.index_below(COUNTRIES.len()), city: 0 };
            return Origin { kind: NetworkKind::Tor, ..some_server(draw, city) };
        }
        let city =
            trip.filter(|_| self.at != Whereabouts::Home).map_or(person.city, |trip| trip.city);
        if let Some(vpn) = person.vpn.filter(|_| self.vpn) {
            let day = at / DAY;
            return vpn_exit(&mut Rng::from_seed(&[person.number, day, 13]), vpn.asn, vpn.usual);
        }
        if self.relay {
            let asn = relay_provider(draw.index_below(3));
            return SimulatedNetwork { asn, city, number: draw.index_below(RELAY_POOL) }
                .v4(draw.next_u64(), NetworkKind::Relay);
        }
        match (self.at, &person.line, person.office) {
            (Whereabouts::Home, Some(line), _) => line.at(at, self.over_v6),
            (Whereabouts::Office, _, Some(office)) => office.origin(draw, person.city),
            (Whereabouts::Wifi(Some(haunt)), ..) => person.usual_places[haunt].at(at, self.over_v6),
            (Whereabouts::Wifi(None), ..) => some_line(draw, city),
            (Whereabouts::Hotel, ..) => trip.map_or_else(|| some_line(draw, city), hotel),
            _ => by_carrier(chance, scene, attached, self.over_v6),
        }
    }
}

impl Office {
    fn origin(self, draw: &mut Rng, city: City) -> Origin {
        if self.gateway {
            let number = 64 + draw.index_below(GATEWAY_POOL);
            return SimulatedNetwork { asn: self.asn, city, number }
                .v4(draw.next_u64(), NetworkKind::Hosting);
        }
        SimulatedNetwork { asn: self.asn, city, number: self.number }
            .v4(1, NetworkKind::Residential)
    }
}

fn hotel(trip: &Trip) -> Origin {
    SimulatedNetwork { asn: trip.hotel, city: trip.city, number: trip.hotel_number }
        .v4(7, NetworkKind::Residential)
}

fn by_carrier(
    chance: &mut Rng,
    scene: LocationContext<'_>,
    attached: &mut Option<Attached>,
    over_v6: bool,
) -> Origin {
    let LocationContext { person, trip, at, world, .. } = scene;
    let abroad = trip.filter(|trip| !trip.roams_home);
    let to = abroad.map_or((person.carrier, person.city), |trip| (trip.carrier, trip.city));
    if let Some(attached) = attached.filter(|attached| attached.until > at && attached.to == to) {
        return attached.origin;
    }
    let (asn, near) = to;
    let city =
        if chance.chance(CARRIER_GATEWAY_NEAR) { near } else { chance.pick(&near.neighbours()) };
    let origin = some_phone(chance, asn, city, over_v6 && carrier_has_v6(asn));
    let until = at + (chance.exponential(world.carrier_hours) * HOUR as f64) as u64;
    *attached = Some(Attached { until, to, origin });
    origin
}

/// Local hour of the day and day of the week, from Monday.
pub fn local(person: &SimulatedUser, at: u64) -> (u64, u64) {
    let hours = (at - START) as i64 / HOUR as i64 + person.city.country().hours_from_utc;
    (hours.rem_euclid(24) as u64, hours.div_euclid(24).rem_euclid(7) as u64)
}

fn whereabouts(chance: &mut Rng, scene: LocationContext<'_>) -> Whereabouts {
    let LocationContext { person, device, trip, at, world } = scene;
    let (hour, weekday) = local(person, at);
    if let Some(trip) = trip {
        let is_along = device.form == DeviceForm::Phone
            || (trip.with_laptop && device.form != DeviceForm::Desktop);
        return match is_along {
            false => Whereabouts::Home,
            true if device.form != DeviceForm::Phone || chance.chance(WIFI_ON_A_TRIP) => {
                Whereabouts::Hotel
            }
            true => Whereabouts::Carrier,
        };
    }
    let works = weekday < 5 && (9..17).contains(&hour);
    let at_work = works && person.office.is_some();
    // A user is out on about a third of the days, in the daytime.
    let is_out =
        (8..22).contains(&hour) && mix(&[person.number, at / DAY, hour / 4, 14]).is_multiple_of(3);
    let on_the_way = |chance: &mut Rng| {
        let haunt = chance.chance(WIFI_IS_A_HAUNT).then(|| chance.index_below(HAUNTS));
        if chance.chance(WIFI_ON_THE_WAY) { Whereabouts::Wifi(haunt) } else { Whereabouts::Carrier }
    };
    match device.form {
        DeviceForm::Phone if at_work => {
            if chance.chance(0.4) {
                Whereabouts::Office
            } else {
                Whereabouts::Carrier
            }
        }
        DeviceForm::Phone if is_out => on_the_way(chance),
        DeviceForm::Phone => {
            if chance.chance(world.wifi_at_home) {
                Whereabouts::Home
            } else {
                Whereabouts::Carrier
            }
        }
        DeviceForm::Work if at_work => Whereabouts::Office,
        DeviceForm::Laptop if is_out && chance.chance(LAPTOP_GOES_OUT) => on_the_way(chance),
        _ => Whereabouts::Home,
    }
}
