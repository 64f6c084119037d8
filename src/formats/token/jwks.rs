//! The public keys of a ring as a JSON Web Key Set (RFC 7517 section 5), and for how long caches
//! may keep it.

use super::jwk;
use super::key_import::TokenKey;
use super::key_material::KeyMaterial;
use crate::formats::key_schedule::{KeySchedule, KeyState};
use crate::foundation::error::Result;
use crate::foundation::time::{Seconds, Timestamp};

/// Verifiers ask again at least this often, so that a key dropped in an emergency is forgotten
/// within it.
const MAX_AGE_SECONDS: Seconds = Seconds(300);

/// Every key pair of a ring. HMAC keys are nobody else's business.
#[derive(Debug)]
pub struct JwksDocument(Vec<(String, KeySchedule)>);

impl JwksDocument {
    /// Writes the keys once.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`](crate::foundation::error::ErrorCode::Internal) only.
    pub fn new(public: &[TokenKey]) -> Result<Self> {
        let pairs = public.iter().filter(|key| {
            matches!(key.material, KeyMaterial::Ed25519Public(_) | KeyMaterial::P256Public(_))
        });
        pairs
            .map(|key| Ok((jwk::write_public(&key.material, key.id.as_deref())?, key.schedule)))
            .collect::<Result<_>>()
            .map(Self)
    }

    /// The set at a time: upcoming keys too, so that verifiers know them before their first token;
    /// no retired ones.
    pub fn to_jwks(&self, now: Timestamp) -> String {
        let living = self.0.iter().filter(|(_, schedule)| schedule.state(now) != KeyState::Retired);
        let keys: Vec<&str> = living.map(|(key, _)| key.as_str()).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }

    /// How long the set may be kept: five minutes, or until the next key retires.
    pub fn max_age(&self, now: Timestamp) -> u64 {
        let ends =
            self.0.iter().map(|(_, schedule)| schedule.retired_at()).filter(|end| *end > now);
        ends.map(|end| now.seconds_until(end))
            .min()
            .unwrap_or(u64::MAX)
            .min(u64::from(MAX_AGE_SECONDS.0))
    }
}
