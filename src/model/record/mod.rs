//! The record of a subject: everything that is stored for a subject, sealed under one store key.
//! Sign-in, refresh, revocation and listing are therefore one atomic swap each, and a session index
//! cannot disagree with its sessions.

mod record_codec;
mod session;
mod session_codec;
mod session_list;

pub use session::{
    ClosedGeneration, MAX_CLOSED_GENERATIONS, Removal, RemovalReason, SecretHash, SessionRecord,
    SessionSummary, StepUpRecord,
};

use crate::formats::id::{LocalSessionId, SubjectIndexKey};
use crate::formats::key_ring::{KeyRing, RingKey};
use crate::formats::seal::{self, SealPurpose, UnsealError};
use crate::foundation::byte_codec::ByteWriter;
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::time::{Seconds, Timestamp};
use crate::risk::RiskProfile;
use record_codec::RecordHeader;
use session_list::SessionList;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The largest sealed record that a decision may write, in bytes.
pub const MAX_RECORD_BYTES: usize = 64 * 1024;
/// The number of removals that a record keeps.
pub const MAX_REMOVALS: usize = 16;
/// A session that expired this long ago is dropped by the next write, and the store may delete the
/// record. A clock that jumps by less destroys nothing.
pub const EXPIRED_RETENTION: Seconds = Seconds(24 * 3600);

/// Everything that the store holds for a subject.
#[derive(Debug, Clone)]
pub struct SubjectRecord {
    /// The site's stable ID of the user (RFC 7519 section 4.1.2).
    pub subject: String,
    sessions: SessionList,
    /// The removed sessions, oldest first.
    pub removals: Vec<Removal>,
    /// The encoded risk profile, or nothing where the site does not score requests. Most operations
    /// only copy it.
    profile: Vec<u8>,
}

