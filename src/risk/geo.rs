//! Coarse locations, and the speed of travel between two of them.

use std::f64::consts::{FRAC_PI_2, PI};

/// Grid step in degrees: at most 55 km.
const STEP_DEGREES: f64 = 0.5;
const EARTH_RADIUS_KM: f64 = 6371.0;

/// A location, rounded to a grid of half degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CoarseLocation {
    /// Latitude in half degrees, positive to the north.
    pub(super) lat: i16,
    /// Longitude in half degrees, positive to the east.
    pub(super) lon: i16,
    /// Whether the address is on a mobile network, relay or VPN, whose location is less precise.
    pub(super) is_imprecise: bool,
}

impl CoarseLocation {
    /// Rounds a latitude and a longitude in degrees. `None` outside -90 to 90 and -180 to 180.
    pub(super) fn from_degrees(lat: f64, lon: f64, is_vague: bool) -> Option<Self> {
        let is_on_earth = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        let step = |degrees: f64| libm::floor(degrees / STEP_DEGREES + 0.5) as i16;
        is_on_earth.then(|| Self { lat: step(lat), lon: step(lon), is_imprecise: is_vague })
    }

    /// Largest assumed distance between this location and the true one, in km.
    fn radius_km(self) -> f64 {
        if self.is_imprecise { 400.0 } else { 150.0 }
    }
}

/// Lowest possible speed between two locations, in km/h. The radius of both is subtracted from the
/// distance, and a duration below one minute counts as one minute, so that differing clocks do not
/// raise the speed.
pub(super) fn speed_km_per_hour(from: CoarseLocation, to: CoarseLocation, ms: u64) -> f64 {
    let distance = haversine_km(from, to) - from.radius_km() - to.radius_km();
    let hours = ms.max(60_000) as f64 / 3_600_000.0;
    if distance > 0.0 { distance / hours } else { 0.0 }
}

fn haversine_km(from: CoarseLocation, to: CoarseLocation) -> f64 {
    let radians = |steps: i16| f64::from(steps) * STEP_DEGREES * (PI / 180.0);
    let half_sine = |one: i16, other: i16| sine((radians(other) - radians(one)) / 2.0);
    let cosine = |steps: i16| sine(FRAC_PI_2 - radians(steps));
    let (north, east) = (half_sine(from.lat, to.lat), half_sine(from.lon, to.lon));
    let square = north * north + cosine(from.lat) * cosine(to.lat) * east * east;
    let half_chord = square.sqrt();
    2.0 * EARTH_RADIUS_KM * libm::asin(if half_chord > 1.0 { 1.0 } else { half_chord })
}

/// The sine of an angle from -pi to pi by its Taylor series, with an error below 1e-11. measured:
/// see performance.md, Exponentials and sines
fn sine(angle: f64) -> f64 {
    let folded = match angle {
        _ if angle > FRAC_PI_2 => PI - angle,
        _ if angle < -FRAC_PI_2 => -PI - angle,
        _ => angle,
    };
    let square = folded * folded;
    let series = |rest: f64, n: f64| 1.0 - square / (2.0 * n * (2.0 * n + 1.0)) * rest;
    folded * [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0].into_iter().fold(1.0, series)
}
