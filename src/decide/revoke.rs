//! Sessions are ended before their time: one, or all of a subject. Each is one swap; no clock is
//! compared.

use super::event::{Event, EventKind};
use super::{Decision, Outcome, Scene};
use crate::foundation::error::Result;
use crate::formats::id::{SessionId, Sid};
use crate::model::record::{Cause, Head};
use crate::foundation::secret::Entropy;

/// Ends one session.
pub(super) fn one(scene: Scene<'_>, sid: Sid, entropy: &mut Entropy) -> Result<Decision> {
    end(scene, entropy, |session| session.sid == sid)
}

/// Ends all sessions, except one of the same subject.
pub(super) fn all(
    scene: Scene<'_>,
    except: Option<SessionId>,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let spared = except.filter(|id| id.subject == scene.key).map(|id| id.sid);
    end(scene, entropy, |session| Some(session.sid) != spared)
}

fn end(
    mut scene: Scene<'_>,
    entropy: &mut Entropy,
    doomed: impl Fn(&Head) -> bool,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let Some(mut record) =
        scene.record.take().filter(|record| record.heads().any(|session| doomed(&session)))
    else {
        return Ok(Decision::of(Outcome::Revoked { count: 0 }));
    };
    record.drop_long_over(scene.now);
    let count = record.end_sessions(Cause::Revoked, scene.now, doomed);
    let event = Event { count: Some(count), ..Event::new(&scene, EventKind::Revoked, None) };
    Ok(Decision::writing(&scene, &record, &nonce, Outcome::Revoked { count })?.with(Some(event)))
}
