//! A presented refresh token with its facts and its verdict, for refresh and step-up.

use super::context::DecisionContext;
use super::outcome::{Decision, Outcome, Rejection};
use super::request::RequestFacts;
use super::response_headers::clear_cookies;
use super::rotation::{
    PresentedTokenFacts, RotationDecision, RotationFacts, SessionFacts, decide_rotation,
};
use super::session_event::{SessionEvent, SessionEventKind};
use super::site::Site;
use super::verdict_effect::{ClearCookies, VerdictRejection};
use crate::formats::key_ring::RingKey;
use crate::formats::token::refresh_token::{RefreshToken, secret_hash};
use crate::foundation::error::{Error, ErrorCode, RejectionReason, Result};
use crate::model::record::{RemovalReason, SessionRecord};

/// A refresh token, the facts of its session, and the row of the rotation table.
pub(super) struct PresentedToken {
    pub(super) token: RefreshToken,
    pub(super) facts: RotationFacts,
    pub(super) rotation: RotationDecision,
    /// The generations of the request's refresh cookies.
    pub(super) refresh_cookie_numbers: Vec<u32>,
}

impl PresentedToken {
    /// Parses the refresh token of a request. Row 1 of the table is an `Err`.
    pub(super) fn parse_token(
        site: &Site,
        request: &RequestFacts,
    ) -> Result<std::result::Result<RefreshToken, RejectionReason>> {
        Ok(match request.check_origin_for_change(site)? {
            Ok(()) => request.refresh_token(site),
            Err(reason) => Err(reason),
        })
    }

    /// Finds the facts of the token and decides its rotation.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub(super) fn new(
        context: &DecisionContext<'_>,
        request: &RequestFacts,
        token: RefreshToken,
    ) -> Result<Self> {
        let sid = token.session.local_id;
        let record = context.record.as_ref();
        let facts = RotationFacts {
            now: context.now,
            presented_token: PresentedTokenFacts {
                generation: token.generation,
                absolute_deadline: token.absolute_deadline,
                client_family: request.client_family(),
            },
            session: context
                .find_session(sid)?
                .map(|session| session_facts(context, session, &token)),
            removal_reason: record.and_then(|record| record.find_removal(sid)),
            windows: context.site.policy.windows,
        };
        Ok(Self {
            rotation: decide_rotation(&facts),
            token,
            facts,
            refresh_cookie_numbers: request.refresh_numbers(context.site),
        })
    }

    /// An event of the token's session, with the rotation decision.
    pub(super) fn event(
        &self,
        context: &DecisionContext<'_>,
        kind: SessionEventKind,
    ) -> SessionEvent {
        let event = SessionEvent::new(context, kind, Some(self.token.session.local_id));
        SessionEvent { rotation: Some(self.facts.details(self.rotation)), ..event }
    }

    /// Derives the token that follows the presented one, under the key of the record.
    pub(super) fn successor<'a>(
        &self,
        context: &DecisionContext<'a>,
        session: &SessionRecord,
    ) -> Result<(RefreshToken, &'a RingKey)> {
        let key = context
            .site
            .key_ring
            .find_by_tag(&session.key_tag)
            .ok_or(Error::from(ErrorCode::RecordKey))?;
        let successor = self
            .token
            .successor(key, session.rotated_at)
            .ok_or(Error::from(ErrorCode::Internal))?;
        Ok((successor, key))
    }

    /// Rejects the request without a write, as the table of verdict effects says.
    pub(super) fn reject(
        &self,
        context: &DecisionContext<'_>,
        rejection: VerdictRejection,
    ) -> Decision {
        let leeway = context.site.policy.leeway;
        let clear = match rejection.clear_cookies {
            ClearCookies::Always => true,
            ClearCookies::AfterAbsoluteDeadline => {
                context.now > self.token.absolute_deadline.saturating_add(leeway)
            }
            ClearCookies::Never => false,
        };
        Decision::without_write(self.rejection_outcome(context, rejection.reason, clear))
            .with_events(Some(self.event(context, rejection.event)))
    }

    /// Revokes the session, because a superseded token was used outside its window (RFC 9700
    /// section 4.14.2).
    pub(super) fn revoke_for_reuse(
        &self,
        mut context: DecisionContext<'_>,
        nonce: &[u8; 24],
    ) -> Result<Decision> {
        let sid = self.token.session.local_id;
        let mut record = context.record.take().ok_or(Error::from(ErrorCode::Internal))?;
        record.drop_expired(context.now);
        record
            .remove_sessions(RemovalReason::Reused, context.now, |session| session.local_id == sid);
        let outcome = self.rejection_outcome(&context, RejectionReason::SessionReused, true);
        let event = self.event(&context, SessionEventKind::Reuse);
        Ok(Decision::with_write(&context, &record, nonce, outcome)?.with_events(Some(event)))
    }

    fn rejection_outcome(
        &self,
        context: &DecisionContext<'_>,
        reason: RejectionReason,
        clear: bool,
    ) -> Outcome {
        let headers = if clear {
            clear_cookies(context.site, &self.refresh_cookie_numbers)
        } else {
            Vec::new()
        };
        let details = Some(self.facts.details(self.rotation));
        Outcome::Rejected(Rejection { details, ..Rejection::new(reason, headers) })
    }
}

fn session_facts(
    context: &DecisionContext<'_>,
    session: &SessionRecord,
    token: &RefreshToken,
) -> SessionFacts {
    let secret_matches = session.secret_hash.matches(&secret_hash(&token.secret));
    let successor = || {
        let key = context.site.key_ring.find_by_tag(&session.key_tag)?;
        let is_next = token.generation.checked_add(1) == Some(session.generation);
        is_next.then(|| token.successor(key, session.rotated_at))?
    };
    let is_current =
        successor().is_some_and(|next| session.secret_hash.matches(&secret_hash(&next.secret)));
    SessionFacts::new(session, token.generation, secret_matches, is_current)
}
