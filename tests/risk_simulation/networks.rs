//! Providers, their addresses, and the apparent location of an address. All addresses are invented:
//! a number that stands for a provider, a city and an index in its pool. The provider numbers are
//! reserved for private use.

use super::geography::{COUNTRIES, City};
use super::parameters::{
    CARRIER_HAS_V6, CARRIER_POOL, LINE_PREFIXES, LINE_WIDE, OFF_BY_KM, VPN_IS_HOSTING,
    VPN_IS_KNOWN, VPN_POOL, WRONG_COUNTRY,
};
use super::rng::{Rng, mix};
use portcullis::risk::NetworkKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The properties of an address that a host can look up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Origin {
    pub ip: IpAddr,
    pub asn: u32,
    pub country: &'static str,
    pub place: (f64, f64),
    pub kind: NetworkKind,
}

const ASN: u32 = 4_200_000_000;
/// Market shares of the providers of home lines, and of the carriers, within a country.
const LINE_SHARES: [f64; 4] = [0.4, 0.3, 0.2, 0.1];
const CARRIER_SHARES: [f64; 3] = [0.40, 0.35, 0.25];

fn asn(country: usize, kind: u32, number: usize) -> u32 {
    ASN + country as u32 * 100 + kind * 20 + number as u32
}

pub fn line_provider(chance: &mut Rng, country: usize) -> u32 {
    asn(country, 0, chance.weighted(LINE_SHARES.into_iter()))
}

pub fn carrier(chance: &mut Rng, country: usize) -> u32 {
    asn(country, 1, chance.weighted(CARRIER_SHARES.into_iter()))
}

pub fn hosting_asn(chance: &mut Rng, country: usize) -> u32 {
    asn(country, 2, chance.index_below(4))
}

/// A VPN has one provider number in all cities.
pub const fn vpn_provider(number: usize) -> u32 {
    ASN + 90_000 + number as u32
}

pub fn relay_provider(number: usize) -> u32 {
    ASN + 91_000 + number as u32
}

/// Large offices have a provider number of their own.
pub fn own(number: u64) -> u32 {
    ASN + 100_000 + (number % 1_000_000) as u32
}

pub fn carrier_has_v6(asn: u32) -> bool {
    Rng::from_seed(&[7, u64::from(asn)]).chance(CARRIER_HAS_V6)
}

/// An IPv4 /24 of a provider in a city.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimulatedNetwork {
    pub asn: u32,
    pub city: City,
    pub number: usize,
}

impl SimulatedNetwork {
    fn id(self, salt: u64) -> u64 {
        mix(&[
            salt,
            u64::from(self.asn),
            self.city.country as u64,
            self.city.city as u64,
            self.number as u64,
        ])
    }

    pub fn v4(self, host: u64, kind: NetworkKind) -> Origin {
        let id = self.id(4);
        let ip = Ipv4Addr::from((id as u32) << 8 | (1 + host % 254) as u32);
        self.origin(ip.into(), id, kind)
    }

    /// An IPv6 address in a /48, with `subnet` as its /64.
    pub fn v6(self, subnet: u16, host: u64, kind: NetworkKind) -> Origin {
        let id = self.id(6);
        let wide = 0xfd00_0000_0000 | id & 0xff_ffff_ffff;
        let ip =
            Ipv6Addr::from(u128::from(wide) << 80 | u128::from(subnet) << 64 | u128::from(host));
        self.origin(ip.into(), id, kind)
    }

    fn origin(self, ip: IpAddr, id: u64, kind: NetworkKind) -> Origin {
        let (country, place) = seems(self.city, id);
        Origin { ip, asn: self.asn, country, place, kind }
    }
}

/// Apparent location of a network: constant, and not always correct.
fn seems(city: City, id: u64) -> (&'static str, (f64, f64)) {
    let mut chance = Rng::from_seed(&[1, id]);
    if chance.chance(WRONG_COUNTRY) {
        let other = City { country: chance.index_below(COUNTRIES.len()), city: 0 };
        return (other.country().code, other.place());
    }
    let mut rest = chance.next_unit();
    for (share, within) in OFF_BY_KM {
        rest -= share;
        if rest < 0.0 {
            return (
                city.country().code,
                moved(city.place(), within * chance.next_unit(), &mut chance),
            );
        }
    }
    let others = city.neighbours();
    (city.country().code, others[chance.index_below(others.len())].place())
}

fn moved((lat, lon): (f64, f64), km: f64, chance: &mut Rng) -> (f64, f64) {
    let angle = std::f64::consts::TAU * chance.next_unit();
    let degrees = km / 111.0;
    (lat + degrees * angle.sin(), lon + degrees * angle.cos() / lat.to_radians().cos())
}

/// A random home line at a random time.
pub fn some_line(chance: &mut Rng, city: City) -> Origin {
    let asn = line_provider(chance, city.country);
    if chance.chance(city.country().v6) {
        let network = SimulatedNetwork { asn, city, number: chance.index_below(LINE_WIDE) };
        return network.v6(
            chance.index_below(1 << 16) as u16,
            chance.next_u64(),
            NetworkKind::Residential,
        );
    }
    let number = chance.index_below(LINE_PREFIXES.0 * LINE_PREFIXES.1);
    SimulatedNetwork { asn, city, number }.v4(chance.next_u64(), NetworkKind::Residential)
}

/// A phone behind a gateway of a carrier.
pub fn some_phone(chance: &mut Rng, asn: u32, city: City, v6: bool) -> Origin {
    if v6 {
        let network = SimulatedNetwork { asn, city, number: chance.index_below(LINE_WIDE) };
        return network.v6(
            chance.index_below(1 << 16) as u16,
            chance.next_u64(),
            NetworkKind::Mobile,
        );
    }
    // The square prefers lower numbers.
    let number = (CARRIER_POOL as f64 * chance.next_unit().powi(2)) as usize;
    SimulatedNetwork { asn, city, number }.v4(chance.next_u64(), NetworkKind::Mobile)
}

/// An exit of a VPN. Whether it is known as one depends on the exit and not on the user.
pub fn vpn_exit(chance: &mut Rng, asn: u32, city: City) -> Origin {
    let network = SimulatedNetwork { asn, city, number: chance.index_below(VPN_POOL) };
    let mut known = Rng::from_seed(&[2, network.id(4)]);
    let kind = match (known.chance(VPN_IS_KNOWN), known.chance(VPN_IS_HOSTING)) {
        (true, _) => NetworkKind::Vpn,
        (_, true) => NetworkKind::Hosting,
        _ => NetworkKind::Residential,
    };
    network.v4(chance.next_u64(), kind)
}

pub fn some_server(chance: &mut Rng, city: City) -> Origin {
    let asn = hosting_asn(chance, city.country);
    SimulatedNetwork { asn, city, number: chance.index_below(64) }
        .v4(chance.next_u64(), NetworkKind::Hosting)
}
