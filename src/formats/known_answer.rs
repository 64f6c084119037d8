//! The cryptographic primitives one by one, so that published test vectors run against the module
//! that ships. No decision uses this file.

use crate::formats::key_ring;
use crate::formats::token::algorithm::{SigningKey, VerifyingKey};
use crate::foundation::base64url;
use crate::foundation::error::{Error, ErrorCode, Result};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};

/// The answer of a primitive to its parts; `None` where it refuses them.
///
/// | primitive | parts | answer |
/// |---|---|---|
/// | `hmac` | key, message | the tag |
/// | `hkdf` | secret, salt, info, length (2 bytes, big-endian) | the key |
/// | `ed25519-verify` | point, message, signature | nothing |
/// | `p256-verify` | uncompressed point, message, signature of 64 bytes | nothing |
/// | `xchacha20-poly1305-seal` | key, nonce, associated data, plaintext | ciphertext and tag |
/// | `xchacha20-poly1305-open` | key, nonce, associated data, ciphertext and tag | plaintext |
///
/// # Errors
/// [`ErrorCode::Argument`] where there is no such primitive, or the number of parts is wrong.
pub fn compute_known_answer(primitive: &str, parts: &[&[u8]]) -> Result<Option<Vec<u8>>> {
    Ok(match (primitive, parts) {
        ("hmac", [key, message]) => hmac(key, message),
        ("hkdf", [secret, salt, info, length]) => hkdf(secret, salt, info, length),
        ("ed25519-verify", [point, message, signature]) => {
            let key = (*point).try_into().ok().and_then(VerifyingKey::ed25519);
            validated_parts(key, message, signature)
        }
        ("p256-verify", [point, message, signature]) => {
            let key = (*point).try_into().ok().and_then(VerifyingKey::p256);
            validated_parts(key, message, signature)
        }
        ("xchacha20-poly1305-seal", [key, nonce, aad, msg]) => run_cipher(key).and_then(|cipher| {
            cipher.encrypt((*nonce).try_into().ok()?, Payload { msg, aad }).ok()
        }),
        ("xchacha20-poly1305-open", [key, nonce, aad, msg]) => run_cipher(key).and_then(|cipher| {
            cipher.decrypt((*nonce).try_into().ok()?, Payload { msg, aad }).ok()
        }),
        _ => return Err(Error::from(ErrorCode::Argument)),
    })
}

fn hmac(key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    base64url::decode(&SigningKey::hmac(key)?.sign(message).ok()?)
}

fn hkdf(secret: &[u8], salt: &[u8], info: &[u8], length: &[u8]) -> Option<Vec<u8>> {
    let length = u16::from_be_bytes(length.try_into().ok()?);
    let mut key = vec![0; usize::from(length)];
    key_ring::hkdf(secret, salt, info, &mut key).ok().map(|()| key)
}

fn validated_parts(key: Option<VerifyingKey>, message: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    key?.verify_text(message, &base64url::encode(signature)).then(Vec::new)
}

fn run_cipher(key: &[u8]) -> Option<XChaCha20Poly1305> {
    XChaCha20Poly1305::new_from_slice(key).ok()
}
