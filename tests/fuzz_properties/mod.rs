//! Properties that hold for all input bytes. A property panics exactly where it is violated.
//!
//! `tests/fuzz_properties.rs` tests them with inputs of our own mutator, `tests/fuzz` under
//! libFuzzer, and `tests/properties.rs` with generated inputs.
#![allow(dead_code, reason = "each program that includes the properties uses its own part of them")]

pub mod corpus;
mod dictionary;
mod keys;
pub mod mutator;
pub mod oracle;
#[path = "../support/mod.rs"]
pub mod support;

pub use keys::{der, jwk, pem};

use oracle::rejection_cause;
use portcullis::formats::cookie::{
    self, CookieConfig, CookieConfigInput, MAX_HEADER_BYTES, MAX_HEADER_PAIRS, Persistence,
    SameSite,
};
use portcullis::formats::cookie::{CookieHeaderError, CookieKind};
use portcullis::formats::token::json as strict;
use portcullis::formats::token::signer::MAX_TOKEN_BYTES;
use portcullis::foundation::base64url;
use serde_json::Value;
use support::NOW;

/// A property, and the seeds from which a mutator starts.
pub struct FuzzProperty {
    pub name: &'static str,
    pub check: fn(&[u8]),
    pub corpus: fn() -> Vec<Vec<u8>>,
}

pub const ALL: [FuzzProperty; 9] = [
    FuzzProperty { name: "token", check: token, corpus: corpus::tokens },
    FuzzProperty { name: "header", check: header, corpus: corpus::headers },
    FuzzProperty { name: "claims", check: claims, corpus: corpus::claims },
    FuzzProperty { name: "jwk", check: jwk, corpus: corpus::jwks },
    FuzzProperty { name: "pem", check: pem, corpus: corpus::pems },
    FuzzProperty { name: "der", check: der, corpus: corpus::ders },
    FuzzProperty { name: "json", check: json, corpus: corpus::jsons },
    FuzzProperty { name: "base64url", check: base64url, corpus: corpus::base64urls },
    FuzzProperty { name: "cookie", check: cookie, corpus: corpus::cookies },
];

/// Exactly the tokens that the issuer signed are accepted.
///
/// Tokens are compared byte by byte. ES256 has a second valid signature for each message, (r, n -
/// s), but a mutator does not find it by chance.
pub fn token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let office = corpus::issuer();
    let ours = office.tokens.iter().any(|token| token == text);
    assert_eq!(office.accepts(text).is_ok(), ours, "{text:?}");
}

/// A header with a valid signature is accepted exactly if it has only the expected `alg`, `typ` and
/// `kid`.
pub fn header(bytes: &[u8]) {
    let token = corpus::issuer().signed(bytes, corpus::CLAIMS.as_bytes());
    assert_eq!(
        corpus::issuer().accepts(&token).is_ok(),
        token.len() <= MAX_TOKEN_BYTES && is_our_header(bytes)
    );
}

fn is_our_header(bytes: &[u8]) -> bool {
    let Some(Value::Object(header)) = parse_token(bytes) else { return false };
    let says = |name: &str| header.get(name).map(|value| value.as_str());
    header.keys().all(|name| ["alg", "typ", "kid"].contains(&name.as_str()))
        && says("alg") == Some(Some("HS256"))
        && says("typ") == Some(Some("JWT"))
        && matches!(says("kid"), None | Some(Some("k1")))
}

/// Claims with a valid signature are accepted only if serde_json parses them to valid claims, and
/// always if they are valid with one second to spare.
pub fn claims(bytes: &[u8]) {
    let token = corpus::issuer().signed(corpus::HEADER.as_bytes(), bytes);
    let fits = token.len() <= MAX_TOKEN_BYTES;
    match corpus::issuer().accepts(&token) {
        Ok(text) => {
            assert!(fits && text.as_bytes() == bytes);
            assert!(are_good_claims(bytes, -0.01), "accepted: {text}");
        }
        Err(reason) => assert!(!fits || !are_good_claims(bytes, 1.0), "refused, {reason:?}"),
    }
}

