//! The three algorithms, and keys that know their algorithm. The key decides on the algorithm, and
//! never the header of a token (RFC 8725 section 3.1).
//!
//! | name | algorithm | key | signature |
//! |---|---|---|---|
//! | `HS256` | HMAC with SHA-256 (RFC 7518 section 3.2) | 32 bytes or more | 32 bytes |
//! | `EdDSA`, `Ed25519` | strict Ed25519 (RFC 8037, RFC 9864) | 32 bytes | 64 bytes |
//! | `ES256` | ECDSA on P-256 (RFC 7518 section 3.4) | 32 bytes, or a point | 64 bytes, never DER |

use super::crypto_provider;
use crate::foundation::base64url;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::hash;
use crate::foundation::secret::Secret;
use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey, EncodingKey};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// A signature algorithm of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256, `HS256`.
    Hs256,
    /// Ed25519, `EdDSA` or `Ed25519`.
    EdDsa,
    /// ECDSA on P-256 with SHA-256, `ES256`.
    Es256,
}

impl Algorithm {
    /// Finds the algorithm by its name in a header or a JWK. Ed25519 has two names.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "HS256" => Some(Self::Hs256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }

    /// The name that the site's own headers carry.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }

    /// The algorithm as a value of jsonwebtoken.
    const fn to_jsonwebtoken(self) -> JwtAlgorithm {
        match self {
            Self::Hs256 => JwtAlgorithm::HS256,
            Self::EdDsa => JwtAlgorithm::EdDSA,
            Self::Es256 => JwtAlgorithm::ES256,
        }
    }
}

/// A key that verifies signatures. Its debug output hides the bytes.
#[derive(Debug, Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    key: VerifierBackend,
}

/// A key that signs. Its debug output hides the bytes.
#[derive(Debug, Clone)]
pub struct SigningKey {
    algorithm: Algorithm,
    key: SignerBackend,
}

/// A signature in canonical base64url, and its bytes where it has the length of an HMAC.
#[derive(Debug, Clone, Copy)]
pub struct Signature<'a> {
    text: &'a str,
    tag: Option<[u8; 32]>,
}

/// The implementation behind a key. A prepared HMAC is kept, and the other algorithms go through
/// jsonwebtoken; measured: see performance.md, Prepared HMAC
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
    /// Parses a signature, whose bytes go into `buffer`. Gives `None` where the base64url is not
    /// canonical.
    pub fn parse(text: &'a str, buffer: &mut Vec<u8>) -> Option<Self> {
        base64url::decode_into(text, buffer)?;
        Some(Self { text, tag: buffer.as_slice().try_into().ok() })
    }
}

impl VerifyingKey {
    /// Makes a key of a subkey of the ring.
    pub fn hs256(secret: &Secret<32>) -> Self {
        Self {
            algorithm: Algorithm::Hs256,
            key: VerifierBackend::PreparedHmac(hash::prepare_hmac(secret.expose())),
        }
    }

    /// Makes a key of a secret that is shared with another program. The caller checks its strength.
    pub fn hmac(secret: &[u8]) -> Option<Self> {
        Some(Self {
            algorithm: Algorithm::Hs256,
            key: VerifierBackend::PreparedHmac(hash::prepare_hmac(secret)),
        })
    }

    /// Makes a key of a point that is on the curve and of full order.
    pub fn ed25519(point: &[u8; 32]) -> Option<Self> {
        crypto_provider::ed25519_key(point)?;
        Some(Self {
            algorithm: Algorithm::EdDsa,
            key: VerifierBackend::Jsonwebtoken(DecodingKey::from_ed_der(point)),
        })
    }

    /// Makes a key of an uncompressed point (SEC 1 section 2.3.3) that is on the curve.
    pub fn p256(point: &[u8; 65]) -> Option<Self> {
        crypto_provider::p256_key(point)?;
        Some(Self {
            algorithm: Algorithm::Es256,
            key: VerifierBackend::Jsonwebtoken(DecodingKey::from_ec_der(point)),
        })
    }

    /// The key with the beginning of a message hashed already. Gives `None` for an algorithm that
    /// cannot keep it.
    pub fn with_hashed_prefix(&self, beginning: &str) -> Option<Self> {
        match &self.key {
            VerifierBackend::PreparedHmac(hmac) => Some(Self {
                key: VerifierBackend::PreparedHmac(hmac.clone().chain_update(beginning)),
                ..self.clone()
            }),
            VerifierBackend::Jsonwebtoken(_) => None,
        }
    }

    /// The algorithm of the key.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether this key made `signature` over `message`. The time is constant where the key is
    /// secret.
    pub fn verify(&self, message: &[u8], signature: &Signature<'_>) -> bool {
        match &self.key {
            VerifierBackend::PreparedHmac(hmac) => {
                let Some(tag) = signature.tag else { return false };
                hash::finish_hmac(hmac, &[message]).ct_eq(&tag).into()
            }
            // Without our provider jsonwebtoken would panic, or use cryptography that is unknown.
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

    /// Whether this key made a signature that is given in base64url.
    pub fn verify_text(&self, message: &[u8], signature: &str) -> bool {
        Signature::parse(signature, &mut Vec::new())
            .is_some_and(|signature| self.verify(message, &signature))
    }
}

impl SigningKey {
    /// Makes a key of a subkey of the ring.
    pub fn hs256(secret: &Secret<32>) -> Self {
        Self {
            algorithm: Algorithm::Hs256,
            key: SignerBackend::PreparedHmac(hash::prepare_hmac(secret.expose())),
        }
    }

    /// Makes a key of a secret that is shared with another program. The caller checks its strength.
    pub fn hmac(secret: &[u8]) -> Option<Self> {
        Some(Self {
            algorithm: Algorithm::Hs256,
            key: SignerBackend::PreparedHmac(hash::prepare_hmac(secret)),
        })
    }

    /// Makes a key of the 32 bytes of an Ed25519 private key.
    pub fn ed25519(seed: &Secret<32>) -> Self {
        Self {
            algorithm: Algorithm::EdDsa,
            key: SignerBackend::Jsonwebtoken(EncodingKey::from_ed_der(seed.expose())),
        }
    }

    /// Makes a key of a P-256 scalar. Gives `None` for 0 and for the order of the curve and above.
    pub fn p256(scalar: &Secret<32>) -> Option<Self> {
        crypto_provider::p256_point(scalar.expose())?;
        Some(Self {
            algorithm: Algorithm::Es256,
            key: SignerBackend::Jsonwebtoken(EncodingKey::from_ec_der(scalar.expose())),
        })
    }

    /// The algorithm to which the key is bound.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Signs `message`, and gives the signature in base64url.
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

/// Computes the public point of an Ed25519 private key.
pub fn ed25519_point(seed: &Secret<32>) -> [u8; 32] {
    crypto_provider::ed25519_point(seed.expose())
}

/// The uncompressed public point of a P-256 private key.
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
