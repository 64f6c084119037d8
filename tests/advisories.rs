//! Published vulnerabilities of other libraries, one test for each advisory and named after it.
//! Runs natively and on wasm32.
//!
//! The advisories that concern JavaScript are in tests/suite/cases/advisories.mjs.

mod support;

use portcullis::formats::key_ring::{RingKey, RingKeyInput};
use portcullis::formats::seal::{self, SealPurpose, UnsealError};
use portcullis::formats::secret_input::SecretInput;
use portcullis::formats::token::algorithm::SigningKey;
use portcullis::formats::token::claims::ExpectedClaims;
use portcullis::formats::token::jwk::KeyUse;
use portcullis::formats::token::jws::Verifier;
use portcullis::formats::token::key_import::{KeyFormat, TokenKey, TokenKeyInput};
use portcullis::foundation::base64url;
use portcullis::foundation::error::{ErrorCode, RejectionReason};
use support::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const S: u64 = NOW / 1000;

const ED25519_PRIVATE: &str = include_str!("keys/ed25519-private.pem");
const ED25519_PUBLIC: &str = include_str!("keys/ed25519-public.pem");
const P256_PRIVATE: &str = include_str!("keys/p256-private.pem");
const P256_PUBLIC: &str = include_str!("keys/p256-public.pem");
const RSA_PUBLIC: &str = include_str!("keys/rsa-public.pem");

/// RFC 8037 A.1 and RFC 7515 A.3.1: published key pairs, and the public half of another.
const ED25519_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const ED25519_D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const OTHER_X: &str = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw";
const P256_JWK: &str = concat!(
    r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#,
    r#""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#,
);

