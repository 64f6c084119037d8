//! The table of user agent words. The rows are written as Rust tuples and packed into one text at
//! compile time. measured: see performance.md, Packed table of user agent words

use super::products::PRODUCTS;
use super::rare_products::RARE;
use super::systems::SYSTEMS;
use super::vocabulary::{TokenMeaning, TokenRow};

/// Name length that marks a name equal to its word. Below 128, so that the packed rows are valid
/// UTF-8.
const NAME_IS_WORD: u8 = 127;
/// Name length that marks a name equal to that of the row before.
const NAME_IS_PREVIOUS: u8 = 126;

/// All rows, grouped by their first two letters. A row is the length of its word, the length of its
/// name, its meaning, its rank, the word and the name.
const PACKED: ([u8; PACKED_BYTES], [u16; BUCKETS + 1]) = pack::<PACKED_BYTES>().0;
const PACKED_BYTES: usize = pack::<8192>().1;
static PACKED_TEXT: &str = match std::str::from_utf8(&PACKED.0) {
    Ok(bytes) => bytes,
    Err(_) => panic!("the rows are text"),
};
static BUCKET_STARTS: [u16; BUCKETS + 1] = PACKED.1;

/// Number of first letters, including one for all other bytes. measured: see performance.md, Packed
/// table of user agent words
const LETTERS: usize = 27;
/// Number of groups of second letters.
const GROUPS: usize = 4;
const BUCKETS: usize = LETTERS * GROUPS;

/// The bucket of the words that start with two letters.
#[expect(clippy::arithmetic_side_effects, reason = "both letters are below 27")]
const fn bucket_of(first: u8, second: u8) -> usize {
    initial(first) * GROUPS + initial(second) * GROUPS / LETTERS
}

/// Position of a letter in the alphabet from 1, or 0 for any other byte.
#[expect(clippy::arithmetic_side_effects, reason = "a letter's code is above 96")]
const fn initial(byte: u8) -> usize {
    if byte.is_ascii_alphabetic() { (byte | 32) as usize - 96 } else { 0 }
}

const ROWS: usize = PRODUCTS.len() + SYSTEMS.len() + RARE.len();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "runs when the crate is compiled"
)]
const fn row_at(row: usize) -> TokenRow {
    let (systems, rare) = (PRODUCTS.len(), PRODUCTS.len() + SYSTEMS.len());
    if row < systems {
        PRODUCTS[row]
    } else if row < rare {
        SYSTEMS[row - systems]
    } else {
        RARE[row - rare]
    }
}

/// Packs the rows into `N` bytes. Returns the bytes, the start of each bucket, and the number of
/// bytes used.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "runs when the crate is compiled"
)]
const fn pack<const N: usize>() -> (([u8; N], [u16; BUCKETS + 1]), usize) {
    let mut bytes = [0; N];
    let mut starts = [0; BUCKETS + 1];
    let mut at = 0;
    let mut place = 0;
    while place < BUCKETS {
        starts[place] = at as u16;
        let mut before: &[u8] = &[];
        let mut row = 0;
        while row < ROWS {
            let (word, name, says, rank) = row_at(row);
            let (word, name) = (word.as_bytes(), name.as_bytes());
            assert!(word.len() > 1, "rows are found by two letters");
            if bucket_of(word[0], word[1]) == place {
                let as_word = are_equal(name, word);
                let as_before = are_equal(name, before);
                let length = if as_word {
                    NAME_IS_WORD
                } else if as_before {
                    NAME_IS_PREVIOUS
                } else {
                    name.len() as u8
                };
                at = append_bytes(&mut bytes, at, &[word.len() as u8, length, says as u8, rank]);
                at = append_bytes(&mut bytes, at, word);
                if !as_word && !as_before {
                    at = append_bytes(&mut bytes, at, name);
                }
                before = name;
            }
            row += 1;
        }
        place += 1;
    }
    starts[BUCKETS] = at as u16;
    ((bytes, starts), at)
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "runs when the crate is compiled"
)]
const fn are_equal(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "runs when the crate is compiled"
)]
const fn append_bytes<const N: usize>(bytes: &mut [u8; N], at: usize, new: &[u8]) -> usize {
    let mut index = 0;
    while index < new.len() {
        bytes[at + index] = new[index];
        index += 1;
    }
    at + index
}

/// A row, unpacked from the table.
pub struct TableRow {
    /// The word as user agents contain it.
    pub word: &'static str,
    /// Name of the product or system.
    pub name: &'static str,
    /// The meaning of the word.
    pub meaning: TokenMeaning,
    /// Rank of the word, or the number of its engine, mark or class.
    pub rank: u8,
}

/// Calls a function with every row whose word starts with these two letters, in any case.
#[inline(never)]
pub fn rows(first: u8, second: u8, tell: &mut dyn FnMut(&TableRow)) {
    let place = bucket_of(first, second);
    let start = |place: usize| BUCKET_STARTS.get(place).map_or(0, |&at| usize::from(at));
    let mut rest =
        PACKED_TEXT.get(start(place)..start(place.saturating_add(1))).unwrap_or_default();
    let mut name = "";
    while let &[length, named, says, rank, _, letter, ..] = rest.as_bytes() {
        let Some((word, after)) =
            rest.get(4..).and_then(|rest| rest.split_at_checked(usize::from(length)))
        else {
            return;
        };
        rest = after;
        if named == NAME_IS_WORD {
            name = word;
        } else if let Some((own, after)) =
            after.split_at_checked(usize::from(named)).filter(|_| named != NAME_IS_PREVIOUS)
        {
            (name, rest) = (own, after);
        }
        if letter | 32 == second | 32 {
            tell(&TableRow { word, name, meaning: meaning_from_code(says), rank });
        }
    }
}

fn meaning_from_code(byte: u8) -> TokenMeaning {
    use TokenMeaning::*;
    static ALL: [TokenMeaning; 9] =
        [Noise, Engine, Product, Versioned, Named, System, Unversioned, Device, Mark];
    ALL.get(usize::from(byte)).copied().unwrap_or(Noise)
}
