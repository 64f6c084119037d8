//! Reads a decision of the product: its effect on cookies and store, and whether it breaks an
//! invariant by itself.

use super::decisions::{
    Cookies, DecisionOracle, ModelDecision, ModelQuery, ModelResponse, ROWS, RecordId,
};
use super::state::{Fault, Job};
use crate::support;
use portcullis::decide::{Decision, Outcome, SessionEventKind};
use portcullis::formats::token::access_token::AccessTokenClaims;
use portcullis::formats::token::refresh_token::{RefreshToken, secret_hash};

/// The meaning of a decision for the model.
pub fn ruling(
    product: &DecisionOracle,
    question: ModelQuery,
    sent: Cookies,
    decision: &Decision,
) -> ModelDecision {
    let ModelQuery { job, record, clock } = question;
    let outcome = &decision.outcome;
    let mut room = Vec::new();
    let claims = access(product, outcome, clock, &mut room);
    let answer = ModelResponse {
        cookies: refresh(product, outcome),
        access: claims
            .as_ref()
            .map(|claims| u8::try_from(claims.generation).expect("few generations")),
        clears: matches!(outcome, Outcome::Rejected(_))
            && support::rejection_summary(outcome).2 > 0,
    };
    let status = if let Outcome::Rejected(rejection) = outcome { rejection.status } else { 200 };
    let row = row(decision);
    let is_refresh = matches!(job, Job::Thief(_))
        || matches!(job, Job::Browser(exchange) if exchange.step_up.is_none());
    let is_raised = claims.is_some_and(|claims| claims.acr.as_deref() == Some("aal2"));
    let fault = match sent.newest().map(|token| product.parse(token)) {
        _ if status == 409 && answer.clears => Some(Fault::LoserCleared),
        Some(token)
            if is_refresh && status == 200 && raised(product, &token, is_raised, answer) =>
        {
            Some(Fault::AssuranceRaised)
        }
        Some(token)
            if is_refresh && status == 200 && forked(product, &token, record, row, answer) =>
        {
            Some(Fault::Forked)
        }
        _ => None,
    };
    ModelDecision {
        write: decision.write.as_ref().map(|write| product.record(write.value.clone())),
        row: row
            .and_then(|row| ROWS.iter().position(|one| *one == row))
            .and_then(|place| u8::try_from(place).ok()),
        status,
        answer,
        alarm: decision.events.iter().any(|event| event.kind == SessionEventKind::Reuse),
        fault,
    }
}

fn row(decision: &Decision) -> Option<&'static str> {
    match &decision.outcome {
        Outcome::Rejected(rejection) => rejection.details.map(|details| details.row),
        Outcome::Refreshed { .. } => {
            decision.events.first().and_then(|event| event.rotation).map(|details| details.row)
        }
        _ => None,
    }
}

fn access<'a>(
    product: &DecisionOracle,
    outcome: &Outcome,
    clock: u8,
    room: &'a mut Vec<u8>,
) -> Option<AccessTokenClaims<'a>> {
    let token =
        support::cookie(outcome, "__Host-portcullis-access").filter(|token| !token.is_empty())?;
    let verified =
        product.site.verifier.verify(&token, product.at(clock), room).expect("our own token");
    Some(AccessTokenClaims::parse(verified.claims()).expect("our own claims"))
}

/// Chooses the cookie by parity, for a browser with two cookies.
fn refresh(product: &DecisionOracle, outcome: &Outcome) -> Cookies {
    let token = support::refresh_cookie(outcome).map(|text| {
        let token = RefreshToken::parse(&text, &product.site.key_ring).expect("our own token");
        product.token(&text, u8::try_from(token.generation).expect("few generations"))
    });
    Cookies {
        even: token.filter(|token| token.generation % 2 == 0),
        odd: token.filter(|token| token.generation % 2 == 1),
    }
}

/// A token from before a step-up must not get the assurance of the step-up.
fn raised(
    product: &DecisionOracle,
    presented: &RefreshToken,
    is_raised: bool,
    answer: ModelResponse,
) -> bool {
    let given = answer.cookies.newest().map(|token| product.parse(token));
    let leaks = given.is_some_and(|token| !product.is_of_the_sign_in(&token));
    product.is_of_the_sign_in(presented) && (is_raised || leaks)
}

/// Only one chain exists: the accepted token is the record's token, and the issued token is its
/// only successor.
fn forked(
    product: &DecisionOracle,
    presented: &RefreshToken,
    record: RecordId,
    row: Option<&str>,
    answer: ModelResponse,
) -> bool {
    let opened = product.unseal(record);
    let sessions = opened.sessions().expect("sessions");
    let Some(session) = sessions.first() else { return true };
    let is_current = session.secret_hash.matches(&secret_hash(&presented.secret));
    let key = product.site.key_ring.find_by_tag(&presented.key_tag).expect("its key");
    let successor = presented.successor(key, presented.issued_at).expect("few generations");
    let given = answer.cookies.newest().map(|token| product.parse(token));
    let is_other = given.is_some_and(|token| !token.secret.matches(&successor.secret));
    is_other || (matches!(row, Some("5" | "6")) && !is_current)
}
