//! One session of a record, and the changes that it goes through.

use crate::formats::client_family::ClientFamily;
use crate::formats::id::LocalSessionId;
use crate::formats::key_ring::KeyTag;
use crate::foundation::secret::Secret;
use crate::foundation::time::{Seconds, Timestamp};
use crate::risk::SessionProfile;
use serde::Serialize;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The most closed generations that a session keeps. Only a client that rotates more often than
/// every other second within the default in-flight window closes more.
pub const MAX_CLOSED_GENERATIONS: usize = 64;

/// The part of a session that a record reads for every session. The rest is decoded when the
/// session is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionSummary {
    /// The local session ID within the record.
    pub local_id: LocalSessionId,
    /// The time of the last rotation, or of the sign-in.
    pub rotated_at: Timestamp,
    /// The session expires at this time unless it is refreshed before.
    pub idle_deadline: Timestamp,
    /// The session expires at this time in any case.
    pub absolute_deadline: Timestamp,
}

/// A whole session. `session_codec` encodes it.
#[derive(Debug, Clone)]
pub struct SessionRecord {
    /// The local session ID within the record.
    pub local_id: LocalSessionId,
    /// The time of the sign-in.
    pub created_at: Timestamp,
    /// The time at which the user last authenticated.
    pub authenticated_at: Timestamp,
    /// The authentication context class, which becomes the claim `acr`.
    pub acr: Option<String>,
    /// The authentication methods, which become the claim `amr` (RFC 8176).
    pub amr: Vec<String>,
    /// The generation of the current refresh token.
    pub generation: u32,
    /// The hash of the current token's secret.
    pub secret_hash: SecretHash,
    /// The tag of the ring key that authenticates the chain.
    pub key_tag: KeyTag,
    /// The time of the last rotation, or of the sign-in.
    pub rotated_at: Timestamp,
    /// The client family of the last rotation whose client named itself.
    pub rotated_by: ClientFamily,
    /// The first use of the current generation, by its access token or its refresh token.
    pub confirmed_at: Option<Timestamp>,
    /// The closings of earlier generations within the in-flight window, oldest first, at most
    /// [`MAX_CLOSED_GENERATIONS`].
    pub closed_generations: Vec<ClosedGeneration>,
    /// The last step-up of the session.
    pub step_up: Option<StepUpRecord>,
    /// The session expires at this time unless it is refreshed before.
    pub idle_deadline: Timestamp,
    /// The session expires at this time in any case.
    pub absolute_deadline: Timestamp,
    /// The application's name for the session.
    pub label: Option<String>,
    /// The application's data, as JSON text.
    pub data: Option<String>,
    /// The application's claims for every access token, as the text of a JSON object's members.
    pub claims: Option<String>,
    /// The thumbprint (RFC 7638) of the client's key: the member `jkt` of the claim `cnf` (RFC
    /// 9449).
    pub jkt: Option<String>,
    /// The short history of the client, for risk scoring.
    pub session_profile: Option<SessionProfile>,
}

/// The closing of a generation: its successor was confirmed or rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedGeneration {
    /// The generation that was closed.
    pub generation: u32,
    /// The time of the closing.
    pub at: Timestamp,
}

/// A step-up. Tokens from before must not get its assurance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepUpRecord {
    /// The first generation after the step-up.
    pub generation: u32,
    /// The time of the step-up.
    pub at: Timestamp,
    /// The client family that stepped up.
    pub rotated_by: ClientFamily,
    /// The time at which its generation was confirmed or rotated.
    pub closed_at: Option<Timestamp>,
}

/// The hash of a refresh token's secret. Like the secret, it is compared in constant time.
#[derive(Debug, Clone)]
pub struct SecretHash(Secret<32>);

