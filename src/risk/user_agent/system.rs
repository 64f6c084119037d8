//! Finds the operating system of a user agent and its version among the scanned tokens.

use super::bounded_text::{BoundedText, NamedVersion, Version, product_named};
use super::name_map;
use super::scanner::ScannedTokens;
use super::vocabulary::{
    ENGINE_CFNETWORK, ENGINE_DARWIN, ENGINE_FIREFOX, ENGINE_GECKO, ENGINE_INTEL, ENGINE_MOBILE,
    ENGINE_TABLET, ENGINE_VERSION, ENGINE_WEBKIT, MARK_HBBTV, SYSTEM_BLACKBERRY, SYSTEM_WINDOWS,
};

/// Finds the operating system and its major version.
pub(super) fn find_system<'a>(
    text: BoundedText<'a>,
    words: &ScannedTokens<'a>,
) -> NamedVersion<'a> {
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

/// The manufacturer of a television and the year of its model: `HbbTV/1.2.1 (capabilities;
/// manufacturer; model; ...)`.
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

/// The release of Windows for a version of Windows NT. Releases before Windows 7 keep the number of
/// NT.
fn windows_release(major: Version, minor: Version) -> Version {
    match (major.number(), minor.number()) {
        (6, 1) => Version::from_number(7),
        (6, 2 | 3) => Version::from_number(8),
        (6, 4) => Version::from_number(10),
        _ => major,
    }
}

/// The release of an Apple system, from the versions of CFNetwork and Darwin.
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