/// Whether the claims are valid with `spare` seconds to spare.
fn are_good_claims(bytes: &[u8], spare: f64) -> bool {
    let Some(Value::Object(claims)) = parse_token(bytes) else { return false };
    let now = (NOW / 1000) as f64;
    let date = |name: &str| {
        claims.get(name).map(|date| date.as_f64().filter(|date| !date.is_sign_negative()))
    };
    let has_begun =
        |name: &str| date(name).is_none_or(|date| date.is_some_and(|date| date <= now - spare));
    let is_text = |name: &str| claims.get(name).is_none_or(Value::is_string);
    let is_for_us = match &claims.get("aud") {
        Some(Value::String(one)) => one == "a",
        Some(Value::Array(several)) => {
            several.iter().all(Value::is_string) && several.iter().any(|one| one == "a")
        }
        _ => false,
    };
    let lasts =
        date("exp").flatten().is_some_and(|exp| exp > now + spare && exp <= now + 3600.0 - spare);
    let is_ours = claims.get("iss").is_some_and(|iss| iss == "i") && is_for_us;
    is_ours && lasts && has_begun("nbf") && has_begun("iat") && is_text("sub") && is_text("jti")
}

/// Parses with serde_json. `None` for a text that a strict parser rejects.
fn parse_token(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    serde_json::from_str(text).ok().filter(|_| rejection_cause(text).is_none())
}

/// The strict parser accepts what serde_json accepts, unless there is a [`RejectionCause`]. Both
/// then give the same values.
pub fn json(bytes: &[u8]) {
    let accepted = strict::is_strict(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return assert!(!accepted, "no UTF-8") };
    match serde_json::from_str::<Value>(text) {
        Ok(theirs) => {
            assert_eq!(
                accepted,
                rejection_cause(text).is_none(),
                "{:?}: {text}",
                rejection_cause(text)
            );
            // The value is wrapped in an object, which takes one of the 64 levels.
            if accepted && oracle::depth(text) < 64 {
                let wrapped = format!("{{\"v\":{text}}}");
                let object = strict::parse_object(&wrapped).expect("a member more");
                reads_alike(object.get("v").expect("the member"), &theirs);
            }
        }
        Err(error) => assert!(!accepted, "{error}: {text}"),
    }
    let mut quoted = String::new();
    strict::quote(text, &mut quoted);
    assert_eq!(serde_json::from_str::<String>(&quoted).ok().as_deref(), Some(text));
    assert!(strict::is_strict(quoted.as_bytes()));
}

