//! Floor 2. Everything known of a subject, as one sealed record under one key: so sign-in, refresh,
//! revoke and list are each one atomic swap, and a session index cannot disagree with its sessions.

mod session;
mod sessions;
mod stored;

pub use session::{CLOSED_KEPT, Cause, Closed, Head, Removal, SecretHash, SessionRecord, StepUp};

use crate::foundation::bytes::Writer;
use crate::foundation::error::{Code, Error, Result};
use crate::formats::id::{Sid, SubjectKey};
use crate::formats::keys::{Key, KeyRing};
use crate::risk::Profile;
use crate::formats::seal::{self, Purpose, Unopened};
use crate::foundation::time::{Seconds, Timestamp};
use sessions::Sessions;
use stored::Beginning;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The largest record that a sign-in may make, in bytes, sealed.
pub const RECORD_MAX_BYTES: usize = 64 * 1024;
/// How many removals keep their cause.
pub const REMOVALS_KEPT: usize = 16;
/// What has been over for this long is dropped by the next writer, and the store may forget it. A
/// clock that jumps by less destroys nothing.
pub const LONG_OVER: Seconds = Seconds(24 * 3600);

/// What the store holds for a subject.
#[derive(Debug, Clone)]
pub struct SubjectRecord {
    /// Who.
    pub subject: String,
    sessions: Sessions,
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
            sessions: Sessions::default(),
            removals: Vec::new(),
            profile: Vec::new(),
        }
    }

    /// What every session says of itself, in the order of their sign-ins.
    pub fn heads(&self) -> impl Iterator<Item = Head> {
        self.sessions.heads()
    }

    /// All sessions, in the same order.
    ///
    /// # Errors
    /// [`Code::RecordCorrupt`].
    pub fn sessions(&self) -> Result<Vec<&SessionRecord>> {
        self.sessions.all()
    }

    /// The session of this name.
    ///
    /// # Errors
    /// [`Code::RecordCorrupt`].
    pub fn session(&self, sid: Sid) -> Result<Option<&SessionRecord>> {
        self.sessions.get(sid)
    }

    /// The same, to change it.
    ///
    /// # Errors
    /// [`Code::RecordCorrupt`].
    pub fn session_mut(&mut self, sid: Sid) -> Result<Option<&mut SessionRecord>> {
        self.sessions.get_mut(sid)
    }

    /// What scoring remembers of the subject. One of another format is as good as none.
    pub fn profile(&self) -> Profile {
        Profile::from_bytes(&self.profile).unwrap_or_default()
    }

    /// Remembers something else; an empty one is forgotten.
    pub fn set_profile(&mut self, profile: &Profile) {
        self.profile = if profile.is_empty() { Vec::new() } else { profile.to_bytes() };
    }

    /// Forgets what scoring remembers, of the subject and of every session.
    ///
    /// # Errors
    /// [`Code::RecordCorrupt`].
    pub fn forget_profile(&mut self) -> Result<()> {
        self.profile = Vec::new();
        for sid in self.heads().map(|session| session.sid).collect::<Vec<_>>() {
            if let Some(session) = self.session_mut(sid)? {
                session.companion = None;
            }
        }
        Ok(())
    }

    /// Why the session of this name was ended.
    pub fn removal(&self, sid: Sid) -> Option<Cause> {
        self.removals.iter().rev().find(|removal| removal.sid == sid).map(|removal| removal.cause)
    }

    /// Ends the sessions that `doomed` picks, and keeps the cause of the last [`REMOVALS_KEPT`].
    /// Says how many of them were alive.
    pub fn end_sessions(
        &mut self,
        cause: Cause,
        now: Timestamp,
        doomed: impl Fn(&Head) -> bool,
    ) -> u32 {
        let mut alive = 0u32;
        self.sessions.retain(|session| {
            let ends = doomed(session);
            if ends {
                alive = alive.saturating_add(u32::from(session.is_alive(now)));
                self.removals.push(Removal {
                    sid: session.sid,
                    cause,
                    until: session.absolute_deadline,
                });
            }
            !ends
        });
        let surplus = self.removals.len().saturating_sub(REMOVALS_KEPT);
        self.removals.drain(..surplus);
        alive
    }

    /// Adds a session; where there are too many, the longest idle make room. Gives those.
    ///
    /// # Errors
    /// [`Code::RecordCorrupt`].
    pub fn admit(
        &mut self,
        session: SessionRecord,
        now: Timestamp,
        max_sessions: usize,
    ) -> Result<Vec<Sid>> {
        let mut evicted = Vec::new();
        while self.sessions.len() >= max_sessions.max(1) {
            let Some(idlest) =
                self.heads().min_by_key(|other| other.rotated_at).map(|other| other.sid)
            else {
                break;
            };
            self.end_sessions(Cause::Evicted, now, |other| other.sid == idlest);
            evicted.push(idlest);
        }
        self.sessions.push(session)?;
        Ok(evicted)
    }

    /// Drops what has been over for [`LONG_OVER`].
    pub fn drop_long_over(&mut self, now: Timestamp) {
        self.sessions.retain(|session| now < session.end().plus(LONG_OVER));
        self.removals.retain(|removal| now < removal.until.plus(LONG_OVER));
    }

    /// From when on nobody needs the record.
    pub fn expires_at(&self, now: Timestamp) -> Timestamp {
        let ends = self
            .heads()
            .map(|session| session.end())
            .chain(self.removals.iter().map(|removal| removal.until));
        let needed = ends.max().unwrap_or(now).plus(LONG_OVER);
        // A profile outlives its sessions: the next sign-in is compared with it.
        Profile::stale_at(&self.profile).map_or(needed, |stale| stale.max(needed))
    }

    /// Opens a record from the store.
    ///
    /// # Errors
    /// [`Code::RecordNewer`], [`Code::RecordKey`], [`Code::RecordCorrupt`]; the last too where the
    /// content is not a record of this subject.
    pub fn open(ring: &KeyRing, key: &SubjectKey, sealed: &[u8]) -> Result<Self> {
        let opened = seal::open(|tag| ring.by_tag(tag), Purpose::Record(&key.store_key()), sealed);
        let plain = opened.map_err(|why| Error::from(unreadable(why)))?;
        let (Beginning { subject, removals, usual }, sessions) = stored::beginning(&plain)?;
        let start = plain.len().saturating_sub(sessions.len());
        let (sessions, profile) = Sessions::stored(plain, start, usual)?;
        let record = Self { subject, removals, sessions, profile };
        let genuine = ring.subject_key(&record.subject) == *key;
        if genuine { Ok(record) } else { Err(Error::from(Code::RecordCorrupt)) }
    }

    /// Seals it for the store, with a key of the ring.
    ///
    /// # Errors
    /// [`Code::Internal`] only.
    pub fn seal_with_nonce(
        &self,
        with: &Key,
        key: &SubjectKey,
        nonce: &[u8; 24],
    ) -> Result<Vec<u8>> {
        let store_key = key.store_key();
        let Self { subject, removals, profile, sessions } = self;
        let most = stored::most_bytes_of_beginning(subject, removals, sessions.usual());
        let most = most.saturating_add(profile.len()).saturating_add(sessions.most_bytes());
        seal::seal_written(with, Purpose::Record(&store_key), nonce, most, |room| {
            let mut to = Writer(room);
            stored::write_beginning(&mut to, subject, removals, sessions.usual());
            sessions.write(&mut to)?;
            if !profile.is_empty() {
                to.size(0);
                to.raw(profile);
            }
            Ok(to.0)
        })
    }
}

const fn unreadable(why: Unopened) -> Code {
    match why {
        Unopened::Newer => Code::RecordNewer,
        Unopened::UnknownKey => Code::RecordKey,
        Unopened::Corrupt => Code::RecordCorrupt,
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
