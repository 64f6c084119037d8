//! Every number of the simulated worlds. The numbers were written before the first result was seen,
//! and are not fitted to any result.
//!
//! Sources are in brackets; a number without a source is assumed:
//!
//! - [P16] Padmanabhan et al., Reasons Dynamic Addresses Change, IMC 2016: some providers assign a
//!   new address every 24 hours; almost half of the changes lead to another BGP-routed prefix
//! - [site] defaults of portcullis
//!
//! No data of a real person is used.

/// Days that are not counted, in which the site learns the users.
pub const FIRST_DAYS: u64 = 30;
pub const DAYS: u64 = 120;
pub const DAY: u64 = 86_400_000;
pub const HOUR: u64 = 3_600_000;
pub const MINUTE: u64 = 60_000;
/// A Monday in January 2026.
pub const START: u64 = 1_767_571_200_000;
/// Lifetime of an access token, and the interval of refreshes in use. [site]
pub const ACCESS_TTL: u64 = 5 * MINUTE;
/// Number of attacks of each attacker on each user within the counted days, both with a stolen
/// session and with a stolen password.
pub const ATTACKS_PER_USER: usize = 4;

/// The parameters that differ between worlds.
#[derive(Debug, Clone, Copy)]
pub struct WorldParameters {
    pub name: &'static str,
    /// Share of users without a home line, who use only their carrier.
    pub only_mobile: f64,
    /// Share of the visits on a phone.
    pub by_phone: f64,
    /// Share of phones at home that use the Wi-Fi.
    pub wifi_at_home: f64,
    /// Hours until a phone gets another address of its carrier.
    pub carrier_hours: f64,
    /// Trips within the country per month.
    pub trips_inland: f64,
    /// Trips abroad per month.
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

// Home lines. The share that is renumbered daily is in geography.rs, by country.
/// Days between two addresses of the other lines: the median, and the spread of its logarithm.
pub const LINE_DAYS: (f64, f64) = (30.0, 1.0);
/// Share of changes that lead to another BGP prefix. [P16]
pub const LINE_LEAVES_PREFIX: f64 = 0.5;
/// IPv4 prefixes of a provider in a city, and /24 networks in each.
pub const LINE_PREFIXES: (usize, usize) = (4, 32);
/// IPv6 networks (/48) of a provider in a city.
pub const LINE_WIDE: usize = 64;
/// Share of changes of an IPv6 line that keep the /48; then the share of lines whose IPv6 network
/// never changes.
pub const LINE_KEEPS_WIDE: f64 = 0.3;
pub const LINE_IS_STATIC_V6: f64 = 0.3;
/// Share of visits over IPv6 where IPv6 is available.
pub const USES_V6: f64 = 0.9;

// Carriers.
/// Number of /24 networks behind a gateway; lower numbers are used most.
pub const CARRIER_POOL: usize = 48;
/// Share of gateways near home; the others are elsewhere in the country.
pub const CARRIER_GATEWAY_NEAR: f64 = 0.85;
pub const CARRIER_HAS_V6: f64 = 0.6;
/// Probability per refresh that a phone changes between carrier and Wi-Fi.
pub const HANDOVER: f64 = 0.03;

// Apparent location of an address: the shares and their distance from the true location in km.
pub const OFF_BY_KM: [(f64, f64); 3] = [(0.70, 30.0), (0.22, 150.0), (0.06, 500.0)];
/// Share of networks that appear in another country. The remaining share appears in another city.
pub const WRONG_COUNTRY: f64 = 0.001;

// Offices and other places.
pub const WORKS_IN_OFFICE: f64 = 0.45;
/// Share of offices that inspect TLS; then the share behind the data centre of a security gateway,
/// and the number of its addresses.
pub const OFFICE_INSPECTS: f64 = 0.15;
pub const OFFICE_GATEWAY: f64 = 0.10;
pub const GATEWAY_POOL: usize = 8;
/// Share of visits away from home on other people's Wi-Fi, otherwise on the carrier; then the
/// number of places that a user returns to, and the share of visits there.
pub const WIFI_ON_THE_WAY: f64 = 0.2;
pub const HAUNTS: usize = 3;
pub const WIFI_IS_A_HAUNT: f64 = 0.6;
/// Share of laptop visits away from home.
pub const LAPTOP_GOES_OUT: f64 = 0.12;

// VPNs, relays and Tor.
pub const USES_VPN: f64 = 0.12;
/// Range of the share of visits through a VPN, by user.
pub const VPN_SHARE: (f64, f64) = (0.05, 0.9);
pub const VPN_PROVIDERS: usize = 12;
/// Number of /24 networks of an exit city.
pub const VPN_POOL: usize = 8;
/// Share of exits in another country than the user's.
pub const VPN_EXIT_ABROAD: f64 = 0.25;
/// Share of exits that are known as VPN; then the share of the others that are known as a data
/// centre.
pub const VPN_IS_KNOWN: f64 = 0.8;
pub const VPN_IS_HOSTING: f64 = 0.75;
/// Share of Safari users with a relay; then the share of visits without it, the number of /24
/// networks of a relay in a city, and the probability per refresh of another exit.
pub const USES_RELAY: f64 = 0.15;
pub const RELAY_IS_OFF: f64 = 0.1;
pub const RELAY_POOL: usize = 6;
pub const RELAY_MOVES: f64 = 0.2;
pub const USES_TOR: f64 = 0.003;

// Trips of the users.
pub const INLAND_DAYS: (f64, f64) = (1.0, 4.0);
pub const ABROAD_DAYS: (f64, f64) = (3.0, 10.0);
/// Share of phones abroad whose traffic is routed home; the others use a local carrier.
pub const ROAMS_HOME: f64 = 0.5;
/// Share of visits on a trip in a hotel's Wi-Fi.
pub const WIFI_ON_A_TRIP: f64 = 0.5;
pub const LAPTOP_TRAVELS: f64 = 0.6;
/// Speed of travel in km/h, then hours in addition.
pub const TRAVEL_KMH: f64 = 750.0;
pub const TRAVEL_HOURS: f64 = 3.0;
/// Share of computers that stay open at home and keep refreshing while the owner is away; then
/// their visits per day.
pub const LEFT_OPEN: f64 = 0.15;
pub const LEFT_OPEN_VISITS: f64 = 3.0;

// Activity of the users.
/// Visits per day on all devices: the median, and the spread of its logarithm; then the minutes of
/// a visit.
pub const VISITS: (f64, f64) = (2.0, 0.7);
pub const VISIT_MINUTES: f64 = 12.0;
/// Days after which a device signs in again.
pub const SESSION_DAYS: f64 = 21.0;
/// Probability per month of a new device that replaces another; then of a sign-in on a borrowed
/// device.
pub const NEW_DEVICE: f64 = 0.04;
pub const BORROWED: f64 = 0.03;
/// Share of computers with a second browser.
pub const SECOND_BROWSER: f64 = 0.15;
/// Days until an update is installed; then the share of late devices and their delay in days.
pub const UPDATE_DAYS: f64 = 6.0;
pub const LAGGARDS: (f64, f64) = (0.05, 90.0);

// Honest changes within a session: rare, and similar to a theft.
/// Share of users who request desktop pages on their phone, and the share of their visits. The
/// setting lasts for the rest of the visit.
pub const TOGGLES: (f64, f64) = (0.10, 0.02);
/// Share of users whose browser sends another user agent in every visit.
pub const RANDOMISES: f64 = 0.005;
/// Share of Windows computers whose virus scanner inspects TLS, and share of visits without it.
pub const SCANNER: (f64, f64) = (0.04, 0.01);
/// Probability per month of another language; then of a browser reset to its previous version.
pub const NEW_LANGUAGE: f64 = 0.005;
pub const ROLLBACK: f64 = 0.002;
/// Share of refreshes that arrive twice.
pub const RETRIES: f64 = 0.003;
/// Share of refreshes by two tabs within one token lifetime.
pub const SECOND_TAB: f64 = 0.05;
/// Difference between the clocks of the site's instances in ms; then the share of requests that
/// meet a clock with an error of a minute.
pub const CLOCKS_MS: f64 = 2_000.0;
pub const CLOCK_IS_OFF: f64 = 0.0002;

// Properties of the thieves.
/// Minutes between theft and first use, uniform on a logarithmic scale.
pub const THEFT_MINUTES: (f64, f64) = (5.0, 1440.0);
/// Networks of the naive thief: shares of home lines, data centres and carriers.
pub const NAIVE_NETWORKS: [f64; 3] = [0.6, 0.25, 0.15];
/// Residential proxies of the targeted thief and the clones: shares in the victim's city, in the
/// nearest other city, and elsewhere in the country; then the share of phones.
pub const PROXY_NEAR: [f64; 3] = [0.5, 0.3, 0.2];
pub const PROXY_IS_MOBILE: f64 = 0.2;
/// Probability that the targeted thief runs the victim's browser; otherwise another browser
/// imitates it.
pub const TARGETED_RUNS_IT: f64 = 0.5;
/// Largest number of versions that an imitation is behind.
pub const PRETENDS_BEHIND: usize = 6;
/// Probability that the targeted thief uses the victim's language.
pub const TARGETED_LANGUAGE: f64 = 0.8;
