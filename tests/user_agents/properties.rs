//! Properties of every text: parsing never panics, the result is small and deterministic, and only
//! the first kilobyte matters.

use portcullis::risk::user_agent::UserAgent;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Pieces that the parser looks for, so that random texts reach its branches.
const PIECES: &[&str] = &[
    "Mozilla/5.0 ",
    "(",
    ")",
    "[",
    "]",
    ";",
    " ",
    "/",
    "-",
    ".",
    "+",
    "\"",
    "\\",
    "compatible; ",
    "Windows NT 6.",
    "iPhone OS 9_3",
    "HbbTV/1.1.1 (;",
    "2013;",
    "Version/",
    "Chrome/",
    "Edg/",
    "FBAV/",
    "Googlebot",
    "bot",
    " Crawler",
    "the spider",
    "v1",
    "99999999999",
    "CFNetwork/",
    "Darwin/",
    "Trident/",
    "Firefox OS",
    "Mobile",
    " for ",
    "http://",
    "Not A Brand",
    "é",
    "\u{1f600}",
];

fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[ -~]{0,12}",
    ];
    prop_oneof![
        vec(piece, 0..60).prop_map(|pieces| pieces.concat()),
        vec(any::<char>(), 0..3000).prop_map(String::from_iter)
    ]
}

fn bounded(agent: UserAgent<'_>) -> bool {
    agent.family.len() <= 1024 && agent.os.len() <= 1024
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_has_one_small_answer(text in texts()) {
        let copy = text.clone();
        let agent = UserAgent::parse(&text);
        prop_assert!(bounded(agent));
        prop_assert_eq!(UserAgent::parse(&copy), agent);
        prop_assert!(
            !agent.contradicts(UserAgent::default()) && !UserAgent::default().contradicts(agent)
        );
    }

    #[test]
    fn any_hints_have_one_small_answer(brands in texts(), platform in texts(), mobile in texts()) {
        let hints = UserAgent::from_hints(&brands, Some(&platform), Some(&mobile));
        prop_assert!(bounded(hints));
        prop_assert_eq!(UserAgent::from_hints(&brands, Some(&platform), Some(&mobile)), hints);
        prop_assert!(!hints.contradicts(hints));
    }

    #[test]
    fn what_lies_behind_a_kilobyte_tells_nothing(text in texts(), more in texts()) {
        let padded = format!("{text:1024}");
        let longer = format!("{padded}{more}");
        prop_assert_eq!(UserAgent::parse(&padded), UserAgent::parse(&longer));
    }
}
