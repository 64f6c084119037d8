//! Floor 2. Everything known of a subject, as one sealed record under one key: so sign-in, refresh, revoke and list are
//! each one atomic swap, and a session index cannot disagree with its sessions.

mod stored;

use crate::error::{Code, Error, Result};
use crate::id::{Sid, SubjectKey};
use crate::keys::{Key, KeyRing, KeyTag};
use crate::seal::{self, Purpose, Unopened};
use crate::secret::Secret;
use crate::sender::Sender;
use crate::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The largest record that a sign-in may make, in bytes, sealed.
pub const RECORD_MAX_BYTES: usize = 64 * 1024;
/// How many closed generations are remembered. A straggler is told from a thief as long as its own is: so this many times
/// the throttle should be no less than `flight` and what the clocks differ.
pub const CLOSED_KEPT: usize = 4;
/// How many removals keep their cause.
pub const REMOVALS_KEPT: usize = 16;
/// What has been over for this long is dropped by the next writer, and the store may forget it. A clock that jumps by
/// less destroys nothing.
pub const LONG_OVER: Seconds = Seconds(24 * 3600);

/// What the store holds for a subject.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SubjectRecord {
    /// Who.
    pub subject: String,
    /// The sessions, in the order of their sign-ins.
    pub sessions: Vec<SessionRecord>,
    /// Sessions that were ended before their time, the latest last.
    pub removals: Vec<Removal>,
}

/// One session. How it is stored: `stored`.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// Its name in this record.
    pub sid: Sid,
    /// The sign-in.
    pub created_at: Timestamp,
    /// When the user last proved who they are.
    pub authenticated_at: Timestamp,
    /// Authentication context class.
    pub acr: Option<String>,
    /// Authentication methods.
    pub amr: Vec<String>,
    /// Generation of the refresh token that is alive.
    pub generation: u32,
    /// Hash of that token's secret.
    pub secret_hash: SecretHash,
    /// The key of its chain.
    pub key_tag: KeyTag,
    /// The last rotation (at first: the sign-in).
    pub rotated_at: Timestamp,
    /// Who made it.
    pub written_by: Sender,
    /// When somebody first used an access token of this generation, or presented its refresh token.
    pub confirmed_at: Option<Timestamp>,
    /// When earlier generations were closed, the latest last; [`CLOSED_KEPT`] of them.
    pub closed: Vec<Closed>,
    /// The last step-up.
    pub step_up: Option<StepUp>,
    /// Over, if not refreshed before.
    pub idle_deadline: Timestamp,
    /// Over, whatever happens.
    pub absolute_deadline: Timestamp,
    /// What the application calls it.
    pub label: Option<String>,
    /// The application's own data, as JSON text.
    pub data: Option<String>,
    /// The application's own claims in every access token: the members of a JSON object, as text.
    pub claims: Option<String>,
    /// Thumbprint (RFC 7638) of the key that whoever presents a token must hold: the `jkt` of its `cnf` (RFC 9449).
    pub jkt: Option<String>,
}

/// When a generation was closed: the next one was first confirmed, or rotated away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Which.
    pub generation: u32,
    /// When.
    pub at: Timestamp,
}

/// The user proved more of who they are: tokens from before must not inherit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepUp {
    /// The first generation after it.
    pub generation: u32,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub written_by: Sender,
    /// When its generation was first confirmed, or rotated away.
    pub closed_at: Option<Timestamp>,
}

/// The hash of a refresh token's secret. Compared in constant time, like the secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "[u8; 32]", into = "[u8; 32]")]
pub struct SecretHash(Secret<32>);

/// A session that was ended before its time, so that a refusal can say why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Removal {
    /// Which.
    pub sid: Sid,
    /// Why.
    pub cause: Cause,
    /// Its absolute deadline: from then on nobody needs the answer.
    pub until: Timestamp,
}

/// Why a session was ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Signed out, or revoked.
    Revoked,
    /// Displaced by newer sessions.
    Evicted,
    /// A spent refresh token was used again.
    Reused,
}

impl SecretHash {
    /// Takes a hash over.
    pub const fn new(hash: Secret<32>) -> Self {
        Self(hash)
    }

    /// Whether it is this hash.
    pub fn matches(&self, hash: &Secret<32>) -> bool {
        self.0.matches(hash)
    }
}

impl From<[u8; 32]> for SecretHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }
}

impl From<SecretHash> for [u8; 32] {
    fn from(hash: SecretHash) -> Self {
        *hash.0.expose()
    }
}

