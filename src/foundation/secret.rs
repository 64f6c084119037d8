//! Secrets, which must not be printed or compared carelessly, and the random bytes of the host.

use crate::foundation::error::{Error, ErrorCode, Result};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// `N` secret bytes. They are wiped when dropped, never printed, and compared only in constant
/// time: there is no `==`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret<const N: usize>([u8; N]);

impl<const N: usize> Secret<N> {
    /// Takes over the bytes of a secret.
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// The bytes, for a cryptographic function and nothing else.
    pub const fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// Whether both secrets are equal. The time does not depend on their bytes.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// A text that authorises its holder, such as a token or a cookie with a token. It is wiped when
/// dropped, and never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretText(String);

impl SecretText {
    /// Takes over a secret text.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the client that may have it.
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

/// Random bytes that the host drew. Each is given out once. Where they run out, nothing is issued.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Entropy {
    bytes: Vec<u8>,
    used: usize,
}

impl Entropy {
    /// Takes over the bytes that the host drew.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, used: 0 }
    }

    /// Takes the next `N` bytes.
    ///
    /// # Errors
    /// [`ErrorCode::Entropy`] where there are too few, or where `N >= 16` bytes are all equal,
    /// which a random source never gives.
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
