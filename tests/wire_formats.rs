//! The wire formats: each parses exactly what it encodes. Runs natively and on wasm32.

mod support;

use portcullis::formats::cookie::{
    self, CookieConfig, CookieConfigInput, CookieHeaderError, CookieKind, Persistence, SameSite,
};
use portcullis::formats::id::{LocalSessionId, SessionId, SubjectIndexKey};
use portcullis::formats::key_ring::KeyRing;
use portcullis::formats::origin_check::{OriginPolicy, OriginVerdict, RequestOrigin};
use portcullis::formats::seal::{self, SealPurpose, UnsealError};
use portcullis::formats::token::json;
use portcullis::formats::token::refresh_token::RefreshToken;
use portcullis::foundation::base64url;
use portcullis::foundation::error::{ErrorCode, RejectionReason};
use portcullis::foundation::time::{Seconds, Timestamp};
use support::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn ring() -> KeyRing {
    KeyRing::new(&keys(&[("k2", 2), ("k1", 1)])).expect("a good ring")
}

#[test]
fn base64url_has_one_spelling() {
    for (text, bytes) in
        [("", &b""[..]), ("Zg", b"f"), ("Zm8", b"fo"), ("Zm9v", b"foo"), ("-_8", &[0xfb, 0xff])]
    {
        assert_eq!(base64url::encode(bytes), text);
        assert_eq!(base64url::decode(text).as_deref(), Some(bytes));
        assert_eq!(base64url::decode_public(text).as_deref(), Some(bytes));
    }
    for bad in ["Z", "Zh", "Zm9", "Zg=", "Zg==", "+/8", " Zg", "Zg\n", "Z g", "Zgé"] {
        assert_eq!(base64url::decode(bad), None, "{bad}");
        assert_eq!(base64url::decode_public(bad), None, "{bad}");
    }
}

#[test]
fn a_pasted_secret_may_be_spelled_in_any_base64() {
    for text in ["-_8", "+/8", "+/8=", " -_8=\n"] {
        assert_eq!(
            base64url::decode_any_base64(text).as_deref(),
            Some(&[0xfb, 0xff][..]),
            "{text:?}"
        );
    }
    for bad in ["-_9", "a b", "-_8=x", "é"] {
        assert_eq!(base64url::decode_any_base64(bad), None, "{bad:?}");
    }
}

#[test]
fn a_session_id_has_one_spelling() {
    let id = SessionId { subject: SubjectIndexKey([1; 16]), local_id: LocalSessionId([255; 16]) };
    assert_eq!(id.encode().len(), 43);
    assert_eq!(SessionId::parse(&id.encode()), Some(id));
    for bad in ["", &id.encode()[1..], &format!("{}A", id.encode()), &id.encode().replace('A', "=")]
    {
        assert_eq!(SessionId::parse(bad), None, "{bad}");
    }
}

#[test]
fn a_refresh_token_is_read_as_it_was_written_and_every_flipped_bit_is_refused() {
    let ring = ring();
    let mut world = TestSite::new(site());
    let text = world.signed_in("user-1", 1);
    assert_eq!(text.len(), 172);
    let token = RefreshToken::parse(&text, &ring).expect("our token, by the older key");
    assert_eq!(token.encode(ring.find_by_tag(&token.key_tag).expect("the key")).expose(), text);
    for position in 0..text.len() {
        for bit in 0..7 {
            let mut bytes = text.clone().into_bytes();
            bytes[position] ^= 1 << bit;
            let Ok(flipped) = String::from_utf8(bytes) else { continue };
            assert!(RefreshToken::parse(&flipped, &ring).is_none(), "bit {bit} of {position}");
        }
    }
}

/// The formats of release 0.1. Later releases may add versions, but must still parse these.
#[test]
fn the_formats_of_0_1_stay() {
    let mut world = TestSite::new(site());
    let token = world.signed_in("user-1", 1);
    assert_eq!(world.site.key_ring.subject_index_key("user-1").store_key(), GOLDEN_STORE_KEY);
    assert_eq!(token, GOLDEN_REFRESH_TOKEN);
    world.record = Some(base64url::decode(GOLDEN_RECORD).expect("base64url"));
    world.advance_seconds(31);
    assert!(refresh_cookie(&world.decide_and_write(&refresh(GOLDEN_REFRESH_TOKEN))).is_some());
}

const GOLDEN_STORE_KEY: &str = "pc1_41eA3w3_oq_eGO64cIO9rw";
const GOLDEN_REFRESH_TOKEN: &str = "pcr1_AbM5Kz-UKJS941eA3w3_oq_eGO64cIO9r3mvpSShNnFmQZbOHvC-PdUAAAAAAAABl3Qg3AAAAAGYDp-kAHShmE84QdT27K0VWZeJ1b1PdEJFone7gYGtP7WUxBw0luS-Qs-VluoTO7HXhJHFZcGStFXQL81r5mRDFkPEscA";
const GOLDEN_RECORD: &str = "AbM5Kz-UKJS9IAPxW758Ds3ft6jrCxTSKnP1uG0XWp5cVm1ZAoY26frkkXO76_6l1CUrV2jQR7PDAsxQa9VyYmVfR-1Hc1g70LJUL4TOnDPDNQONGTQDbt5GWiLv8vkLCmvYP1Qutu1yzltibzYyMkg9II22FCzfeCLekW25yGPndqjM5Ij5WbOZc8Vz3OK5pcqDQPG4C1WvSNJIM6X6m8KBunbz";

