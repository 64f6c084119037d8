//! The cryptography under jsonwebtoken: three algorithms, on the same crates as the rest of the
//! core.
//!
//! jsonwebtoken has one provider per process. Ours is installed at first use; where another one was
//! there before, we refuse to go on rather than trust cryptography we do not know.

use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::hash;
use ed25519_dalek::{
    Signature as Ed25519Signature, SigningKey as Ed25519Private, VerifyingKey as Ed25519Key,
};
use hmac::Hmac;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error as JwtError, ErrorKind};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey};
use p256::AffinePoint;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature as P256Signature, SigningKey as P256Private, VerifyingKey as P256Key};
use p256::elliptic_curve::point::AffineCoordinates;
use sha2::Sha256;
use std::sync::OnceLock;
use subtle::ConstantTimeEq;

type JwtResult<T> = std::result::Result<T, JwtError>;
type VerifyResult = std::result::Result<(), SignatureError>;

/// The shortest HMAC key, in bytes (RFC 7518 section 3.2).
const HMAC_MIN_BYTES: usize = 32;
/// What a point with both of its coordinates begins with (SEC 1 section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// Makes sure that ours is the provider.
///
/// # Errors
/// [`ErrorCode::CryptoProvider`] where it is not.
pub fn ensure() -> Result<()> {
    static PROVIDER_INSTANCE: OnceLock<bool> = OnceLock::new();
    if *PROVIDER_INSTANCE.get_or_init(|| PROVIDER.install_default().is_ok()) {
        Ok(())
    } else {
        Err(Error::from(ErrorCode::CryptoProvider))
    }
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key: &EncodingKey| {
        let bytes = key.as_bytes();
        match (algorithm, key.family()) {
            (Algorithm::HS256, AlgorithmFamily::Hmac) => Ok(Box::new(Hs256::new(bytes)?)),
            (Algorithm::EdDSA, AlgorithmFamily::Ed) => {
                Ok(Box::new(EdDsaSigner(ed25519_private(bytes).ok_or_else(wrong_key)?)))
            }
            (Algorithm::ES256, AlgorithmFamily::Ec) => {
                Ok(Box::new(Es256Signer(p256_private(bytes).ok_or_else(wrong_key)?)))
            }
            _ => Err(unsupported()),
        }
    },
    verifier_factory: |algorithm, key: &DecodingKey| {
        let bytes = key.try_get_as_bytes()?;
        match (algorithm, key.family()) {
            (Algorithm::HS256, AlgorithmFamily::Hmac) => Ok(Box::new(Hs256::new(bytes)?)),
            (Algorithm::EdDSA, AlgorithmFamily::Ed) => {
                Ok(Box::new(EdDsa(ed25519_key(bytes).ok_or_else(wrong_key)?)))
            }
            (Algorithm::ES256, AlgorithmFamily::Ec) => {
                Ok(Box::new(Es256(p256_key(bytes).ok_or_else(wrong_key)?)))
            }
            _ => Err(unsupported()),
        }
    },
    // jsonwebtoken's own placeholders panic; these refuse.
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: |_| Err(unsupported()),
        rsa_pub_components_from_public_key: |_| Err(unsupported()),
        ec_pub_components_from_private_key: |_, _| Err(unsupported()),
        ed_pub_components_from_private_key: |_, _| Err(unsupported()),
        compute_digest: |_, _| Err(unsupported()),
    },
};

fn unsupported() -> JwtError {
    ErrorKind::UnsupportedAlgorithm.into()
}

fn wrong_key() -> JwtError {
    ErrorKind::InvalidKeyFormat.into()
}

/// A point that is on the curve and of full order.
pub fn ed25519_key(bytes: &[u8]) -> Option<Ed25519Key> {
    let key = Ed25519Key::from_bytes(bytes.try_into().ok()?).ok()?;
    (!key.is_weak()).then_some(key)
}

