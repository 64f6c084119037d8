//! The properties of keys: no input makes a parser panic, and a parsed key is the same key in every
//! encoding.

use portcullis::formats::token::der;
use portcullis::formats::token::jwk::{self, KeyUse};
use portcullis::formats::token::key_material::KeyMaterial;
use serde_json::Value;

/// The content of the AlgorithmIdentifier of each type of key.
const ED25519: &[u8] = b"\x06\x03\x2b\x65\x70";
const P256: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P256_CURVE: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";

/// The shortest DER encoding of a key, by which two keys are compared. For an HMAC key, which has
/// no DER encoding, it is the secret.
pub fn spelled(material: &KeyMaterial) -> Vec<u8> {
    match material {
        KeyMaterial::Subkey(secret) => secret.expose().to_vec(),
        KeyMaterial::Hmac(secret) => secret.to_vec(),
        _ => value(0x30, &spellings(material).swap_remove(0).concat()),
    }
}

/// Every encoding of a key: the parts before and after its optional attributes.
fn spellings(material: &KeyMaterial) -> Vec<[Vec<u8>; 2]> {
    let point = |point: &[u8]| [&[0], point].concat();
    let public =
        |name, at: &[u8]| vec![[[value(0x30, name), value(3, &point(at))].concat(), Vec::new()]];
    match material {
        KeyMaterial::Ed25519Public(at) => public(ED25519, at),
        KeyMaterial::P256Public(at) => public(P256, at),
        KeyMaterial::Ed25519Private(seed) => {
            let Ok(KeyMaterial::Ed25519Public(at)) = material.public_half() else {
                panic!("a public half")
            };
            private(ED25519, &[value(4, seed.expose())], &value(0x81, &point(&at)))
        }
        KeyMaterial::P256Private(scalar) => {
            let Ok(KeyMaterial::P256Public(at)) = material.public_half() else {
                panic!("a public half")
            };
            let head = [value(2, &[1]), value(4, scalar.expose())].concat();
            let (curve, half) = (value(0xa0, P256_CURVE), value(0xa1, &value(3, &point(&at))));
            let keys = [vec![], curve.clone(), half.clone(), [curve, half].concat()];
            private(
                P256,
                &keys.map(|more| value(0x30, &[&head[..], &more].concat())),
                &value(0x81, &point(&at)),
            )
        }
        _ => Vec::new(),
    }
}

fn private(name: &[u8], keys: &[Vec<u8>], half: &[u8]) -> Vec<[Vec<u8>; 2]> {
    let fronts = keys.iter().flat_map(|key| {
        [0, 1].map(|version| [value(2, &[version]), value(0x30, name), value(4, key)].concat())
    });
    fronts.flat_map(|front| [[front.clone(), Vec::new()], [front, half.to_vec()]]).collect()
}

/// Encodes a DER value with the shortest length (X.690 section 10.1).
pub fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let [.., high, low] = content.len().to_be_bytes();
    let length = match (high, low) {
        (0, 0..=0x7f) => vec![low],
        (0, _) => vec![0x81, low],
        _ => vec![0x82, high, low],
    };
    [&[tag][..], &length, content].concat()
}

/// The content of a DER value that has this tag and no bytes after it.
fn content(tag: u8, der: &[u8]) -> Option<&[u8]> {
    (2..=4).filter_map(|head| der.get(head..)).find(|content| value(tag, content) == der)
}

