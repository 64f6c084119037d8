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

use super::session::{
    ClosedGeneration, Removal, RemovalReason, SecretHash, SessionRecord, SessionSummary,
    StepUpRecord,
};
use crate::formats::client_family::ClientFamily;
use crate::formats::id::LocalSessionId;
use crate::formats::key_ring::KeyTag;
use crate::foundation::byte_codec::{ByteReader, ByteWriter, TimeDelta};
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::time::Timestamp;
use crate::risk::SessionProfile;
use zeroize::Zeroizing;

/// What a session, or the usual, takes besides its texts, in bytes: at most, with every number at
/// its longest.
const MAX_FIXED_BYTES: usize = 400;
/// What a removal takes, in bytes, at most.
const MAX_REMOVAL_BYTES: usize = 27;

/// What a record begins with: all but its sessions.
pub(super) struct RecordHeader {
    pub(super) subject: String,
    pub(super) removals: Vec<Removal>,
    pub(super) defaults: SessionDefaults,
}

/// What most sessions of a record have in common: each says only where it differs.
#[derive(Clone, Default)]
pub(super) struct SessionDefaults {
    auth_context: AuthContext,
    idle_timeout: TimeDelta,
    absolute_timeout: TimeDelta,
}

/// The key of its chain, and how its user proved who they are.
#[derive(Clone, Default, PartialEq, Eq)]
struct AuthContext {
    key_tag: KeyTag,
    acr: Option<String>,
    amr: Vec<String>,
}

/// The beginning of a record, and its sessions.
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
    usual: &SessionDefaults,
) {
    to.write_bytes(subject.as_bytes());
    to.write_length(removals.len());
    removals.iter().for_each(|removal| removal.encode(to));
    usual.encode(to);
}

/// At least as many bytes as it takes.
pub(super) fn max_record_header_bytes(
    subject: &str,
    removals: &[Removal],
    usual: &SessionDefaults,
) -> usize {
    let texts = usual
        .auth_context
        .amr
        .iter()
        .chain(&usual.auth_context.acr)
        .map(String::len)
        .fold(subject.len(), usize::saturating_add);
    removals
        .len()
        .saturating_mul(MAX_REMOVAL_BYTES)
        .saturating_add(texts)
        .saturating_add(MAX_FIXED_BYTES)
}

/// What is read of every session.
///
/// # Errors
/// [`ErrorCode::RecordCorrupt`].
pub(super) fn decode_summary(bytes: &[u8], usual: &SessionDefaults) -> Result<SessionSummary> {
    SessionHeader::decode(&mut ByteReader(bytes), usual)
        .map(|front| front.summary)
        .ok_or(Error::from(ErrorCode::RecordCorrupt))
}

/// A session.
///
/// # Errors
/// [`ErrorCode::RecordCorrupt`].
pub(super) fn decode_session(bytes: &[u8], usual: &SessionDefaults) -> Result<SessionRecord> {
    let mut from = ByteReader(bytes);
    let session = SessionHeader::decode(&mut from, usual)
        .and_then(|front| decode_body(front, &mut from, usual));
    session.filter(|_| from.0.is_empty()).ok_or(Error::from(ErrorCode::RecordCorrupt))
}

/// The bytes of a session.
pub(super) fn encode_session(
    session: &SessionRecord,
    usual: &SessionDefaults,
) -> Zeroizing<Vec<u8>> {
    let SessionRecord { created_at, rotated_at, generation, .. } = *session;
    let mut to = ByteWriter(Vec::with_capacity(max_session_bytes(session)));
    to.write_raw(&session.local_id.0);
    to.write_raw(session.secret_hash.expose());
    to.write_varint(created_at.ms());
    to.write_time_delta(TimeDelta::between(created_at, rotated_at));
    to.write_time_delta(
        TimeDelta::between(rotated_at, session.idle_deadline).saturating_sub(usual.idle_timeout),
    );
    to.write_time_delta(
        TimeDelta::between(created_at, session.absolute_deadline)
            .saturating_sub(usual.absolute_timeout),
    );
    to.write_time_delta(TimeDelta::between(created_at, session.authenticated_at));
    to.write_optional(
        Some(AuthContext::from_session(session)).filter(|kind| *kind != usual.auth_context),
        |to, kind| kind.encode(to),
    );
    to.write_varint(generation.into());
    to.write_raw(&session.rotated_by.to_codes());
    to.write_optional(session.confirmed_at, |to, at| {
        to.write_time_delta(TimeDelta::between(rotated_at, at))
    });
    to.write_length(session.closed_generations.len());
    for closed in &session.closed_generations {
        to.write_varint(generation.wrapping_sub(closed.generation).into());
        to.write_time_delta(TimeDelta::between(rotated_at, closed.at));
    }
    let texts = [&session.label, &session.data, &session.claims, &session.jkt];
    let is_rare = session.step_up.is_some()
        || session.session_profile.is_some()
        || texts.into_iter().any(Option::is_some);
    to.write_optional(is_rare.then_some(texts), |to, texts| {
        to.write_optional(session.step_up, |to, step_up| encode_step_up(to, session, step_up));
        texts.into_iter().for_each(|text| to.write_optional_text(text.as_ref()));
        to.write_raw(
            &session.session_profile.as_ref().map(SessionProfile::to_bytes).unwrap_or_default(),
        );
    });
    Zeroizing::new(to.0)
}

