//! The key ring: the newest active key signs and seals, and every key verifies and unseals.
//!
//! One secret of the site becomes one subkey for each purpose, `HKDF-SHA256(secret, info = label)`
//! (RFC 5869). A value of one key and one purpose is therefore meaningless for every other key and
//! purpose.

use crate::formats::id::SubjectIndexKey;
use crate::formats::key_schedule::{self, KeySchedule, KeyScheduleInput};
use crate::formats::secret_input::SecretInput;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::hash;
use crate::foundation::secret::Secret;
use crate::foundation::time::Timestamp;
use hkdf::Hkdf;
use sha2::Sha256;

/// The longest key ID (`kid`), in bytes.
pub const MAX_KEY_ID_BYTES: usize = 128;
/// The most keys of a ring.
pub const MAX_RING_KEYS: usize = 64;

/// One key of the ring, as the host gives it.
pub struct RingKeyInput {
    id: String,
    secret: SecretInput,
    schedule: KeyScheduleInput,
}

/// All secrets, as the host gives them.
pub struct KeyRingInput {
    ring: Vec<RingKeyInput>,
    store_key_secret: SecretInput,
}

/// Identifies a key in tokens and records: 8 bytes derived from the secret, so that another secret
/// under the same key ID is another key.
pub type KeyTag = [u8; 8];

/// A key of the ring with its subkeys.
#[derive(Debug)]
pub struct RingKey {
    /// The key ID, which signed tokens carry as `kid`.
    pub id: String,
    /// The key tag, which refresh tokens and records carry.
    pub tag: KeyTag,
    /// The subkey that signs access tokens.
    pub signing: Secret<32>,
    /// The subkey that seals records.
    pub sealing: Secret<32>,
    /// The subkey that authenticates refresh tokens.
    pub refresh: Secret<32>,
    /// The subkey that derives the successor of a refresh token.
    pub rotation: Secret<32>,
    /// The subkey that authenticates CSRF tokens.
    pub csrf: Secret<32>,
    /// The subkey that authenticates device cookies.
    pub device: Secret<32>,
    /// The times at which the key changes its state.
    pub schedule: KeySchedule,
}

/// The keys and the store key secret. There is always a newest key.
#[derive(Debug)]
pub struct KeyRing {
    newest: RingKey,
    older: Vec<RingKey>,
    store_key_secret: Secret<32>,
    /// The key of the feature hashes in risk profiles.
    feature_hash_key: Secret<32>,
}

impl RingKey {
    /// Validates a key and derives its subkeys.
    ///
    /// # Errors
    /// [`ErrorCode::Config`] for a bad id, [`ErrorCode::WeakSecret`] for a bad secret.
    pub fn new(input: &RingKeyInput) -> Result<Self> {
        let id = validate_key_id(&input.id)?;
        let secret = input.secret.validated_bytes(&format!("key \"{id}\""))?;
        Ok(Self {
            id: id.to_owned(),
            tag: *derive::<8>(&secret, "portcullis/1/key-tag")?.expose(),
            signing: derive_token_key(&secret)?,
            sealing: derive(&secret, "portcullis/1/seal")?,
            refresh: derive(&secret, "portcullis/1/refresh")?,
            rotation: derive(&secret, "portcullis/1/rotation")?,
            csrf: derive(&secret, "portcullis/1/csrf")?,
            device: derive(&secret, "portcullis/1/device")?,
            schedule: KeySchedule::new(&input.schedule)?,
        })
    }
}

/// Checks that a key ID can stand in a token.
///
/// # Errors
/// [`ErrorCode::Config`].
pub fn validate_key_id(id: &str) -> Result<&str> {
    if !id.is_empty()
        && id.len() <= MAX_KEY_ID_BYTES
        && id.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Ok(id);
    }
    Err(Error::with_message(
        ErrorCode::Config,
        "A key's id must be 1 to 128 printable ASCII characters without spaces.",
    ))
}

impl RingKeyInput {
    /// A key with its key ID and its secret.
    pub fn new(id: impl Into<String>, secret: SecretInput) -> Self {
        Self { id: id.into(), secret, schedule: KeyScheduleInput::default() }
    }

    /// The key with a schedule.
    pub fn with_schedule(self, schedule: KeyScheduleInput) -> Self {
        Self { schedule, ..self }
    }
}

impl KeyRingInput {
    /// A ring (newest key first) and the store key secret.
    pub const fn new(ring: Vec<RingKeyInput>, index: SecretInput) -> Self {
        Self { ring, store_key_secret: index }
    }
}

