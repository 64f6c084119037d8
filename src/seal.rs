//! Floor 1. Sealed bytes: XChaCha20-Poly1305 with a random 24-byte nonce.
//!
//! ```text
//! format version (1 byte) | key tag (8) | nonce (24) | ciphertext | tag (16)
//! associated data: "portcullis record" 0 | store key | 0 | format version | key tag
//! ```
//! A false accept would hand one subject another's sessions; a false refusal makes one subject unavailable until the
//! right bytes or the right key are back. So everything is bound, and nothing is ever overwritten after a refusal.

use crate::error::{Code, Error, Result};
use crate::keys::{Key, KeyRing, KeyTag};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

/// The format this release writes.
pub const FORMAT: u8 = 1;
const HEAD_BYTES: usize = 33;
const PURPOSE: &[u8] = b"portcullis record\0";

/// Seals a record under the newest key. `nonce` must be fresh for every call: two plaintexts under one nonce betray
/// each other.
///
/// # Errors
/// [`Code::Internal`] only for sizes that a record cannot reach.
pub fn seal_with_nonce(ring: &KeyRing, store_key: &str, nonce: &[u8; 24], plain: &[u8]) -> Result<Vec<u8>> {
    let key = ring.newest();
    let aad = associated(store_key, &key.tag);
    let sealed = cipher(key)
        .encrypt(nonce.into(), Payload { msg: plain, aad: &aad })
        .map_err(|_| Error::from(Code::Internal))?;
    Ok([&[FORMAT][..], &key.tag, nonce, &sealed].concat())
}

/// Opens what [`seal_with_nonce`] sealed for the same store key, under any key of the ring.
///
/// # Errors
/// [`Code::RecordNewer`], [`Code::RecordKey`] and [`Code::RecordCorrupt`], in this order of looking.
pub fn open(ring: &KeyRing, store_key: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let corrupt = || Error::from(Code::RecordCorrupt);
    let (head, body) = sealed.split_first_chunk::<HEAD_BYTES>().ok_or_else(corrupt)?;
    let (version, rest) = head.split_first().ok_or_else(corrupt)?;
    match *version {
        FORMAT => (),
        0 => return Err(corrupt()),
        _ => return Err(Error::from(Code::RecordNewer)),
    }
    let (tag, nonce) = rest.split_first_chunk::<8>().ok_or_else(corrupt)?;
    let nonce: &[u8; 24] = nonce.try_into().map_err(|_| corrupt())?;
    let key = ring.by_tag(tag).ok_or(Error::from(Code::RecordKey))?;
    let aad = associated(store_key, tag);
    cipher(key).decrypt(nonce.into(), Payload { msg: body, aad: &aad }).map(Zeroizing::new).map_err(|_| corrupt())
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.sealing.expose().into())
}

fn associated(store_key: &str, tag: &KeyTag) -> Vec<u8> {
    [PURPOSE, store_key.as_bytes(), &[0, FORMAT], tag].concat()
}
