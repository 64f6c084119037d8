//! Scans the words of a user agent once and collects their meanings, before the product and the
//! system are derived.

use super::bots::find_bot;
use super::bounded_text::{BoundedText, NamedVersion, Version, in_word, words_before};
use super::packed_table::{self, TableRow};
use super::vocabulary::{
    ENGINE_COUNT, ENGINE_WEBKIT, MARK_COUNT, RANK_PLAIN, SYSTEM_DESKTOP_FLAG, TokenMeaning,
};

/// The meanings of the words of one user agent.
#[derive(Default)]
pub struct ScannedTokens<'a> {
    /// Version of each engine.
    engines: [Version; ENGINE_COUNT],
    /// Bit set of the engines that are named.
    named_engines: u32,
    /// Index after each mark, or 0 where the mark is absent.
    marks: [usize; MARK_COUNT],
    /// Product of the highest rank.
    pub product: NamedVersion<'a>,
    /// Whether the product's version stands after `Version/`.
    pub has_version_token: bool,
    /// Bot of the highest rank.
    pub bot: NamedVersion<'a>,
    /// System of the highest rank.
    pub system: NamedVersion<'a>,
    /// Whether the system is a desktop system.
    pub is_desktop: bool,
    /// Index of the system's version. Releases of Windows NT differ in the minor version.
    pub system_at: usize,
    /// Highest device class that a word names.
    pub class: u8,
    /// Whether WebKit is a development version, such as `AppleWebKit/534+`.
    pub is_nightly: bool,
    /// Whether the user agent contains a URL, as bots do.
    pub has_link: bool,
}

impl<'a> ScannedTokens<'a> {
    /// Scans all words of a text.
    pub fn scan(text: BoundedText<'a>) -> Self {
        let mut words = ScannedTokens::default();
        let mut at = 0;
        let mut depth = 0_usize;
        while at < text.len() {
            match text.at(at) {
                b'(' | b'[' => depth = depth.saturating_add(1),
                b')' | b']' => depth = depth.saturating_sub(1),
                byte if in_word(byte) => {
                    at = words.scan_word(text, at, depth > 0);
                    continue;
                }
                _ => {}
            }
            at = at.saturating_add(1);
        }
        words
    }

    /// Whether an engine or related word occurs.
    pub fn has_engine(&self, engine: usize) -> bool {
        self.named_engines & 1 << engine != 0
    }

    /// Version of an engine or related word.
    pub fn engine_version(&self, engine: usize) -> Version {
        self.engines.get(engine).copied().unwrap_or_default()
    }

    /// Index after a mark, or 0 where the mark is absent.
    pub fn mark_position(&self, mark: usize) -> usize {
        self.marks.get(mark).copied().unwrap_or(0)
    }

    /// Scans the word at an index and returns the index of its end.
    fn scan_word(&mut self, text: BoundedText<'a>, start: usize, inside: bool) -> usize {
        let end = text.word_end(start);
        // A number is part of a version. In browsers half of all words are numbers.
        if text.at(start).is_ascii_digit() && text.find(start, |byte| !byte.is_ascii_digit()) == end
        {
            return end;
        }
        if text.starts_with_at(start, b"http", false) && text.starts_with_at(end, b"://", false) {
            self.has_link = true;
            return text.find(end, |byte| matches!(byte, b' ' | b';' | b')'));
        }
        let known =
            known_words_end(text, start, &mut |after, entry| self.apply_row(text, after, entry));
        if known < end {
            let robot = find_bot(text, start, end);
            if robot.rank > self.bot.rank {
                self.bot = robot;
            }
            let letters =
                text.at(start).is_ascii_alphabetic() || text.byte_before(end).is_ascii_alphabetic();
            if letters
                && !inside
                && start > 0
                && text.at(end) == b'/'
                && text.byte_before(start) != b'/'
            {
                self.scan_unknown_word(text, start, end);
            } else if !inside && text.starts_with_at(end.saturating_sub(7), b"browser", true) {
                self.product(
                    NamedVersion {
                        name: text.slice(start, end),
                        rank: RANK_PLAIN,
                        ..NamedVersion::default()
                    },
                    false,
                );
            }
        }
        end.max(known)
    }

    /// Records a product of no table, if it has a version.
    fn scan_unknown_word(&mut self, text: BoundedText<'a>, start: usize, end: usize) {
        let version = product_version(text, end);
        if version.is_some() {
            let from = if text.starts_with_at(start, b"Browser", false) {
                words_before(text, start)
            } else {
                start
            };
            self.product(
                NamedVersion { name: text.slice(from, end), version, rank: RANK_PLAIN },
                false,
            );
        }
    }