/// At least as many as a session takes: a buffer that grows leaves a copy behind.
pub(super) fn max_session_bytes(session: &SessionRecord) -> usize {
    let texts = [&session.acr, &session.label, &session.data, &session.claims, &session.jkt];
    let texts = session.amr.iter().chain(texts.into_iter().flatten());
    texts.map(String::len).fold(MAX_FIXED_BYTES, usize::saturating_add)
}

/// What a session begins with.
struct SessionHeader {
    summary: SessionSummary,
    created_at: Timestamp,
    secret_hash: SecretHash,
}

impl SessionHeader {
    fn decode(from: &mut ByteReader<'_>, usual: &SessionDefaults) -> Option<Self> {
        let sid = LocalSessionId(*from.read_array()?);
        let secret_hash = SecretHash::from(*from.read_array()?);
        let created_at = Timestamp::from_ms(from.read_varint()?);
        let rotated_at = from.read_time_delta()?.after(created_at);
        let idle_deadline =
            from.read_time_delta()?.saturating_add(usual.idle_timeout).after(rotated_at);
        let absolute_deadline =
            from.read_time_delta()?.saturating_add(usual.absolute_timeout).after(created_at);
        let head = SessionSummary { local_id: sid, rotated_at, idle_deadline, absolute_deadline };
        Some(Self { summary: head, created_at, secret_hash })
    }
}

fn decode_body(
    front: SessionHeader,
    from: &mut ByteReader<'_>,
    usual: &SessionDefaults,
) -> Option<SessionRecord> {
    let SessionHeader { summary: head, created_at, secret_hash } = front;
    let SessionSummary { local_id: sid, rotated_at, idle_deadline, absolute_deadline } = head;
    let authenticated_at = from.read_time_delta()?.after(created_at);
    let AuthContext { key_tag, acr, amr } =
        from.read_optional(AuthContext::decode)?.unwrap_or_else(|| usual.auth_context.clone());
    let generation = from.read_varint_u32()?;
    let rotated_by = ClientFamily::from_codes(*from.read_array()?);
    let confirmed_at =
        from.read_optional(ByteReader::read_time_delta)?.map(|at| at.after(rotated_at));
    let closed = from.read_list(|from| {
        let before = from.read_varint_u32()?;
        Some(ClosedGeneration {
            generation: generation.wrapping_sub(before),
            at: from.read_time_delta()?.after(rotated_at),
        })
    })?;
    let optional_fields = from.read_optional(|from| {
        let step_up =
            from.read_optional(|from| decode_step_up(from, generation, authenticated_at))?;
        let mut text = || from.read_optional_text();
        let (label, data, claims, jkt) = (text()?, text()?, text()?, text()?);
        let rest = std::mem::take(&mut from.0);
        let session_profile =
            if rest.is_empty() { None } else { Some(SessionProfile::from_bytes(rest)?) };
        Some((step_up, label, data, claims, jkt, session_profile))
    })?;
    let (step_up, label, data, claims, jkt, companion) = optional_fields.unwrap_or_default();
    Some(SessionRecord {
        local_id: sid,
        created_at,
        authenticated_at,
        acr,
        amr,
        generation,
        secret_hash,
        key_tag,
        rotated_at,
        rotated_by,
        confirmed_at,
        closed_generations: closed,
        step_up,
        idle_deadline,
        absolute_deadline,
        label,
        data,
        claims,
        jkt,
        session_profile: companion,
    })
}

fn encode_step_up(to: &mut ByteWriter, session: &SessionRecord, step_up: StepUpRecord) {
    to.write_varint(session.generation.wrapping_sub(step_up.generation).into());
    to.write_time_delta(TimeDelta::between(session.authenticated_at, step_up.at));
    to.write_raw(&step_up.rotated_by.to_codes());
    to.write_optional(step_up.closed_at, |to, at| {
        to.write_time_delta(TimeDelta::between(step_up.at, at))
    });
}

fn decode_step_up(
    from: &mut ByteReader<'_>,
    generation: u32,
    authenticated_at: Timestamp,
) -> Option<StepUpRecord> {
    let generation = generation.wrapping_sub(from.read_varint_u32()?);
    let at = from.read_time_delta()?.after(authenticated_at);
    let rotated_by = ClientFamily::from_codes(*from.read_array()?);
    let closed_at = from.read_optional(ByteReader::read_time_delta)?.map(|closed| closed.after(at));
    Some(StepUpRecord { generation, at, rotated_by, closed_at })
}

impl SessionDefaults {
    /// What would be the usual, if all were like this one.
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
    fn from_session(session: &SessionRecord) -> Self {
        Self { key_tag: session.key_tag, acr: session.acr.clone(), amr: session.amr.clone() }
    }

    fn encode(&self, to: &mut ByteWriter) {
        to.write_raw(&self.key_tag);
        to.write_optional_text(self.acr.as_ref());
        to.write_length(self.amr.len());
        self.amr.iter().for_each(|method| to.write_bytes(method.as_bytes()));
    }

    fn decode(from: &mut ByteReader<'_>) -> Option<Self> {
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
        let sid = LocalSessionId(*from.read_array()?);
        let [cause] = *from.read_array()?;
        Some(Self {
            local_id: sid,
            reason: RemovalReason::from_code(cause)?,
            until: Timestamp::from_ms(from.read_varint()?),
        })
    }
}
