//! What a decision says: to the store, and to the caller.

use super::context::DecisionContext;
use super::session_event::{RiskReport, RotationDetails, SessionEvent, as_number};
use crate::formats::id::{SessionId, SubjectIndexKey};
use crate::foundation::error::{Error, ErrorCode, RejectionReason, Result};
use crate::foundation::secret::SecretText;
use crate::foundation::time::Timestamp;
use crate::model::record::{MAX_RECORD_BYTES, SessionRecord, SubjectRecord};
use serde::Serialize;

/// Headers of an answer, in order.
pub type Headers = Vec<(&'static str, SecretText)>;

/// What an operation needs.
#[derive(Debug)]
pub enum Plan {
    /// The record of this subject.
    Read(SubjectIndexKey),
    /// Nothing: this is the outcome.
    Done(Box<Outcome>),
}

/// What to write, and what is true once it is written.
#[derive(Debug, Serialize)]
pub struct Decision {
    /// Absent: nothing to write, the outcome is true now.
    pub write: Option<RecordWrite>,
    /// True only if the write landed.
    pub outcome: Outcome,
    /// What happened, for logs; true only if the write landed.
    pub events: Vec<SessionEvent>,
}

/// A sealed record for the store.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordWrite {
    /// The bytes.
    #[serde(with = "serde_bytes")]
    pub value: Vec<u8>,
    /// From when on the store may forget them.
    #[serde(serialize_with = "as_number")]
    pub expires_at_ms: Timestamp,
}

/// What is true.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// A session began.
    SignedIn {
        /// It.
        session: SessionView,
        /// Its first access token.
        access_token: SecretText,
        /// Its first refresh token, where that does not travel in a cookie.
        refresh_token: Option<SecretText>,
        /// Both cookies.
        headers: Headers,
        /// How strange the sign-in was, where the host told where it comes from.
        risk: Option<RiskReport>,
    },
    /// A session goes on.
    Refreshed {
        /// It.
        session: SessionView,
        /// A new access token.
        access_token: SecretText,
        /// The new refresh token, where there is one and it does not travel in a cookie.
        refresh_token: Option<SecretText>,
        /// Whether there is a new refresh token too.
        rotated: bool,
        /// The cookies that changed.
        headers: Headers,
        /// How strange the request was, where the host told where it comes from.
        risk: Option<RiskReport>,
    },
    /// The request's session is over.
    SignedOut {
        /// Whether it was alive.
        revoked: bool,
        /// Both cookies cleared.
        headers: Headers,
    },
    /// Sessions were ended.
    Revoked {
        /// How many of them were alive.
        count: u32,
    },
    /// The living sessions of a subject, the most recently used first.
    Listed {
        /// They.
        sessions: Vec<SessionView>,
    },
    /// A request is good, and so is its session.
    Checked {
        /// It.
        session: SessionView,
        /// Every claim of the access token, as JSON text.
        claims: String,
        /// How strange the request was, where the host told where it comes from.
        risk: Option<RiskReport>,
    },
    /// A session by its id; absent where it is over.
    Found {
        /// It.
        session: Option<SessionView>,
    },
    /// What scoring remembers of a subject; or what it remembered, where it was to be forgotten.
    Profile {
        /// The profile in its stored form, where there is one.
        #[serde(with = "serde_bytes")]
        profile: Option<Vec<u8>>,
    },
    /// The first use of a generation was written down, or there was nothing to write.
    Confirmed {
        /// Whether it was news.
        confirmed: bool,
    },
    /// An expected refusal.
    Rejected(Rejection),
}

/// A refusal, ready to be answered.
#[derive(Debug, Serialize)]
pub struct Rejection {
    /// The stable code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What to do.
    pub message: &'static str,
    /// Clears cookies only where the session is truly over.
    pub headers: Headers,
    /// How it came about, where a refresh token was presented.
    pub rotation: Option<RotationDetails>,
    /// How strange the request was, where that was the reason.
    pub risk: Option<RiskReport>,
    /// Who has to prove more of who they are, where that would help.
    pub subject: Option<String>,
}

