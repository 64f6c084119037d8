//! Derives inputs from seeds. The same number always gives the same input.
#![allow(
    clippy::ptr_arg,
    reason = "the changes stand in one table, and most of them change the length"
)]

use super::dictionary::{NUMBERS, WORDS};
use super::keys::value;
use super::support::rng::Rng;
use portcullis::foundation::base64url;
use std::ops::Range;

/// The largest input. It exceeds the limits of a token (8192 bytes) and a Cookie header (16384).
const MAX_INPUT_BYTES: usize = 18_000;

type Mutation = fn(&mut Rng, &mut Vec<u8>, &[Vec<u8>]);

/// The mutations, each with the same probability.
const MUTATIONS: [Mutation; 14] = [
    flip_a_bit,
    flip_a_bit,
    another_byte,
    insert_a_word,
    insert_a_word,
    overwrite_with_a_word,
    remove_a_piece,
    repeat_a_piece,
    insert_a_piece_of_another,
    end_like_another,
    another_number,
    a_longer_length,
    another_structure,
    change_inside_base64,
];

/// Derives the input with this number from the seeds.
pub fn mutate(number: u64, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut rng = Rng(number);
    let mut bytes = rng.pick(seeds).clone();
    for _ in 0..=rng.index(5) {
        rng.pick(&MUTATIONS)(&mut rng, &mut bytes, seeds);
        bytes.truncate(MAX_INPUT_BYTES);
    }
    bytes
}

impl Rng {
    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }

    /// Picks a random position. Half of the positions follow a delimiter, where an inserted word
    /// has a meaning.
    fn place(&mut self, bytes: &[u8]) -> usize {
        let seams = |&at: &usize| b"{[,:;.\"".contains(&bytes[at - 1]);
        let seams: Vec<usize> = (1..=bytes.len()).filter(seams).collect();
        if seams.is_empty() || self.index(2) == 0 {
            self.index(bytes.len() + 1)
        } else {
            *self.pick(&seams)
        }
    }

    /// Picks a range within `length`. Short ranges are more probable.
    fn piece(&mut self, length: usize) -> Range<usize> {
        let start = self.index(length + 1);
        let most = 1 << self.index(10);
        start..start + self.index(most + 1).min(length - start)
    }
}

fn flip_a_bit(rng: &mut Rng, bytes: &mut Vec<u8>, _: &[Vec<u8>]) {
    let at = rng.index(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << rng.index(8);
    }
}

fn another_byte(rng: &mut Rng, bytes: &mut Vec<u8>, _: &[Vec<u8>]) {
    let at = rng.index(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte = *rng
            .pick(b"\0\x01\x1f \x7f\x80\xff\"\\{}[]:,.=-_+/AZaz09;\t\n\r0\x30\x81\x82\x02\x03\x04");
    }
}

fn insert_a_word(rng: &mut Rng, bytes: &mut Vec<u8>, _: &[Vec<u8>]) {
    let at = rng.place(bytes);
    bytes.splice(at..at, rng.pick(WORDS).bytes());
}

fn overwrite_with_a_word(rng: &mut Rng, bytes: &mut Vec<u8>, _: &[Vec<u8>]) {
    let piece = rng.piece(bytes.len());
    bytes.splice(piece, rng.pick(WORDS).bytes());
}

fn remove_a_piece(rng: &mut Rng, bytes: &mut Vec<u8>, _: &[Vec<u8>]) {
    let piece = rng.piece(bytes.len());
    bytes.drain(piece);
}

/// Repeats a piece, occasionally very often, which reaches the limits of depth and length.
fn repeat_a_piece(rng: &mut Rng, bytes: &mut Vec<u8>, _: &[Vec<u8>]) {
    let piece = rng.piece(bytes.len());
    let most = [2, 2, 4, 100, 2000][rng.index(5)];
    let times = rng.index(most).min(MAX_INPUT_BYTES / piece.len().max(1));
    let copies = bytes[piece.clone()].repeat(times);
    bytes.splice(piece.end..piece.end, copies);
}

fn insert_a_piece_of_another(rng: &mut Rng, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    let other = rng.pick(seeds);
    let (piece, at) = (rng.piece(other.len()), rng.place(bytes));
    bytes.splice(at..at, other[piece].iter().copied());
}