#[test]
fn what_is_sealed_opens_for_its_own_purpose_only() {
    let ring = ring();
    let key = ring.current_key(at(NOW));
    let sealed = seal::seal_with_nonce(key, SealPurpose::Record("pc1_a"), &[9; 24], b"hello")
        .expect("sealed");
    let open = |purpose: SealPurpose<'_>, bytes: &[u8]| {
        seal::unseal(|tag| ring.find_by_tag(tag), purpose, bytes)
    };
    assert_eq!(open(SealPurpose::Record("pc1_a"), &sealed).expect("opened").as_slice(), b"hello");
    let unseal_error =
        |purpose: SealPurpose<'_>, bytes: &[u8]| open(purpose, bytes).expect_err("refused");
    assert_eq!(unseal_error(SealPurpose::Record("pc1_b"), &sealed), UnsealError::Corrupt);
    assert_eq!(unseal_error(SealPurpose::Data(b"pc1_a"), &sealed), UnsealError::Corrupt);
    assert_eq!(unseal_error(SealPurpose::Record("pc1_a"), &[]), UnsealError::Corrupt);
    for length in 0..sealed.len() {
        assert_eq!(
            unseal_error(SealPurpose::Record("pc1_a"), &sealed[..length]),
            UnsealError::Corrupt,
            "{length} bytes"
        );
    }
    for position in 0..sealed.len() {
        let mut bad = sealed.clone();
        bad[position] ^= 1;
        let expected = match position {
            1..=8 => UnsealError::UnknownKey,
            _ => UnsealError::Corrupt,
        };
        assert_eq!(unseal_error(SealPurpose::Record("pc1_a"), &bad), expected, "byte {position}");
    }
    let newer = [&[2][..], &sealed[1..]].concat();
    assert_eq!(unseal_error(SealPurpose::Record("pc1_a"), &newer), UnsealError::NewerFormat);
}

#[test]
fn a_cookie_header_is_read_without_tricks() {
    let find = |header: &str| cookie::find(header, "n").map(|found| found.map(str::to_owned));
    let some = |value: &str| Ok(Some(value.to_owned()));
    assert_eq!(find("n=1"), some("1"));
    assert_eq!(find("a=0;n=1 ;\tb=2"), some("1"));
    assert_eq!(find("n = 1"), some("1"));
    assert_eq!(find("n=a=b"), some("a=b"));
    assert_eq!(find("n=\"1\""), some("\"1\""));
    assert_eq!(find("n=%20"), some("%20"));
    assert_eq!(find("N=1; nn=2; $n=3; n"), Ok(None));
    assert_eq!(find("\u{a0}n=1"), Ok(None));
    assert_eq!(find("n=1; n=1"), Err(CookieHeaderError::Duplicate));
    assert_eq!(find(&format!("n=1;{}", "a;".repeat(178))), some("1"));
    assert_eq!(find(&format!("n=1;{}", "a;".repeat(179))), Err(CookieHeaderError::TooLarge));
    assert_eq!(find(&format!("n=1;{}", "a".repeat(16_380))), some("1"));
    assert_eq!(find(&format!("n=1;{}", "a".repeat(16_381))), Err(CookieHeaderError::TooLarge));
}

fn jar(
    name: &str,
    refresh_path: Option<&str>,
) -> portcullis::foundation::error::Result<CookieConfig> {
    let (persistence, same_site) = (Persistence::Persistent, SameSite::Lax);
    CookieConfig::new(&CookieConfigInput {
        name,
        refresh_path,
        persistence,
        same_site,
        development: false,
    })
}

#[test]
fn a_cookie_is_written_whole_or_not_at_all() {
    let jar = jar("portcullis", None).expect("a jar");
    assert_eq!(
        jar.set(CookieKind::Access, "v", 5).expect("a cookie").expose(),
        "__Host-portcullis-access=v; Path=/; Max-Age=5; Secure; HttpOnly; SameSite=Lax"
    );
    assert_eq!(
        jar.clear(CookieKind::Refresh(7)).expose(),
        "__Host-portcullis-refresh-7=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"
    );
    for bad in ["a;b", "a,b", "a b", "a\"b", "a\\b", "a\nb", "a\u{0}b", "é"] {
        assert!(jar.set(CookieKind::Access, bad, 5).is_err(), "{bad:?}");
    }
    let most = 4096 - "__Host-portcullis-access".len();
    assert!(jar.set(CookieKind::Access, &"v".repeat(most), 5).is_ok());
    assert_eq!(
        jar.set(CookieKind::Access, &"v".repeat(most + 1), 5).expect_err("too large").code(),
        ErrorCode::CookieTooLarge
    );
}

