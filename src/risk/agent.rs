//! What a user agent says of itself: the product and the system, their major versions, the class of
//! the device.
//!
//! A tokenizer of our own, for one use: comparing the agent of a session with the one it had. So
//! what counts is that the same browser is read the same way every time; names are uap-core's where
//! a table knows them, and the product's own word where none does. It looks at the first kilobyte,
//! allocates nothing, and reads any text.

mod hints;
mod names;
mod products;
mod rare;
mod robots;
mod said;
mod says;
mod systems;
mod tables;
mod text;
mod words;

use names::ON_TELEPHONES;
pub use said::{Agent, Class};
use says::{
    ANDROID, BLACKBERRY, BROWSER, CFNETWORK, CHROME, COMPATIBLE, DARWIN, FBAV, FIREFOX, GECKO,
    HBBTV, INTEL, IOS, MAC, MOBILE, MSIE, OPERA, PLAIN, ROBOT, SAFARI, TABLET, TRIDENT, VERSION,
    WEBKIT, WEBVIEW, WINDOWS,
};
use text::{Found, Text, Version, in_word};
use words::Words;

impl<'a> Agent<'a> {
    /// Reads a user agent. Any text has an answer; nothing is an error.
    pub fn read(user_agent: &'a str) -> Self {
        let text = Text::new(user_agent);
        let words = Words::read(text);
        let product = product(text, &words);
        let system = system(text, &words);
        Agent {
            family: product.name,
            major: product.version.get(),
            os: system.name,
            os_major: system.version.get(),
            class: class(&words, system.name),
        }
    }

    /// Reads client hints: `Sec-CH-UA`, and, where they came, `Sec-CH-UA-Platform` and
    /// `Sec-CH-UA-Mobile`, as they stand in the request. The family is the most telling brand,
    /// under the name that [`Agent::read`] gives it on a computer (`Google Chrome` is `Chrome`,
    /// also on telephones); brands that mean nothing are passed over.
    pub fn from_hints(brands: &'a str, platform: Option<&'a str>, mobile: Option<&'a str>) -> Self {
        hints::read(brands, platform, mobile)
    }

    /// Whether client hints contradict this user agent: another system, another browser, another
    /// version of the same. What one of them does not say contradicts nothing, nor does a browser
    /// that calls itself Chrome in its user agent and shows itself in its hints alone (Brave,
    /// Vivaldi), nor a telephone that asks for a page's desktop form. A false answer of yes is an
    /// honest session taken for a forged one.
    pub fn contradicts(self, hints: Agent<'_>) -> bool {
        hints::contradict(self, hints)
    }
}

/// A product with its version.
fn named(name: &str, version: Version) -> Found<'_> {
    Found { name, version, rank: 0 }
}

/// The product, from what is most telling: a browser or application of the tables, what the agent
/// starts with, a robot's name, what it is compatible with, a product of no table, an engine, what
/// its comment starts with.
fn product<'a>(text: Text<'a>, words: &Words<'a>) -> Found<'a> {
    if words.product.rank > PLAIN {
        return browser(words);
    }
    let leading = leading(text);
    if leading.version.is_some() {
        return leading;
    }
    let mark = words.mark(COMPATIBLE);
    let compatible = if mark > 0 { standing(text, mark, false).0 } else { Found::default() };
    if compatible.version.is_some() && words.robot.rank < 2 {
        return compatible;
    }
    for found in [words.robot, compatible, leading] {
        if !found.name.is_empty() {
            return found;
        }
    }
    let engine = engine(words);
    if words.product.rank == PLAIN || engine.name.is_empty() && words.product.rank > 0 {
        return words.product;
    }
    if engine.name.is_empty() {
        standing(text, text.find(0, |byte| byte == b' '), false).0
    } else {
        engine
    }
}

/// A browser or an application of the tables.
fn browser<'a>(words: &Words<'a>) -> Found<'a> {
    let Found { name, version, rank } = words.product;
    let elsewhere = words.version(VERSION).or(words.version(OPERA)).when(words.versioned);
    let engine = words.version(CHROME).or(words.version(FIREFOX)).or(words.version(MSIE));
    let version = elsewhere.or(words.version(FBAV)).or(version).or(engine.when(rank == BROWSER));
    let mobile = if words.named(MOBILE) { names::find(name, ON_TELEPHONES) } else { None };
    named(mobile.map_or(name, |(mobile, _)| mobile), version)
}

