//! SHA-256 and the HMAC over it. All hashing calls these functions, which are compiled once;
//! measured: see performance.md, One copy of the hash

use crate::foundation::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Computes SHA-256 over the concatenation of `parts`.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    sha256_after(&Sha256::new(), parts)
}

/// Continues a SHA-256 state with the concatenation of `parts`.
#[inline(never)]
pub fn sha256_after(start: &Sha256, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = start.clone();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// Computes HMAC-SHA256 over the concatenation of `parts`.
#[inline(never)]
pub fn finish_hmac(key: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = key.clone();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// Prepares HMAC-SHA256 for a key. HMAC hashes a key that is longer than its block of 64 bytes, and
/// pads a shorter one with zeros (RFC 2104 section 2). This function does so, so that no length of
/// a key is an error.
pub fn prepare_hmac(key: &[u8]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; 64]);
    let hashed = (key.len() > block.len()).then(|| Secret::new(sha256(&[key])));
    let key = hashed.as_ref().map_or(key, |hashed| hashed.expose());
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    Hmac::new(&(*block).into())
}
