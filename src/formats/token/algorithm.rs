//! The three algorithms, and keys that know which one is theirs: the key decides, never a token's
//! header.
//!
//! | name in a header | what | key | signature |
//! |---|---|---|---|
//! | `HS256` | HMAC with SHA-256 (RFC 7518 section 3.2) | 32 bytes or more | 32 bytes |
//! | `EdDSA`, `Ed25519` | Ed25519, strictly checked (RFC 8037, RFC 9864) | 32 bytes | 64 bytes |
//! | `ES256` | ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4) | 32 bytes; a point | r and s, 32 bytes each; never DER |

use super::crypto_provider;
use crate::foundation::base64url;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::hash;
use crate::foundation::secret::Secret;
use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey, EncodingKey};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Which algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// Ed25519.
    EdDsa,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// By the name in a header or a JSON Web Key. Ed25519 has two.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }

    /// The name in the headers we write.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }

    /// As jsonwebtoken calls it.
    const fn to_jsonwebtoken(self) -> JwtAlgorithm {
        match self {
            Self::Hs256 => JwtAlgorithm::HS256,
            Self::EdDsa => JwtAlgorithm::EdDSA,
            Self::Es256 => JwtAlgorithm::ES256,
        }
    }
}

/// A key that checks signatures. Printed without its bytes.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    key: VerifierBackend,
}

/// A key that makes signatures. Printed without its bytes.
#[derive(Debug, Clone)]
pub struct SigningKey {
    algorithm: Algorithm,
    key: SignerBackend,
}

/// A signature as it stands in a token, in base64url that was found to be canonical; and its bytes
/// where they are as many as an HMAC's.
#[derive(Debug, Clone, Copy)]
pub struct Signature<'a> {
    text: &'a str,
    tag: Option<[u8; 32]>,
}

/// An HMAC's key schedule is kept: it is a third of the work of a short token. The rest goes
/// through jsonwebtoken.
#[derive(Clone)]
enum VerifierBackend {
    PreparedHmac(Hmac<Sha256>),
    Jsonwebtoken(DecodingKey),
}

#[derive(Clone)]
enum SignerBackend {
    PreparedHmac(Hmac<Sha256>),
    Jsonwebtoken(EncodingKey),
}

impl<'a> Signature<'a> {
    /// Reads one; `room` is for its bytes. `None` where the base64url is not canonical.
    pub fn parse(text: &'a str, buffer: &mut Vec<u8>) -> Option<Self> {
        base64url::decode_into(text, buffer)?;
        Some(Self { text, tag: buffer.as_slice().try_into().ok() })
    }
}

impl VerifyingKey {
    /// A subkey of ours.
    pub fn hs256(secret: &Secret<32>) -> Self {
        Self {
            algorithm: Algorithm::Hs256,
            key: VerifierBackend::PreparedHmac(hash::prepare_hmac(secret.expose())),
        }
    }

    /// A secret shared with another program; its strength is checked by whoever has it.
    pub fn hmac(secret: &[u8]) -> Option<Self> {
        Some(Self {
            algorithm: Algorithm::Hs256,
            key: VerifierBackend::PreparedHmac(hash::prepare_hmac(secret)),
        })
    }

    /// A point that is on the curve and of full order.
    pub fn ed25519(point: &[u8; 32]) -> Option<Self> {
        crypto_provider::ed25519_key(point)?;
        Some(Self {
            algorithm: Algorithm::EdDsa,
            key: VerifierBackend::Jsonwebtoken(DecodingKey::from_ed_der(point)),
        })
    }

    /// An uncompressed point (SEC 1 section 2.3.3) that is on the curve.
    pub fn p256(point: &[u8; 65]) -> Option<Self> {
        crypto_provider::p256_key(point)?;
        Some(Self {
            algorithm: Algorithm::Es256,
            key: VerifierBackend::Jsonwebtoken(DecodingKey::from_ec_der(point)),
        })
    }

