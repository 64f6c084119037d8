//! Bugs that other products have had, injected around the product and never in it. The model must
//! find each.

use super::decisions::{Cookies, DecisionOracle, RecordId};
use super::state::Job;
use portcullis::decide::{Decision, RecordWrite};
use portcullis::formats::client_family::ClientFamily;
use portcullis::formats::token::refresh_token::secret_hash;
use portcullis::model::record::{ClosedGeneration, SecretHash, SessionRecord, SubjectRecord};

/// A bug of another product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InjectedBug {
    /// The store writes without comparing the revision.
    NoSwap,
    /// Row 7 moves the anchor of its window.
    SlidingWindow,
    /// The cookie that was issued later counts, and not the higher generation.
    OrderingByIat,
    /// A client whose swap fails gets its cookies cleared.
    LoserClearsCookie,
    /// A refresh that lost its swap to a revocation writes its session again.
    RefreshReCreates,
    /// The old generation is removed in one write, and the new one created in another.
    TwoWrites,
    /// The concurrent-refresh window begins at the rotation instead of the first use.
    RaceAnchoredOnRotatedAt,
    /// The window of row 7a begins at the last rotation.
    SupersededAnchoredOnTheLastRotation,
    /// The client family is compared with the one that signed in.
    SenderComparedWithTheFirst,
    /// Rows 5 and 6 compare the generation only, and not the secret.
    SecretNotCompared,
}

/// The cookies of a job, as the server takes them.
pub fn cookies_as_sent(product: &DecisionOracle, job: Job) -> Cookies {
    let cookies = match job {
        Job::Browser(exchange) | Job::Create(exchange, _) => exchange.cookies,
        Job::Thief(cookies) => cookies,
        Job::Confirm(_) | Job::Revoke => Cookies::default(),
    };
    let Cookies { even: Some(even), odd: Some(odd) } = cookies else { return cookies };
    match product.injected_bug {
        Some(InjectedBug::OrderingByIat)
            if product.parse(even).issued_at > product.parse(odd).issued_at =>
        {
            Cookies { even: Some(even), odd: None }
        }
        Some(InjectedBug::OrderingByIat) => Cookies { even: None, odd: Some(odd) },
        _ => cookies,
    }
}

/// A record, as the injected bug reads it.
pub fn record_as_read(product: &DecisionOracle, record: RecordId, cookies: Cookies) -> RecordId {
    let Some(presented) = cookies.newest().map(|token| product.parse(token)) else { return record };
    let change: &dyn Fn(&mut SessionRecord) = match product.injected_bug {
        Some(InjectedBug::RaceAnchoredOnRotatedAt) => &|session| {
            session.confirmed_at = session.confirmed_at.map(|_| session.rotated_at);
        },
        Some(InjectedBug::SupersededAnchoredOnTheLastRotation) => &|session| {
            session.closed_generations.clear();
            session.closed_generations.push(ClosedGeneration {
                generation: presented.generation,
                at: session.rotated_at,
            });
        },
        Some(InjectedBug::SenderComparedWithTheFirst) => &|session| {
            session.rotated_by = ClientFamily::from_user_agent(Some(crate::support::FIREFOX))
        },
        Some(InjectedBug::SecretNotCompared) => &|session| {
            if session.generation == presented.generation {
                session.secret_hash = SecretHash::new(secret_hash(&presented.secret));
            }
        },
        _ => return record,
    };
    let mut opened = product.unseal(record);
    change_all(&mut opened, change);
    product.seal(&opened)
}

/// A decision, as the injected bug makes it.
pub fn decision_as_made(
    product: &DecisionOracle,
    decision: &mut Decision,
    record: RecordId,
    clock: u8,
) {
    let is_retry = decision
        .events
        .first()
        .and_then(|event| event.rotation)
        .is_some_and(|details| details.row == "7");
    if product.injected_bug != Some(InjectedBug::SlidingWindow) || !is_retry {
        return;
    }
    let mut opened = product.unseal(record);
    change_all(&mut opened, &|session| {
        session.confirmed_at = session.confirmed_at.map(|_| product.at(clock))
    });
    let sealed = product.sealed(&opened);
    decision.write =
        Some(RecordWrite { value: sealed, expires_at_ms: opened.expires_at(product.at(clock)) });
}

/// The record after the old generation is removed and before the new one is created.
pub fn without_sessions(product: &DecisionOracle, record: RecordId) -> RecordId {
    let opened = product.unseal(record);
    let mut empty = SubjectRecord::new(&opened.subject);
    empty.removals.clone_from(&opened.removals);
    product.seal(&empty)
}

/// The newest record, with the session of a write that lost its swap.
pub fn re_created(product: &DecisionOracle, newest: RecordId, lost: RecordId) -> RecordId {
    let mut lost = product.unseal(lost);
    lost.subject = product.unseal(newest).subject.clone();
    lost.removals.clear();
    product.seal(&lost)
}

fn change_all(record: &mut SubjectRecord, change: &dyn Fn(&mut SessionRecord)) {
    let all: Vec<_> = record.session_summaries().map(|session| session.local_id).collect();
    all.into_iter()
        .for_each(|sid| change(record.session_mut(sid).expect("sessions").expect("one of them")));
}
