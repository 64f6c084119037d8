//! Strict JSON (RFC 8259, RFC 7493): a text that two parsers could read differently is rejected.
//!
//! One pass checks everything and keeps the members of the outermost object as slices of the text.
//! Member names are unique at every depth, also where one is written with escapes, and nesting and
//! exponents are limited. measured: see performance.md, JSON parser

mod parser;
mod scan;

pub use parser::{MAX_DEPTH, Value, ValueKind};

use parser::JsonParser;
use std::borrow::Cow;

/// A number of this many digits is below 2^64.
const EXACT_DIGITS: usize = 19;

/// The members of an object, in their order.
#[derive(Debug)]
pub struct Object<'a> {
    members: Vec<(Cow<'a, str>, Value<'a>)>,
}

/// Whether the bytes are one JSON value that every parser reads alike.
pub fn is_strict(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| JsonParser::new(text).parse_document().is_some())
}

/// Parses an object from bytes. Gives `None` for everything else.
pub fn parse_object_bytes(bytes: &[u8]) -> Option<Object<'_>> {
    parse_object(std::str::from_utf8(bytes).ok()?)
}

/// Parses an object from a text. Gives `None` for everything else.
pub fn parse_object(text: &str) -> Option<Object<'_>> {
    let mut reader = JsonParser::new(text);
    reader.parse_document()?.is_object().then(|| Object { members: reader.into_members() })
}

/// Appends a text as a JSON string.
pub fn quote(text: &str, into: &mut String) {
    into.push('"');
    for character in text.chars() {
        match character {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\0'..='\u{1f}' => {
                let code = u32::from(character);
                let digit = |shift: u32| char::from_digit((code >> shift) & 15, 16).unwrap_or('0');
                into.extend(['\\', 'u', '0', '0', digit(4), digit(0)]);
            }
            other => into.push(other),
        }
    }
    into.push('"');
}

impl<'a> Object<'a> {
    /// The member with this name.
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        self.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The text of the member with this name, or `Some(None)` where it is no string.
    pub fn text(&self, name: &str) -> Option<Option<Cow<'a, str>>> {
        self.get(name).map(|value| value.text())
    }

    /// The number of members of the object.
    #[allow(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// All members, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Value<'a>)> {
        self.members.iter().map(|(name, value)| (name.as_ref(), *value))
    }
}

impl<'a> Value<'a> {
    /// The JSON text of the value.
    pub const fn json(self) -> &'a str {
        self.text
    }

    /// The kind of the value.
    pub const fn kind(self) -> ValueKind {
        self.kind
    }

    /// Whether the value is an object.
    pub fn is_object(self) -> bool {
        self.text.starts_with('{')
    }

    /// Whether the value is a string.
    pub fn is_text(self) -> bool {
        self.text.starts_with('"')
    }

    /// The text of a string.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self.kind {
            ValueKind::UnescapedString => {
                self.text.get(1..self.text.len().saturating_sub(1)).map(Cow::Borrowed)
            }
            ValueKind::Other if self.is_text() => JsonParser::new(self.text).parse_string(),
            _ => None,
        }
    }

    /// The texts of an array of strings.
    pub fn text_list(self) -> Option<Vec<Cow<'a, str>>> {
        let mut reader = JsonParser::new(self.text);
        let mut texts = Vec::new();
        reader.expect(b'[')?;
        if reader.is_at_end(b']') {
            return Some(texts);
        }
        loop {
            reader.skip_space();
            texts.push(reader.parse_string()?);
            if reader.is_at_end(b']') {
                return Some(texts);
            }
            reader.expect(b',')?;
        }
    }

    /// The value of a number that is written in digits only.
    pub fn whole_number(self) -> Option<u64> {
        match self.kind {
            // Nothing overflows, so nothing is checked: on wasm32 each check is a multiplication of
            // 128 bits.
            ValueKind::Digits if self.text.len() <= EXACT_DIGITS => {
                Some(self.text.bytes().fold(0, |number, digit| {
                    number.wrapping_mul(10).wrapping_add(u64::from(digit & 15))
                }))
            }
            ValueKind::Digits => self.text.parse().ok(),
            _ => None,
        }
    }

    /// A number that is not negative, in thousandths, without finer digits, and `u64::MAX` where it
    /// is larger. Whole arithmetic compares a date as it was written, whatever its exponent.
    pub fn thousandths(self) -> Option<u64> {
        if let Some(whole) = self.whole_number() {
            let is_small = self.text.len() <= EXACT_DIGITS - 3;
            return Some(if is_small {
                whole.wrapping_mul(1000)
            } else {
                whole.saturating_mul(1000)
            });
        }
        let Decimal { whole, fraction, kept } = Decimal::parse(self.text)?;
        let mut digits = whole.bytes().chain(fraction.bytes());
        let mut number = 0u64;
        let mut taken = 0i64;
        while taken < kept && number < u64::MAX {
            let digit = digits.next();
            if digit.is_none() && number == 0 {
                break;
            }
            let digit = u64::from(digit.unwrap_or(b'0').wrapping_sub(b'0'));
            number =
                number.checked_mul(10).and_then(|tens| tens.checked_add(digit)).unwrap_or(u64::MAX);
            taken = taken.saturating_add(1);
        }
        Some(number)
    }

    /// A number in thousandths, rounded up: the beginning of a validity must not come early by its
    /// finer digits.
    pub fn thousandths_up(self) -> Option<u64> {
        let number = self.thousandths()?;
        if self.whole_number().is_some() {
            return Some(number);
        }
        let Decimal { whole, fraction, kept } = Decimal::parse(self.text)?;
        let mut cut =
            whole.bytes().chain(fraction.bytes()).skip(usize::try_from(kept).unwrap_or(0));
        Some(number.saturating_add(u64::from(cut.any(|digit| digit != b'0'))))
    }
}

/// A number that is not negative: its digits, and how many of them make whole thousandths.
struct Decimal<'a> {
    whole: &'a str,
    fraction: &'a str,
    kept: i64,
}

impl<'a> Decimal<'a> {
    fn parse(number: &'a str) -> Option<Self> {
        let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if !whole.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        // The grammar was checked: what does not parse is an exponent too long for a number.
        let exponent = exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') {
            i64::MIN
        } else {
            i64::MAX
        });
        let kept = i64::try_from(whole.len()).ok()?.saturating_add(exponent).saturating_add(3);
        Some(Self { whole, fraction, kept })
    }
}