/// An uncompressed point (SEC 1 section 2.3.3) that is on the curve.
pub fn p256_key(bytes: &[u8]) -> Option<P256Key> {
    // By its coordinates: a reader of every encoding brings the square roots of compressed points,
    // 6 KB of the module.
    let (tag, coordinates) = bytes.split_first()?;
    let (x, y) = coordinates.split_first_chunk::<32>()?;
    let y: [u8; 32] = y.try_into().ok()?;
    let point =
        (*tag == UNCOMPRESSED).then(|| AffinePoint::from_coordinates(&(*x).into(), &y.into()))?;
    P256Key::from_affine(point.into_option()?).ok()
}

/// The key pair is always derived from the private key: a public key that was handed over beside it
/// could be made to betray it (RUSTSEC-2022-0093).
fn ed25519_private(bytes: &[u8]) -> Option<Ed25519Private> {
    Some(Ed25519Private::from_bytes(bytes.try_into().ok()?))
}

fn p256_private(bytes: &[u8]) -> Option<P256Private> {
    (bytes.len() == 32).then(|| P256Private::from_slice(bytes).ok())?
}

/// The public point of a private key.
pub fn ed25519_point(seed: &[u8; 32]) -> [u8; 32] {
    Ed25519Private::from_bytes(seed).verifying_key().to_bytes()
}

/// The public point of a private key, uncompressed; `None` where it is no private key.
pub fn p256_point(scalar: &[u8; 32]) -> Option<[u8; 65]> {
    let key = p256_private(scalar)?;
    let point = key.verifying_key().as_affine();
    [&[UNCOMPRESSED][..], &point.x(), &point.y()].concat().try_into().ok()
}

/// HMAC with SHA-256 (RFC 7518 section 3.2).
struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(key: &[u8]) -> JwtResult<Self> {
        let long_enough = Some(key).filter(|key| key.len() >= HMAC_MIN_BYTES);
        long_enough.map(hash::prepare_hmac).map(Self).ok_or_else(wrong_key)
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, SignatureError> {
        Ok(hash::finish_hmac(&self.0, &[message]).to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> VerifyResult {
        let is_right = bool::from(hash::finish_hmac(&self.0, &[message]).ct_eq(signature));
        if is_right { Ok(()) } else { Err(SignatureError::new()) }
    }
}

/// Ed25519 (RFC 8037), with the strict check: one message, one key, one signature.
struct EdDsa(Ed25519Key);

impl Verifier<Vec<u8>> for EdDsa {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> VerifyResult {
        let signature =
            Ed25519Signature::from_slice(signature).map_err(|_| SignatureError::new())?;
        self.0.verify_strict(message, &signature).map_err(|_| SignatureError::new())
    }
}

/// ECDSA on P-256 with SHA-256, r and s of 32 bytes each (RFC 7518 section 3.4); never DER.
struct Es256(P256Key);

impl Verifier<Vec<u8>> for Es256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> VerifyResult {
        let signature = P256Signature::from_slice(signature).map_err(|_| SignatureError::new())?;
        self.0.verify(message, &signature).map_err(|_| SignatureError::new())
    }
}

struct EdDsaSigner(Ed25519Private);

impl Signer<Vec<u8>> for EdDsaSigner {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, SignatureError> {
        let signature = self.0.try_sign(message).map_err(|_| SignatureError::new())?;
        Ok(signature.to_bytes().to_vec())
    }
}

/// The nonce is derived from the key and the message (RFC 6979): no randomness that could fail.
struct Es256Signer(P256Private);

impl Signer<Vec<u8>> for Es256Signer {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, SignatureError> {
        let signature: P256Signature =
            self.0.try_sign(message).map_err(|_| SignatureError::new())?;
        Ok(signature.to_bytes().to_vec())
    }
}

impl JwtSigner for EdDsaSigner {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

impl JwtSigner for Es256Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for EdDsa {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

impl JwtVerifier for Es256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::ES256
    }
}
