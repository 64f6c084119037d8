//! A refresh token is presented: the decision table of rotation, and nothing else.
//!
//! Words. *Confirmed*: somebody used an access token of this generation, or presented its refresh
//! token. *Closed(n)*: the moment generation n+1 was first confirmed, or rotated away. *Sender*:
//! browser family and system family. *Fed*: the host writes confirmations down.
//!
//! | # | presented token R against the record | answer | write |
//! |---|---|---|---|
//! | 1 | malformed, wrong version, bad MAC, wrong purpose | rejected(malformed) | none; cookies untouched |
//! | 2 | R's absolute deadline, or the session's idle or absolute deadline, has passed | rejected(expired) | none (a clock that jumped must destroy nothing) |
//! | 3 | no such session any more | rejected(revoked, evicted, reused or unknown, by the kept cause) | none |
//! | 4 | generation ahead of the record (authentic: the record was restored or lost a write) | as row 5, with the record's assurance; event `ahead_of_record` | generation, hash and key id from R; rotated_at = now; unconfirmed |
//! | 5 | same generation and same secret, within throttle of rotated_at | a new access token; the refresh cookie is not set | none |
//! | 6 | same generation and same secret | rotate: generation+1, H(s_(n+1)), rotated_at = now, unconfirmed, written_by = sender; closed_at moves on | swap |
//! | 6a | same generation, another secret | secret_mismatch: revoke the session | swap |
//! | 7 | previous generation, its derived successor is the current one, sender = written_by, and either unconfirmed (fed: until the idle deadline; not fed: within retry of rotated_at) or within race of confirmed_at | the current successor, re-derived | none: the anchor never moves |
//! | 7a | an older generation, not from before a step-up, within flight of closed(R.generation) | superseded (409): look at your cookies again | none; cookies untouched |
//! | 8 | previous generation, otherwise | reused_late or reused_by_other_client: revoke the session | swap |
//! | 9 | from before the last step-up, and either (same sender, step-up unconfirmed; not fed: within retry of it) or within flight of the step-up's closing | superseded(step_up_unfinished); a repeated step-up is performed again | none; step-up: swap |
//! | 10 | older than that | reused_stale: revoke the session | swap |
//!
//! `within w of t`: fewer than `w` have passed since `t`.

use super::session_event::RotationDetails;
use crate::formats::client_family::ClientFamily;
use crate::foundation::time::{Seconds, Timestamp};
use crate::model::policy::RotationWindows;
use crate::model::record::{RemovalReason, SessionRecord, StepUpRecord};
use serde::Serialize;

/// What is known of the presented token, without its secret.
#[derive(Debug, Clone, Copy)]
pub struct PresentedTokenFacts {
    /// Its generation.
    pub generation: u32,
    /// Its absolute deadline.
    pub absolute_deadline: Timestamp,
    /// Who presents it.
    pub client_family: ClientFamily,
}

/// What the record says of its session.
#[derive(Debug, Clone, Copy)]
pub struct SessionFacts {
    /// The generation that is alive.
    pub generation: u32,
    /// Whether the presented secret is that generation's.
    pub secret_matches: bool,
    /// Whether the successor of the presented token has that generation's secret.
    pub successor_is_current: bool,
    /// The last rotation.
    pub rotated_at: Timestamp,
    /// Who made it.
    pub rotated_by: ClientFamily,
    /// When the generation was confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// When the presented generation was closed.
    pub closed_at: Option<Timestamp>,
    /// The last step-up.
    pub step_up: Option<StepUpRecord>,
    /// The earlier of its two deadlines.
    pub expires_at: Timestamp,
}

/// Everything that [`decide_rotation`] looks at.
#[derive(Debug, Clone, Copy)]
pub struct RotationFacts {
    /// The time.
    pub now: Timestamp,
    /// The token, already authenticated.
    pub presented_token: PresentedTokenFacts,
    /// Its session; `None` where the record knows none.
    pub session: Option<SessionFacts>,
    /// Why there is none.
    pub removal_reason: Option<RemovalReason>,
    /// The policy's windows.
    pub windows: RotationWindows,
}