/// Compares every accessor of the strict parser with serde_json, through all nested objects.
pub fn reads_alike(ours: strict::Value<'_>, theirs: &Value) {
    assert_eq!(serde_json::from_str::<Value>(ours.json()).ok().as_ref(), Some(theirs));
    assert_eq!(ours.text().as_deref(), theirs.as_str());
    assert_eq!(ours.whole_number(), theirs.as_u64(), "{}", ours.json());
    assert_eq!(ours.is_object(), theirs.is_object());
    let texts =
        theirs.as_array().and_then(|all| all.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    assert_eq!(
        ours.text_list(),
        texts.map(|texts| texts.into_iter().map(Into::into).collect()),
        "{}",
        ours.json()
    );
    let expected = if theirs.is_number() { oracle::thousandths(ours.json()) } else { None };
    assert_eq!(ours.thousandths(), expected, "{}", ours.json());
    let member_names = strict::parse_object(ours.json());
    assert_eq!(
        member_names.as_ref().map(strict::Object::len),
        theirs.as_object().map(serde_json::Map::len)
    );
    for (name, value) in member_names.iter().flat_map(strict::Object::iter) {
        reads_alike(value, &theirs[name]);
    }
}

/// All decoders agree, never panic, and accept only the canonical encoding.
pub fn base64url(bytes: &[u8]) {
    let written = base64url::encode(bytes);
    assert_eq!(written, base64url::encode_public(bytes));
    let mut appended = "x".to_owned();
    base64url::append_public(bytes, &mut appended);
    assert_eq!(appended, format!("x{written}"));
    assert_eq!(base64url::decode_public(&written).as_deref(), Some(bytes));
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let read = base64url::decode(text);
    if let Some(read) = &read {
        assert_eq!(base64url::encode(read), text);
    }
    assert_eq!(base64url::decode_public(text), read);
    let mut buffer = b"what was there before".to_vec();
    assert_eq!(base64url::decode_into(text, &mut buffer).map(|()| buffer), read);
    if read.is_some() {
        assert_eq!(base64url::decode_any_base64(text), read);
    } else {
        let _ = base64url::decode_any_base64(text);
    }
    arrays_agree(text, read.as_deref());
}

fn arrays_agree(text: &str, read: Option<&[u8]>) {
    fn agrees<const N: usize>(text: &str, read: Option<&[u8]>) {
        let expected = read.and_then(|bytes| <[u8; N]>::try_from(bytes).ok());
        assert_eq!(base64url::decode_array::<N>(text), expected);
        assert_eq!(base64url::decode_array_constant_time::<N>(text), expected);
    }
    let sizes = [
        agrees::<0>,
        agrees::<1>,
        agrees::<2>,
        agrees::<3>,
        agrees::<4>,
        agrees::<15>,
        agrees::<16>,
    ];
    let more = [
        agrees::<31>,
        agrees::<32>,
        agrees::<33>,
        agrees::<48>,
        agrees::<64>,
        agrees::<65>,
        agrees::<125>,
    ];
    sizes.iter().chain(&more).for_each(|agrees| agrees(text, read));
}

/// A cookie that exists once is found, whatever other cookies exist. A second cookie of its name is
/// an error.
pub fn cookie(bytes: &[u8]) {
    let Ok(header) = std::str::from_utf8(bytes) else { return };
    let pairs = header.split(';').count();
    let named = header.split(';').filter(|pair| is_named(pair)).count();
    let fits = header.len() <= MAX_HEADER_BYTES && pairs <= MAX_HEADER_PAIRS;
    let found = cookie::find(header, "n");
    assert!(fits || found.is_err(), "{header:?}");
    match found {
        Ok(Some(value)) => {
            assert!(
                named == 1 && !value.contains(';') && !value.starts_with([' ', '\t']),
                "{header:?}"
            );
            assert!(header.contains(value) && !value.ends_with([' ', '\t']), "{header:?}");
        }
        Ok(None) => assert_eq!(named, 0, "{header:?}"),
        Err(CookieHeaderError::Duplicate) => assert!(named > 1, "{header:?}"),
        Err(CookieHeaderError::TooLarge) => assert!(!fits, "{header:?}"),
    }
    let with = |more: &str| format!("{header};{more}");
    if found.is_ok() && pairs < MAX_HEADER_PAIRS && header.len() + 8 < MAX_HEADER_BYTES {
        assert_eq!(cookie::find(&with("other=1"), "n"), found);
        let planted = cookie::find(&with("\tn = 1 "), "n").map(|value| value.map(str::to_owned));
        assert_eq!(
            planted,
            if named == 0 { Ok(Some("1".to_owned())) } else { Err(CookieHeaderError::Duplicate) }
        );
    }
    what_is_set_comes_back(header);
}

fn is_named(pair: &str) -> bool {
    pair.split_once('=').is_some_and(|(name, _)| name.trim_matches([' ', '\t']) == "n")
}

/// The default cookie configuration of a site.
fn cookie_config(same_site: SameSite) -> CookieConfig {
    let input = CookieConfigInput {
        name: cookie::DEFAULT_NAME,
        refresh_path: None,
        persistence: Persistence::Persistent,
        same_site,
        development: false,
    };
    CookieConfig::new(&input).expect("a jar")
}

/// An accepted value adds no attribute to its Set-Cookie line, and is found again unchanged.
fn what_is_set_comes_back(value: &str) {
    let jar = cookie_config(SameSite::Strict);
    let Ok(line) = jar.set(CookieKind::Access, value, 60) else { return };
    let attributes: Vec<&str> = line.expose().split("; ").collect();
    assert_eq!(attributes[1..], ["Path=/", "Max-Age=60", "Secure", "HttpOnly", "SameSite=Strict"]);
    assert!(line.expose().is_ascii() && !line.expose().contains(['\r', '\n', '\0']));
    let sent = format!("a=b; {}", attributes[0]);
    assert_eq!(cookie::find(&sent, &jar.name(CookieKind::Access)), Ok(Some(value)));
}

/// Writes the seeds of a property to the folder where libFuzzer expects them.
pub fn write_corpus(name: &str) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let property =
        ALL.iter().find(|property| property.name == name).expect("a property of this name");
    std::fs::create_dir_all(&folder).expect("a folder for the corpus");
    for (number, seed) in (property.corpus)().iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number}")), seed).expect("a seed written");
    }
}
