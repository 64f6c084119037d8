//! What the rows of the table have in common: how the facts are found, how a refusal and a theft
//! are answered.

use super::event::{Event, EventKind};
use super::headers::clearing;
use super::rotation::{Answer, Facts, PresentedFacts, Rotation, SessionFacts, decide_rotation};
use super::{Decision, Outcome, Rejection, RequestFacts, Scene, Site};
use crate::foundation::error::{Code, Error, Reason, Result};
use crate::formats::keys::Key;
use crate::model::record::{Cause, SessionRecord};
use crate::formats::token::refresh::{RefreshToken, secret_hash};

/// A refresh token, what the record says of it, and the row that applies.
pub(super) struct Presented {
    pub(super) token: RefreshToken,
    pub(super) facts: Facts,
    pub(super) rotation: Rotation,
    /// The request's refresh cookies, by their numbers.
    pub(super) carried: Vec<u32>,
}

impl Presented {
    /// The request's token. Row 1 is an `Err`.
    pub(super) fn token(
        site: &Site,
        request: &RequestFacts,
    ) -> Result<std::result::Result<RefreshToken, Reason>> {
        Ok(match request.admit_change(site)? {
            Ok(()) => request.refresh_token(site),
            Err(reason) => Err(reason),
        })
    }

    /// Looks the request's token up.
    ///
    /// # Errors
    /// [`Code::RecordCorrupt`].
    pub(super) fn of(
        scene: &Scene<'_>,
        request: &RequestFacts,
        token: RefreshToken,
    ) -> Result<Self> {
        let sid = token.session.sid;
        let record = scene.record.as_ref();
        let facts = Facts {
            now: scene.now,
            presented: PresentedFacts {
                generation: token.generation,
                absolute_deadline: token.absolute_deadline,
                sender: request.sender(),
            },
            session: scene.session(sid)?.map(|session| session_facts(scene, session, &token)),
            removal: record.and_then(|record| record.removal(sid)),
            windows: scene.site.policy.windows,
        };
        Ok(Self {
            rotation: decide_rotation(&facts),
            token,
            facts,
            carried: request.refresh_numbers(scene.site),
        })
    }

    /// An event of this token's session, with how it came about.
    pub(super) fn event(&self, scene: &Scene<'_>, kind: EventKind) -> Event {
        let event = Event::new(scene, kind, Some(self.token.session.sid));
        Event { rotation: Some(self.facts.details(self.rotation)), ..event }
    }

    /// The token that follows the presented one under the record's key.
    pub(super) fn successor<'a>(
        &self,
        scene: &Scene<'a>,
        session: &SessionRecord,
    ) -> Result<(RefreshToken, &'a Key)> {
        let key = scene.site.ring.by_tag(&session.key_tag).ok_or(Error::from(Code::RecordKey))?;
        let successor =
            self.token.successor(key, session.rotated_at).ok_or(Error::from(Code::Internal))?;
        Ok((successor, key))
    }

    /// A refusal that writes nothing. Cookies are cleared only where the session is over for good:
    /// revoked, evicted, reused, or expired by the token's own deadline and more than the clocks
    /// may differ.
    pub(super) fn refused(&self, scene: &Scene<'_>) -> Decision {
        let surely_over = scene.now > self.token.absolute_deadline.plus(scene.site.policy.leeway);
        let (reason, clear, kind) = match self.rotation.answer {
            Answer::Expired => (Reason::SessionExpired, surely_over, EventKind::Expired),
            Answer::Revoked => (Reason::SessionRevoked, true, EventKind::Refused),
            Answer::Evicted => (Reason::SessionEvicted, true, EventKind::Refused),
            Answer::Reused => (Reason::SessionReused, true, EventKind::Refused),
            Answer::Unknown => (Reason::SessionUnknown, false, EventKind::Refused),
            Answer::StepUpUnfinished => (Reason::StepUpUnfinished, false, EventKind::Superseded),
            _ => (Reason::Superseded, false, EventKind::Superseded),
        };
        Decision::of(self.rejected(scene, reason, clear)).with(Some(self.event(scene, kind)))
    }

    /// A spent token was used again: the session ends.
    pub(super) fn reused(&self, mut scene: Scene<'_>, nonce: &[u8; 24]) -> Result<Decision> {
        let sid = self.token.session.sid;
        let mut record = scene.record.take().ok_or(Error::from(Code::Internal))?;
        record.drop_long_over(scene.now);
        record.end_sessions(Cause::Reused, scene.now, |session| session.sid == sid);
        let outcome = self.rejected(&scene, Reason::SessionReused, true);
        let event = self.event(&scene, EventKind::Reuse);
        Ok(Decision::writing(&scene, &record, nonce, outcome)?.with(Some(event)))
    }

    fn rejected(&self, scene: &Scene<'_>, reason: Reason, clear: bool) -> Outcome {
        let headers = if clear { clearing(scene.site, &self.carried) } else { Vec::new() };
        let details = Some(self.facts.details(self.rotation));
        Outcome::Rejected(Rejection { details, ..Rejection::new(reason, headers) })
    }
}

fn session_facts(scene: &Scene<'_>, session: &SessionRecord, token: &RefreshToken) -> SessionFacts {
    let same_secret = session.secret_hash.matches(&secret_hash(&token.secret));
    let successor = || {
        let key = scene.site.ring.by_tag(&session.key_tag)?;
        let is_next = token.generation.checked_add(1) == Some(session.generation);
        is_next.then(|| token.successor(key, session.rotated_at))?
    };
    let is_current =
        successor().is_some_and(|next| session.secret_hash.matches(&secret_hash(&next.secret)));
    SessionFacts::new(session, token.generation, same_secret, is_current)
}
