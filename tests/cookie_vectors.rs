//! Published test cases for cookies, where the conformance data is beside the repository. A cookie
//! is parsed as the browser sent it. A value is set unchanged or rejected, and never altered.
#![cfg(not(target_arch = "wasm32"))]

use portcullis::formats::cookie::{
    self, CookieConfig, CookieConfigInput, CookieKind, Persistence, SameSite,
};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors/cookies")
}

fn vectors(name: &str) -> Option<Value> {
    let text = fs::read_to_string(folder().join(name)).ok()?;
    Some(serde_json::from_str(&text).expect("JSON"))
}

fn cases<'a>(data: &'a Value, name: &str, least: usize) -> &'a [Value] {
    let cases = data[name].as_array().unwrap_or_else(|| panic!("{name} is a list"));
    assert!(cases.len() >= least, "{name} has {} cases", cases.len());
    cases
}

fn jar(refresh_path: Option<&str>) -> portcullis::foundation::error::Result<CookieConfig> {
    let (persistence, same_site) = (Persistence::Persistent, SameSite::Lax);
    CookieConfig::new(&CookieConfigInput {
        name: "site",
        refresh_path,
        persistence,
        same_site,
        development: false,
    })
}

/// Checks that every pair of a header is found by its name with an unchanged value, and gives the
/// number of pairs.
fn reads(header: &str) -> usize {
    let pairs: Vec<(&str, &str)> =
        header.split(';').filter_map(|pair| pair.split_once('=')).collect();
    for (name, value) in &pairs {
        let trim = |text: &str| text.trim_matches([' ', '\t']).to_owned();
        let twice = pairs.iter().filter(|(other, _)| trim(other) == trim(name)).count() > 1;
        let found = cookie::find(header, &trim(name)).map(|found| found.map(str::to_owned));
        // Of two cookies with one name, either may come from an attacker.
        assert_eq!(found.is_err(), twice, "{header:?}");
        if !twice {
            assert_eq!(found, Ok(Some(trim(value))), "{name:?} in {header:?}");
        }
    }
    pairs.len()
}

/// Whether a value can be set. Checks that it is then unchanged.
fn writes_whole(value: &str) -> bool {
    match jar(None).expect("a jar").set(CookieKind::Access, value, 5) {
        Ok(line) => {
            assert!(
                line.expose().starts_with(&format!("__Host-site-access={value}; Path=/;")),
                "{}",
                line.expose()
            );
            true
        }
        Err(_) => false,
    }
}

#[test]
fn what_go_s_cases_send_is_read() {
    let Some(data) = vectors("go_cookie_cases.json") else { return };
    for case in cases(&data, "read_cookie_header", 7) {
        for header in case["cookie_headers"].as_array().expect("headers") {
            let header = header.as_str().expect("a header");
            reads(header);
            let wanted = case["expect"].as_array().expect("pairs");
            for pair in
                wanted.iter().filter_map(|pair| Some((pair[0].as_str()?, pair[1].as_str()?)))
            {
                let Ok(Some(found)) = cookie::find(header, pair.0) else { continue };
                // Go removes quotes. Browsers and the core treat them as a part of the value.
                assert_eq!(found.trim_matches('"'), pair.1);
            }
        }
    }
}

#[test]
fn what_go_would_quote_or_drop_is_refused() {
    let Some(data) = vectors("go_cookie_cases.json") else { return };
    let values = cases(&data, "write_set_cookie", 31)
        .iter()
        .filter_map(|case| case["cookie"]["Value"].as_str());
    let written = values.filter(|value| writes_whole(value)).count();
    assert!(written >= 15, "{written}");
    for case in cases(&data, "sanitize_value", 12) {
        let (given, sent) =
            (case[0].as_str().expect("a value"), case[1].as_str().expect("a value"));
        assert_eq!(writes_whole(given), given == sent && given != "\"withquotes\"", "{given:?}");
    }
    for case in cases(&data, "sanitize_path", 3) {
        let (given, kept) = (case[0].as_str().expect("a path"), case[1].as_str().expect("a path"));
        // The core is stricter than Go, because it also rejects a space.
        assert_eq!(jar(Some(given)).is_ok(), given == kept && !given.contains(' '), "{given:?}");
    }
}

#[test]
fn what_browsers_send_after_the_web_platform_s_cases_is_read() {
    let Some(data) = vectors("wpt_cookies.json") else { return };
    let headers = cases(&data, "value", 23).iter().chain(cases(&data, "invalid_attributes", 26));
    let read: usize = headers.filter_map(|case| case["cookie"].as_str()).map(reads).sum();
    assert!(read >= 40, "{read}");
}

#[test]
fn what_browsers_send_after_the_cases_of_http_state_is_read() {
    let Ok(files) = fs::read_dir(folder().join("http-state")) else { return };
    let mut read = 0;
    for file in files
        .map(|file| file.expect("a file").path())
        .filter(|file| file.to_string_lossy().ends_with("-expected"))
    {
        // Some bytes are not UTF-8. A header arrives as a text with one character for each byte.
        let text: String = fs::read(&file).expect("a file").into_iter().map(char::from).collect();
        read +=
            text.lines().filter_map(|line| line.strip_prefix("Cookie: ")).map(reads).sum::<usize>();
    }
    assert!(read >= 90, "{read}");
}
