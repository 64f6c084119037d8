//! Floor 0. The pieces that records and profiles are written in, and read from again.
//!
//! A number takes 7 bits a byte, the low ones first; the eighth says that another byte follows
//! (LEB128). A difference is a number too, `2d` where it is not negative and `-2d - 1` where it is.
//! Texts stand after their length, and what may be absent after a 0 or a 1. A number is read and
//! written by a call: inlined at every field, it is 1 KB of the module.

use crate::foundation::time::Timestamp;

/// Another byte of a number follows.
const MORE: u8 = 0x80;

/// Milliseconds from one time to another. Clocks differ, so it may be negative; it wraps, so every
/// time can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Difference(i64);

/// Appends pieces.
pub(crate) struct Writer(pub(crate) Vec<u8>);

/// Takes pieces off the front; `None` where there is no such piece.
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl Difference {
    pub(crate) const fn between(earlier: Timestamp, later: Timestamp) -> Self {
        Self(later.ms().wrapping_sub(earlier.ms()).cast_signed())
    }

    pub(crate) const fn after(self, earlier: Timestamp) -> Timestamp {
        Timestamp::from_ms(earlier.ms().wrapping_add(self.0.cast_unsigned()))
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    pub(crate) const fn minus(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }
}

impl Writer {
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    #[inline(never)]
    pub(crate) fn number(&mut self, mut number: u64) {
        // Heats have four bytes from 1980 to 3315, and are most of a profile.
        if let 0x20_0000..0x1000_0000 = number {
            let [a, b, c, d] = [0, 7, 14, 21].map(|shift: u32| number.wrapping_shr(shift) as u8);
            return self.raw(&[a | MORE, b | MORE, c | MORE, d]);
        }
        loop {
            let [low, ..] = number.to_le_bytes();
            number >>= 7;
            if number == 0 {
                return self.0.push(low);
            }
            self.0.push(low | MORE);
        }
    }

    pub(crate) fn size(&mut self, size: usize) {
        self.number(u64::try_from(size).unwrap_or(u64::MAX));
    }

    pub(crate) fn difference(&mut self, Difference(ms): Difference) {
        self.number((ms.wrapping_shl(1) ^ ms.wrapping_shr(63)).cast_unsigned());
    }

    /// Bytes, or a text, after their length.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.size(bytes.len());
        self.raw(bytes);
    }

    pub(crate) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.raw(&[u8::from(value.is_some())]);
        if let Some(value) = value {
            write(self, value);
        }
    }

    pub(crate) fn optional_text(&mut self, text: Option<&String>) {
        self.optional(text, |to, text| to.bytes(text.as_bytes()));
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn raw<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(taken)
    }

    #[inline(never)]
    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let [byte] = *self.raw()?;
            number |= u64::from(byte & !MORE).wrapping_shl(shift);
            if byte & MORE == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(crate) fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    #[inline(never)]
    pub(crate) fn small(&mut self) -> Option<u32> {
        // As they are written, at once.
        if let [a, b, c, d, rest @ ..] = self.0
            && a & b & c & MORE != 0
            && d & MORE == 0
        {
            self.0 = rest;
            let low = |byte: &u8, shift| u32::from(byte & !MORE).wrapping_shl(shift);
            return Some(low(a, 0) | low(b, 7) | low(c, 14) | low(d, 21));
        }
        u32::try_from(self.number()?).ok()
    }

    pub(crate) fn difference(&mut self) -> Option<Difference> {
        let number = self.number()?;
        let sign = (number & 1).cast_signed().wrapping_neg();
        Some(Difference(number.wrapping_shr(1).cast_signed() ^ sign))
    }

    /// Bytes, or a text, after their length.
    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.size()?;
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        std::str::from_utf8(self.bytes()?).ok().map(str::to_owned)
    }

    pub(crate) fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.raw()? {
            [0] => Some(None),
            [1] => read(self).map(Some),
            _ => None,
        }
    }

    pub(crate) fn optional_text(&mut self) -> Option<Option<String>> {
        self.optional(Self::text)
    }

    /// As many as the number in front says.
    pub(crate) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        (0..self.number()?).map(|_| read(self)).collect()
    }
}
