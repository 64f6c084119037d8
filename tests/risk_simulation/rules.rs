//! The baselines that are rules. Each has all signals and learns every event of the user.

use super::event_log::{ObservedRequest, SimulatedEvent};
use super::geography::km;
use super::parameters::HOUR;
use super::rng::mix;
use portcullis::risk::RiskEventKind;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Speed in km/h from which Okta's velocity rule calls travel impossible by default, that of a
/// passenger jet.
const TOO_FAST: f64 = 805.0;
/// Shortest duration in hours for which a speed is computed.
const LEAST_HOURS: f64 = 1.0 / 60.0;

/// The history of a user for the rules.
#[derive(Debug, Default)]
pub struct BaselineRules {
    addresses: BTreeSet<IpAddr>,
    countries: BTreeSet<&'static str>,
    providers: BTreeSet<u32>,
    agents: BTreeSet<u64>,
    families: BTreeSet<u64>,
    place: Option<(u64, (f64, f64))>,
    sessions: Vec<Option<(IpAddr, u64)>>,
}

/// The score of each rule set for an event.
#[derive(Debug, Clone, Copy)]
pub struct Verdicts {
    /// Changed address in a session, or new address at a sign-in: 0 or 1.
    pub address: f32,
    /// Number of matches of new address, new country, new device, and too fast: 0 to 4.
    pub four: f32,
    /// New provider and different user agent: 0 or 1.
    pub two: f32,
}

impl BaselineRules {
    pub fn new(devices: usize) -> Self {
        Self { sessions: vec![None; devices], ..Self::default() }
    }

    /// Judges an event. `device` is the device of the session.
    pub fn judge(
        &self,
        kind: RiskEventKind,
        device: usize,
        seen: &ObservedRequest,
        at: u64,
    ) -> Verdicts {
        let origin = &seen.origin;
        let session =
            self.sessions.get(device).copied().flatten().filter(|_| kind != RiskEventKind::SignIn);
        let agent = text(&seen.shown.agent);
        let (other_address, other_agent) = match session {
            Some((address, before)) => (address != origin.ip, before != agent),
            None => (!self.addresses.contains(&origin.ip), !self.agents.contains(&agent)),
        };
        let rules = [
            !self.addresses.contains(&origin.ip),
            !self.countries.contains(origin.country),
            !self.families.contains(&family(&seen.shown.agent)),
            self.is_too_fast(origin.place, at),
        ];
        let says = |rule: bool| f32::from(u8::from(rule));
        Verdicts {
            address: says(other_address),
            four: rules.into_iter().map(says).sum(),
            two: says(other_agent && !self.providers.contains(&origin.asn)),
        }
    }

    fn is_too_fast(&self, to: (f64, f64), at: u64) -> bool {
        self.place.is_some_and(|(before, from)| {
            let hours = at.saturating_sub(before) as f64 / HOUR as f64;
            km(from, to) / hours.max(LEAST_HOURS) > TOO_FAST
        })
    }

    pub fn learn(&mut self, event: &SimulatedEvent) {
        let origin = &event.request.origin;
        let agent = text(&event.request.shown.agent);
        self.addresses.insert(origin.ip);
        self.countries.insert(origin.country);
        self.providers.insert(origin.asn);
        self.agents.insert(agent);
        self.families.insert(family(&event.request.shown.agent));
        self.place = Some((event.at, origin.place));
        self.sessions[event.device] = Some((origin.ip, agent));
    }
}

pub fn text(text: &str) -> u64 {
    hash(text.bytes())
}

/// Hash of a user agent without its versions.
pub fn family(agent: &str) -> u64 {
    mix(&[hash(agent.bytes().filter(|letter| !letter.is_ascii_digit()))])
}

/// FNV-1a hash of the bytes.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
