//! All events of a user in order: sign-ins, and refreshes of browsers in use.

use super::browsers::{Browser, FAMILIES, Shown, middlebox};
use super::geography::COUNTRIES;
use super::location::{Attached, LocationContext, Stay, Whereabouts};
use super::networks::Origin;
use super::parameters::*;
use super::rng::{Rng, mix};
use super::trips::{Trip, trips};
use super::users::{DeviceForm, SimulatedUser, UserDevice};
use portcullis::risk::{ClientHints, NetworkKind, RequestContext, RiskEventKind, TokenStatus};

/// The properties of a request that a site can observe.
#[derive(Debug, Clone)]
pub struct ObservedRequest {
    pub origin: Origin,
    pub shown: Shown,
    pub tls: String,
    pub language: &'static str,
    pub rtt: f64,
}

#[derive(Debug, Clone)]
pub struct SimulatedEvent {
    /// Time by the clock of the instance that answered.
    pub at: u64,
    pub device: usize,
    pub kind: RiskEventKind,
    /// Whether the event is the first of a visit.
    pub opens_visit: bool,
    pub retried: bool,
    pub refreshes: u32,
    pub request: ObservedRequest,
}

impl ObservedRequest {
    /// The request context of a host with all signals.
    pub fn request_context(&self, kind: RiskEventKind) -> RequestContext<'_> {
        let Self { origin, shown, .. } = self;
        let hints = shown.brands.as_deref().map(|brands| ClientHints {
            brands,
            platform: shown.platform,
            mobile: Some(shown.is_phone),
        });
        RequestContext {
            kind,
            ip: Some(origin.ip),
            asn: Some(origin.asn),
            country: Some(origin.country),
            location: Some(origin.place),
            network_kind: Some(origin.kind),
            user_agent: Some(&shown.agent),
            hints,
            tls_fingerprint: Some(&self.tls),
            language: Some(self.language),
            rtt_ms: Some(self.rtt),
            ..RequestContext::default()
        }
    }
}

impl SimulatedEvent {
    pub fn context(&self) -> RequestContext<'_> {
        let token_fact = if self.retried { TokenStatus::ReuseInGrace } else { TokenStatus::None };
        let refreshes = (self.kind == RiskEventKind::Refresh).then_some(self.refreshes);
        RequestContext {
            token_status: token_fact,
            refreshes_per_access_ttl: refreshes,
            ..self.request.request_context(self.kind)
        }
    }
}

/// Round-trip time to the nearest edge in milliseconds, by the kind of network.
pub fn rtt(chance: &mut Rng, kind: NetworkKind) -> f64 {
    let median = match kind {
        NetworkKind::Residential => 18.0,
        NetworkKind::Mobile => 50.0,
        NetworkKind::Hosting | NetworkKind::Vpn | NetworkKind::Relay => 25.0,
        NetworkKind::Tor => 30.0,
    };
    chance.around(median, 0.4).clamp(1.0, 2000.0)
}

/// Activity by the hour of the day, in local time.
const RHYTHM: [f64; 24] = [
    0.8, 0.4, 0.2, 0.1, 0.1, 0.2, 0.8, 1.8, 2.6, 3.0, 3.0, 3.0, 3.2, 3.0, 2.8, 2.8, 2.8, 3.0, 3.4,
    3.8, 4.2, 4.2, 3.2, 1.8,
];

pub fn generate_events(
    seed: u64,
    person: &SimulatedUser,
    world: &WorldParameters,
) -> Vec<SimulatedEvent> {
    let trips = trips(seed, person, world);
    let mut events: Vec<SimulatedEvent> = (0..person.devices.len())
        .flat_map(|device| EventGenerator::new(seed, person, device, &trips, world).events())
        .collect();
    events.sort_by_key(|event| (event.at, event.device));
    events
}

/// Generates the events of one device.
struct EventGenerator<'a> {
    chance: Rng,
    person: &'a SimulatedUser,
    number: usize,
    device: UserDevice,
    trips: &'a [Trip],
    world: &'a WorldParameters,
    attached: Option<Attached>,
    language: &'static str,
    session_until: u64,
    refreshed: u64,
    events: Vec<SimulatedEvent>,
}

