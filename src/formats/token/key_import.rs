//! Keys for tokens as the host gives them, in every supported format.

use super::jwk::{self, KeyUse};
use super::key_material::{KeyMaterial, unusable_key_error};
use super::{algorithm::Algorithm, der};
use crate::formats::key_ring;
use crate::formats::key_schedule::{KeySchedule, KeyScheduleInput};
use crate::formats::secret_input::SecretInput;
use crate::foundation::error::{Error, ErrorCode, Result};

/// The format of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFormat {
    /// A secret of the ring, from which the key is derived.
    Ring,
    /// A secret that is shared with another program.
    Hmac,
    /// A JSON Web Key, as JSON text.
    Jwk,
    /// The text of a PEM file.
    Pem,
    /// The bytes of a DER file.
    Der,
}

/// A key for tokens, as the host gives it.
pub struct TokenKeyInput {
    id: Option<String>,
    format: KeyFormat,
    material: SecretInput,
    schedule: KeyScheduleInput,
}

/// A key for tokens, with its key ID and its schedule.
pub struct TokenKey {
    /// The key ID (`kid`), where the key has one.
    pub id: Option<String>,
    /// The parsed key itself.
    pub material: KeyMaterial,
    /// The times at which the key changes its state.
    pub schedule: KeySchedule,
}

impl TokenKeyInput {
    /// A key in one of the formats.
    pub fn new(id: Option<&str>, form: KeyFormat, material: SecretInput) -> Self {
        Self {
            id: id.map(str::to_owned),
            format: form,
            material,
            schedule: KeyScheduleInput::default(),
        }
    }

    /// The key with a schedule.
    pub fn with_schedule(self, schedule: KeyScheduleInput) -> Self {
        Self { schedule, ..self }
    }

    /// Parses and validates the key.
    ///
    /// # Errors
    /// [`ErrorCode::Config`] and [`ErrorCode::WeakSecret`], with a message about the key.
    pub fn parse(&self, usage: KeyUse) -> Result<TokenKey> {
        let id = self.id.as_deref().map(key_ring::validate_key_id).transpose()?;
        let whose = id.map_or("a key without an id".to_owned(), |id| format!("key \"{id}\""));
        let (stated, material) = match self.format {
            KeyFormat::Ring => (
                None,
                KeyMaterial::Subkey(key_ring::derive_token_key(
                    &self.material.validated_bytes(&whose)?,
                )?),
            ),
            KeyFormat::Hmac => (None, KeyMaterial::Hmac(self.material.validated_bytes(&whose)?)),
            KeyFormat::Jwk => jwk::parse(self.material.as_given(), usage)?,
            KeyFormat::Pem => (None, der::read_pem(self.material.as_given())?),
            KeyFormat::Der => (None, der::read_der(self.material.as_given())?),
        };
        if usage == KeyUse::Verify && material.is_private() {
            material.verifying_key()?;
        }
        let id = match (id, stated) {
            (Some(given), Some(stated)) if given != stated => {
                return Err(unusable_key_error("its kid is not the id that it was given"));
            }
            (given, stated) => given.map(str::to_owned).or(stated),
        };
        Ok(TokenKey { id, material, schedule: KeySchedule::new(&self.schedule)? })
    }
}

impl TokenKey {
    /// The key with its public half only.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] only.
    pub fn to_public(self) -> Result<Self> {
        Ok(Self { material: self.material.to_public()?, ..self })
    }
}

/// Rejects two keys with the same key ID.
///
/// # Errors
/// [`ErrorCode::Config`].
pub fn reject_duplicate_ids(keys: &[TokenKey]) -> Result<()> {
    let names = || keys.iter().filter_map(|key| key.id.as_deref());
    let duplicate = names()
        .enumerate()
        .find(|(position, name)| names().take(*position).any(|other| other == *name));
    match duplicate {
        Some((_, name)) => Err(Error::with_message(
            ErrorCode::Config,
            format!("Two keys are called \"{name}\": keep one."),
        )),
        None => Ok(()),
    }
}

/// Generates a key from new random bytes. For ES256 the bytes may, rarely, have to be drawn again.
///
/// # Errors
/// [`ErrorCode::Entropy`] where the bytes make no key.
pub fn generate(algorithm: Algorithm, random: [u8; 32]) -> Result<KeyMaterial> {
    let secret = crate::foundation::secret::Secret::new(random);
    match algorithm {
        Algorithm::Hs256 => Ok(KeyMaterial::Hmac(secret.expose().to_vec().into())),
        Algorithm::EdDsa => Ok(KeyMaterial::Ed25519Private(secret)),
        Algorithm::Es256 => {
            KeyMaterial::p256_private(secret).map_err(|_| Error::from(ErrorCode::Entropy))
        }
    }
}
