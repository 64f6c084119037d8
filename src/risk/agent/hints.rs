//! What the client hints say, and whether it contradicts the user agent.

use super::names::{self, BRANDS, COMPARED, KINDS};
use super::said::{Agent, Class};
use super::says::ANDROID;
use super::text::Text;

/// What a brand of no table tells: it is a browser's own.
const OWN: u8 = 3;

/// Reads `Sec-CH-UA`, `Sec-CH-UA-Platform` and `Sec-CH-UA-Mobile`.
pub fn read<'a>(brands: &'a str, platform: Option<&'a str>, mobile: Option<&'a str>) -> Agent<'a> {
    let (family, major) = brand(Text::new(brands));
    let platform = Text::new(platform.unwrap_or_default());
    let platform = quoted(platform, 0).map_or("", |(start, end)| platform.slice(start, end));
    let known = names::find(platform, KINDS);
    let (os, kind) = known.unwrap_or((platform, 0));
    let class = match (mobile, kind) {
        (Some("?1"), _) => Class::Mobile,
        (Some("?0"), ANDROID) => Class::Tablet,
        (Some("?0"), 1..) => Class::Desktop,
        _ => Class::Unknown,
    };
    Agent { family, major, os, os_major: None, class }
}

/// The most telling brand with its major version; the first of several.
fn brand(text: Text<'_>) -> (&str, Option<u32>) {
    let mut best = ("", None);
    let mut worth = 0;
    let mut at = 0;
    while let Some((start, end)) = quoted(text, at) {
        let (version, next) = quoted(text, end.saturating_add(1)).unwrap_or((end, text.len()));
        at = next.saturating_add(1);
        let name = text.slice(start, end);
        let known = names::find(name, BRANDS);
        let (name, rank) = known.unwrap_or((name, OWN));
        if rank > worth && !name.is_empty() && !means_nothing(name) {
            worth = rank;
            best = (name, text.number(version).get());
        }
    }
    best
}

/// Where the next quoted string starts and ends, within its quotes.
#[inline(never)]
fn quoted(text: Text<'_>, at: usize) -> Option<(usize, usize)> {
    let start = text.find(at, |byte| byte == b'"').saturating_add(1);
    let mut end = start;
    while end < text.len() && text.at(end) != b'"' {
        end = end.saturating_add(if text.at(end) == b'\\' { 2 } else { 1 });
    }
    (end < text.len()).then_some((start, end))
}

/// Whether its letters are `NotABrand`, whatever signs stand between.
fn means_nothing(brand: &str) -> bool {
    let letters = brand.bytes().filter(u8::is_ascii_alphabetic).map(|byte| byte | 32);
    letters.eq(*b"notabrand")
}

/// Whether the hints contradict the user agent: other systems, other products, or another version
/// of the same.
pub fn contradict(agent: Agent<'_>, hints: Agent<'_>) -> bool {
    let (system, shown) = (names::kind(agent.os), names::kind(hints.os));
    if system != 0 && shown != 0 && system & shown == 0 {
        return true;
    }
    let compared = |family| names::find(family, COMPARED);
    let Some((said, chromium)) = compared(agent.family) else { return false };
    if chromium == 0 {
        // Only browsers on Chromium send hints.
        return !hints.family.is_empty();
    }
    let Some((shown, _)) = compared(hints.family) else { return false };
    if said != shown {
        return !said.is_empty() && !shown.is_empty();
    }
    matches!((agent.major, hints.major), (Some(said), Some(shown)) if said != shown)
}
