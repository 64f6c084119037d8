//! The encoding of one session within a record: see the format in `record_codec`.

use super::record_codec::{AuthContext, MAX_FIXED_BYTES, SessionDefaults};
use super::session::{ClosedGeneration, SecretHash, SessionRecord, SessionSummary, StepUpRecord};
use crate::formats::client_family::ClientFamily;
use crate::formats::id::LocalSessionId;
use crate::foundation::byte_codec::{ByteReader, ByteWriter, TimeDelta};
use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::time::Timestamp;
use crate::risk::SessionProfile;
use zeroize::Zeroizing;

/// The greatest size of a closed generation: a distance and a difference of times.
const MAX_CLOSING_BYTES: usize = 15;

/// Decodes the beginning of a session.
///
/// # Errors
/// [`ErrorCode::RecordCorrupt`].
pub(super) fn decode_summary(bytes: &[u8], defaults: &SessionDefaults) -> Result<SessionSummary> {
    SessionHeader::decode(&mut ByteReader(bytes), defaults)
        .map(|front| front.summary)
        .ok_or(Error::from(ErrorCode::RecordCorrupt))
}

/// Decodes a whole session.
///
/// # Errors
/// [`ErrorCode::RecordCorrupt`].
pub(super) fn decode_session(bytes: &[u8], defaults: &SessionDefaults) -> Result<SessionRecord> {
    let mut from = ByteReader(bytes);
    let session = SessionHeader::decode(&mut from, defaults)
        .and_then(|front| decode_body(front, &mut from, defaults));
    session.filter(|_| from.0.is_empty()).ok_or(Error::from(ErrorCode::RecordCorrupt))
}

/// Encodes a whole session.
pub(super) fn encode_session(
    session: &SessionRecord,
    defaults: &SessionDefaults,
) -> Zeroizing<Vec<u8>> {
    let SessionRecord { created_at, rotated_at, generation, .. } = *session;
    let mut to = ByteWriter(Vec::with_capacity(max_session_bytes(session)));
    to.write_raw(&session.local_id.0);
    to.write_raw(session.secret_hash.expose());
    to.write_varint(created_at.ms());
    to.write_time_delta(TimeDelta::between(created_at, rotated_at));
    to.write_time_delta(
        TimeDelta::between(rotated_at, session.idle_deadline).saturating_sub(defaults.idle_timeout),
    );
    to.write_time_delta(
        TimeDelta::between(created_at, session.absolute_deadline)
            .saturating_sub(defaults.absolute_timeout),
    );
    to.write_time_delta(TimeDelta::between(created_at, session.authenticated_at));
    to.write_optional(
        Some(AuthContext::from_session(session)).filter(|kind| *kind != defaults.auth_context),
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

/// An upper bound of the encoded size, in bytes. A buffer that grows would leave a copy of its
/// secrets behind.
pub(super) fn max_session_bytes(session: &SessionRecord) -> usize {
    let texts = [&session.acr, &session.label, &session.data, &session.claims, &session.jkt];
    let texts = session.amr.iter().chain(texts.into_iter().flatten());
    let closings = session.closed_generations.len().saturating_mul(MAX_CLOSING_BYTES);
    texts.map(String::len).fold(MAX_FIXED_BYTES.saturating_add(closings), usize::saturating_add)
}

/// The beginning of an encoded session.
struct SessionHeader {
    summary: SessionSummary,
    created_at: Timestamp,
    secret_hash: SecretHash,
}

impl SessionHeader {
    fn decode(from: &mut ByteReader<'_>, defaults: &SessionDefaults) -> Option<Self> {
        let local_id = LocalSessionId(*from.read_array()?);
        let secret_hash = SecretHash::from(*from.read_array()?);
        let created_at = Timestamp::from_ms(from.read_varint()?);
        let rotated_at = from.read_time_delta()?.after(created_at);
        let idle_deadline =
            from.read_time_delta()?.saturating_add(defaults.idle_timeout).after(rotated_at);
        let absolute_deadline =
            from.read_time_delta()?.saturating_add(defaults.absolute_timeout).after(created_at);
        let summary = SessionSummary { local_id, rotated_at, idle_deadline, absolute_deadline };
        Some(Self { summary, created_at, secret_hash })
    }
}

fn decode_body(
    front: SessionHeader,
    from: &mut ByteReader<'_>,
    defaults: &SessionDefaults,
) -> Option<SessionRecord> {
    let SessionHeader { summary, created_at, secret_hash } = front;
    let SessionSummary { local_id, rotated_at, idle_deadline, absolute_deadline } = summary;
    let authenticated_at = from.read_time_delta()?.after(created_at);
    let AuthContext { key_tag, acr, amr } =
        from.read_optional(AuthContext::decode)?.unwrap_or_else(|| defaults.auth_context.clone());
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
    let (step_up, label, data, claims, jkt, session_profile) = optional_fields.unwrap_or_default();
    Some(SessionRecord {
        local_id,
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
        session_profile,
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
