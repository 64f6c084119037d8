//! Floor 2. The sessions of a record. A decision uses one of them, or none: the others stay the
//! bytes that they were, and are written as such.

use super::session::{Head, SessionRecord};
use super::stored::{self, Usual};
use crate::foundation::bytes::{Reader, Writer};
use crate::foundation::error::{Code, Error, Result};
use crate::formats::id::Sid;
use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;
use zeroize::Zeroizing;

/// What the length of a session takes in front of it, in bytes, at most.
const LENGTH_MAX_BYTES: usize = 5;

/// The sessions of a record, in the order of their sign-ins.
#[derive(Clone, Default)]
pub(super) struct Sessions {
    /// The plaintext of the record, where the stored ones lie.
    plain: Zeroizing<Vec<u8>>,
    /// What each of them differs from.
    usual: Usual,
    entries: Vec<Entry>,
}

#[derive(Clone)]
enum Entry {
    /// As it was stored, its length in front; read where it was asked for.
    Stored { head: Head, place: Range<usize>, read: OnceCell<Box<SessionRecord>> },
    /// New, or about to change.
    Open(Box<SessionRecord>),
}

impl Sessions {
    /// Takes over the plaintext of a record: from `start` on it holds sessions, one after the
    /// other. What stands behind an empty one is none, and given back.
    ///
    /// # Errors
    /// [`Code::RecordCorrupt`].
    pub(super) fn stored(
        plain: Zeroizing<Vec<u8>>,
        mut start: usize,
        usual: Usual,
    ) -> Result<(Self, Vec<u8>)> {
        let mut entries = Vec::new();
        while let Some(rest) = plain.get(start..).filter(|rest| !rest.is_empty()) {
            let (bytes, after) = first(rest)?;
            if bytes.is_empty() {
                let rest = Some(after.to_vec()).filter(|rest| !rest.is_empty());
                return rest
                    .map(|rest| (Self { plain, usual, entries }, rest))
                    .ok_or(Error::from(Code::RecordCorrupt));
            }
            let place = start..plain.len().saturating_sub(after.len());
            start = place.end;
            entries.push(Entry::Stored {
                head: stored::head(bytes, &usual)?,
                place,
                read: OnceCell::new(),
            });
        }
        Ok((Self { plain, usual, entries }, Vec::new()))
    }

    /// Appends them to a plaintext.
    ///
    /// # Errors
    /// [`Code::Internal`] only.
    pub(super) fn write(&self, to: &mut Writer) -> Result<()> {
        for entry in &self.entries {
            match entry {
                Entry::Stored { place, .. } => to.raw(bytes_at(&self.plain, place)?),
                Entry::Open(session) => to.bytes(&stored::session_bytes(session, &self.usual)),
            }
        }
        Ok(())
    }

    /// At least as many bytes as they take.
    pub(super) fn most_bytes(&self) -> usize {
        let most = |entry: &Entry| match entry {
            Entry::Stored { place, .. } => place.len(),
            Entry::Open(session) => stored::most_bytes_of_session(session),
        };
        self.entries
            .iter()
            .map(|entry| most(entry).saturating_add(LENGTH_MAX_BYTES))
            .fold(0, usize::saturating_add)
    }

    pub(super) const fn usual(&self) -> &Usual {
        &self.usual
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn heads(&self) -> impl Iterator<Item = Head> {
        self.entries.iter().map(Entry::head)
    }

    /// All of them, read.
    ///
    /// # Errors
    /// [`Code::RecordCorrupt`].
    pub(super) fn all(&self) -> Result<Vec<&SessionRecord>> {
        self.entries.iter().map(|entry| entry.read(&self.plain, &self.usual)).collect()
    }

    /// The one of this name.
    ///
    /// # Errors
    /// [`Code::RecordCorrupt`].
    pub(super) fn get(&self, sid: Sid) -> Result<Option<&SessionRecord>> {
        self.entries
            .iter()
            .find(|entry| entry.is(sid))
            .map(|entry| entry.read(&self.plain, &self.usual))
            .transpose()
    }

    /// The same, to change it.
    ///
    /// # Errors
    /// [`Code::RecordCorrupt`].
    pub(super) fn get_mut(&mut self, sid: Sid) -> Result<Option<&mut SessionRecord>> {
        let Self { plain, usual, entries } = self;
        entries
            .iter_mut()
            .find(|entry| entry.is(sid))
            .map(|entry| entry.open(plain, usual))
            .transpose()
    }

    /// Adds a session, and takes it for the usual from now on: so all of them are written anew.
    ///
    /// # Errors
    /// [`Code::RecordCorrupt`].
    pub(super) fn push(&mut self, session: SessionRecord) -> Result<()> {
        let Self { plain, usual, entries } = self;
        entries.iter_mut().try_for_each(|entry| entry.open(plain, usual).map(drop))?;
        *usual = Usual::of(&session);
        entries.push(Entry::Open(Box::new(session)));
        Ok(())
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Head) -> bool) {
        self.entries.retain(|entry| keep(&entry.head()));
    }
}

impl Entry {
    fn head(&self) -> Head {
        match self {
            Self::Stored { head, .. } => *head,
            Self::Open(session) => session.head(),
        }
    }

    fn is(&self, sid: Sid) -> bool {
        self.head().sid == sid
    }

    fn read(&self, plain: &[u8], usual: &Usual) -> Result<&SessionRecord> {
        match self {
            Self::Stored { place, read, .. } => match read.get() {
                Some(session) => Ok(session),
                None => {
                    session_at(plain, place, usual).map(|session| &**read.get_or_init(|| session))
                }
            },
            Self::Open(session) => Ok(session),
        }
    }

    fn open(&mut self, plain: &[u8], usual: &Usual) -> Result<&mut SessionRecord> {
        if let Self::Stored { place, read, .. } = self {
            *self = Self::Open(read.take().map_or_else(|| session_at(plain, place, usual), Ok)?);
        }
        match self {
            Self::Open(session) => Ok(session),
            Self::Stored { .. } => Err(Error::from(Code::Internal)),
        }
    }
}

/// Only names and times: the plaintext holds hashes.
impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.heads()).finish()
    }
}

fn session_at(plain: &[u8], place: &Range<usize>, usual: &Usual) -> Result<Box<SessionRecord>> {
    let (bytes, _) = first(bytes_at(plain, place)?)?;
    stored::session(bytes, usual).map(Box::new)
}

fn bytes_at<'a>(plain: &'a [u8], place: &Range<usize>) -> Result<&'a [u8]> {
    plain.get(place.clone()).ok_or(Error::from(Code::Internal))
}

/// The first of some sessions, without its length, and the others.
fn first(sessions: &[u8]) -> Result<(&[u8], &[u8])> {
    let mut from = Reader(sessions);
    let first = from.bytes().ok_or(Error::from(Code::RecordCorrupt))?;
    Ok((first, from.0))
}
