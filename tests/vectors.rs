//! Published conformance data of other projects. Where the data is not beside the repository, these
//! tests print a notice and pass.
#![cfg(not(target_arch = "wasm32"))]

use portcullis::formats::origin_check::{OriginPolicy, OriginVerdict, RequestOrigin};
use portcullis::formats::secret_input::SecretInput;
use portcullis::formats::token::claims::ExpectedClaims;
use portcullis::formats::token::jwk::KeyUse;
use portcullis::formats::token::jws::Verifier;
use portcullis::formats::token::key_import::{KeyFormat, TokenKeyInput};
use portcullis::foundation::time::{Seconds, Timestamp};
use serde_json::Value;
use std::path::Path;

fn vectors(name: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors").join(name);
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("no conformance data beside the repository: {name} was not run");
        return None;
    };
    Some(serde_json::from_str(&text).expect("JSON"))
}

/// Each hostile token carries one published attack and is otherwise valid. No hostile token may be
/// accepted, and no valid one rejected.
#[test]
fn hostile_tokens_are_refused_and_good_ones_accepted() {
    let Some(data) = vectors("jwt/hostile_sample.json") else { return };
    let now = Timestamp::from_ms(data["policy"]["now"].as_u64().expect("a time") * 1000);
    let expected = ExpectedClaims {
        issuer: "https://issuer.example".to_owned(),
        audiences: vec!["https://api.example".to_owned()],
        token_types: vec![Some("JWT".to_owned()), None],
        required_claims: Vec::new(),
        leeway: Seconds(60),
        max_lifetime: Seconds(31_536_000),
        max_age: None,
    };
    let cases = data["cases"].as_array().expect("cases");
    assert!(cases.len() >= 63);
    for case in cases {
        let mut jwk = data["keys"][case["profile"].as_str().expect("a profile")].clone();
        for member in ["d", "from"] {
            jwk.as_object_mut().expect("a key").remove(member);
        }
        let key =
            TokenKeyInput::new(None, KeyFormat::Jwk, SecretInput::from_text(&jwk.to_string()));
        let key = key.parse(KeyUse::Verify).expect("a key");
        let verifier = Verifier::new(&[key], expected.clone()).expect("one key");
        let mut buffer = Vec::new();
        let answer = verifier.verify(case["token"].as_str().expect("a token"), now, &mut buffer);
        match case["expect"].as_str() {
            Some("accept") => assert!(answer.is_ok(), "{}: {answer:?}", case["id"]),
            Some("reject") => assert!(answer.is_err(), "{}: accepted", case["id"]),
            _ => {
                println!("{}: {}", case["id"], if answer.is_ok() { "accepted" } else { "refused" })
            }
        }
    }
}

/// The suite accepts its two files with duplicate names, which this parser rejects.
#[test]
fn json_is_read_as_the_suite_says_and_stricter_on_names() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors/json");
    let Ok(files) = std::fs::read_dir(folder) else {
        println!("no conformance data beside the repository: the JSON files were not run");
        return;
    };
    let mut seen = 0;
    for file in files.filter_map(|file| file.ok()) {
        let name = file.file_name().to_string_lossy().into_owned();
        let expected = match name.get(..2) {
            Some("y_") => !name.contains("duplicated_key"),
            Some("n_") => false,
            _ => continue,
        };
        let bytes = std::fs::read(file.path()).expect("a file");
        assert_eq!(portcullis::formats::token::json::is_strict(&bytes), expected, "{name}");
        seen += 1;
    }
    assert!(seen >= 141, "{seen} files");
}

/// Go's CrossOriginProtection accepts requests without both headers. The core has the separate
/// verdict `Unknown` for them, which counts as accepted here.
#[test]
fn provenance_is_judged_as_go_does() {
    let Some(data) = vectors("csrf/cross_origin_protection.json") else { return };
    let host = data["host"].as_str().expect("a host");
    let cases = data["sec_fetch_site"].as_array().expect("cases");
    assert!(cases.len() >= 12);
    for case in cases {
        let text = |name: &str| case[name].as_str().filter(|text| !text.is_empty());
        let method = text("method").expect("a method");
        let (sec_fetch_site, origin) = (text("sec_fetch_site"), text("origin"));
        let status = status(
            &OriginPolicy::default(),
            &RequestOrigin { method, host, path: "/", sec_fetch_site, origin },
        );
        assert_eq!(case["expect"].as_u64(), Some(status), "{}", case["name"]);
    }
}

#[test]
fn trusted_origins_and_exempt_paths_are_read_as_go_does() {
    let Some(data) = vectors("csrf/cross_origin_protection.json") else { return };
    let host = data["host"].as_str().expect("a host");
    let list = |value: &Value| {
        value.as_array().expect("a list").iter().map(|one| text_of(one, "")).collect::<Vec<_>>()
    };
    let strict = |text: String| (!text.is_empty()).then_some(text);

    let trusted = OriginPolicy::new(&list(&data["trusted_origin"]["trusted"]), &[]).expect("rules");
    for case in data["trusted_origin"]["tests"].as_array().expect("cases") {
        let (site, origin) =
            (strict(text_of(case, "sec_fetch_site")), strict(text_of(case, "origin")));
        let (sec_fetch_site, origin) = (site.as_deref(), origin.as_deref());
        let status = status(
            &trusted,
            &RequestOrigin { method: "POST", host, path: "/", sec_fetch_site, origin },
        );
        assert_eq!(case["expect"].as_u64(), Some(status), "{}", case["name"]);
    }

    let exempt =
        OriginPolicy::new(&[], &list(&data["bypass_patterns"]["patterns"])).expect("rules");
    let cases = data["bypass_patterns"]["tests"].as_array().expect("cases");
    assert!(cases.len() >= 17);
    for case in cases {
        let (path, site) = (text_of(case, "path"), strict(text_of(case, "sec_fetch_site")));
        let origin = Some("https://attacker.example");
        let status = status(
            &exempt,
            &RequestOrigin {
                method: "POST",
                host,
                path: &path,
                sec_fetch_site: site.as_deref(),
                origin,
            },
        );
        assert_eq!(case["expect"].as_u64(), Some(status), "{case}");
    }

    for case in data["trusted_origin_config"].as_array().expect("cases") {
        let is_good = OriginPolicy::new(&[text_of(case, "origin")], &[]).is_ok();
        assert_eq!(case["valid"].as_bool(), Some(is_good), "{case}");
    }
}

fn status(rules: &OriginPolicy, provenance: &RequestOrigin<'_>) -> u64 {
    if rules.check_request(provenance) == OriginVerdict::CrossOrigin { 403 } else { 200 }
}

/// The text of a member, or of the value itself where `name` is empty.
fn text_of(value: &Value, name: &str) -> String {
    let text = if name.is_empty() { value } else { &value[name] };
    text.as_str().unwrap_or_default().to_owned()
}
