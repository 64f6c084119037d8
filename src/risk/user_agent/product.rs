//! Finds the product of a user agent and its version among the scanned tokens.

use super::bounded_text::{BoundedText, NamedVersion, Version, in_word, product_named};
use super::name_map::{self, MOBILE_NAMES};
use super::scanner::{self, ScannedTokens};
use super::vocabulary::{
    ENGINE_CFNETWORK, ENGINE_CHROME, ENGINE_FBAV, ENGINE_FIREFOX, ENGINE_MOBILE, ENGINE_MSIE,
    ENGINE_OPERA, ENGINE_SAFARI, ENGINE_TABLET, ENGINE_TRIDENT, ENGINE_VERSION, ENGINE_WEBKIT,
    ENGINE_WEBVIEW, MARK_COMPATIBLE, RANK_BROWSER, RANK_PLAIN, SYSTEM_ANDROID, SYSTEM_BLACKBERRY,
    SYSTEM_IOS, SYSTEM_MAC, SYSTEM_WINDOWS,
};

/// Finds the product. The candidates, in order: a browser or application of the tables, the leading
/// product, a bot, the name after `compatible`, a product of no table, the engine, and the start of
/// the comment.
pub(super) fn find_product<'a>(
    text: BoundedText<'a>,
    words: &ScannedTokens<'a>,
) -> NamedVersion<'a> {
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

/// The browser or application that the tables name, with its version.
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

/// The product at the start of the user agent, unless it is a common prefix: `Name/1.2`, `Two Words
/// 1.2` or `Name (...)`; or `Owner/Name-1.2`, as Nutch writes it.
fn leading_product(text: BoundedText<'_>) -> NamedVersion<'_> {
    let (found, end) = product_at(text, 0, true);
    let (inner, after) = product_at(text, end, false);
    let owned = text.at(end) == b'/'
        && text.at(end.saturating_add(1)).is_ascii_alphabetic()
        && text.at(after) != b'/';
    let version = found.version.is_some() || !inner.version.is_some() || found.name.is_empty();
    if owned && !version { inner } else { found }
}

/// The product at an index and the index of its end. Empty where a table knows the whole name; with
/// `all` false, also where a table knows its start.
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

/// The end of the name that starts at an index: before a version, a separator, an address, or
/// `.com`.
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

/// The end of the words from an index on that the tables know.
fn known_words_end(text: BoundedText<'_>, start: usize) -> usize {
    scanner::known_words_end(text, start, &mut |_, _| {})
}

/// The product that follows from the engines and the system.
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

/// The version of Internet Explorer. Its compatibility mode claims an older version, so the
/// engine's version decides.
fn internet_explorer_version(words: &ScannedTokens<'_>) -> Version {
    match words.engine_version(ENGINE_TRIDENT).number() {
        trident @ 4..100 => Version::from_number(trident.saturating_add(4).min(11)),
        _ => words.engine_version(ENGINE_MSIE),
    }
}
