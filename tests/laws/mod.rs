//! Laws: what is true of all bytes, whatever they are. A law panics where it is broken, and never
//! otherwise.
//!
//! `tests/fuzz_laws.rs` tries them with inputs of our own mutator, `tests/fuzz` under libFuzzer,
//! `tests/properties.rs` with inputs that are made for them.
#![allow(dead_code, reason = "each program that includes the laws uses its own part of them")]

mod keys;
pub mod mutator;
pub mod oracle;
pub mod seeds;
mod words;
#[path = "../world/mod.rs"]
pub mod world;

pub use keys::{der, jwk, pem};

use oracle::why;
use portcullis::foundation::base64url;
use portcullis::formats::cookie::{
    self, HEADER_MAX_BYTES, HEADER_MAX_PAIRS, Jar, JarInput, Persistence, SameSite,
};
use portcullis::formats::cookie::{Unreadable, Which};
use portcullis::formats::token::json as strict;
use portcullis::formats::token::signer::TOKEN_MAX_BYTES;
use serde_json::Value;
use world::NOW;

/// A law and what to start from.
pub struct Law {
    pub name: &'static str,
    pub check: fn(&[u8]),
    pub seeds: fn() -> Vec<Vec<u8>>,
}

pub const ALL: [Law; 9] = [
    Law { name: "token", check: token, seeds: seeds::tokens },
    Law { name: "header", check: header, seeds: seeds::headers },
    Law { name: "claims", check: claims, seeds: seeds::claims },
    Law { name: "jwk", check: jwk, seeds: seeds::jwks },
    Law { name: "pem", check: pem, seeds: seeds::pems },
    Law { name: "der", check: der, seeds: seeds::ders },
    Law { name: "json", check: json, seeds: seeds::jsons },
    Law { name: "base64url", check: base64url, seeds: seeds::base64urls },
    Law { name: "cookie", check: cookie, seeds: seeds::cookies },
];

/// A token is accepted if it is one that we signed, and otherwise not.
///
/// Byte by byte, although ES256 has a second signature for every message, (r, n - s), that JWS
/// allows: nobody makes it by chance.
pub fn token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let office = seeds::office();
    let ours = office.tokens.iter().any(|token| token == text);
    assert_eq!(office.says(text).is_ok(), ours, "{text:?}");
}

/// A header before a payload that is validly signed is accepted if it says alg, typ and kid as it
/// should, and nothing else.
pub fn header(bytes: &[u8]) {
    let token = seeds::office().signed(bytes, seeds::CLAIMS.as_bytes());
    assert_eq!(
        seeds::office().says(&token).is_ok(),
        token.len() <= TOKEN_MAX_BYTES && is_our_header(bytes)
    );
}

fn is_our_header(bytes: &[u8]) -> bool {
    let Some(Value::Object(header)) = read(bytes) else { return false };
    let says = |name: &str| header.get(name).map(|value| value.as_str());
    header.keys().all(|name| ["alg", "typ", "kid"].contains(&name.as_str()))
        && says("alg") == Some(Some("HS256"))
        && says("typ") == Some(Some("JWT"))
        && matches!(says("kid"), None | Some(Some("k1")))
}

/// Claims that are validly signed are accepted only if they are what serde_json reads as good
/// claims, and always if they are good by a second.
pub fn claims(bytes: &[u8]) {
    let token = seeds::office().signed(seeds::HEADER.as_bytes(), bytes);
    let fits = token.len() <= TOKEN_MAX_BYTES;
    match seeds::office().says(&token) {
        Ok(text) => {
            assert!(fits && text.as_bytes() == bytes);
            assert!(are_good_claims(bytes, -0.01), "accepted: {text}");
        }
        Err(reason) => assert!(!fits || !are_good_claims(bytes, 1.0), "refused, {reason:?}"),
    }
}

