//! Floor 2. Everything known of a subject, as one sealed record under one key: so sign-in, refresh,
//! revoke and list are each one atomic swap, and a session index cannot disagree with its sessions.

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

/// The largest record that a sign-in may make, in bytes, sealed.
pub const MAX_RECORD_BYTES: usize = 64 * 1024;
/// How many removals keep their cause.
pub const MAX_REMOVALS: usize = 16;
/// What has been over for this long is dropped by the next writer, and the store may forget it. A
/// clock that jumps by less destroys nothing.
pub const EXPIRED_RETENTION: Seconds = Seconds(24 * 3600);

/// What the store holds for a subject.
#[derive(Debug, Clone)]
pub struct SubjectRecord {
    /// Who.
    pub subject: String,
    sessions: SessionList,
    /// Sessions that were ended before their time, the latest last.
    pub removals: Vec<Removal>,
    /// What scoring remembers, as it is stored; nothing where nobody scores. Most operations only
    /// carry it along.
    profile: Vec<u8>,
}

impl SubjectRecord {
    /// A record of somebody who has no session yet.
    pub fn new(subject: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            sessions: SessionList::default(),
            removals: Vec::new(),
            profile: Vec::new(),
        }
    }

    /// What every session says of itself, in the order of their sign-ins.
    pub fn session_summaries(&self) -> impl Iterator<Item = SessionSummary> {
        self.sessions.summaries()
    }

    /// All sessions, in the same order.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub fn sessions(&self) -> Result<Vec<&SessionRecord>> {
        self.sessions.all()
    }

    /// The session of this name.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub fn session(&self, sid: LocalSessionId) -> Result<Option<&SessionRecord>> {
        self.sessions.get(sid)
    }

    /// The same, to change it.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub fn session_mut(&mut self, sid: LocalSessionId) -> Result<Option<&mut SessionRecord>> {
        self.sessions.get_mut(sid)
    }

    /// What scoring remembers of the subject. One of another format is as good as none.
    pub fn profile(&self) -> RiskProfile {
        RiskProfile::from_bytes(&self.profile).unwrap_or_default()
    }

    /// Remembers something else; an empty one is forgotten.
    pub fn set_profile(&mut self, profile: &RiskProfile) {
        self.profile = if profile.is_empty() { Vec::new() } else { profile.to_bytes() };
    }

    /// Forgets what scoring remembers, of the subject and of every session.
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

    /// Why the session of this name was ended.
    pub fn find_removal(&self, sid: LocalSessionId) -> Option<RemovalReason> {
        self.removals
            .iter()
            .rev()
            .find(|removal| removal.local_id == sid)
            .map(|removal| removal.reason)
    }

    /// Ends the sessions that `doomed` picks, and keeps the cause of the last [`REMOVALS_KEPT`].
    /// Says how many of them were alive.
    pub fn remove_sessions(
        &mut self,
        cause: RemovalReason,
        now: Timestamp,
        should_remove: impl Fn(&SessionSummary) -> bool,
    ) -> u32 {
        let mut alive = 0u32;
        self.sessions.retain(|session| {
            let ends = should_remove(session);
            if ends {
                alive = alive.saturating_add(u32::from(session.is_active(now)));
                self.removals.push(Removal {
                    local_id: session.local_id,
                    reason: cause,
                    until: session.absolute_deadline,
                });
            }
            !ends
        });
        let surplus = self.removals.len().saturating_sub(MAX_REMOVALS);
        self.removals.drain(..surplus);
        alive
    }

    /// Adds a session; where there are too many, the longest idle make room. Gives those.
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

    /// Drops what has been over for [`LONG_OVER`].
    pub fn drop_expired(&mut self, now: Timestamp) {
        self.sessions
            .retain(|session| now < session.expires_at().saturating_add(EXPIRED_RETENTION));
        self.removals.retain(|removal| now < removal.until.saturating_add(EXPIRED_RETENTION));
    }

    /// From when on nobody needs the record.
    pub fn expires_at(&self, now: Timestamp) -> Timestamp {
        let ends = self
            .session_summaries()
            .map(|session| session.expires_at())
            .chain(self.removals.iter().map(|removal| removal.until));
        let needed = ends.max().unwrap_or(now).saturating_add(EXPIRED_RETENTION);
        // A profile outlives its sessions: the next sign-in is compared with it.
        RiskProfile::expires_at(&self.profile).map_or(needed, |stale| stale.max(needed))
    }

    /// Opens a record from the store.
    ///
    /// # Errors
    /// [`ErrorCode::RecordVersion`], [`ErrorCode::RecordUnknownKey`], [`ErrorCode::RecordCorrupt`]; the last
    /// too where the content is not a record of this subject.
    pub fn unseal(ring: &KeyRing, key: &SubjectIndexKey, sealed: &[u8]) -> Result<Self> {
        let opened = seal::unseal(
            |tag| ring.find_by_tag(tag),
            SealPurpose::Record(&key.store_key()),
            sealed,
        );
        let plain = opened.map_err(|why| Error::from(to_record_error(why)))?;
        let (RecordHeader { subject, removals, defaults: usual }, sessions) =
            record_codec::decode_record_header(&plain)?;
        let start = plain.len().saturating_sub(sessions.len());
        let (sessions, profile) = SessionList::stored(plain, start, usual)?;
        let record = Self { subject, removals, sessions, profile };
        let genuine = ring.subject_index_key(&record.subject) == *key;
        if genuine { Ok(record) } else { Err(Error::from(ErrorCode::RecordCorrupt)) }
    }

    /// Seals it for the store, with a key of the ring.
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
        seal::seal_with_writer(with, SealPurpose::Record(&store_key), nonce, most, |room| {
            let mut to = ByteWriter(room);
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
