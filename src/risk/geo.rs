//! Floor 2. Coarse places, and how fast somebody would have travelled between two of them.

use std::f64::consts::{FRAC_PI_2, PI};

/// Steps of half a degree: 55 km at most.
const STEP_DEGREES: f64 = 0.5;
const EARTH_RADIUS_KM: f64 = 6371.0;

/// A place on a grid of half degrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CoarseLocation {
    /// Half degrees north.
    pub(super) lat: i16,
    /// Half degrees east.
    pub(super) lon: i16,
    /// Whether the address tells less of the place than most: mobile networks, relays, VPNs.
    pub(super) is_imprecise: bool,
}

impl CoarseLocation {
    /// Nothing for what is no place on earth.
    pub(super) fn from_degrees(lat: f64, lon: f64, is_vague: bool) -> Option<Self> {
        let is_on_earth = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        let step = |degrees: f64| libm::floor(degrees / STEP_DEGREES + 0.5) as i16;
        is_on_earth.then(|| Self { lat: step(lat), lon: step(lon), is_imprecise: is_vague })
    }

    /// As far as the truth may be from it, in km.
    fn radius_km(self) -> f64 {
        if self.is_imprecise { 400.0 } else { 150.0 }
    }
}

/// The least speed between two places, in km/h: what the places may be off is taken away, and no
/// journey is shorter than a minute, whatever the clocks say.
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

/// From -pi to pi, by its series, to 1e-11. `libm::sin` takes any angle, and 4 KB of the module for
/// it.
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