fn claims() -> String {
    format!(r#"{{"iss":"i","aud":"a","sub":"user-1","exp":{}}}"#, S + 60)
}

fn header(alg: &str, more: &str) -> String {
    format!(r#"{{"typ":"JWT","alg":"{alg}","kid":"k1"{more}}}"#)
}

fn message(header: &str, claims: &str) -> String {
    format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(claims.as_bytes()))
}

fn signed(header: &str, claims: &str, key: &SigningKey) -> String {
    let message = message(header, claims);
    format!("{message}.{}", key.sign(message.as_bytes()).expect("signed"))
}

/// Computes an HMAC with any bytes as the key, including bytes that are no valid key.
fn macced(header: &str, claims: &str, key: &[u8]) -> String {
    signed(header, claims, &SigningKey::hmac(key).expect("HMAC takes any key"))
}

fn said_to(
    expected: ExpectedClaims,
    keys: &[TokenKey],
    token: &str,
) -> Result<(), RejectionReason> {
    let verifier = Verifier::new(keys, expected).expect("a verifier");
    verifier.verify(token, at(NOW), &mut Vec::new()).map(drop)
}

fn said(keys: &[TokenKey], token: &str) -> Result<(), RejectionReason> {
    said_to(expected(), keys, token)
}

/// A signing key, and its verification key.
type Pair = (SigningKey, [TokenKey; 1]);

/// The shared secret of these tests.
fn shared() -> Pair {
    (SigningKey::hmac(&bytes(1, 32)).expect("a key"), [hmac_key("k1", 1)])
}

fn pair(private: &str, public: &str) -> Pair {
    let private =
        token_key(Some("k1"), KeyFormat::Pem, private, KeyUse::Sign).expect("a private key");
    let public =
        token_key(Some("k1"), KeyFormat::Pem, public, KeyUse::Verify).expect("a public key");
    (private.material.signing_key().expect("it signs"), [public])
}

/// One key pair of each algorithm, with the public half as PEM.
fn pairs() -> [(&'static str, &'static str, Pair); 2] {
    [
        ("EdDSA", ED25519_PUBLIC, pair(ED25519_PRIVATE, ED25519_PUBLIC)),
        ("ES256", P256_PUBLIC, pair(P256_PRIVATE, P256_PUBLIC)),
    ]
}

fn body(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64url::decode_any_base64(&body).expect("base64")
}

/// Every encoding of a public key that some library has accepted as an HMAC secret.
fn spellings(pem: &str) -> Vec<Vec<u8>> {
    let der = body(pem);
    let point = der[der.len() - 32..].to_vec();
    let texts = [
        pem.to_owned(),
        pem.trim().to_owned(),
        pem.replace('\n', "\r\n"),
        format!("\n{pem}"),
        base64url::encode(&der),
        base64url::encode(&point),
        format!("ssh-ed25519 {} user@host", base64url::encode(&point)),
    ];
    texts.into_iter().map(String::into_bytes).chain([der, point]).collect()
}

/// Tokens whose HMAC uses the public key in each encoding. The key's type selects the algorithm, so
/// that no HMAC is ever computed.
fn refuses_macs_with_public_keys() {
    for (_, pem, (_, keys)) in pairs() {
        for secret in spellings(pem) {
            assert_eq!(
                said(&keys, &macced(&header("HS256", ""), &claims(), &secret)),
                Err(RejectionReason::TokenAlgorithm)
            );
            let nameless = macced(r#"{"typ":"JWT","alg":"HS256"}"#, &claims(), &secret);
            assert_eq!(
                said(&keys, &nameless),
                Err(RejectionReason::TokenKey),
                "no kid, and no key of this algorithm"
            );
        }
    }
}

fn code(form: KeyFormat, text: &str, usage: KeyUse) -> Option<ErrorCode> {
    token_key(Some("k1"), form, text, usage).err().map(|error| error.code())
}

/// Every other part of these tokens is valid, and the signature is correct.
fn refuses_headers(members: &[&str]) {
    let (key, keys) = shared();
    for more in members {
        let token = signed(&header("HS256", &format!(",{more}")), &claims(), &key);
        assert_eq!(said(&keys, &token), Err(RejectionReason::TokenHeader), "{more}");
    }
    assert_eq!(
        said(&keys, &signed(&header("HS256", ""), &claims(), &key)),
        Ok(()),
        "without them it is good"
    );
}

fn refuses_claims(texts: &[String], reason: RejectionReason) {
    let (key, keys) = shared();
    for text in texts {
        assert_eq!(said(&keys, &signed(&header("HS256", ""), text, &key)), Err(reason), "{text}");
    }
}

// The token chose its algorithm: `none` needed no signature, and HS256 took the public key for the
// secret.
#[test]
fn cve_2015_9235_alg_none_and_a_mac_made_with_the_public_key() {
    let (key, keys) = shared();
    for none in ["none", "None", "NONE", "nOnE", "none ", ""] {
        let message = message(&header(none, ""), &claims());
        let signature = key.sign(message.as_bytes()).expect("signed");
        for token in
            [format!("{message}."), format!("{message}.{signature}"), format!("{message}.AAAA")]
        {
            assert_eq!(said(&keys, &token), Err(RejectionReason::TokenAlgorithm), "{none}");
        }
    }
    refuses_macs_with_public_keys();
}

// The one `key` argument was an RSA key or an HMAC secret, as the token wished.
#[test]
fn cve_2016_10555_an_rsa_key_used_as_an_hmac_secret() {
    let (_, keys) = pair(P256_PRIVATE, P256_PUBLIC);
    for secret in spellings(RSA_PUBLIC) {
        assert_eq!(
            said(&keys, &macced(&header("HS256", ""), &claims(), &secret)),
            Err(RejectionReason::TokenAlgorithm)
        );
    }
    assert_eq!(
        code(KeyFormat::Pem, RSA_PUBLIC, KeyUse::Verify),
        Some(ErrorCode::Config),
        "there is no RSA here to confuse"
    );
}

// The key to check the signature with was taken from the token's own header.
#[test]
fn cve_2018_0114_a_key_embedded_in_the_header() {
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED25519_X}"}}"#);
    let attacker =
        format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED25519_X}","d":"{ED25519_D}"}}"#);
    let attacker = token_key(None, KeyFormat::Jwk, &attacker, KeyUse::Sign).expect("a pair");
    let attacker = attacker.material.signing_key().expect("it signs");
    let (_, keys) = pair(ED25519_PRIVATE, ED25519_PUBLIC);
    for more in [
        format!(r#","jwk":{jwk}"#),
        r#","jku":"https://attacker.example/keys""#.to_owned(),
        r#","x5u":"https://attacker.example/chain""#.to_owned(),
        r#","x5c":["MIIB"]"#.to_owned(),
    ] {
        let token = signed(&header("EdDSA", &more), &claims(), &attacker);
        assert_eq!(said(&keys, &token), Err(RejectionReason::TokenHeader), "{more}");
    }
    assert_eq!(
        said(&keys, &signed(&header("EdDSA", ""), &claims(), &attacker)),
        Err(RejectionReason::TokenSignature)
    );
}

// An empty signature was compared over its own length of zero bytes.
#[test]
fn cve_2020_28042_an_empty_signature() {
    let (_, keys) = shared();
    let message = message(&header("HS256", ""), &claims());
    assert_eq!(said(&keys, &format!("{message}.")), Err(RejectionReason::TokenSignature));
    assert_eq!(said(&keys, &message), Err(RejectionReason::TokenFormat), "two segments");
    for (alg, _, (_, keys)) in pairs() {
        let message = self::message(&header(alg, ""), &claims());
        assert_eq!(
            said(&keys, &format!("{message}.")),
            Err(RejectionReason::TokenSignature),
            "{alg}"
        );
    }
}

// ECDSA did not check the ranges of r and s, so that zeros were a valid signature of every
// message.
#[test]
fn cve_2022_21449_a_signature_of_zeros() {
    let order = [
        &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..],
        &[
            0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
            0x25, 0x51,
        ],
    ]
    .concat();
    let one = [&[0; 31][..], &[1]].concat();
    let number_list = [vec![0; 32], one, order, vec![0xff; 32]];
    let (_, keys) = pair(P256_PRIVATE, P256_PUBLIC);
    let message = message(&header("ES256", ""), &claims());
    for r in &number_list {
        for s in &number_list {
            let token = format!("{message}.{}", base64url::encode(&[&r[..], s].concat()));
            assert_eq!(said(&keys, &token), Err(RejectionReason::TokenSignature), "{r:?} {s:?}");
        }
    }
    // The DER encoding, whose length field may be wrong.
    for der in [&[0x30, 6, 2, 1, 0, 2, 1, 0][..], &[0x30, 0], &[0x30, 4, 2, 0, 2, 0]] {
        let token = format!("{message}.{}", base64url::encode(der));
        assert_eq!(said(&keys, &token), Err(RejectionReason::TokenSignature), "{der:?}");
    }
}

