//! Keys for tokens in every format: valid keys are parsed, and others rejected with a message.

mod support;

use portcullis::formats::secret_input::SecretInput;
use portcullis::formats::token::algorithm::Algorithm;
use portcullis::formats::token::jwk::{self, KeyUse};
use portcullis::formats::token::jwks::JwksDocument;
use portcullis::formats::token::jws::Verifier;
use portcullis::formats::token::key_import::{self, KeyFormat, TokenKey, TokenKeyInput};
use portcullis::formats::token::key_material::KeyMaterial;
use portcullis::formats::token::signer::{Signer, TokenSettings};
use portcullis::foundation::base64url;
use portcullis::foundation::error::{ErrorCode, RejectionReason};
use portcullis::foundation::secret::Secret;
use portcullis::foundation::time::Seconds;
use support::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The published key pairs of RFC 8037 A.1 and RFC 7515 A.3.1.
const ED25519: &str =
    r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
const ED25519_D: &str = r#","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A""#;
const P256: &str = concat!(
    r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#,
    r#""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#,
);
const P256_D: &str = r#","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI""#;

fn read(members: &str, usage: KeyUse) -> Result<TokenKey, ErrorCode> {
    token_key(None, KeyFormat::Jwk, &format!("{{{members}}}"), usage).map_err(|error| {
        assert!(
            error.message().ends_with('.') && error.message().len() > 30,
            "{}",
            error.message()
        );
        error.code()
    })
}

fn algorithm(members: &str) -> Result<(Option<String>, Algorithm), ErrorCode> {
    read(members, KeyUse::Verify).map(|key| (key.id, key.material.algorithm()))
}

