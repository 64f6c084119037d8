//! How a session lies in the record: as itself, but for its times and generations, which are differences to a neighbour.
//! A time takes 6 bytes, most differences 1 to 5; a record is read and sealed whole at every rotation.

use super::{Closed, REMOVALS_KEPT, SecretHash, SessionRecord, StepUp, SubjectRecord};
use crate::id::Sid;
use crate::keys::KeyTag;
use crate::sender::Sender;
use crate::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a session takes besides its texts, and the record besides its sessions and removals, in bytes: at most, with
/// every number at its longest.
const SESSION_FIXED_MAX_BYTES: usize = 320;
/// What a removal takes, in bytes, at most.
const REMOVAL_MAX_BYTES: usize = 27;

/// The texts are borrowed on their way out, and owned on their way in.
#[derive(Serialize, Deserialize)]
struct Stored<Text, Texts> {
    sid: Sid,
    created_at: Timestamp,
    /// After `created_at`, like the next two.
    authenticated: Difference,
    rotated: Difference,
    absolute_deadline: Difference,
    acr: Text,
    amr: Texts,
    generation: u32,
    secret_hash: SecretHash,
    key_tag: KeyTag,
    written_by: Sender,
    /// After `rotated_at`, like `idle_deadline`.
    confirmed: Option<Difference>,
    idle_deadline: Difference,
    /// Before `generation`, and after `rotated_at`.
    closed: Vec<(u32, Difference)>,
    /// Before `generation`; after `authenticated_at`; and when it was closed, after it.
    step_up: Option<(u32, Difference, Sender, Option<Difference>)>,
    label: Text,
    data: Text,
    claims: Text,
    jkt: Text,
}

/// Milliseconds. Clocks differ, so it may be negative; it wraps, so every time can be told.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Difference(i64);

impl Difference {
    const fn between(earlier: Timestamp, later: Timestamp) -> Self {
        Self(later.ms().wrapping_sub(earlier.ms()).cast_signed())
    }

    const fn after(self, earlier: Timestamp) -> Timestamp {
        Timestamp::from_ms(earlier.ms().wrapping_add(self.0.cast_unsigned()))
    }
}

impl Serialize for SessionRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { created_at, rotated_at, authenticated_at, generation, .. } = *self;
        let closed = |one: &Closed| (generation.wrapping_sub(one.generation), Difference::between(rotated_at, one.at));
        let step_up = |one: StepUp| {
            let closed = one.closed_at.map(|at| Difference::between(one.at, at));
            let before = generation.wrapping_sub(one.generation);
            (before, Difference::between(authenticated_at, one.at), one.written_by, closed)
        };
        let stored = Stored {
            sid: self.sid,
            created_at,
            authenticated: Difference::between(created_at, authenticated_at),
            rotated: Difference::between(created_at, rotated_at),
            absolute_deadline: Difference::between(created_at, self.absolute_deadline),
            acr: &self.acr,
            amr: &self.amr,
            generation,
            secret_hash: self.secret_hash.clone(),
            key_tag: self.key_tag,
            written_by: self.written_by,
            confirmed: self.confirmed_at.map(|at| Difference::between(rotated_at, at)),
            idle_deadline: Difference::between(rotated_at, self.idle_deadline),
            closed: self.closed.iter().map(closed).collect(),
            step_up: self.step_up.map(step_up),
            label: &self.label,
            data: &self.data,
            claims: &self.claims,
            jkt: &self.jkt,
        };
        stored.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SessionRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::<Option<String>, Vec<String>>::deserialize(deserializer)?;
        let Stored { sid, created_at, generation, .. } = stored;
        let (authenticated_at, rotated_at) = (stored.authenticated.after(created_at), stored.rotated.after(created_at));
        let closed = |(before, at): (u32, Difference)| Closed {
            generation: generation.wrapping_sub(before),
            at: at.after(rotated_at),
        };
        let step_up = |(before, at, written_by, closed): (u32, Difference, Sender, Option<Difference>)| {
            let at = at.after(authenticated_at);
            let closed_at = closed.map(|closed| closed.after(at));
            StepUp { generation: generation.wrapping_sub(before), at, written_by, closed_at }
        };
        Ok(Self {
            sid,
            created_at,
            authenticated_at,
            acr: stored.acr,
            amr: stored.amr,
            generation,
            secret_hash: stored.secret_hash,
            key_tag: stored.key_tag,
            rotated_at,
            written_by: stored.written_by,
            confirmed_at: stored.confirmed.map(|at| at.after(rotated_at)),
            closed: stored.closed.into_iter().map(closed).collect(),
            step_up: stored.step_up.map(step_up),
            idle_deadline: stored.idle_deadline.after(rotated_at),
            absolute_deadline: stored.absolute_deadline.after(created_at),
            label: stored.label,
            data: stored.data,
            claims: stored.claims,
            jkt: stored.jkt,
        })
    }
}

impl SubjectRecord {
    /// At least as many bytes as its encoding takes.
    pub(super) fn most_bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let session = |session: &SessionRecord| {
            let amr: usize = session.amr.iter().map(String::len).sum();
            let texts = [&session.acr, &session.label, &session.data, &session.claims, &session.jkt].map(text);
            texts.into_iter().fold(amr, usize::saturating_add).saturating_add(SESSION_FIXED_MAX_BYTES)
        };
        let sessions = self.sessions.iter().map(session).fold(0, usize::saturating_add);
        let fixed = self.subject.len().saturating_add(REMOVALS_KEPT.saturating_mul(REMOVAL_MAX_BYTES));
        sessions.saturating_add(fixed).saturating_add(SESSION_FIXED_MAX_BYTES)
    }
}
