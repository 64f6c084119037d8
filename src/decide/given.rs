//! What a host gives for a sign-in and for a step-up: randomness that was minted once, and how sure
//! it is of the user.

use crate::foundation::error::{Code, Error, Result};
use crate::formats::id::Sid;
use crate::foundation::secret::{Entropy, Secret};
use crate::formats::token::json;
use std::fmt;
use zeroize::ZeroizeOnDrop;

/// Random bytes that a sign-in mints once, before the loop: the sid and the first secret.
pub const MINTED_BYTES: usize = 16 + 32;
const DATA_MAX_BYTES: usize = 1024;
const ACR_MAX_BYTES: usize = 64;
const AMR_MAX: usize = 8;
const AMR_MAX_BYTES: usize = 32;

/// [`MINTED_BYTES`] random bytes as the host drew them.
#[derive(ZeroizeOnDrop)]
pub struct MintedInput(Vec<u8>);

/// The sid and the first secret.
pub(super) struct Minted {
    pub(super) sid: Sid,
    pub(super) secret: Secret<32>,
}

impl MintedInput {
    /// Takes over [`MINTED_BYTES`] random bytes.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The secret alone, for a step-up.
    pub(super) fn secret(&self) -> Result<Secret<32>> {
        self.parts().map(|minted| minted.secret)
    }

    pub(super) fn parts(&self) -> Result<Minted> {
        let mut drawn = Entropy::new(self.0.clone());
        Ok(Minted { sid: Sid(drawn.take()?), secret: Secret::new(drawn.take()?) })
    }
}

impl fmt::Debug for MintedInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MintedInput(redacted)")
    }
}

/// How sure the application is that it is the user.
pub(super) fn check_assurance(acr: Option<&str>, amr: &[String]) -> Result<()> {
    let wrong = |why: &'static str| Err(Error::because(Code::Argument, why));
    if acr.is_some_and(|acr| acr.is_empty() || acr.len() > ACR_MAX_BYTES) {
        return wrong("acr must have 1 to 64 bytes, or be left out.");
    }
    if amr.len() > AMR_MAX || amr.iter().any(|one| one.is_empty() || one.len() > AMR_MAX_BYTES) {
        return wrong("amr must hold at most 8 names of 1 to 32 bytes each (RFC 8176).");
    }
    Ok(())
}

/// The application's own data: JSON, at most 1 KiB.
pub(super) fn check_data(data: Option<&str>) -> Result<()> {
    let wrong = |why: &'static str| Err(Error::because(Code::Argument, why));
    let Some(data) = data else { return Ok(()) };
    if data.is_empty() || data.len() > DATA_MAX_BYTES {
        return wrong(
            "data must be at most 1024 bytes of JSON: keep an id here and the rest in your own database.",
        );
    }
    if !json::is_strict(data.as_bytes()) {
        return wrong("data must be a JSON value, nested at most 64 deep.");
    }
    Ok(())
}
