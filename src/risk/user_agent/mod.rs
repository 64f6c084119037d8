//! What a user agent says of itself: the product and the system, their major versions, the class of
//! the device.
//!
//! A tokenizer of our own, for one use: comparing the agent of a session with the one it had. So
//! what counts is that the same browser is read the same way every time; names are uap-core's where
//! a table knows them, and the product's own word where none does. It looks at the first kilobyte,
//! allocates nothing, and reads any text.

mod bots;
mod bounded_text;
mod client_hints;
mod name_map;
mod packed_table;
mod parsed;
mod products;
mod rare_products;
mod scanner;
mod systems;
mod vocabulary;

use bounded_text::{BoundedText, NamedVersion, Version, in_word};
use name_map::MOBILE_NAMES;
pub use parsed::{DeviceClass, UserAgent};
use scanner::ScannedTokens;
use vocabulary::{
    ENGINE_CFNETWORK, ENGINE_CHROME, ENGINE_DARWIN, ENGINE_FBAV, ENGINE_FIREFOX, ENGINE_GECKO,
    ENGINE_INTEL, ENGINE_MOBILE, ENGINE_MSIE, ENGINE_OPERA, ENGINE_SAFARI, ENGINE_TABLET,
    ENGINE_TRIDENT, ENGINE_VERSION, ENGINE_WEBKIT, ENGINE_WEBVIEW, MARK_COMPATIBLE, MARK_HBBTV,
    RANK_BOT, RANK_BROWSER, RANK_PLAIN, SYSTEM_ANDROID, SYSTEM_BLACKBERRY, SYSTEM_IOS, SYSTEM_MAC,
    SYSTEM_WINDOWS,
};

impl<'a> UserAgent<'a> {
    /// Reads a user agent. Any text has an answer; nothing is an error.
    pub fn parse(user_agent: &'a str) -> Self {
        let text = BoundedText::new(user_agent);
        let words = ScannedTokens::scan(text);
        let product = find_product(text, &words);
        let system = find_system(text, &words);
        UserAgent {
            family: product.name,
            major: product.version.to_option(),
            os: system.name,
            os_major: system.version.to_option(),
            class: device_class(&words, system.name),
        }
    }

    /// Reads client hints: `Sec-CH-UA`, and, where they came, `Sec-CH-UA-Platform` and
    /// `Sec-CH-UA-Mobile`, as they stand in the request. The family is the most telling brand,
    /// under the name that [`Agent::read`] gives it on a computer (`Google Chrome` is `Chrome`,
    /// also on telephones); brands that mean nothing are passed over.
    pub fn from_hints(brands: &'a str, platform: Option<&'a str>, mobile: Option<&'a str>) -> Self {
        client_hints::parse(brands, platform, mobile)
    }

    /// Whether client hints contradict this user agent: another system, another browser, another
    /// version of the same. What one of them does not say contradicts nothing, nor does a browser
    /// that calls itself Chrome in its user agent and shows itself in its hints alone (Brave,
    /// Vivaldi), nor a telephone that asks for a page's desktop form. A false answer of yes is an
    /// honest session taken for a forged one.
    pub fn contradicts(self, hints: UserAgent<'_>) -> bool {
        client_hints::are_contradictory(self, hints)
    }
}

/// A product with its version.
fn product_named(name: &str, version: Version) -> NamedVersion<'_> {
    NamedVersion { name, version, rank: 0 }
}

/// The product, from what is most telling: a browser or application of the tables, what the agent
/// starts with, a robot's name, what it is compatible with, a product of no table, an engine, what
/// its comment starts with.
fn find_product<'a>(text: BoundedText<'a>, words: &ScannedTokens<'a>) -> NamedVersion<'a> {
    if words.product.rank > RANK_PLAIN {
        return browser_product(words);
    }
    let leading = leading_product(text);
    if leading.version.is_some() {
        return leading;
    }
    let mark = words.mark_position(MARK_COMPATIBLE);
    let compatible =
        if mark > 0 { product_at(text, mark, false).0 } else { NamedVersion::default() };
    if compatible.version.is_some() && words.bot.rank < 2 {
        return compatible;
    }
    for found in [words.bot, compatible, leading] {
        if !found.name.is_empty() {
            return found;
        }
    }
    let engine = engine_product(words);
    if words.product.rank == RANK_PLAIN || engine.name.is_empty() && words.product.rank > 0 {
        return words.product;
    }
    if engine.name.is_empty() {
        product_at(text, text.find(0, |byte| byte == b' '), false).0
    } else {
        engine
    }
}

/// A browser or an application of the tables.
fn browser_product<'a>(words: &ScannedTokens<'a>) -> NamedVersion<'a> {
    let NamedVersion { name, version, rank } = words.product;
    let separate_version = words
        .engine_version(ENGINE_VERSION)
        .or_else(words.engine_version(ENGINE_OPERA))
        .only_if(words.has_version_token);
    let engine = words
        .engine_version(ENGINE_CHROME)
        .or_else(words.engine_version(ENGINE_FIREFOX))
        .or_else(words.engine_version(ENGINE_MSIE));
    let version = separate_version
        .or_else(words.engine_version(ENGINE_FBAV))
        .or_else(version)
        .or_else(engine.only_if(rank == RANK_BROWSER));
    let mobile = if words.has_engine(ENGINE_MOBILE) {
        name_map::find_name(name, MOBILE_NAMES)
    } else {
        None
    };
    product_named(mobile.map_or(name, |(mobile, _)| mobile), version)
}

