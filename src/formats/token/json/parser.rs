//! The one pass over a JSON text, which checks the grammar of RFC 8259 and the rules of `json`.

use super::scan::{is_first, name_bucket, parse_hex, unescape, unescaped_prefix};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A value, as its part of a JSON text that was parsed strictly.
#[derive(Debug, Clone, Copy)]
pub struct Value<'a> {
    pub(super) text: &'a str,
    pub(super) kind: ValueKind,
}

/// The kind of a value, as far as it saves parsing the value again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// A string without escapes, whose text stands between its quotes.
    UnescapedString,
    /// A number of digits only.
    Digits,
    /// A value of any other kind.
    Other,
}

/// The deepest accepted nesting of arrays and objects.
pub const MAX_DEPTH: u32 = 64;
/// The greatest accepted exponent. Most greater numbers exceed a double, and parsers differ about
/// them.
const MAX_EXPONENT: i64 = 308;

/// The state of the pass. Every method moves it behind what it has parsed.
pub(super) struct JsonParser<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    /// The members of all objects that are open, the outermost first; what is left at the end are
    /// those of the outermost.
    members: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> JsonParser<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, members: Vec::new() }
    }

    /// The members of the outermost object.
    pub(super) fn into_members(self) -> Vec<(Cow<'a, str>, Value<'a>)> {
        self.members
    }

    /// Parses one value and nothing else.
    pub(super) fn parse_document(&mut self) -> Option<Value<'a>> {
        self.members.reserve(16);
        let value = self.parse_value()?;
        self.skip_space();
        (self.at == self.text.len()).then_some(value)
    }

    fn parse_value(&mut self) -> Option<Value<'a>> {
        self.skip_space();
        let start = self.at;
        let kind = match self.peek()? {
            b'"' if self.parse_string_body()?.1 => ValueKind::Other,
            b'"' => ValueKind::UnescapedString,
            b'{' => self.parse_nested(Self::parse_object_body)?,
            b'[' => self.parse_nested(Self::parse_array_body)?,
            b't' => self.parse_literal("true")?,
            b'f' => self.parse_literal("false")?,
            b'n' => self.parse_literal("null")?,
            _ => self.parse_number()?,
        };
        Some(Value { text: self.text.get(start..self.at)?, kind })
    }

    fn parse_nested(&mut self, body: fn(&mut Self) -> Option<()>) -> Option<ValueKind> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.step();
        body(self)?;
        self.depth = self.depth.saturating_sub(1);
        Some(ValueKind::Other)
    }

    fn parse_array_body(&mut self) -> Option<()> {
        if self.is_at_end(b']') {
            return Some(());
        }
        loop {
            self.parse_value()?;
            if self.is_at_end(b']') {
                return Some(());
            }
            self.expect(b',')?;
        }
    }

    fn parse_object_body(&mut self) -> Option<()> {
        let first = self.members.len();
        if self.is_at_end(b'}') {
            return Some(());
        }
        loop {
            self.skip_space();
            let name = self.parse_string()?;
            self.skip_space();
            self.expect(b':')?;
            let value = self.parse_value()?;
            self.members.push((name, value));
            if self.is_at_end(b'}') {
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

    /// Whether the names since `first` are unique. Most names differ in their buckets already. Few
    /// names are compared with each other, and many are looked up in a tree, so that no text makes
    /// this slow.
    fn names_are_unique(&mut self, first: usize) -> bool {
        let names = self.members.get(first..).unwrap_or_default();
        let mut seen = 0u64;
        if names.iter().all(|(name, _)| is_first(name_bucket(name), &mut seen)) {
            return true;
        }
        if names.len() <= 16 {
            let rest = |position: usize| names.iter().skip(position.saturating_add(1));
            return names
                .iter()
                .enumerate()
                .all(|(n, (name, _))| rest(n).all(|(other, _)| other != name));
        }
        let mut seen = BTreeSet::new();
        names.iter().all(|(name, _)| seen.insert(name.as_ref()))
    }

    pub(super) fn parse_string(&mut self) -> Option<Cow<'a, str>> {
        let (body, escaped) = self.parse_string_body()?;
        Some(if escaped { Cow::Owned(unescape(body)?) } else { Cow::Borrowed(body) })
    }

    /// Parses a string after its first quote. Gives the text between the quotes, and whether it
    /// holds escapes.
    fn parse_string_body(&mut self) -> Option<(&'a str, bool)> {
        self.expect(b'"')?;
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            self.at = self.at.wrapping_add(unescaped_prefix(rest));
            match self.peek()? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.parse_escape()?;
                }
                _ => return None,
            }
        }
        let body = self.text.get(start..self.at)?;
        self.step();
        Some((body, escaped))
    }

    fn parse_escape(&mut self) -> Option<()> {
        self.step();
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => match self.parse_hex_unit()? {
                0xd800..=0xdbff => {
                    self.expect(b'\\')?;
                    self.expect(b'u')?;
                    matches!(self.parse_hex_unit()?, 0xdc00..=0xdfff).then_some(())
                }
                0xdc00..=0xdfff => None,
                _ => Some(()),
            },
            _ => None,
        }
    }

    /// Parses four hexadecimal digits: a code unit of UTF-16.
    fn parse_hex_unit(&mut self) -> Option<u16> {
        let end = self.at.saturating_add(4);
        let digits = self.text.as_bytes().get(self.at..end)?;
        self.at = end;
        parse_hex(digits)
    }

    fn parse_number(&mut self) -> Option<ValueKind> {
        let first = self.at;
        if self.peek() == Some(b'-') {
            self.step();
        }
        let start = self.at;
        let whole = self.parse_digits()?;
        if whole > 1 && self.text.as_bytes().get(start) == Some(&b'0') {
            return None;
        }
        if first == start
            && whole < MAX_EXPONENT as usize
            && !matches!(self.peek(), Some(b'.' | b'e' | b'E'))
        {
            return Some(ValueKind::Digits);
        }
        if self.peek() == Some(b'.') {
            self.step();
            self.parse_digits()?;
        }
        let mut exponent = 0;
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.step();
            let sign = self.at;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.step();
            }
            self.parse_digits()?;
            // Too long for a number: beyond a double, or next to nothing.
            let text = self.text.get(sign..self.at)?;
            exponent =
                text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX });
        }
        let magnitude = exponent.saturating_add(i64::try_from(whole).ok()?);
        (magnitude <= MAX_EXPONENT).then_some(ValueKind::Other)
    }

    /// Parses digits, at least one, and gives their number.
    fn parse_digits(&mut self) -> Option<usize> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.step();
        }
        Some(self.at.saturating_sub(start)).filter(|count| *count > 0)
    }

    fn parse_literal(&mut self, word: &str) -> Option<ValueKind> {
        let end = self.at.saturating_add(word.len());
        let found = self.text.get(self.at..end)? == word;
        self.at = end;
        found.then_some(ValueKind::Other)
    }

    /// Whether the next byte closes the array or object, which it then skips.
    pub(super) fn is_at_end(&mut self, close: u8) -> bool {
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
