//! Floor 2. One session, and what happens to it.

use crate::formats::client_family::ClientFamily;
use crate::formats::id::LocalSessionId;
use crate::formats::key_ring::KeyTag;
use crate::foundation::secret::Secret;
use crate::foundation::time::Timestamp;
use crate::risk::SessionProfile;
use serde::Serialize;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// How many closed generations are remembered. A straggler is told from a thief as long as its own
/// is: so this many times the throttle should be no less than `flight` and what the clocks differ.
pub const MAX_CLOSED_GENERATIONS: usize = 4;

/// What a record is asked about every session of it. The rest of a session is read once that
/// session is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSummary {
    /// Its name in this record.
    pub local_id: LocalSessionId,
    /// The last rotation (at first: the sign-in).
    pub rotated_at: Timestamp,
    /// Over, if not refreshed before.
    pub idle_deadline: Timestamp,
    /// Over, whatever happens.
    pub absolute_deadline: Timestamp,
}

/// One session. How it is stored: `stored`.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// Its name in this record.
    pub local_id: LocalSessionId,
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
    pub rotated_by: ClientFamily,
    /// When somebody first used an access token of this generation, or presented its refresh token.
    pub confirmed_at: Option<Timestamp>,
    /// When earlier generations were closed, the latest last; [`CLOSED_KEPT`] of them.
    pub closed_generations: Vec<ClosedGeneration>,
    /// The last step-up.
    pub step_up: Option<StepUpRecord>,
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
    /// Thumbprint (RFC 7638) of the key that whoever presents a token must hold: the `jkt` of its
    /// `cnf` (RFC 9449).
    pub jkt: Option<String>,
    /// What scoring remembers of who uses it.
    pub session_profile: Option<SessionProfile>,
}

/// When a generation was closed: the next one was first confirmed, or rotated away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedGeneration {
    /// Which.
    pub generation: u32,
    /// When.
    pub at: Timestamp,
}

/// The user proved more of who they are: tokens from before must not inherit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepUpRecord {
    /// The first generation after it.
    pub generation: u32,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub rotated_by: ClientFamily,
    /// When its generation was first confirmed, or rotated away.
    pub closed_at: Option<Timestamp>,
}

/// The hash of a refresh token's secret. Compared in constant time, like the secret.
#[derive(Debug, Clone)]
pub struct SecretHash(Secret<32>);

/// A session that was ended before its time, so that a refusal can say why.
#[derive(Debug, Clone)]
pub struct Removal {
    /// Which.
    pub local_id: LocalSessionId,
    /// Why.
    pub reason: RemovalReason,
    /// Its absolute deadline: from then on nobody needs the answer.
    pub until: Timestamp,
}

/// Why a session was ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovalReason {
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

    /// Its bytes, to be sealed.
    pub(super) const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
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

impl SessionSummary {
    /// Whether it may still be used.
    pub fn is_active(&self, now: Timestamp) -> bool {
        now < self.expires_at()
    }

    /// The earlier of its two deadlines.
    pub fn expires_at(&self) -> Timestamp {
        self.idle_deadline.min(self.absolute_deadline)
    }
}

impl SessionRecord {
    /// What its record is asked about it.
    pub const fn summary(&self) -> SessionSummary {
        let Self { local_id: sid, rotated_at, idle_deadline, absolute_deadline, .. } = *self;
        SessionSummary { local_id: sid, rotated_at, idle_deadline, absolute_deadline }
    }

    /// Whether it may still be used.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.summary().is_active(now)
    }

    /// When a generation was closed, if that is known.
    pub fn closed_at(&self, generation: u32) -> Option<Timestamp> {
        if generation.checked_add(1) == Some(self.generation) {
            return self.confirmed_at;
        }
        self.closed_generations
            .iter()
            .find(|closed| closed.generation == generation)
            .map(|closed| closed.at)
    }

    /// The current generation is used for the first time: what came before is closed.
    pub fn confirm(&mut self, now: Timestamp) {
        self.confirmed_at.get_or_insert(now);
        if let Some(step_up) =
            self.step_up.as_mut().filter(|step_up| step_up.generation == self.generation)
        {
            step_up.closed_at.get_or_insert(now);
        }
    }

    /// The current generation is rotated away at `now` by `sender`; the next one has this secret
    /// and key.
    pub fn rotate(
        &mut self,
        hash: SecretHash,
        key_tag: KeyTag,
        sender: ClientFamily,
        now: Timestamp,
    ) {
        self.confirm(now);
        if let (Some(generation), Some(at)) = (self.generation.checked_sub(1), self.confirmed_at) {
            self.closed_generations.push(ClosedGeneration { generation, at });
            let surplus = self.closed_generations.len().saturating_sub(MAX_CLOSED_GENERATIONS);
            self.closed_generations.drain(..surplus);
        }
        self.start_generation(self.generation.saturating_add(1), hash, key_tag, sender, now);
    }

    /// A generation begins, not yet confirmed.
    pub fn start_generation(
        &mut self,
        generation: u32,
        hash: SecretHash,
        key_tag: KeyTag,
        sender: ClientFamily,
        now: Timestamp,
    ) {
        self.generation = generation;
        self.secret_hash = hash;
        self.key_tag = key_tag;
        self.rotated_by = sender;
        self.rotated_at = now;
        self.confirmed_at = None;
    }

    /// The earlier of its two deadlines.
    pub fn expires_at(&self) -> Timestamp {
        self.summary().expires_at()
    }
}

impl Zeroize for SessionRecord {
    fn zeroize(&mut self) {
        self.data.zeroize();
        self.label.zeroize();
    }
}

impl ZeroizeOnDrop for SessionRecord {}

impl Drop for SessionRecord {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl RemovalReason {
    /// As a record keeps it.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Revoked => 0,
            Self::Evicted => 1,
            Self::Reused => 2,
        }
    }

    /// What [`Cause::code`] gave.
    pub(super) fn from_code(code: u8) -> Option<Self> {
        [Self::Revoked, Self::Evicted, Self::Reused].into_iter().find(|cause| cause.code() == code)
    }
}
