//! Scores have the same bits natively and in Wasm: the digest of 100,000 random assessments is one
//! constant for both. A change of the scoring changes the constant, and the failing test prints the
//! new one.

use crate::scored::random::{Rng, Situation, digest, request_context};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SEED: u64 = 1;
const ASSESSMENTS: u64 = 100_000;
const DIGEST: u64 = 0xad89_6835_4409_0413;

#[test]
fn the_same_bits_natively_and_in_wasm() {
    let digest = digest(SEED, ASSESSMENTS);
    assert_eq!(digest, DIGEST, "the new one is {digest:#018x}");
}

#[test]
fn another_seed_has_another_digest() {
    assert_ne!(digest(SEED, 1_600), digest(SEED + 1, 1_600));
}

/// A digest changes with the last bit of a single number.
#[test]
fn the_digest_sees_the_last_bit() {
    let mut random = Rng(SEED);
    let situation = Situation::from_seed(&mut random, 8);
    let assessment = situation.assess(&request_context(&mut random));
    let mut other = assessment.clone();
    other.evidence = f64::from_bits(other.evidence.to_bits() ^ 1);
    let [one, other] = [assessment, other].map(|one| crate::scored::random::digest_of(&one));
    assert_ne!(one, other);
}