/// A session that was removed before it expired, kept so that a rejection can name the reason.
#[derive(Debug, Clone)]
pub struct Removal {
    /// The local ID of the removed session.
    pub local_id: LocalSessionId,
    /// The reason of the removal.
    pub reason: RemovalReason,
    /// The absolute deadline of the session. Afterwards nobody needs the reason.
    pub until: Timestamp,
}

/// Why a session was removed before it expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovalReason {
    /// The session was signed out or revoked.
    Revoked,
    /// The session limit removed the session.
    Evicted,
    /// A superseded refresh token was used outside its window.
    Reused,
}

impl SecretHash {
    /// Takes over a hash.
    pub const fn new(hash: Secret<32>) -> Self {
        Self(hash)
    }

    /// The bytes of the hash, for the encoder.
    pub(super) const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// Whether the hashes are equal, in constant time.
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
    /// Whether the session has passed neither deadline.
    pub fn is_active(&self, now: Timestamp) -> bool {
        now < self.expires_at()
    }

    /// The earlier of the two deadlines.
    pub fn expires_at(&self) -> Timestamp {
        self.idle_deadline.min(self.absolute_deadline)
    }
}

impl SessionRecord {
    /// The part of the session that its record reads for every session.
    pub const fn summary(&self) -> SessionSummary {
        let Self { local_id, rotated_at, idle_deadline, absolute_deadline, .. } = *self;
        SessionSummary { local_id, rotated_at, idle_deadline, absolute_deadline }
    }

    /// Whether the session has passed neither deadline.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.summary().is_active(now)
    }

    /// The time at which a generation was closed, if it is known. Where closings had to be dropped
    /// for lack of room, the oldest kept one stands for those before.
    pub fn closed_at(&self, generation: u32) -> Option<Timestamp> {
        if generation.checked_add(1) == Some(self.generation) {
            return self.confirmed_at;
        }
        let kept = &self.closed_generations;
        let oldest = kept.first().filter(|oldest| {
            kept.len() >= MAX_CLOSED_GENERATIONS && generation < oldest.generation
        });
        let closed = kept.iter().find(|closed| closed.generation == generation).or(oldest);
        closed.map(|closed| closed.at)
    }

    /// Records the first use of the current generation, which closes the previous generation.
    pub fn confirm(&mut self, now: Timestamp) {
        self.confirmed_at.get_or_insert(now);
        if let Some(step_up) =
            self.step_up.as_mut().filter(|step_up| step_up.generation == self.generation)
        {
            step_up.closed_at.get_or_insert(now);
        }
    }

    /// Replaces the current generation at `now`. The next generation has this secret and key.
    /// Closings that are older than the in-flight window are dropped.
    pub fn rotate(
        &mut self,
        hash: SecretHash,
        key_tag: KeyTag,
        sender: ClientFamily,
        now: Timestamp,
        in_flight: Seconds,
    ) {
        self.confirm(now);
        if let (Some(generation), Some(at)) = (self.generation.checked_sub(1), self.confirmed_at) {
            self.closed_generations.retain(|closed| now.ms_since(closed.at) < in_flight.ms());
            self.closed_generations.push(ClosedGeneration { generation, at });
            let surplus = self.closed_generations.len().saturating_sub(MAX_CLOSED_GENERATIONS);
            self.closed_generations.drain(..surplus);
        }
        self.start_generation(self.generation.saturating_add(1), hash, key_tag, sender, now);
    }

    /// Begins a generation, which is not confirmed yet.
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
        if sender.is_named() || !self.rotated_by.is_named() {
            self.rotated_by = sender;
        }
        self.rotated_at = now;
        self.confirmed_at = None;
    }

    /// The earlier of the two deadlines.
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
    /// The stored code of the reason.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Revoked => 0,
            Self::Evicted => 1,
            Self::Reused => 2,
        }
    }

    /// The reason of a stored code.
    pub(super) fn from_code(code: u8) -> Option<Self> {
        [Self::Revoked, Self::Evicted, Self::Reused].into_iter().find(|cause| cause.code() == code)
    }
}
