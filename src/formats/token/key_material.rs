//! What a key is made of, once it was read: typed by its kind, so that nothing can be taken for
//! something else.

use super::algorithm::{self, Algorithm, SigningKey, VerifyingKey};
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::secret::Secret;
use zeroize::Zeroizing;

/// A key of one kind. Its lengths and points were checked.
pub enum KeyMaterial {
    /// A subkey of the ring.
    Subkey(Secret<32>),
    /// A secret shared with another program, strong enough.
    Hmac(Zeroizing<Vec<u8>>),
    /// A point.
    Ed25519Public([u8; 32]),
    /// A seed.
    Ed25519Private(Secret<32>),
    /// A point, uncompressed.
    P256Public([u8; 65]),
    /// A scalar.
    P256Private(Secret<32>),
}

/// The sentence for a key that cannot be used.
pub fn unusable_key_error(why: &str) -> Error {
    Error::with_message(ErrorCode::Config, format!("This key cannot be used: {why}."))
}

impl KeyMaterial {
    /// The one algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Subkey(_) | Self::Hmac(_) => Algorithm::Hs256,
            Self::Ed25519Public(_) | Self::Ed25519Private(_) => Algorithm::EdDsa,
            Self::P256Public(_) | Self::P256Private(_) => Algorithm::Es256,
        }
    }

    /// A point of Ed25519 that may be used: on the curve, of full order, spelled canonically.
    pub fn ed25519_public(point: [u8; 32]) -> Result<Self> {
        match VerifyingKey::ed25519(&point) {
            Some(_) => Ok(Self::Ed25519Public(point)),
            None => Err(unusable_key_error("it is no point of Ed25519 that may be used")),
        }
    }

    /// A point of P-256.
    pub fn p256_public(point: [u8; 65]) -> Result<Self> {
        match VerifyingKey::p256(&point) {
            Some(_) => Ok(Self::P256Public(point)),
            None => Err(unusable_key_error("it is no point of P-256")),
        }
    }

    /// A scalar of P-256.
    pub fn p256_private(scalar: Secret<32>) -> Result<Self> {
        match algorithm::p256_point(&scalar) {
            Some(_) => Ok(Self::P256Private(scalar)),
            None => Err(unusable_key_error("it is no private key of P-256")),
        }
    }

    /// The public half; itself where it has none, or is one.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] only.
    pub fn to_public(self) -> Result<Self> {
        if self.is_private() { self.public_half() } else { Ok(self) }
    }

    /// A copy of the public half of a private key.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] for what is none.
    pub fn public_half(&self) -> Result<Self> {
        match self {
            Self::Ed25519Private(seed) => Ok(Self::Ed25519Public(algorithm::ed25519_point(seed))),
            Self::P256Private(scalar) => algorithm::p256_point(scalar)
                .map(Self::P256Public)
                .ok_or(Error::from(ErrorCode::Internal)),
            _ => Err(Error::from(ErrorCode::Internal)),
        }
    }

    /// Whether nobody else may have it.
    pub const fn is_private(&self) -> bool {
        matches!(self, Self::Ed25519Private(_) | Self::P256Private(_))
    }

    /// As a key that checks signatures.
    ///
    /// # Errors
    /// [`ErrorCode::Config`] for a private key, which nobody needs to check a signature.
    pub fn verifying_key(&self) -> Result<VerifyingKey> {
        let made = match self {
            Self::Subkey(secret) => Some(VerifyingKey::hs256(secret)),
            Self::Hmac(secret) => VerifyingKey::hmac(secret),
            Self::Ed25519Public(point) => VerifyingKey::ed25519(point),
            Self::P256Public(point) => VerifyingKey::p256(point),
            Self::Ed25519Private(_) | Self::P256Private(_) => {
                return Err(unusable_key_error(
                    "it is a private key, which nobody needs to check a signature; pass the public one",
                ));
            }
        };
        made.ok_or(Error::from(ErrorCode::Internal))
    }

    /// As a key that makes signatures.
    ///
    /// # Errors
    /// [`ErrorCode::Config`] for a public key.
    pub fn signing_key(&self) -> Result<SigningKey> {
        let made = match self {
            Self::Subkey(secret) => Some(SigningKey::hs256(secret)),
            Self::Hmac(secret) => SigningKey::hmac(secret),
            Self::Ed25519Private(seed) => Some(SigningKey::ed25519(seed)),
            Self::P256Private(scalar) => SigningKey::p256(scalar),
            Self::Ed25519Public(_) | Self::P256Public(_) => {
                return Err(unusable_key_error(
                    "it is a public key, and signing needs the private one",
                ));
            }
        };
        made.ok_or(Error::from(ErrorCode::Internal))
    }
}
