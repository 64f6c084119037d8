//! Parsed keys. Each kind has a type of its own, so that no key is mistaken for another kind.

use super::algorithm::{self, Algorithm, SigningKey, VerifyingKey};
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::secret::Secret;
use zeroize::Zeroizing;

/// A key of one kind, whose lengths and points were checked.
pub enum KeyMaterial {
    /// A subkey of the key ring.
    Subkey(Secret<32>),
    /// A strong secret that is shared with another program.
    Hmac(Zeroizing<Vec<u8>>),
    /// The point of an Ed25519 public key.
    Ed25519Public([u8; 32]),
    /// The seed of an Ed25519 private key.
    Ed25519Private(Secret<32>),
    /// The uncompressed point of a P-256 public key.
    P256Public([u8; 65]),
    /// The scalar of a P-256 private key.
    P256Private(Secret<32>),
}

/// The error of a key that cannot be used.
pub fn unusable_key_error(why: &str) -> Error {
    Error::with_message(ErrorCode::Config, format!("This key cannot be used: {why}."))
}

impl KeyMaterial {
    /// The one algorithm of the key.
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Subkey(_) | Self::Hmac(_) => Algorithm::Hs256,
            Self::Ed25519Public(_) | Self::Ed25519Private(_) => Algorithm::EdDsa,
            Self::P256Public(_) | Self::P256Private(_) => Algorithm::Es256,
        }
    }

    /// Checks that an Ed25519 point is on the curve, of full order and canonical.
    pub fn ed25519_public(point: [u8; 32]) -> Result<Self> {
        match VerifyingKey::ed25519(&point) {
            Some(_) => Ok(Self::Ed25519Public(point)),
            None => Err(unusable_key_error("it is no point of Ed25519 that may be used")),
        }
    }

    /// Checks that a P-256 point is on the curve.
    pub fn p256_public(point: [u8; 65]) -> Result<Self> {
        match VerifyingKey::p256(&point) {
            Some(_) => Ok(Self::P256Public(point)),
            None => Err(unusable_key_error("it is no point of P-256")),
        }
    }

    /// Checks that a P-256 scalar is in its range.
    pub fn p256_private(scalar: Secret<32>) -> Result<Self> {
        match algorithm::p256_point(&scalar) {
            Some(_) => Ok(Self::P256Private(scalar)),
            None => Err(unusable_key_error("it is no private key of P-256")),
        }
    }

    /// The public half of the key. A key without a private half stays as it is.
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

    /// Whether the key must be kept secret.
    pub const fn is_private(&self) -> bool {
        matches!(self, Self::Ed25519Private(_) | Self::P256Private(_))
    }

    /// The key for verification.
    ///
    /// # Errors
    /// [`ErrorCode::Config`] for a private key, which no verifier needs.
    pub fn verifying_key(&self) -> Result<VerifyingKey> {
        let made = match self {
            Self::Subkey(secret) => Some(VerifyingKey::hs256(secret)),
            Self::Hmac(secret) => VerifyingKey::hmac(secret),
            Self::Ed25519Public(point) => VerifyingKey::ed25519(point),
            Self::P256Public(point) => VerifyingKey::p256(point),
            Self::Ed25519Private(_) | Self::P256Private(_) => {
                return Err(unusable_key_error("it is a private key; pass the public key"));
            }
        };
        made.ok_or(Error::from(ErrorCode::Internal))
    }

    /// The key for signing.
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
                return Err(unusable_key_error("it is a public key; pass the private key to sign"));
            }
        };
        made.ok_or(Error::from(ErrorCode::Internal))
    }
}
