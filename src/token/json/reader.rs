//! The one pass over a JSON text: checks the grammar of RFC 8259 and what `json` adds to it.

use std::borrow::Cow;
use std::collections::BTreeSet;

/// How deep arrays and objects may lie in each other.
pub const DEPTH_MAX: u32 = 64;
/// Numbers of 10^308 and above are refused: most of them are beyond a double, and readers differ on what they are then.
const EXPONENT_MAX: i64 = 308;

/// Where the reader is. Every method leaves it behind what it read.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    /// The members of all objects that are open, the outermost first; what is left at the end are those of the outermost.
    members: Vec<(Cow<'a, str>, &'a str)>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, members: Vec::new() }
    }

    /// The members of the outermost object.
    pub(super) fn into_members(self) -> Vec<(Cow<'a, str>, &'a str)> {
        self.members
    }

    /// One value and nothing else.
    pub(super) fn whole(&mut self) -> Option<&'a str> {
        self.members.reserve(16);
        let value = self.value()?;
        self.skip_space();
        (self.at == self.text.len()).then_some(value)
    }

    fn value(&mut self) -> Option<&'a str> {
        self.skip_space();
        let start = self.at;
        match self.peek()? {
            b'"' => self.string_body().map(drop)?,
            b'{' => self.inside(Self::object_body)?,
            b'[' => self.inside(Self::array_body)?,
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            _ => self.number()?,
        }
        self.text.get(start..self.at)
    }

    fn inside(&mut self, body: fn(&mut Self) -> Option<()>) -> Option<()> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > DEPTH_MAX {
            return None;
        }
        self.step();
        body(self)?;
        self.depth = self.depth.saturating_sub(1);
        Some(())
    }

    fn array_body(&mut self) -> Option<()> {
        if self.ends(b']') {
            return Some(());
        }
        loop {
            self.value()?;
            if self.ends(b']') {
                return Some(());
            }
            self.expect(b',')?;
        }
    }

    fn object_body(&mut self) -> Option<()> {
        let first = self.members.len();
        if self.ends(b'}') {
            return Some(());
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            self.expect(b':')?;
            let value = self.value()?;
            self.members.push((name, value));
            if self.ends(b'}') {
                break;
            }
            self.expect(b',')?;
        }
        if !self.names_are_unique(first) {
            return None;
        }
        if self.depth > 1 {
            self.members.truncate(first);
        }
        Some(())
    }

    /// Most sets of names differ in their fingerprints already. Few names are compared with each other; many are looked up in a tree, so that no text makes this slow.
    fn names_are_unique(&mut self, first: usize) -> bool {
        let names = self.members.get(first..).unwrap_or_default();
        let mut seen = 0u64;
        if names.iter().all(|(name, _)| is_first(fingerprint(name), &mut seen)) {
            return true;
        }
        if names.len() <= 16 {
            let rest = |position: usize| names.iter().skip(position.saturating_add(1));
            return names.iter().enumerate().all(|(n, (name, _))| rest(n).all(|(other, _)| other != name));
        }
        let mut seen = BTreeSet::new();
        names.iter().all(|(name, _)| seen.insert(name.as_ref()))
    }

    pub(super) fn string(&mut self) -> Option<Cow<'a, str>> {
        let (body, escaped) = self.string_body()?;
        Some(if escaped { Cow::Owned(unescape(body)?) } else { Cow::Borrowed(body) })
    }

    /// What stands between the quotes, and whether it holds escapes.
    fn string_body(&mut self) -> Option<(&'a str, bool)> {
        self.expect(b'"')?;
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            self.at = self.at.wrapping_add(plain(rest));
            match self.peek()? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return None,
            }
        }
        let body = self.text.get(start..self.at)?;
        self.step();
        Some((body, escaped))
    }

    fn escape(&mut self) -> Option<()> {
        self.step();
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => match self.unit()? {
                0xd800..=0xdbff => {
                    self.expect(b'\\')?;
                    self.expect(b'u')?;
                    matches!(self.unit()?, 0xdc00..=0xdfff).then_some(())
                }
                0xdc00..=0xdfff => None,
                _ => Some(()),
            },
            _ => None,
        }
    }

    /// Four hexadecimal digits: a code unit of UTF-16.
    fn unit(&mut self) -> Option<u16> {
        let end = self.at.saturating_add(4);
        let digits = self.text.as_bytes().get(self.at..end)?;
        self.at = end;
        hex(digits)
    }

    fn number(&mut self) -> Option<()> {
        if self.peek() == Some(b'-') {
            self.step();
        }
        let start = self.at;
        let whole = self.digits()?;
        if whole > 1 && self.text.as_bytes().get(start) == Some(&b'0') {
            return None;
        }
        if self.peek() == Some(b'.') {
            self.step();
            self.digits()?;
        }
        let mut exponent = 0;
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.step();
            let sign = self.at;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.step();
            }
            self.digits()?;
            // Too long for a number: beyond a double, or next to nothing.
            let text = self.text.get(sign..self.at)?;
            exponent = text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX });
        }
        let magnitude = exponent.saturating_add(i64::try_from(whole).ok()?);
        (magnitude <= EXPONENT_MAX).then_some(())
    }

    /// How many digits; at least one.
    fn digits(&mut self) -> Option<usize> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.step();
        }
        Some(self.at.saturating_sub(start)).filter(|count| *count > 0)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let end = self.at.saturating_add(word.len());
        (self.text.get(self.at..end)? == word).then(|| self.at = end)
    }

    /// Whether this closes the array or object; then it is behind it.
    pub(super) fn ends(&mut self, close: u8) -> bool {
        self.skip_space();
        self.expect(close).is_some()
    }

    pub(super) fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.step();
        }
    }

    pub(super) fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.step())
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.step();
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    const fn step(&mut self) {
        self.at = self.at.wrapping_add(1);
    }
}

