//! The encoding of a record. A record is unsealed and sealed as a whole at every rotation, so that
//! every byte counts: times and generations are differences to a neighbour, and what most sessions
//! have in common is stored once.
//!
//! ```text
//! record     subject | removals | defaults | sessions, each after its length
//!            | 0 and the risk profile, if there is one
//! removal    local session ID (16) | reason (1) | until
//! defaults   auth context | idle timeout | absolute timeout
//! context    key tag (8) | acr? | amr
//! session    local session ID (16) | hash of the current token's secret (32)
//!            | created | rotated - created | idle and absolute timeout - their defaults
//!            | authenticated - created | auth context, if not the default | generation
//!            | client family (2) | confirmed - rotated?
//!            | closed generations: distance, time - rotated | optional fields?
//! optional   step-up? (distance, time - authenticated, client family, closed - time?)
//!            | label? | data? | claims? | jkt? | session profile, to the end?
//! ```
//! `byte_codec` encodes the parts. `risk::profile_codec` encodes risk profiles and session
//! profiles.

use super::session::{Removal, RemovalReason, SessionRecord};
use crate::formats::id::LocalSessionId;
use crate::formats::key_ring::KeyTag;
use crate::foundation::byte_codec::{ByteReader, ByteWriter, TimeDelta};
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::time::Timestamp;

/// The greatest size of a session or of the defaults without their texts, in bytes.
pub(super) const MAX_FIXED_BYTES: usize = 400;
/// The greatest size of a removal, in bytes.
const MAX_REMOVAL_BYTES: usize = 27;

/// The beginning of a record: everything but its sessions.
pub(super) struct RecordHeader {
    pub(super) subject: String,
    pub(super) removals: Vec<Removal>,
    pub(super) defaults: SessionDefaults,
}

/// The values that most sessions of a record have in common. A session stores only its differences.
#[derive(Clone, Default)]
pub(super) struct SessionDefaults {
    pub(super) auth_context: AuthContext,
    pub(super) idle_timeout: TimeDelta,
    pub(super) absolute_timeout: TimeDelta,
}

/// The key of the chain, and how the user authenticated.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct AuthContext {
    pub(super) key_tag: KeyTag,
    pub(super) acr: Option<String>,
    pub(super) amr: Vec<String>,
}

/// Decodes the beginning of a record, and gives the bytes of its sessions.
///
/// # Errors
/// [`ErrorCode::RecordCorrupt`].
pub(super) fn decode_record_header(plain: &[u8]) -> Result<(RecordHeader, &[u8])> {
    let mut from = ByteReader(plain);
    let read = |from: &mut ByteReader<'_>| {
        Some(RecordHeader {
            subject: from.read_text()?,
            removals: from.read_list(Removal::decode)?,
            defaults: SessionDefaults::decode(from)?,
        })
    };
    read(&mut from)
        .map(|beginning| (beginning, from.0))
        .ok_or(Error::from(ErrorCode::RecordCorrupt))
}

pub(super) fn encode_record_header(
    to: &mut ByteWriter,
    subject: &str,
    removals: &[Removal],
    defaults: &SessionDefaults,
) {
    to.write_bytes(subject.as_bytes());
    to.write_length(removals.len());
    removals.iter().for_each(|removal| removal.encode(to));
    defaults.encode(to);
}

/// An upper bound of the encoded size, in bytes.
pub(super) fn max_record_header_bytes(
    subject: &str,
    removals: &[Removal],
    defaults: &SessionDefaults,
) -> usize {
    let texts = defaults
        .auth_context
        .amr
        .iter()
        .chain(&defaults.auth_context.acr)
        .map(String::len)
        .fold(subject.len(), usize::saturating_add);
    removals
        .len()
        .saturating_mul(MAX_REMOVAL_BYTES)
        .saturating_add(texts)
        .saturating_add(MAX_FIXED_BYTES)
}

impl SessionDefaults {
    /// The defaults for a record in which all sessions are like this one.
    pub(super) fn from_session(session: &SessionRecord) -> Self {
        Self {
            auth_context: AuthContext::from_session(session),
            idle_timeout: TimeDelta::between(session.rotated_at, session.idle_deadline),
            absolute_timeout: TimeDelta::between(session.created_at, session.absolute_deadline),
        }
    }

    fn encode(&self, to: &mut ByteWriter) {
        self.auth_context.encode(to);
        to.write_time_delta(self.idle_timeout);
        to.write_time_delta(self.absolute_timeout);
    }

    fn decode(from: &mut ByteReader<'_>) -> Option<Self> {
        Some(Self {
            auth_context: AuthContext::decode(from)?,
            idle_timeout: from.read_time_delta()?,
            absolute_timeout: from.read_time_delta()?,
        })
    }
}

impl AuthContext {
    pub(super) fn from_session(session: &SessionRecord) -> Self {
        Self { key_tag: session.key_tag, acr: session.acr.clone(), amr: session.amr.clone() }
    }

    pub(super) fn encode(&self, to: &mut ByteWriter) {
        to.write_raw(&self.key_tag);
        to.write_optional_text(self.acr.as_ref());
        to.write_length(self.amr.len());
        self.amr.iter().for_each(|method| to.write_bytes(method.as_bytes()));
    }

    pub(super) fn decode(from: &mut ByteReader<'_>) -> Option<Self> {
        Some(Self {
            key_tag: *from.read_array()?,
            acr: from.read_optional_text()?,
            amr: from.read_list(ByteReader::read_text)?,
        })
    }
}

impl Removal {
    fn encode(&self, to: &mut ByteWriter) {
        to.write_raw(&self.local_id.0);
        to.write_raw(&[self.reason.code()]);
        to.write_varint(self.until.ms());
    }

    fn decode(from: &mut ByteReader<'_>) -> Option<Self> {
        let local_id = LocalSessionId(*from.read_array()?);
        let [reason_code] = *from.read_array()?;
        Some(Self {
            local_id,
            reason: RemovalReason::from_code(reason_code)?,
            until: Timestamp::from_ms(from.read_varint()?),
        })
    }
}