/// A session as its owner may see it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionView {
    id: String,
    subject: String,
    #[serde(serialize_with = "as_number")]
    created_at_ms: Timestamp,
    #[serde(serialize_with = "as_number")]
    authenticated_at_ms: Timestamp,
    #[serde(serialize_with = "as_number")]
    rotated_at_ms: Timestamp,
    generation: u32,
    #[serde(serialize_with = "as_number")]
    idle_deadline_ms: Timestamp,
    #[serde(serialize_with = "as_number")]
    absolute_deadline_ms: Timestamp,
    acr: Option<String>,
    amr: Vec<String>,
    label: Option<String>,
    /// JSON text.
    data: Option<String>,
}

impl Plan {
    /// No record is needed.
    pub(super) fn done(outcome: Outcome) -> Self {
        Self::Done(Box::new(outcome))
    }
}

impl Decision {
    /// A decision that writes nothing.
    pub const fn without_write(outcome: Outcome) -> Self {
        Self { write: None, outcome, events: Vec::new() }
    }

    /// Refuses to write a record that has outgrown its limit.
    ///
    /// # Errors
    /// [`ErrorCode::RecordTooLarge`].
    pub(super) fn check_record_size(self) -> Result<Self> {
        match &self.write {
            Some(write) if write.value.len() > MAX_RECORD_BYTES => {
                Err(Error::from(ErrorCode::RecordTooLarge))
            }
            _ => Ok(self),
        }
    }

    /// The same, with what happened.
    pub(super) fn with_events(mut self, events: impl IntoIterator<Item = SessionEvent>) -> Self {
        self.events.extend(events);
        self
    }

    /// A decision that writes this record.
    pub(super) fn with_write(
        context: &DecisionContext<'_>,
        record: &SubjectRecord,
        nonce: &[u8; 24],
        outcome: Outcome,
    ) -> Result<Self> {
        let value = record.seal_with_nonce(
            context.site.key_ring.current_key(context.now),
            &context.key,
            nonce,
        )?;
        let write = RecordWrite { value, expires_at_ms: record.expires_at(context.now) };
        Ok(Self { write: Some(write), outcome, events: Vec::new() })
    }
}

impl Outcome {
    /// Says how strange the request was, where the answer has room for it.
    pub(super) fn set_risk(&mut self, view: RiskReport) {
        match self {
            Self::SignedIn { risk, .. }
            | Self::Refreshed { risk, .. }
            | Self::Checked { risk, .. } => *risk = Some(view),
            _ => (),
        }
    }

    /// A refusal that leaves the cookies alone.
    pub fn rejected(reason: RejectionReason) -> Self {
        Self::Rejected(Rejection::new(reason, Headers::new()))
    }
}

impl Rejection {
    /// A refusal with its headers.
    pub const fn new(reason: RejectionReason, headers: Headers) -> Self {
        Self {
            code: reason.code(),
            status: reason.status(),
            message: reason.message(),
            headers,
            rotation: None,
            risk: None,
            subject: None,
        }
    }
}

impl SessionView {
    pub(super) fn new(
        context: &DecisionContext<'_>,
        subject: &str,
        session: &SessionRecord,
    ) -> Self {
        Self {
            id: SessionId { subject: context.key, local_id: session.local_id }.encode(),
            subject: subject.to_owned(),
            created_at_ms: session.created_at,
            authenticated_at_ms: session.authenticated_at,
            rotated_at_ms: session.rotated_at,
            generation: session.generation,
            idle_deadline_ms: session.idle_deadline,
            absolute_deadline_ms: session.absolute_deadline,
            acr: session.acr.clone(),
            amr: session.amr.clone(),
            label: session.label.clone(),
            data: session.data.clone(),
        }
    }
}
