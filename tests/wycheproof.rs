//! The Wycheproof vectors on the primitives. `cargo xtask test wycheproof` runs them on the module
//! that ships.
#![cfg(not(target_arch = "wasm32"))]

#[path = "wycheproof/cases.rs"]
mod cases;

use cases::{Case, ExpectedOutput};
use portcullis::formats::known_answer::compute_known_answer;

#[test]
fn hmac_tags_are_those_of_the_valid_vectors_and_of_no_invalid_one() {
    assert_answers("hmac");
}

#[test]
fn hkdf_derives_the_keys_of_the_vectors_and_none_beyond_its_limit() {
    assert_answers("hkdf");
}

#[test]
fn ed25519_accepts_every_valid_signature_and_no_invalid_one() {
    assert_answers("ed25519-verify");
}

#[test]
fn p256_accepts_every_valid_signature_and_no_invalid_one() {
    assert_answers("p256-verify");
}

#[test]
fn xchacha20_poly1305_opens_what_is_whole_and_nothing_else() {
    assert_answers("xchacha20-poly1305-open");
}

#[test]
fn xchacha20_poly1305_seals_as_the_vectors_do() {
    assert_answers("xchacha20-poly1305-seal");
}

#[test]
fn malformed_keys_and_signatures_are_refused() {
    let cases = cases::malformed(&cases::vectors().expect("the vectors"));
    assert_eq!(cases.len(), 14);
    assert_eq!(wrong(&cases), Vec::<&str>::new());
}

fn assert_answers(primitive: &str) {
    let mut cases = cases::vectors().expect("the vectors");
    cases.retain(|case| case.primitive == primitive);
    assert_eq!(wrong(&cases), Vec::<&str>::new());
}

fn wrong(cases: &[Case]) -> Vec<&str> {
    cases.iter().filter(|case| !is_right(case)).map(|case| case.name.as_str()).collect()
}

fn is_right(case: &Case) -> bool {
    let parts: Vec<&[u8]> = case.parts.iter().map(Vec::as_slice).collect();
    let answer = compute_known_answer(case.primitive, &parts).expect("a primitive and its parts");
    match (&case.expected, answer) {
        (ExpectedOutput::Equal(bytes), Some(answer)) => answer == *bytes,
        (ExpectedOutput::Begin(bytes), Some(answer)) => answer.starts_with(bytes),
        (ExpectedOutput::Differ(bytes), Some(answer)) => !answer.starts_with(bytes),
        (ExpectedOutput::Refusal, answer) => answer.is_none(),
        (_, None) => false,
    }
}
