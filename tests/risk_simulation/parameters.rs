//! Every number of the worlds. They were written down before the first result was seen, and are not
//! fitted to any.
//!
//! Sources in brackets; where there is none, the number is assumed:
//! - [P16] Padmanabhan et al., Reasons Dynamic Addresses Change, IMC 2016: some providers give a
//!   new address every 24 hours; almost half of the changes lead to another BGP-routed prefix
//! - [site] defaults of portcullis
//!
//! No record of a real person is in here.

/// Before this nothing is counted: users and the site get to know each other.
pub const FIRST_DAYS: u64 = 30;
pub const DAYS: u64 = 120;
pub const DAY: u64 = 86_400_000;
pub const HOUR: u64 = 3_600_000;
pub const MINUTE: u64 = 60_000;
/// A Monday in January 2026.
pub const START: u64 = 1_767_571_200_000;
/// The lifetime of an access token: a browser in use refreshes as often. [site]
pub const ACCESS_TTL: u64 = 5 * MINUTE;
/// How often each attacker tries each user, within the days that are counted; so often with a
/// stolen session, and so often with a stolen password.
pub const ATTACKS_PER_USER: usize = 4;

/// What differs between worlds.
#[derive(Debug, Clone, Copy)]
pub struct WorldParameters {
    pub name: &'static str,
    /// People without a line at home: everything over the carrier.
    pub only_mobile: f64,
    /// Of the visits, those with the phone.
    pub by_phone: f64,
    /// At home, phones on the home's network.
    pub wifi_at_home: f64,
    /// Hours until a phone gets another address of its carrier.
    pub carrier_hours: f64,
    /// Out of town, within the country: trips a month.
    pub trips_inland: f64,
    /// Abroad: trips a month.
    pub trips_abroad: f64,
}

pub const WORLDS: [WorldParameters; 3] = [
    WorldParameters {
        name: "base",
        only_mobile: 0.08,
        by_phone: 0.55,
        wifi_at_home: 0.80,
        carrier_hours: 3.0,
        trips_inland: 0.4,
        trips_abroad: 0.12,
    },
    WorldParameters {
        name: "mobile-heavy",
        only_mobile: 0.35,
        by_phone: 0.85,
        wifi_at_home: 0.55,
        carrier_hours: 1.5,
        trips_inland: 0.4,
        trips_abroad: 0.12,
    },
    WorldParameters {
        name: "travel-heavy",
        only_mobile: 0.08,
        by_phone: 0.60,
        wifi_at_home: 0.80,
        carrier_hours: 3.0,
        trips_inland: 2.0,
        trips_abroad: 0.8,
    },
];

// Lines at home. How many are renumbered daily is in geography.rs, by country.
/// Days between two addresses of the other lines: the median, and the spread of its logarithm.
pub const LINE_DAYS: (f64, f64) = (30.0, 1.0);
/// Changes that lead to another BGP prefix. [P16]
pub const LINE_LEAVES_PREFIX: f64 = 0.5;
/// IPv4 prefixes of a provider in a city, and /24 networks in each.
pub const LINE_PREFIXES: (usize, usize) = (4, 32);
/// IPv6 networks (/48) of a provider in a city.
pub const LINE_WIDE: usize = 64;
/// Changes of an IPv6 line that keep the /48; lines whose IPv6 network never changes.
pub const LINE_KEEPS_WIDE: f64 = 0.3;
pub const LINE_IS_STATIC_V6: f64 = 0.3;
/// Visits over IPv6 where there is IPv6; the others fall back.
pub const USES_V6: f64 = 0.9;

// Carriers.
/// /24 networks behind a gateway; the lower numbers are used most.
pub const CARRIER_POOL: usize = 48;
/// The gateway is the home's; otherwise one elsewhere in the country.
pub const CARRIER_GATEWAY_NEAR: f64 = 0.85;
pub const CARRIER_HAS_V6: f64 = 0.6;
/// At a refresh within a visit, the phone has moved from its carrier to the Wi-Fi or back.
pub const HANDOVER: f64 = 0.03;

// Where an address seems to be: within so many km of the truth, by share.
pub const OFF_BY_KM: [(f64, f64); 3] = [(0.70, 30.0), (0.22, 150.0), (0.06, 500.0)];
/// The rest is put into another city of the country. And networks that are put into another country
/// altogether:
pub const WRONG_COUNTRY: f64 = 0.001;

// Offices, and elsewhere.
pub const WORKS_IN_OFFICE: f64 = 0.45;
/// Offices that look into TLS; offices behind the data centre of a security gateway, whose
/// addresses are many.
pub const OFFICE_INSPECTS: f64 = 0.15;
pub const OFFICE_GATEWAY: f64 = 0.10;
pub const GATEWAY_POOL: usize = 8;
/// On the way, in a café or with friends: on somebody's Wi-Fi, otherwise on the carrier. Friends
/// and cafés that one returns to, and how often it is one of them.
pub const WIFI_ON_THE_WAY: f64 = 0.2;
pub const HAUNTS: usize = 3;
pub const WIFI_IS_A_HAUNT: f64 = 0.6;
/// A laptop out of the house.
pub const LAPTOP_GOES_OUT: f64 = 0.12;