/// With so many seconds to spare.
fn are_good_claims(bytes: &[u8], spare: f64) -> bool {
    let Some(Value::Object(claims)) = read(bytes) else { return false };
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

/// What serde_json reads, unless two readers could read it in two ways.
fn read(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    serde_json::from_str(text).ok().filter(|_| why(text).is_none())
}

/// Our reader accepts what serde_json accepts, unless there is a reason; then both read the same.
pub fn json(bytes: &[u8]) {
    let accepted = strict::is_strict(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return assert!(!accepted, "no UTF-8") };
    match serde_json::from_str::<Value>(text) {
        Ok(theirs) => {
            assert_eq!(accepted, why(text).is_none(), "{:?}: {text}", why(text));
            // Our values are members: with the object around it, one level less is left.
            if accepted && oracle::depth(text) < 64 {
                let wrapped = format!("{{\"v\":{text}}}");
                let object = strict::object(&wrapped).expect("a member more");
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

/// Every accessor of ours against serde_json's reading, through all objects.
pub fn reads_alike(ours: strict::Value<'_>, theirs: &Value) {
    assert_eq!(serde_json::from_str::<Value>(ours.json()).ok().as_ref(), Some(theirs));
    assert_eq!(ours.text().as_deref(), theirs.as_str());
    assert_eq!(ours.whole(), theirs.as_u64(), "{}", ours.json());
    assert_eq!(ours.is_object(), theirs.is_object());
    let texts =
        theirs.as_array().and_then(|all| all.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    assert_eq!(
        ours.texts(),
        texts.map(|texts| texts.into_iter().map(Into::into).collect()),
        "{}",
        ours.json()
    );
    let expected = if theirs.is_number() { oracle::thousandths(ours.json()) } else { None };
    assert_eq!(ours.thousandths(), expected, "{}", ours.json());
    let members = strict::object(ours.json());
    assert_eq!(
        members.as_ref().map(strict::Object::len),
        theirs.as_object().map(serde_json::Map::len)
    );
    for (name, value) in members.iter().flat_map(strict::Object::iter) {
        reads_alike(value, &theirs[name]);
    }
}

/// All decoders agree, never panic, and accept one spelling: the one that is written.
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
    let mut room = b"what was there before".to_vec();
    assert_eq!(base64url::decode_into(text, &mut room).map(|()| room), read);
    if read.is_some() {
        assert_eq!(base64url::decode_pasted(text), read);
    } else {
        let _ = base64url::decode_pasted(text);
    }
    arrays_agree(text, read.as_deref());
}

fn arrays_agree(text: &str, read: Option<&[u8]>) {
    fn agrees<const N: usize>(text: &str, read: Option<&[u8]>) {
        let expected = read.and_then(|bytes| <[u8; N]>::try_from(bytes).ok());
        assert_eq!(base64url::decode_array::<N>(text), expected);
        assert_eq!(base64url::decode_exactly::<N>(text), expected);
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

/// A cookie is found if it is there once; what stands beside it changes nothing, and a second one
/// of its name is seen.
pub fn cookie(bytes: &[u8]) {
    let Ok(header) = std::str::from_utf8(bytes) else { return };
    let pairs = header.split(';').count();
    let named = header.split(';').filter(|pair| is_named(pair)).count();
    let fits = header.len() <= HEADER_MAX_BYTES && pairs <= HEADER_MAX_PAIRS;
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
        Err(Unreadable::Twice) => assert!(named > 1, "{header:?}"),
        Err(Unreadable::TooLarge) => assert!(!fits, "{header:?}"),
    }
    let with = |more: &str| format!("{header};{more}");
    if found.is_ok() && pairs < HEADER_MAX_PAIRS && header.len() + 8 < HEADER_MAX_BYTES {
        assert_eq!(cookie::find(&with("other=1"), "n"), found);
        let planted = cookie::find(&with("\tn = 1 "), "n").map(|value| value.map(str::to_owned));
        assert_eq!(
            planted,
            if named == 0 { Ok(Some("1".to_owned())) } else { Err(Unreadable::Twice) }
        );
    }
    what_is_set_comes_back(header);
}

fn is_named(pair: &str) -> bool {
    pair.split_once('=').is_some_and(|(name, _)| name.trim_matches([' ', '\t']) == "n")
}

/// As a site that wants nothing special has it.
fn jar(same_site: SameSite) -> Jar {
    let input = JarInput {
        name: cookie::DEFAULT_NAME,
        refresh_path: None,
        persistence: Persistence::Deadline,
        same_site,
        development: false,
    };
    Jar::new(&input).expect("a jar")
}

/// A value that may be set is one attribute of its Set-Cookie line, and comes back as it was.
fn what_is_set_comes_back(value: &str) {
    let jar = jar(SameSite::Strict);
    let Ok(line) = jar.set(Which::Access, value, 60) else { return };
    let attributes: Vec<&str> = line.expose().split("; ").collect();
    assert_eq!(attributes[1..], ["Path=/", "Max-Age=60", "Secure", "HttpOnly", "SameSite=Strict"]);
    assert!(line.expose().is_ascii() && !line.expose().contains(['\r', '\n', '\0']));
    let sent = format!("a=b; {}", attributes[0]);
    assert_eq!(cookie::find(&sent, &jar.name(Which::Access)), Ok(Some(value)));
}

/// Gives libFuzzer the seeds of a law, where it looks for them.
pub fn plant(name: &str) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let law = ALL.iter().find(|law| law.name == name).expect("a law of this name");
    std::fs::create_dir_all(&folder).expect("a folder for the corpus");
    for (number, seed) in (law.seeds)().iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number}")), seed).expect("a seed written");
    }
}
