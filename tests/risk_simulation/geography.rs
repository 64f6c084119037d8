//! Countries and cities. The coordinates are real and rounded; the shares are assumed.

pub struct Country {
    pub code: &'static str,
    /// Share of the users.
    pub share: f64,
    /// Share of the thieves who do not choose a country.
    pub thieves: f64,
    pub hours_from_utc: i64,
    pub language: &'static str,
    /// Share of iPhones among the phones.
    pub iphones: f64,
    /// Share of the lines that get a new address every day.
    pub daily: f64,
    /// Share of the lines with IPv6.
    pub v6: f64,
    pub cities: &'static [(f64, f64)],
}

const fn country(
    (code, hours_from_utc, language): (&'static str, i64, &'static str),
    [share, thieves, iphones, daily, v6]: [f64; 5],
    cities: &'static [(f64, f64)],
) -> Country {
    Country { code, share, thieves, hours_from_utc, language, iphones, daily, v6, cities }
}

pub const COUNTRIES: [Country; 16] = [
    country(
        ("US", -6, "en-US"),
        [0.30, 0.15, 0.55, 0.02, 0.50],
        &[(40.7, -74.0), (34.1, -118.2), (41.9, -87.6), (29.8, -95.4), (47.6, -122.3)],
    ),
    country(
        ("DE", 1, "de"),
        [0.15, 0.03, 0.38, 0.35, 0.70],
        &[(52.5, 13.4), (48.1, 11.6), (53.6, 10.0), (50.9, 7.0), (51.1, 13.7)],
    ),
    country(
        ("GB", 0, "en-GB"),
        [0.10, 0.04, 0.50, 0.05, 0.45],
        &[(51.5, -0.1), (53.5, -2.2), (55.9, -3.2), (52.5, -1.9)],
    ),
    country(
        ("FR", 1, "fr"),
        [0.08, 0.03, 0.32, 0.10, 0.75],
        &[(48.9, 2.4), (45.8, 4.8), (43.3, 5.4), (43.6, 1.4)],
    ),
    country(
        ("NL", 1, "nl"),
        [0.05, 0.08, 0.40, 0.02, 0.40],
        &[(52.4, 4.9), (51.9, 4.5), (51.4, 5.5)],
    ),
    country(
        ("PL", 1, "pl"),
        [0.05, 0.02, 0.15, 0.15, 0.20],
        &[(52.2, 21.0), (50.1, 19.9), (51.1, 17.0), (54.4, 18.6)],
    ),
    country(
        ("ES", 1, "es"),
        [0.05, 0.02, 0.22, 0.10, 0.10],
        &[(40.4, -3.7), (41.4, 2.2), (39.5, -0.4), (37.4, -6.0)],
    ),
    country(
        ("IT", 1, "it"),
        [0.04, 0.02, 0.30, 0.15, 0.15],
        &[(41.9, 12.5), (45.5, 9.2), (40.9, 14.3)],
    ),
    country(
        ("SE", 1, "sv"),
        [0.03, 0.01, 0.55, 0.02, 0.30],
        &[(59.3, 18.1), (57.7, 12.0), (55.6, 13.0)],
    ),
    country(
        ("BR", -3, "pt-BR"),
        [0.06, 0.12, 0.17, 0.20, 0.45],
        &[(-23.5, -46.6), (-22.9, -43.2), (-15.8, -47.9), (-8.1, -34.9)],
    ),
    country(
        ("IN", 5, "en-IN"),
        [0.04, 0.12, 0.05, 0.20, 0.70],
        &[(28.6, 77.2), (19.1, 72.9), (13.0, 77.6), (22.6, 88.4)],
    ),
    country(
        ("JP", 9, "ja"),
        [0.03, 0.01, 0.62, 0.05, 0.50],
        &[(35.7, 139.7), (34.7, 135.5), (43.1, 141.4)],
    ),
    country(
        ("RU", 3, "ru"),
        [0.00, 0.15, 0.28, 0.15, 0.10],
        &[(55.8, 37.6), (59.9, 30.3), (55.0, 82.9)],
    ),
    country(("NG", 1, "en"), [0.00, 0.10, 0.12, 0.20, 0.05], &[(6.5, 3.4), (9.1, 7.4)]),
    country(("VN", 7, "vi"), [0.01, 0.06, 0.30, 0.15, 0.55], &[(21.0, 105.8), (10.8, 106.7)]),
    country(("TR", 3, "tr"), [0.01, 0.04, 0.20, 0.15, 0.10], &[(41.0, 29.0), (39.9, 32.9)]),
];

/// A city, as the index of its country and its index in the country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct City {
    pub country: usize,
    pub city: usize,
}

impl City {
    pub fn country(self) -> &'static Country {
        &COUNTRIES[self.country]
    }

    pub fn place(self) -> (f64, f64) {
        self.country().cities[self.city]
    }

    /// The other cities of the country, the nearest first.
    pub fn neighbours(self) -> Vec<City> {
        let cities = 0..self.country().cities.len();
        let mut others: Vec<_> =
            cities.filter(|city| *city != self.city).map(|city| City { city, ..self }).collect();
        others.sort_by(|one, other| {
            km(self.place(), one.place()).total_cmp(&km(self.place(), other.place()))
        });
        others
    }
}

/// Great-circle distance in km.
pub fn km(from: (f64, f64), to: (f64, f64)) -> f64 {
    let [a, b, c, d] = [from.0, from.1, to.0, to.1].map(f64::to_radians);
    let (north, east) = (((c - a) / 2.0).sin(), ((d - b) / 2.0).sin());
    let square = north * north + a.cos() * c.cos() * east * east;
    2.0 * 6371.0 * square.sqrt().min(1.0).asin()
}
