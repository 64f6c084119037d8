//! The results of planning and deciding: plans, decisions, outcomes, rejections.

use super::context::DecisionContext;
use super::session_event::{RiskReport, RotationDetails, SessionEvent, as_number};
use crate::formats::id::{SessionId, SubjectIndexKey};
use crate::foundation::error::{Error, ErrorCode, RejectionReason, Result};
use crate::foundation::secret::SecretText;
use crate::foundation::time::Timestamp;
use crate::model::record::{MAX_RECORD_BYTES, SessionRecord, SubjectRecord};
use serde::Serialize;

/// The headers of a response, in their order.
pub type Headers = Vec<(&'static str, SecretText)>;

/// The needs of an operation before a decision.
#[derive(Debug)]
pub enum Plan {
    /// The record under this subject index key.
    Read(SubjectIndexKey),
    /// No record: the outcome is known already.
    Done(Box<Outcome>),
}

/// A write, and the outcome that is true once the write landed.
#[derive(Debug, Serialize)]
pub struct Decision {
    /// The write, or `None` where the outcome is true at once.
    pub write: Option<RecordWrite>,
    /// The outcome, which is true only if the write landed.
    pub outcome: Outcome,
    /// The events for logs, which are true only if the write landed.
    pub events: Vec<SessionEvent>,
}

/// A sealed record for the store.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordWrite {
    /// The sealed bytes of the record.
    #[serde(with = "serde_bytes")]
    pub value: Vec<u8>,
    /// The time from which the store may delete the record, in milliseconds since 1970.
    #[serde(serialize_with = "as_number")]
    pub expires_at_ms: Timestamp,
}

/// The outcome of an operation.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Outcome {
    /// A sign-in began a session.
    SignedIn {
        /// The session that began.
        session: SessionView,
        /// The first access token.
        access_token: SecretText,
        /// The first refresh token, or `None` where a cookie carries it.
        refresh_token: Option<SecretText>,
        /// The headers that set the session cookies.
        headers: Headers,
        /// The risk assessment of the sign-in, where the host gave a request context.
        risk: Option<RiskReport>,
    },
    /// A refresh or a step-up succeeded.
    Refreshed {
        /// The session after the operation.
        session: SessionView,
        /// The new access token.
        access_token: SecretText,
        /// The new refresh token, or `None` where there is none or a cookie carries it.
        refresh_token: Option<SecretText>,
        /// Whether there is a new refresh token.
        rotated: bool,
        /// The headers that set the changed cookies.
        headers: Headers,
        /// The risk assessment of the request, where the host gave a request context.
        risk: Option<RiskReport>,
    },
    /// The request's session has ended.
    SignedOut {
        /// Whether the session was active.
        revoked: bool,
        /// The headers that clear the session cookies.
        headers: Headers,
    },
    /// Sessions of a subject were revoked.
    Revoked {
        /// The number of sessions that were active.
        count: u32,
    },
    /// The active sessions of a subject, most recently used first.
    Listed {
        /// The active sessions of the subject.
        sessions: Vec<SessionView>,
    },
    /// The request is authenticated, and its session is active.
    Checked {
        /// The session of the request.
        session: SessionView,
        /// Every claim of the access token, as JSON text.
        claims: String,
        /// The risk assessment of the request, where the host gave a request context.
        risk: Option<RiskReport>,
    },
    /// A session that was looked up by its ID.
    Found {
        /// The session, or `None` where it has ended.
        session: Option<SessionView>,
    },
    /// The risk profile of a subject, or the profile that was erased.
    Profile {
        /// The encoded profile, where there is one.
        #[serde(with = "serde_bytes")]
        profile: Option<Vec<u8>>,
    },
    /// The first use of a generation was recorded, or there was nothing to record.
    Confirmed {
        /// Whether this call recorded the first use.
        confirmed: bool,
    },
    /// An expected refusal of the operation.
    Rejected(Rejection),
}

/// An expected refusal, with everything that a response needs.
#[derive(Debug, Serialize)]
pub struct Rejection {
    /// The stable code, which begins with `ERR_`.
    pub code: &'static str,
    /// The HTTP status for a response.
    pub status: u16,
    /// A sentence that says what is wrong and what to do.
    pub message: &'static str,
    /// The headers of the response. They clear cookies only where the session has ended for good.
    pub headers: Headers,
    /// The rotation decision, where a refresh token was presented.
    pub rotation: Option<RotationDetails>,
    /// The risk assessment, where it is the reason.
    pub risk: Option<RiskReport>,
    /// The subject that has to authenticate more strongly, where that would help.
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
    /// The application's data, as JSON text.
    data: Option<String>,
}

impl Plan {
    /// A plan that needs no record.
    pub(super) fn done(outcome: Outcome) -> Self {
        Self::Done(Box::new(outcome))
    }
}

impl Decision {
    /// A decision that writes nothing.
    pub const fn without_write(outcome: Outcome) -> Self {
        Self { write: None, outcome, events: Vec::new() }
    }

    /// Rejects a record that has outgrown its size limit.
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

    /// Adds events to the decision.
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
    /// Attaches a risk assessment to an outcome that can carry one.
    pub(super) fn set_risk(&mut self, view: RiskReport) {
        match self {
            Self::SignedIn { risk, .. }
            | Self::Refreshed { risk, .. }
            | Self::Checked { risk, .. } => *risk = Some(view),
            _ => (),
        }
    }

    /// A rejection that changes no cookies.
    pub fn rejected(reason: RejectionReason) -> Self {
        Self::Rejected(Rejection::new(reason, Headers::new()))
    }
}

impl Rejection {
    /// A rejection with its headers.
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
