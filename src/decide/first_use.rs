//! Records the first use of a generation, which closes the previous generations. The host calls
//! this after the response.

use super::context::DecisionContext;
use super::outcome::{Decision, Outcome};
use crate::formats::id::LocalSessionId;
use crate::foundation::error::Result;
use crate::foundation::secret::Entropy;

pub(super) fn decide(
    mut context: DecisionContext<'_>,
    sid: LocalSessionId,
    generation: u32,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let is_news = context.find_session(sid)?.is_some_and(|session| {
        session.generation == generation
            && session.confirmed_at.is_none()
            && session.is_active(context.now)
    });
    let done = |confirmed| Outcome::Confirmed { confirmed };
    let Some(mut record) = context.record.take().filter(|_| is_news) else {
        return Ok(Decision::without_write(done(false)));
    };
    if let Some(session) = record.session_mut(sid)? {
        session.confirm(context.now);
    }
    Decision::with_write(&context, &record, &nonce, done(true))
}
