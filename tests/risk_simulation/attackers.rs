//! The signals of thieves: each stole a session or a password and uses it once, from another
//! network, without knowledge of the scoring.

use super::browsers::{Browser, Shown, middlebox};
use super::event_log::{ObservedRequest, SimulatedEvent, rtt};
use super::geography::{COUNTRIES, City};
use super::networks::*;
use super::parameters::*;
use super::rng::Rng;
use super::users::SimulatedUser;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attacker {
    /// In another country, with another browser.
    Naive,
    /// Through a VPN in the victim's country, with another browser.
    Vpn,
    /// Through a residential proxy near the victim, with the victim's system and browser family.
    Targeted,
    /// As targeted, with the victim's exact browser, as an infostealer copies it, and another TLS
    /// client.
    Clone,
    /// As a clone, with the victim's TLS stack, because one Chromium negotiates like another.
    Exact,
}

/// Number of kinds of attackers.
pub const KINDS: usize = 5;
pub const ATTACKERS: [(Attacker, &str); KINDS] = [
    (Attacker::Naive, "naive"),
    (Attacker::Vpn, "VPN"),
    (Attacker::Targeted, "targeted"),
    (Attacker::Clone, "clone"),
    (Attacker::Exact, "exact clone"),
];

impl Attacker {
    /// The signals of the attacker. `victim` is the event that was stolen or observed.
    pub fn shows(
        self,
        chance: &mut Rng,
        person: &SimulatedUser,
        victim: &SimulatedEvent,
        at: u64,
    ) -> ObservedRequest {
        let device = &person.devices[victim.device];
        let own = Browser::of_computer(chance);
        let language =
            COUNTRIES[chance.weighted(COUNTRIES.iter().map(|country| country.thieves))].language;
        let origin = self.origin(chance, person.city);
        let rtt = rtt(chance, origin.kind);
        let release = own.release(at);
        match self {
            Self::Naive | Self::Vpn => ObservedRequest {
                origin,
                shown: own.shows(release),
                tls: own.tls(release, chance),
                language,
                rtt,
            },
            Self::Targeted => {
                let (shown, tls) = targeted(
                    chance,
                    Browser { id: chance.clone().next_u64(), ..device.browser },
                    at,
                );
                let language = if chance.chance(TARGETED_LANGUAGE) {
                    victim.request.language
                } else {
                    language
                };
                ObservedRequest { origin, shown, tls, language, rtt }
            }
            Self::Clone | Self::Exact => {
                let kit = middlebox(1000 + chance.index_below(5) as u64);
                let tls = if self == Self::Exact { victim.request.tls.clone() } else { kit };
                ObservedRequest {
                    origin,
                    shown: victim.request.shown.clone(),
                    tls,
                    language: victim.request.language,
                    rtt,
                }
            }
        }
    }

    fn origin(self, chance: &mut Rng, home: City) -> Origin {
        match self {
            Self::Naive => {
                let weight = |(place, country): (usize, &super::geography::Country)| {
                    if place == home.country { 0.0 } else { country.thieves }
                };
                let country = chance.weighted(COUNTRIES.iter().enumerate().map(weight));
                let city =
                    City { country, city: chance.index_below(COUNTRIES[country].cities.len()) };
                match chance.weighted(NAIVE_NETWORKS.into_iter()) {
                    0 => some_line(chance, city),
                    1 => some_server(chance, city),
                    _ => phone(chance, city),
                }
            }
            Self::Vpn => {
                let city = City { city: chance.index_below(home.country().cities.len()), ..home };
                let asn = vpn_provider(chance.index_below(VPN_PROVIDERS));
                vpn_exit(chance, asn, city)
            }
            Self::Targeted | Self::Clone | Self::Exact => {
                let near = home.neighbours();
                let city = match chance.weighted(PROXY_NEAR.into_iter()) {
                    0 => home,
                    1 => near[0],
                    _ => chance.pick(&near),
                };
                if chance.chance(PROXY_IS_MOBILE) {
                    phone(chance, city)
                } else {
                    some_line(chance, city)
                }
            }
        }
    }
}

fn phone(chance: &mut Rng, city: City) -> Origin {
    let asn = carrier(chance, city.country);
    let v6 = carrier_has_v6(asn) && chance.chance(USES_V6);
    some_phone(chance, asn, city, v6)
}

/// The victim's browser, or another one that imitates it with an outdated version.
fn targeted(chance: &mut Rng, same: Browser, at: u64) -> (Shown, String) {
    let release = same.release(at);
    // Apple's browsers run only on Apple's systems.
    if !same.family().is_apple && chance.chance(TARGETED_RUNS_IT) {
        return (same.shows(release), same.tls(release, chance));
    }
    let behind = chance.index_below(PRETENDS_BEHIND + 1) as u64;
    let real = Browser::of_computer(chance);
    (same.shows(release.saturating_sub(behind)), real.tls(real.release(at), chance))
}