fn end_like_another(rng: &mut Rng, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    let other = rng.pick(seeds);
    bytes.truncate(rng.index(bytes.len() + 1));
    bytes.extend_from_slice(&other[rng.index(other.len() + 1)..]);
}

fn another_number(rng: &mut Rng, bytes: &mut Vec<u8>, _: &[Vec<u8>]) {
    let runs = runs(bytes, u8::is_ascii_digit, 1);
    if !runs.is_empty() {
        let run = rng.pick(&runs).clone();
        bytes.splice(run, rng.pick(NUMBERS).bytes());
    }
}

/// Replaces a DER length with another encoding of the same length.
fn a_longer_length(rng: &mut Rng, bytes: &mut Vec<u8>, _: &[Vec<u8>]) {
    let tags = runs(bytes, |byte| b"\x02\x03\x04\x06\x30\x81\xa0\xa1".contains(byte), 1);
    if tags.is_empty() {
        return;
    }
    let at = rng.pick(&tags).end;
    if let Some(length) = bytes.get(at).copied() {
        let spelling = *rng.pick::<&[u8]>(&[&[0x81], &[0x82, 0], &[0x83, 0, 0], &[0x80]]);
        bytes.splice(at..=at, [spelling, &[length]].concat());
    }
}

/// Adds, removes or repeats a DER value, and corrects the lengths around it.
fn another_structure(rng: &mut Rng, bytes: &mut Vec<u8>, _: &[Vec<u8>]) {
    if let Some(changed) = restructured(rng, bytes) {
        *bytes = changed;
    }
}

/// Changes one value of a DER text. `None` if the text is not DER, or has a value of more than 255
/// bytes.
fn restructured(rng: &mut Rng, der: &[u8]) -> Option<Vec<u8>> {
    let (mut values, mut rest) = (Vec::new(), der);
    while let [tag, length @ 0..=0x7f, more @ ..] | [tag, 0x81, length, more @ ..] = rest {
        let (content, after) = more.split_at_checked(usize::from(*length))?;
        values.push((*tag, content.to_vec()));
        rest = after;
    }
    let which = rng.index(values.len());
    let (_, content) = values.get_mut(which).filter(|_| rest.is_empty())?;
    match restructured(rng, content).filter(|_| rng.index(4) > 0) {
        Some(changed) => *content = changed,
        None => match rng.index(3) {
            0 => values.insert(
                which,
                rng.pick(&[(5, vec![]), (2, vec![1]), (0xa0, vec![]), (4, vec![0])]).clone(),
            ),
            1 => values.push(values[which].clone()),
            _ => drop(values.remove(which)),
        },
    }
    Some(values.iter().flat_map(|(tag, content)| value(*tag, content)).collect())
}

/// Changes the bytes within base64, as in the segments of tokens, the members of JSON Web Keys and
/// the lines of PEM, and encodes them again.
fn change_inside_base64(rng: &mut Rng, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    let runs = runs(bytes, |byte| byte.is_ascii_alphanumeric() || b"-_+/".contains(byte), 12);
    if runs.is_empty() {
        return;
    }
    let run = rng.pick(&runs).clone();
    let text = String::from_utf8_lossy(&bytes[run.clone()]).into_owned();
    let Some(mut inside) = base64url::decode_any_base64(&text) else { return };
    // The last mutation is this one, and base64 within base64 is of no use.
    let (_, others) = MUTATIONS.split_last().expect("changes");
    rng.pick(others)(rng, &mut inside, seeds);
    let mut again = base64url::encode(&inside);
    if text.contains(['+', '/']) {
        again = again.replace('-', "+").replace('_', "/");
    }
    bytes.splice(run, again.into_bytes());
}

/// Finds the ranges with at least `least` consecutive bytes that match `is_one`.
fn runs(bytes: &[u8], is_one: fn(&u8) -> bool, least: usize) -> Vec<Range<usize>> {
    let mut start = 0;
    let lengths = bytes
        .chunk_by(|one, next| is_one(one) == is_one(next))
        .map(|run| (run.len(), is_one(&run[0])));
    let all = lengths.map(|(length, wanted)| {
        start += length;
        (start - length..start, wanted)
    });
    all.filter(|(run, wanted)| *wanted && run.len() >= least).map(|(run, _)| run).collect()
}