// Without a list of algorithms every one was tried, and a key of one kind served the algorithm of
// another.
#[test]
fn cve_2022_23529_to_23541_a_key_of_one_kind_under_the_algorithm_of_another() {
    let (key, keys) = shared();
    let [eddsa, es256] = pairs().map(|(alg, _, (key, keys))| (alg, key, keys));
    let all = [("HS256", key, keys), eddsa, es256];
    for (own, _, keys) in &all {
        for (named, _, _) in &all {
            for (_, key, _) in &all {
                let token = signed(&header(named, ""), &claims(), key);
                let answer = said(keys, &token);
                match (own == named, answer) {
                    (false, answer) => {
                        assert_eq!(
                            answer,
                            Err(RejectionReason::TokenAlgorithm),
                            "{named} for {own}"
                        )
                    }
                    (true, Ok(())) => assert_eq!(key.algorithm().name(), *own),
                    (true, answer) => {
                        assert_eq!(answer, Err(RejectionReason::TokenSignature), "{own}")
                    }
                }
            }
        }
    }
    for other in ["RS256", "PS256", "ES384", "HS384", "ES256K", "dir", "RSA-OAEP", "A256GCM"] {
        for (_, key, keys) in &all {
            assert_eq!(
                said(keys, &signed(&header(other, ""), &claims(), key)),
                Err(RejectionReason::TokenAlgorithm),
                "{other}"
            );
        }
    }
}

// A guess at the key's text ("is it PEM? is it SSH?") decided what it may be used for, and guessed
// wrong.
#[test]
fn cve_2022_29217_the_text_of_an_ssh_key_taken_for_an_hmac_secret() {
    let der = body(ED25519_PUBLIC);
    let blob = [&[0, 0, 0, 11][..], b"ssh-ed25519", &[0, 0, 0, 32], &der[12..]].concat();
    let text = format!("ssh-ed25519 {} user@host", base64url::encode(&blob));
    let (_, keys) = pair(ED25519_PRIVATE, ED25519_PUBLIC);
    for secret in [text.clone().into_bytes(), blob, format!("{text}\n").into_bytes()] {
        assert_eq!(
            said(&keys, &macced(&header("HS256", ""), &claims(), &secret)),
            Err(RejectionReason::TokenAlgorithm)
        );
    }
    assert_eq!(code(KeyFormat::Pem, &text, KeyUse::Verify), Some(ErrorCode::Config));
    for public in [&text, ED25519_PUBLIC, P256_PUBLIC, RSA_PUBLIC] {
        let pasted =
            TokenKeyInput::new(Some("k1"), KeyFormat::Hmac, SecretInput::from_text(public))
                .parse(KeyUse::Verify);
        assert_eq!(
            pasted.err().map(|error| error.code()),
            Some(ErrorCode::WeakKey),
            "pasted where a secret belongs"
        );
    }
}

