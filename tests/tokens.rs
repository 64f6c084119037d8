//! The stages of token verification, each with tokens that fail in it. Runs natively and on wasm32.

mod support;

use portcullis::formats::key_schedule::{KeySchedule, KeyScheduleInput, KeyState};
use portcullis::formats::secret_input::SecretInput;
use portcullis::formats::token::access_token::{self, AccessTokenClaims};
use portcullis::formats::token::algorithm::{Algorithm, SigningKey};
use portcullis::formats::token::claims::ExpectedClaims;
use portcullis::formats::token::json;
use portcullis::formats::token::jwk::KeyUse;
use portcullis::formats::token::jws::Verifier;
use portcullis::formats::token::key_import::{KeyFormat, TokenKey, TokenKeyInput};
use portcullis::formats::token::signer::{Signer, SigningKeys, TokenSettings};
use portcullis::foundation::base64url;
use portcullis::foundation::error::{ErrorCode, RejectionReason};
use portcullis::foundation::time::Seconds;
use support::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const S: u64 = NOW / 1000;

/// Signs a token with this header and these claims, and verifies it.
fn said(header: &str, claims: &str, expected: &ExpectedClaims) -> Result<String, RejectionReason> {
    let key = SigningKey::hmac(&bytes(1, 32)).expect("a key");
    let message = format!(
        "{}.{}",
        base64url::encode(header.as_bytes()),
        base64url::encode(claims.as_bytes())
    );
    let token = format!("{message}.{}", key.sign(message.as_bytes()).expect("signed"));
    verify(&[hmac_key("k1", 1)], expected, &token, NOW)
}

fn verify(
    keys: &[TokenKey],
    expected: &ExpectedClaims,
    token: &str,
    now: u64,
) -> Result<String, RejectionReason> {
    let verifier = Verifier::new(keys, expected.clone()).expect("a verifier");
    verifier.verify(token, at(now), &mut Vec::new()).map(|verified| verified.text().to_owned())
}

const HEADER: &str = r#"{"typ":"JWT","alg":"HS256","kid":"k1"}"#;

fn claims(text: &str) -> Result<String, RejectionReason> {
    said(HEADER, text, &expected())
}

