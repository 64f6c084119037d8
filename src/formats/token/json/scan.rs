//! Questions about bytes of JSON: is a name new, where does a string end, what do escapes say.

/// The bucket of a name, one of 64. Names in different buckets differ.
pub(super) fn name_bucket(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let at = |place: usize| bytes.get(place).copied().unwrap_or(0);
    let mixed = at(0)
        .wrapping_mul(7)
        .wrapping_add(at(1).wrapping_mul(13))
        .wrapping_add(at(2).wrapping_mul(29));
    1u64.rotate_left(u32::from(mixed.wrapping_add(bytes.len() as u8)))
}

pub(super) const fn is_first(place: u64, seen: &mut u64) -> bool {
    let free = *seen & place == 0;
    *seen |= place;
    free
}

/// Counts the bytes of a string that stand for themselves, eight at a time, because most of a
/// token's claims are such bytes.
pub(super) fn unescaped_prefix(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (position, word) in words.iter().enumerate() {
        let found = find_special_bytes(u64::from_le_bytes(*word));
        if found != 0 {
            return position.wrapping_mul(8).wrapping_add(found.trailing_zeros() as usize / 8);
        }
    }
    let rest = rest
        .iter()
        .position(|byte| *byte < 32 || matches!(byte, b'"' | b'\\'))
        .unwrap_or(rest.len());
    words.len().wrapping_mul(8).wrapping_add(rest)
}

/// Marks the first byte that is a quote, a backslash or a control character by its high bit. Higher
/// bits have no meaning.
const fn find_special_bytes(word: u64) -> u64 {
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

/// The text of a string's body, whose escapes were checked.
pub(super) fn unescape(body: &str) -> Option<String> {
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
                parse_hex(after.get(..4)?)?
            }
            other => u16::from(other),
        });
        rest = escape.get(used..)?;
    }
    units.extend(rest.encode_utf16());
    String::from_utf16(&units).ok()
}

pub(super) fn parse_hex(digits: &[u8]) -> Option<u16> {
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    let number =
        digits.iter().try_fold(0u32, |number, digit| Some((number << 4) | value(digit)?))?;
    u16::try_from(number).ok()
}