/// One of 64 places for a name: names in different places are different, without comparing them.
fn fingerprint(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let at = |place: usize| bytes.get(place).copied().unwrap_or(0);
    let mixed = at(0).wrapping_mul(7).wrapping_add(at(1).wrapping_mul(13)).wrapping_add(at(2).wrapping_mul(29));
    1u64.rotate_left(u32::from(mixed.wrapping_add(bytes.len() as u8)))
}

const fn is_first(place: u64, seen: &mut u64) -> bool {
    let free = *seen & place == 0;
    *seen |= place;
    free
}

/// How many bytes stand for themselves in a string. Eight at a time: most of a token's claims is such bytes.
fn plain(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (position, word) in words.iter().enumerate() {
        let found = specials(u64::from_le_bytes(*word));
        if found != 0 {
            return position.wrapping_mul(8).wrapping_add(found.trailing_zeros() as usize / 8);
        }
    }
    let rest = rest.iter().position(|byte| *byte < 32 || matches!(byte, b'"' | b'\\')).unwrap_or(rest.len());
    words.len().wrapping_mul(8).wrapping_add(rest)
}

/// The high bit of the first byte that is a quote, a backslash or a control character (bits above it mean nothing).
const fn specials(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const SPACES: u64 = 0x2020_2020_2020_2020;
    const QUOTES: u64 = 0x2222_2222_2222_2222;
    const BACKSLASHES: u64 = 0x5c5c_5c5c_5c5c_5c5c;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    const fn below(word: u64, bounds: u64) -> u64 {
        word.wrapping_sub(bounds) & !word
    }
    (below(word ^ QUOTES, ONES) | below(word ^ BACKSLASHES, ONES) | below(word, SPACES)) & HIGHS
}

/// What the body of a string stands for. Its escapes were checked.
fn unescape(body: &str) -> Option<String> {
    let mut units = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some((plain, escape)) = rest.split_once('\\') {
        units.extend(plain.encode_utf16());
        let (&kind, after) = escape.as_bytes().split_first()?;
        let mut used = 1;
        units.push(match kind {
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'u' => {
                used = 5;
                hex(after.get(..4)?)?
            }
            other => u16::from(other),
        });
        rest = escape.get(used..)?;
    }
    units.extend(rest.encode_utf16());
    String::from_utf16(&units).ok()
}

fn hex(digits: &[u8]) -> Option<u16> {
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    let number = digits.iter().try_fold(0u32, |number, digit| Some((number << 4) | value(digit)?))?;
    u16::try_from(number).ok()
}
