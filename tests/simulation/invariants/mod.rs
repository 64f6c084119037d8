//! The invariants of rotation, one function for each. All of them check every observation.

mod chain;
mod people;
mod tokens;

use super::ground_truth::GroundTruth;
use super::observation::Observation;

/// A violation of an invariant.
pub type CheckResult = Result<(), String>;
type Check = fn(&GroundTruth, &Observation<'_>) -> CheckResult;

pub const ALL: [(u8, &str, Check); 14] = [
    (
        1,
        "Concurrent or retried use of R_n yields the same R_(n+1). One chain, never two.",
        chain::one_chain,
    ),
    (
        2,
        "A client that presents only tokens it was given, retries after every error and shares its \
         cookies among tabs is never signed out, reported, or robbed of its cookies.",
        people::the_honest_stay,
    ),
    (
        3,
        "A rotated token after its window never yields anything; the session dies.",
        chain::nothing_after_the_window,
    ),
    (
        4,
        "The window begins at the first rotation, never slides, and closes early on \
         confirmation.",
        chain::the_anchor_never_moves,
    ),
    (
        5,
        "An acknowledged revocation is never undone, in any order of late writes.",
        people::revocations_are_never_undone,
    ),
    (
        6,
        "A verifier without a store accepts a revoked session for at most one access-token \
         lifetime plus leeway.",
        tokens::revocations_are_seen_in_time,
    ),
    (
        7,
        "Claims always belong to the presented token's subject.",
        tokens::claims_belong_to_the_subject,
    ),
    (
        8,
        "Store faults fail closed and destroy nothing: never acceptance, never a cookie cleared.",
        people::faults_fail_closed,
    ),
    (
        9,
        "Refresh never raises acr, scope, auth_time or the absolute deadline.",
        tokens::refresh_never_raises,
    ),
    (
        10,
        "Expiry holds and nothing is destroyed under skew (30 s) and clock jumps (1 h).",
        people::expiry_holds,
    ),
    (
        11,
        "A stored record that was modified, truncated or exchanged is always detected. A \
         restored one is answered by row 4 and reported.",
        chain::tampering_is_detected,
    ),
    (
        12,
        "No token works for another purpose (access, refresh, CSRF, DPoP, DBSC).",
        tokens::no_token_for_another_purpose,
    ),
    (13, "Same seed, clock, entropy and store script: byte-identical outputs.", chain::same_bytes),
    (14, "Every theft alarm has a cause in the trace.", people::alarms_have_a_cause),
];

/// An invariant that does not hold.
#[derive(Debug, Clone)]
pub struct Violation {
    pub number: u8,
    pub words: &'static str,
    pub seen: String,
}

pub fn check(shadow: &GroundTruth, moment: &Observation<'_>) -> Result<(), Violation> {
    for (number, words, holds) in ALL {
        holds(shadow, moment).map_err(|seen| Violation { number, words, seen })?;
    }
    Ok(())
}