// The issuer was searched inside the expected one, so that a substring sufficed.
#[test]
fn cve_2024_53861_an_issuer_that_matches_in_part() {
    let (key, keys) = shared();
    let issuer = "https://abc.example";
    let said = |iss: &str| {
        let claims = claims().replace(r#""iss":"i""#, &format!(r#""iss":"{iss}""#));
        let expected = ExpectedClaims { issuer: issuer.to_owned(), ..expected() };
        said_to(expected, &keys, &signed(&header("HS256", ""), &claims, &key))
    };
    assert_eq!(said(issuer), Ok(()));
    for end in 0..issuer.len() {
        assert_eq!(said(&issuer[..end]), Err(RejectionReason::TokenClaim), "{}", &issuer[..end]);
        assert_eq!(
            said(&issuer[end + 1..]),
            Err(RejectionReason::TokenClaim),
            "{}",
            &issuer[end + 1..]
        );
    }
    for iss in [
        "https://acb.example",
        "https://abc.example/",
        "https://abc.example.attacker.example",
        "https://ABC.example",
        " https://abc.example",
        r"https://abc.example\u0000",
    ] {
        assert_eq!(said(iss), Err(RejectionReason::TokenClaim), "{iss}");
    }
}

// HS256 was accepted where the key at hand was a public one.
#[test]
fn cve_2024_54150_a_mac_made_with_the_public_key() {
    refuses_macs_with_public_keys();
}

// The issuer could be a list, and one accepted name in it sufficed.
#[test]
fn cve_2025_30144_a_list_of_issuers() {
    let with = |iss: &str| claims().replace(r#""iss":"i""#, &format!(r#""iss":{iss}"#));
    let lists =
        [r#"["https://attacker.example","i"]"#, r#"["i"]"#, "[]", r#"{"0":"i"}"#, "null", "7"];
    refuses_claims(&lists.map(with), RejectionReason::TokenClaim);
}

// `crit` lists the extensions that a reader must understand, and was not checked.
#[test]
fn cve_2025_59420_an_unknown_critical_name() {
    refuses_headers(&[
        r#""crit":["bork"],"bork":"x""#,
        r#""crit":["bork"]"#,
        r#""crit":["cnf"],"cnf":{"jkt":"x"}"#,
    ]);
}

// Another library did not check `crit` either.
#[test]
fn cve_2026_32597_an_unknown_critical_name() {
    refuses_headers(&[
        r#""crit":["b64"],"b64":true"#,
        r#""crit":["b64"],"b64":false"#,
        r#""crit":["exp"],"exp":1"#,
    ]);
}

// A third library ignored a policy that the issuer had marked as critical.
#[test]
fn fast_jwt_591_python_jose_413_a_critical_policy_passed_over() {
    let policy = r#""crit":["x-custom-policy"],"x-custom-policy":"require-mfa""#;
    let odd =
        ["[]", "null", "true", "\"exp\"", "{}", "[\"alg\"]", "[\"kid\",\"kid\"]", "[7]", "[\"\"]"];
    let odd = odd.map(|crit| format!(r#""crit":{crit}"#));
    refuses_headers(&[&[policy], &odd.each_ref().map(String::as_str)[..]].concat());
}

// A few kilobytes of DEFLATE became many megabytes before anything was checked.
#[test]
fn cve_2024_28176_cve_2024_28122_cve_2025_63811_cve_2025_62706_a_compressed_token() {
    refuses_headers(&[
        r#""zip":"DEF""#,
        r#""zip":"GZ""#,
        r#""zip":null"#,
        r#""enc":"A256GCM","zip":"DEF""#,
    ]);
    let (_, keys) = shared();
    let encrypted = base64url::encode(br#"{"alg":"dir","enc":"A256GCM","zip":"DEF","kid":"k1"}"#);
    for token in [
        format!("{encrypted}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA"),
        format!("{encrypted}.A.A.A.A"),
    ] {
        assert_eq!(said(&keys, &token), Err(RejectionReason::TokenFormat), "five segments");
    }
}

// The key was looked up by the token's kid. An unknown kid gave an empty secret, which every
// attacker knows.
#[test]
fn cve_2025_65945_a_key_that_is_looked_up_and_not_found() {
    let (_, keys) = shared();
    for kid in
        ["", "k2", "K1", "k1 ", "__proto__", "constructor", "../../dev/null", "k1\\u0000", "0"]
    {
        let header = format!(r#"{{"typ":"JWT","alg":"HS256","kid":"{kid}"}}"#);
        for secret in [&b""[..], &[0], &[0; 32], kid.as_bytes(), b"undefined", b"null"] {
            assert_eq!(
                said(&keys, &macced(&header, &claims(), secret)),
                Err(RejectionReason::TokenKey),
                "{kid}"
            );
        }
    }
    let no_match = macced(&header("HS256", ""), &claims(), b"");
    assert_eq!(said(&[], &no_match), Err(RejectionReason::TokenKey), "no keys at all");
    assert_eq!(said(&keys, &no_match), Err(RejectionReason::TokenSignature));
}

// An empty secret was accepted as a key.
#[test]
fn cve_2026_45363_ghsa_c32j_vqhx_rx3x_an_empty_secret() {
    let inputs = |secret: &[u8]| {
        let jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, base64url::encode(secret));
        [
            (KeyFormat::Hmac, SecretInput::from_bytes(secret.to_vec())),
            (KeyFormat::Hmac, SecretInput::from_text(&base64url::encode(secret))),
            (KeyFormat::Ring, SecretInput::from_bytes(secret.to_vec())),
            (KeyFormat::Ring, SecretInput::from_text(&base64url::encode(secret))),
            (KeyFormat::Jwk, SecretInput::from_text(&jwk)),
        ]
    };
    for usage in [KeyUse::Sign, KeyUse::Verify] {
        for length in 0..32 {
            for (form, input) in inputs(&bytes(1, length)) {
                let rejected = TokenKeyInput::new(Some("k1"), form, input).parse(usage).err();
                assert_eq!(
                    rejected.map(|error| error.code()),
                    Some(ErrorCode::WeakKey),
                    "{length} bytes as {form:?}"
                );
            }
        }
        assert_eq!(
            code(KeyFormat::Jwk, r#"{"kty":"oct"}"#, usage),
            Some(ErrorCode::WeakKey),
            "no k at all"
        );
    }
}

// A list has no iss, aud and sub, so nothing about them was wrong.
#[test]
fn fast_jwt_array_payload_a_list_in_place_of_claims() {
    let texts = [r#"["attacker","role:admin"]"#, "[]", "\"user-1\"", "7", "null", "true", ""];
    refuses_claims(&texts.map(str::to_owned), RejectionReason::TokenClaimsJson);
    refuses_claims(&[format!("[{}]", claims())], RejectionReason::TokenClaimsJson);
}

// A date that was not a number counted as missing.
#[test]
fn cve_2026_25537_a_claim_of_another_type() {
    let good = r#""iss":"i","aud":"a""#;
    let exp = S + 60;
    let mut texts: Vec<String> = Vec::new();
    for value in
        [r#""99999999999""#, r#""never""#, "null", "true", "[]", "{}", "[1]", "-1", r#""""#]
    {
        texts.extend(
            ["nbf", "iat"].map(|name| format!(r#"{{{good},"exp":{exp},"{name}":{value}}}"#)),
        );
        texts.push(format!(r#"{{{good},"exp":{value}}}"#));
    }
    for value in ["7", "null", "true", "{}", "[7]", "[null]", r#"[["a"]]"#, r#"["a",7]"#] {
        texts.push(format!(r#"{{"iss":"i","aud":{value},"exp":{exp}}}"#));
    }
    for value in ["7", "null", "true", "{}", "[]", r#"["user-1"]"#] {
        texts.extend(
            ["sub", "jti"].map(|name| format!(r#"{{{good},"exp":{exp},"{name}":{value}}}"#)),
        );
        texts.push(format!(r#"{{"iss":{value},"aud":"a","exp":{exp}}}"#));
    }
    refuses_claims(&texts, RejectionReason::TokenClaim);
}

// A published key without an algorithm took the algorithm of the token.
#[test]
fn cve_2026_22817_22818_a_published_key_without_alg() {
    let ed25519 = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED25519_X}","kid":"k1"}}"#);
    let p256 = format!(r#"{{{P256_JWK},"kid":"k1"}}"#);
    for (jwk, other) in [(ed25519, "ES256"), (p256, "EdDSA")] {
        let keys = [token_key(None, KeyFormat::Jwk, &jwk, KeyUse::Verify).expect("a key")];
        for secret in [jwk.as_bytes(), b"", &body(ED25519_PUBLIC)] {
            for alg in ["HS256", other, "none", "HS512", "RS256"] {
                let token = macced(&header(alg, ""), &claims(), secret);
                assert_eq!(
                    said(&keys, &token),
                    Err(RejectionReason::TokenAlgorithm),
                    "{alg} with {jwk}"
                );
            }
        }
    }
}

// Signing took the public key from the caller. Two signatures with different public keys reveal
// the private key.
#[test]
fn rustsec_2022_0093_cve_2022_50237_signing_with_another_s_public_key() {
    let jwk = |x: &str| format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","d":"{ED25519_D}"}}"#);
    assert_eq!(code(KeyFormat::Jwk, &jwk(ED25519_X), KeyUse::Sign), None);
    assert_eq!(code(KeyFormat::Jwk, &jwk(OTHER_X), KeyUse::Sign), Some(ErrorCode::Config));
    let file = |x: &str| {
        let [seed, point] = [ED25519_D, x].map(|text| base64url::decode(text).expect("base64url"));
        let frame = [0x30, 0x51, 2, 1, 1, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        let der = [&frame[..], &seed, &[0x81, 0x21, 0], &point].concat();
        TokenKeyInput::new(Some("k1"), KeyFormat::Der, SecretInput::from_bytes(der))
            .parse(KeyUse::Sign)
    };
    let right =
        file(ED25519_X).expect("its own public half").material.signing_key().expect("it signs");
    let made = token_key(None, KeyFormat::Jwk, &jwk(ED25519_X), KeyUse::Sign)
        .expect("a pair")
        .material
        .signing_key();
    assert_eq!(right.sign(b"m"), made.expect("it signs").sign(b"m"), "the seed alone decides");
    assert_eq!(file(OTHER_X).err().map(|error| error.code()), Some(ErrorCode::Config));
    let other = r#","d":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8""#;
    assert_eq!(
        code(KeyFormat::Jwk, &format!("{{{P256_JWK}{other}}}"), KeyUse::Sign),
        Some(ErrorCode::Config)
    );
}

fn sealing_key() -> RingKey {
    RingKey::new(&RingKeyInput::new("k1", SecretInput::from_bytes(bytes(1, 32)))).expect("a key")
}

fn opened(key: &RingKey, sealed: &[u8]) -> Result<Vec<u8>, UnsealError> {
    seal::unseal(|tag| (key.tag == *tag).then_some(key), SealPurpose::Data(b"cookie"), sealed)
        .map(|plain| plain.to_vec())
}

// Decryption accepted a tag of one byte, which 256 attempts guess.
#[test]
fn cve_2025_47275_a_tag_that_is_short_enough_to_guess() {
    let key = sealing_key();
    let sealed = seal::seal_with_nonce(&key, SealPurpose::Data(b"cookie"), &[7; 24], b"user-1")
        .expect("sealed");
    assert_eq!(opened(&key, &sealed).as_deref(), Ok(&b"user-1"[..]));
    let forged = |text: &[u8], tag: &[u8]| [&sealed[..33], text, tag].concat();
    for byte in 0..=255 {
        assert_eq!(opened(&key, &forged(b"admin!", &[byte])), Err(UnsealError::Corrupt), "{byte}");
        assert_eq!(
            opened(&key, &forged(&sealed[33..39], &[byte])),
            Err(UnsealError::Corrupt),
            "{byte}"
        );
    }
}

// Tags of any length were compared up to their own length.
#[test]
fn cve_2025_54887_a_tag_of_another_length() {
    let key = sealing_key();
    for plain in [&b""[..], b"x", b"a key that somebody wrapped"] {
        let sealed = seal::seal_with_nonce(&key, SealPurpose::Data(b"cookie"), &[7; 24], plain)
            .expect("sealed");
        assert_eq!(sealed.len(), plain.len() + seal::OVERHEAD_BYTES);
        assert_eq!(opened(&key, &sealed).as_deref(), Ok(plain));
        for length in 0..sealed.len() {
            assert_eq!(
                opened(&key, &sealed[..length]),
                Err(UnsealError::Corrupt),
                "cut to {length}"
            );
        }
        for more in 1..=16 {
            assert_eq!(
                opened(&key, &[&sealed[..], &vec![0; more]].concat()),
                Err(UnsealError::Corrupt),
                "{more} more"
            );
        }
    }
}

// Secrets from examples and compose files were used in production, although they are public.
#[test]
fn default_secrets_lmnr_2302_daily_code_777_evershop_1044_a_secret_that_everybody_knows() {
    let read = |form, input| {
        TokenKeyInput::new(Some("k1"), form, input).parse(KeyUse::Sign).err().map(|e| e.code())
    };
    for known in [
        "some_secret",
        "secret",
        "changeme",
        "keyboard cat",
        "your-256-bit-secret",
        "a-string-secret-at-least-256-bits-long",
        "complex_password_at_least_32_characters_long",
        "better-auth-secret-12345678901234567890",
        "super-secret-jwt-token-with-at-least-32-characters-long",
        "00000000000000000000000000000000",
        "abcabcabcabcabcabcabcabcabcabcabcabcabcabcabc",
    ] {
        for form in [KeyFormat::Ring, KeyFormat::Hmac] {
            assert_eq!(
                read(form, SecretInput::from_bytes(known.into())),
                Some(ErrorCode::WeakKey),
                "{known}"
            );
            assert_eq!(
                read(form, SecretInput::from_text(known)),
                Some(ErrorCode::WeakKey),
                "{known} as base64url"
            );
        }
    }
}

// A key of three bytes was kept, and the first token stopped the program.
#[test]
fn jsonwebtoken_rs_short_ed25519_key_a_key_of_the_wrong_length() {
    for length in (0..80).filter(|length| *length != 32) {
        let x = base64url::encode(&bytes(3, length));
        let d = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED25519_X}","d":"{x}"}}"#);
        let x = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
        assert_eq!(code(KeyFormat::Jwk, &x, KeyUse::Verify), Some(ErrorCode::Config), "{x}");
        assert_eq!(code(KeyFormat::Jwk, &d, KeyUse::Sign), Some(ErrorCode::Config), "{d}");
        let size = u8::try_from(length).expect("small");
        let frame = [0x30, size + 10, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, size + 1, 0];
        let der = [&frame[..], &bytes(3, length)].concat();
        let rejected = TokenKeyInput::new(None, KeyFormat::Der, SecretInput::from_bytes(der))
            .parse(KeyUse::Verify)
            .err();
        assert_eq!(
            rejected.map(|error| error.code()),
            Some(ErrorCode::Config),
            "a point of {length} bytes in a file"
        );
    }
}

/// Checks that need no execution: the crates, their versions and their features.
#[cfg(not(target_arch = "wasm32"))]
mod supply {
    use portcullis::formats::key_ring::{KeyRingInput, RingKeyInput};
    use portcullis::formats::secret_input::SecretInput;
    use portcullis::foundation::secret::{Entropy, Secret, SecretText};
    use std::marker::PhantomData;
    use std::path::Path;
    use zeroize::ZeroizeOnDrop;

    const MANIFEST: &str = include_str!("../Cargo.toml");
    const LOCK: &str = include_str!("../Cargo.lock");

    /// Every version of a crate in the lockfile.
    fn versions(name: &str) -> Vec<[u32; 3]> {
        let named = format!("\nname = \"{name}\"\nversion = \"");
        let found =
            LOCK.split("[[package]]").filter_map(|package| package.strip_prefix(named.as_str()));
        let version = |rest: &str| {
            let (version, _) = rest.split_once('"').expect("the end of a version");
            let parts: Vec<u32> =
                version.splitn(3, '.').map(|part| part.parse().expect("a number")).collect();
            parts.try_into().expect("three parts")
        };
        found.map(version).collect()
    }

    /// The line of the manifest that asks for a crate; the module's own dependencies come first in
    /// it.
    fn asked_for(name: &str) -> &'static str {
        let (_, dependencies) = MANIFEST.split_once("[dependencies]").expect("dependencies");
        let line = dependencies
            .lines()
            .find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(" =")));
        line.unwrap_or_default()
    }

    // The time of RSA decryption depends on the plaintext. No fixed version exists.
    #[test]
    fn rustsec_2023_0071_no_rsa_in_the_tree() {
        assert_eq!(versions("rsa"), [[0; 3]; 0]);
        assert!(!versions("sha2").is_empty(), "the lockfile is read as it is written");
    }

    // The compiler put a branch on a secret into the arithmetic of scalars.
    #[test]
    fn rustsec_2024_0344_the_curve_s_arithmetic_is_a_corrected_one() {
        let found = versions("curve25519-dalek");
        assert!(
            !found.is_empty() && found.iter().all(|version| *version >= [4, 1, 3]),
            "{found:?}"
        );
    }

    // Keys were encoded by a base64 with lookup tables, whose cache accesses reveal the secret.
    #[test]
    fn cve_2024_40640_secrets_are_spelled_in_constant_time() {
        assert!(asked_for("base64ct").contains("version"), "the constant-time base64url");
        for other in ["base64", "hex", "data-encoding"] {
            assert_eq!(asked_for(other), "", "a crate that spells secrets in variable time");
        }
        let read = |file: &str| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
            std::fs::read_to_string(path).expect("a file of the core")
        };
        // Code that encodes or decodes secrets calls none of the fast functions.
        for file in [
            "formats/key_ring.rs",
            "formats/secret_input.rs",
            "foundation/secret.rs",
            "formats/token/refresh_token.rs",
            "formats/token/jwk.rs",
            "formats/token/der.rs",
            "formats/token/key_material.rs",
        ] {
            let text = read(file);
            for fast in
                ["decode_public", "encode_public", "append_public", "decode_into", "decode_array"]
            {
                let call = format!("base64url::{fast}");
                let is_called = text.match_indices(&call).any(|(at, _)| {
                    !text[at + call.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
                });
                assert!(!is_called, "{file} calls {call}");
            }
        }
        let spelling = read("foundation/base64url.rs");
        for (function, body) in [
            (
                "pub fn encode(bytes: &[u8]) -> String {\n",
                "Base64UrlUnpadded::encode_string(bytes)",
            ),
            (
                "pub fn decode(text: &str) -> Option<Vec<u8>> {\n",
                "Base64UrlUnpadded::decode_vec(text)",
            ),
        ] {
            let (_, rest) = spelling.split_once(function).expect(function);
            assert!(rest.trim_start().starts_with(body), "{function}");
        }
    }

    /// Whether a type zeroizes itself. The inherent constant hides the constant of the trait.
    struct Wipes<T>(PhantomData<T>);
    impl<T: ZeroizeOnDrop> Wipes<T> {
        const ITSELF: bool = true;
    }
    trait Keeps {
        const ITSELF: bool = false;
    }
    impl<T> Keeps for Wipes<T> {}

    /// Compiles only if the types of this crate zeroize themselves.
    const fn must_wipe<T: ZeroizeOnDrop>() {}
    const _: () = {
        must_wipe::<Secret<32>>();
        must_wipe::<SecretText>();
        must_wipe::<SecretInput>();
        must_wipe::<Entropy>();
    };

    // Zeroizing was an optional feature, and the default left it out.
    #[test]
    fn cve_2024_34063_wiping_is_switched_on() {
        const { assert!(!Wipes::<u8>::ITSELF, "the test can tell") };
        let kept: Vec<&str> = [
            ("chacha20poly1305", Wipes::<chacha20poly1305::XChaCha20Poly1305>::ITSELF),
            ("ed25519-dalek", Wipes::<ed25519_dalek::SigningKey>::ITSELF),
            // Hmac does not say it of itself: it is two of these states, and a buffer that wipes
            // itself.
            ("hmac", Wipes::<<sha2::Sha256 as hmac::EagerHash>::Core>::ITSELF),
            ("jsonwebtoken", Wipes::<jsonwebtoken::EncodingKey>::ITSELF),
            ("p256", Wipes::<p256::ecdsa::SigningKey>::ITSELF),
            ("sha2", Wipes::<sha2::Sha256>::ITSELF),
        ]
        .into_iter()
        .filter_map(|(name, wipes)| (!wipes).then_some(name))
        .collect();
        assert_eq!(
            kept, [""; 0],
            "the keys of these crates stay in memory: ask for their zeroize in Cargo.toml"
        );
        for name in ["chacha20poly1305", "ed25519-dalek", "hmac", "sha2"] {
            assert!(asked_for(name).contains("\"zeroize\""), "{}", asked_for(name));
        }
        // The input types zeroize the secrets that they hold.
        const {
            assert!(
                std::mem::needs_drop::<RingKeyInput>() && std::mem::needs_drop::<KeyRingInput>()
            )
        };
    }
}
