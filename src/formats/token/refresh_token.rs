//! The refresh token: opaque to the client and authenticated by the site. The store never holds its
//! secret in clear.
//!
//! ```text
//! "pcr1_" base64url( version (1) | key tag (8) | subject index key (16) | local session ID (16)
//!                  | generation (4) | issued at (8) | absolute deadline (8) | secret (32)
//!                  | HMAC-SHA256 over everything before (32) )
//! ```
//! A token has 172 characters in one canonical form. Numbers are big-endian, and times are
//! milliseconds since 1970.
//!
//! The secret of generation 0 is random. Every later secret is `HMAC(rotation key, "rot" | local
//! session ID | generation | previous secret)`. The successor is therefore a function of the
//! presented token, so that retries, tabs and regions derive the same successor.

use crate::formats::id::{LocalSessionId, SessionId, SubjectIndexKey};
use crate::formats::key_ring::{self, KeyRing, KeyTag, RingKey};
use crate::foundation::base64url;
use crate::foundation::secret::{Secret, SecretText};
use crate::foundation::time::Timestamp;
use zeroize::Zeroizing;

/// The beginning of every refresh token, by which secret scanners find a leaked one.
const PREFIX: &str = "pcr1_";
const VERSION: u8 = 1;
const BODY_BYTES: usize = 93;
const MAC_BYTES: usize = 32;

/// A refresh token of this site.
#[derive(Debug, Clone)]
pub struct RefreshToken {
    /// The tag of the key that authenticates the token and derives its successor.
    pub key_tag: KeyTag,
    /// The session that the token belongs to.
    pub session: SessionId,
    /// The number of rotations since the sign-in.
    pub generation: u32,
    /// The time of the rotation or sign-in that made the token.
    pub issued_at: Timestamp,
    /// The time at which the session expires in any case.
    pub absolute_deadline: Timestamp,
    /// The secret that only the client holds.
    pub secret: Secret<32>,
}

impl RefreshToken {
    /// Parses a token. Gives `None` for a text that no key of the ring authenticates, and for
    /// another form of a token. A false accept signs somebody in as somebody else. A false
    /// rejection signs an honest user out.
    pub fn parse(text: &str, ring: &KeyRing) -> Option<Self> {
        let bytes = Zeroizing::new(base64url::decode_array_constant_time::<
            { BODY_BYTES + MAC_BYTES },
        >(text.strip_prefix(PREFIX)?)?);
        let (body, tag) = bytes.split_first_chunk::<BODY_BYTES>()?;
        let mut fields = FieldReader(body);
        if fields.read_array::<1>()? != [VERSION] {
            return None;
        }
        let key_tag = fields.read_array()?;
        let genuine = Secret::new(authenticate(ring.find_by_tag(&key_tag)?, body));
        if !genuine.matches(&Secret::new(tag.try_into().ok()?)) {
            return None;
        }
        Some(Self {
            key_tag,
            session: SessionId {
                subject: SubjectIndexKey(fields.read_array()?),
                local_id: LocalSessionId(fields.read_array()?),
            },
            generation: u32::from_be_bytes(fields.read_array()?),
            issued_at: Timestamp::from_ms(u64::from_be_bytes(fields.read_array()?)),
            absolute_deadline: Timestamp::from_ms(u64::from_be_bytes(fields.read_array()?)),
            secret: Secret::new(fields.read_array()?),
        })
    }

    /// Encodes the token, with the key that its `key_tag` names.
    pub fn encode(&self, key: &RingKey) -> SecretText {
        let body = Zeroizing::new(
            [
                &[VERSION][..],
                &self.key_tag,
                &self.session.subject.0,
                &self.session.local_id.0,
                &self.generation.to_be_bytes(),
                &self.issued_at.ms().to_be_bytes(),
                &self.absolute_deadline.ms().to_be_bytes(),
                self.secret.expose(),
            ]
            .concat(),
        );
        let whole = Zeroizing::new([body.as_slice(), &authenticate(key, &body)].concat());
        let encoded = Zeroizing::new(base64url::encode(&whole));
        SecretText::new([PREFIX, &encoded].concat())
    }

    /// The one token that follows this token under a key. Gives `None` after 2^32 rotations.
    pub fn successor(&self, key: &RingKey, rotated_at: Timestamp) -> Option<Self> {
        let generation = self.generation.checked_add(1)?;
        let secret = key_ring::hmac_sha256(
            &key.rotation,
            &[b"rot", &self.session.local_id.0, &generation.to_be_bytes(), self.secret.expose()],
        );
        Some(Self {
            key_tag: key.tag,
            session: self.session,
            generation,
            issued_at: rotated_at,
            absolute_deadline: self.absolute_deadline,
            secret: Secret::new(secret),
        })
    }
}

/// The hash of a token's secret, which the record keeps.
pub fn secret_hash(secret: &Secret<32>) -> Secret<32> {
    key_ring::hash_secret("portcullis/1/refresh-secret", secret)
}

fn authenticate(key: &RingKey, body: &[u8]) -> [u8; 32] {
    key_ring::hmac_sha256(&key.refresh, &[body])
}

/// Reads fields of fixed size from the front.
struct FieldReader<'a>(&'a [u8]);

impl FieldReader<'_> {
    fn read_array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }
}
