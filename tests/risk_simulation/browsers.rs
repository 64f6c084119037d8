//! The user agents, client hints and TLS clients of browsers, and the times of their updates.

use super::geography::Country;
use super::parameters::{DAY, LAGGARDS, START, UPDATE_DAYS};
use super::rng::{Rng, mix};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    Chromium,
    Gecko,
    Apple,
}

/// A browser family. `{v}` in `agent` stands for the version.
pub struct Family {
    pub agent: &'static str,
    /// Version at the start, and days between two releases.
    first: u64,
    every: u64,
    pub stack: Stack,
    /// Brand and platform in client hints.
    hints: Option<(&'static str, &'static str)>,
    pub is_phone: bool,
    pub is_windows: bool,
    pub is_apple: bool,
    /// Share of the computers, or of the phones of its system, rounded from public statistics of
    /// 2025.
    share: f64,
}

const CHROME_WINDOWS: Family = Family {
    agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36",
    first: 143,
    every: 28,
    stack: Stack::Chromium,
    hints: Some(("Google Chrome", "Windows")),
    is_phone: false,
    is_windows: true,
    is_apple: false,
    share: 0.45,
};

pub const FAMILIES: [Family; 14] = [
    CHROME_WINDOWS,
    Family {
        agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36 Edg/{v}.0.0.0",
        hints: Some(("Microsoft Edge", "Windows")),
        share: 0.14,
        ..CHROME_WINDOWS
    },
    Family {
        agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0",
        first: 146,
        stack: Stack::Gecko,
        hints: None,
        share: 0.05,
        ..CHROME_WINDOWS
    },
    Family {
        agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36 OPR/{o}.0.0.0",
        hints: Some(("Opera", "Windows")),
        share: 0.03,
        ..CHROME_WINDOWS
    },
    Family {
        agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36",
        hints: Some(("Google Chrome", "macOS")),
        is_windows: false,
        share: 0.14,
        ..CHROME_WINDOWS
    },
    Family {
        agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.{v} Safari/605.1.15",
        first: 2,
        every: 45,
        stack: Stack::Apple,
        hints: None,
        is_windows: false,
        is_apple: true,
        share: 0.12,
        ..CHROME_WINDOWS
    },
    Family {
        agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:{v}.0) Gecko/20100101 Firefox/{v}.0",
        first: 146,
        stack: Stack::Gecko,
        hints: None,
        is_windows: false,
        share: 0.02,
        ..CHROME_WINDOWS
    },
    Family {
        agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36",
        hints: Some(("Google Chrome", "Linux")),
        is_windows: false,
        share: 0.03,
        ..CHROME_WINDOWS
    },
    Family {
        agent: "Mozilla/5.0 (X11; Linux x86_64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0",
        first: 146,
        stack: Stack::Gecko,
        hints: None,
        is_windows: false,
        share: 0.02,
        ..CHROME_WINDOWS
    },
    Family {
        agent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Mobile Safari/537.36",
        hints: Some(("Google Chrome", "Android")),
        is_phone: true,
        is_windows: false,
        share: 0.88,
        ..CHROME_WINDOWS
    },
    Family {
        agent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/{v}.0 Chrome/136.0.0.0 Mobile Safari/537.36",
        first: 29,
        every: 60,
        hints: Some(("Samsung Internet", "Android")),
        is_phone: true,
        is_windows: false,
        share: 0.10,
        ..CHROME_WINDOWS
    },
    Family {
        agent: "Mozilla/5.0 (Android 15; Mobile; rv:{v}.0) Gecko/{v}.0 Firefox/{v}.0",
        first: 146,
        stack: Stack::Gecko,
        hints: None,
        is_phone: true,
        is_windows: false,
        share: 0.02,
        ..CHROME_WINDOWS
    },
    Family {
        agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.{v} Mobile/15E148 Safari/604.1",
        first: 2,
        every: 45,
        stack: Stack::Apple,
        hints: None,
        is_phone: true,
        is_windows: false,
        is_apple: true,
        share: 0.92,
    },
    Family {
        agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/{v}.0.7499.92 Mobile/15E148 Safari/604.1",
        stack: Stack::Apple,
        hints: None,
        is_phone: true,
        is_windows: false,
        share: 0.08,
        ..CHROME_WINDOWS
    },
];

const LINUX_CHROME: usize = 7;
const MAC_SAFARI: usize = 5;
const WINDOWS_FIREFOX: usize = 2;

/// A browser on a device. `id` determines the times of its updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Browser {
    pub family: usize,
    pub id: u64,
}

