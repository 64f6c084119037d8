//! What happened, for logs and alarms. An event holds no secret and no name: ids are hashed.

use super::Scene;
use crate::base64url;
use crate::id::{Sid, SubjectKey};
use crate::risk::{Assessment, Kind, Response};
use crate::time::Timestamp;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A session began.
    SignIn,
    /// A refresh token was spent for the next one, or a new access token was given.
    Refresh,
    /// A client that missed an answer got the same one again.
    Retry,
    /// The record had been restored, or had lost a write.
    Restored,
    /// A request was overtaken by another of the same client.
    Superseded,
    /// A spent token was used again: the session was ended.
    Reuse,
    /// Sessions were ended from outside.
    Revoked,
    /// A session made room for a newer one.
    Evicted,
    /// The user proved more of who they are.
    StepUp,
    /// A session was past its deadline.
    Expired,
    /// A refresh token of a session that is over already was presented.
    Refused,
    /// A request was strange for its user.
    Anomaly,
}

/// Something that happened, true once the decision's write landed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// What.
    #[serde(rename = "type")]
    pub kind: EventKind,
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
    pub risk: Option<RiskView>,
}

/// How strange a request was, why, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RiskView {
    /// `sign_in`, `refresh`, `request` or `step_up`.
    pub kind: &'static str,
    /// 0 to 100; 30 where nothing is known.
    pub score: f64,
    /// Nats.
    pub evidence: f64,
    /// `allow`, `step_up` or `revoke`.
    pub action: &'static str,
    /// What the policy made of it: `allow`, `log`, `shorten`, `step_up` or `revoke`.
    pub response: &'static str,
    /// What contributed, in nats.
    pub reasons: Vec<(&'static str, f64)>,
    /// What the host did not tell.
    pub blind: Vec<&'static str>,
}

/// How a decision on a refresh token came about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RotationDetails {
    /// The row of the table.
    pub row: &'static str,
    /// Its answer.
    pub cause: &'static str,
    /// Milliseconds since the last rotation.
    pub ms_since_rotation: Option<f64>,
    /// The record's generation less the presented one.
    pub generation_distance: Option<f64>,
    /// Whether another kind of client presented it than the one that rotated last.
    pub sender_changed: Option<bool>,
}

impl Event {
    pub(super) fn new(scene: &Scene<'_>, kind: EventKind, sid: Option<Sid>) -> Self {
        Self {
            kind,
            at_ms: scene.now,
            subject_key: subject_key(&scene.key),
            session_key: sid.map(|sid| session_key(&sid)),
            count: None,
            rotation: None,
            risk: None,
        }
    }
}

impl RiskView {
    /// As it is told.
    pub fn new(kind: Kind, assessment: &Assessment, response: Response) -> Self {
        let Assessment { score, evidence, ref reasons, action, blind } = *assessment;
        Self {
            kind: kind.word(),
            score,
            evidence,
            action: action.word(),
            response: response.word(),
            reasons: reasons.iter().map(|(reason, nats)| (reason.word(), *nats)).collect(),
            blind: blind.names().collect(),
        }
    }
}

fn subject_key(key: &SubjectKey) -> String {
    base64url::encode_public(&key.0)
}

/// 16 of the 32 bytes: enough to tell sessions apart.
fn session_key(sid: &Sid) -> String {
    let hash = Sha256::new().chain_update("portcullis/1/session-key").chain_update(sid.0).finalize();
    base64url::encode_public(hash.get(..16).unwrap_or_default())
}

/// JavaScript's numbers hold milliseconds exactly (below 2^53).
pub(super) fn as_number<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.ms() as f64)
}