impl<'a> EventGenerator<'a> {
    fn new(
        seed: u64,
        person: &'a SimulatedUser,
        number: usize,
        trips: &'a [Trip],
        world: &'a WorldParameters,
    ) -> Self {
        Self {
            chance: Rng::from_seed(&[seed, person.number, number as u64, 15]),
            person,
            number,
            device: person.devices[number].clone(),
            trips,
            world,
            attached: None,
            language: person.city.country().language,
            session_until: 0,
            refreshed: 0,
            events: Vec::new(),
        }
    }

    fn events(mut self) -> Vec<SimulatedEvent> {
        let mut last_end = 0;
        for begins in self.visits() {
            // Visits do not overlap.
            if begins > last_end {
                last_end = self.visit(begins);
            }
        }
        self.events
    }

    /// Start times of the visits.
    fn visits(&mut self) -> Vec<u64> {
        let UserDevice { from, until, weight, borrowed, .. } = self.device;
        if borrowed {
            return vec![from];
        }
        let mut times = Vec::new();
        for day in 0..DAYS {
            let begins = START + day * DAY;
            let visits = self.chance.count(self.person.visits_a_day * weight);
            for _ in 0..visits {
                times.push(self.moment(begins));
            }
            times.extend(self.left_open(begins));
        }
        times.retain(|at| (from..until).contains(at) && !self.is_unattended(*at));
        times.sort_unstable();
        times
    }

    /// A random time of a day, at the user's hours.
    fn moment(&mut self, day: u64) -> u64 {
        let hour = self.chance.weighted(RHYTHM.into_iter()) as f64 + self.person.shift
            - self.person.city.country().hours_from_utc as f64;
        day + ((hour + self.chance.next_unit()).rem_euclid(24.0) * HOUR as f64) as u64
    }

    /// Refreshes of a page that is open at home while its owner is away.
    fn left_open(&mut self, day: u64) -> Vec<u64> {
        let away = self
            .trips
            .iter()
            .any(|trip| trip.left_open && (trip.there..trip.back).contains(&(day + DAY / 2)));
        if !away || matches!(self.device.form, DeviceForm::Phone) || self.device.tor {
            return Vec::new();
        }
        let visits = self.chance.count(LEFT_OPEN_VISITS);
        (0..visits).map(|_| day + (self.chance.next_unit() * DAY as f64) as u64).collect()
    }