// VPNs, relays, Tor.
pub const USES_VPN: f64 = 0.12;
/// How often, by person: from - to.
pub const VPN_SHARE: (f64, f64) = (0.05, 0.9);
pub const VPN_PROVIDERS: usize = 12;
/// /24 networks of an exit city.
pub const VPN_POOL: usize = 8;
/// Exits in another country than the user's.
pub const VPN_EXIT_ABROAD: f64 = 0.25;
/// Exits that are known to be a VPN's; of the others, those that are known to be a data centre's.
pub const VPN_IS_KNOWN: f64 = 0.8;
pub const VPN_IS_HOSTING: f64 = 0.75;
/// People with Safari who have a relay; it is off in so many visits; /24 networks of a relay in a
/// city; at a refresh within a visit another exit.
pub const USES_RELAY: f64 = 0.15;
pub const RELAY_IS_OFF: f64 = 0.1;
pub const RELAY_POOL: usize = 6;
pub const RELAY_MOVES: f64 = 0.2;
pub const USES_TOR: f64 = 0.003;

// Trips.
pub const INLAND_DAYS: (f64, f64) = (1.0, 4.0);
pub const ABROAD_DAYS: (f64, f64) = (3.0, 10.0);
/// Abroad, phones whose traffic is carried home; the others are on a local carrier.
pub const ROAMS_HOME: f64 = 0.5;
/// In a hotel's Wi-Fi.
pub const WIFI_ON_A_TRIP: f64 = 0.5;
pub const LAPTOP_TRAVELS: f64 = 0.6;
/// Journeys, in km/h, and hours on top.
pub const TRAVEL_KMH: f64 = 750.0;
pub const TRAVEL_HOURS: f64 = 3.0;
/// Computers that are left open at home while their owner is away, and go on refreshing; visits of
/// theirs a day.
pub const LEFT_OPEN: f64 = 0.15;
pub const LEFT_OPEN_VISITS: f64 = 3.0;

// What people do.
/// Visits a day, all devices: the median, and the spread of its logarithm; minutes of a visit.
pub const VISITS: (f64, f64) = (2.0, 0.7);
pub const VISIT_MINUTES: f64 = 12.0;
/// Days after which a device signs in again.
pub const SESSION_DAYS: f64 = 21.0;
/// A month: a new device that replaces another, a sign-in on a borrowed one.
pub const NEW_DEVICE: f64 = 0.04;
pub const BORROWED: f64 = 0.03;
/// Browsers beside the main one on a computer.
pub const SECOND_BROWSER: f64 = 0.15;
/// Days until an update is installed; devices that lag, and by how many days.
pub const UPDATE_DAYS: f64 = 6.0;
pub const LAGGARDS: (f64, f64) = (0.05, 90.0);

// Noise within a session: rare, and what a scorer that never saw it would call theft.
/// People who ask for desktop pages on their phone, and in how many visits; it holds for the rest
/// of the visit.
pub const TOGGLES: (f64, f64) = (0.10, 0.02);
/// People whose browser says another name in every visit.
pub const RANDOMISES: f64 = 0.005;
/// Windows computers whose virus scanner looks into TLS, and visits in which it is off.
pub const SCANNER: (f64, f64) = (0.04, 0.01);
/// A month: another language; a browser that is put back to its last version.
pub const NEW_LANGUAGE: f64 = 0.005;
pub const ROLLBACK: f64 = 0.002;
/// Refreshes that arrive twice.
pub const RETRIES: f64 = 0.003;
/// Refreshes of two tabs within one lifetime of the token.
pub const SECOND_TAB: f64 = 0.05;
/// Clocks of the site's instances differ by so many ms; one request in so many meets one that is a
/// minute off.
pub const CLOCKS_MS: f64 = 2_000.0;
pub const CLOCK_IS_OFF: f64 = 0.0002;

// Thieves.
/// From the theft to its first use, in minutes, evenly on a logarithmic scale.
pub const THEFT_MINUTES: (f64, f64) = (5.0, 1440.0);
/// The naive one's network: a home's, a data centre's, a carrier's.
pub const NAIVE_NETWORKS: [f64; 3] = [0.6, 0.25, 0.15];
/// Residential proxies of the targeted one and of the clones: in the victim's city, in the nearest
/// other, or somewhere in the country; and how many are phones.
pub const PROXY_NEAR: [f64; 3] = [0.5, 0.3, 0.2];
pub const PROXY_IS_MOBILE: f64 = 0.2;
/// The targeted one runs the victim's browser; otherwise another that says it is.
pub const TARGETED_RUNS_IT: f64 = 0.5;
/// Versions that such a pretence is behind: none to so many.
pub const PRETENDS_BEHIND: usize = 6;
/// The targeted one speaks the victim's language.
pub const TARGETED_LANGUAGE: f64 = 0.8;
