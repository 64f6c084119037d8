//! The effect of each rotation verdict: the one table that refresh and step-up follow.
//!
//! | row, verdict | effect | error code | session cookies | event |
//! |---|---|---|---|---|
//! | 4, 5, 6, 7 | issue tokens | | set | refreshed, and others |
//! | 2 expired | reject | session expired | see below | session_expired |
//! | 3 revoked, evicted, reused | reject | the kept reason | cleared | refresh_rejected |
//! | 3 unknown | reject | session unknown | kept | refresh_rejected |
//! | 7a, 7b superseded | reject | superseded | kept | refresh_superseded |
//! | 9 step-up unfinished | reject a refresh | step-up unfinished | kept | refresh_superseded |
//! | 6a, 8, 10 | revoke for reuse | session reused | cleared | reuse_detected |
//!
//! An expired session keeps its cookies until the absolute deadline of the token has passed longer
//! ago than clocks may differ.

use super::rotation::RotationVerdict;
use super::session_event::SessionEventKind;
use crate::foundation::error::RejectionReason;

/// The effect of a verdict on an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VerdictEffect {
    /// The client gets tokens.
    Issue(IssuedTokens),
    /// The client gets no tokens, and nothing is written.
    Reject(VerdictRejection),
    /// The session is revoked, because a superseded token was used outside its window.
    RevokeForReuse,
}

/// The tokens that a refresh issues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IssuedTokens {
    /// Row 4: tokens that continue from the presented generation, which the record has lost.
    ContinueAheadOfRecord,
    /// Row 5: an access token, without a new refresh token.
    AccessTokenOnly,
    /// Row 6: the next generation.
    NextGeneration,
    /// Row 7: the current generation once more, because its first answer may be lost.
    SuccessorAgain,
}

/// The rejection that a verdict leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct VerdictRejection {
    /// The reason that the client gets.
    pub(super) reason: RejectionReason,
    /// When the answer clears the session cookies.
    pub(super) clear_cookies: ClearCookies,
    /// The kind of the event that the host gets.
    pub(super) event: SessionEventKind,
    /// Whether a step-up is performed all the same, as the repetition of an unfinished one.
    pub(super) permits_step_up: bool,
}

/// The condition under which a rejection clears the session cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClearCookies {
    /// The session has ended for good.
    Always,
    /// The session has ended for good only where the absolute deadline of the token passed longer
    /// ago than clocks may differ.
    AfterAbsoluteDeadline,
    /// The session may still be active.
    Never,
}

impl RotationVerdict {
    /// The row of the table above.
    pub(super) const fn effect(self) -> VerdictEffect {
        use ClearCookies::{AfterAbsoluteDeadline, Always, Never};
        use RejectionReason as Reason;
        use SessionEventKind as Event;
        match self {
            Self::AheadOfRecord => VerdictEffect::Issue(IssuedTokens::ContinueAheadOfRecord),
            Self::AccessTokenOnly => VerdictEffect::Issue(IssuedTokens::AccessTokenOnly),
            Self::Rotate => VerdictEffect::Issue(IssuedTokens::NextGeneration),
            Self::ReissueSuccessor => VerdictEffect::Issue(IssuedTokens::SuccessorAgain),
            Self::Expired => {
                reject(Reason::SessionExpired, AfterAbsoluteDeadline, Event::SessionExpired)
            }
            Self::Revoked => reject(Reason::SessionRevoked, Always, Event::RefreshRejected),
            Self::Evicted => reject(Reason::SessionEvicted, Always, Event::RefreshRejected),
            Self::Reused => reject(Reason::SessionReuseDetected, Always, Event::RefreshRejected),
            Self::Unknown => reject(Reason::SessionUnknown, Never, Event::RefreshRejected),
            Self::Superseded => reject(Reason::Superseded, Never, Event::RefreshSuperseded),
            Self::StepUpUnfinished => VerdictEffect::Reject(VerdictRejection {
                reason: Reason::StepUpUnfinished,
                clear_cookies: Never,
                event: Event::RefreshSuperseded,
                permits_step_up: true,
            }),
            Self::SecretMismatch
            | Self::ReusedLate
            | Self::ReusedByOtherClient
            | Self::ReusedStale => VerdictEffect::RevokeForReuse,
        }
    }
}

const fn reject(
    reason: RejectionReason,
    clear_cookies: ClearCookies,
    event: SessionEventKind,
) -> VerdictEffect {
    let permits_step_up = false;
    VerdictEffect::Reject(VerdictRejection { reason, clear_cookies, event, permits_step_up })
}
