//! Floor 1. Who sends a request, as far as rotation looks: the family of the browser and of its
//! system. Never the address, which changes on every train; a whole user agent changes with every
//! update.

/// A browser family and a system family, as positions in the tables below; 0 is anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClientFamily {
    browser: u8,
    system: u8,
}

/// The first that is found wins: most browsers name others as well.
const BROWSERS: &[&str] = &[
    "Edg",
    "OPR/",
    "SamsungBrowser/",
    "FxiOS/",
    "Firefox/",
    "CriOS/",
    "Chrome/",
    "Safari/",
    "okhttp/",
    "Dart/",
];
/// The same: an iPhone says "Mac OS X", and Android says "Linux".
const SYSTEMS: &[&str] = &["Windows", "Android", "iPhone", "iPad", "CrOS", "Mac OS X", "Linux"];

/// Only so much of a user agent is looked at.
const MAX_USER_AGENT_BYTES: usize = 512;

impl ClientFamily {
    /// Reads a `User-Agent` header; nothing, or nothing known, is a sender of its own.
    pub fn from_user_agent(user_agent: Option<&str>) -> Self {
        let text = user_agent.unwrap_or_default();
        let bytes = text.as_bytes().get(..text.len().min(MAX_USER_AGENT_BYTES)).unwrap_or_default();
        Self { browser: position(bytes, BROWSERS), system: position(bytes, SYSTEMS) }
    }

    /// Both positions, as a record keeps them.
    pub const fn to_codes(self) -> [u8; 2] {
        [self.browser, self.system]
    }

    /// What [`Sender::codes`] gave.
    pub const fn from_codes([browser, system]: [u8; 2]) -> Self {
        Self { browser, system }
    }
}

fn position(text: &[u8], names: &[&str]) -> u8 {
    let is_in = |name: &str| text.windows(name.len()).any(|window| window == name.as_bytes());
    let place =
        names.iter().position(|name| is_in(name)).map_or(0, |place| place.saturating_add(1));
    u8::try_from(place).unwrap_or(0)
}
