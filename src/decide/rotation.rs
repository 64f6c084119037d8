//! The rotation table: what a presented refresh token means for its session.
//!
//! R is the presented token. A generation is *confirmed* at the first use of its access token or
//! of its refresh token, and that closes the previous generation. *Recorded* means that the host
//! writes first uses down. A condition "within w of t" holds while fewer than w have passed since
//! t.
//!
//! | row | condition | verdict |
//! |---|---|---|
//! | 1 | R is malformed or not authentic; decided before this table | malformed |
//! | 2 | R or its session is past a deadline | expired |
//! | 3 | the record has no such session | the kept removal reason, or unknown |
//! | 4 | R is of a generation ahead of the record | ahead of the record |
//! | 5 | R is current, within the minimum rotation interval | access token only |
//! | 6 | R is current | rotate |
//! | 6a | R has the current generation and another secret | reuse: secret mismatch |
//! | 7 | R is the previous token of no other client, in its grace window | reissue its successor |
//! | 7a | R was superseded, within the in-flight window of its closing | superseded |
//! | 7b | R is the previous token, of another client, within the in-flight window | superseded |
//! | 8 | R is the previous token, otherwise | reuse: late, or by another client |
//! | 9 | R is from before a step-up that may be unfinished or under way | step-up unfinished |
//! | 10 | R is older | reuse: stale |
//!
//! - Row 2 writes nothing, so that a clock that jumped destroys nothing.
//! - Row 4 continues from R, with the assurance of the record. Such a record was restored from a
//!   backup, or has lost a write.
//! - Row 7 asks that R's derived successor is the current token. While the successor is
//!   unconfirmed, its grace window is the lost-response window after the rotation, or has no end
//!   where first uses are recorded. Once the successor is confirmed, the grace window is the
//!   concurrent-refresh window after the confirmation. The reissued token is the same one, so that
//!   the window never moves.
//! - Row 7b counts the in-flight window from the rotation.
//! - A client is *another* one where its family and that of the last client that named itself both
//!   name a browser and a system, and these differ. A request that names none is never another one.
//! - Row 9 asks for no other client while the step-up is unconfirmed (within the
//!   lost-response window where first uses are not recorded), or for a request within the in-flight
//!   window after the step-up was closed.
//!
//! `verdict_effect` says what each verdict brings about.

use super::session_event::RotationDetails;
use crate::formats::client_family::{ClientFamily, ClientRelation};
use crate::foundation::time::{Seconds, Timestamp};
use crate::model::policy::RotationWindows;
use crate::model::record::{RemovalReason, SessionRecord, StepUpRecord};
use serde::Serialize;

/// The facts of a presented refresh token, without its secret.
#[derive(Debug, Clone, Copy)]
pub struct PresentedTokenFacts {
    /// The generation of the token in its chain.
    pub generation: u32,
    /// The end of the session, as the token carries it.
    pub absolute_deadline: Timestamp,
    /// The browser and OS family of the request.
    pub client_family: ClientFamily,
}

/// The facts of the token's session, from the record.
#[derive(Debug, Clone, Copy)]
pub struct SessionFacts {
    /// The current generation, which the newest refresh token has.
    pub generation: u32,
    /// Whether the presented secret is the secret of the current generation.
    pub secret_matches: bool,
    /// Whether the token that is derived from the presented one is the current token.
    pub successor_is_current: bool,
    /// The time of the last rotation.
    pub rotated_at: Timestamp,
    /// The client family of the last rotation whose client named itself.
    pub rotated_by: ClientFamily,
    /// The first use of the current generation, or `None` while it is unconfirmed.
    pub confirmed_at: Option<Timestamp>,
    /// The time at which the presented generation was closed, where it is known.
    pub closed_at: Option<Timestamp>,
    /// The last step-up of the session.
    pub step_up: Option<StepUpRecord>,
    /// The earlier of the idle deadline and the absolute deadline.
    pub expires_at: Timestamp,
}

/// Everything that [`decide_rotation`] depends on.
#[derive(Debug, Clone, Copy)]
pub struct RotationFacts {
    /// The time that the host gave.
    pub now: Timestamp,
    /// The presented token, whose authenticity was checked before.
    pub presented_token: PresentedTokenFacts,
    /// The session, or `None` where the record does not have it.
    pub session: Option<SessionFacts>,
    /// The kept reason of a removed session.
    pub removal_reason: Option<RemovalReason>,
    /// The time windows of the policy.
    pub windows: RotationWindows,
}

/// A row of the table with its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RotationDecision {
    /// The name of the row, such as `6a`.
    pub row: &'static str,
    /// The verdict of the row.
    pub verdict: RotationVerdict,
}

/// The meaning of a presented refresh token for its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RotationVerdict {
    /// Row 2: a deadline has passed.
    Expired,
    /// Row 3: the session was signed out or revoked.
    Revoked,
    /// Row 3: the session was removed by the session limit.
    Evicted,
    /// Row 3: the session was revoked before, because a superseded token was used.
    Reused,
    /// Row 3: no removal of the session is kept.
    Unknown,
    /// Row 4: the token is ahead of the record.
    AheadOfRecord,
    /// Row 5: the client gets an access token and keeps its refresh token.
    AccessTokenOnly,
    /// Row 6: the client gets the next generation.
    Rotate,
    /// Row 6a: two chains exist, because the secret differs.
    SecretMismatch,
    /// Row 7: the client gets the current generation once more.
    ReissueSuccessor,
    /// Rows 7a and 7b: another request has rotated the token.
    Superseded,
    /// Row 8: the previous token came back after its grace window.
    ReusedLate,
    /// Row 8: the previous token came from another client family.
    ReusedByOtherClient,
    /// Row 9: the client may not have the tokens of its step-up yet.
    StepUpUnfinished,
    /// Row 10: the token is from before a step-up or older than the kept generations.
    ReusedStale,
}

