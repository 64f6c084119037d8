//! Encodes and decodes the parts of records and profiles.
//!
//! A number takes 7 bits of each byte, the low ones first, and the eighth bit says that another
//! byte follows (LEB128). A time delta `d` is the number `2d`, or `-2d - 1` where it is negative. A
//! text stands after its length, and an optional part after a 0 or a 1.
//! Numbers are not inlined; measured: see performance.md, Numbers of the byte codec

use crate::foundation::time::Timestamp;

/// The bit that says that another byte of a number follows.
const CONTINUATION_BIT: u8 = 0x80;

/// The milliseconds from one time to another. A delta may be negative, because clocks differ. It
/// wraps, so that every time can be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TimeDelta(i64);

/// Appends encoded parts to a buffer.
pub(crate) struct ByteWriter(pub(crate) Vec<u8>);

/// Decodes parts from the front of a buffer. Each method gives `None` where the buffer has no such
/// part.
pub(crate) struct ByteReader<'a>(pub(crate) &'a [u8]);

impl TimeDelta {
    pub(crate) const fn between(earlier: Timestamp, later: Timestamp) -> Self {
        Self(later.ms().wrapping_sub(earlier.ms()).cast_signed())
    }

    pub(crate) const fn after(self, earlier: Timestamp) -> Timestamp {
        Timestamp::from_ms(earlier.ms().wrapping_add(self.0.cast_unsigned()))
    }

    pub(crate) const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    pub(crate) const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }
}

impl ByteWriter {
    pub(crate) fn write_raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    #[inline(never)]
    pub(crate) fn write_varint(&mut self, mut number: u64) {
        // Most numbers of a profile are decayed counts, which take four bytes from 1980 to 3315.
        if let 0x20_0000..0x1000_0000 = number {
            let [a, b, c, d] = [0, 7, 14, 21].map(|shift: u32| number.wrapping_shr(shift) as u8);
            return self.write_raw(&[
                a | CONTINUATION_BIT,
                b | CONTINUATION_BIT,
                c | CONTINUATION_BIT,
                d,
            ]);
        }
        loop {
            let [low, ..] = number.to_le_bytes();
            number >>= 7;
            if number == 0 {
                return self.0.push(low);
            }
            self.0.push(low | CONTINUATION_BIT);
        }
    }

    pub(crate) fn write_length(&mut self, size: usize) {
        self.write_varint(u64::try_from(size).unwrap_or(u64::MAX));
    }

    pub(crate) fn write_time_delta(&mut self, TimeDelta(ms): TimeDelta) {
        self.write_varint((ms.wrapping_shl(1) ^ ms.wrapping_shr(63)).cast_unsigned());
    }

    /// Writes bytes or a text, after their length.
    pub(crate) fn write_bytes(&mut self, bytes: &[u8]) {
        self.write_length(bytes.len());
        self.write_raw(bytes);
    }

    pub(crate) fn write_optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.write_raw(&[u8::from(value.is_some())]);
        if let Some(value) = value {
            write(self, value);
        }
    }

    pub(crate) fn write_optional_text(&mut self, text: Option<&String>) {
        self.write_optional(text, |to, text| to.write_bytes(text.as_bytes()));
    }
}

impl<'a> ByteReader<'a> {
    pub(crate) fn read_array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(taken)
    }

    #[inline(never)]
    pub(crate) fn read_varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let [byte] = *self.read_array()?;
            number |= u64::from(byte & !CONTINUATION_BIT).wrapping_shl(shift);
            if byte & CONTINUATION_BIT == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(crate) fn read_length(&mut self) -> Option<usize> {
        usize::try_from(self.read_varint()?).ok()
    }

    #[inline(never)]
    pub(crate) fn read_varint_u32(&mut self) -> Option<u32> {
        // The usual four bytes are read at once, as they are written.
        if let [a, b, c, d, rest @ ..] = self.0
            && a & b & c & CONTINUATION_BIT != 0
            && d & CONTINUATION_BIT == 0
        {
            self.0 = rest;
            let low = |byte: &u8, shift| u32::from(byte & !CONTINUATION_BIT).wrapping_shl(shift);
            return Some(low(a, 0) | low(b, 7) | low(c, 14) | low(d, 21));
        }
        u32::try_from(self.read_varint()?).ok()
    }

    pub(crate) fn read_time_delta(&mut self) -> Option<TimeDelta> {
        let number = self.read_varint()?;
        let sign = (number & 1).cast_signed().wrapping_neg();
        Some(TimeDelta(number.wrapping_shr(1).cast_signed() ^ sign))
    }

    /// Reads bytes or a text, after their length.
    pub(crate) fn read_bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.read_length()?;
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn read_text(&mut self) -> Option<String> {
        std::str::from_utf8(self.read_bytes()?).ok().map(str::to_owned)
    }

    pub(crate) fn read_optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.read_array()? {
            [0] => Some(None),
            [1] => read(self).map(Some),
            _ => None,
        }
    }

    pub(crate) fn read_optional_text(&mut self) -> Option<Option<String>> {
        self.read_optional(Self::read_text)
    }

    /// Reads a list, after its length.
    pub(crate) fn read_list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        (0..self.read_varint()?).map(|_| read(self)).collect()
    }
}
