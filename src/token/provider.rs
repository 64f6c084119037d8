//! The cryptography under jsonwebtoken: HS256 and nothing else, on the same crates as the rest of the core.
//!
//! jsonwebtoken has one provider per process. Ours is installed at first use; where another one was there before, we
//! refuse to go on rather than trust cryptography we do not know.

use crate::error::{Code, Error, Result};
use crate::keys::hmac_of;
use hmac::Mac;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error as JwtError, ErrorKind};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey};
use std::sync::OnceLock;
use zeroize::ZeroizeOnDrop;

type JwtResult<T> = std::result::Result<T, JwtError>;

/// Makes sure that ours is the provider.
///
/// # Errors
/// [`Code::CryptoProvider`] where it is not.
pub fn ensure() -> Result<()> {
    static OURS: OnceLock<bool> = OnceLock::new();
    if *OURS.get_or_init(|| PROVIDER.install_default().is_ok()) {
        Ok(())
    } else {
        Err(Error::from(Code::CryptoProvider))
    }
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| {
        let bytes = (key.family() == AlgorithmFamily::Hmac).then(|| key.as_bytes());
        Ok(Box::new(Hs256::new(*algorithm, bytes)?))
    },
    verifier_factory: |algorithm, key: &DecodingKey| {
        let bytes = if key.family() == AlgorithmFamily::Hmac { Some(key.try_get_as_bytes()?) } else { None };
        Ok(Box::new(Hs256::new(*algorithm, bytes)?))
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

/// HMAC with SHA-256 (RFC 7518 section 3.2) under a subkey of exactly 32 bytes.
#[derive(ZeroizeOnDrop)]
struct Hs256([u8; 32]);

impl Hs256 {
    fn new(algorithm: Algorithm, key: Option<&[u8]>) -> JwtResult<Self> {
        match (algorithm, key.and_then(|bytes| bytes.try_into().ok())) {
            (Algorithm::HS256, Some(key)) => Ok(Self(key)),
            (Algorithm::HS256, None) => Err(ErrorKind::InvalidKeyFormat.into()),
            _ => Err(unsupported()),
        }
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, SignatureError> {
        Ok(hmac_of(&self.0).chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), SignatureError> {
        hmac_of(&self.0).chain_update(message).verify_slice(signature).map_err(|_| SignatureError::new())
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

/// The key as jsonwebtoken wants it for signing.
pub fn signing_key(key: &[u8; 32]) -> EncodingKey {
    EncodingKey::from_secret(key)
}

/// The key as jsonwebtoken wants it for verifying.
pub fn verifying_key(key: &[u8; 32]) -> DecodingKey {
    DecodingKey::from_secret(key)
}