#[test]
fn claims_have_their_types_and_ranges() {
    let good = format!(r#""iss":"i","aud":"a","exp":{}"#, S + 60);
    for fine in [
        format!("{{{good}}}"),
        format!(" {{\n\t{good}\r}} "),
        format!(r#"{{"iss":"i","aud":["b","a"],"exp":{}}}"#, S + 60),
        format!(r#"{{"iss":"\u0069","aud":"\u0061","exp":{}}}"#, S + 60),
        format!(r#"{{"iss":"i","aud":"a","exp":{}.5}}"#, S + 60),
        format!(r#"{{"iss":"i","aud":"a","exp":{}e-2}}"#, (S + 60) * 100),
        format!(r#"{{"iss":"i","aud":"a","exp":0.{}E10}}"#, S + 60),
        format!(r#"{{{good},"sub":"","jti":"x","nbf":{S},"iat":{S}}}"#),
        format!(r#"{{{good},"nbf":0,"iat":0.0e99}}"#),
        format!(r#"{{{good},"other":null,"x":[{{}}]}}"#),
    ] {
        assert_eq!(claims(&fine).as_deref(), Ok(fine.as_str()), "{fine}");
    }
    for bad in [
        r#"{"iss":"i","aud":"a"}"#.to_owned(),
        format!(r#"{{"aud":"a","exp":{}}}"#, S + 60),
        format!(r#"{{"iss":"i","exp":{}}}"#, S + 60),
        format!(r#"{{"iss":["i"],"aud":"a","exp":{}}}"#, S + 60),
        format!(r#"{{"iss":"I","aud":"a","exp":{}}}"#, S + 60),
        format!(r#"{{"iss":"i ","aud":"a","exp":{}}}"#, S + 60),
        format!(r#"{{"iss":"i","aud":{{"a":1}},"exp":{}}}"#, S + 60),
        format!(r#"{{"iss":"i","aud":[],"exp":{}}}"#, S + 60),
        format!(r#"{{"iss":"i","aud":["a",1],"exp":{}}}"#, S + 60),
        format!(r#"{{"iss":"i","aud":[["a"]],"exp":{}}}"#, S + 60),
        format!(r#"{{"iss":"i","aud":null,"exp":{}}}"#, S + 60),
        format!(r#"{{"iss":"i","aud":"a","exp":"{}"}}"#, S + 60),
        format!(r#"{{"iss":"i","aud":"a","exp":{}}}"#, S + 3601),
        r#"{"iss":"i","aud":"a","exp":1e307}"#.to_owned(),
        r#"{"iss":"i","aud":"a","exp":true}"#.to_owned(),
        r#"{"iss":"i","aud":"a","exp":null}"#.to_owned(),
        r#"{"iss":"i","aud":"a","exp":-1}"#.to_owned(),
        r#"{"iss":"i","aud":"a","exp":253402300800}"#.to_owned(),
        format!(r#"{{{good},"nbf":null}}"#),
        format!(r#"{{{good},"sub":7}}"#),
        format!(r#"{{{good},"sub":["u"]}}"#),
        format!(r#"{{{good},"jti":null}}"#),
        format!(r#"{{{good},"nbf":{}}}"#, S + 1),
        format!(r#"{{{good},"nbf":{S}.001}}"#),
        format!(r#"{{{good},"nbf":{S}.0004}}"#),
        format!(r#"{{{good},"iat":{S}00000001e-8}}"#),
        format!(r#"{{{good},"nbf":-1}}"#),
        format!(r#"{{{good},"iat":{}}}"#, S + 1),
        format!(r#"{{{good},"iat":1e999}}"#),
        format!(r#"{{{good},"nbf":"x"}}"#),
    ] {
        let stage = if bad.contains("1e999") {
            RejectionReason::TokenClaimsJson
        } else {
            RejectionReason::TokenClaimInvalid
        };
        assert_eq!(claims(&bad), Err(stage), "{bad}");
    }
    let nested =
        |depth: usize| format!(r#"{{{good},"x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    assert!(claims(&nested(63)).is_ok());
    for bad in [
        "",
        "7",
        "[]",
        r#"["iss"]"#,
        "null",
        "{",
        "{}x",
        r#"{"iss":"i",}"#,
        "\u{feff}{}",
        &format!(r#"{{{good},"iss":"i"}}"#),
        &format!(r#"{{{good},"\u0069ss":"i"}}"#),
        &format!(r#"{{{good},"x":{{"a":1,"a":1}}}}"#),
        &format!(r#"{{{good},"x":"\ud800"}}"#),
        &nested(64),
    ] {
        assert_eq!(claims(bad), Err(RejectionReason::TokenClaimsJson), "{bad}");
    }
    assert_eq!(
        claims(&format!(r#"{{"iss":"i","aud":"a","exp":{S}}}"#)),
        Err(RejectionReason::TokenExpired)
    );
    assert!(claims(&format!(r#"{{"iss":"i","aud":"a","exp":{S}.001}}"#)).is_ok());
}

#[test]
fn many_names_are_unique_too() {
    let many = |last: &str| {
        let names: Vec<String> = (0..300).map(|n| format!(r#""n{n}":1"#)).collect();
        format!(r#"{{{},"{last}":1}}"#, names.join(","))
    };
    assert!(json::is_strict(many("x").as_bytes()));
    for twin in ["n0", "n299", r"\u006e17"] {
        assert!(!json::is_strict(many(twin).as_bytes()), "{twin}");
    }
}

#[test]
fn the_header_holds_alg_typ_and_kid_as_strings_and_nothing_else() {
    let good = format!(r#"{{"iss":"i","aud":"a","exp":{}}}"#, S + 60);
    let header = |text: &str| said(text, &good, &expected()).map(drop);
    let table = [
        (HEADER, Ok(())),
        (r#"{"kid":"k1","alg":"HS256","typ":"JWT"}"#, Ok(())),
        (r#"{"typ":"JWT","alg":"HS256"}"#, Ok(())),
        (r#"{"typ":"\u004aWT","alg":"HS256","kid":"\u006b1"}"#, Ok(())),
        (r#"{"typ":"JWT","kid":"k1"}"#, Err(RejectionReason::TokenHeader)),
        (r#"{"typ":"JWT","alg":null,"kid":"k1"}"#, Err(RejectionReason::TokenHeader)),
        (r#"{"typ":"JWT","alg":["HS256"],"kid":"k1"}"#, Err(RejectionReason::TokenHeader)),
        (r#"{"typ":7,"alg":"HS256","kid":"k1"}"#, Err(RejectionReason::TokenHeader)),
        (r#"{"typ":"JWT","alg":"HS256","kid":null}"#, Err(RejectionReason::TokenHeader)),
        (r#"{"typ":"JWT","alg":"HS256","kid":"k1","x":1}"#, Err(RejectionReason::TokenHeader)),
        (r#"{"typ":"JWT","alg":"HS256","kid":"k1","kid":"k1"}"#, Err(RejectionReason::TokenHeader)),
        (r#"["HS256"]"#, Err(RejectionReason::TokenHeader)),
        ("", Err(RejectionReason::TokenHeader)),
        (r#"{"typ":"JWT","alg":"none","kid":"k1"}"#, Err(RejectionReason::TokenAlgorithm)),
        (r#"{"typ":"JWT","alg":"hs256","kid":"k1"}"#, Err(RejectionReason::TokenAlgorithm)),
        (r#"{"typ":"JWT","alg":"EdDSA","kid":"k1"}"#, Err(RejectionReason::TokenAlgorithm)),
        (r#"{"typ":"JWT","alg":"HS256","kid":"K1"}"#, Err(RejectionReason::TokenUnknownKey)),
        (r#"{"typ":"JWT","alg":"HS256","kid":""}"#, Err(RejectionReason::TokenUnknownKey)),
        (r#"{"typ":"at+jwt","alg":"HS256","kid":"k1"}"#, Err(RejectionReason::TokenType)),
        (r#"{"alg":"HS256","kid":"k1"}"#, Err(RejectionReason::TokenType)),
        (r#"{"typ":"jwt","alg":"HS256","kid":"k1"}"#, Err(RejectionReason::TokenType)),
    ];
    for (text, expected) in table {
        assert_eq!(header(text), expected, "{text}");
    }
    for name in ["crit", "b64", "zip", "enc", "cty", "jwk", "jku", "x5u", "x5c", "x5t"] {
        let text = format!(r#"{{"typ":"JWT","alg":"HS256","kid":"k1","{name}":"x"}}"#);
        assert_eq!(header(&text), Err(RejectionReason::TokenHeader), "{name}");
    }
    let kid = |length: usize| {
        header(&format!(r#"{{"typ":"JWT","alg":"HS256","kid":"{}"}}"#, "k".repeat(length)))
    };
    assert_eq!(
        (kid(128), kid(129)),
        (Err(RejectionReason::TokenUnknownKey), Err(RejectionReason::TokenHeader))
    );
}

#[test]
fn a_token_is_three_canonical_segments_of_at_most_8192_bytes() {
    let good = |pad: usize| {
        let claims =
            format!(r#"{{"iss":"i","aud":"a","exp":{},"p":"{}"}}"#, S + 60, "x".repeat(pad));
        let signer = SigningKey::hmac(&bytes(1, 32)).expect("a key");
        let message = format!(
            "{}.{}",
            base64url::encode(HEADER.as_bytes()),
            base64url::encode(claims.as_bytes())
        );
        format!("{message}.{}", signer.sign(message.as_bytes()).expect("signed"))
    };
    let check = |token: &str| verify(&[hmac_key("k1", 1)], &expected(), token, NOW).map(drop);
    let buffer = (0..7000).rev().find(|pad| good(*pad).len() <= 8192).expect("some fit");
    assert!(good(buffer).len() > 8188);
    assert_eq!(check(&good(buffer)), Ok(()));
    assert_eq!(check(&good(buffer + 3)), Err(RejectionReason::TokenMalformed));
    let token = good(0);
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three segments")
    };
    for bad in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        ".".repeat(8192),
        format!("{header}.{payload}"),
        format!("{token}.x"),
        format!("{token}."),
        format!("{header}.{payload}.{signature}="),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}=.{signature}"),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{header}.{payload}.{}", &signature[..41]),
        token.replace('.', ".."),
        token.replacen('.', "\u{ff0e}", 1),
    ] {
        let stage = if bad == ".." {
            RejectionReason::TokenHeader
        } else {
            RejectionReason::TokenMalformed
        };
        assert_eq!(check(&bad), Err(stage), "{bad}");
    }
    assert_eq!(check(&format!("{header}.{payload}.")), Err(RejectionReason::TokenSignature));
    assert_eq!(
        check(&format!("{header}.{payload}.{}", &signature[..40])),
        Err(RejectionReason::TokenSignature)
    );
}

#[test]
fn a_policy_may_ask_for_more() {
    let token = |members: &str| {
        said(
            HEADER,
            &format!(r#"{{"iss":"i","aud":["a","b"],"exp":{}{members}}}"#, S + 60),
            &expected(),
        )
    };
    assert!(token("").is_ok());
    let with = |change: fn(&mut ExpectedClaims), members: &str| {
        let mut expected = expected();
        change(&mut expected);
        said(
            HEADER,
            &format!(r#"{{"iss":"i","aud":["a","b"],"exp":{}{members}}}"#, S + 60),
            &expected,
        )
        .map(drop)
    };
    let require_claims = |expected: &mut ExpectedClaims| {
        expected.required_claims = vec!["sub".to_owned(), "scope".to_owned()]
    };
    assert_eq!(with(require_claims, r#","sub":"u","scope":"""#), Ok(()));
    assert_eq!(with(require_claims, r#","sub":"u""#), Err(RejectionReason::TokenClaimInvalid));
    assert_eq!(
        with(require_claims, r#","sub":"u","scope":null"#),
        Err(RejectionReason::TokenClaimInvalid)
    );
    let audiences =
        |expected: &mut ExpectedClaims| expected.audiences = vec!["x".to_owned(), "b".to_owned()];
    assert_eq!(with(audiences, ""), Ok(()));
    assert_eq!(
        with(|expected| expected.audiences = vec!["x".to_owned()], ""),
        Err(RejectionReason::TokenClaimInvalid)
    );
    let age = |expected: &mut ExpectedClaims| expected.max_age = Some(Seconds(100));
    assert_eq!(with(age, ""), Err(RejectionReason::TokenClaimInvalid));
    assert_eq!(with(age, &format!(r#","iat":{}"#, S - 100)), Ok(()));
    assert_eq!(
        with(age, &format!(r#","iat":{}.999"#, S - 101)),
        Err(RejectionReason::TokenExpired)
    );
    let types =
        |expected: &mut ExpectedClaims| expected.token_types = vec![None, Some("JWT".to_owned())];
    assert_eq!(with(types, ""), Ok(()));
}

#[test]
fn the_window_says_for_how_long_an_answer_stays_true() {
    let mut expected = expected();
    expected.leeway = Seconds(30);
    let verifier = Verifier::new(&[hmac_key("k1", 1)], expected).expect("a verifier");
    let names = TokenSettings { issuer: "i", audiences: &["a".to_owned()], typ: "JWT" };
    let signer = Signer::new(&[hmac_key("k1", 1)], &names, Seconds(60)).expect("a signer");
    let token = signer.sign(&format!(r#"{{"nbf":{}}}"#, S + 10), at(NOW)).expect("a token");
    let check = |now: u64| {
        verifier.verify(&token, at(now), &mut Vec::new()).map(|verified| verified.window())
    };
    let window = check(NOW).expect("good");
    assert_eq!((window.from.ms(), window.until.ms()), (NOW - 20_000, NOW + 90_000));
    for (now, expected) in [
        (window.from.ms() - 1, Err(RejectionReason::TokenClaimInvalid)),
        (window.from.ms(), Ok(window)),
        (window.until.ms() - 1, Ok(window)),
        (window.until.ms(), Err(RejectionReason::TokenExpired)),
    ] {
        assert_eq!(check(now), expected, "{now}");
    }
}

fn schedule(times: [Option<f64>; 3]) -> KeyScheduleInput {
    let [active_at_ms, retiring_at_ms, retired_at_ms] = times;
    KeyScheduleInput { active_at_ms, retiring_at_ms, retired_at_ms }
}

#[test]
fn a_key_is_upcoming_then_active_then_retiring_then_retired() {
    let times = |all| KeySchedule::new(&schedule(all));
    let (a, b, c) = (Some(1000.0), Some(2000.0), Some(3000.0));
    let states = |all| {
        let schedule = times(all).expect("in order");
        [1, 999, 1000, 1999, 2000, 2999, 3000].map(|ms| schedule.state(at(ms)))
    };
    use KeyState::{Active, Retired, Retiring, Upcoming};
    assert_eq!(
        states([a, b, c]),
        [Upcoming, Upcoming, Active, Active, Retiring, Retiring, Retired]
    );
    assert_eq!(states([None, None, c]), [Active, Active, Active, Active, Active, Active, Retired]);
    assert_eq!(
        states([None, b, None]),
        [Active, Active, Active, Active, Retiring, Retiring, Retiring]
    );
    assert_eq!(states([None, None, None]), [Active; 7]);
    for bad in [
        [b, a, c],
        [a, c, b],
        [a, a, c],
        [c, None, b],
        [Some(-1.0), None, None],
        [None, None, Some(0.5)],
    ] {
        assert_eq!(times(bad).expect_err("out of order").code(), ErrorCode::Config, "{bad:?}");
    }
}

#[test]
fn the_first_active_key_signs_and_all_but_retired_ones_verify() {
    let key = |id: &str, seed: u8, times| {
        let secret = SecretInput::from_bytes(bytes(seed, 32));
        TokenKeyInput::new(Some(id), KeyFormat::Hmac, secret)
            .with_schedule(schedule(times))
            .parse(KeyUse::Sign)
            .expect("a key")
    };
    let t = |seconds: u64| Some((NOW + seconds * 1000) as f64);
    let ring = || [key("next", 2, [t(100), None, None]), key("now", 1, [None, t(110), t(200)])];
    let names = TokenSettings { issuer: "i", audiences: &["a".to_owned()], typ: "JWT" };
    let signer = Signer::new(&ring(), &names, Seconds(60)).expect("a signer");
    let signed_at = |seconds: u64| {
        let token = signer.sign("{}", at(NOW + seconds * 1000)).expect("a token");
        let header =
            base64url::decode(token.split('.').next().expect("a header")).expect("base64url");
        (String::from_utf8(header).expect("UTF-8").contains("next"), token)
    };
    assert_eq!([0, 99, 100, 150].map(|seconds| signed_at(seconds).0), [false, false, true, true]);
    let check = |token: &str, seconds: u64| {
        verify(&ring(), &expected(), token, NOW + seconds * 1000).map(drop)
    };
    // A signer whose clock is 60 s fast uses the upcoming key, which every verifier already trusts.
    assert_eq!(check(&signed_at(100).1, 100), Ok(()));
    let early = TokenSettings { issuer: "i", audiences: &["a".to_owned()], typ: "JWT" };
    let early =
        Signer::new(&[key("next", 2, [None, None, None])], &early, Seconds(60)).expect("a signer");
    assert_eq!(check(&early.sign("{}", at(NOW)).expect("a token"), 0), Ok(()));
    let old = signed_at(99).1;
    assert_eq!([99, 158].map(|seconds| check(&old, seconds)), [Ok(()), Ok(())]);
    let long = Signer::new(&ring()[1..], &names, Seconds(3600))
        .expect("a signer")
        .sign("{}", at(NOW))
        .expect("a token");
    assert_eq!(
        [199, 200].map(|seconds| check(&long, seconds)),
        [Ok(()), Err(RejectionReason::TokenUnknownKey)]
    );
    let retired = Signer::new(&ring()[1..], &names, Seconds(60)).expect("a signer");
    assert_eq!(
        retired.sign("{}", at(NOW + 200_000)).expect_err("no key").code(),
        ErrorCode::Config
    );
    assert!(
        retired.sign("{}", at(NOW + 150_000)).is_ok(),
        "a retiring key signs where there is no other"
    );
}

#[test]
fn a_signer_refuses_what_no_verifier_would_read() {
    let names =
        |audiences: &'static [String]| TokenSettings { issuer: "i\"\\\n", audiences, typ: "a\"b" };
    let one: &'static [String] = Box::leak(Box::new(["a".to_owned()]));
    let signer = Signer::new(&[hmac_key("k1", 1)], &names(one), Seconds(60)).expect("a signer");
    let mut strict = expected();
    strict.issuer = "i\"\\\n".to_owned();
    strict.token_types = vec![Some("a\"b".to_owned())];
    for good in
        ["{}", " {} ", r#"{"sub":"u","jti":"j","nbf":1,"cnf":{"jkt":"x"},"x":{}}"#, r#"{"x":"}"}"#]
    {
        let token = signer.sign(good, at(NOW)).expect(good);
        let text = verify(&[hmac_key("k1", 1)], &strict, &token, NOW).expect(good);
        assert!(text.starts_with(r#"{"iss":"i\"\\\u000a","aud":"a","iat":"#), "{text}");
    }
    let mut bad = vec![
        "",
        "[]",
        "7",
        "{",
        r#"{"a":1,"a":2}"#,
        r#"{"iss":"x"}"#,
        r#"{"aud":"x"}"#,
        r#"{"exp":1}"#,
        r#"{"iat":1}"#,
    ];
    bad.extend([
        r#"{"\u0069ss":"x"}"#,
        r#"{"sub":7}"#,
        r#"{"jti":null}"#,
        r#"{"nbf":"1"}"#,
        r#"{"nbf":-1}"#,
        r#"{"cnf":"x"}"#,
    ]);
    for claims in bad {
        assert_eq!(
            signer.sign(claims, at(NOW)).expect_err(claims).code(),
            ErrorCode::Argument,
            "{claims}"
        );
    }
    let sized = |length: usize| format!(r#"{{"p":"{}"}}"#, "x".repeat(length - 8));
    assert!(signer.sign(&sized(4096), at(NOW)).is_ok());
    assert_eq!(
        signer.sign(&sized(4097), at(NOW)).expect_err("too large").code(),
        ErrorCode::Argument
    );
    let rejected = |keys: &[TokenKey], audiences, ttl| {
        Signer::new(keys, &names(audiences), Seconds(ttl)).expect_err("refused").code()
    };
    assert_eq!(rejected(&[hmac_key("k1", 1)], &[], 60), ErrorCode::Argument);
    assert_eq!(
        [0, 31_536_001].map(|ttl| rejected(&[hmac_key("k1", 1)], one, ttl)),
        [ErrorCode::Argument; 2]
    );
    assert_eq!(rejected(&[], one, 60), ErrorCode::Config);
    assert_eq!(rejected(&[hmac_key("k1", 1), hmac_key("k1", 2)], one, 60), ErrorCode::Config);
    let nameless = TokenKeyInput::new(None, KeyFormat::Hmac, SecretInput::from_bytes(bytes(1, 32)))
        .parse(KeyUse::Sign);
    assert_eq!(rejected(&[nameless.expect("a key")], one, 60), ErrorCode::Config);
}

#[test]
fn our_access_tokens_carry_what_rfc_9068_names() {
    let own =
        access_token::validate_custom_claims(r#" {"role":"admin","n":1} "#).expect("good claims");
    let claims = AccessTokenClaims {
        iss: "i".into(),
        aud: "a".into(),
        sub: "ü\"".into(),
        sid: "s".into(),
        generation: 7,
        jti: "j".into(),
        iat: S,
        exp: S + 60,
        auth_time: S - 5,
        acr: Some("aal2".into()),
        amr: vec!["pwd".into(), "otp".into()],
        jkt: Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".into()),
        custom: Some(own),
    };
    let text = claims.encode();
    let object = json::parse_object(&text).expect("strict JSON");
    assert_eq!(
        AccessTokenClaims::parse(&object),
        Ok(AccessTokenClaims { custom: None, ..claims.clone() })
    );
    assert_eq!(object.get("role").map(|role| role.json()), Some("\"admin\""));
    assert_eq!(
        object.get("cnf").map(|cnf| cnf.json()),
        Some(r#"{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}"#)
    );
    for name in ["iss", "sub", "sid", "gen", "exp", "amr", "cnf", "auth_time", r"\u0073ub"] {
        assert_eq!(
            access_token::validate_custom_claims(&format!(r#"{{"{name}":1}}"#))
                .expect_err(name)
                .code(),
            ErrorCode::Argument,
            "{name}"
        );
    }
    let sized = |length: usize| format!(r#"{{"p":"{}"}}"#, "x".repeat(length - 8));
    assert!(access_token::validate_custom_claims(&sized(1024)).is_ok());
    assert!(access_token::validate_custom_claims(&sized(1025)).is_err());
    for (from, to) in [
        ("\"gen\":7", "\"gen\":-7"),
        ("\"gen\":7", "\"gen\":4294967296"),
        ("\"sid\":\"s\"", "\"sid\":1"),
        ("[\"pwd\",\"otp\"]", "\"pwd\""),
        ("\"acr\":\"aal2\"", "\"acr\":null"),
        ("{\"jkt\"", "[{\"jkt\""),
    ] {
        let changed = text
            .replace(from, to)
            .replace("[{\"jkt\":\"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I\"}", "[]");
        assert_eq!(
            AccessTokenClaims::parse(&json::parse_object(&changed).expect("JSON")),
            Err(RejectionReason::TokenClaimInvalid),
            "{to}"
        );
    }
    assert!(
        access_token::validate_thumbprint("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I").is_ok()
    );
    for bad in [
        "",
        "x",
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4J",
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I=",
    ] {
        assert_eq!(
            access_token::validate_thumbprint(bad).expect_err(bad).code(),
            ErrorCode::Argument
        );
    }
}

#[test]
fn a_head_is_chosen_by_the_schedule() {
    let heads = SigningKeys::new(&[hmac_key("k1", 1)], "JWT").expect("heads");
    assert!(heads.current_signer(at(NOW)).is_some() && heads.first().is_some());
    assert_eq!(Algorithm::from_name("HS256").map(Algorithm::name), Some("HS256"));
}