/// A parsed JSON Web Key is written with the same members, and is the same key when parsed again.
pub fn jwk(bytes: &[u8]) {
    for wanted in [KeyUse::Verify, KeyUse::Sign] {
        let Ok((id, material)) = jwk::parse(bytes, wanted) else { continue };
        assert!(wanted == KeyUse::Sign || !material.is_private(), "a private key to check with");
        let (before, id) = (spelled(&material), id.unwrap_or("k".to_owned()));
        a_private_key_belongs_to_its_half(&material);
        let written = match material {
            KeyMaterial::Ed25519Public(_) | KeyMaterial::P256Public(_) => {
                jwk::write_public(&material, Some(&id)).expect("a public key")
            }
            _ => jwk::write_private(material, &id).expect("a private key").expose().to_owned(),
        };
        let (id_again, again) = jwk::parse(written.as_bytes(), wanted).expect(&written);
        assert_eq!((id_again, spelled(&again)), (Some(id), before), "{written}");
        says_the_same(bytes, &written);
        assert!(
            wanted == KeyUse::Sign || is_public(bytes),
            "a private member in a key to check with"
        );
    }
}

/// Whether a JSON Web Key has no private member. Both sides share the secret of an HMAC key.
fn is_public(given: &[u8]) -> bool {
    let given: Value = serde_json::from_slice(given).expect("serde_json reads what we read");
    let mut private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
        .iter()
        .filter(|name| given.get(name).is_some());
    private.all(|name| *name == "k" && given["kty"] == "oct")
}

fn says_the_same(given: &[u8], written: &str) {
    let given: Value = serde_json::from_slice(given).expect("serde_json reads what we read");
    let written: Value = serde_json::from_str(written).expect("serde_json reads what we write");
    for name in ["kty", "crv", "x", "y", "k", "d"] {
        assert!(
            written.get(name).is_none_or(|value| given.get(name) == Some(value)),
            "{name}: {given} {written}"
        );
    }
    // These members are optional, and the algorithm Ed25519 has two names.
    for name in ["alg", "use", "kid"] {
        let said = given.get(name).filter(|said| *said != "Ed25519");
        assert!(
            said.is_none_or(|said| written.get(name) == Some(said)),
            "{name}: {given} {written}"
        );
    }
}

/// A parsed PEM is one block of base64, and its DER gives the same key.
pub fn pem(bytes: &[u8]) {
    let Ok(material) = der::read_pem(bytes) else { return };
    let text = std::str::from_utf8(bytes).expect("a PEM is a text");
    let body = text.split("-----").nth(2).expect("a body between two labels");
    let dense: String = body.split_ascii_whitespace().collect();
    // The parser accepts any white space at both ends, as copying may add it.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    assert!(dense.trim().bytes().all(plain), "{text}");
    let inside = portcullis::foundation::base64url::decode_any_base64(&dense).expect("base64");
    let again = der::read_der(&inside).expect("the DER inside");
    assert_eq!(spelled(&again), spelled(&material));
    der(&inside);
}

/// A key parsed from DER has one of the known encodings, is the same key when parsed again, and
/// signs.
pub fn der(bytes: &[u8]) {
    let Ok(material) = der::read_der(bytes) else { return };
    let again = spelled(&material);
    assert_eq!(spelled(&der::read_der(&again).expect("our own DER")), again);
    let inside = content(0x30, bytes).expect("one sequence, and its length in one spelling");
    let is_spelled = |[front, behind]: &[Vec<u8>; 2]| {
        let attributes =
            inside.strip_prefix(&front[..]).and_then(|rest| rest.strip_suffix(&behind[..]));
        attributes.is_some_and(|some| {
            some.is_empty() || (material.is_private() && content(0xa0, some).is_some())
        })
    };
    assert!(spellings(&material).iter().any(is_spelled), "another spelling: {bytes:02x?}");
    a_private_key_belongs_to_its_half(&material);
}

fn a_private_key_belongs_to_its_half(material: &KeyMaterial) {
    if material.is_private() {
        let signature =
            material.signing_key().and_then(|key| key.sign(b"message")).expect("a signature");
        let verifying_key =
            material.public_half().and_then(|half| half.verifying_key()).expect("a public half");
        assert!(
            verifying_key.verify_text(b"message", &signature)
                && !verifying_key.verify_text(b"another", &signature)
        );
    }
}
