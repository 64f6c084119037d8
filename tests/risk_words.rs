//! The words of scoring stand in two tables, the core's and the package's: they are the same.
#![cfg(not(target_arch = "wasm32"))]

use portcullis::risk::{Action, Blind, Kind, Reason, Response, TokenFact};

/// The words of a table in pkg/src/risk.ts.
fn table(name: &str) -> Vec<String> {
    let source = include_str!("../pkg/src/risk.ts");
    let start = source.find(&format!("const {name}: ")).expect("the table");
    let line = source[start..].lines().next().expect("a line");
    let words = line.split_once("= [").expect("a list").1.trim_end_matches(']');
    words.split(", ").map(|word| word.trim_matches('\'').to_owned()).collect()
}

#[test]
fn every_word_of_the_core_stands_at_its_place_in_the_package() {
    assert_eq!(
        table("REASONS"),
        Reason::ALL.iter().map(|reason| reason.word()).collect::<Vec<_>>()
    );
    assert_eq!(table("BLIND"), Blind::NAMES);
    assert_eq!(table("KINDS"), Kind::ALL.map(Kind::word));
    // The first is that there is nothing to tell, which has no word.
    assert_eq!(table("TOKEN_FACTS"), TokenFact::ALL.map(TokenFact::word)[1..]);
    assert_eq!(table("ACTIONS"), [Action::Allow, Action::StepUp, Action::Revoke].map(Action::word));
    let responses =
        [Response::Allow, Response::Log, Response::Shorten, Response::StepUp, Response::Revoke];
    assert_eq!(table("RESPONSES"), responses.map(Response::word));
    assert!(Kind::ALL.iter().enumerate().all(|(place, kind)| *kind as usize == place));
    assert!(Reason::ALL.iter().enumerate().all(|(place, reason)| *reason as usize == place));
    assert!(responses.iter().enumerate().all(|(place, response)| *response as usize == place));
}
