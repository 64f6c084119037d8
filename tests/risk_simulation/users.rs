//! The simulated users and their devices.

use super::browsers::Browser;
use super::geography::{COUNTRIES, City};
use super::networks::{SimulatedNetwork, carrier, line_provider, own};
use super::parameters::*;
use super::rng::Rng;
use portcullis::risk::NetworkKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceForm {
    Phone,
    /// A laptop, which travels with its owner.
    Laptop,
    /// A desktop computer, which stays at home.
    Desktop,
    /// A work laptop, which goes to the office and back.
    Work,
}

#[derive(Debug, Clone)]
pub struct UserDevice {
    pub form: DeviceForm,
    pub browser: Browser,
    /// Start of use; `until` is the end.
    pub from: u64,
    pub until: u64,
    /// Share of the visits among devices of its kind.
    pub weight: f64,
    /// Virus scanner that inspects TLS, where one is installed.
    pub scanner: Option<u64>,
    pub tor: bool,
    pub borrowed: bool,
}

/// A home line with its addresses and their start times.
#[derive(Debug, Clone)]
pub struct Line {
    pub asn: u32,
    pub city: City,
    pub v6: bool,
    pub addresses: Vec<Address>,
}

#[derive(Debug, Clone, Copy)]
pub struct Address {
    pub since: u64,
    pub v4: usize,
    pub host: u64,
    pub wide: usize,
    pub subnet: u16,
}

#[derive(Debug, Clone, Copy)]
pub struct Office {
    pub asn: u32,
    pub inspects: Option<u64>,
    pub gateway: bool,
    pub number: usize,
}

#[derive(Debug, Clone, Copy)]
pub struct Vpn {
    pub asn: u32,
    pub share: f64,
    pub usual: City,
}

#[derive(Debug, Clone)]
pub struct SimulatedUser {
    pub number: u64,
    pub city: City,
    pub line: Option<Line>,
    /// Wi-Fi of other people that the user returns to.
    pub usual_places: Vec<Line>,
    pub carrier: u32,
    pub office: Option<Office>,
    pub vpn: Option<Vpn>,
    pub relay: bool,
    pub toggles: bool,
    pub randomises: bool,
    pub visits_a_day: f64,
    /// Shift of the daily rhythm in hours.
    pub shift: f64,
    pub devices: Vec<UserDevice>,
}

impl SimulatedUser {
    pub fn generate(seed: u64, number: u64, world: &WorldParameters) -> Self {
        let chance = &mut Rng::from_seed(&[seed, number, 10]);
        let country = chance.weighted(COUNTRIES.iter().map(|country| country.share));
        let city = City { country, city: chance.index_below(COUNTRIES[country].cities.len()) };
        let office = chance.chance(WORKS_IN_OFFICE).then(|| Office::generate(chance, city));
        let mut person = Self {
            number,
            city,
            line: (!chance.chance(world.only_mobile)).then(|| Line::generate(chance, city)),
            usual_places: (0..HAUNTS).map(|_| Line::generate(chance, city)).collect(),
            carrier: carrier(chance, country),
            office,
            vpn: chance.chance(USES_VPN).then(|| Vpn::generate(chance, city)),
            relay: chance.chance(USES_RELAY),
            toggles: chance.chance(TOGGLES.0),
            randomises: chance.chance(RANDOMISES),
            visits_a_day: chance.around(VISITS.0, VISITS.1),
            shift: chance.between(-2.0, 2.0),
            devices: Vec::new(),
        };
        person.devices = devices(chance, &person, world);
        person
    }
}

impl Line {
    fn generate(chance: &mut Rng, city: City) -> Self {
        let country = city.country();
        let asn = line_provider(chance, city.country);
        let (daily, v6, is_static) = (
            chance.chance(country.daily),
            chance.chance(country.v6),
            chance.chance(LINE_IS_STATIC_V6),
        );
        let days = if daily { 1.0 } else { chance.around(LINE_DAYS.0, LINE_DAYS.1).max(1.0) };
        let mut address = Address {
            since: START,
            v4: chance.index_below(LINE_PREFIXES.0 * LINE_PREFIXES.1),
            host: chance.next_u64(),
            wide: chance.index_below(LINE_WIDE),
            subnet: chance.index_below(1 << 16) as u16,
        };
        let mut addresses = vec![address];
        loop {
            let pause = if daily { 1.0 } else { chance.exponential(days) };
            // Lines that renumber daily do so at night.
            let first = if addresses.len() == 1 { chance.between(0.0, 0.2) } else { 0.0 };
            address.since += ((pause + first) * DAY as f64) as u64;
            if address.since >= START + DAYS * DAY {
                return Self { asn, city, v6, addresses };
            }
            address = address.changed(chance, is_static);
            addresses.push(address);
        }
    }