/// What the agent starts with, where that is not what most start with: `Name/1.2`, `Two Words 1.2`,
/// `Name (...)`; or, as Nutch has it, `Owner/Name-1.2`.
fn leading_product(text: BoundedText<'_>) -> NamedVersion<'_> {
    let (found, end) = product_at(text, 0, true);
    let (inner, after) = product_at(text, end, false);
    let owned = text.at(end) == b'/'
        && text.at(end.saturating_add(1)).is_ascii_alphabetic()
        && text.at(after) != b'/';
    let version = found.version.is_some() || !inner.version.is_some() || found.name.is_empty();
    if owned && !version { inner } else { found }
}

/// What stands there, where no table knows it, or all of it; and where it ends.
#[inline(never)]
fn product_at(text: BoundedText<'_>, at: usize, all: bool) -> (NamedVersion<'_>, usize) {
    let start = text.find(at, in_word);
    let end = name_end(text, start);
    let known = known_words_end(text, start);
    if known >= end || known > start && !all {
        return (NamedVersion::default(), end);
    }
    let name = text.slice(start, end);
    let name = name.strip_suffix("-iPad").or(name.strip_suffix("-iPhone")).unwrap_or(name);
    (product_named(name, text.version_at(end, 1)), end)
}

/// Where the name ends that starts there: before a version, a sign, an address, or its `.com`.
#[inline(never)]
fn name_end(text: BoundedText<'_>, start: usize) -> usize {
    let mut end = start;
    loop {
        end = text.find(end, |byte| {
            matches!(byte, b' ' | b'.' | b'-' | b'/' | b'(' | b';' | b',' | b'[' | b'"' | b')')
        });
        let next = end.saturating_add(1);
        let over = match text.at(end) {
            b' ' => {
                !text.at(next).is_ascii_alphabetic()
                    || text.at(next) == b'v' && text.version_at(end, 1).is_some()
                    || text.starts_with_at(next, b"http", false)
                    || text.starts_with_at(next, b"Mozilla", false)
            }
            b'.' => {
                text.starts_with_at(next, b"com", false) && text.at(next.saturating_add(3)) != b'-'
            }
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
fn known_words_end(text: BoundedText<'_>, start: usize) -> usize {
    scanner::known_words_end(text, start, &mut |_, _| {})
}

/// The product that the engines are, together with the system.
fn engine_product<'a>(words: &ScannedTokens<'a>) -> NamedVersion<'a> {
    let kind = name_map::system_kind(words.system.name);
    let mobile = words.has_engine(ENGINE_MOBILE);
    let webkit = words.has_engine(ENGINE_WEBKIT);
    let network = words.has_engine(ENGINE_CFNETWORK);
    let version = words.engine_version(ENGINE_VERSION);
    let (name, version) = if words.has_engine(ENGINE_TRIDENT) || words.has_engine(ENGINE_MSIE) {
        ("IE", internet_explorer_version(words))
    } else if words.has_engine(ENGINE_OPERA) {
        ("Opera", version.or_else(words.engine_version(ENGINE_OPERA)))
    } else if words.has_engine(ENGINE_CHROME) {
        let view = kind == SYSTEM_ANDROID
            && (words.has_engine(ENGINE_VERSION) || words.has_engine(ENGINE_WEBVIEW));
        let name = if view {
            "Chrome Mobile WebView"
        } else if mobile {
            "Chrome Mobile"
        } else {
            "Chrome"
        };
        (name, words.engine_version(ENGINE_CHROME))
    } else if words.has_engine(ENGINE_FIREFOX) {
        let name =
            if mobile || words.has_engine(ENGINE_TABLET) { "Firefox Mobile" } else { "Firefox" };
        (name, words.engine_version(ENGINE_FIREFOX))
    } else if webkit && kind == SYSTEM_ANDROID {
        ("Android", words.system.version)
    } else if webkit && kind == SYSTEM_IOS {
        (
            if words.has_engine(ENGINE_SAFARI) {
                "Mobile Safari"
            } else {
                "Mobile Safari UI/WKWebView"
            },
            version,
        )
    } else if webkit && kind == SYSTEM_BLACKBERRY {
        ("BlackBerry WebKit", version)
    } else if words.has_engine(ENGINE_SAFARI)
        && words.is_nightly
        && matches!(kind, SYSTEM_MAC | SYSTEM_WINDOWS)
    {
        ("WebKit Nightly", words.engine_version(ENGINE_WEBKIT))
    } else if words.has_engine(ENGINE_SAFARI) {
        ("Safari", version.or_else(words.engine_version(ENGINE_SAFARI).only_if(network)))
    } else if webkit && kind == SYSTEM_MAC {
        ("Apple Mail", words.engine_version(ENGINE_WEBKIT))
    } else if network {
        ("CFNetwork", words.engine_version(ENGINE_CFNETWORK))
    } else {
        ("", Version::NONE)
    };
    product_named(name, version)
}

/// The version of Internet Explorer: that of its engine, where it pretends to be an older one.
fn internet_explorer_version(words: &ScannedTokens<'_>) -> Version {
    match words.engine_version(ENGINE_TRIDENT).number() {
        trident @ 4..100 => Version::from_number(trident.saturating_add(4).min(11)),
        _ => words.engine_version(ENGINE_MSIE),
    }
}

/// The system.
fn find_system<'a>(text: BoundedText<'a>, words: &ScannedTokens<'a>) -> NamedVersion<'a> {
    let NamedVersion { name, version, .. } = words.system;
    let kind = name_map::system_kind(name);
    if kind == SYSTEM_WINDOWS
        && text.starts_with_at(words.system_at.saturating_sub(2), b"NT", false)
    {
        let minor = text.find(words.system_at, |byte| byte == b'.');
        return product_named(
            name,
            windows_release(version, text.number_at(minor.saturating_add(1))),
        );
    }
    if let (Some(network), Some(darwin)) = (
        words.engine_version(ENGINE_CFNETWORK).to_option(),
        words.engine_version(ENGINE_DARWIN).to_option(),
    ) {
        return apple_system(network, darwin, words.has_engine(ENGINE_INTEL));
    }
    if name.is_empty()
        && words.has_engine(ENGINE_FIREFOX)
        && (words.has_engine(ENGINE_MOBILE) || words.has_engine(ENGINE_TABLET))
    {
        let gecko = words.engine_version(ENGINE_GECKO).number();
        return product_named(
            "Firefox OS",
            Version::from_number(if gecko < 32 { 1 } else { 2 }).only_if((18..38).contains(&gecko)),
        );
    }
    if words.mark_position(MARK_HBBTV) > 0 {
        let television = television_maker(text, words.mark_position(MARK_HBBTV));
        if !television.name.is_empty() {
            return television;
        }
    }
    let berry = words.has_engine(ENGINE_WEBKIT) && kind == SYSTEM_BLACKBERRY;
    product_named(name, version.or_else(words.engine_version(ENGINE_VERSION).only_if(berry)))
}

/// The maker of a television, and the year of its model: `HbbTV/1.2.1 (abilities; maker; model;
/// ...)`.
fn television_maker(text: BoundedText<'_>, at: usize) -> NamedVersion<'_> {
    let separator = |byte| byte == b';';
    let start = text.find(at, separator).saturating_add(1);
    let name = text.slice(start, text.find(start, separator));
    let mut at = start;
    while at < text.len() {
        at = text.find(at, |byte| byte.is_ascii_digit());
        let year = text.number_at(at);
        if (2009..2050).contains(&year.number()) {
            return product_named(name, year);
        }
        at = text.find(at, |byte| !byte.is_ascii_digit());
    }
    product_named(name, Version::NONE)
}

/// The release of Windows by the version of NT; those before 7 keep NT's number.
fn windows_release(major: Version, minor: Version) -> Version {
    match (major.number(), minor.number()) {
        (6, 1) => Version::from_number(7),
        (6, 2 | 3) => Version::from_number(8),
        (6, 4) => Version::from_number(10),
        _ => major,
    }
}

/// The release of an Apple system by the versions of its network library and its kernel.
fn apple_system(network: u32, darwin: u32, intel: bool) -> NamedVersion<'static> {
    if intel {
        return product_named("Mac OS X", Version::from_number(darwin.saturating_sub(9).max(10)));
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
    product_named("iOS", Version::from_number(release))
}

/// The class of the device: what a word says, else what the system runs on.
fn device_class(words: &ScannedTokens<'_>, os: &str) -> DeviceClass {
    const CLASSES: [DeviceClass; 6] = [
        DeviceClass::Unknown,
        DeviceClass::Desktop,
        DeviceClass::Mobile,
        DeviceClass::Tablet,
        DeviceClass::Tv,
        DeviceClass::Bot,
    ];
    let from_words = CLASSES.get(usize::from(words.class)).copied().unwrap_or_default();
    if words.has_link || words.bot.rank > 0 || words.product.rank == RANK_BOT {
        return DeviceClass::Bot;
    }
    if from_words > DeviceClass::Tablet || os.is_empty() {
        return from_words;
    }
    if words.is_desktop {
        return DeviceClass::Desktop;
    }
    let large = name_map::system_kind(os) == SYSTEM_ANDROID
        && !words.has_engine(ENGINE_MOBILE)
        && (words.has_engine(ENGINE_WEBKIT) || words.has_engine(ENGINE_GECKO));
    if from_words == DeviceClass::Tablet || large {
        DeviceClass::Tablet
    } else {
        DeviceClass::Mobile
    }
}
