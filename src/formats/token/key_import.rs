//! Keys for tokens as a host hands them over, in every form.

use super::jwk::{self, KeyUse};
use super::key_material::{KeyMaterial, unusable_key_error};
use super::{algorithm::Algorithm, der};
use crate::formats::key_ring;
use crate::formats::key_schedule::{KeySchedule, KeyScheduleInput};
use crate::formats::secret_input::SecretInput;
use crate::foundation::error::{Error, ErrorCode, Result};

/// How a key is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFormat {
    /// A secret of the ring: the key is a subkey of it.
    Ring,
    /// A secret shared with another program: the key itself.
    Hmac,
    /// A JSON Web Key, as JSON text.
    Jwk,
    /// A PEM text.
    Pem,
    /// DER.
    Der,
}

/// A key as the host hands it over.
pub struct TokenKeyInput {
    id: Option<String>,
    format: KeyFormat,
    material: SecretInput,
    schedule: KeyScheduleInput,
}

/// A key for tokens, with its name and its times.
pub struct TokenKey {
    /// The `kid`.
    pub id: Option<String>,
    /// It.
    pub material: KeyMaterial,
    /// When it is used for what.
    pub schedule: KeySchedule,
}

impl TokenKeyInput {
    /// A key in one of the forms.
    pub fn new(id: Option<&str>, form: KeyFormat, material: SecretInput) -> Self {
        Self {
            id: id.map(str::to_owned),
            format: form,
            material,
            schedule: KeyScheduleInput::default(),
        }
    }

    /// The same with times.
    pub fn with_schedule(self, schedule: KeyScheduleInput) -> Self {
        Self { schedule, ..self }
    }

    /// Reads and checks it.
    ///
    /// # Errors
    /// [`ErrorCode::Config`] and [`ErrorCode::WeakKey`], each with a sentence that says what is
    /// wrong with the key.
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
    /// The same key with its public half only.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] only.
    pub fn to_public(self) -> Result<Self> {
        Ok(Self { material: self.material.to_public()?, ..self })
    }
}

/// Refuses two keys of one name.
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

/// A new key: `random` is fresh, and for ES256 it may rarely have to be drawn again.
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
