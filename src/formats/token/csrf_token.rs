//! The CSRF token: `base64url(key tag | random | HMAC-SHA256(csrf key, session ID | authentication
//! time | random | acr))`.
//!
//! The token needs no store: the access token names the session and the authentication time, so
//! that a sign-in and a step-up make another CSRF token. No two tokens are equal, so that the
//! compression of a page does not reveal one.

use crate::formats::key_ring::{KeyRing, KeyTag, hmac_sha256};
use crate::foundation::base64url;
use crate::foundation::secret::Secret;

/// The random bytes of a CSRF token.
pub const RANDOM_BYTES: usize = 16;
const TAG_BYTES: usize = 8;
const BYTES: usize = TAG_BYTES + RANDOM_BYTES + 32;

/// The session state that a CSRF token is bound to.
#[derive(Debug, Clone, Copy)]
pub struct CsrfBinding<'a> {
    /// The public session ID. All of them have one length.
    pub session_id: &'a str,
    /// The time at which the user last authenticated, in seconds since 1970.
    pub auth_time: u64,
    /// The authentication context class of that authentication.
    pub acr: Option<&'a str>,
}

impl CsrfBinding<'_> {
    /// Issues a token under a key of the ring.
    pub fn issue(
        &self,
        ring: &KeyRing,
        tag: &KeyTag,
        random: &[u8; RANDOM_BYTES],
    ) -> Option<String> {
        let mac = self.compute_mac(ring, tag, random)?;
        Some(base64url::encode(&[tag.as_slice(), random, mac.expose()].concat()))
    }

    /// Whether a token was issued for the same session and the same authentication.
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
            &[self.session_id.as_bytes(), &time, random, self.acr.unwrap_or_default().as_bytes()],
        )))
    }
}
