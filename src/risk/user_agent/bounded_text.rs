//! A user agent as bytes to walk over: every read is bounded, every slice checked.

/// How much of a user agent is looked at: real ones end at 500 bytes, those of in-app browsers at
/// about 800. What is longer is cut, so that a hostile megabyte costs what a kilobyte does.
pub const MAX_BYTES: usize = 1024;

/// The text, cut.
#[derive(Clone, Copy)]
pub struct BoundedText<'a>(&'a str);

// Not inlined where it is called often: the code of this module is mostly calls of these.
impl<'a> BoundedText<'a> {
    pub fn new(text: &'a str) -> Self {
        let end =
            (MAX_BYTES.saturating_sub(3)..=MAX_BYTES).rev().find(|&end| text.is_char_boundary(end));
        BoundedText(text.get(..end.unwrap_or(text.len())).unwrap_or(text))
    }

    pub fn len(self) -> usize {
        self.0.len()
    }

    /// The byte there, or 0 past the end.
    pub fn at(self, index: usize) -> u8 {
        self.0.as_bytes().get(index).copied().unwrap_or(0)
    }

    /// The byte before, or 0 at the start.
    pub fn byte_before(self, index: usize) -> u8 {
        index.checked_sub(1).map_or(0, |index| self.at(index))
    }

    /// What lies between, without spaces around it; nothing where it would split a character.
    #[inline(never)]
    pub fn slice(self, mut from: usize, mut to: usize) -> &'a str {
        while from < to && self.at(from) == b' ' {
            from = from.saturating_add(1);
        }
        while from < to && self.byte_before(to) == b' ' {
            to = to.saturating_sub(1);
        }
        self.0.get(from..to).unwrap_or_default()
    }

    /// Whether the text goes on with `word` there: as it is written, or in whatever case. A plus is
    /// a space, as in logs.
    #[inline(never)]
    pub fn starts_with_at(self, from: usize, word: &[u8], ignore_case: bool) -> bool {
        let fold = if ignore_case { 32 } else { 0 };
        word.iter().zip(from..).all(|(&byte, at)| {
            let here = self.at(at);
            here | fold == byte | fold || byte == b' ' && here == b'+'
        })
    }

    /// The first index from `from` on whose byte `found` wants; the end where it wants none.
    #[inline(never)]
    pub fn find(self, mut from: usize, found: fn(u8) -> bool) -> usize {
        while from < self.len() && !found(self.at(from)) {
            from = from.saturating_add(1);
        }
        from
    }

    /// Where the word ends that starts there. As `find`, but nothing is called for every letter.
    #[inline(never)]
    pub fn word_end(self, from: usize) -> usize {
        let rest = self.0.as_bytes().get(from..).unwrap_or_default();
        from.saturating_add(rest.iter().position(|&byte| !in_word(byte)).unwrap_or(rest.len()))
    }

    /// The number that starts there; what does not fit is the largest there is.
    #[inline(never)]
    pub fn number_at(self, mut at: usize) -> Version {
        let mut sum = None;
        while self.at(at).is_ascii_digit() {
            let digit = u32::from(self.at(at) & 15);
            sum = Some(
                sum.unwrap_or(0_u32)
                    .saturating_mul(10)
                    .saturating_add(digit)
                    .min(Version::NONE.0.saturating_sub(1)),
            );
            at = at.saturating_add(1);
        }
        sum.map_or(Version::NONE, Version)
    }

    /// The number after a name that ends there: `Name/12`, `Name 12`, `Name/v12`, `Name12`, with at
    /// most `gap` signs between.
    #[inline(never)]
    pub fn version_at(self, end: usize, gap: usize) -> Version {
        let mut from = end;
        while from < end.saturating_add(gap)
            && matches!(self.at(from), b' ' | b'+' | b'/' | b'_' | b':' | b';' | b'#' | b',' | b'-')
        {
            from = from.saturating_add(1);
        }
        if from > end && self.at(from) | 32 == b'v' {
            from = from.saturating_add(1);
        }
        self.number_at(from)
    }
}

/// A number that may be missing, as one word: an `Option` takes twice the code, wherever one is
/// passed on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Version(u32);

impl Default for Version {
    fn default() -> Self {
        Version::NONE
    }
}

impl Version {
    pub const NONE: Version = Version(u32::MAX);

    pub fn from_number(number: u32) -> Self {
        Version(number)
    }

    pub fn is_some(self) -> bool {
        self != Version::NONE
    }

    pub fn or_else(self, other: Version) -> Self {
        if self.is_some() { self } else { other }
    }

    /// This, where that is so.
    pub fn only_if(self, so: bool) -> Self {
        if so { self } else { Version::NONE }
    }

    pub fn to_option(self) -> Option<u32> {
        self.is_some().then_some(self.0)
    }

    /// The number, or the largest there is.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// A name, its version, and how much it counts.
#[derive(Clone, Copy, Default)]
pub struct NamedVersion<'a> {
    pub name: &'a str,
    pub version: Version,
    pub rank: u8,
}

/// Where the word before starts, where it belongs to the one that starts there: not where it is a
/// version.
#[inline(never)]
pub fn words_before(text: BoundedText<'_>, start: usize) -> usize {
    let end = start.saturating_sub(1);
    let mut from = end;
    while in_word(text.byte_before(from)) {
        from = from.saturating_sub(1);
    }
    let version = text.at(from).is_ascii_digit() && matches!(text.byte_before(from), b'/' | b'.');
    if text.byte_before(start) == b' ' && from < end && !version { from } else { start }
}

#[inline]
pub fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'_' | b'-' | b'!')
}

/// A product with its version.
pub fn product_named(name: &str, version: Version) -> NamedVersion<'_> {
    NamedVersion { name, version, rank: 0 }
}
