//! A secret of the site as the host gives it, and the checks that find weak secrets.
//!
//! A weak secret lets anybody forge tokens, so that a secret which looks weak is rejected at
//! construction, before the first user signs in.

use crate::foundation::base64url;
use crate::foundation::error::{Error, ErrorCode, Result};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// The shortest secret, in bytes.
pub const MIN_SECRET_BYTES: usize = 32;

/// Secrets that stand in public documentation, and are therefore no secrets.
const PUBLISHED_EXAMPLE_SECRETS: &[&str] = &[
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    "better-auth-secret-12345678901234567890",
    "better-auth-secret-123456789",
    "complex_password_at_least_32_characters_long",
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "your-256-bit-secret",
    "your-super-secret-jwt-token-with-at-least-32-characters-long",
];

/// A secret, as the host gives it.
#[derive(ZeroizeOnDrop)]
pub struct SecretInput {
    bytes: Vec<u8>,
    /// Whether the bytes are a text in base64url or base64.
    is_text: bool,
}

impl SecretInput {
    /// Takes over bytes, or the bytes of a text in base64url or base64.
    pub const fn new(bytes: Vec<u8>, is_text: bool) -> Self {
        Self { bytes, is_text }
    }

    /// Takes over the bytes of a secret.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self::new(bytes, false)
    }

    /// Takes over a text in base64url or base64.
    pub fn from_text(text: &str) -> Self {
        Self::new(text.as_bytes().to_vec(), true)
    }

    /// The bytes of the secret, after the checks. `whose` names the secret in the message.
    ///
    /// # Errors
    /// [`ErrorCode::WeakSecret`].
    pub fn validated_bytes(&self, whose: &str) -> Result<Zeroizing<Vec<u8>>> {
        let weak = |why: &str| {
            Error::with_message(
                ErrorCode::WeakSecret,
                format!("The secret of {whose} {why}: use 32 random bytes from generateSecret()."),
            )
        };
        // Only an example of this length is decoded.
        let is_decoded = |known: &str| {
            known.len().saturating_mul(3) / 4 == self.bytes.len()
                && base64url::decode(known).as_ref() == Some(&self.bytes)
        };
        if PUBLISHED_EXAMPLE_SECRETS
            .iter()
            .any(|known| known.as_bytes() == self.bytes || is_decoded(known))
        {
            return Err(weak("is a published example value"));
        }
        let secret = if self.is_text {
            self.decode_text().ok_or_else(|| weak("is neither base64url nor base64"))?
        } else {
            Zeroizing::new(self.bytes.clone())
        };
        if secret.len() < MIN_SECRET_BYTES {
            return Err(weak(&format!(
                "has {} bytes, and {MIN_SECRET_BYTES} are the least",
                secret.len()
            )));
        }
        if count_distinct_bytes(&secret) < 8 {
            return Err(weak("repeats a few bytes over and over"));
        }
        Ok(secret)
    }

    /// The bytes as the host gave them, for keys in other formats.
    pub fn as_given(&self) -> &[u8] {
        &self.bytes
    }

    fn decode_text(&self) -> Option<Zeroizing<Vec<u8>>> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        base64url::decode_any_base64(text).map(Zeroizing::new)
    }
}

/// Counts the different bytes of a secret. 32 random bytes hold about 30, and fewer than 8 with a
/// probability below 2^-100.
fn count_distinct_bytes(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    for byte in bytes {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    seen.iter().filter(|slot| **slot).count()
}
