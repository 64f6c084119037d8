//! Floor 1. The names of things: subjects in the store, sessions inside a record, sessions outside.

use crate::foundation::base64url;
use serde::{Deserialize, Serialize};

/// Stands before every key in the store. The digit is the version of this naming.
const STORE_PREFIX: &str = "pc1_";

/// Names a subject without telling who it is: `HMAC(index key, subject)` cut to 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectIndexKey(pub [u8; 16]);

/// Names a session inside its subject's record. Random.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalSessionId(pub [u8; 16]);

/// The public session id: where the record is, and which session in it. 43 characters; not a
/// secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionId {
    /// Whose it is.
    pub subject: SubjectIndexKey,
    /// Which one.
    pub local_id: LocalSessionId,
}

impl SubjectIndexKey {
    /// The key of the subject's record in the store: 26 characters of `A-Z a-z 0-9 _ -`, safe in
    /// every engine.
    pub fn store_key(&self) -> String {
        let mut key = String::from(STORE_PREFIX);
        key.push_str(&base64url::encode(&self.0));
        key
    }
}

impl SessionId {
    /// Reads a public session id; `None` for anything that [`SessionId::text`] does not write.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = base64url::decode_array_constant_time::<32>(text)?;
        let (subject, sid) = bytes.split_first_chunk::<16>()?;
        Some(Self {
            subject: SubjectIndexKey(*subject),
            local_id: LocalSessionId(sid.try_into().ok()?),
        })
    }

    /// Writes it.
    pub fn encode(&self) -> String {
        let mut bytes = [0; 32];
        let (subject, sid) = bytes.split_at_mut(16);
        subject.copy_from_slice(&self.subject.0);
        sid.copy_from_slice(&self.local_id.0);
        base64url::encode(&bytes)
    }
}