#[test]
fn a_published_key_decides_its_algorithm() {
    assert_eq!(algorithm(ED25519), Ok((None, Algorithm::EdDsa)));
    let named = format!(r#"{ED25519},"alg":"Ed25519","use":"sig","kid":"a""#);
    assert_eq!(algorithm(&named), Ok((Some("a".to_owned()), Algorithm::EdDsa)));
    assert_eq!(
        algorithm(&format!(r#"{P256},"alg":"ES256","key_ops":["verify"],"x5t":"ignored""#)),
        Ok((None, Algorithm::Es256))
    );
    let secret = base64url::encode(&bytes(5, 32));
    assert_eq!(algorithm(&format!(r#""kty":"oct","k":"{secret}""#)), Ok((None, Algorithm::Hs256)));
    let rejected = [
        String::new(),
        r#""kty":"RSA","n":"AQAB","e":"AQAB""#.to_owned(),
        r#""kty":7"#.to_owned(),
        format!(r#"{ED25519},"alg":"ES256""#),
        format!(r#"{ED25519},"alg":"none""#),
        format!(r#"{P256},"alg":"HS256""#),
        format!(r#"{P256},"alg":7"#),
        format!("{P256}{P256_D}"),
        format!("{ED25519}{ED25519_D}"),
        format!(r#"{P256},"k":"AA""#),
        format!(r#"{ED25519},"dp":"AA""#),
        r#""kty":"oct","k":"AA","d":"AA""#.to_owned(),
        format!(r#"{P256},"use":"enc""#),
        format!(r#"{P256},"use":null"#),
        format!(r#"{P256},"key_ops":["sign"]"#),
        format!(r#"{P256},"key_ops":"verify""#),
        format!(r#"{P256},"key_ops":["verify","verify"]"#),
        format!(r#"{P256},"use":"sig","key_ops":["encrypt"]"#),
        format!(r#"{P256},"kty":"EC""#),
        format!(r#"{P256},"kid":"""#),
        format!(r#"{P256},"kid":7"#),
        format!(r#"{P256},"kid":"{}""#, "k".repeat(129)),
        P256.replace("x_FE", "x_FF"),
        P256.replace("5a0\"", "5a0A\""),
        P256.replace("5a0\"", "5a0=\""),
        P256.replace("P-256", "P-384"),
        P256.replace("EC", "OKP"),
        ED25519.replace("URo\"", "URp\""),
        // Anybody can sign for the neutral element. The second point has a coordinate that exceeds
        // the order of the field.
        format!(
            r#""kty":"OKP","crv":"Ed25519","x":"{}""#,
            base64url::encode(&[&[1][..], &[0; 31]].concat())
        ),
        format!(
            r#""kty":"OKP","crv":"Ed25519","x":"{}""#,
            base64url::encode(&[&[0xee][..], &[0xff; 30], &[0x7f]].concat())
        ),
    ];
    for members in rejected {
        assert_eq!(algorithm(&members).expect_err(&members), ErrorCode::Config, "{members}");
    }
    assert!(algorithm(&format!(r#"{P256},"kid":"{}""#, "k".repeat(128))).is_ok());
    for weak in [&secret[..41], "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "a+/=", ""] {
        assert_eq!(
            algorithm(&format!(r#""kty":"oct","k":"{weak}""#)).expect_err(weak),
            ErrorCode::WeakSecret,
            "{weak}"
        );
    }
    let public = base64url::encode(b"your-256-bit-secret-your-256-bit");
    assert!(algorithm(&format!(r#""kty":"oct","k":"{public}""#)).is_ok());
    let known = base64url::encode(b"a-string-secret-at-least-256-bits-long");
    assert_eq!(algorithm(&format!(r#""kty":"oct","k":"{known}""#)), Err(ErrorCode::WeakSecret));
}

#[test]
fn a_private_key_signs_and_its_public_half_must_be_its_own() {
    for (public, private) in [(ED25519, ED25519_D), (P256, P256_D)] {
        let key = read(&format!("{public}{private}"), KeyUse::Sign).expect("a pair");
        assert!(key.material.is_private());
        let half = key.material.public_half().expect("a public half");
        let written = jwk::write_public(&half, Some("k\"1")).expect("written");
        assert!(written.contains(r#""kid":"k\"1""#) && !written.contains(r#""d""#), "{written}");
        let stated = half.algorithm();
        assert_eq!(
            token_key(None, KeyFormat::Jwk, &written.replace("k\\\"1", "k1"), KeyUse::Verify)
                .expect("read back")
                .material
                .algorithm(),
            stated
        );
        assert_eq!(
            read(public, KeyUse::Sign).err(),
            Some(ErrorCode::Config),
            "a public key cannot sign"
        );
        assert_eq!(
            read(&format!(r#"{public}{private},"key_ops":["verify"]"#), KeyUse::Sign).err(),
            Some(ErrorCode::Config)
        );
        assert!(read(&format!(r#"{public}{private},"key_ops":["sign"]"#), KeyUse::Sign).is_ok());
    }
    let other_d = r#","d":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8""#;
    for public in [ED25519, P256] {
        assert_eq!(
            read(&format!("{public}{other_d}"), KeyUse::Sign).err(),
            Some(ErrorCode::Config),
            "another's public half"
        );
    }
    let zero = format!(r#"{P256},"d":"{}""#, base64url::encode(&[0; 32]));
    assert_eq!(read(&zero, KeyUse::Sign).err(), Some(ErrorCode::Config));
    let above_the_order = format!(r#"{P256},"d":"{}""#, base64url::encode(&[0xff; 32]));
    assert_eq!(read(&above_the_order, KeyUse::Sign).err(), Some(ErrorCode::Config));
}

/// The key and the thumbprint are those of RFC 8037 A.3.
#[test]
fn a_thumbprint_is_that_of_the_rfc() {
    let key = read(ED25519, KeyUse::Verify).expect("a key");
    assert_eq!(
        jwk::thumbprint(&key.material).as_deref(),
        Ok("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    );
}

/// The keys come from `genpkey` and `pkey -pubout` of OpenSSL 3. Each private key exists with and
/// without its public half.
const ED25519_PRIVATE_PEM: &str = include_str!("keys/ed25519-private.pem");
const ED25519_PUBLIC_PEM: &str = include_str!("keys/ed25519-public.pem");
const P256_PRIVATE_PEM: &str = include_str!("keys/p256-private.pem");
const P256_PUBLIC_PEM: &str = include_str!("keys/p256-public.pem");
const P256_SEC1_PEM: &str = include_str!("keys/p256-sec1.pem");
const P256_COMPRESSED_PEM: &str = include_str!("keys/p256-public-compressed.pem");
const P384_PUBLIC_PEM: &str = include_str!("keys/p384-public.pem");
const ED448_PUBLIC_PEM: &str = include_str!("keys/ed448-public.pem");
const RSA_PUBLIC_PEM: &str = include_str!("keys/rsa-public.pem");
const P256_ENCRYPTED_PEM: &str = include_str!("keys/p256-encrypted.pem");
const CERTIFICATE_PEM: &str = include_str!("keys/certificate.pem");

fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64url::decode_any_base64(&body).expect("base64")
}

fn from_der(der: &[u8], usage: KeyUse) -> Result<TokenKey, ErrorCode> {
    let input =
        TokenKeyInput::new(Some("k1"), KeyFormat::Der, SecretInput::from_bytes(der.to_vec()));
    input.parse(usage).map_err(|error| error.code())
}

#[test]
fn key_files_of_openssl_are_read_as_pem_and_as_der() {
    for (private, public) in
        [(ED25519_PRIVATE_PEM, ED25519_PUBLIC_PEM), (P256_PRIVATE_PEM, P256_PUBLIC_PEM)]
    {
        let signing_key =
            token_key(Some("k1"), KeyFormat::Pem, private, KeyUse::Sign).expect("a private key");
        let verifying_key =
            token_key(Some("k1"), KeyFormat::Pem, &format!("\n  {public}  \r\n"), KeyUse::Verify)
                .expect("a public key");
        sign_and_verify(signing_key, verifying_key);
        sign_and_verify(
            from_der(&der(private), KeyUse::Sign).expect("DER"),
            from_der(&der(public), KeyUse::Verify).expect("DER"),
        );
        let windows = public.replace('\n', "\r\n");
        assert!(token_key(None, KeyFormat::Pem, &windows, KeyUse::Verify).is_ok());
        assert_eq!(
            token_key(None, KeyFormat::Pem, private, KeyUse::Verify).err().map(|e| e.code()),
            Some(ErrorCode::Config)
        );
    }
}

fn sign_and_verify(signing: TokenKey, checking: TokenKey) {
    let names = TokenSettings { issuer: "i", audiences: &["a".to_owned()], typ: "JWT" };
    let token = Signer::new(&[signing], &names, Seconds(60))
        .expect("a signer")
        .sign("{}", at(NOW))
        .expect("a token");
    let verifier = Verifier::new(&[checking], expected()).expect("a verifier");
    assert!(verifier.verify(&token, at(NOW), &mut Vec::new()).is_ok(), "{token}");
    let last = if token.ends_with('A') { "Q" } else { "A" };
    let other = format!("{}{last}", &token[..token.len() - 1]);
    assert_eq!(
        verifier.verify(&other, at(NOW), &mut Vec::new()).err(),
        Some(RejectionReason::TokenSignature)
    );
}

#[test]
fn other_key_files_are_refused_with_the_way_out() {
    let sentence = |pem: &str| {
        token_key(None, KeyFormat::Pem, pem, KeyUse::Verify)
            .map(drop)
            .expect_err(pem)
            .message()
            .to_owned()
    };
    for (pem, way) in [
        (P256_SEC1_PEM, "openssl pkcs8 -topk8 -nocrypt"),
        (P256_ENCRYPTED_PEM, "openssl pkcs8"),
        (CERTIFICATE_PEM, "openssl x509 -pubkey -noout"),
        (P256_COMPRESSED_PEM, "uncompressed"),
        (P384_PUBLIC_PEM, "only Ed25519 and P-256"),
        (ED448_PUBLIC_PEM, "only Ed25519 and P-256"),
        (RSA_PUBLIC_PEM, "only Ed25519 and P-256"),
        ("", "one PEM block"),
        ("-----BEGIN PUBLIC KEY-----", "one PEM block"),
        ("-----BEGIN PUBLIC KEY-----\n-----END PRIVATE KEY-----", "one PEM block"),
        (&format!("{ED25519_PUBLIC_PEM}{ED25519_PUBLIC_PEM}"), "one PEM block"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG", "one PEM block"),
    ] {
        assert!(sentence(pem).contains(way), "{pem}\n{}", sentence(pem));
    }
}

#[test]
fn a_key_in_der_that_was_changed_is_refused_or_another_key() {
    for pem in [ED25519_PRIVATE_PEM, ED25519_PUBLIC_PEM, P256_PRIVATE_PEM, P256_PUBLIC_PEM] {
        let good = der(pem);
        let usage = if pem.contains("PRIVATE") { KeyUse::Sign } else { KeyUse::Verify };
        for length in 0..good.len() {
            assert!(from_der(&good[..length], usage).is_err(), "{length} bytes of\n{pem}");
        }
        assert!(from_der(&[&good[..], &[0]].concat(), usage).is_err(), "a byte more\n{pem}");
        // Every byte before the key itself is fixed.
        let frame = if pem.contains("PUBLIC") { good.len() - 32 } else { 16 };
        for position in 0..frame.min(26) {
            let mut bad = good.clone();
            bad[position] ^= 0x10;
            let rejected = from_der(&bad, usage).is_err();
            // Only the version of PKCS#8 may have two values, which this flip does not reach.
            assert!(rejected, "byte {position} of\n{pem}");
        }
    }
    // The public half in a P-256 file must belong to the private key.
    let mut bad = der(P256_PRIVATE_PEM);
    let last = bad.len() - 1;
    bad[last] ^= 1;
    assert_eq!(from_der(&bad, KeyUse::Sign).err(), Some(ErrorCode::Config));
}

#[test]
fn two_names_for_one_key_and_two_keys_of_one_name_are_refused() {
    let named = format!(r#"{{{ED25519},"kid":"a"}}"#);
    assert_eq!(
        token_key(Some("a"), KeyFormat::Jwk, &named, KeyUse::Verify)
            .expect("the same")
            .id
            .as_deref(),
        Some("a")
    );
    assert_eq!(
        token_key(Some("b"), KeyFormat::Jwk, &named, KeyUse::Verify).err().map(|e| e.code()),
        Some(ErrorCode::Config)
    );
    let twins =
        [hmac_key("a", 1), token_key(None, KeyFormat::Jwk, &named, KeyUse::Verify).expect("a key")];
    assert_eq!(Verifier::new(&twins, expected()).expect_err("twins").code(), ErrorCode::Config);
    for bad in ["", "a b", "a\n", "é", &"k".repeat(129)] {
        let key =
            TokenKeyInput::new(Some(bad), KeyFormat::Hmac, SecretInput::from_bytes(bytes(1, 32)))
                .parse(KeyUse::Verify);
        assert_eq!(key.err().map(|e| e.code()), Some(ErrorCode::Config), "{bad}");
    }
}

#[test]
fn made_keys_sign_and_the_published_set_holds_public_halves_only() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let random: [u8; 32] = bytes(7, 32).try_into().expect("32 bytes");
        let private = key_import::generate(algorithm, random).expect("a key");
        let half = private.public_half().expect("a half");
        let text = jwk::write_private(private, "k1").expect("written");
        let signing_key =
            token_key(None, KeyFormat::Jwk, text.expose(), KeyUse::Sign).expect("read back");
        let public = jwk::write_public(&half, Some("k1")).expect("written");
        sign_and_verify(
            signing_key,
            token_key(None, KeyFormat::Jwk, &public, KeyUse::Verify).expect("read back"),
        );
        let signing_key = token_key(None, KeyFormat::Jwk, text.expose(), KeyUse::Sign)
            .expect("read back")
            .to_public()
            .expect("public");
        let set = JwksDocument::new(&[signing_key, hmac_key("secret", 1)]).expect("a set");
        assert_eq!(set.to_jwks(at(NOW)), format!(r#"{{"keys":[{public}]}}"#));
        assert_eq!(set.max_age(at(NOW)), 300);
    }
    assert_eq!(
        key_import::generate(Algorithm::Es256, [0; 32]).err().map(|e| e.code()),
        Some(ErrorCode::Entropy)
    );
    let shared = key_import::generate(Algorithm::Hs256, bytes(7, 32).try_into().expect("32 bytes"))
        .expect("a key");
    let text = jwk::write_private(shared, "k1").expect("written");
    assert!(text.expose().contains(r#""kty":"oct""#) && text.expose().contains(r#""alg":"HS256""#));
    assert!(
        jwk::write_private(KeyMaterial::Subkey(Secret::new([1; 32])), "k1").is_err(),
        "a subkey is not ours to show"
    );
}
