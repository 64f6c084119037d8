//! Floor 1. The key ring: the newest key signs and seals, every key verifies and opens.
//!
//! One secret of the site becomes one subkey for each purpose, `HKDF-SHA256(secret, info = label)`
//! (RFC 5869), so that what is made with one key for one purpose is noise for every other purpose
//! and every other key.

use crate::foundation::base64url;
use crate::foundation::error::{Code, Error, Result};
use crate::foundation::hash;
use crate::formats::id::SubjectKey;
use crate::formats::schedule::{self, Schedule, ScheduleInput};
use crate::foundation::secret::Secret;
use crate::foundation::time::Timestamp;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// The shortest secret, in bytes.
pub const SECRET_MIN_BYTES: usize = 32;
/// The longest `kid`, in bytes.
pub const KID_MAX_BYTES: usize = 128;
/// The most keys in a ring.
pub const RING_MAX_KEYS: usize = 64;

/// Secrets that stand in public documentation. Whoever deploys one has none.
const PUBLIC_SECRETS: &[&str] = &[
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    "better-auth-secret-12345678901234567890",
    "better-auth-secret-123456789",
    "complex_password_at_least_32_characters_long",
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "your-256-bit-secret",
    "your-super-secret-jwt-token-with-at-least-32-characters-long",
];

/// A secret as the host hands it over.
#[derive(ZeroizeOnDrop)]
pub struct SecretInput {
    bytes: Vec<u8>,
    /// Whether the bytes are a text in base64url or base64.
    is_text: bool,
}

/// One key of the ring as the host hands it over.
pub struct KeyInput {
    id: String,
    secret: SecretInput,
    schedule: ScheduleInput,
}

/// All secrets as the host hands them over.
pub struct KeysInput {
    ring: Vec<KeyInput>,
    index: SecretInput,
}

/// Names a key in tokens and records: 8 bytes derived from the secret, so that another secret under
/// an old name is another key.
pub type KeyTag = [u8; 8];

/// One key with its subkeys.
#[derive(Debug)]
pub struct Key {
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
    pub schedule: Schedule,
}

/// The ring and the index key. There is always a newest key.
#[derive(Debug)]
pub struct KeyRing {
    newest: Key,
    older: Vec<Key>,
    index: Secret<32>,
    /// Names what profiles remember.
    tagging: Secret<32>,
}

impl SecretInput {
    /// Takes over bytes, which may be those of a text in base64url or base64.
    pub const fn new(bytes: Vec<u8>, is_text: bool) -> Self {
        Self { bytes, is_text }
    }

    /// Takes over bytes.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self::new(bytes, false)
    }

    /// Takes over a text in base64url or base64.
    pub fn from_text(text: &str) -> Self {
        Self::new(text.as_bytes().to_vec(), true)
    }

    /// The bytes of the secret, once nothing speaks against it. `whose` says in the sentence which
    /// one it was.
    ///
    /// # Errors
    /// [`Code::WeakKey`].
    pub fn checked(&self, whose: &str) -> Result<Zeroizing<Vec<u8>>> {
        let weak = |why: &str| {
            Error::because(
                Code::WeakKey,
                format!(
                    "The secret of {whose} {why}: use 32 random bytes, as generateSecret() gives them."
                ),
            )
        };
        // Only one of that length is worth decoding.
        let is_decoded = |known: &str| {
            known.len().saturating_mul(3) / 4 == self.bytes.len()
                && base64url::decode(known).as_ref() == Some(&self.bytes)
        };
        if PUBLIC_SECRETS.iter().any(|known| known.as_bytes() == self.bytes || is_decoded(known)) {
            return Err(weak("stands in public documentation"));
        }
        let secret = if self.is_text {
            self.decoded().ok_or_else(|| weak("is neither base64url nor base64"))?
        } else {
            Zeroizing::new(self.bytes.clone())
        };
        if secret.len() < SECRET_MIN_BYTES {
            return Err(weak(&format!(
                "has {} bytes, and {SECRET_MIN_BYTES} are the least",
                secret.len()
            )));
        }
        if distinct_bytes(&secret) < 8 {
            return Err(weak("repeats a few bytes over and over"));
        }
        Ok(secret)
    }

    /// The bytes as they were handed over, for keys that are more than a secret.
    pub fn as_given(&self) -> &[u8] {
        &self.bytes
    }

    fn decoded(&self) -> Option<Zeroizing<Vec<u8>>> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        base64url::decode_pasted(text).map(Zeroizing::new)
    }
}

