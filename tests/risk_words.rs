//! The core and the package each have a table of the texts of a risk assessment. Both must be
//! equal.
#![cfg(not(target_arch = "wasm32"))]

use portcullis::risk::{
    MissingSignals, RiskAction, RiskEventKind, RiskReason, RiskResponse, TokenStatus,
};

/// The texts of a table in pkg/src/risk/score.ts.
fn table(name: &str) -> Vec<String> {
    let source = include_str!("../pkg/src/risk/score.ts");
    let start = source.find(&format!("const {name}: ")).expect("the table");
    let (_, list) = source[start..].split_once("= [").expect("a list");
    let (list, _) = list.split_once(']').expect("the end of the list");
    let words = list.split(',').map(|word| word.trim().trim_matches('\''));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn every_word_of_the_core_stands_at_its_place_in_the_package() {
    assert_eq!(
        table("REASONS"),
        RiskReason::ALL.iter().map(|reason| reason.as_str()).collect::<Vec<_>>()
    );
    assert_eq!(table("MISSING_SIGNALS"), MissingSignals::NAMES);
    assert_eq!(table("KINDS"), RiskEventKind::ALL.map(RiskEventKind::as_str));
    // The first status is an ordinary token, which has no text.
    assert_eq!(table("TOKEN_STATUSES"), TokenStatus::ALL.map(TokenStatus::as_str)[1..]);
    assert_eq!(
        table("ACTIONS"),
        [RiskAction::Allow, RiskAction::StepUp, RiskAction::Revoke].map(RiskAction::as_str)
    );
    let responses = [
        RiskResponse::Allow,
        RiskResponse::Log,
        RiskResponse::ShortenTokenTtl,
        RiskResponse::StepUp,
        RiskResponse::Revoke,
    ];
    assert_eq!(table("RESPONSES"), responses.map(RiskResponse::as_str));
    assert!(RiskEventKind::ALL.iter().enumerate().all(|(place, kind)| *kind as usize == place));
    assert!(RiskReason::ALL.iter().enumerate().all(|(place, reason)| *reason as usize == place));
    assert!(responses.iter().enumerate().all(|(place, response)| *response as usize == place));
}