    #[inline(never)]
    fn apply_row(&mut self, text: BoundedText<'a>, after: usize, entry: &TableRow) {
        let index = usize::from(entry.rank);
        let mut found =
            NamedVersion { name: entry.name, version: text.version_at(after, 1), rank: entry.rank };
        match entry.meaning {
            TokenMeaning::Noise => {}
            TokenMeaning::Engine => {
                if let Some(engine) = self.engines.get_mut(index) {
                    *engine = engine.or_else(found.version);
                    if index == ENGINE_WEBKIT {
                        self.is_nightly = text.starts_with_at(
                            text.find(after, |byte| matches!(byte, b' ' | b'+')),
                            b"+ ",
                            false,
                        );
                    }
                    self.named_engines |= 1 << index;
                }
            }
            TokenMeaning::Mark => {
                if let Some(mark) = self.marks.get_mut(index) {
                    *mark = if *mark == 0 { after } else { *mark };
                }
            }
            TokenMeaning::Device => self.class = self.class.max(entry.rank),
            TokenMeaning::Product | TokenMeaning::Versioned | TokenMeaning::Named => {
                found.version =
                    product_version(text, after).only_if(entry.meaning != TokenMeaning::Named);
                self.product(found, entry.meaning == TokenMeaning::Versioned);
            }
            TokenMeaning::System | TokenMeaning::Unversioned => {
                found.version =
                    system_version(text, after).only_if(entry.meaning == TokenMeaning::System);
                self.system(found, after);
            }
        }
    }

    #[inline(never)]
    fn product(&mut self, found: NamedVersion<'a>, versioned: bool) {
        if found.rank > self.product.rank {
            self.product = found;
            self.has_version_token = versioned;
        } else if !self.product.version.is_some() && self.product.name == found.name {
            self.product.version = found.version;
        }
    }

    /// Records a system if its rank is higher than the current one. Where one system is named
    /// twice, the first version that is present is kept.
    #[inline(never)]
    fn system(&mut self, mut found: NamedVersion<'a>, after: usize) {
        let desktop = found.rank & SYSTEM_DESKTOP_FLAG != 0;
        found.rank &= !SYSTEM_DESKTOP_FLAG;
        let more = found.rank > self.system.rank;
        let same = found.name == self.system.name;
        if found.version.is_some() && (more || same && !self.system.version.is_some()) {
            self.system_at = after;
        }
        if more {
            found.version = found.version.or_else(self.system.version.only_if(same));
            self.system = found;
            self.is_desktop = desktop;
        } else if same {
            self.system.version = self.system.version.or_else(found.version);
        }
    }
}

/// The version of a product that ends at an index:
///
/// - right after the name or one word further: `Name/12`, `Name/android/12`, `Name/R-12`
/// - after the platform or the package: `Name for Android/12`, `Name com.name/12`
/// - in the comment: `Name (...__name__12__`
#[inline(never)]
fn product_version(text: BoundedText<'_>, after: usize) -> Version {
    if text.starts_with_at(after, b" for ", false) || text.starts_with_at(after, b" com.", false) {
        return text.version_at(text.find(after, |byte| byte == b'/'), 1);
    }
    if text.starts_with_at(after, b" (", false) {
        return take_version(text, after);
    }
    let next = text.find(after.saturating_add(1), |byte| !byte.is_ascii_alphabetic());
    let further = text.at(after) == b'/' && matches!(text.at(next), b'/' | b'-');
    text.version_at(after, 1).or_else(text.version_at(next, 1).only_if(further))
}

/// The first number that follows two underscores.
fn take_version(text: BoundedText<'_>, mut at: usize) -> Version {
    while at < text.len() {
        at = text.find(at, |byte| byte == b'_').saturating_add(2);
        let version = text.number_at(at);
        if text.byte_before(at) == b'_' && version.is_some() {
            return version;
        }
    }
    Version::NONE
}

/// The version of a system, which allows more separators: `iOS; 7.1`, `Android: 11`.
fn system_version(text: BoundedText<'_>, after: usize) -> Version {
    text.version_at(after, 2).or_else(product_version(text, after))
}

/// Calls a function with every row whose word stands at an index. Returns the end of the longest
/// such word that is not a device name, because a device name may also be a product.
#[inline(never)]
pub fn known_words_end(
    text: BoundedText<'_>,
    start: usize,
    tell: &mut dyn FnMut(usize, &TableRow),
) -> usize {
    let mut known = start;
    packed_table::rows(text.at(start), text.at(start.saturating_add(1)), &mut |entry| {
        let after = start.saturating_add(entry.word.len());
        if for_each_match(text, start, after, entry) {
            if entry.meaning != TokenMeaning::Device {
                known = known.max(after);
            }
            tell(after, entry);
        }
    });
    known
}

/// Whether the word of a row stands at an index as a whole word, and not as the start of a longer
/// name. The words of systems match in any case.
fn for_each_match(text: BoundedText<'_>, start: usize, end: usize, entry: &TableRow) -> bool {
    let system = matches!(entry.meaning, TokenMeaning::System | TokenMeaning::Unversioned);
    if !text.starts_with_at(start, entry.word.as_bytes(), system) {
        return false;
    }
    let next = text.at(end);
    let longer = next.is_ascii_digit() && text.byte_before(end).is_ascii_digit()
        || !system
            && matches!(next, b'-' | b'_')
            && text.at(end.saturating_add(1)).is_ascii_alphabetic();
    !next.is_ascii_alphabetic() && !longer
}
