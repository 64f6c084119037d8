//! Sealed bytes: XChaCha20-Poly1305 with a random nonce of 24 bytes.
//!
//! ```text
//! format version (1 byte) | key tag (8) | nonce (24) | ciphertext | tag (16)
//! associated data: purpose 0 | context | 0 | format version | key tag
//! ```
//! The purpose is "portcullis record" with the store key as its context, or "portcullis data" with
//! the application's associated data.
//!
//! A false accept would give one subject the sessions of another. A false rejection makes one
//! subject unavailable until the right bytes or the right key are back. Sealed bytes are therefore
//! bound to their purpose, and nothing is overwritten after a rejection.

use crate::formats::key_ring::{KeyTag, RingKey};
use crate::foundation::error::{Error, ErrorCode, Result};
use chacha20poly1305::aead::{Aead, AeadInOut, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

/// The version of the format that this release writes.
pub const FORMAT: u8 = 1;
/// The bytes that sealing adds to a plaintext.
pub const OVERHEAD_BYTES: usize = HEADER_BYTES + 16;
const HEADER_BYTES: usize = 33;

/// The purpose of sealed bytes. They unseal only for the purpose that they were sealed for.
#[derive(Debug, Clone, Copy)]
pub enum SealPurpose<'a> {
    /// The subject record under this store key.
    Record(&'a str),
    /// Bytes of the application, with this associated data.
    Data(&'a [u8]),
}

/// The reason for which sealed bytes do not unseal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnsealError {
    /// The bytes were modified, truncated or sealed for another purpose.
    Corrupt,
    /// The bytes have a format of a later release.
    NewerFormat,
    /// The key of the bytes is not in the ring.
    UnknownKey,
}

/// Seals a plaintext under a key. `nonce` must be new for every call: two plaintexts under one
/// nonce reveal each other.
///
/// # Errors
/// [`ErrorCode::Internal`] for sizes that no caller allows.
pub fn seal_with_nonce(
    key: &RingKey,
    purpose: SealPurpose<'_>,
    nonce: &[u8; 24],
    plain: &[u8],
) -> Result<Vec<u8>> {
    seal_with_writer(key, purpose, nonce, plain.len(), |mut capacity| {
        capacity.extend_from_slice(plain);
        Ok(capacity)
    })
}

/// Seals a plaintext that `write` appends to the buffer where it is sealed, so that it is never
/// anywhere else. The plaintext should not be longer than `size`, because a buffer that grows
/// leaves a copy behind.
///
/// # Errors
/// [`ErrorCode::Internal`], and the errors of `write`.
pub fn seal_with_writer(
    key: &RingKey,
    purpose: SealPurpose<'_>,
    nonce: &[u8; 24],
    size: usize,
    write: impl FnOnce(Vec<u8>) -> Result<Vec<u8>>,
) -> Result<Vec<u8>> {
    let mut capacity = Vec::with_capacity(size.saturating_add(OVERHEAD_BYTES));
    capacity.push(FORMAT);
    capacity.extend_from_slice(&key.tag);
    capacity.extend_from_slice(nonce);
    let mut sealed = write(capacity)?;
    let aad = purpose.associated_data(&key.tag);
    let (_, body) =
        sealed.split_at_mut_checked(HEADER_BYTES).ok_or(Error::from(ErrorCode::Internal))?;
    let tag = new_cipher(key).encrypt_inout_detached(nonce.into(), &aad, body.into());
    sealed.extend_from_slice(&tag.map_err(|_| Error::from(ErrorCode::Internal))?);
    Ok(sealed)
}

/// Unseals the bytes that [`seal_with_nonce`] sealed for the same purpose, under any key of the
/// ring in any state.
///
/// # Errors
/// [`UnsealError`], in the order newer format, unknown key, corrupt.
pub fn unseal<'a>(
    key_of: impl FnOnce(&KeyTag) -> Option<&'a RingKey>,
    purpose: SealPurpose<'_>,
    sealed: &[u8],
) -> std::result::Result<Zeroizing<Vec<u8>>, UnsealError> {
    let (head, body) = sealed.split_first_chunk::<HEADER_BYTES>().ok_or(UnsealError::Corrupt)?;
    let (version, rest) = head.split_first().ok_or(UnsealError::Corrupt)?;
    match *version {
        FORMAT => (),
        0 => return Err(UnsealError::Corrupt),
        _ => return Err(UnsealError::NewerFormat),
    }
    let (tag, nonce) = rest.split_first_chunk::<8>().ok_or(UnsealError::Corrupt)?;
    let nonce: &[u8; 24] = nonce.try_into().map_err(|_| UnsealError::Corrupt)?;
    let key = key_of(tag).ok_or(UnsealError::UnknownKey)?;
    let aad = purpose.associated_data(tag);
    let opened = new_cipher(key).decrypt(nonce.into(), Payload { msg: body, aad: &aad });
    opened.map(Zeroizing::new).map_err(|_| UnsealError::Corrupt)
}

fn new_cipher(key: &RingKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.sealing.expose().into())
}

impl SealPurpose<'_> {
    fn associated_data(&self, tag: &KeyTag) -> Vec<u8> {
        let (purpose, context) = match self {
            Self::Record(store_key) => (&b"portcullis record\0"[..], store_key.as_bytes()),
            Self::Data(context) => (&b"portcullis data\0"[..], *context),
        };
        [purpose, context, &[0, FORMAT], tag].concat()
    }
}
