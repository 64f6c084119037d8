//! The words that user agents are read by. A table is written as it reads best, and packed when the
//! crate is compiled: pointers to every word would take more room than the words.

use super::products::PRODUCTS;
use super::rare_products::RARE;
use super::systems::SYSTEMS;
use super::vocabulary::{TokenMeaning, TokenRow};

/// A name's length where the name is the word itself, and where it is the name of the row before:
/// below 128, as all the rows are one text.
const NAME_IS_WORD: u8 = 127;
const NAME_IS_PREVIOUS: u8 = 126;

/// The rows by their first two letters: the length of the word, that of the name, what it says, its
/// rank, the word, the name.
const PACKED: ([u8; PACKED_BYTES], [u16; BUCKETS + 1]) = pack::<PACKED_BYTES>().0;
const PACKED_BYTES: usize = pack::<8192>().1;
static PACKED_TEXT: &str = match std::str::from_utf8(&PACKED.0) {
    Ok(bytes) => bytes,
    Err(_) => panic!("the rows are text"),
};
static BUCKET_STARTS: [u16; BUCKETS + 1] = PACKED.1;

/// How many first letters there are, and how many groups of second ones. Rows of one letter alone
/// are walked through twice as slowly.
const LETTERS: usize = 27;
const GROUPS: usize = 4;
const BUCKETS: usize = LETTERS * GROUPS;

/// Where the words that begin so stand.
#[expect(clippy::arithmetic_side_effects, reason = "both letters are below 27")]
const fn bucket_of(first: u8, second: u8) -> usize {
    initial(first) * GROUPS + initial(second) * GROUPS / LETTERS
}

/// A letter's place in the alphabet, or what stands before it.
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

/// The rows in so many bytes, where those of a shelf start, and how many bytes it takes.
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

/// A row again.
pub struct TableRow {
    pub word: &'static str,
    pub name: &'static str,
    pub meaning: TokenMeaning,
    pub rank: u8,
}

/// Tells the rows whose words start with these two letters, in whatever case.
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
