//! The cryptography that jsonwebtoken calls: three algorithms, on the same crates as the rest of
//! the core.
//!
//! jsonwebtoken has one provider per process, and ours is installed at first use. If another one is
//! already installed, every use fails, because its cryptography is unknown.

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
/// The first byte of an uncompressed point (SEC 1 section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// Installs our provider at the first call.
///
/// # Errors
/// [`ErrorCode::CryptoProvider`] if another provider was installed before.
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
    // The placeholders of jsonwebtoken panic. These give errors instead.
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

/// Parses a public point of Ed25519. `None` unless it is on the curve and of full order.
pub fn ed25519_key(bytes: &[u8]) -> Option<Ed25519Key> {
    let key = Ed25519Key::from_bytes(bytes.try_into().ok()?).ok()?;
    (!key.is_weak()).then_some(key)
}

/// Parses an uncompressed point of P-256 (SEC 1 section 2.3.3). `None` unless it is on the curve.
pub fn p256_key(bytes: &[u8]) -> Option<P256Key> {
    // A general parser would also support compressed points; measured: see performance.md, Points
    // of P-256
    let (tag, coordinates) = bytes.split_first()?;
    let (x, y) = coordinates.split_first_chunk::<32>()?;
    let y: [u8; 32] = y.try_into().ok()?;
    let point =
        (*tag == UNCOMPRESSED).then(|| AffinePoint::from_coordinates(&(*x).into(), &y.into()))?;
    P256Key::from_affine(point.into_option()?).ok()
}

/// Derives the key pair from the private key alone. Signing with a separately given public key can
/// reveal the private key (RUSTSEC-2022-0093).
fn ed25519_private(bytes: &[u8]) -> Option<Ed25519Private> {
    Some(Ed25519Private::from_bytes(bytes.try_into().ok()?))
}

fn p256_private(bytes: &[u8]) -> Option<P256Private> {
    (bytes.len() == 32).then(|| P256Private::from_slice(bytes).ok())?
}

/// Computes the public point of an Ed25519 private key.
pub fn ed25519_point(seed: &[u8; 32]) -> [u8; 32] {
    Ed25519Private::from_bytes(seed).verifying_key().to_bytes()
}

/// Computes the uncompressed public point of a P-256 private key. `None` if the key is invalid.
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

/// Ed25519 (RFC 8037), verified strictly: small-order keys and non-canonical signatures fail.
struct EdDsa(Ed25519Key);

impl Verifier<Vec<u8>> for EdDsa {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> VerifyResult {
        let signature =
            Ed25519Signature::from_slice(signature).map_err(|_| SignatureError::new())?;
        self.0.verify_strict(message, &signature).map_err(|_| SignatureError::new())
    }
}

/// ECDSA on P-256 with SHA-256. A signature is r and s of 32 bytes each (RFC 7518 section 3.4).
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

/// Signs with a nonce derived from the key and the message (RFC 6979), because a weak random nonce
/// would reveal the key.
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
