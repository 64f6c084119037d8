//! Keys for tokens as a host hands them over, in every form.

use super::jwk::{self, Use};
use super::material::{Material, unusable};
use super::{algorithm::Algorithm, der};
use crate::foundation::error::{Code, Error, Result};
use crate::formats::keys::{self, SecretInput};
use crate::formats::schedule::{Schedule, ScheduleInput};

/// How a key is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
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
    form: Form,
    material: SecretInput,
    schedule: ScheduleInput,
}

/// A key for tokens, with its name and its times.
pub struct TokenKey {
    /// The `kid`.
    pub id: Option<String>,
    /// It.
    pub material: Material,
    /// When it is used for what.
    pub schedule: Schedule,
}

impl TokenKeyInput {
    /// A key in one of the forms.
    pub fn new(id: Option<&str>, form: Form, material: SecretInput) -> Self {
        Self { id: id.map(str::to_owned), form, material, schedule: ScheduleInput::default() }
    }

    /// The same with times.
    pub fn scheduled(self, schedule: ScheduleInput) -> Self {
        Self { schedule, ..self }
    }

    /// Reads and checks it.
    ///
    /// # Errors
    /// [`Code::Config`] and [`Code::WeakKey`], each with a sentence that says what is wrong with
    /// the key.
    pub fn read(&self, wanted: Use) -> Result<TokenKey> {
        let id = self.id.as_deref().map(keys::checked_id).transpose()?;
        let whose = id.map_or("a key without an id".to_owned(), |id| format!("key \"{id}\""));
        let (stated, material) = match self.form {
            Form::Ring => {
                (None, Material::Subkey(keys::token_subkey(&self.material.checked(&whose)?)?))
            }
            Form::Hmac => (None, Material::Hmac(self.material.checked(&whose)?)),
            Form::Jwk => jwk::read(self.material.as_given(), wanted)?,
            Form::Pem => (None, der::read_pem(self.material.as_given())?),
            Form::Der => (None, der::read_der(self.material.as_given())?),
        };
        if wanted == Use::Verify && material.is_private() {
            material.checking()?;
        }
        let id = match (id, stated) {
            (Some(given), Some(stated)) if given != stated => {
                return Err(unusable("its kid is not the id that it was given"));
            }
            (given, stated) => given.map(str::to_owned).or(stated),
        };
        Ok(TokenKey { id, material, schedule: Schedule::new(&self.schedule)? })
    }
}

impl TokenKey {
    /// The same key with its public half only.
    ///
    /// # Errors
    /// [`Code::Internal`] only.
    pub fn public(self) -> Result<Self> {
        Ok(Self { material: self.material.public()?, ..self })
    }
}

/// Refuses two keys of one name.
///
/// # Errors
/// [`Code::Config`].
pub fn refuse_twins(keys: &[TokenKey]) -> Result<()> {
    let names = || keys.iter().filter_map(|key| key.id.as_deref());
    let twin = names()
        .enumerate()
        .find(|(position, name)| names().take(*position).any(|other| other == *name));
    match twin {
        Some((_, name)) => {
            Err(Error::because(Code::Config, format!("Two keys are called \"{name}\": keep one.")))
        }
        None => Ok(()),
    }
}

/// A new key: `random` is fresh, and for ES256 it may rarely have to be drawn again.
///
/// # Errors
/// [`Code::Entropy`] where the bytes make no key.
pub fn generate(algorithm: Algorithm, random: [u8; 32]) -> Result<Material> {
    let secret = crate::foundation::secret::Secret::new(random);
    match algorithm {
        Algorithm::Hs256 => Ok(Material::Hmac(secret.expose().to_vec().into())),
        Algorithm::EdDsa => Ok(Material::Ed25519Private(secret)),
        Algorithm::Es256 => Material::p256_private(secret).map_err(|_| Error::from(Code::Entropy)),
    }
}