/// 32 random bytes hold about 30 different ones; fewer than 8 happen with a chance below 2^-100.
fn distinct_bytes(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    for byte in bytes {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    seen.iter().filter(|slot| **slot).count()
}

impl Key {
    /// Checks a key and derives its subkeys.
    ///
    /// # Errors
    /// [`Code::Config`] for a bad id, [`Code::WeakKey`] for a bad secret.
    pub fn new(input: &KeyInput) -> Result<Self> {
        let id = checked_id(&input.id)?;
        let secret = input.secret.checked(&format!("key \"{id}\""))?;
        Ok(Self {
            id: id.to_owned(),
            tag: *derive::<8>(&secret, "portcullis/1/key-tag")?.expose(),
            signing: token_subkey(&secret)?,
            sealing: derive(&secret, "portcullis/1/seal")?,
            refresh: derive(&secret, "portcullis/1/refresh")?,
            rotation: derive(&secret, "portcullis/1/rotation")?,
            csrf: derive(&secret, "portcullis/1/csrf")?,
            device: derive(&secret, "portcullis/1/device")?,
            schedule: Schedule::new(&input.schedule)?,
        })
    }
}

/// A name that a token may carry as `kid`.
///
/// # Errors
/// [`Code::Config`].
pub fn checked_id(id: &str) -> Result<&str> {
    if !id.is_empty() && id.len() <= KID_MAX_BYTES && id.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Ok(id);
    }
    Err(Error::because(
        Code::Config,
        "A key's id must be 1 to 128 printable ASCII characters without spaces: rename it.",
    ))
}

impl KeyInput {
    /// A key by name and secret.
    pub fn new(id: impl Into<String>, secret: SecretInput) -> Self {
        Self { id: id.into(), secret, schedule: ScheduleInput::default() }
    }

    /// The same with times.
    pub fn scheduled(self, schedule: ScheduleInput) -> Self {
        Self { schedule, ..self }
    }
}

impl KeysInput {
    /// A ring (newest first) and the index secret.
    pub const fn new(ring: Vec<KeyInput>, index: SecretInput) -> Self {
        Self { ring, index }
    }
}

impl KeyRing {
    /// Checks all secrets and derives what is needed.
    ///
    /// # Errors
    /// [`Code::Config`] for an empty or oversize ring and for two keys of one name,
    /// [`Code::WeakKey`] for a bad secret.
    pub fn new(input: &KeysInput) -> Result<Self> {
        if input.ring.len() > RING_MAX_KEYS {
            return Err(Error::because(
                Code::Config,
                "The key ring holds more than 64 keys: drop those whose sessions have all ended.",
            ));
        }
        let mut keys = input.ring.iter().map(Key::new).collect::<Result<Vec<_>>>()?.into_iter();
        let newest = keys.next().ok_or(Error::because(
            Code::Config,
            "The key ring is empty: give it at least one key.",
        ))?;
        let index = input.index.checked("the index key")?;
        let ring = Self {
            newest,
            older: keys.collect(),
            index: derive(&index, "portcullis/1/index")?,
            tagging: derive(&index, "portcullis/1/risk")?,
        };
        ring.refuse_twins()?;
        Ok(ring)
    }

    fn refuse_twins(&self) -> Result<()> {
        for (position, key) in self.iter().enumerate() {
            if self.iter().take(position).any(|other| other.id == key.id || other.tag == key.tag) {
                return Err(Error::because(
                    Code::Config,
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
    pub fn current(&self, now: Timestamp) -> &Key {
        schedule::current(self.iter().map(|key| (key, &key.schedule)), now).unwrap_or(&self.newest)
    }

    /// All keys, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Key> + Clone {
        std::iter::once(&self.newest).chain(&self.older)
    }

    /// The key a record or a refresh token names.
    pub fn by_tag(&self, tag: &KeyTag) -> Option<&Key> {
        self.iter().find(|key| key.tag == *tag)
    }

    /// Where a subject's record is.
    pub fn subject_key(&self, subject: &str) -> SubjectKey {
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(mac(&self.index, &[b"subject", subject.as_bytes()])) {
            *to = from;
        }
        SubjectKey(key)
    }

    /// Names what the profile of a subject remembers. Like the index it does not rotate: another
    /// index key forgets it all.
    pub const fn tagging(&self) -> &[u8; 32] {
        self.tagging.expose()
    }
}

/// HMAC-SHA256 over the concatenation of `parts`; callers see to it that no two lists of parts run
/// together alike.
pub fn mac(key: &Secret<32>, parts: &[&[u8]]) -> [u8; 32] {
    hash::tag(&hash::hmac(key.expose()), parts)
}

/// What a record keeps of a secret.
pub fn digest(label: &str, secret: &Secret<32>) -> Secret<32> {
    Secret::new(hash::sha256(&[label.as_bytes(), secret.expose()]))
}

/// The subkey that signs tokens.
///
/// # Errors
/// [`Code::Internal`] only.
pub fn token_subkey(secret: &[u8]) -> Result<Secret<32>> {
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
/// [`Code::Argument`] for more than 8160 bytes.
pub fn hkdf(secret: &[u8], salt: &[u8], info: &[u8], output: &mut [u8]) -> Result<()> {
    let too_long =
        |_| Error::because(Code::Argument, "HKDF gives at most 8160 bytes: ask for fewer.");
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info, output).map_err(too_long)
}
