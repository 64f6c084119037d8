//! Validates the inputs of operations: initial entropy, authentication context, data, session IDs
//! and subjects.

use super::site::Site;
use crate::formats::id::{LocalSessionId, SessionId, SubjectIndexKey};
use crate::formats::token::json;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::secret::{Entropy, Secret};
use std::fmt;
use zeroize::ZeroizeOnDrop;

/// The bytes of initial entropy: a local session ID (16) and the first secret (32).
pub const INITIAL_ENTROPY_BYTES: usize = 16 + 32;
/// The longest subject, in bytes.
pub const MAX_SUBJECT_BYTES: usize = 256;
const MAX_DATA_BYTES: usize = 1024;
const MAX_ACR_BYTES: usize = 64;
const MAX_AMR_VALUES: usize = 8;
const MAX_AMR_BYTES: usize = 32;

/// [`INITIAL_ENTROPY_BYTES`] random bytes, as the host drew them.
#[derive(ZeroizeOnDrop)]
pub struct InitialEntropyInput(Vec<u8>);

/// A new local session ID and the first secret of its chain.
pub(super) struct InitialEntropy {
    pub(super) local_id: LocalSessionId,
    pub(super) secret: Secret<32>,
}

impl InitialEntropyInput {
    /// Takes over [`INITIAL_ENTROPY_BYTES`] random bytes.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Gives the secret alone, for a step-up.
    pub(super) fn secret(&self) -> Result<Secret<32>> {
        self.split().map(|initial_entropy| initial_entropy.secret)
    }

    pub(super) fn split(&self) -> Result<InitialEntropy> {
        let mut drawn = Entropy::new(self.0.clone());
        Ok(InitialEntropy {
            local_id: LocalSessionId(drawn.take()?),
            secret: Secret::new(drawn.take()?),
        })
    }
}

impl fmt::Debug for InitialEntropyInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MintedInput(redacted)")
    }
}

/// Checks the lengths of `acr` and `amr`.
pub(super) fn validate_auth_context(acr: Option<&str>, amr: &[String]) -> Result<()> {
    let wrong = |why: &'static str| Err(Error::with_message(ErrorCode::Argument, why));
    if acr.is_some_and(|acr| acr.is_empty() || acr.len() > MAX_ACR_BYTES) {
        return wrong("acr must have 1 to 64 bytes, or be left out.");
    }
    if amr.len() > MAX_AMR_VALUES
        || amr.iter().any(|one| one.is_empty() || one.len() > MAX_AMR_BYTES)
    {
        return wrong("amr must hold at most 8 names of 1 to 32 bytes each (RFC 8176).");
    }
    Ok(())
}

/// Checks that the application's data is JSON of at most 1 KiB.
pub(super) fn validate_data(data: Option<&str>) -> Result<()> {
    let wrong = |why: &'static str| Err(Error::with_message(ErrorCode::Argument, why));
    let Some(data) = data else { return Ok(()) };
    if data.is_empty() || data.len() > MAX_DATA_BYTES {
        return wrong(
            "data must be at most 1024 bytes of JSON: keep the rest in your own database.",
        );
    }
    if !json::is_strict(data.as_bytes()) {
        return wrong("data must be a JSON value, nested at most 64 deep.");
    }
    Ok(())
}

/// Parses a public session ID.
///
/// # Errors
/// [`ErrorCode::Argument`] for a text that is no session ID.
pub(super) fn parse_session_id(id: &str) -> Result<SessionId> {
    SessionId::parse(id).ok_or_else(|| {
        Error::with_message(
            ErrorCode::Argument,
            "Invalid session ID: pass session.id (43 characters).",
        )
    })
}

/// Gives the index key of a subject.
///
/// # Errors
/// [`ErrorCode::Argument`] for a subject that has not 1 to [`MAX_SUBJECT_BYTES`] bytes.
pub(super) fn subject_index_key(site: &Site, subject: &str) -> Result<SubjectIndexKey> {
    if subject.is_empty() || subject.len() > MAX_SUBJECT_BYTES {
        return Err(Error::with_message(
            ErrorCode::Argument,
            "The subject must have 1 to 256 bytes: pass your own stable user id.",
        ));
    }
    Ok(site.key_ring.subject_index_key(subject))
}
