//! Parses client hints and compares them with user agents.

use portcullis::risk::user_agent::{DeviceClass, UserAgent};

const CHROME: &str = r#""Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99""#;
const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36";
const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36";
const FIREFOX: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0";

#[test]
fn the_most_telling_brand_is_the_family_in_whatever_order() {
    for (brands, family, major) in [
        (CHROME, "Chrome", Some(124)),
        (
            r#""Not_A Brand";v="8", "Chromium";v="120", "Google Chrome";v="120""#,
            "Chrome",
            Some(120),
        ),
        (
            r#""Microsoft Edge";v="124", "Chromium";v="124", "Not-A.Brand";v="99""#,
            "Edge",
            Some(124),
        ),
        (r#""Chromium";v="124", "Brave";v="124", "Not-A.Brand";v="99""#, "Brave", Some(124)),
        (
            r#""Yowser";v="2.5", "Chromium";v="122", "YaBrowser";v="24.4", "Not(A:Brand";v="24""#,
            "Yandex Browser",
            Some(24),
        ),
        (
            r#""Android WebView";v="124", "Chromium";v="124", "Not-A.Brand";v="99""#,
            "Chrome Mobile WebView",
            Some(124),
        ),
        (r#""Chromium";v="124", "Not;A=Brand";v="8""#, "Chromium", Some(124)),
        (r#"" Not A;Brand";v="99", "Chromium";v="90", "Google Chrome";v="90""#, "Chrome", Some(90)),
        (
            r#""\\Not\"A;Brand";v="99", "Chromium";v="86", "Google Chrome";v="86""#,
            "Chrome",
            Some(86),
        ),
    ] {
        let hints = UserAgent::from_hints(brands, None, None);
        assert_eq!((hints.family, hints.major), (family, major), "{brands}");
    }
}

#[test]
fn platforms_and_forms_have_our_names() {
    for (platform, mobile, os, class) in [
        (r#""Windows""#, "?0", "Windows", DeviceClass::Desktop),
        (r#""macOS""#, "?0", "Mac OS X", DeviceClass::Desktop),
        (r#""Linux""#, "?0", "Linux", DeviceClass::Desktop),
        (r#""Chromium OS""#, "?0", "Chrome OS", DeviceClass::Desktop),
        (r#""Android""#, "?1", "Android", DeviceClass::Mobile),
        (r#""Android""#, "?0", "Android", DeviceClass::Tablet),
        (r#""Unknown""#, "?0", "", DeviceClass::Unknown),
        ("", "", "", DeviceClass::Unknown),
    ] {
        let hints = UserAgent::from_hints(CHROME, Some(platform), Some(mobile));
        assert_eq!((hints.os, hints.class), (os, class), "{platform} {mobile}");
    }
}

#[test]
fn broken_hints_say_nothing() {
    for brands in ["", "\"", "\"Google Chrome", "Google Chrome", "\\", "\"\\", r#""";v="1""#] {
        let hints = UserAgent::from_hints(brands, Some(brands), Some(brands));
        assert_eq!(hints, UserAgent::default(), "{brands}");
    }
}

/// The user agent, the brands, the platform, and whether they contradict each other.
const PAIRS: &[(&str, &str, Option<&str>, bool)] = &[
    // Equal browser and system.
    (WINDOWS, CHROME, Some(r#""Windows""#), false),
    (ANDROID, CHROME, Some(r#""Android""#), false),
    (LINUX, CHROME, Some(r#""Linux""#), false),
    // Another system.
    (WINDOWS, CHROME, Some(r#""macOS""#), true),
    (WINDOWS, CHROME, Some(r#""Android""#), true),
    (ANDROID, CHROME, Some(r#""Windows""#), true),
    // A phone requests the desktop version of a page.
    (LINUX, CHROME, Some(r#""Android""#), false),
    (LINUX, CHROME, Some(r#""Chrome OS""#), false),
    // Another version of one browser.
    (WINDOWS, r#""Chromium";v="120", "Google Chrome";v="120""#, None, true),
    // Another browser, which would be named in the user agent as well.
    (WINDOWS, r#""Chromium";v="124", "Microsoft Edge";v="124""#, None, true),
    (WINDOWS, r#""Chromium";v="124", "Opera";v="110""#, None, true),
    // Browsers that show their brand only in hints.
    (WINDOWS, r#""Chromium";v="124", "Brave";v="124""#, None, false),
    (WINDOWS, r#""Chromium";v="124", "Vivaldi";v="6.7""#, None, false),
    (WINDOWS, r#""Chromium";v="124", "Not-A.Brand";v="99""#, None, false),
    // Only Chromium browsers send hints.
    (FIREFOX, CHROME, None, true),
    // Missing hints contradict nothing.
    (WINDOWS, "", None, false),
    (WINDOWS, "", Some(r#""Unknown""#), false),
    (FIREFOX, "", None, false),
    ("", CHROME, Some(r#""Windows""#), false),
    ("Something/1.0", CHROME, Some(r#""Windows""#), false),
];

#[test]
fn hints_contradict_only_what_they_can_be_compared_with() {
    for (agent, brands, platform, contradicts) in PAIRS {
        let hints = UserAgent::from_hints(brands, *platform, None);
        assert_eq!(
            UserAgent::parse(agent).contradicts(hints),
            *contradicts,
            "{agent} and {brands} {platform:?}"
        );
    }
}

#[test]
fn edge_opera_and_samsung_agree_with_their_own_hints() {
    for (token, brands) in [
        (
            "Edg/124.0.2478.51",
            r#""Chromium";v="124", "Microsoft Edge";v="124", "Not-A.Brand";v="99""#,
        ),
        ("OPR/110.0.0.0", r#""Chromium";v="124", "Opera";v="110", "Not-A.Brand";v="99""#),
    ] {
        let agent = format!("{WINDOWS} {token}");
        assert!(
            !UserAgent::parse(&agent).contradicts(UserAgent::from_hints(
                brands,
                Some("\"Windows\""),
                Some("?0")
            )),
            "{token}"
        );
    }
    let samsung = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36";
    let hints = UserAgent::from_hints(
        r#""Samsung Internet";v="25.0", "Chromium";v="121""#,
        Some("\"Android\""),
        Some("?1"),
    );
    assert!(!UserAgent::parse(samsung).contradicts(hints));
}
