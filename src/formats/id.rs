//! The IDs of subjects in the store, of sessions within a record, and of sessions in public.

use crate::foundation::base64url;
use serde::{Deserialize, Serialize};

/// The beginning of every store key. The digit is the version of the naming.
const STORE_PREFIX: &str = "pc1_";

/// Locates the record of a subject without naming the subject: the HMAC of the subject under the
/// store key secret, cut to 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectIndexKey(pub [u8; 16]);

/// Identifies a session within its subject's record: 16 random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalSessionId(pub [u8; 16]);

/// The public session ID, of 43 characters: the subject index key and the local session ID. It is
/// no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionId {
    /// The index key of the session's subject.
    pub subject: SubjectIndexKey,
    /// The ID of the session within the record.
    pub local_id: LocalSessionId,
}

impl SubjectIndexKey {
    /// The key of the subject's record in the store: 26 characters of `A-Z a-z 0-9 _ -`, which
    /// every engine accepts.
    pub fn store_key(&self) -> String {
        let mut key = String::from(STORE_PREFIX);
        key.push_str(&base64url::encode(&self.0));
        key
    }
}

impl SessionId {
    /// Parses a public session ID. Gives `None` for a text that [`SessionId::encode`] does not
    /// give.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = base64url::decode_array_constant_time::<32>(text)?;
        let (subject, sid) = bytes.split_first_chunk::<16>()?;
        Some(Self {
            subject: SubjectIndexKey(*subject),
            local_id: LocalSessionId(sid.try_into().ok()?),
        })
    }

    /// Encodes the public session ID.
    pub fn encode(&self) -> String {
        let mut bytes = [0; 32];
        let (subject, sid) = bytes.split_at_mut(16);
        subject.copy_from_slice(&self.subject.0);
        sid.copy_from_slice(&self.local_id.0);
        base64url::encode(&bytes)
    }
}
