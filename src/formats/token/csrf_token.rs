//! Floor 1. The CSRF token: `base64url(key tag | random | HMAC-SHA256(csrf key, sid | time of proof
//! | random | acr))`.
//!
//! It needs no store: an access token says which session it belongs to, and when the user last
//! proved who they are, so a sign-in and a step-up make another one. No two are alike, so a page
//! that is compressed does not give one away.

use crate::formats::key_ring::{KeyRing, KeyTag, hmac_sha256};
use crate::foundation::base64url;
use crate::foundation::secret::Secret;

/// The random part, in bytes.
pub const RANDOM_BYTES: usize = 16;
const TAG_BYTES: usize = 8;
const BYTES: usize = TAG_BYTES + RANDOM_BYTES + 32;

/// What a token is bound to.
#[derive(Debug, Clone, Copy)]
pub struct CsrfBinding<'a> {
    /// The public session id, of which all have one length.
    pub local_id: &'a str,
    /// When the user last proved who they are, in seconds since 1970.
    pub auth_time: u64,
    /// How sure that was.
    pub acr: Option<&'a str>,
}

impl CsrfBinding<'_> {
    /// A token under a key of the ring.
    pub fn issue(
        &self,
        ring: &KeyRing,
        tag: &KeyTag,
        random: &[u8; RANDOM_BYTES],
    ) -> Option<String> {
        let mac = self.compute_mac(ring, tag, random)?;
        Some(base64url::encode(&[tag.as_slice(), random, mac.expose()].concat()))
    }

    /// Whether this is a token of the same session, from after its last proof.
    pub fn verify(&self, ring: &KeyRing, token: &str) -> bool {
        let verified = || {
            let bytes = base64url::decode_array_constant_time::<BYTES>(token)?;
            let (tag, rest) = bytes.split_first_chunk::<TAG_BYTES>()?;
            let (random, given) = rest.split_first_chunk::<RANDOM_BYTES>()?;
            let given = Secret::new(<[u8; 32]>::try_from(given).ok()?);
            Some(self.compute_mac(ring, tag, random)?.matches(&given))
        };
        verified().unwrap_or(false)
    }

    fn compute_mac(
        &self,
        ring: &KeyRing,
        tag: &KeyTag,
        random: &[u8; RANDOM_BYTES],
    ) -> Option<Secret<32>> {
        let key = &ring.find_by_tag(tag)?.csrf;
        let time = self.auth_time.to_be_bytes();
        Some(Secret::new(hmac_sha256(
            key,
            &[self.local_id.as_bytes(), &time, random, self.acr.unwrap_or_default().as_bytes()],
        )))
    }
}
