//! What is looked up of products and systems by their names, and is no word of a user agent. Few,
//! and looked up a dozen times for one event: a name is compared where its length is the same,
//! which most are not.

use super::vocabulary::{
    SYSTEM_ANDROID, SYSTEM_BLACKBERRY, SYSTEM_IOS, SYSTEM_MAC, SYSTEM_WINDOWS,
};

/// A name, what it stands for, and a number.
pub type NameRow = (&'static str, &'static str, u8);

/// What a product is called on telephones, where it has the same word there.
pub static MOBILE_NAMES: &[NameRow] = &[
    ("Edge", "Edge Mobile", 0),
    ("Opera", "Opera Mobile", 0),
    ("DuckDuckGo", "DuckDuckGo Mobile", 0),
];

/// What user agents call a brand of client hints, and how much it tells: every browser on Chromium
/// sends `Chromium` too, and some another beside their own.
pub static BRANDS: &[NameRow] = &[
    ("Chromium", "Chromium", 1),
    ("Google Chrome", "Chrome", 2),
    ("Android WebView", "Chrome Mobile WebView", 2),
    ("Microsoft Edge", "Edge", 3),
    ("Microsoft Edge WebView2", "Edge", 3),
    ("YaBrowser", "Yandex Browser", 3),
    ("Yowser", "", 0),
];

/// What a product that names itself in every user agent is called to compare it, and whether
/// Chromium is in it. What looks like Chrome in a user agent may be many a browser that shows
/// itself in hints alone.
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

/// What hints call a system (or its own name), and the bits of its kind: those of one kind share a
/// bit. What says Linux may be Android, which asks for the desktop form of pages so, or Chrome OS.
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

/// What a name stands for, and its number.
#[inline(never)]
pub fn find_name(name: &str, names: &'static [NameRow]) -> Option<(&'static str, u8)> {
    names.iter().find(|(known, ..)| *known == name).map(|(_, other, number)| (*other, *number))
}

/// The kind of a system; 0 where it has none.
pub fn system_kind(name: &str) -> u8 {
    find_name(name, SYSTEM_KINDS).map_or(0, |(_, kind)| kind)
}
