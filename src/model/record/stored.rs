//! Floor 2. How a record lies in its plaintext. It is opened and sealed whole at every rotation, so
//! every byte counts: times and generations are differences to a neighbour, and what most sessions
//! have in common is said once.
//!
//! ```text
//! record    subject | removals | usual | sessions, each after its length | and, after a 0, the profile?
//! removal   sid (16 bytes) | cause (1) | until
//! usual     kind | idle timeout | absolute timeout
//! kind      key tag (8) | acr? | amr
//! session   sid (16) | hash of the living token's secret (32)
//!           | created | rotated - created | idle and absolute timeout - the usual ones
//!           | authenticated - created | kind, if not the usual one? | generation | sender (2) | confirmed - rotated?
//!           | closed: generations before, time - rotated | rare?
//! rare      step-up? (generations before, time - authenticated, sender, closed - time?) | label? | data? | claims? | jkt?
//!           | companion, up to the end?
//! ```
//! How the pieces are spelled: `bytes`; profiles and companions: `risk::codec`.

use super::session::{Cause, Closed, Head, Removal, SecretHash, SessionRecord, StepUp};
use crate::foundation::bytes::{Difference, Reader, Writer};
use crate::foundation::error::{Code, Error, Result};
use crate::formats::id::Sid;
use crate::formats::keys::KeyTag;
use crate::risk::Companion;
use crate::formats::sender::Sender;
use crate::foundation::time::Timestamp;
use zeroize::Zeroizing;

/// What a session, or the usual, takes besides its texts, in bytes: at most, with every number at
/// its longest.
const FIXED_MAX_BYTES: usize = 400;
/// What a removal takes, in bytes, at most.
const REMOVAL_MAX_BYTES: usize = 27;

/// What a record begins with: all but its sessions.
pub(super) struct Beginning {
    pub(super) subject: String,
    pub(super) removals: Vec<Removal>,
    pub(super) usual: Usual,
}

/// What most sessions of a record have in common: each says only where it differs.
#[derive(Clone, Default)]
pub(super) struct Usual {
    kind: Kind,
    idle_timeout: Difference,
    absolute_timeout: Difference,
}

/// The key of its chain, and how its user proved who they are.
#[derive(Clone, Default, PartialEq, Eq)]
struct Kind {
    key_tag: KeyTag,
    acr: Option<String>,
    amr: Vec<String>,
}

/// The beginning of a record, and its sessions.
///
/// # Errors
/// [`Code::RecordCorrupt`].
pub(super) fn beginning(plain: &[u8]) -> Result<(Beginning, &[u8])> {
    let mut from = Reader(plain);
    let read = |from: &mut Reader<'_>| {
        Some(Beginning {
            subject: from.text()?,
            removals: from.list(Removal::read)?,
            usual: Usual::read(from)?,
        })
    };
    read(&mut from).map(|beginning| (beginning, from.0)).ok_or(Error::from(Code::RecordCorrupt))
}

pub(super) fn write_beginning(to: &mut Writer, subject: &str, removals: &[Removal], usual: &Usual) {
    to.bytes(subject.as_bytes());
    to.size(removals.len());
    removals.iter().for_each(|removal| removal.write(to));
    usual.write(to);
}

/// At least as many bytes as it takes.
pub(super) fn most_bytes_of_beginning(subject: &str, removals: &[Removal], usual: &Usual) -> usize {
    let texts = usual
        .kind
        .amr
        .iter()
        .chain(&usual.kind.acr)
        .map(String::len)
        .fold(subject.len(), usize::saturating_add);
    removals
        .len()
        .saturating_mul(REMOVAL_MAX_BYTES)
        .saturating_add(texts)
        .saturating_add(FIXED_MAX_BYTES)
}

/// What is read of every session.
///
/// # Errors
/// [`Code::RecordCorrupt`].
pub(super) fn head(bytes: &[u8], usual: &Usual) -> Result<Head> {
    Front::read(&mut Reader(bytes), usual)
        .map(|front| front.head)
        .ok_or(Error::from(Code::RecordCorrupt))
}

