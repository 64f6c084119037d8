//! What happened, for logs and alarms. An event holds no secret and no name: ids are hashed.

use super::context::DecisionContext;
use crate::formats::id::{LocalSessionId, SubjectIndexKey};
use crate::foundation::base64url;
use crate::foundation::hash;
use crate::foundation::time::Timestamp;
use crate::risk::{RiskAssessment, RiskEventKind, RiskResponse};
use serde::{Serialize, Serializer};

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEventKind {
    /// A session began.
    SignedIn,
    /// A refresh token was spent for the next one, or a new access token was given.
    Refreshed,
    /// A client that missed an answer got the same one again.
    SuccessorReissued,
    /// The record had been restored, or had lost a write.
    AheadOfRecord,
    /// A request was overtaken by another of the same client.
    RefreshSuperseded,
    /// A spent token was used again: the session was ended.
    ReuseDetected,
    /// Sessions were ended from outside.
    SessionRevoked,
    /// A session made room for a newer one.
    SessionEvicted,
    /// The user proved more of who they are.
    SteppedUp,
    /// A session was past its deadline.
    SessionExpired,
    /// A refresh token of a session that is over already was presented.
    RefreshRejected,
    /// A request was strange for its user.
    AnomalyDetected,
}

/// Something that happened, true once the decision's write landed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionEvent {
    /// What.
    #[serde(rename = "type")]
    pub kind: SessionEventKind,
    /// When.
    #[serde(serialize_with = "as_number")]
    pub at_ms: Timestamp,
    /// Whose: the name of the record, a keyed hash of the subject.
    pub subject_key: String,
    /// Which session: a hash of its id.
    pub session_key: Option<String>,
    /// How many sessions were ended, where several may be.
    pub count: Option<u32>,
    /// How the decision came about, where a refresh token was presented.
    pub rotation: Option<RotationDetails>,
    /// How strange a request was, and why.
    pub risk: Option<RiskReport>,
}

/// How strange a request was, and what came of it.
#[derive(Debug, Clone)]
pub struct RiskReport {
    /// What was scored.
    pub kind: RiskEventKind,
    /// The score, its reasons, the action.
    pub assessment: RiskAssessment,
    /// What the policy made of the action.
    pub response: RiskResponse,
}

/// How a decision on a refresh token came about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RotationDetails {
    /// The row of the table.
    pub row: &'static str,
    /// Its answer.
    pub verdict: &'static str,
    /// Milliseconds since the last rotation.
    pub ms_since_rotation: Option<f64>,
    /// The record's generation less the presented one.
    pub generation_distance: Option<f64>,
    /// Whether another kind of client presented it than the one that rotated last.
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

/// Of ten reasons.
const TYPICAL_ROW_BYTES: usize = 208;

impl RiskReport {
    /// A row of 64-bit floats, which crosses in a tenth of the time of an object: kind, score,
    /// evidence, action, response, blind bits, then a reason and its nats, as often as there are
    /// some. Words are places in their tables.
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
        let mut tell = |numbers: &[f64]| {
            numbers.iter().for_each(|number| row.extend_from_slice(&number.to_le_bytes()))
        };
        tell(&head);
        assessment
            .reasons
            .iter()
            .for_each(|(reason, nats)| tell(&[f64::from(*reason as u8), *nats]));
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

/// 16 of the 32 bytes: enough to tell sessions apart.
fn session_key(sid: &LocalSessionId) -> String {
    let hash = hash::sha256(&["portcullis/1/session-key".as_bytes(), &sid.0]);
    base64url::encode_public(hash.get(..16).unwrap_or_default())
}

/// JavaScript's numbers hold milliseconds exactly (below 2^53).
pub(super) fn as_number<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.ms() as f64)
}