#[test]
fn provenance_is_judged_by_fetch_metadata_and_then_origin() {
    let host = "app.example";
    let verdict = |method, sec_fetch_site, origin| {
        OriginPolicy::default().check_request(&RequestOrigin {
            method,
            host,
            path: "/",
            sec_fetch_site,
            origin,
        })
    };
    assert_eq!(verdict("GET", Some("cross-site"), None), OriginVerdict::Safe);
    assert_eq!(verdict("get", Some("cross-site"), None), OriginVerdict::CrossOrigin);
    assert_eq!(
        verdict("POST", Some("same-origin"), Some("https://evil.example")),
        OriginVerdict::SameOrigin
    );
    assert_eq!(
        verdict("POST", Some("same-site"), Some("https://app.example")),
        OriginVerdict::CrossOrigin
    );
    assert_eq!(verdict("POST", None, Some("https://app.example")), OriginVerdict::SameOrigin);
    assert_eq!(verdict("POST", None, Some("null")), OriginVerdict::CrossOrigin);
    assert_eq!(verdict("POST", None, None), OriginVerdict::Unknown);
}

#[test]
fn times_saturate_and_bad_ones_are_refused() {
    for bad in
        [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 0.5, 253_402_300_799_001.0, 1e300]
    {
        assert_eq!(
            Timestamp::from_host(bad).expect_err("no time").code(),
            ErrorCode::Clock,
            "{bad}"
        );
    }
    assert_eq!(Timestamp::from_host(1.0), Ok(at(1)));
    assert_eq!(Timestamp::from_host(253_402_300_799_000.0), Ok(at(253_402_300_799_000)));
    assert_eq!(at(u64::MAX).saturating_add(Seconds(u32::MAX)), at(u64::MAX));
    assert_eq!(at(5).ms_since(at(9)), 0);
}

#[test]
fn json_that_two_readers_could_read_in_two_ways_is_refused() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let objects = |depth: usize| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
    for good in [
        r#"{"a":{"a":[{"a":1},{"a":2}]},"b":1}"#,
        r#"{"":1,"A":1,"a":1}"#,
        &nested(64),
        &objects(64),
    ] {
        assert!(json::is_strict(good.as_bytes()), "{good}");
    }
    let twice = [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"b":2,"a":1}"#,
        r#"{"x":[{"a":1,"\u0061":1}]}"#,
        r#"{"\u00e9":1,"é":1}"#,
    ];
    for bad in twice.into_iter().chain([
        "",
        "{",
        "{}{}",
        "{} x",
        "\u{feff}{}",
        "{'a':1}",
        "{\"a\":NaN}",
        "[1,]",
        "1e999",
        &nested(65),
        &objects(65),
        &nested(100_000),
    ]) {
        assert!(!json::is_strict(bad.as_bytes()), "{}", &bad[..bad.len().min(40)]);
    }
    assert!(!json::is_strict(b"\"\xff\""));
}

#[test]
fn every_code_is_unique_and_says_what_to_do() {
    let mut all: Vec<_> =
        ErrorCode::ALL.iter().map(|code| (code.code(), code.message(), code.status())).collect();
    all.extend(
        RejectionReason::ALL
            .iter()
            .map(|reason| (reason.code(), reason.message(), reason.status())),
    );
    let mut codes: Vec<_> = all.iter().map(|(code, _, _)| *code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all.len());
    for (code, message, status) in all {
        assert!(
            code.starts_with("ERR_")
                && message.ends_with(['.', ')'])
                && (400..=599).contains(&status),
            "{code}"
        );
    }
}

#[test]
fn a_refresh_cookie_that_stays_on_a_path_gives_up_the_host_prefix() {
    let jar = jar("site", Some("/session")).expect("a jar");
    assert_eq!(
        jar.set(CookieKind::Refresh(3), "v", 5).expect("a cookie").expose(),
        "__Secure-site-refresh-3=v; Path=/session; Max-Age=5; Secure; HttpOnly; SameSite=Lax"
    );
    assert_eq!(
        jar.clear(CookieKind::Refresh(3)).expose(),
        "__Secure-site-refresh-3=; Path=/session; Max-Age=0; Secure; HttpOnly; SameSite=Lax"
    );
    assert_eq!(jar.name(CookieKind::Access), "__Host-site-access");
    assert_eq!(
        jar.set(CookieKind::Csrf, "v", 5).expect("a cookie").expose(),
        "__Host-site-csrf=v; Path=/; Max-Age=5; Secure; SameSite=Lax"
    );
}

#[test]
fn names_and_paths_that_a_cookie_cannot_have_are_refused() {
    for name in ["", "a b", "a;b", "a=b", "é", "__Host-a.b", &"n".repeat(33)] {
        assert!(jar(name, None).is_err(), "{name:?}");
    }
    assert!(jar(&"n".repeat(32), None).is_ok());
    for path in ["", "session", "/a;b", "/a b", "/é", "/\n", &format!("/{}", "p".repeat(256))] {
        assert!(jar("n", Some(path)).is_err(), "{path:?}");
    }
    assert!(jar("n", Some(&format!("/{}", "p".repeat(255)))).is_ok());
}