    pub fn at(&self, at: u64, over_v6: bool) -> super::networks::Origin {
        let Self { asn, city, .. } = *self;
        let address = self
            .addresses
            .iter()
            .rev()
            .find(|address| address.since <= at)
            .unwrap_or(&self.addresses[0]);
        if self.v6 && over_v6 {
            SimulatedNetwork { asn, city, number: address.wide }.v6(
                address.subnet,
                address.host,
                NetworkKind::Residential,
            )
        } else {
            SimulatedNetwork { asn, city, number: address.v4 }
                .v4(address.host, NetworkKind::Residential)
        }
    }
}

impl Address {
    fn changed(self, chance: &mut Rng, is_static: bool) -> Self {
        let (prefixes, networks) = LINE_PREFIXES;
        let prefix = if chance.chance(LINE_LEAVES_PREFIX) {
            (self.v4 / networks + 1 + chance.index_below(prefixes - 1)) % prefixes
        } else {
            self.v4 / networks
        };
        let keeps = is_static || chance.chance(LINE_KEEPS_WIDE);
        Self {
            v4: prefix * networks + chance.index_below(networks),
            host: chance.next_u64(),
            wide: if keeps { self.wide } else { chance.index_below(LINE_WIDE) },
            subnet: if is_static { self.subnet } else { chance.index_below(1 << 16) as u16 },
            ..self
        }
    }
}

impl Office {
    fn generate(chance: &mut Rng, city: City) -> Self {
        let gateway = chance.chance(OFFICE_GATEWAY);
        let asn = if gateway {
            super::networks::hosting_asn(chance, city.country)
        } else {
            own(chance.next_u64())
        };
        let inspects = chance.chance(OFFICE_INSPECTS).then(|| chance.index_below(6) as u64);
        Self { asn, inspects, gateway, number: chance.index_below(1000) }
    }
}

impl Vpn {
    fn generate(chance: &mut Rng, city: City) -> Self {
        let mut usual = city;
        if chance.chance(VPN_EXIT_ABROAD) {
            let country = chance.index_below(COUNTRIES.len());
            usual = City { country, city: 0 };
        }
        let asn = super::networks::vpn_provider(chance.index_below(VPN_PROVIDERS));
        Self { asn, share: chance.between(VPN_SHARE.0, VPN_SHARE.1), usual }
    }
}

fn devices(chance: &mut Rng, person: &SimulatedUser, world: &WorldParameters) -> Vec<UserDevice> {
    let (start, end) = (START, START + DAYS * DAY);
    let tor = chance.chance(USES_TOR);
    let plain = |form, browser, weight| UserDevice {
        form,
        browser,
        from: start,
        until: end,
        weight,
        scanner: None,
        tor: false,
        borrowed: false,
    };
    let mut devices = vec![plain(
        DeviceForm::Phone,
        Browser::of_phone(chance, person.city.country()),
        world.by_phone,
    )];
    let mut computers = Vec::new();
    if chance.chance(0.85) {
        let form = if chance.chance(0.7) { DeviceForm::Laptop } else { DeviceForm::Desktop };
        computers.push(plain(form, Browser::of_computer(chance), 1.0));
        if chance.chance(SECOND_BROWSER) {
            computers.push(plain(form, Browser::of_computer(chance), 0.3));
        }
    }
    if person.office.is_some() && chance.chance(0.7) {
        computers.push(plain(DeviceForm::Work, Browser::of_computer(chance), 1.0));
    }
    if tor {
        computers.push(UserDevice {
            tor: true,
            ..plain(DeviceForm::Desktop, Browser::of_tor(chance.next_u64()), 1.0)
        });
    }
    let all: f64 = computers.iter().map(|device| device.weight).sum();
    for device in &mut computers {
        device.weight *= (1.0 - world.by_phone) / all;
        let scans = device.browser.family().is_windows && !device.tor && chance.chance(SCANNER.0);
        device.scanner = scans.then(|| 100 + chance.index_below(4) as u64);
    }
    devices.extend(computers);
    replaced(chance, person, &mut devices);
    devices
}

/// Replaces devices during the simulation, and adds sign-ins on borrowed devices.
fn replaced(chance: &mut Rng, person: &SimulatedUser, devices: &mut Vec<UserDevice>) {
    let months = DAYS as f64 / 30.0;
    for _ in 0..chance.count(NEW_DEVICE * months) {
        let at = START + (chance.next_unit() * (DAYS * DAY) as f64) as u64;
        let which = chance.index_below(devices.len());
        let old = &mut devices[which];
        let browser = match old.form {
            DeviceForm::Phone => Browser::of_phone(chance, person.city.country()),
            _ => Browser::of_computer(chance),
        };
        let new = UserDevice { browser, from: at.max(old.from), ..old.clone() };
        old.until = new.from;
        devices.push(new);
    }
    for _ in 0..chance.count(BORROWED * months) {
        let from = START + (chance.next_unit() * (DAYS * DAY) as f64) as u64;
        let browser = Browser::of_computer(chance);
        let until = from + 2 * HOUR;
        devices.push(UserDevice {
            form: DeviceForm::Desktop,
            browser,
            from,
            until,
            weight: 0.0,
            scanner: None,
            tor: false,
            borrowed: true,
        });
    }
}
