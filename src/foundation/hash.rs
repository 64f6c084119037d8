//! Floor 0. SHA-256 and the HMAC over it. What hashes, hashes here: the buffer before the hash is
//! compiled anew wherever it is used, and twenty copies of it were 6 KB of the compressed module.

use crate::foundation::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// SHA-256 over the concatenation of `parts`.
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    sha256_after(&Sha256::new(), parts)
}

/// The same after what was hashed already.
#[inline(never)]
pub fn sha256_after(start: &Sha256, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = start.clone();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

/// HMAC-SHA256 over the concatenation of `parts`.
#[inline(never)]
pub fn finish_hmac(key: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = key.clone();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// An HMAC-SHA256 that is ready to take its message. HMAC hashes a key that is longer than its
/// block of 64 bytes, and pads it to that with zeros (RFC 2104 section 2); done here, there is no
/// length left that could be wrong.
pub fn prepare_hmac(key: &[u8]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0; 64]);
    let hashed = (key.len() > block.len()).then(|| Secret::new(sha256(&[key])));
    let key = hashed.as_ref().map_or(key, |hashed| hashed.expose());
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    Hmac::new(&(*block).into())
}
