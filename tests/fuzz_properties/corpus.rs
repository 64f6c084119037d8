//! The seeds of the mutators: valid inputs of each kind, and the keys that signed the tokens.

use super::support::{NOW, at, bytes, expected, hmac_key, token_key};
use portcullis::formats::token::algorithm::{Algorithm, SigningKey};
use portcullis::formats::token::jwk::{self, KeyUse};
use portcullis::formats::token::jws::Verifier;
use portcullis::formats::token::key_import::{self, KeyFormat, TokenKey};
use portcullis::formats::token::signer::{Signer, TokenSettings};
use portcullis::foundation::base64url;
use portcullis::foundation::error::RejectionReason;
use portcullis::foundation::time::Seconds;
use std::sync::LazyLock;

const P256_PRIVATE: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
pub const HEADER: &str = r#"{"typ":"JWT","alg":"HS256","kid":"k1"}"#;
pub const CLAIMS: &str = r#"{"iss":"i","aud":"a","exp":1750000060}"#;

/// Keys of the three algorithms (k1, k2, k3), a verifier that trusts them, and tokens that they
/// signed.
pub struct TokenIssuer {
    pub verifier: Verifier,
    pub tokens: Vec<String>,
    key: SigningKey,
}

pub fn issuer() -> &'static TokenIssuer {
    static ISSUER: LazyLock<TokenIssuer> = LazyLock::new(TokenIssuer::open);
    &ISSUER
}

