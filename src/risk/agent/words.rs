//! One walk over the words of a user agent: what they say, before anything is concluded from it.

use super::robots::robot;
use super::says::{DESKTOP, ENGINES, MARKS, PLAIN, Says, WEBKIT};
use super::tables::{self, Entry};
use super::text::{Found, Text, Version, before, in_word};

/// What the words say.
#[derive(Default)]
pub struct Words<'a> {
    /// By the engines of the tables: their versions, and a bit where one is named.
    engines: [Version; ENGINES],
    named: u32,
    /// By the marks of the tables: where what follows them starts, or 0.
    marks: [usize; MARKS],
    pub product: Found<'a>,
    /// `Version/` has the product's version.
    pub versioned: bool,
    pub robot: Found<'a>,
    pub system: Found<'a>,
    /// The system is one of computers.
    pub desktop: bool,
    /// Where the version of the system is read: Windows NT tells its releases apart by the minor
    /// one.
    pub system_at: usize,
    /// The highest class that a word says.
    pub class: u8,
    /// Its WebKit is between two releases: `AppleWebKit/534+`.
    pub nightly: bool,
    /// It names a page about itself, as robots do.
    pub link: bool,
}

impl<'a> Words<'a> {
    /// Walks over the text.
    pub fn read(text: Text<'a>) -> Self {
        let mut words = Words::default();
        let mut at = 0;
        let mut depth = 0_usize;
        while at < text.len() {
            match text.at(at) {
                b'(' | b'[' => depth = depth.saturating_add(1),
                b')' | b']' => depth = depth.saturating_sub(1),
                byte if in_word(byte) => {
                    at = words.word(text, at, depth > 0);
                    continue;
                }
                _ => {}
            }
            at = at.saturating_add(1);
        }
        words
    }

    pub fn named(&self, engine: usize) -> bool {
        self.named & 1 << engine != 0
    }

    pub fn version(&self, engine: usize) -> Version {
        self.engines.get(engine).copied().unwrap_or_default()
    }

    pub fn mark(&self, mark: usize) -> usize {
        self.marks.get(mark).copied().unwrap_or(0)
    }

    /// Takes the word that starts there; returns where it ends.
    fn word(&mut self, text: Text<'a>, start: usize, inside: bool) -> usize {
        let end = text.word_end(start);
        // Half the words of a browser's agent are parts of versions.
        if text.at(start).is_ascii_digit() && text.find(start, |byte| !byte.is_ascii_digit()) == end
        {
            return end;
        }
        if text.has(start, b"http", false) && text.has(end, b"://", false) {
            self.link = true;
            return text.find(end, |byte| matches!(byte, b' ' | b';' | b')'));
        }
        let known = known(text, start, &mut |after, entry| self.entry(text, after, entry));
        if known < end {
            let robot = robot(text, start, end);
            if robot.rank > self.robot.rank {
                self.robot = robot;
            }
            let letters =
                text.at(start).is_ascii_alphabetic() || text.before(end).is_ascii_alphabetic();
            if letters && !inside && start > 0 && text.at(end) == b'/' && text.before(start) != b'/'
            {
                self.unknown(text, start, end);
            } else if !inside && text.has(end.saturating_sub(7), b"browser", true) {
                self.product(
                    Found { name: text.slice(start, end), rank: PLAIN, ..Found::default() },
                    false,
                );
            }
        }
        end.max(known)
    }

    /// A product that no table has, where it has a version.
    fn unknown(&mut self, text: Text<'a>, start: usize, end: usize) {
        let version = product_version(text, end);
        if version.is_some() {
            let from = if text.has(start, b"Browser", false) { before(text, start) } else { start };
            self.product(Found { name: text.slice(from, end), version, rank: PLAIN }, false);
        }
    }

