//! The sessions of a record. A decision uses at most one of them. The others stay encoded, and are
//! written as they were read.

use super::record_codec::SessionDefaults;
use super::session::{SessionRecord, SessionSummary};
use super::session_codec;
use crate::formats::id::LocalSessionId;
use crate::foundation::byte_codec::{ByteReader, ByteWriter};
use crate::foundation::error::{Error, ErrorCode, Result};
use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;
use zeroize::Zeroizing;

/// The greatest size of the length before a session, in bytes.
const MAX_LENGTH_BYTES: usize = 5;

/// The sessions of a record, in the order of their sign-ins.
#[derive(Clone, Default)]
pub(super) struct SessionList {
    /// The plaintext of the record, which holds the stored sessions.
    plaintext: Zeroizing<Vec<u8>>,
    /// The values that the stored sessions have in common.
    defaults: SessionDefaults,
    sessions: Vec<StoredSession>,
}

#[derive(Clone)]
enum StoredSession {
    /// An encoded session with its length, decoded when it is asked for.
    Stored { head: SessionSummary, place: Range<usize>, read: OnceCell<Box<SessionRecord>> },
    /// A session that is new or about to change.
    Modified(Box<SessionRecord>),
}

impl SessionList {
    /// Takes over the plaintext of a record, which holds sessions from `start` on. An empty session
    /// ends the list, and the bytes behind it are given back.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub(super) fn stored(
        plaintext: Zeroizing<Vec<u8>>,
        mut start: usize,
        defaults: SessionDefaults,
    ) -> Result<(Self, Vec<u8>)> {
        let mut entries = Vec::new();
        while let Some(rest) = plaintext.get(start..).filter(|rest| !rest.is_empty()) {
            let (bytes, after) = first_copy(rest)?;
            if bytes.is_empty() {
                let rest = Some(after.to_vec()).filter(|rest| !rest.is_empty());
                return rest
                    .map(|rest| (Self { plaintext, defaults, sessions: entries }, rest))
                    .ok_or(Error::from(ErrorCode::RecordCorrupt));
            }
            let place = start..plaintext.len().saturating_sub(after.len());
            start = place.end;
            entries.push(StoredSession::Stored {
                head: session_codec::decode_summary(bytes, &defaults)?,
                place,
                read: OnceCell::new(),
            });
        }
        Ok((Self { plaintext, defaults, sessions: entries }, Vec::new()))
    }

    /// Appends the sessions to a plaintext.
    ///
    /// # Errors
    /// [`ErrorCode::Internal`] only.
    pub(super) fn encode(&self, to: &mut ByteWriter) -> Result<()> {
        for entry in &self.sessions {
            match entry {
                StoredSession::Stored { place, .. } => {
                    to.write_raw(bytes_at(&self.plaintext, place)?)
                }
                StoredSession::Modified(session) => {
                    to.write_bytes(&session_codec::encode_session(session, &self.defaults))
                }
            }
        }
        Ok(())
    }

    /// An upper bound of the encoded size, in bytes.
    pub(super) fn max_encoded_bytes(&self) -> usize {
        let most = |entry: &StoredSession| match entry {
            StoredSession::Stored { place, .. } => place.len(),
            StoredSession::Modified(session) => session_codec::max_session_bytes(session),
        };
        self.sessions
            .iter()
            .map(|entry| most(entry).saturating_add(MAX_LENGTH_BYTES))
            .fold(0, usize::saturating_add)
    }

    pub(super) const fn choose_defaults(&self) -> &SessionDefaults {
        &self.defaults
    }

    pub(super) fn len(&self) -> usize {
        self.sessions.len()
    }

    pub(super) fn summaries(&self) -> impl Iterator<Item = SessionSummary> {
        self.sessions.iter().map(StoredSession::summary)
    }

    /// Decodes and gives all sessions.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub(super) fn all(&self) -> Result<Vec<&SessionRecord>> {
        self.sessions.iter().map(|entry| entry.decode(&self.plaintext, &self.defaults)).collect()
    }

    /// Decodes and gives one session.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub(super) fn get(&self, sid: LocalSessionId) -> Result<Option<&SessionRecord>> {
        self.sessions
            .iter()
            .find(|entry| entry.has_id(sid))
            .map(|entry| entry.decode(&self.plaintext, &self.defaults))
            .transpose()
    }

    /// Decodes one session and gives it for a change.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub(super) fn get_mut(&mut self, sid: LocalSessionId) -> Result<Option<&mut SessionRecord>> {
        let Self { plaintext, defaults, sessions: entries } = self;
        entries
            .iter_mut()
            .find(|entry| entry.has_id(sid))
            .map(|entry| entry.decode_for_update(plaintext, defaults))
            .transpose()
    }

    /// Adds a session and makes its values the defaults, so that all sessions are encoded anew.
    ///
    /// # Errors
    /// [`ErrorCode::RecordCorrupt`].
    pub(super) fn push(&mut self, session: SessionRecord) -> Result<()> {
        let Self { plaintext, defaults, sessions: entries } = self;
        entries
            .iter_mut()
            .try_for_each(|entry| entry.decode_for_update(plaintext, defaults).map(drop))?;
        *defaults = SessionDefaults::from_session(&session);
        entries.push(StoredSession::Modified(Box::new(session)));
        Ok(())
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&SessionSummary) -> bool) {
        self.sessions.retain(|entry| keep(&entry.summary()));
    }
}

impl StoredSession {
    fn summary(&self) -> SessionSummary {
        match self {
            Self::Stored { head, .. } => *head,
            Self::Modified(session) => session.summary(),
        }
    }

    fn has_id(&self, sid: LocalSessionId) -> bool {
        self.summary().local_id == sid
    }

    fn decode(&self, plaintext: &[u8], defaults: &SessionDefaults) -> Result<&SessionRecord> {
        match self {
            Self::Stored { place, read, .. } => match read.get() {
                Some(session) => Ok(session),
                None => session_at(plaintext, place, defaults)
                    .map(|session| &**read.get_or_init(|| session)),
            },
            Self::Modified(session) => Ok(session),
        }
    }

    fn decode_for_update(
        &mut self,
        plaintext: &[u8],
        defaults: &SessionDefaults,
    ) -> Result<&mut SessionRecord> {
        if let Self::Stored { place, read, .. } = self {
            *self = Self::Modified(
                read.take().map_or_else(|| session_at(plaintext, place, defaults), Ok)?,
            );
        }
        match self {
            Self::Modified(session) => Ok(session),
            Self::Stored { .. } => Err(Error::from(ErrorCode::Internal)),
        }
    }
}

/// Shows IDs and times only, because the plaintext holds hashes of secrets.
impl fmt::Debug for SessionList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.summaries()).finish()
    }
}

fn session_at(
    plaintext: &[u8],
    place: &Range<usize>,
    defaults: &SessionDefaults,
) -> Result<Box<SessionRecord>> {
    let (bytes, _) = first_copy(bytes_at(plaintext, place)?)?;
    session_codec::decode_session(bytes, defaults).map(Box::new)
}

fn bytes_at<'a>(plaintext: &'a [u8], place: &Range<usize>) -> Result<&'a [u8]> {
    plaintext.get(place.clone()).ok_or(Error::from(ErrorCode::Internal))
}

/// Splits the first session, without its length, from the others.
fn first_copy(sessions: &[u8]) -> Result<(&[u8], &[u8])> {
    let mut from = ByteReader(sessions);
    let first = from.read_bytes().ok_or(Error::from(ErrorCode::RecordCorrupt))?;
    Ok((first, from.0))
}
