//! A user agent as a sequence of bytes. Every read is bounded and every slice is checked.

/// Number of bytes that are read of a user agent. Browsers send up to 500 bytes and in-app browsers
/// about 800. The limit bounds the cost of hostile input.
pub const MAX_BYTES: usize = 1024;

/// A text truncated to [`MAX_BYTES`].
#[derive(Clone, Copy)]
pub struct BoundedText<'a>(&'a str);

// Functions that are called often are not inlined. measured: see performance.md, Optional versions
impl<'a> BoundedText<'a> {
    /// Truncates a text at a character boundary.
    pub fn new(text: &'a str) -> Self {
        let end =
            (MAX_BYTES.saturating_sub(3)..=MAX_BYTES).rev().find(|&end| text.is_char_boundary(end));
        BoundedText(text.get(..end.unwrap_or(text.len())).unwrap_or(text))
    }

    /// Length of the truncated text in bytes.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// The byte at an index, or 0 past the end.
    pub fn at(self, index: usize) -> u8 {
        self.0.as_bytes().get(index).copied().unwrap_or(0)
    }

    /// The byte before an index, or 0 at the start.
    pub fn byte_before(self, index: usize) -> u8 {
        index.checked_sub(1).map_or(0, |index| self.at(index))
    }

    /// The text between two indices without surrounding spaces. Empty where an index splits a
    /// character.
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

    /// Whether `word` stands at an index, in any case if `ignore_case` is true. A plus sign counts
    /// as a space, as logs write user agents.
    #[inline(never)]
    pub fn starts_with_at(self, from: usize, word: &[u8], ignore_case: bool) -> bool {
        let fold = if ignore_case { 32 } else { 0 };
        word.iter().zip(from..).all(|(&byte, at)| {
            let here = self.at(at);
            here | fold == byte | fold || byte == b' ' && here == b'+'
        })
    }

    /// The first index from `from` whose byte fulfils the predicate, or the length of the text.
    #[inline(never)]
    pub fn find(self, mut from: usize, found: fn(u8) -> bool) -> usize {
        while from < self.len() && !found(self.at(from)) {
            from = from.saturating_add(1);
        }
        from
    }

    /// The end of the word that starts at `from`. Faster than [`Self::find`], because no function
    /// is called for each byte.
    #[inline(never)]
    pub fn word_end(self, from: usize) -> usize {
        let rest = self.0.as_bytes().get(from..).unwrap_or_default();
        from.saturating_add(rest.iter().position(|&byte| !in_word(byte)).unwrap_or(rest.len()))
    }

    /// The decimal number at an index. A number that does not fit becomes the largest version.
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

    /// The version after a name that ends at `end`: `Name/12`, `Name 12`, `Name/v12` or `Name12`,
    /// with at most `gap` separators.
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

/// A major version that may be missing, as one number. measured: see performance.md, Optional
/// versions
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Version(u32);

impl Default for Version {
    fn default() -> Self {
        Version::NONE
    }
}

impl Version {
    /// The missing version, the largest number.
    pub const NONE: Version = Version(u32::MAX);

    pub fn from_number(number: u32) -> Self {
        Version(number)
    }

    /// Whether the version is present.
    pub fn is_some(self) -> bool {
        self != Version::NONE
    }

    /// This version, or the other one where this version is missing.
    pub fn or_else(self, other: Version) -> Self {
        if self.is_some() { self } else { other }
    }

    /// This version if the condition is true, otherwise none.
    pub fn only_if(self, so: bool) -> Self {
        if so { self } else { Version::NONE }
    }

    /// The major version as an option.
    pub fn to_option(self) -> Option<u32> {
        self.is_some().then_some(self.0)
    }

    /// The number, or `u32::MAX` where the version is missing.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// A name with its version and its rank among others.
#[derive(Clone, Copy, Default)]
pub struct NamedVersion<'a> {
    /// Name of the product or system.
    pub name: &'a str,
    /// Major version, where one is present.
    pub version: Version,
    /// Rank among candidates: the highest is taken.
    pub rank: u8,
}

/// The start of the word before, where that word belongs to the name that starts at `start`. A
/// version does not belong to a name.
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

/// Whether a byte belongs to a word: letters, digits, `_`, `-`, `!` and all of non-ASCII text.
#[inline]
pub fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'_' | b'-' | b'!')
}

/// A product with its version, without a rank.
pub fn product_named(name: &str, version: Version) -> NamedVersion<'_> {
    NamedVersion { name, version, rank: 0 }
}
