//! Examples and test vectors of the RFCs, each with its section. Runs natively and on wasm32.

mod support;

use portcullis::formats::key_ring;
use portcullis::formats::known_answer::compute_known_answer;
use portcullis::formats::token::algorithm::{self, SigningKey, VerifyingKey};
use portcullis::formats::token::claims::ExpectedClaims;
use portcullis::formats::token::jwk::{self, KeyUse};
use portcullis::formats::token::jws::Verifier;
use portcullis::formats::token::key_import::KeyFormat;
use portcullis::foundation::base64url;
use portcullis::foundation::error::{ErrorCode, RejectionReason};
use portcullis::foundation::secret::Secret;
use support::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "{text}");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex"))
        .collect()
}

fn array<const N: usize>(text: &str) -> [u8; N] {
    hex(text).try_into().expect("the right length")
}

fn run(first: u8, last: u8) -> Vec<u8> {
    (first..=last).collect()
}

/// The keys of RFC 7515 A.1.1 and A.3.1, RFC 7520 3.5 and RFC 8037 A.2.
const HMAC: &str = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
const P256: &str = concat!(
    r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#,
    r#""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
);
const HOBBIT_HMAC: &str = concat!(
    r#"{"kty":"oct","kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037","use":"sig","#,
    r#""alg":"HS256","k":"hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"}"#,
);
const ED25519: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// The claims of RFC 7515 A.1 and A.3: `iss`, `exp` and a private claim, but no `aud`.
const JOE: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
/// The payload of RFC 7520 section 4: a sentence, which is not JSON.
const FRODO: &str = "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";

/// Verifies an example. The verifier expects the issuer and type of the examples, so a valid
/// signature leads to the stage that the table names.
fn said(key: &str, token: &str) -> Result<(), RejectionReason> {
    let key = token_key(None, KeyFormat::Jwk, key, KeyUse::Verify).expect("a key");
    let expected = ExpectedClaims {
        issuer: "joe".to_owned(),
        token_types: vec![Some("JWT".to_owned()), None],
        ..expected()
    };
    let verifier = Verifier::new(&[key], expected).expect("a verifier");
    verifier.verify(token, at(NOW), &mut Vec::new()).map(drop)
}

/// Changes the first character of a token's signature.
fn forged(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').expect("a signature");
    let (first, rest) = signature.split_at(1);
    format!("{message}.{}{rest}", if first == "A" { "B" } else { "A" })
}

#[test]
fn signed_examples_pass_the_signature_and_fail_behind_it() {
    // No example has an `aud`, and the payloads of the last three are not claims.
    let table = [
        (
            "RFC 7515 A.1, RFC 7519 3.1",
            HMAC,
            format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{JOE}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            RejectionReason::TokenClaimInvalid,
        ),
        (
            "RFC 7515 A.3",
            P256,
            format!(
                "eyJhbGciOiJFUzI1NiJ9.{JOE}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
            ),
            RejectionReason::TokenClaimInvalid,
        ),
        (
            "RFC 7520 4.4",
            HOBBIT_HMAC,
            format!("eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.{FRODO}.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0"),
            RejectionReason::TokenClaimsJson,
        ),
        (
            "RFC 7797 4.1",
            HMAC,
            "eyJhbGciOiJIUzI1NiJ9.JC4wMg.5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ".to_owned(),
            RejectionReason::TokenClaimsJson,
        ),
        (
            "RFC 8037 A.4",
            ED25519,
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg".to_owned(),
            RejectionReason::TokenClaimsJson,
        ),
    ];
    for (example, key, token, reason) in table {
        assert_eq!(said(key, &token), Err(reason), "{example}");
        assert_eq!(
            said(key, &forged(&token)),
            Err(RejectionReason::TokenSignature),
            "{example}, changed"
        );
    }
}

