//! The names of robots: the word that says so, and the words before it that belong to it.

use super::bounded_text::{BoundedText, NamedVersion, in_word, words_before};

/// How robots call themselves, and whether all the words before belong to the name even where no
/// version follows.
static BOT_WORDS: &[(&[u8], bool)] = &[
    (b"bot", true),
    (b"crawl", false),
    (b"spider", false),
    (b"scrape", false),
    (b"archiver", false),
    (b"indexer", true),
];

/// How far a name reaches back before that word.
const MAX_NAME_BYTES: usize = 50;

/// The robot that a word names, with the words before that belong to its name. One with a version
/// ranks above one without.
#[inline(never)]
pub fn find_bot(text: BoundedText<'_>, start: usize, end: usize) -> NamedVersion<'_> {
    let Some((inside, bot)) = find_bot_word(text, start, end) else {
        return NamedVersion::default();
    };
    // `TheUsefulbot_2.3`, `ISSpider-3.0`, `web-crawl-support@`: what follows the word is not the
    // name's.
    let stop = text.find(inside, |byte| !byte.is_ascii_alphabetic());
    let has_number = text.at(stop.saturating_add(1)).is_ascii_digit();
    let cut = stop < end
        && (bot && text.at(stop) != b'-'
            || text.at(stop) == b'-' && has_number
            || text.at(end) == b'@');
    let product =
        matches!(text.at(end), b' ' | b'/') && text.at(end.saturating_add(1)).is_ascii_digit();
    let first = start.saturating_sub(MAX_NAME_BYTES);
    let mut from = start;
    // `Mail.RU_Bot`, `archive.org_bot`.
    while from > first
        && (text.byte_before(from) == b'.' && !text.at(from).is_ascii_digit()
            || in_word(text.byte_before(from)))
    {
        from = from.saturating_sub(1);
    }
    if product || bot || inside == start {
        let mut word = words_before(text, from);
        while word < from && word >= first && !text.starts_with_at(word, b"compatible", true) {
            let more = product || bot || text.starts_with_at(word, b"the ", true);
            from = word;
            word = if more { words_before(text, from) } else { from };
        }
    }
    let name = text.slice(from, if cut { stop } else { end });
    NamedVersion { name, version: text.version_at(end, 1), rank: if product { 2 } else { 1 } }
}

/// Where in the word a robot is called one, and whether a bot. `CUBOT` makes telephones.
#[inline(never)]
fn find_bot_word(text: BoundedText<'_>, start: usize, end: usize) -> Option<(usize, bool)> {
    let mut at = start;
    while at < end {
        let maybe = matches!(text.at(at) | 32, b'a' | b'b' | b'c' | b'i' | b's');
        for &(word, bot) in BOT_WORDS.iter().filter(|_| maybe) {
            let after = at.saturating_add(word.len());
            if after <= end
                && text.starts_with_at(at, word, true)
                && !(bot && text.at(after).is_ascii_alphabetic())
            {
                return (!text.starts_with_at(start, b"cubot", true)).then_some((at, bot));
            }
        }
        at = at.saturating_add(1);
    }
    None
}
