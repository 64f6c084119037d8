//! Foreign conformance data, where it lies beside the repository. Without it these tests say so and pass.
#![cfg(not(target_arch = "wasm32"))]

use portcullis::csrf::{Provenance, Verdict, judge};
use portcullis::keys::SecretInput;
use portcullis::time::{Seconds, Timestamp};
use portcullis::token::claims::Expected;
use portcullis::token::import::{Form, TokenKeyInput};
use portcullis::token::jwk::Use;
use portcullis::token::jws::Verifier;
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

/// One published attack a token, everything else correctly signed: none is accepted, and no good one is refused.
#[test]
fn hostile_tokens_are_refused_and_good_ones_accepted() {
    let Some(data) = vectors("jwt/hostile_sample.json") else { return };
    let now = Timestamp::from_ms(data["policy"]["now"].as_u64().expect("a time") * 1000);
    let expected = Expected {
        issuer: "https://issuer.example".to_owned(),
        audiences: vec!["https://api.example".to_owned()],
        types: vec![Some("JWT".to_owned()), None],
        required: Vec::new(),
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
        let key = TokenKeyInput::new(None, Form::Jwk, SecretInput::from_text(&jwk.to_string()));
        let key = key.read(Use::Verify).expect("a key");
        let verifier = Verifier::new(&[key], expected.clone()).expect("one key");
        let mut room = Vec::new();
        let answer = verifier.verify(case["token"].as_str().expect("a token"), now, &mut room);
        match case["expect"].as_str() {
            Some("accept") => assert!(answer.is_ok(), "{}: {answer:?}", case["id"]),
            Some("reject") => assert!(answer.is_err(), "{}: accepted", case["id"]),
            _ => println!("{}: {}", case["id"], if answer.is_ok() { "accepted" } else { "refused" }),
        }
    }
}

/// Two labels differ for us: the files of duplicate names are accepted there and refused here.
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
        assert_eq!(portcullis::token::json::is_strict(&bytes), expected, "{name}");
        seen += 1;
    }
    assert!(seen >= 141, "{seen} files");
}

/// Go's CrossOriginProtection answers 200 where no header says anything; we tell that case apart as `Unknown`.
#[test]
fn provenance_is_judged_as_go_does() {
    let Some(data) = vectors("csrf/cross_origin_protection.json") else { return };
    let host = data["host"].as_str().expect("a host");
    let cases = data["sec_fetch_site"].as_array().expect("cases");
    assert!(cases.len() >= 12);
    for case in cases {
        let text = |name: &str| case[name].as_str().filter(|text| !text.is_empty());
        let method = text("method").expect("a method");
        let verdict =
            judge(&Provenance { method, host, sec_fetch_site: text("sec_fetch_site"), origin: text("origin") });
        let status = if verdict == Verdict::CrossOrigin { 403 } else { 200 };
        assert_eq!(case["expect"].as_u64(), Some(status), "{}", case["name"]);
    }
}