impl KeyRing {
    /// Validates all secrets and derives the subkeys.
    ///
    /// # Errors
    /// [`ErrorCode::Config`] for an empty or oversize ring and for two keys of one name,
    /// [`ErrorCode::WeakSecret`] for a bad secret.
    pub fn new(input: &KeyRingInput) -> Result<Self> {
        if input.ring.len() > MAX_RING_KEYS {
            return Err(Error::with_message(
                ErrorCode::Config,
                "The key ring holds more than 64 keys: remove keys whose sessions have all ended.",
            ));
        }
        let mut keys = input.ring.iter().map(RingKey::new).collect::<Result<Vec<_>>>()?.into_iter();
        let newest = keys.next().ok_or(Error::with_message(
            ErrorCode::Config,
            "The key ring is empty: give it at least one key.",
        ))?;
        let index = input.store_key_secret.validated_bytes("the store key secret")?;
        let ring = Self {
            newest,
            older: keys.collect(),
            store_key_secret: derive(&index, "portcullis/1/index")?,
            feature_hash_key: derive(&index, "portcullis/1/risk")?,
        };
        ring.reject_duplicate_keys()?;
        Ok(ring)
    }

    fn reject_duplicate_keys(&self) -> Result<()> {
        for (position, key) in self.iter().enumerate() {
            if self.iter().take(position).any(|other| other.id == key.id || other.tag == key.tag) {
                return Err(Error::with_message(
                    ErrorCode::Config,
                    format!("Duplicate key \"{}\" in the ring: remove one.", key.id),
                ));
            }
        }
        Ok(())
    }

    /// The key that signs and seals: the first active one. Where no key is active, the newest one
    /// signs, so that a forgotten date does not sign everybody out.
    pub fn current_key(&self, now: Timestamp) -> &RingKey {
        key_schedule::current_key(self.iter().map(|key| (key, &key.schedule)), now)
            .unwrap_or(&self.newest)
    }

    /// All keys, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &RingKey> + Clone {
        std::iter::once(&self.newest).chain(&self.older)
    }

    /// The key that a record or a refresh token names.
    pub fn find_by_tag(&self, tag: &KeyTag) -> Option<&RingKey> {
        self.iter().find(|key| key.tag == *tag)
    }

    /// Computes the index key of a subject.
    pub fn subject_index_key(&self, subject: &str) -> SubjectIndexKey {
        let mut key = [0; 16];
        for (to, from) in key
            .iter_mut()
            .zip(hmac_sha256(&self.store_key_secret, &[b"subject", subject.as_bytes()]))
        {
            *to = from;
        }
        SubjectIndexKey(key)
    }

    /// The key of the feature hashes. It does not rotate: with another store key secret, all risk
    /// profiles lose their meaning.
    pub const fn feature_hash_key(&self) -> &[u8; 32] {
        self.feature_hash_key.expose()
    }
}

/// Computes HMAC-SHA256 over the concatenation of `parts`. Callers ensure that no two lists of
/// parts have the same concatenation.
pub fn hmac_sha256(key: &Secret<32>, parts: &[&[u8]]) -> [u8; 32] {
    hash::finish_hmac(&hash::prepare_hmac(key.expose()), parts)
}

/// Hashes a secret for a record.
pub fn hash_secret(label: &str, secret: &Secret<32>) -> Secret<32> {
    Secret::new(hash::sha256(&[label.as_bytes(), secret.expose()]))
}

/// Derives the subkey that signs tokens.
///
/// # Errors
/// [`ErrorCode::Internal`] only.
pub fn derive_token_key(secret: &[u8]) -> Result<Secret<32>> {
    derive(secret, "portcullis/1/token")
}

fn derive<const N: usize>(secret: &[u8], label: &str) -> Result<Secret<N>> {
    let mut key = [0; N];
    hkdf(secret, &[], label.as_bytes(), &mut key)?;
    Ok(Secret::new(key))
}

/// Computes HKDF-SHA256 (RFC 5869) into all of `output`.
///
/// # Errors
/// [`ErrorCode::Argument`] for more than 8160 bytes.
pub fn hkdf(secret: &[u8], salt: &[u8], info: &[u8], output: &mut [u8]) -> Result<()> {
    let too_long = |_| {
        Error::with_message(ErrorCode::Argument, "HKDF gives at most 8160 bytes: ask for fewer.")
    };
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info, output).map_err(too_long)
}