#[test]
fn examples_of_what_is_not_spoken_here_are_refused_at_their_stage() {
    let table = [
        (
            "RFC 7515 A.5, RFC 7519 6.1: none",
            HMAC,
            format!("eyJhbGciOiJub25lIn0.{JOE}."),
            RejectionReason::TokenAlgorithm,
        ),
        (
            "RFC 7520 4.1: RS256",
            HOBBIT_HMAC,
            format!("eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.{FRODO}.MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg"),
            RejectionReason::TokenAlgorithm,
        ),
        (
            "RFC 7520 4.2: PS384",
            HOBBIT_HMAC,
            format!("eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.{FRODO}.cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw"),
            RejectionReason::TokenAlgorithm,
        ),
        (
            "RFC 7520 4.3: ES512",
            HOBBIT_HMAC,
            format!("eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.{FRODO}.AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2"),
            RejectionReason::TokenAlgorithm,
        ),
        (
            "RFC 7520 4.5: a payload that travels apart",
            HOBBIT_HMAC,
            "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9..s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0".to_owned(),
            RejectionReason::TokenSignature,
        ),
        (
            "RFC 7520 4.7: a JWS in JSON",
            HOBBIT_HMAC,
            format!(
                "{{\"payload\":\"{FRODO}\",\
                 \"header\":{{\"alg\":\"HS256\",\
                 \"kid\":\"018c0ae5-4d9b-471b-bfd6-eef314bc7037\"}},\
                 \"signature\":\"xuLifqLGiblpv9zBpuZczWhNj1gARaLV3UxvxhJxZuk\"}}"
            ),
            RejectionReason::TokenMalformed,
        ),
        (
            "RFC 7797 4.2: a payload that is not encoded, and travels apart",
            HMAC,
            "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY"
                .to_owned(),
            RejectionReason::TokenHeader,
        ),
        (
            "RFC 7797 4.2: the same payload in its place, where its dot makes four segments",
            HMAC,
            "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19.$.02.A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY"
                .to_owned(),
            RejectionReason::TokenMalformed,
        ),
    ];
    for (example, key, token, reason) in table {
        assert_eq!(said(key, &token), Err(reason), "{example}");
    }
    // The keys of RFC 7520 4.1 to 4.3, from 3.1 and the beginning of 3.3.
    for key in [
        r#"{"kty":"EC","kid":"bilbo.baggins@hobbiton.example","use":"sig","crv":"P-521","x":"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt","y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1"}"#,
        concat!(
            r#"{"kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","#,
            r#""n":"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPE","e":"AQAB"}"#,
        ),
    ] {
        let rejected =
            token_key(None, KeyFormat::Jwk, key, KeyUse::Verify).map(drop).expect_err(key);
        assert_eq!(rejected.code(), ErrorCode::Config, "{key}");
    }
}

/// The examples of RFC 7515 appendix C and RFC 8037 A.3.
#[test]
fn base64url_and_thumbprints_are_those_of_the_rfcs() {
    assert_eq!(base64url::encode(&[3, 236, 255, 224, 193]), "A-z_4ME");
    assert_eq!(base64url::encode_public(&[3, 236, 255, 224, 193]), "A-z_4ME");
    for decode in [base64url::decode, base64url::decode_public] {
        assert_eq!(decode("A-z_4ME"), Some(vec![3, 236, 255, 224, 193]));
    }
    let key = token_key(None, KeyFormat::Jwk, ED25519, KeyUse::Verify).expect("a key");
    assert_eq!(
        jwk::thumbprint(&key.material).as_deref(),
        Ok("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    );
}

/// Tests 1 to 3 of RFC 8032 section 7.1, and RFC 8037 A.4, which uses the key of test 1.
#[test]
fn ed25519_makes_and_accepts_the_signatures_of_the_rfcs() {
    let first = (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    );
    let text = hex(concat!(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b",
        "d25bf5f0595bbe24655141438e7a100b"
    ));
    let jose = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let table = [
        (first, Vec::new(), base64url::encode(&text)),
        (
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            ),
            hex("72"),
            base64url::encode(&hex(concat!(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c",
                "387b2eaeb4302aeeb00d291612bb0c00"
            ))),
        ),
        (
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            ),
            hex("af82"),
            base64url::encode(&hex(concat!(
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659",
                "4a7c15e9716ed28dc027beceea1ec40a"
            ))),
        ),
        (
            first,
            jose.as_bytes().to_vec(),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg".to_owned(),
        ),
    ];
    for ((seed, point), message, signature) in table {
        let seed = Secret::new(array(seed));
        assert_eq!(algorithm::ed25519_point(&seed), array(point), "{point}");
        assert_eq!(SigningKey::ed25519(&seed).sign(&message), Ok(signature.clone()), "{point}");
        let verifying_key = VerifyingKey::ed25519(&array(point)).expect("a point");
        assert!(verifying_key.verify_text(&message, &signature), "{point}");
        assert!(!verifying_key.verify_text(&[&message[..], &[0]].concat(), &signature), "{point}");
    }
}