impl TokenIssuer {
    fn open() -> Self {
        let pairs = || {
            [
                (hmac_key("k1", 1), hmac_key("k1", 1)),
                pair(Algorithm::EdDsa, "k2"),
                pair(Algorithm::Es256, "k3"),
            ]
        };
        let verifying_key: Vec<TokenKey> =
            pairs().into_iter().map(|(_, checking)| checking).collect();
        let sign = |(signing, _): (TokenKey, TokenKey)| {
            let names = TokenSettings { issuer: "i", audiences: &["a".to_owned()], typ: "JWT" };
            let signer = Signer::new(&[signing], &names, Seconds(60)).expect("a signer");
            let claims = ["{}", r#"{"sub":"u","x":[{"y":1.5},"é"]}"#];
            claims.map(|claims| signer.sign(claims, at(NOW)).expect("a token"))
        };
        Self {
            tokens: pairs().into_iter().flat_map(sign).collect(),
            verifier: Verifier::new(&verifying_key, expected()).expect("a verifier"),
            key: SigningKey::hmac(&bytes(1, 32)).expect("a key"),
        }
    }

    /// Verifies a token with a buffer that holds other content before.
    pub fn accepts(&self, token: &str) -> Result<String, RejectionReason> {
        let mut buffer = b"{\"left\":\"behind\"}".to_vec();
        self.verifier.verify(token, at(NOW), &mut buffer).map(|verified| verified.text().to_owned())
    }

    /// Signs any header and any payload with the key k1.
    pub fn signed(&self, header: &[u8], payload: &[u8]) -> String {
        let message =
            format!("{}.{}", base64url::encode_public(header), base64url::encode_public(payload));
        format!("{message}.{}", self.key.sign(message.as_bytes()).expect("signed"))
    }
}

/// A key pair: the private key for signing, and its public half for verification.
pub fn pair(algorithm: Algorithm, id: &str) -> (TokenKey, TokenKey) {
    let private = || {
        key_import::generate(algorithm, bytes(7, 32).try_into().expect("32 bytes")).expect("a key")
    };
    let written = jwk::write_private(private(), id).expect("written");
    let half = private().public_half().expect("a public half");
    let public = jwk::write_public(&half, Some(id)).expect("written");
    let read =
        |text: &str, wanted| token_key(None, KeyFormat::Jwk, text, wanted).expect("read back");
    (read(written.expose(), KeyUse::Sign), read(&public, KeyUse::Verify))
}

fn all(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

pub fn tokens() -> Vec<Vec<u8>> {
    issuer().tokens.iter().map(|token| token.clone().into_bytes()).collect()
}

pub fn headers() -> Vec<Vec<u8>> {
    all(&[
        HEADER,
        r#"{"kid":"k1","alg":"HS256","typ":"JWT"}"#,
        r#"{"typ":"JWT","alg":"HS256"}"#,
        r#" { "typ" : "\u004aWT" , "alg" : "HS\u003256" , "k\u0069d" : "k1" } "#,
        r#"{"typ":"JWT","alg":"EdDSA","kid":"k2"}"#,
        r#"{"typ":"JWT","alg":"none","kid":"k1","crit":["b64"],"b64":false}"#,
    ])
}

pub fn claims() -> Vec<Vec<u8>> {
    all(&[
        CLAIMS,
        concat!(
            r#"{"iss":"i","aud":["b","a"],"exp":1750000060.5,"nbf":1.75e9,"iat":1749999999,"#,
            r#""sub":"u","jti":"j"}"#,
        ),
        concat!(
            r#" { "iss" : "\u0069" , "aud" : [ "a" ] , "exp" : 175000006000e-2 ,"#,
            r#" "x" : [ { "a" : null } , { "a" : 1 } ] } "#,
        ),
        concat!(
            r#"{"iss":"i","aud":"a","exp":0.1750000060E10,"nbf":0,"sub":"","cnf":{"jkt":"x"},"#,
            r#""amr":["pwd"]}"#,
        ),
        concat!(
            r#"{"iss":"i","aud":"a","exp":1750003600,"iat":1750000000,"#,
            r#""deep":[[[[[[[[{"a":[]}]]]]]]]]}"#,
        ),
    ])
}

/// JSON Web Keys from RFC 8037 A.1 and RFC 7515 A.3.1, and an HMAC secret.
pub fn jwks() -> Vec<Vec<u8>> {
    let secret = base64url::encode(&bytes(5, 32));
    let ed25519 =
        r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
    let p256 = concat!(
        r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#,
        r#""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#,
    );
    all(&[
        &format!("{{{ed25519}}}"),
        &format!(r#"{{{ed25519},"alg":"Ed25519","use":"sig","kid":"a","key_ops":["verify"]}}"#),
        &format!(
            r#"{{{ed25519},"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","key_ops":["sign"]}}"#
        ),
        &format!("{{{p256}}}"),
        &format!(r#"{{{p256},"d":"{P256_PRIVATE}","alg":"ES256","kid":"b"}}"#),
        &format!(r#"{{"kty":"oct","k":"{secret}","alg":"HS256"}}"#),
        r#"{"kty":"RSA","n":"AQAB","e":"AQAB","use":"enc","x5t":"ignored"}"#,
    ])
}

pub const PEMS: [&str; 11] = [
    include_str!("../keys/ed25519-private.pem"),
    include_str!("../keys/ed25519-public.pem"),
    include_str!("../keys/p256-private.pem"),
    include_str!("../keys/p256-public.pem"),
    include_str!("../keys/p256-public-compressed.pem"),
    include_str!("../keys/p256-sec1.pem"),
    include_str!("../keys/p256-encrypted.pem"),
    include_str!("../keys/p384-public.pem"),
    include_str!("../keys/ed448-public.pem"),
    include_str!("../keys/rsa-public.pem"),
    include_str!("../keys/certificate.pem"),
];

/// PEM texts. The last one has dashes in its body, which the base64url decoder once accepted.
pub fn pems() -> Vec<Vec<u8>> {
    let body = "MCowBQYDK2VwAyEAw+knTl8j5xM57vjGbhY-----MCowBQYDK2VwAyEAw+k";
    let framed = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
    [all(&PEMS), all(&[&framed])].concat()
}

/// Keys in DER. The valid keys appear twice, and a key with attributes comes from RFC 8410 section
/// 10.3.
pub fn ders() -> Vec<Vec<u8>> {
    let good = PEMS[..4].iter().chain(&PEMS[..4]);
    let bodies = good
        .chain(&PEMS[4..])
        .map(|pem| pem.lines().filter(|line| !line.starts_with('-')).collect::<String>());
    let rfc_8410 = "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhCoB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
    // Two keys that were once accepted. The first has a length in two bytes instead of one. The
    // second has another point after its own.
    let long_length = "MIIALgIBADAFBgMrZXAEIgQglwm2DFJZ5P7OpntVaUV8NS17o2n42r0eQN9nsRDzYfU=";
    let two_points = "MIHOAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBIGzMIGwAgEBBCCG5l1cayqcmEVH9cFO8SpXdh4N\
        hkC5l+yhUtzfHHyGU6GBiANCAAQYxYMgkIjjS31fGrldDx0vD63qecX7579YkV5oDV2J5eobtDXI\
        dILriae7HyapntMeV6pJDJ8AXEgirvxpE2c8A0IABBjFgyCQiONLfV8auV0PHS8Prep5xfvn\
        v1iRXmgNXYnl6hu0Nch0guuJp7sfJqme0x5XqkkMnwBcPSKu/GkTZzw=";
    let bodies = bodies.chain([rfc_8410, long_length, two_points].map(str::to_owned));
    bodies.map(|body| base64url::decode_any_base64(&body).expect("base64")).collect()
}

pub fn jsons() -> Vec<Vec<u8>> {
    let deep = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let many: Vec<String> = (0..20).map(|number| format!(r#""n{number}":{number}"#)).collect();
    let mut seeds = claims();
    seeds.extend(all(&[
        &deep(64),
        &deep(65),
        &format!("{{{}}}", many.join(",")),
        r#"{"a":{"a":[{"a":1},{"a":2}]},"b":"\ud83d\ude00\\\"\/\b\f\n\r\t\u0000","é":"\u00e9"}"#,
        r#"["a" , "\u0062", "c d e f g h i j k l m n o p", ""]"#,
        "[0,-0,1e307,-1.5E-7,0.0001,18446744073709551615,1e+2,123456789.987654321]",
        "1e307",
        // A number that was once rejected: nearly zero, in 309 digits.
        &format!("1{}e-10000000000000000000", "0".repeat(308)),
        " true ",
        "null",
    ]));
    seeds
}

pub fn base64urls() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = [0, 1, 2, 3, 4, 15, 16, 31, 32, 33, 48, 64, 65, 125]
        .map(|length| base64url::encode(&bytes(length, usize::from(length))).into_bytes())
        .to_vec();
    seeds.extend(all(&["Zh", "Zg==", "+/8=", " Zg\n", "é", "-_8"]));
    seeds
}

pub fn cookies() -> Vec<Vec<u8>> {
    all(&[
        "n=1",
        "a=0;n=1 ;\tb=2",
        "n = a=b; m=\"n=2\"; n2=3; $n=4; n",
        "n=1; x=2; n=3",
        &"a=b;".repeat(179),
        "__Host-portcullis-access=eyJ0eXAi.eyJpc3Mi.c2ln; __Host-portcullis-refresh-0=pcr1_AAAA",
        "eyJ0eXAi.eyJpc3Mi.c2ln-_",
    ])
}
