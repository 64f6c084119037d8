//! The Wycheproof vectors as calls of `known_answer`. They run on the native core
//! (tests/wycheproof.rs) and on the module that ships (`cargo xtask test wycheproof`).

use wycheproof::{TestResult, WycheproofError, aead, ecdsa, eddsa, hkdf, mac};

/// One call of a primitive, and its expected result.
pub struct Case {
    /// The name in reports, such as "hmac 12: comment of the vector".
    pub name: String,
    /// The primitive's name in `known_answer::compute_known_answer`.
    pub primitive: &'static str,
    pub parts: Vec<Vec<u8>>,
    pub expected: ExpectedOutput,
}

/// The expected result of a case, by the label of its vector.
///
/// | label | HMAC | all other sets |
/// |---|---|---|
/// | valid | the tag, or its beginning where the vector truncates it | the answer |
/// | invalid | another tag, because HMAC rejects no message | a rejection |
/// | acceptable | as invalid | a rejection |
///
/// No vector of these sets has the label "acceptable".
pub enum ExpectedOutput {
    Equal(Vec<u8>),
    Begin(Vec<u8>),
    Differ(Vec<u8>),
    Refusal,
}

/// For each primitive the number of cases with an answer, and of those with a rejection or another
/// tag. The numbers are those of the labels "valid" and "invalid", 988 vectors in total. Sealing
/// repeats the valid vectors and the nine with a wrong nonce. If a set loses, gains or relabels a
/// vector, the test fails.
const COUNTS: [(&str, usize, usize); 6] = [
    ("hmac", 66, 108),
    ("hkdf", 83, 3),
    ("ed25519-verify", 88, 63),
    ("p256-verify", 173, 89),
    ("xchacha20-poly1305-open", 246, 69),
    ("xchacha20-poly1305-seal", 246, 9),
];

/// Loads all vectors of the five sets, without exceptions.
pub fn vectors() -> Result<Vec<Case>, String> {
    let sets = [hmac(), hkdf(), ed25519(), p256(), xchacha20_poly1305()];
    let sets =
        sets.into_iter().collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())?;
    let cases: Vec<Case> = sets.into_iter().flatten().collect();
    for (primitive, answers, refusals) in COUNTS {
        let of_it = || cases.iter().filter(|case| case.primitive == primitive);
        let answered = of_it()
            .filter(|case| {
                matches!(case.expected, ExpectedOutput::Equal(_) | ExpectedOutput::Begin(_))
            })
            .count();
        let rejected = of_it().count() - answered;
        if (answered, rejected) != (answers, refusals) {
            return Err(format!(
                "{primitive}: {answered} answers and {rejected} refusals, not {answers} and {refusals}"
            ));
        }
    }
    Ok(cases)
}

/// A primitive, a description, the index of a part (0 for the key, 2 for the signature), and the
/// change of that part that makes a valid case invalid.
type Spoiled = (&'static str, &'static str, usize, fn(&[u8]) -> Vec<u8>);

/// Cases that the sets lack: malformed keys with a signature of the valid key, and valid values of
/// r and s in more than 32 bytes each.
const SPOILED: [Spoiled; 13] = [
    ("ed25519-verify", "no key", 0, |_| Vec::new()),
    ("ed25519-verify", "a key that lacks a byte", 0, |key| key[..31].to_vec()),
    ("ed25519-verify", "a key with a byte behind it", 0, |key| [key, &[0]].concat()),
    ("ed25519-verify", "a key that is not on the curve", 0, |_| [&[2][..], &[0; 31]].concat()),
    ("p256-verify", "no key", 0, |_| Vec::new()),
    ("p256-verify", "a key that lacks a byte", 0, |key| key[..64].to_vec()),
    ("p256-verify", "a key with a byte behind it", 0, |key| [key, &[0]].concat()),
    ("p256-verify", "a key in compressed form", 0, |key| {
        [&[2 + (key[64] & 1)], &key[1..33]].concat()
    }),
    ("p256-verify", "a key in hybrid form", 0, |key| [&[6 + (key[64] & 1)], &key[1..]].concat()),
    ("p256-verify", "a key that is not on the curve", 0, |key| {
        [&key[..64], &[key[64] ^ 1]].concat()
    }),
    ("p256-verify", "a signature with a byte behind it", 2, |rs| [rs, &[0]].concat()),
    ("p256-verify", "a signature with a byte before it", 2, |rs| [&[0], rs].concat()),
    ("p256-verify", "r and s of 33 bytes each", 2, |rs| {
        [&[0], &rs[..32], &[0], &rs[32..]].concat()
    }),
];

/// Derives malformed cases from valid ones. Each must be rejected.
pub fn malformed(vectors: &[Case]) -> Vec<Case> {
    let spoil = |(primitive, name, place, spoiled): &Spoiled| {
        let good = |case: &&Case| {
            case.primitive == *primitive && matches!(case.expected, ExpectedOutput::Equal(_))
        };
        let mut parts = vectors.iter().find(good)?.parts.clone();
        let part = parts.get_mut(*place)?;
        *part = spoiled(part);
        Some(Case {
            name: format!("{primitive}: {name}"),
            primitive,
            parts,
            expected: ExpectedOutput::Refusal,
        })
    };
    SPOILED.iter().filter_map(spoil).chain([neutral_key()]).collect()
}