impl SessionRecord {
    /// Whether it may still be used.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        now < self.end()
    }

    /// When a generation was closed, if that is known.
    pub fn closed_at(&self, generation: u32) -> Option<Timestamp> {
        if generation.checked_add(1) == Some(self.generation) {
            return self.confirmed_at;
        }
        self.closed.iter().find(|closed| closed.generation == generation).map(|closed| closed.at)
    }

    /// The current generation is used for the first time: what came before is closed.
    pub fn confirm(&mut self, now: Timestamp) {
        self.confirmed_at.get_or_insert(now);
        if let Some(step_up) = self.step_up.as_mut().filter(|step_up| step_up.generation == self.generation) {
            step_up.closed_at.get_or_insert(now);
        }
    }

    /// The current generation is rotated away at `now` by `sender`; the next one has this secret and key.
    pub fn rotate(&mut self, hash: SecretHash, key_tag: KeyTag, sender: Sender, now: Timestamp) {
        self.confirm(now);
        if let (Some(generation), Some(at)) = (self.generation.checked_sub(1), self.confirmed_at) {
            self.closed.push(Closed { generation, at });
            let surplus = self.closed.len().saturating_sub(CLOSED_KEPT);
            self.closed.drain(..surplus);
        }
        self.begin(self.generation.saturating_add(1), hash, key_tag, sender, now);
    }

    /// A generation begins, not yet confirmed.
    pub fn begin(&mut self, generation: u32, hash: SecretHash, key_tag: KeyTag, sender: Sender, now: Timestamp) {
        self.generation = generation;
        self.secret_hash = hash;
        self.key_tag = key_tag;
        self.written_by = sender;
        self.rotated_at = now;
        self.confirmed_at = None;
    }

    /// The earlier of its two deadlines.
    pub fn end(&self) -> Timestamp {
        self.idle_deadline.min(self.absolute_deadline)
    }
}

impl SubjectRecord {
    /// A record of somebody who has no session yet.
    pub fn new(subject: &str) -> Self {
        Self { subject: subject.to_owned(), sessions: Vec::new(), removals: Vec::new() }
    }

    /// The session of this name.
    pub fn session(&self, sid: Sid) -> Option<&SessionRecord> {
        self.sessions.iter().find(|session| session.sid == sid)
    }

    /// The same, to change it.
    pub fn session_mut(&mut self, sid: Sid) -> Option<&mut SessionRecord> {
        self.sessions.iter_mut().find(|session| session.sid == sid)
    }

    /// Why the session of this name was ended.
    pub fn removal(&self, sid: Sid) -> Option<Cause> {
        self.removals.iter().rev().find(|removal| removal.sid == sid).map(|removal| removal.cause)
    }

    /// Ends the sessions that `doomed` picks, and keeps the cause of the last [`REMOVALS_KEPT`]. Says how many of them
    /// were alive.
    pub fn end_sessions(&mut self, cause: Cause, now: Timestamp, doomed: impl Fn(&SessionRecord) -> bool) -> u32 {
        let mut alive = 0u32;
        for session in self.sessions.extract_if(.., |session| doomed(session)) {
            alive = alive.saturating_add(u32::from(session.is_alive(now)));
            self.removals.push(Removal { sid: session.sid, cause, until: session.absolute_deadline });
        }
        let surplus = self.removals.len().saturating_sub(REMOVALS_KEPT);
        self.removals.drain(..surplus);
        alive
    }

    /// Adds a session; where there are too many, the longest idle make room. Gives those.
    pub fn admit(&mut self, session: SessionRecord, now: Timestamp, max_sessions: usize) -> Vec<Sid> {
        let mut evicted = Vec::new();
        while self.sessions.len() >= max_sessions.max(1) {
            let Some(idlest) = self.sessions.iter().min_by_key(|other| other.rotated_at).map(|other| other.sid) else {
                break;
            };
            self.end_sessions(Cause::Evicted, now, |other| other.sid == idlest);
            evicted.push(idlest);
        }
        self.sessions.push(session);
        evicted
    }

    /// Drops what has been over for [`LONG_OVER`].
    pub fn drop_long_over(&mut self, now: Timestamp) {
        self.sessions.retain(|session| now < session.end().plus(LONG_OVER));
        self.removals.retain(|removal| now < removal.until.plus(LONG_OVER));
    }

    /// From when on nobody needs the record.
    pub fn expires_at(&self, now: Timestamp) -> Timestamp {
        let ends =
            self.sessions.iter().map(SessionRecord::end).chain(self.removals.iter().map(|removal| removal.until));
        ends.max().unwrap_or(now).plus(LONG_OVER)
    }

    /// Opens a record from the store.
    ///
    /// # Errors
    /// [`Code::RecordNewer`], [`Code::RecordKey`], [`Code::RecordCorrupt`]; the last too where the content is not a record
    /// of this subject.
    pub fn open(ring: &KeyRing, key: &SubjectKey, sealed: &[u8]) -> Result<Self> {
        let opened = seal::open(|tag| ring.by_tag(tag), Purpose::Record(&key.store_key()), sealed);
        let plain = opened.map_err(|why| Error::from(unreadable(why)))?;
        let (record, rest) = postcard::take_from_bytes::<Self>(&plain).map_err(|_| Error::from(Code::RecordCorrupt))?;
        let genuine = rest.is_empty() && ring.subject_key(&record.subject) == *key;
        if genuine { Ok(record) } else { Err(Error::from(Code::RecordCorrupt)) }
    }

    /// Seals it for the store, with a key of the ring.
    ///
    /// # Errors
    /// [`Code::Internal`] only.
    pub fn seal_with_nonce(&self, with: &Key, key: &SubjectKey, nonce: &[u8; 24]) -> Result<Vec<u8>> {
        let store_key = key.store_key();
        seal::seal_written(with, Purpose::Record(&store_key), nonce, self.most_bytes(), |room| {
            postcard::to_extend(self, room).map_err(|_| Error::from(Code::Internal))
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
        for session in &mut self.sessions {
            session.data.zeroize();
            session.label.zeroize();
        }
    }
}

impl ZeroizeOnDrop for SubjectRecord {}

impl Drop for SubjectRecord {
    fn drop(&mut self) {
        self.zeroize();
    }
}