    #[inline(never)]
    fn entry(&mut self, text: Text<'a>, after: usize, entry: &Entry) {
        let index = usize::from(entry.rank);
        let mut found =
            Found { name: entry.name, version: text.version(after, 1), rank: entry.rank };
        match entry.says {
            Says::Noise => {}
            Says::Engine => {
                if let Some(engine) = self.engines.get_mut(index) {
                    *engine = engine.or(found.version);
                    if index == WEBKIT {
                        self.nightly = text.has(
                            text.find(after, |byte| matches!(byte, b' ' | b'+')),
                            b"+ ",
                            false,
                        );
                    }
                    self.named |= 1 << index;
                }
            }
            Says::Mark => {
                if let Some(mark) = self.marks.get_mut(index) {
                    *mark = if *mark == 0 { after } else { *mark };
                }
            }
            Says::Device => self.class = self.class.max(entry.rank),
            Says::Product | Says::Versioned | Says::Named => {
                found.version = product_version(text, after).when(entry.says != Says::Named);
                self.product(found, entry.says == Says::Versioned);
            }
            Says::System | Says::Unversioned => {
                found.version = system_version(text, after).when(entry.says == Says::System);
                self.system(found, after);
            }
        }
    }

    #[inline(never)]
    fn product(&mut self, found: Found<'a>, versioned: bool) {
        if found.rank > self.product.rank {
            self.product = found;
            self.versioned = versioned;
        } else if !self.product.version.is_some() && self.product.name == found.name {
            self.product.version = found.version;
        }
    }

    /// Takes a system, where it is more than the one before; one that is named twice has the
    /// version that either has.
    #[inline(never)]
    fn system(&mut self, mut found: Found<'a>, after: usize) {
        let desktop = found.rank & DESKTOP != 0;
        found.rank &= !DESKTOP;
        let more = found.rank > self.system.rank;
        let same = found.name == self.system.name;
        if found.version.is_some() && (more || same && !self.system.version.is_some()) {
            self.system_at = after;
        }
        if more {
            found.version = found.version.or(self.system.version.when(same));
            self.system = found;
            self.desktop = desktop;
        } else if same {
            self.system.version = self.system.version.or(found.version);
        }
    }
}

/// The version right after a product, or one word further: `Name/12`, `Name/android/12`,
/// `Name/R-12`; behind what it is for, or the package it is in: `Name for Android/12`, `Name
/// com.name/12`; or in what it tells: `Name (...__name__12__`.
#[inline(never)]
fn product_version(text: Text<'_>, after: usize) -> Version {
    if text.has(after, b" for ", false) || text.has(after, b" com.", false) {
        return text.version(text.find(after, |byte| byte == b'/'), 1);
    }
    if text.has(after, b" (", false) {
        return told(text, after);
    }
    let next = text.find(after.saturating_add(1), |byte| !byte.is_ascii_alphabetic());
    let further = text.at(after) == b'/' && matches!(text.at(next), b'/' | b'-');
    text.version(after, 1).or(text.version(next, 1).when(further))
}

/// The number behind `__`.
fn told(text: Text<'_>, mut at: usize) -> Version {
    while at < text.len() {
        at = text.find(at, |byte| byte == b'_').saturating_add(2);
        let version = text.number(at);
        if text.before(at) == b'_' && version.is_some() {
            return version;
        }
    }
    Version::NONE
}

/// The same after a system, with more between: `iOS; 7.1`, `Android: 11`.
fn system_version(text: Text<'_>, after: usize) -> Version {
    text.version(after, 2).or(product_version(text, after))
}

/// Tells the rows of the tables whose words stand there; returns where the longest ends, of those
/// that can be no product of their own.
#[inline(never)]
pub fn known(text: Text<'_>, start: usize, tell: &mut dyn FnMut(usize, &Entry)) -> usize {
    let mut known = start;
    tables::rows(text.at(start), text.at(start.saturating_add(1)), &mut |entry| {
        let after = start.saturating_add(entry.word.len());
        if matches(text, start, after, entry) {
            if entry.says != Says::Device {
                known = known.max(after);
            }
            tell(after, entry);
        }
    });
    known
}

/// Whether that word of the tables stands there: before no letter, and before no further part of a
/// longer name. Systems are written in any case, and with anything behind.
fn matches(text: Text<'_>, start: usize, end: usize, entry: &Entry) -> bool {
    let system = matches!(entry.says, Says::System | Says::Unversioned);
    if !text.has(start, entry.word.as_bytes(), system) {
        return false;
    }
    let next = text.at(end);
    let longer = next.is_ascii_digit() && text.before(end).is_ascii_digit()
        || !system
            && matches!(next, b'-' | b'_')
            && text.at(end.saturating_add(1)).is_ascii_alphabetic();
    !next.is_ascii_alphabetic() && !longer
}
