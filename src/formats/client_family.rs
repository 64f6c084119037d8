//! The client family of a request: its browser family and its OS family. Rotation compares client
//! families and never addresses, because an address changes on every journey and a whole user agent
//! with every update.

/// A browser family and an OS family, as positions in the tables below. Position 0 is any other
/// family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClientFamily {
    browser: u8,
    system: u8,
}

/// The browser families. The first match counts, because most browsers name others as well.
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
/// The OS families. The first match counts: an iPhone also says "Mac OS X", and Android "Linux".
const SYSTEMS: &[&str] = &["Windows", "Android", "iPhone", "iPad", "CrOS", "Mac OS X", "Linux"];

/// The bytes of a user agent that are read.
const MAX_USER_AGENT_BYTES: usize = 512;

impl ClientFamily {
    /// Finds the client family of a `User-Agent` header. A missing header and an unknown client are
    /// families of their own.
    pub fn from_user_agent(user_agent: Option<&str>) -> Self {
        let text = user_agent.unwrap_or_default();
        let bytes = text.as_bytes().get(..text.len().min(MAX_USER_AGENT_BYTES)).unwrap_or_default();
        Self { browser: position(bytes, BROWSERS), system: position(bytes, SYSTEMS) }
    }

    /// The positions of both families, as a record stores them.
    pub const fn to_codes(self) -> [u8; 2] {
        [self.browser, self.system]
    }

    /// The client family of two stored positions.
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
