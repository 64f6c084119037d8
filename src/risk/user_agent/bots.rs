//! Finds the name of a bot: the word that marks a bot, and the words before it that belong to the
//! name.

use super::bounded_text::{BoundedText, NamedVersion, in_word, words_before};

/// Words that mark a bot, and whether all words before belong to the name even without a version.
static BOT_WORDS: &[(&[u8], bool)] = &[
    (b"bot", true),
    (b"crawl", false),
    (b"spider", false),
    (b"scrape", false),
    (b"archiver", false),
    (b"indexer", true),
];

/// Longest distance in bytes from the start of a name to that word.
const MAX_NAME_BYTES: usize = 50;

/// Returns the bot that a word names, together with the words before that belong to the name. A bot
/// with a version ranks above one without.
#[inline(never)]
pub fn find_bot(text: BoundedText<'_>, start: usize, end: usize) -> NamedVersion<'_> {
    let Some((inside, bot)) = find_bot_word(text, start, end) else {
        return NamedVersion::default();
    };
    // In `TheUsefulbot_2.3`, `ISSpider-3.0` and `web-crawl-support@` the name ends with the bot
    // word.
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
    // A name may contain a domain: `Mail.RU_Bot`, `archive.org_bot`.
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

/// Finds a bot word within a word, and whether the word is `bot`. `CUBOT` is excluded: that is a
/// brand of mobile phones.
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
