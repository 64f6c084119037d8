//! Session events, for logs and alerts. An event holds no secret and no name: IDs are hashed.

use super::context::DecisionContext;
use crate::formats::id::{LocalSessionId, SubjectIndexKey};
use crate::foundation::base64url;
use crate::foundation::hash;
use crate::foundation::time::Timestamp;
use crate::risk::{RiskAssessment, RiskEventKind, RiskResponse};
use serde::{Serialize, Serializer};

/// The kind of a session event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEventKind {
    /// A sign-in began a session.
    SignedIn,
    /// A refresh succeeded, with a rotation or with an access token only.
    Refreshed,
    /// A client whose response was lost got the current token once more.
    SuccessorReissued,
    /// A token was ahead of the record, which was restored or has lost a write.
    AheadOfRecord,
    /// A request lost against another refresh of the same client.
    RefreshSuperseded,
    /// A superseded token was used outside its window, and the session was revoked.
    ReuseDetected,
    /// Sessions were revoked by a call or a sign-out.
    SessionRevoked,
    /// The session limit removed a session.
    SessionEvicted,
    /// The user authenticated more strongly.
    SteppedUp,
    /// A token of an expired session was presented.
    SessionExpired,
    /// A token of a removed or unknown session was presented.
    RefreshRejected,
    /// A request was unusual for its user.
    AnomalyDetected,
}

/// An event of a decision. An event is true only if the decision's write landed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionEvent {
    /// The kind of the event.
    #[serde(rename = "type")]
    pub kind: SessionEventKind,
    /// The time of the event, in milliseconds since 1970.
    #[serde(serialize_with = "as_number")]
    pub at_ms: Timestamp,
    /// The subject index key: a keyed hash of the subject.
    pub subject_key: String,
    /// A hash of the session ID.
    pub session_key: Option<String>,
    /// The number of removed sessions, where an operation may remove several.
    pub count: Option<u32>,
    /// The rotation decision, where a refresh token was presented.
    pub rotation: Option<RotationDetails>,
    /// The risk assessment, where the request was scored.
    pub risk: Option<RiskReport>,
}

/// A risk assessment, and the response of the policy.
#[derive(Debug, Clone)]
pub struct RiskReport {
    /// The kind of event that was scored.
    pub kind: RiskEventKind,
    /// The score, the evidence, the reasons and the action.
    pub assessment: RiskAssessment,
    /// The policy's response to the action.
    pub response: RiskResponse,
}

/// How a rotation decision came about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RotationDetails {
    /// The row of the rotation table, such as `6a`.
    pub row: &'static str,
    /// The verdict of the row.
    pub verdict: &'static str,
    /// The milliseconds since the last rotation.
    pub ms_since_rotation: Option<f64>,
    /// The record's generation minus the presented generation.
    pub generation_distance: Option<f64>,
    /// Whether another client family presented the token than the one that rotated last, or `None`
    /// where one of them does not name itself.
    pub client_changed: Option<bool>,
}

impl SessionEvent {
    pub(super) fn new(
        context: &DecisionContext<'_>,
        kind: SessionEventKind,
        sid: Option<LocalSessionId>,
    ) -> Self {
        Self {
            kind,
            at_ms: context.now,
            subject_key: subject_key(&context.key),
            session_key: sid.map(|sid| session_key(&sid)),
            count: None,
            rotation: None,
            risk: None,
        }
    }
}

/// The size of a row with ten reasons, in bytes.
const TYPICAL_ROW_BYTES: usize = 208;

impl RiskReport {
    /// Encodes the report as a row of 64-bit floats: kind, score, evidence, action, response,
    /// missing signals as bits, then each reason with its evidence in nats. Enums are encoded as
    /// their index.
    ///
    /// measured: see performance.md, Risk report as a row
    pub fn encode(&self) -> Vec<u8> {
        let Self { kind, assessment, response } = self;
        let head = [
            f64::from(*kind as u8),
            assessment.score,
            assessment.evidence,
            f64::from(assessment.action as u8),
            f64::from(*response as u8),
            f64::from(assessment.missing_signals.0),
        ];
        let mut row = Vec::with_capacity(TYPICAL_ROW_BYTES);
        let mut push_numbers = |numbers: &[f64]| {
            numbers.iter().for_each(|number| row.extend_from_slice(&number.to_le_bytes()))
        };
        push_numbers(&head);
        assessment
            .reasons
            .iter()
            .for_each(|(reason, nats)| push_numbers(&[f64::from(*reason as u8), *nats]));
        row
    }
}

impl Serialize for RiskReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.encode())
    }
}

fn subject_key(key: &SubjectIndexKey) -> String {
    base64url::encode_public(&key.0)
}

/// Hashes a local session ID to 16 bytes, which is enough to tell sessions apart.
fn session_key(sid: &LocalSessionId) -> String {
    let hash = hash::sha256(&["portcullis/1/session-key".as_bytes(), &sid.0]);
    base64url::encode_public(hash.get(..16).unwrap_or_default())
}

/// JavaScript's numbers hold milliseconds exactly (below 2^53).
pub(super) fn as_number<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.ms() as f64)
}