/// The row that applies, and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RotationDecision {
    /// The row of the table.
    pub row: &'static str,
    /// Its answer.
    pub verdict: RotationVerdict,
}

/// An answer of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RotationVerdict {
    /// Row 2.
    Expired,
    /// Row 3, signed out or revoked.
    Revoked,
    /// Row 3, displaced by newer sessions.
    Evicted,
    /// Row 3, a spent token was used again before.
    Reused,
    /// Row 3, no cause is kept.
    Unknown,
    /// Row 4.
    AheadOfRecord,
    /// Row 5.
    AccessTokenOnly,
    /// Row 6.
    Rotate,
    /// Row 6a.
    SecretMismatch,
    /// Row 7.
    ReissueSuccessor,
    /// Row 7a.
    Superseded,
    /// Row 8, too late.
    ReusedLate,
    /// Row 8, somebody else.
    ReusedByOtherClient,
    /// Row 9.
    StepUpUnfinished,
    /// Row 10.
    ReusedStale,
}

impl RotationVerdict {
    /// Its name in events and refusals.
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

/// The table: pure, so that a team can replay its own logs through it. Row 1 is over before: the
/// facts of a malformed token are not facts.
pub fn decide_rotation(facts: &RotationFacts) -> RotationDecision {
    let row = |row, answer| RotationDecision { row, verdict: answer };
    let RotationFacts { now, presented_token: presented, windows, .. } = *facts;
    let within = |since: Timestamp, window: Seconds| now.ms_since(since) < window.ms();
    if now >= presented.absolute_deadline
        || facts.session.is_some_and(|session| now >= session.expires_at)
    {
        return row("2", RotationVerdict::Expired);
    }
    let Some(session) = facts.session else {
        return row("3", removal_verdict(facts.removal_reason));
    };
    if let Some(step_up) =
        session.step_up.filter(|step_up| presented.generation < step_up.generation)
    {
        let unfinished = step_up.closed_at.is_none()
            && presented.client_family == step_up.rotated_by
            && (windows.confirmations_recorded || within(step_up.at, windows.lost_response));
        return if unfinished || step_up.closed_at.is_some_and(|at| within(at, windows.in_flight)) {
            row("9", RotationVerdict::StepUpUnfinished)
        } else {
            row("10", RotationVerdict::ReusedStale)
        };
    }
    if presented.generation > session.generation {
        return row("4", RotationVerdict::AheadOfRecord);
    }
    if presented.generation == session.generation {
        return match session.secret_matches {
            true if within(session.rotated_at, windows.min_rotation_interval) => {
                row("5", RotationVerdict::AccessTokenOnly)
            }
            true => row("6", RotationVerdict::Rotate),
            false => row("6a", RotationVerdict::SecretMismatch),
        };
    }
    let previous = presented.generation.checked_add(1) == Some(session.generation);
    let same_sender = presented.client_family == session.rotated_by;
    let open = match session.confirmed_at {
        None => windows.confirmations_recorded || within(session.rotated_at, windows.lost_response),
        Some(at) => within(at, windows.concurrent_refresh),
    };
    if previous && session.successor_is_current && same_sender && open {
        return row("7", RotationVerdict::ReissueSuccessor);
    }
    if session.closed_at.is_some_and(|at| within(at, windows.in_flight)) {
        return row("7a", RotationVerdict::Superseded);
    }
    match previous {
        true if same_sender => row("8", RotationVerdict::ReusedLate),
        true => row("8", RotationVerdict::ReusedByOtherClient),
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
    /// The facts of a session, for a presented token of this generation.
    pub fn new(
        session: &SessionRecord,
        generation: u32,
        same_secret: bool,
        successor_is_current: bool,
    ) -> Self {
        Self {
            generation: session.generation,
            secret_matches: same_secret,
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
    /// What a log wants to know of a decision on these facts.
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
            client_changed: self
                .session
                .map(|session| session.rotated_by != self.presented_token.client_family),
        }
    }
}
