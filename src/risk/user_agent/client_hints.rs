//! Parses user agent client hints, and detects contradictions between them and the user agent.

use super::bounded_text::BoundedText;
use super::name_map::{self, BRANDS, COMPARED_NAMES, SYSTEM_KINDS};
use super::parsed::{DeviceClass, UserAgent};
use super::vocabulary::SYSTEM_ANDROID;

/// Rank of a brand that is in no table: the browser's own brand.
const GENERIC_BRANDS: u8 = 3;

/// Parses `Sec-CH-UA`, `Sec-CH-UA-Platform` and `Sec-CH-UA-Mobile`.
pub fn parse<'a>(
    brands: &'a str,
    platform: Option<&'a str>,
    mobile: Option<&'a str>,
) -> UserAgent<'a> {
    let (family, major) = best_brand(BoundedText::new(brands));
    let platform = BoundedText::new(platform.unwrap_or_default());
    let platform = parse_quoted(platform, 0).map_or("", |(start, end)| platform.slice(start, end));
    let known = name_map::find_name(platform, SYSTEM_KINDS);
    let (os, kind) = known.unwrap_or((platform, 0));
    let class = match (mobile, kind) {
        (Some("?1"), _) => DeviceClass::Mobile,
        (Some("?0"), SYSTEM_ANDROID) => DeviceClass::Tablet,
        (Some("?0"), 1..) => DeviceClass::Desktop,
        _ => DeviceClass::Unknown,
    };
    UserAgent { family, major, os, os_major: None, class }
}

/// The most specific brand with its major version; the first one where several are equal.
fn best_brand(text: BoundedText<'_>) -> (&str, Option<u32>) {
    let mut best = ("", None);
    let mut worth = 0;
    let mut at = 0;
    while let Some((start, end)) = parse_quoted(text, at) {
        let (version, next) =
            parse_quoted(text, end.saturating_add(1)).unwrap_or((end, text.len()));
        at = next.saturating_add(1);
        let name = text.slice(start, end);
        let known = name_map::find_name(name, BRANDS);
        let (name, rank) = known.unwrap_or((name, GENERIC_BRANDS));
        if rank > worth && !name.is_empty() && !is_grease_brand(name) {
            worth = rank;
            best = (name, text.number_at(version).to_option());
        }
    }
    best
}

/// The next quoted string, as the indices of its content.
#[inline(never)]
fn parse_quoted(text: BoundedText<'_>, at: usize) -> Option<(usize, usize)> {
    let start = text.find(at, |byte| byte == b'"').saturating_add(1);
    let mut end = start;
    while end < text.len() && text.at(end) != b'"' {
        end = end.saturating_add(if text.at(end) == b'\\' { 2 } else { 1 });
    }
    (end < text.len()).then_some((start, end))
}

/// Whether a brand is a GREASE entry: its letters are `NotABrand`, with any other characters
/// between.
fn is_grease_brand(brand: &str) -> bool {
    let letters = brand.bytes().filter(u8::is_ascii_alphabetic).map(|byte| byte | 32);
    letters.eq(*b"notabrand")
}

/// Whether the hints contradict the user agent: another system, another product, or another version
/// of one product.
pub fn are_contradictory(agent: UserAgent<'_>, hints: UserAgent<'_>) -> bool {
    let (system, shown) = (name_map::system_kind(agent.os), name_map::system_kind(hints.os));
    if system != 0 && shown != 0 && system & shown == 0 {
        return true;
    }
    let compared = |family| name_map::find_name(family, COMPARED_NAMES);
    let Some((claimed, chromium)) = compared(agent.family) else { return false };
    if chromium == 0 {
        // Only Chromium browsers send client hints.
        return !hints.family.is_empty();
    }
    let Some((shown, _)) = compared(hints.family) else { return false };
    if claimed != shown {
        return !claimed.is_empty() && !shown.is_empty();
    }
    matches!((agent.major, hints.major), (Some(claimed), Some(shown)) if claimed != shown)
}