/// What the agent starts with, where that is not what most start with: `Name/1.2`, `Two Words 1.2`,
/// `Name (...)`; or, as Nutch has it, `Owner/Name-1.2`.
fn leading(text: Text<'_>) -> Found<'_> {
    let (found, end) = standing(text, 0, true);
    let (inner, after) = standing(text, end, false);
    let owned = text.at(end) == b'/'
        && text.at(end.saturating_add(1)).is_ascii_alphabetic()
        && text.at(after) != b'/';
    let version = found.version.is_some() || !inner.version.is_some() || found.name.is_empty();
    if owned && !version { inner } else { found }
}

/// What stands there, where no table knows it, or all of it; and where it ends.
#[inline(never)]
fn standing(text: Text<'_>, at: usize, all: bool) -> (Found<'_>, usize) {
    let start = text.find(at, in_word);
    let end = phrase(text, start);
    let known = known(text, start);
    if known >= end || known > start && !all {
        return (Found::default(), end);
    }
    let name = text.slice(start, end);
    let name = name.strip_suffix("-iPad").or(name.strip_suffix("-iPhone")).unwrap_or(name);
    (named(name, text.version(end, 1)), end)
}

/// Where the name ends that starts there: before a version, a sign, an address, or its `.com`.
#[inline(never)]
fn phrase(text: Text<'_>, start: usize) -> usize {
    let mut end = start;
    loop {
        end = text.find(end, |byte| {
            matches!(byte, b' ' | b'.' | b'-' | b'/' | b'(' | b';' | b',' | b'[' | b'"' | b')')
        });
        let next = end.saturating_add(1);
        let over = match text.at(end) {
            b' ' => {
                !text.at(next).is_ascii_alphabetic()
                    || text.at(next) == b'v' && text.version(end, 1).is_some()
                    || text.has(next, b"http", false)
                    || text.has(next, b"Mozilla", false)
            }
            b'.' => text.has(next, b"com", false) && text.at(next.saturating_add(3)) != b'-',
            b'-' => {
                text.at(next).is_ascii_digit()
                    && text.at(text.find(next, |byte| !byte.is_ascii_digit())) == b'.'
            }
            _ => true,
        };
        if over {
            return end;
        }
        end = next;
    }
}

/// Where what the tables know ends, that starts there.
fn known(text: Text<'_>, start: usize) -> usize {
    words::known(text, start, &mut |_, _| {})
}

/// The product that the engines are, together with the system.
fn engine<'a>(words: &Words<'a>) -> Found<'a> {
    let kind = names::kind(words.system.name);
    let mobile = words.named(MOBILE);
    let webkit = words.named(WEBKIT);
    let network = words.named(CFNETWORK);
    let version = words.version(VERSION);
    let (name, version) = if words.named(TRIDENT) || words.named(MSIE) {
        ("IE", explorer(words))
    } else if words.named(OPERA) {
        ("Opera", version.or(words.version(OPERA)))
    } else if words.named(CHROME) {
        let view = kind == ANDROID && (words.named(VERSION) || words.named(WEBVIEW));
        let name = if view {
            "Chrome Mobile WebView"
        } else if mobile {
            "Chrome Mobile"
        } else {
            "Chrome"
        };
        (name, words.version(CHROME))
    } else if words.named(FIREFOX) {
        let name = if mobile || words.named(TABLET) { "Firefox Mobile" } else { "Firefox" };
        (name, words.version(FIREFOX))
    } else if webkit && kind == ANDROID {
        ("Android", words.system.version)
    } else if webkit && kind == IOS {
        (if words.named(SAFARI) { "Mobile Safari" } else { "Mobile Safari UI/WKWebView" }, version)
    } else if webkit && kind == BLACKBERRY {
        ("BlackBerry WebKit", version)
    } else if words.named(SAFARI) && words.nightly && matches!(kind, MAC | WINDOWS) {
        ("WebKit Nightly", words.version(WEBKIT))
    } else if words.named(SAFARI) {
        ("Safari", version.or(words.version(SAFARI).when(network)))
    } else if webkit && kind == MAC {
        ("Apple Mail", words.version(WEBKIT))
    } else if network {
        ("CFNetwork", words.version(CFNETWORK))
    } else {
        ("", Version::NONE)
    };
    named(name, version)
}