impl RotationVerdict {
    /// The text of the verdict in results and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Evicted => "evicted",
            Self::Reused => "reused",
            Self::Unknown => "unknown",
            Self::AheadOfRecord => "ahead_of_record",
            Self::AccessTokenOnly => "access_token_only",
            Self::Rotate => "rotate",
            Self::SecretMismatch => "secret_mismatch",
            Self::ReissueSuccessor => "reissue_successor",
            Self::Superseded => "superseded",
            Self::ReusedLate => "reused_late",
            Self::ReusedByOtherClient => "reused_by_other_client",
            Self::StepUpUnfinished => "step_up_unfinished",
            Self::ReusedStale => "reused_stale",
        }
    }
}

/// Finds the row of the table that applies. The function is pure, so that a team can replay its own
/// logs through it.
pub fn decide_rotation(facts: &RotationFacts) -> RotationDecision {
    let row = |row, answer| RotationDecision { row, verdict: answer };
    let RotationFacts { now, presented_token, windows, .. } = *facts;
    let within = |since: Timestamp, window: Seconds| now.ms_since(since) < window.ms();
    if now >= presented_token.absolute_deadline
        || facts.session.is_some_and(|session| now >= session.expires_at)
    {
        return row("2", RotationVerdict::Expired);
    }
    let Some(session) = facts.session else {
        return row("3", removal_verdict(facts.removal_reason));
    };
    if let Some(step_up) =
        session.step_up.filter(|step_up| presented_token.generation < step_up.generation)
    {
        let may_be_unfinished = step_up.closed_at.is_none()
            && presented_token.client_family.relation_to(step_up.rotated_by)
                != ClientRelation::Different
            && (windows.confirmations_recorded || within(step_up.at, windows.lost_response));
        return if may_be_unfinished
            || step_up.closed_at.is_some_and(|at| within(at, windows.in_flight))
        {
            row("9", RotationVerdict::StepUpUnfinished)
        } else {
            row("10", RotationVerdict::ReusedStale)
        };
    }
    if presented_token.generation > session.generation {
        return row("4", RotationVerdict::AheadOfRecord);
    }
    if presented_token.generation == session.generation {
        return match session.secret_matches {
            true if within(session.rotated_at, windows.min_rotation_interval) => {
                row("5", RotationVerdict::AccessTokenOnly)
            }
            true => row("6", RotationVerdict::Rotate),
            false => row("6a", RotationVerdict::SecretMismatch),
        };
    }
    let is_previous = presented_token.generation.checked_add(1) == Some(session.generation);
    let is_another_client =
        presented_token.client_family.relation_to(session.rotated_by) == ClientRelation::Different;
    let is_parent = is_previous && session.successor_is_current;
    let is_in_grace_window = match session.confirmed_at {
        None => windows.confirmations_recorded || within(session.rotated_at, windows.lost_response),
        Some(at) => within(at, windows.concurrent_refresh),
    };
    if is_parent && !is_another_client && is_in_grace_window {
        return row("7", RotationVerdict::ReissueSuccessor);
    }
    if session.closed_at.is_some_and(|at| within(at, windows.in_flight)) {
        return row("7a", RotationVerdict::Superseded);
    }
    if is_parent && is_another_client && within(session.rotated_at, windows.in_flight) {
        return row("7b", RotationVerdict::Superseded);
    }
    match is_previous {
        true if is_another_client => row("8", RotationVerdict::ReusedByOtherClient),
        true => row("8", RotationVerdict::ReusedLate),
        false => row("10", RotationVerdict::ReusedStale),
    }
}

fn removal_verdict(removal: Option<RemovalReason>) -> RotationVerdict {
    match removal {
        Some(RemovalReason::Revoked) => RotationVerdict::Revoked,
        Some(RemovalReason::Evicted) => RotationVerdict::Evicted,
        Some(RemovalReason::Reused) => RotationVerdict::Reused,
        None => RotationVerdict::Unknown,
    }
}

impl SessionFacts {
    /// Collects the facts of a session for a presented token of this generation.
    pub fn new(
        session: &SessionRecord,
        generation: u32,
        secret_matches: bool,
        successor_is_current: bool,
    ) -> Self {
        Self {
            generation: session.generation,
            secret_matches,
            successor_is_current,
            rotated_at: session.rotated_at,
            rotated_by: session.rotated_by,
            confirmed_at: session.confirmed_at,
            closed_at: session.closed_at(generation),
            step_up: session.step_up,
            expires_at: session.expires_at(),
        }
    }
}

impl RotationFacts {
    /// Describes a decision on these facts for a log.
    pub fn details(&self, rotation: RotationDecision) -> RotationDetails {
        let presented_token = f64::from(self.presented_token.generation);
        RotationDetails {
            row: rotation.row,
            verdict: rotation.verdict.as_str(),
            ms_since_rotation: self
                .session
                .map(|session| self.now.ms_since(session.rotated_at) as f64),
            generation_distance: self
                .session
                .map(|session| f64::from(session.generation) - presented_token),
            client_changed: self.session.and_then(|session| {
                match self.presented_token.client_family.relation_to(session.rotated_by) {
                    ClientRelation::Same => Some(false),
                    ClientRelation::Different => Some(true),
                    ClientRelation::Unclear => None,
                }
            }),
        }
    }
}