/// Under the neutral point this signature is valid for every message (R is the base point, and s is
/// 1). Only strict verification rejects it.
fn neutral_key() -> Case {
    let one = [&[1][..], &[0; 31]].concat();
    let base_point = [&[0x58][..], &[0x66; 31]].concat();
    let parts = vec![one.clone(), b"anything".to_vec(), [base_point, one].concat()];
    let name = "ed25519-verify: a key of small order".to_owned();
    Case { name, primitive: "ed25519-verify", parts, expected: ExpectedOutput::Refusal }
}

fn hmac() -> Result<Vec<Case>, WycheproofError> {
    let set = mac::TestSet::load(mac::TestName::HmacSha256)?;
    let tests = set.test_groups.iter().flat_map(|group| &group.tests);
    let case = |test: &mac::Test| {
        let tag = test.tag.to_vec();
        let expected = match test.result {
            TestResult::Valid if tag.len() < 32 => ExpectedOutput::Begin(tag),
            TestResult::Valid => ExpectedOutput::Equal(tag),
            TestResult::Invalid | TestResult::Acceptable => ExpectedOutput::Differ(tag),
        };
        Case::new("hmac", test.tc_id, &test.comment, &[&test.key, &test.msg], expected)
    };
    Ok(tests.map(case).collect())
}

fn hkdf() -> Result<Vec<Case>, WycheproofError> {
    let set = hkdf::TestSet::load(hkdf::TestName::HkdfSha256)?;
    let tests = set.test_groups.iter().flat_map(|group| &group.tests);
    let case = |test: &hkdf::Test| {
        // A size above 65535 is tested as 65535, which is also too large for HKDF.
        let size = u16::try_from(test.size).unwrap_or(u16::MAX).to_be_bytes();
        let parts: [&[u8]; 4] = [&test.ikm, &test.salt, &test.info, &size];
        Case::new("hkdf", test.tc_id, &test.comment, &parts, labelled(test.result, &test.okm))
    };
    Ok(tests.map(case).collect())
}

fn ed25519() -> Result<Vec<Case>, WycheproofError> {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519)?;
    let tests = set
        .test_groups
        .iter()
        .flat_map(|group| group.tests.iter().map(move |test| (&group.key.pk, test)));
    let case = |(point, test): (&wycheproof::ByteString, &eddsa::Test)| {
        let parts: [&[u8]; 3] = [point, &test.msg, &test.sig];
        Case::new("ed25519-verify", test.tc_id, &test.comment, &parts, labelled(test.result, &[]))
    };
    Ok(tests.map(case).collect())
}

fn p256() -> Result<Vec<Case>, WycheproofError> {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363)?;
    let tests = set
        .test_groups
        .iter()
        .flat_map(|group| group.tests.iter().map(move |test| (&group.key.key, test)));
    let case = |(point, test): (&wycheproof::ByteString, &ecdsa::Test)| {
        let parts: [&[u8]; 3] = [point, &test.msg, &test.sig];
        Case::new("p256-verify", test.tc_id, &test.comment, &parts, labelled(test.result, &[]))
    };
    Ok(tests.map(case).collect())
}

fn xchacha20_poly1305() -> Result<Vec<Case>, WycheproofError> {
    let set = aead::TestSet::load(aead::TestName::XChaCha20Poly1305)?;
    let tests = set.test_groups.iter().flat_map(|group| &group.tests);
    Ok(tests.flat_map(|test| [Some(opened(test)), sealed(test)]).flatten().collect())
}

fn opened(test: &aead::Test) -> Case {
    let sealed = [test.ct.as_slice(), &test.tag].concat();
    let parts: [&[u8]; 4] = [&test.key, &test.nonce, &test.aad, &sealed];
    Case::new(
        "xchacha20-poly1305-open",
        test.tc_id,
        &test.comment,
        &parts,
        labelled(test.result, &test.pt),
    )
}

/// The sealing case of a vector. `None` where only the tag is wrong, because sealing takes no tag.
fn sealed(test: &aead::Test) -> Option<Case> {
    let expected = labelled(test.result, &[test.ct.as_slice(), &test.tag].concat());
    let asked = test.nonce.len() != 24 || matches!(expected, ExpectedOutput::Equal(_));
    let parts: [&[u8]; 4] = [&test.key, &test.nonce, &test.aad, &test.pt];
    asked.then(|| Case::new("xchacha20-poly1305-seal", test.tc_id, &test.comment, &parts, expected))
}

fn labelled(result: TestResult, answer: &[u8]) -> ExpectedOutput {
    match result {
        TestResult::Valid => ExpectedOutput::Equal(answer.to_vec()),
        TestResult::Invalid | TestResult::Acceptable => ExpectedOutput::Refusal,
    }
}

impl Case {
    fn new(
        primitive: &'static str,
        id: usize,
        comment: &str,
        parts: &[&[u8]],
        expected: ExpectedOutput,
    ) -> Self {
        let parts = parts.iter().map(|part| part.to_vec()).collect();
        Self { name: format!("{primitive} {id}: {comment}"), primitive, parts, expected }
    }
}