    /// The same key with the beginning of a message taken in already; `None` where that cannot be
    /// kept.
    pub fn with_hashed_prefix(&self, beginning: &str) -> Option<Self> {
        match &self.key {
            VerifierBackend::PreparedHmac(hmac) => Some(Self {
                key: VerifierBackend::PreparedHmac(hmac.clone().chain_update(beginning)),
                ..self.clone()
            }),
            VerifierBackend::Jsonwebtoken(_) => None,
        }
    }

    /// The one algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether this key made `signature` over `message`. Constant-time where the key is secret.
    pub fn verify(&self, message: &[u8], signature: &Signature<'_>) -> bool {
        match &self.key {
            VerifierBackend::PreparedHmac(hmac) => {
                let Some(tag) = signature.tag else { return false };
                hash::finish_hmac(hmac, &[message]).ct_eq(&tag).into()
            }
            // Without our cryptography there is nothing to trust; jsonwebtoken would panic.
            VerifierBackend::Jsonwebtoken(_) if crypto_provider::ensure().is_err() => false,
            VerifierBackend::Jsonwebtoken(key) => {
                let said = jsonwebtoken::crypto::verify(
                    signature.text,
                    message,
                    key,
                    self.algorithm.to_jsonwebtoken(),
                );
                matches!(said, Ok(true))
            }
        }
    }

    /// The same for a signature in base64url.
    pub fn verify_text(&self, message: &[u8], signature: &str) -> bool {
        Signature::parse(signature, &mut Vec::new())
            .is_some_and(|signature| self.verify(message, &signature))
    }
}

impl SigningKey {
    /// A subkey of ours.
    pub fn hs256(secret: &Secret<32>) -> Self {
        Self {
            algorithm: Algorithm::Hs256,
            key: SignerBackend::PreparedHmac(hash::prepare_hmac(secret.expose())),
        }
    }

    /// A secret shared with another program; its strength is checked by whoever has it.
    pub fn hmac(secret: &[u8]) -> Option<Self> {
        Some(Self {
            algorithm: Algorithm::Hs256,
            key: SignerBackend::PreparedHmac(hash::prepare_hmac(secret)),
        })
    }

    /// From the 32 bytes of an Ed25519 private key.
    pub fn ed25519(seed: &Secret<32>) -> Self {
        Self {
            algorithm: Algorithm::EdDsa,
            key: SignerBackend::Jsonwebtoken(EncodingKey::from_ed_der(seed.expose())),
        }
    }

    /// From a scalar of P-256; `None` for 0 and for the order of the curve and above.
    pub fn p256(scalar: &Secret<32>) -> Option<Self> {
        crypto_provider::p256_point(scalar.expose())?;
        Some(Self {
            algorithm: Algorithm::Es256,
            key: SignerBackend::Jsonwebtoken(EncodingKey::from_ec_der(scalar.expose())),
        })
    }

    /// The one algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The signature over `message`, in base64url.
    ///
    /// # Errors
    /// [`ErrorCode::CryptoProvider`], [`ErrorCode::Internal`].
    pub fn sign(&self, message: &[u8]) -> Result<String> {
        match &self.key {
            SignerBackend::PreparedHmac(hmac) => {
                Ok(base64url::encode_public(&hash::finish_hmac(hmac, &[message])))
            }
            SignerBackend::Jsonwebtoken(key) => {
                crypto_provider::ensure()?;
                let signed =
                    jsonwebtoken::crypto::sign(message, key, self.algorithm.to_jsonwebtoken());
                signed.map_err(|_| Error::from(ErrorCode::Internal))
            }
        }
    }
}

/// The public point of an Ed25519 private key.
pub fn ed25519_point(seed: &Secret<32>) -> [u8; 32] {
    crypto_provider::ed25519_point(seed.expose())
}

/// The public point of a private key of P-256, uncompressed.
pub fn p256_point(scalar: &Secret<32>) -> Option<[u8; 65]> {
    crypto_provider::p256_point(scalar.expose())
}

impl std::fmt::Debug for VerifierBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("redacted")
    }
}

impl std::fmt::Debug for SignerBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("redacted")
    }
}
