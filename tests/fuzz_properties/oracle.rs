//! Independent implementations of two rules: why a strict parser rejects a text that serde_json
//! accepts, and the value of a number in thousandths.

use std::collections::BTreeSet;

/// The cause for which a strict parser rejects a text that serde_json accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectionCause {
    /// One object has two members with the same name, perhaps written with escapes.
    Duplicate,
    /// Arrays and objects are nested more than 64 deep.
    TooDeep,
    /// A number has more than 308 digits before its point, including its exponent.
    TooLarge,
}

/// Finds the first cause in a text that serde_json accepts.
pub fn rejection_cause(text: &str) -> Option<RejectionCause> {
    let mut open: Vec<BTreeSet<String>> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let length = token_length(rest);
        let (token, after) = rest.split_at(length);
        match first {
            b'{' | b'[' => open.push(BTreeSet::new()),
            b'}' | b']' => drop(open.pop()),
            b'"' if after.trim_start().starts_with(':') => {
                let name: String =
                    serde_json::from_str(token).expect("a string that serde_json accepted");
                if !open.last_mut().expect("an open object").insert(name) {
                    return Some(RejectionCause::Duplicate);
                }
            }
            b'-' | b'0'..=b'9' if is_large(token) => return Some(RejectionCause::TooLarge),
            _ => (),
        }
        if open.len() > 64 {
            return Some(RejectionCause::TooDeep);
        }
        rest = after;
    }
    None
}

/// The depth of nested arrays and objects in a valid text.
pub fn depth(text: &str) -> usize {
    let (mut open, mut deepest, mut rest) = (0usize, 0, text);
    while !rest.is_empty() {
        match rest.as_bytes()[0] {
            b'{' | b'[' => open += 1,
            b'}' | b']' => open -= 1,
            _ => (),
        }
        deepest = deepest.max(open);
        rest = &rest[token_length(rest)..];
    }
    deepest
}

/// The length of the first token: a string, a number or any other single character.
fn token_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes[0] {
        b'"' => {
            let mut at = 1;
            while bytes[at] != b'"' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            at + 1
        }
        b'-' | b'0'..=b'9' => {
            bytes.iter().position(|byte| !b"+-.0123456789Ee".contains(byte)).unwrap_or(bytes.len())
        }
        _ => text.chars().next().map_or(1, char::len_utf8),
    }
}

/// Whether a number is too large by its digits and exponent. The value does not matter, so `0e400`
/// is too large.
fn is_large(number: &str) -> bool {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let whole = mantissa.trim_start_matches('-').split('.').next().unwrap_or_default();
    // An exponent of any length can be parsed as a double.
    whole.len() as f64 + exponent.parse::<f64>().expect("digits") > 308.0
}

/// Converts a decimal number to thousandths by moving its point. Finer digits are truncated, and
/// larger values become `u64::MAX`.
pub fn thousandths(number: &str) -> Option<u64> {
    if number.starts_with('-') {
        return None;
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    // No text here has a million digits, so larger exponents give the same result.
    let exponent = exponent.parse::<f64>().expect("digits").clamp(-1e6, 1e6) as i64;
    let point = usize::try_from(whole.len() as i64 + exponent + 3).unwrap_or(0);
    let moved: String = digits.chars().chain(std::iter::repeat('0')).take(point).collect();
    match moved.trim_start_matches('0') {
        "" => Some(0),
        number if number.len() > 20 => Some(u64::MAX),
        number => Some(number.parse::<u128>().expect("20 digits").min(u128::from(u64::MAX)) as u64),
    }
}