impl Browser {
    pub fn of_computer(chance: &mut Rng) -> Self {
        Self::among(chance, |family| !family.is_phone)
    }

    pub fn of_phone(chance: &mut Rng, country: &Country) -> Self {
        let is_iphone = chance.chance(country.iphones);
        Self::among(chance, |family| {
            family.is_phone && family.agent.contains("iPhone") == is_iphone
        })
    }

    /// The browser that Tor Browser imitates.
    pub fn of_tor(id: u64) -> Self {
        Self { family: WINDOWS_FIREFOX, id }
    }

    fn among(chance: &mut Rng, fits: impl Fn(&Family) -> bool) -> Self {
        let family = chance
            .weighted(FAMILIES.iter().map(|family| if fits(family) { family.share } else { 0.0 }));
        Self { family, id: chance.next_u64() }
    }

    pub fn family(self) -> &'static Family {
        &FAMILIES[self.family]
    }

    /// The latest release that was installed at a time.
    pub fn release(self, at: u64) -> u64 {
        let family = self.family();
        let every = family.every * DAY;
        // Releases start a year early, so that some devices lag at the start.
        let since = at + 365 * DAY + mix(&[3, self.family as u64]) % every - START;
        let newest = since / every;
        let lags = Rng::from_seed(&[4, self.id]).chance(LAGGARDS.0);
        let mean = if lags { LAGGARDS.1 } else { UPDATE_DAYS };
        let installed = |release: &u64| {
            let delay = Rng::from_seed(&[5, self.id, *release]).exponential(mean) * DAY as f64;
            release * every + delay as u64 <= since
        };
        (newest.saturating_sub(12)..=newest)
            .rev()
            .find(installed)
            .unwrap_or(newest.saturating_sub(12))
    }

    /// Version of a release. Apple's numbers count from the start, all others continue from a year
    /// before.
    fn version(self, release: u64) -> u64 {
        let family = self.family();
        (family.first + release).saturating_sub(365 / family.every)
    }

    pub fn shows(self, release: u64) -> Shown {
        let family = self.family();
        let version = self.version(release);
        let agent = family
            .agent
            .replace("{v}", &version.to_string())
            .replace("{o}", &version.saturating_sub(16).to_string());
        Shown {
            agent,
            brands: family.brands(version),
            platform: family.hints.map(|(_, platform)| platform),
            is_phone: family.is_phone,
        }
    }

    /// The signals of a phone that requests desktop pages.
    pub fn as_desktop(self, release: u64) -> Shown {
        let version = self.version(release);
        let other = Self {
            family: if self.family().stack == Stack::Apple { MAC_SAFARI } else { LINUX_CHROME },
            ..self
        };
        let agent = match self.family().stack {
            Stack::Gecko => {
                format!(
                    "Mozilla/5.0 (X11; Linux x86_64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
                )
            }
            _ => other.family().agent.replace("{v}", &version.to_string()),
        };
        Shown { agent, is_phone: false, ..self.shows(release) }
    }

    /// A JA4 fingerprint. The ciphers depend on the TLS stack; the other parts differ between
    /// connections.
    pub fn tls(self, release: u64, connection: &mut Rng) -> String {
        let ciphers = match self.family().stack {
            Stack::Chromium => "8daaf6152771",
            // One release of one stack changed its ciphers in these months.
            Stack::Gecko if self.version(release) >= 148 => "5b57614c22b1",
            Stack::Gecko => "5b57614c22b0",
            Stack::Apple => "a09f3c656075",
        };
        let resumed = connection.chance(0.4);
        let (extensions, hash) = if resumed { (17, "b0da82dd1658") } else { (16, "02713d6af862") };
        format!("t13d15{extensions}h2_{ciphers}_{hash}")
    }
}

impl Family {
    fn brands(&self, version: u64) -> Option<String> {
        self.hints.map(|(brand, _)| {
            format!(
                "\"Chromium\";v=\"{version}\", \"{brand}\";v=\"{version}\", \
                 \"Not=A?Brand\";v=\"24\""
            )
        })
    }
}

/// The signals that a browser sends.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub agent: String,
    pub brands: Option<String>,
    pub platform: Option<&'static str>,
    pub is_phone: bool,
}

/// TLS fingerprint of a TLS-inspecting client: an office proxy, a virus scanner, or a thief's tool.
pub fn middlebox(number: u64) -> String {
    format!("t13d1312h2_{:012x}_e8f1e7e78f70", mix(&[9, number]) & 0xffff_ffff_ffff)
}
