//! Floor 0. Bytes that must not be seen, compared or drawn carelessly.

use crate::foundation::error::{Error, ErrorCode, Result};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// `N` secret bytes: wiped when dropped, never printed, compared only in constant time (there is no
/// `==`).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// Takes the bytes over.
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// The bytes, for a cryptographic function and nothing else.
    pub const fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// Whether both hold the same bytes; takes the same time whatever they hold.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// A text that opens doors (a token, a cookie that holds one): wiped when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretText(String);

impl SecretText {
    /// Takes the text over.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one who may have it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(redacted)")
    }
}

impl serde::Serialize for SecretText {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Random bytes that the host drew. Each is given out once; when they run out, nothing is issued.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Entropy {
    bytes: Vec<u8>,
    used: usize,
}

impl Entropy {
    /// Takes over what the host drew.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, used: 0 }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`ErrorCode::Entropy`] when there are not enough, or when `N >= 16` bytes are all alike (a
    /// source that is not one).
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let end = self.used.saturating_add(N);
        let slice = self.bytes.get(self.used..end).ok_or(Error::from(ErrorCode::Entropy))?;
        let taken: [u8; N] = slice.try_into().map_err(|_| Error::from(ErrorCode::Entropy))?;
        if N >= 16 && taken.iter().all(|byte| Some(byte) == taken.first()) {
            return Err(Error::from(ErrorCode::Entropy));
        }
        self.used = end;
        Ok(taken)
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(redacted)")
    }
}
