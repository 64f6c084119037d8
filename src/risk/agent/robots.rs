//! The names of robots: the word that says so, and the words before it that belong to it.

use super::text::{Found, Text, before, in_word};

/// How robots call themselves, and whether all the words before belong to the name even where no
/// version follows.
static CALLED: &[(&[u8], bool)] = &[
    (b"bot", true),
    (b"crawl", false),
    (b"spider", false),
    (b"scrape", false),
    (b"archiver", false),
    (b"indexer", true),
];

/// How far a name reaches back before that word.
const NAME: usize = 50;

/// The robot that a word names, with the words before that belong to its name. One with a version
/// ranks above one without.
#[inline(never)]
pub fn robot(text: Text<'_>, start: usize, end: usize) -> Found<'_> {
    let Some((inside, bot)) = called(text, start, end) else { return Found::default() };
    // `TheUsefulbot_2.3`, `ISSpider-3.0`, `web-crawl-support@`: what follows the word is not the
    // name's.
    let stop = text.find(inside, |byte| !byte.is_ascii_alphabetic());
    let numbered = text.at(stop.saturating_add(1)).is_ascii_digit();
    let cut = stop < end
        && (bot && text.at(stop) != b'-'
            || text.at(stop) == b'-' && numbered
            || text.at(end) == b'@');
    let product =
        matches!(text.at(end), b' ' | b'/') && text.at(end.saturating_add(1)).is_ascii_digit();
    let first = start.saturating_sub(NAME);
    let mut from = start;
    // `Mail.RU_Bot`, `archive.org_bot`.
    while from > first
        && (text.before(from) == b'.' && !text.at(from).is_ascii_digit()
            || in_word(text.before(from)))
    {
        from = from.saturating_sub(1);
    }
    if product || bot || inside == start {
        let mut word = before(text, from);
        while word < from && word >= first && !text.has(word, b"compatible", true) {
            let more = product || bot || text.has(word, b"the ", true);
            from = word;
            word = if more { before(text, from) } else { from };
        }
    }
    let name = text.slice(from, if cut { stop } else { end });
    Found { name, version: text.version(end, 1), rank: if product { 2 } else { 1 } }
}

/// Where in the word a robot is called one, and whether a bot. `CUBOT` makes telephones.
#[inline(never)]
fn called(text: Text<'_>, start: usize, end: usize) -> Option<(usize, bool)> {
    let mut at = start;
    while at < end {
        let maybe = matches!(text.at(at) | 32, b'a' | b'b' | b'c' | b'i' | b's');
        for &(word, bot) in CALLED.iter().filter(|_| maybe) {
            let after = at.saturating_add(word.len());
            if after <= end
                && text.has(at, word, true)
                && !(bot && text.at(after).is_ascii_alphabetic())
            {
                return (!text.has(start, b"cubot", true)).then_some((at, bot));
            }
        }
        at = at.saturating_add(1);
    }
    None
}
