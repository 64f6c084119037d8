//! Floor 1. The key ring: the newest key signs and seals, every key verifies and opens.
//!
//! One secret of the site becomes one subkey for each purpose, `HKDF-SHA256(secret, info = label)`
//! (RFC 5869), so that what is made with one key for one purpose is noise for every other purpose
//! and every other key.

use crate::formats::id::SubjectIndexKey;
use crate::formats::key_schedule::{self, KeySchedule, KeyScheduleInput};
use crate::formats::secret_input::SecretInput;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::hash;
use crate::foundation::secret::Secret;
use crate::foundation::time::Timestamp;
use hkdf::Hkdf;
use sha2::Sha256;

/// The longest `kid`, in bytes.
pub const MAX_KEY_ID_BYTES: usize = 128;
/// The most keys in a ring.
pub const MAX_RING_KEYS: usize = 64;

/// One key of the ring as the host hands it over.
pub struct RingKeyInput {
    id: String,
    secret: SecretInput,
    schedule: KeyScheduleInput,
}

/// All secrets as the host hands them over.
pub struct KeyRingInput {
    ring: Vec<RingKeyInput>,
    store_key_secret: SecretInput,
}

/// Names a key in tokens and records: 8 bytes derived from the secret, so that another secret under
/// an old name is another key.
pub type KeyTag = [u8; 8];

/// One key with its subkeys.
#[derive(Debug)]
pub struct RingKey {
    /// The `kid` of signed tokens.
    pub id: String,
    /// The name in refresh tokens and records.
    pub tag: KeyTag,
    /// Signs tokens.
    pub signing: Secret<32>,
    /// Seals records.
    pub sealing: Secret<32>,
    /// Authenticates refresh tokens.
    pub refresh: Secret<32>,
    /// Derives the successor of a refresh token.
    pub rotation: Secret<32>,
    /// Makes CSRF tokens.
    pub csrf: Secret<32>,
    /// Makes device cookies.
    pub device: Secret<32>,
    /// When it is used for what.
    pub schedule: KeySchedule,
}

/// The ring and the store key secret. There is always a newest key.
#[derive(Debug)]
pub struct KeyRing {
    newest: RingKey,
    older: Vec<RingKey>,
    store_key_secret: Secret<32>,
    /// Names what profiles remember.
    feature_hash_key: Secret<32>,
}

impl RingKey {
    /// Checks a key and derives its subkeys.
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

/// A name that a token may carry as `kid`.
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
        "A key's id must be 1 to 128 printable ASCII characters without spaces: rename it.",
    ))
}

impl RingKeyInput {
    /// A key by name and secret.
    pub fn new(id: impl Into<String>, secret: SecretInput) -> Self {
        Self { id: id.into(), secret, schedule: KeyScheduleInput::default() }
    }

    /// The same with times.
    pub fn with_schedule(self, schedule: KeyScheduleInput) -> Self {
        Self { schedule, ..self }
    }
}

impl KeyRingInput {
    /// A ring (newest first) and the index secret.
    pub const fn new(ring: Vec<RingKeyInput>, index: SecretInput) -> Self {
        Self { ring, store_key_secret: index }
    }
}

impl KeyRing {
    /// Checks all secrets and derives what is needed.
    ///
    /// # Errors
    /// [`ErrorCode::Config`] for an empty or oversize ring and for two keys of one name,
    /// [`ErrorCode::WeakSecret`] for a bad secret.
    pub fn new(input: &KeyRingInput) -> Result<Self> {
        if input.ring.len() > MAX_RING_KEYS {
            return Err(Error::with_message(
                ErrorCode::Config,
                "The key ring holds more than 64 keys: drop those whose sessions have all ended.",
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
                    format!(
                        "The key \"{}\" stands twice in the ring, by its name or by its secret: keep one.",
                        key.id
                    ),
                ));
            }
        }
        Ok(())
    }

    /// The key that signs and seals: the first active one. Where the schedule names none, the
    /// newest goes on: a forgotten date must not sign everybody out.
    pub fn current_key(&self, now: Timestamp) -> &RingKey {
        key_schedule::current_key(self.iter().map(|key| (key, &key.schedule)), now)
            .unwrap_or(&self.newest)
    }

    /// All keys, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &RingKey> + Clone {
        std::iter::once(&self.newest).chain(&self.older)
    }

    /// The key a record or a refresh token names.
    pub fn find_by_tag(&self, tag: &KeyTag) -> Option<&RingKey> {
        self.iter().find(|key| key.tag == *tag)
    }

    /// Where a subject's record is.
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

    /// Names what the profile of a subject remembers. Like the index it does not rotate: another
    /// index key forgets it all.
    pub const fn feature_hash_key(&self) -> &[u8; 32] {
        self.feature_hash_key.expose()
    }
}

/// HMAC-SHA256 over the concatenation of `parts`; callers see to it that no two lists of parts run
/// together alike.
pub fn hmac_sha256(key: &Secret<32>, parts: &[&[u8]]) -> [u8; 32] {
    hash::finish_hmac(&hash::prepare_hmac(key.expose()), parts)
}

/// What a record keeps of a secret.
pub fn hash_secret(label: &str, secret: &Secret<32>) -> Secret<32> {
    Secret::new(hash::sha256(&[label.as_bytes(), secret.expose()]))
}

/// The subkey that signs tokens.
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

/// HKDF-SHA256 (RFC 5869) into all of `output`.
///
/// # Errors
/// [`ErrorCode::Argument`] for more than 8160 bytes.
pub fn hkdf(secret: &[u8], salt: &[u8], info: &[u8], output: &mut [u8]) -> Result<()> {
    let too_long = |_| {
        Error::with_message(ErrorCode::Argument, "HKDF gives at most 8160 bytes: ask for fewer.")
    };
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info, output).map_err(too_long)
}