/// A session.
///
/// # Errors
/// [`Code::RecordCorrupt`].
pub(super) fn session(bytes: &[u8], usual: &Usual) -> Result<SessionRecord> {
    let mut from = Reader(bytes);
    let session =
        Front::read(&mut from, usual).and_then(|front| read_session(front, &mut from, usual));
    session.filter(|_| from.0.is_empty()).ok_or(Error::from(Code::RecordCorrupt))
}

/// The bytes of a session.
pub(super) fn session_bytes(session: &SessionRecord, usual: &Usual) -> Zeroizing<Vec<u8>> {
    let SessionRecord { created_at, rotated_at, generation, .. } = *session;
    let mut to = Writer(Vec::with_capacity(most_bytes_of_session(session)));
    to.raw(&session.sid.0);
    to.raw(session.secret_hash.expose());
    to.number(created_at.ms());
    to.difference(Difference::between(created_at, rotated_at));
    to.difference(Difference::between(rotated_at, session.idle_deadline).minus(usual.idle_timeout));
    to.difference(
        Difference::between(created_at, session.absolute_deadline).minus(usual.absolute_timeout),
    );
    to.difference(Difference::between(created_at, session.authenticated_at));
    to.optional(Some(Kind::of(session)).filter(|kind| *kind != usual.kind), |to, kind| {
        kind.write(to)
    });
    to.number(generation.into());
    to.raw(&session.written_by.codes());
    to.optional(session.confirmed_at, |to, at| to.difference(Difference::between(rotated_at, at)));
    to.size(session.closed.len());
    for closed in &session.closed {
        to.number(generation.wrapping_sub(closed.generation).into());
        to.difference(Difference::between(rotated_at, closed.at));
    }
    let texts = [&session.label, &session.data, &session.claims, &session.jkt];
    let is_rare = session.step_up.is_some()
        || session.companion.is_some()
        || texts.into_iter().any(Option::is_some);
    to.optional(is_rare.then_some(texts), |to, texts| {
        to.optional(session.step_up, |to, step_up| write_step_up(to, session, step_up));
        texts.into_iter().for_each(|text| to.optional_text(text.as_ref()));
        to.raw(&session.companion.as_ref().map(Companion::to_bytes).unwrap_or_default());
    });
    Zeroizing::new(to.0)
}

/// At least as many as a session takes: a buffer that grows leaves a copy behind.
pub(super) fn most_bytes_of_session(session: &SessionRecord) -> usize {
    let texts = [&session.acr, &session.label, &session.data, &session.claims, &session.jkt];
    let texts = session.amr.iter().chain(texts.into_iter().flatten());
    texts.map(String::len).fold(FIXED_MAX_BYTES, usize::saturating_add)
}

/// What a session begins with.
struct Front {
    head: Head,
    created_at: Timestamp,
    secret_hash: SecretHash,
}

impl Front {
    fn read(from: &mut Reader<'_>, usual: &Usual) -> Option<Self> {
        let sid = Sid(*from.raw()?);
        let secret_hash = SecretHash::from(*from.raw()?);
        let created_at = Timestamp::from_ms(from.number()?);
        let rotated_at = from.difference()?.after(created_at);
        let idle_deadline = from.difference()?.plus(usual.idle_timeout).after(rotated_at);
        let absolute_deadline = from.difference()?.plus(usual.absolute_timeout).after(created_at);
        let head = Head { sid, rotated_at, idle_deadline, absolute_deadline };
        Some(Self { head, created_at, secret_hash })
    }
}

