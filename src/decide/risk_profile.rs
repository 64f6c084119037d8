//! Gives the risk profile of a subject, and erases it where that is asked for.

use super::context::DecisionContext;
use super::outcome::{Decision, Outcome};
use crate::foundation::error::Result;
use crate::foundation::secret::Entropy;

pub(super) fn decide(
    mut context: DecisionContext<'_>,
    erase: bool,
    entropy: &mut Entropy,
) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let profile = context
        .record
        .as_ref()
        .map(|record| record.profile())
        .filter(|profile| !profile.is_empty());
    let outcome = Outcome::Profile { profile: profile.map(|profile| profile.to_bytes()) };
    match context.record.take().filter(|_| erase) {
        Some(mut record) => {
            record.erase_profile()?;
            Decision::with_write(&context, &record, &nonce, outcome)
        }
        None => Ok(Decision::without_write(outcome)),
    }
}
