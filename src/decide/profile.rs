//! What scoring remembers of a subject: given to whoever has to show it, or forgotten.

use super::{Decision, Outcome, Scene};
use crate::foundation::error::Result;
use crate::foundation::secret::Entropy;

pub(super) fn decide(mut scene: Scene<'_>, erase: bool, entropy: &mut Entropy) -> Result<Decision> {
    let nonce = entropy.take::<24>()?;
    let profile =
        scene.record.as_ref().map(|record| record.profile()).filter(|profile| !profile.is_empty());
    let outcome = Outcome::Profile { profile: profile.map(|profile| profile.to_bytes()) };
    match scene.record.take().filter(|_| erase) {
        Some(mut record) => {
            record.forget_profile()?;
            Decision::writing(&scene, &record, &nonce, outcome)
        }
        None => Ok(Decision::of(outcome)),
    }
}