fn read_session(front: Front, from: &mut Reader<'_>, usual: &Usual) -> Option<SessionRecord> {
    let Front { head, created_at, secret_hash } = front;
    let Head { sid, rotated_at, idle_deadline, absolute_deadline } = head;
    let authenticated_at = from.difference()?.after(created_at);
    let Kind { key_tag, acr, amr } =
        from.optional(Kind::read)?.unwrap_or_else(|| usual.kind.clone());
    let generation = from.small()?;
    let written_by = Sender::from_codes(*from.raw()?);
    let confirmed_at = from.optional(Reader::difference)?.map(|at| at.after(rotated_at));
    let closed = from.list(|from| {
        let before = from.small()?;
        Some(Closed {
            generation: generation.wrapping_sub(before),
            at: from.difference()?.after(rotated_at),
        })
    })?;
    let rare = from.optional(|from| {
        let step_up = from.optional(|from| read_step_up(from, generation, authenticated_at))?;
        let mut text = || from.optional_text();
        let (label, data, claims, jkt) = (text()?, text()?, text()?, text()?);
        let rest = std::mem::take(&mut from.0);
        let companion = if rest.is_empty() { None } else { Some(Companion::from_bytes(rest)?) };
        Some((step_up, label, data, claims, jkt, companion))
    })?;
    let (step_up, label, data, claims, jkt, companion) = rare.unwrap_or_default();
    Some(SessionRecord {
        sid,
        created_at,
        authenticated_at,
        acr,
        amr,
        generation,
        secret_hash,
        key_tag,
        rotated_at,
        written_by,
        confirmed_at,
        closed,
        step_up,
        idle_deadline,
        absolute_deadline,
        label,
        data,
        claims,
        jkt,
        companion,
    })
}

fn write_step_up(to: &mut Writer, session: &SessionRecord, step_up: StepUp) {
    to.number(session.generation.wrapping_sub(step_up.generation).into());
    to.difference(Difference::between(session.authenticated_at, step_up.at));
    to.raw(&step_up.written_by.codes());
    to.optional(step_up.closed_at, |to, at| to.difference(Difference::between(step_up.at, at)));
}

fn read_step_up(
    from: &mut Reader<'_>,
    generation: u32,
    authenticated_at: Timestamp,
) -> Option<StepUp> {
    let generation = generation.wrapping_sub(from.small()?);
    let at = from.difference()?.after(authenticated_at);
    let written_by = Sender::from_codes(*from.raw()?);
    let closed_at = from.optional(Reader::difference)?.map(|closed| closed.after(at));
    Some(StepUp { generation, at, written_by, closed_at })
}

impl Usual {
    /// What would be the usual, if all were like this one.
    pub(super) fn of(session: &SessionRecord) -> Self {
        Self {
            kind: Kind::of(session),
            idle_timeout: Difference::between(session.rotated_at, session.idle_deadline),
            absolute_timeout: Difference::between(session.created_at, session.absolute_deadline),
        }
    }

    fn write(&self, to: &mut Writer) {
        self.kind.write(to);
        to.difference(self.idle_timeout);
        to.difference(self.absolute_timeout);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            kind: Kind::read(from)?,
            idle_timeout: from.difference()?,
            absolute_timeout: from.difference()?,
        })
    }
}

impl Kind {
    fn of(session: &SessionRecord) -> Self {
        Self { key_tag: session.key_tag, acr: session.acr.clone(), amr: session.amr.clone() }
    }

    fn write(&self, to: &mut Writer) {
        to.raw(&self.key_tag);
        to.optional_text(self.acr.as_ref());
        to.size(self.amr.len());
        self.amr.iter().for_each(|method| to.bytes(method.as_bytes()));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            key_tag: *from.raw()?,
            acr: from.optional_text()?,
            amr: from.list(Reader::text)?,
        })
    }
}

impl Removal {
    fn write(&self, to: &mut Writer) {
        to.raw(&self.sid.0);
        to.raw(&[self.cause.code()]);
        to.number(self.until.ms());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let sid = Sid(*from.raw()?);
        let [cause] = *from.raw()?;
        Some(Self { sid, cause: Cause::of_code(cause)?, until: Timestamp::from_ms(from.number()?) })
    }
}