impl SubjectRecord {
    /// A record of a subject without sessions.
    pub fn new(subject: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            sessions: SessionList::default(),
            removals: Vec::new(),
            profile: Vec::new(),
        }
    }

    /// The summaries of all sessions, in the order of their sign-ins.
    pub fn session_summaries(&self) -> impl Iterator<Item = SessionSummary> {
        self.sessions.summaries()
    }

    /// Decodes all sessions, in the order of their sign-ins.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub fn sessions(&self) -> Result<Vec<&SessionRecord>> {
        self.sessions.all()
    }

    /// Decodes the session with this local ID.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub fn session(&self, sid: LocalSessionId) -> Result<Option<&SessionRecord>> {
        self.sessions.get(sid)
    }

    /// Decodes the session with this local ID, for a change.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub fn session_mut(&mut self, sid: LocalSessionId) -> Result<Option<&mut SessionRecord>> {
        self.sessions.get_mut(sid)
    }

    /// The risk profile of the subject. A profile of another format counts as empty.
    pub fn profile(&self) -> RiskProfile {
        RiskProfile::from_bytes(&self.profile).unwrap_or_default()
    }

    /// Replaces the risk profile. An empty profile is not stored.
    pub fn set_profile(&mut self, profile: &RiskProfile) {
        self.profile = if profile.is_empty() { Vec::new() } else { profile.to_bytes() };
    }

    /// Erases the risk profile of the subject and the session profile of every session.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub fn erase_profile(&mut self) -> Result<()> {
        self.profile = Vec::new();
        for sid in self.session_summaries().map(|session| session.local_id).collect::<Vec<_>>() {
            if let Some(session) = self.session_mut(sid)? {
                session.session_profile = None;
            }
        }
        Ok(())
    }

    /// The reason for which the session with this local ID was removed.
    pub fn find_removal(&self, sid: LocalSessionId) -> Option<RemovalReason> {
        self.removals
            .iter()
            .rev()
            .find(|removal| removal.local_id == sid)
            .map(|removal| removal.reason)
    }

    /// Removes the sessions that `should_remove` picks, and keeps the reason of the last
    /// [`MAX_REMOVALS`]. Gives the number of removed sessions that were active.
    pub fn remove_sessions(
        &mut self,
        reason: RemovalReason,
        now: Timestamp,
        should_remove: impl Fn(&SessionSummary) -> bool,
    ) -> u32 {
        let mut active_count = 0u32;
        self.sessions.retain(|session| {
            let ends = should_remove(session);
            if ends {
                active_count = active_count.saturating_add(u32::from(session.is_active(now)));
                self.removals.push(Removal {
                    local_id: session.local_id,
                    reason,
                    until: session.absolute_deadline,
                });
            }
            !ends
        });
        let surplus = self.removals.len().saturating_sub(MAX_REMOVALS);
        self.removals.drain(..surplus);
        active_count
    }

    /// Adds a session. Where there are too many, the longest idle ones are evicted; the result
    /// names them.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub fn insert_session(
        &mut self,
        session: SessionRecord,
        now: Timestamp,
        max_sessions: usize,
    ) -> Result<Vec<LocalSessionId>> {
        let mut evicted = Vec::new();
        while self.sessions.len() >= max_sessions.max(1) {
            let Some(idlest) = self
                .session_summaries()
                .min_by_key(|other| other.rotated_at)
                .map(|other| other.local_id)
            else {
                break;
            };
            self.remove_sessions(RemovalReason::Evicted, now, |other| other.local_id == idlest);
            evicted.push(idlest);
        }
        self.sessions.push(session)?;
        Ok(evicted)
    }

    /// Drops sessions that expired longer ago than [`EXPIRED_RETENTION`].
    pub fn drop_expired(&mut self, now: Timestamp) {
        self.sessions
            .retain(|session| now < session.expires_at().saturating_add(EXPIRED_RETENTION));
        self.removals.retain(|removal| now < removal.until.saturating_add(EXPIRED_RETENTION));
    }

    /// The time from which nobody needs the record.
    pub fn expires_at(&self, now: Timestamp) -> Timestamp {
        let ends = self
            .session_summaries()
            .map(|session| session.expires_at())
            .chain(self.removals.iter().map(|removal| removal.until));
        let needed = ends.max().unwrap_or(now).saturating_add(EXPIRED_RETENTION);
        // A profile outlives its sessions: the next sign-in is compared with it.
        RiskProfile::expires_at(&self.profile).map_or(needed, |stale| stale.max(needed))
    }

    /// Unseals a record from the store.
    ///
    /// # Errors
    /// [`ErrorCode::RecordVersion`], [`ErrorCode::RecordUnknownKey`], [`ErrorCode::RecordCorrupt`].
    /// A record of another subject counts as corrupt.
    pub fn unseal(ring: &KeyRing, key: &SubjectIndexKey, sealed: &[u8]) -> Result<Self> {
        let opened = seal::unseal(
            |tag| ring.find_by_tag(tag),
            SealPurpose::Record(&key.store_key()),
            sealed,
        );
        let plain = opened.map_err(|why| Error::from(to_record_error(why)))?;
        let (RecordHeader { subject, removals, defaults }, sessions) =
            record_codec::decode_record_header(&plain)?;
        let start = plain.len().saturating_sub(sessions.len());
        let (sessions, profile) = SessionList::stored(plain, start, defaults)?;
        let record = Self { subject, removals, sessions, profile };
        let genuine = ring.subject_index_key(&record.subject) == *key;
        if genuine { Ok(record) } else { Err(Error::from(ErrorCode::RecordCorrupt)) }
    }

    /// Seals the record for the store, with a key of the ring.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] only.
    pub fn seal_with_nonce(
        &self,
        with: &RingKey,
        key: &SubjectIndexKey,
        nonce: &[u8; 24],
    ) -> Result<Vec<u8>> {
        let store_key = key.store_key();
        let Self { subject, removals, profile, sessions } = self;
        let most =
            record_codec::max_record_header_bytes(subject, removals, sessions.choose_defaults());
        let most = most.saturating_add(profile.len()).saturating_add(sessions.max_encoded_bytes());
        seal::seal_with_writer(with, SealPurpose::Record(&store_key), nonce, most, |capacity| {
            let mut to = ByteWriter(capacity);
            record_codec::encode_record_header(
                &mut to,
                subject,
                removals,
                sessions.choose_defaults(),
            );
            sessions.encode(&mut to)?;
            if !profile.is_empty() {
                to.write_length(0);
                to.write_raw(profile);
            }
            Ok(to.0)
        })
    }
}

const fn to_record_error(why: UnsealError) -> ErrorCode {
    match why {
        UnsealError::NewerFormat => ErrorCode::RecordVersion,
        UnsealError::UnknownKey => ErrorCode::RecordUnknownKey,
        UnsealError::Corrupt => ErrorCode::RecordCorrupt,
    }
}

impl Zeroize for SubjectRecord {
    fn zeroize(&mut self) {
        self.subject.zeroize();
    }
}

impl ZeroizeOnDrop for SubjectRecord {}

impl Drop for SubjectRecord {
    fn drop(&mut self) {
        self.zeroize();
    }
}