    fn trip(&self, at: u64) -> Option<&'a Trip> {
        self.trips.iter().find(|trip| (trip.from..trip.until).contains(&at))
    }

    /// Whether nobody uses the device, because the user is travelling or the device stayed at home.
    fn is_unattended(&self, at: u64) -> bool {
        self.trip(at).is_some_and(|trip| {
            let along = self.device.form == DeviceForm::Phone
                || (trip.with_laptop && self.device.form != DeviceForm::Desktop);
            if along { trip.is_under_way(at) } else { !trip.left_open }
        })
    }

    /// Generates a visit and returns its end.
    fn visit(&mut self, begins: u64) -> u64 {
        let ends = begins + (self.chance.exponential(VISIT_MINUTES) * MINUTE as f64) as u64;
        let trip = self.trip(begins);
        let scene = LocationContext {
            person: self.person,
            device: &self.device,
            trip,
            at: begins,
            world: self.world,
        };
        let mut stay = Stay::begins(&mut self.chance, scene);
        let mut face = self.browser_appearance(begins, &stay);
        self.change_language();
        let mut at = begins;
        let mut opens_visit = true;
        loop {
            let kind = if at >= self.session_until {
                RiskEventKind::SignIn
            } else {
                RiskEventKind::Refresh
            };
            if kind == RiskEventKind::SignIn || at >= self.refreshed + ACCESS_TTL {
                self.write(at, kind, opens_visit, &stay, &face, trip);
                opens_visit = false;
            }
            // The first request after the access token has expired.
            at = self.refreshed.max(at)
                + ACCESS_TTL
                + (self.chance.exponential(1.0) * MINUTE as f64) as u64;
            if at >= ends {
                return ends;
            }
            let was = stay.at;
            stay.goes_on(&mut self.chance, &self.device);
            if was != stay.at {
                face.middlebox = self.middlebox(&stay);
            }
            face.desktop |= self.toggles();
        }
    }

    fn write(
        &mut self,
        at: u64,
        kind: RiskEventKind,
        opens_visit: bool,
        stay: &Stay,
        face: &BrowserAppearance,
        trip: Option<&Trip>,
    ) {
        if kind == RiskEventKind::SignIn {
            self.session_until =
                at + (self.chance.exponential(SESSION_DAYS).max(0.5) * DAY as f64) as u64;
        }
        self.refreshed = at;
        let chance = &mut self.chance;
        let scene = LocationContext {
            person: self.person,
            device: &self.device,
            trip,
            at,
            world: self.world,
        };
        let origin = stay.origin(chance, scene, &mut self.attached);
        let tls = match face.middlebox {
            Some(number) => middlebox(number),
            None => self.device.browser.tls(face.release, chance),
        };
        let seen = ObservedRequest {
            origin,
            shown: face.shown(self.device.browser),
            tls,
            language: self.language,
            rtt: rtt(chance, origin.kind),
        };
        let clock = if chance.chance(CLOCK_IS_OFF) { 60_000.0 } else { CLOCKS_MS };
        let now = at as f64 + chance.between(-clock, clock);
        let refreshes = 1 + u32::from(chance.chance(SECOND_TAB));
        let retried = kind == RiskEventKind::Refresh && chance.chance(RETRIES);
        self.events.push(SimulatedEvent {
            at: now as u64,
            device: self.number,
            kind,
            opens_visit,
            retried,
            refreshes,
            request: seen,
        });
    }

    fn browser_appearance(&mut self, at: u64, stay: &Stay) -> BrowserAppearance {
        let mut release = self.device.browser.release(at);
        let visits_a_month = 30.0 * self.person.visits_a_day * self.device.weight.max(0.01);
        release -= u64::from(self.chance.chance(ROLLBACK / visits_a_month));
        let pretends = self.person.randomises.then(|| self.chance.index_below(FAMILIES.len()));
        BrowserAppearance {
            release,
            desktop: self.toggles(),
            pretends,
            middlebox: self.middlebox(stay),
        }
    }

    fn toggles(&mut self) -> bool {
        self.person.toggles
            && self.device.form == DeviceForm::Phone
            && self.chance.chance(TOGGLES.1)
    }

    fn middlebox(&mut self, stay: &Stay) -> Option<u64> {
        let scanner = self.device.scanner.filter(|_| !self.chance.chance(SCANNER.1));
        let office = self
            .person
            .office
            .filter(|_| stay.at == Whereabouts::Office && !stay.vpn)
            .and_then(|office| office.inspects);
        // Proxies do not inspect the TLS of guests' phones.
        office.filter(|_| self.device.form == DeviceForm::Work).or(scanner)
    }

    fn change_language(&mut self) {
        let visits_a_month = 30.0 * self.person.visits_a_day * self.device.weight.max(0.01);
        if self.chance.chance(NEW_LANGUAGE / visits_a_month) {
            self.language = COUNTRIES[self.chance.index_below(COUNTRIES.len())].language;
        }
    }
}

/// The browser signals of a device during one visit.
struct BrowserAppearance {
    release: u64,
    desktop: bool,
    pretends: Option<usize>,
    middlebox: Option<u64>,
}

impl BrowserAppearance {
    fn shown(&self, browser: Browser) -> Shown {
        match self.pretends {
            // Extensions rewrite the header and not the client hints.
            Some(family) => {
                let other = Browser { family, id: mix(&[browser.id, family as u64]) };
                Shown {
                    agent: other.shows(other.release(START + 60 * DAY)).agent,
                    ..browser.shows(self.release)
                }
            }
            None if self.desktop => browser.as_desktop(self.release),
            None => browser.shows(self.release),
        }
    }
}