/// The version of Internet Explorer: that of its engine, where it pretends to be an older one.
fn explorer(words: &Words<'_>) -> Version {
    match words.version(TRIDENT).number() {
        trident @ 4..100 => Version::of(trident.saturating_add(4).min(11)),
        _ => words.version(MSIE),
    }
}

/// The system.
fn system<'a>(text: Text<'a>, words: &Words<'a>) -> Found<'a> {
    let Found { name, version, .. } = words.system;
    let kind = names::kind(name);
    if kind == WINDOWS && text.has(words.system_at.saturating_sub(2), b"NT", false) {
        let minor = text.find(words.system_at, |byte| byte == b'.');
        return named(name, windows(version, text.number(minor.saturating_add(1))));
    }
    if let (Some(network), Some(darwin)) =
        (words.version(CFNETWORK).get(), words.version(DARWIN).get())
    {
        return apple(network, darwin, words.named(INTEL));
    }
    if name.is_empty() && words.named(FIREFOX) && (words.named(MOBILE) || words.named(TABLET)) {
        let gecko = words.version(GECKO).number();
        return named(
            "Firefox OS",
            Version::of(if gecko < 32 { 1 } else { 2 }).when((18..38).contains(&gecko)),
        );
    }
    if words.mark(HBBTV) > 0 {
        let television = television(text, words.mark(HBBTV));
        if !television.name.is_empty() {
            return television;
        }
    }
    let berry = words.named(WEBKIT) && kind == BLACKBERRY;
    named(name, version.or(words.version(VERSION).when(berry)))
}

/// The maker of a television, and the year of its model: `HbbTV/1.2.1 (abilities; maker; model;
/// ...)`.
fn television(text: Text<'_>, at: usize) -> Found<'_> {
    let separator = |byte| byte == b';';
    let start = text.find(at, separator).saturating_add(1);
    let name = text.slice(start, text.find(start, separator));
    let mut at = start;
    while at < text.len() {
        at = text.find(at, |byte| byte.is_ascii_digit());
        let year = text.number(at);
        if (2009..2050).contains(&year.number()) {
            return named(name, year);
        }
        at = text.find(at, |byte| !byte.is_ascii_digit());
    }
    named(name, Version::NONE)
}

/// The release of Windows by the version of NT; those before 7 keep NT's number.
fn windows(major: Version, minor: Version) -> Version {
    match (major.number(), minor.number()) {
        (6, 1) => Version::of(7),
        (6, 2 | 3) => Version::of(8),
        (6, 4) => Version::of(10),
        _ => major,
    }
}

/// The release of an Apple system by the versions of its network library and its kernel.
fn apple(network: u32, darwin: u32, intel: bool) -> Found<'static> {
    if intel {
        return named("Mac OS X", Version::of(darwin.saturating_sub(9).max(10)));
    }
    let release = match network {
        0..400 => 1,
        400..500 => 4,
        500..600 => 5,
        600..650 => 6,
        650..700 => 7,
        700..750 => 8,
        _ if darwin < 25 => darwin.saturating_sub(6),
        _ => darwin.saturating_add(1),
    };
    named("iOS", Version::of(release))
}

/// The class of the device: what a word says, else what the system runs on.
fn class(words: &Words<'_>, os: &str) -> Class {
    const CLASSES: [Class; 6] =
        [Class::Unknown, Class::Desktop, Class::Mobile, Class::Tablet, Class::Tv, Class::Bot];
    let said = CLASSES.get(usize::from(words.class)).copied().unwrap_or_default();
    if words.link || words.robot.rank > 0 || words.product.rank == ROBOT {
        return Class::Bot;
    }
    if said > Class::Tablet || os.is_empty() {
        return said;
    }
    if words.desktop {
        return Class::Desktop;
    }
    let large = names::kind(os) == ANDROID
        && !words.named(MOBILE)
        && (words.named(WEBKIT) || words.named(GECKO));
    if said == Class::Tablet || large { Class::Tablet } else { Class::Mobile }
}
