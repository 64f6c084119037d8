//! The client family of a request: its browser family and its OS family. Rotation compares client
//! families and never addresses, because an address changes on every journey and a whole user agent
//! with every update.
//!
//! One cookie jar has several user agents: the media stack of a browser, the HTTP library of a
//! server that renders for its user, or the desktop version of a page. So families are *different*
//! only where both name a browser and a system, and the names contradict each other.

/// A browser family and an OS family, as the numbers of the tables below. 0 is any other family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClientFamily {
    browser: u8,
    system: u8,
}

/// The comparison of two client families.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientRelation {
    /// Both have the same browser and the same system.
    Same,
    /// One of them names no browser or no system.
    Unclear,
    /// Both name a browser and a system, and these differ.
    Different,
}

/// Names in a user agent with the number of their family. The first match counts.
type FamilyTable = [(&'static str, u8)];

/// The browser families. Most browsers name others as well, so that the order matters. A browser
/// has one family on all systems.
const BROWSERS: &FamilyTable = &[
    ("Edg", 1),
    ("OPR/", 2),
    ("SamsungBrowser/", 3),
    ("FxiOS/", 5),
    ("Firefox/", 5),
    ("CriOS/", 7),
    ("Chrome/", 7),
    ("Safari/", 8),
];
/// The OS families. A phone or a tablet that asks for the desktop version of a page names "Linux"
/// or "Mac OS X", so that these are in the family of its own system.
const SYSTEMS: &FamilyTable = &[
    ("Windows", 1),
    ("Android", 7),
    ("CrOS", 5),
    ("iPhone", 6),
    ("iPad", 6),
    ("Mac OS X", 6),
    ("Linux", 7),
];

/// The bytes of a user agent that are read.
const MAX_USER_AGENT_BYTES: usize = 512;

impl ClientFamily {
    /// Finds the client family of a `User-Agent` header.
    pub fn from_user_agent(user_agent: Option<&str>) -> Self {
        let text = user_agent.unwrap_or_default();
        let bytes = text.as_bytes().get(..text.len().min(MAX_USER_AGENT_BYTES)).unwrap_or_default();
        Self { browser: find_family(bytes, BROWSERS), system: find_family(bytes, SYSTEMS) }
    }

    /// Whether both the browser and the system are known.
    pub const fn is_named(self) -> bool {
        self.browser != 0 && self.system != 0
    }

    /// Compares the client of a request with the one that a record names.
    pub fn relation_to(self, other: Self) -> ClientRelation {
        if !self.is_named() || !other.is_named() {
            ClientRelation::Unclear
        } else if self == other {
            ClientRelation::Same
        } else {
            ClientRelation::Different
        }
    }

    /// The numbers of both families, as a record stores them.
    pub const fn to_codes(self) -> [u8; 2] {
        [self.browser, self.system]
    }

    /// The client family of two stored numbers. Earlier records have numbers of their own for
    /// Firefox and Chrome on iOS, for HTTP libraries, and for Android, iPhones and iPads.
    pub const fn from_codes([browser, system]: [u8; 2]) -> Self {
        let browser = match browser {
            4 => 5,
            6 => 7,
            9 | 10 => 0,
            current => current,
        };
        let system = match system {
            2 => 7,
            3 | 4 => 6,
            current => current,
        };
        Self { browser, system }
    }
}

fn find_family(text: &[u8], table: &FamilyTable) -> u8 {
    let is_in = |name: &str| text.windows(name.len()).any(|window| window == name.as_bytes());
    table.iter().find(|(name, _)| is_in(name)).map_or(0, |(_, family)| *family)
}
