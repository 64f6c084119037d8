//! The public keys of a ring as a JSON Web Key Set (RFC 7517 section 5), and for how long caches
//! may keep it.

use super::import::TokenKey;
use super::jwk;
use super::material::Material;
use crate::foundation::error::Result;
use crate::formats::schedule::{KeyState, Schedule};
use crate::foundation::time::{Seconds, Timestamp};

/// Verifiers ask again at least this often, so that a key dropped in an emergency is forgotten
/// within it.
const MAX_AGE: Seconds = Seconds(300);

/// Every key pair of a ring. HMAC keys are nobody else's business.
#[derive(Debug)]
pub struct Published(Vec<(String, Schedule)>);

impl Published {
    /// Writes the keys once.
    ///
    /// # Errors
    /// [`Code::Internal`](crate::foundation::error::Code::Internal) only.
    pub fn new(public: &[TokenKey]) -> Result<Self> {
        let pairs = public.iter().filter(|key| {
            matches!(key.material, Material::Ed25519Public(_) | Material::P256Public(_))
        });
        pairs
            .map(|key| Ok((jwk::write_public(&key.material, key.id.as_deref())?, key.schedule)))
            .collect::<Result<_>>()
            .map(Self)
    }

    /// The set at a time: upcoming keys too, so that verifiers know them before their first token;
    /// no retired ones.
    pub fn set(&self, now: Timestamp) -> String {
        let living = self.0.iter().filter(|(_, schedule)| schedule.state(now) != KeyState::Retired);
        let keys: Vec<&str> = living.map(|(key, _)| key.as_str()).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }

    /// How long the set may be kept: five minutes, or until the next key retires.
    pub fn max_age(&self, now: Timestamp) -> u64 {
        let ends =
            self.0.iter().map(|(_, schedule)| schedule.retired_at()).filter(|end| *end > now);
        ends.map(|end| now.seconds_until(end)).min().unwrap_or(u64::MAX).min(u64::from(MAX_AGE.0))
    }
}
