//! Lookup tables for names of products and systems that are no words of user agents. measured: see
//! performance.md, Name lookups

use super::vocabulary::{
    SYSTEM_ANDROID, SYSTEM_BLACKBERRY, SYSTEM_IOS, SYSTEM_MAC, SYSTEM_WINDOWS,
};

/// A name, the name it maps to, and a number.
pub type NameRow = (&'static str, &'static str, u8);

/// Names of products on mobile phones, where the user agent uses one word for both products.
pub static MOBILE_NAMES: &[NameRow] = &[
    ("Edge", "Edge Mobile", 0),
    ("Opera", "Opera Mobile", 0),
    ("DuckDuckGo", "DuckDuckGo Mobile", 0),
];

/// Names and ranks of client hint brands. Every Chromium browser also sends `Chromium`, and some
/// send another brand beside their own.
pub static BRANDS: &[NameRow] = &[
    ("Chromium", "Chromium", 1),
    ("Google Chrome", "Chrome", 2),
    ("Android WebView", "Chrome Mobile WebView", 2),
    ("Microsoft Edge", "Edge", 3),
    ("Microsoft Edge WebView2", "Edge", 3),
    ("YaBrowser", "Yandex Browser", 3),
    ("Yowser", "", 0),
];

/// Names under which products are compared, and 1 if the product is based on Chromium. Several
/// browsers that send Chrome's user agent show their brand only in hints. An empty name contradicts
/// no other name.
pub static COMPARED_NAMES: &[NameRow] = &[
    ("Chrome", "Chrome", 1),
    ("Chrome Mobile", "Chrome", 1),
    ("Chrome Mobile WebView", "", 1),
    ("Edge", "Edge", 1),
    ("Edge Mobile", "Edge", 1),
    ("Opera", "Opera", 1),
    ("Opera Mobile", "Opera", 1),
    ("Samsung Internet", "Samsung", 1),
    ("Yandex Browser", "Yandex", 1),
    ("Firefox", "", 0),
    ("Firefox Mobile", "", 0),
    ("Safari", "", 0),
    ("Mobile Safari", "", 0),
    ("IE", "", 0),
];

/// Names and kinds of systems. Systems of one kind share a bit. A user agent of Linux may come from
/// Android, which requests desktop pages under that name, or from Chrome OS.
pub static SYSTEM_KINDS: &[NameRow] = &[
    ("Android", "Android", SYSTEM_ANDROID),
    ("Chrome OS", "Chrome OS", 2),
    ("Chromium OS", "Chrome OS", 2),
    ("Linux", "Linux", SYSTEM_ANDROID | 2 | 4),
    ("Windows", "Windows", SYSTEM_WINDOWS),
    ("Mac OS X", "Mac OS X", SYSTEM_MAC),
    ("macOS", "Mac OS X", SYSTEM_MAC),
    ("iOS", "iOS", SYSTEM_IOS),
    ("Unknown", "", 0),
    ("BlackBerry OS", "", SYSTEM_BLACKBERRY),
    ("BlackBerry Tablet OS", "", SYSTEM_BLACKBERRY),
];

/// Looks a name up. Returns the mapped name and the number.
#[inline(never)]
pub fn find_name(name: &str, names: &'static [NameRow]) -> Option<(&'static str, u8)> {
    names.iter().find(|(known, ..)| *known == name).map(|(_, other, number)| (*other, *number))
}

/// The kind bits of a system, or 0 where none are known.
pub fn system_kind(name: &str) -> u8 {
    find_name(name, SYSTEM_KINDS).map_or(0, |(_, kind)| kind)
}
