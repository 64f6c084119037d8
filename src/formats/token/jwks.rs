//! The public keys of a ring as a JWK Set (RFC 7517 section 5), and the time for which caches may
//! keep the set.

use super::jwk;
use super::key_import::TokenKey;
use super::key_material::KeyMaterial;
use crate::formats::key_schedule::{KeySchedule, KeyState};
use crate::foundation::error::Result;
use crate::foundation::time::{Seconds, Timestamp};

/// The longest time for which caches may keep the set, so that a key that is dropped in an
/// emergency is forgotten soon.
const MAX_AGE_SECONDS: Seconds = Seconds(300);

/// The public half of every asymmetric key of a ring. HMAC keys are never published.
#[derive(Debug)]
pub struct JwksDocument(Vec<(String, KeySchedule)>);

impl JwksDocument {
    /// Encodes the public keys once.
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

    /// The set at a time: with upcoming keys, so that verifiers know them before their first token,
    /// and without retired keys.
    pub fn to_jwks(&self, now: Timestamp) -> String {
        let living = self.0.iter().filter(|(_, schedule)| schedule.state(now) != KeyState::Retired);
        let keys: Vec<&str> = living.map(|(key, _)| key.as_str()).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }

    /// The time for which caches may keep the set, in seconds: five minutes, or until the next key
    /// retires.
    pub fn max_age(&self, now: Timestamp) -> u64 {
        let ends =
            self.0.iter().map(|(_, schedule)| schedule.retired_at()).filter(|end| *end > now);
        ends.map(|end| now.seconds_until(end))
            .min()
            .unwrap_or(u64::MAX)
            .min(u64::from(MAX_AGE_SECONDS.0))
    }
}
