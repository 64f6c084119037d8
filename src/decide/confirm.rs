//! Somebody used an access token of this generation: what came before is closed. Off the request's
//! path.

use super::{Decision, Outcome, Scene};
use crate::foundation::error::Result;
use crate::formats::id::Sid;
use crate::foundation::secret::Entropy;

pub(super) fn decide(
    mut scene: Scene<'_>,
    sid: Sid,
    generation: u32,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let is_news = scene.session(sid)?.is_some_and(|session| {
        session.generation == generation
            && session.confirmed_at.is_none()
            && session.is_alive(scene.now)
    });
    let done = |confirmed| Outcome::Confirmed { confirmed };
    let Some(mut record) = scene.record.take().filter(|_| is_news) else {
        return Ok(Decision::of(done(false)));
    };
    if let Some(session) = record.session_mut(sid)? {
        session.confirm(scene.now);
    }
    Decision::writing(&scene, &record, &nonce, done(true))
}