/// RFC 6979 A.2.5 with SHA-256. The nonce is not random, so r and s are determined.
#[test]
fn es256_makes_the_signatures_of_rfc_6979() {
    let scalar =
        Secret::new(array("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"));
    let point: [u8; 65] = array(concat!(
        "04",
        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
    ));
    assert_eq!(algorithm::p256_point(&scalar), Some(point));
    let signing_key = SigningKey::p256(&scalar).expect("a scalar");
    let verifying_key = VerifyingKey::p256(&point).expect("a point");
    for (message, signature) in [
        (
            "sample",
            concat!(
                "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
                "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
            ),
        ),
        (
            "test",
            concat!(
                "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
                "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"
            ),
        ),
    ] {
        let signature = base64url::encode(&hex(signature));
        assert_eq!(signing_key.sign(message.as_bytes()), Ok(signature.clone()), "{message}");
        assert!(verifying_key.verify_text(message.as_bytes(), &signature), "{message}");
        assert!(!verifying_key.verify_text(b"another", &signature), "{message}");
    }
}

/// RFC 4231 sections 4.2 to 4.8. Case 5 truncates the tag to 128 bits, so verification rejects it.
#[test]
fn hmac_sha_256_makes_the_tags_of_rfc_4231() {
    let table = [
        (
            vec![0x0b; 20],
            b"Hi There".to_vec(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            vec![0xaa; 20],
            vec![0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            run(1, 25),
            vec![0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (vec![0x0c; 20], b"Test With Truncation".to_vec(), "a3b6167473100ee06e0c796c2955552b"),
        (
            vec![0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            vec![0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size \
              data. The key needs to be hashed before being used by the HMAC algorithm."
                .to_vec(),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ];
    for (key, message, tag) in table {
        let made = SigningKey::hmac(&key).expect("a key").sign(&message).expect("a tag");
        assert!(base64url::decode(&made).expect("base64url").starts_with(&hex(tag)), "{tag}");
        let verifying_key = VerifyingKey::hmac(&key).expect("a key");
        assert!(verifying_key.verify_text(&message, &made), "{tag}");
        assert_eq!(
            verifying_key.verify_text(&message, &base64url::encode(&hex(tag))),
            tag.len() == 64,
            "{tag}"
        );
    }
}

/// The three test cases of RFC 5869 A.1 to A.3.
#[test]
fn hkdf_derives_the_keys_of_rfc_5869() {
    let table = [
        (
            vec![0x0b; 22],
            run(0x00, 0x0c),
            run(0xf0, 0xf9),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            run(0x00, 0x4f),
            run(0x60, 0xaf),
            run(0xb0, 0xff),
            concat!(
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09",
                "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
            ),
        ),
        (
            vec![0x0b; 22],
            Vec::new(),
            Vec::new(),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ];
    for (secret, salt, info, expected) in table {
        let mut key = vec![0; expected.len() / 2];
        key_ring::hkdf(&secret, &salt, &info, &mut key).expect("a key");
        assert_eq!(key, hex(expected));
    }
}

/// The example of draft-irtf-cfrg-xchacha-03 A.3.1.
#[test]
fn xchacha20_poly1305_seals_the_sunscreen_of_the_draft() {
    let (key, nonce, aad) = (run(0x80, 0x9f), run(0x40, 0x57), hex("50515253c0c1c2c3c4c5c6c7"));
    let plain = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for \
                  the future, sunscreen would be it.";
    let sealed = hex(concat!(
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39",
        "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9",
        "21f9664c97637da9768812f615c68b13b52e",
        "c0875924c1c7987947deafd8780acf49"
    ));
    let said = |what: &str, text: &[u8]| compute_known_answer(what, &[&key, &nonce, &aad, text]);
    assert_eq!(said("xchacha20-poly1305-seal", plain), Ok(Some(sealed.clone())));
    assert_eq!(said("xchacha20-poly1305-open", &sealed), Ok(Some(plain.to_vec())));
    for length in 0..sealed.len() {
        assert_eq!(said("xchacha20-poly1305-open", &sealed[..length]), Ok(None), "cut to {length}");
    }
}
