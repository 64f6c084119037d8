//! Scores a request and applies the response of the policy. A request is scored only where the host
//! gave a request context. Learning never causes a write of its own.
//!
//! | action | response of the policy | profile learns | session learns |
//! |---|---|---|---|
//! | allow | none | yes | yes |
//! | step up, revoke | none, an event, a short access token | no | yes |
//! | step up, revoke | a rejection, a revocation | no | no |
//! | any, after a step-up | an event | yes | yes |

use super::context::DecisionContext;
use super::outcome::{Decision, Outcome, Rejection};
use super::request::RequestFacts;
use super::response_headers::clear_cookies;
use super::session_event::{RiskReport, SessionEvent, SessionEventKind};
use crate::formats::id::LocalSessionId;
use crate::foundation::error::{RejectionReason, Result};
use crate::foundation::time::{Seconds, Timestamp};
use crate::model::policy::Policy;
use crate::model::record::{RemovalReason, SessionRecord, SubjectRecord};
use crate::risk::{
    EncodedContext, FeatureHasher, RequestContext, RiskAction, RiskAssessment, RiskEventKind,
    RiskPolicyEvent as Answered, RiskProfile, RiskResponse, SessionProfile, Signals, TokenStatus,
    assess,
};

/// The prefix of the subjects of anonymous sessions. No user returns to such a subject, so that
/// scoring learns nothing about it.
const ANONYMOUS: &str = "anonymous:";
/// The lifetime of an access token after an unusual event, where the policy shortens it.
const SHORTENED_TTL: Seconds = Seconds(60);

/// The event to score.
pub(super) struct RiskQuery<'a> {
    pub(super) kind: RiskEventKind,
    pub(super) request_context: Option<&'a EncodedContext>,
    pub(super) request: &'a RequestFacts,
    pub(super) token_status: TokenStatus,
    /// Whether the user has just authenticated more strongly.
    pub(super) step_up_verified: bool,
}

/// A scored event, with the response of the policy.
pub(super) struct ScoredEvent {
    assessment: RiskAssessment,
    response: RiskResponse,
    kind: RiskEventKind,
    signals: Signals,
    hasher: FeatureHasher,
    profile: RiskProfile,
    step_up_verified: bool,
}

impl ScoredEvent {
    /// Scores an event. Gives `None` without a request context and for anonymous sessions.
    pub(super) fn assess(
        context: &DecisionContext<'_>,
        record: &SubjectRecord,
        session: Option<&SessionRecord>,
        asked: &RiskQuery<'_>,
    ) -> Option<Self> {
        let RiskQuery { kind, request, token_status, step_up_verified, .. } = *asked;
        let given =
            asked.request_context.filter(|_| !record.subject.starts_with(ANONYMOUS))?.parse(kind);
        let policy = &context.site.policy;
        let device = request.device_id(context.site);
        let request_context = RequestContext {
            token_status,
            user_agent: given.user_agent.or(request.user_agent.as_deref()),
            refreshes_per_access_ttl: given
                .refreshes_per_access_ttl
                .or_else(|| session.map(|session| count_recent_refreshes(session, context))),
            device: policy.risk.device_cookie.then_some(device.as_ref().map(<[u8; 16]>::as_slice)),
            ..given
        };
        let hasher = FeatureHasher::new(context.site.key_ring.feature_hash_key(), &context.key.0);
        let signals = Signals::from_context(&request_context, &hasher);
        let profile = record.profile();
        let session_profile = session.and_then(|session| session.session_profile);
        let assessment =
            assess(&profile, session_profile.as_ref(), &signals, &policy.risk, context.now);
        let response = response(policy, kind, assessment.action, step_up_verified);
        Some(Self { assessment, response, kind, signals, hasher, profile, step_up_verified })
    }

    /// The rejection, where the policy asks for one. A rejection that asks for a step-up changes
    /// neither the record nor a cookie. A revocation clears the cookies.
    pub(super) fn rejection(
        &self,
        context: &DecisionContext<'_>,
        record: &mut SubjectRecord,
        sid: Option<LocalSessionId>,
        request: &RequestFacts,
        nonce: &[u8; 24],
    ) -> Result<Option<Decision>> {
        let rejection = |reason, headers| Rejection {
            risk: Some(self.report()),
            ..Rejection::new(reason, headers)
        };
        let decision = match (self.response, sid) {
            (RiskResponse::Revoke, Some(sid)) => {
                record.remove_sessions(RemovalReason::Revoked, context.now, |session| {
                    session.local_id == sid
                });
                let headers = clear_cookies(context.site, &request.refresh_numbers(context.site));
                Decision::with_write(
                    context,
                    record,
                    nonce,
                    Outcome::Rejected(rejection(RejectionReason::SessionRiskRevoked, headers)),
                )?
            }
            (RiskResponse::StepUp | RiskResponse::Revoke, _) => {
                let subject = Some(record.subject.clone());
                Decision::without_write(Outcome::Rejected(Rejection {
                    subject,
                    ..rejection(RejectionReason::RiskStepUpRequired, Vec::new())
                }))
            }
            (RiskResponse::Allow | RiskResponse::Log | RiskResponse::ShortenTokenTtl, _) => {
                return Ok(None);
            }
        };
        Ok(Some(decision.with_events(self.event(context, sid))))
    }

    /// Adds the assessment to the outcome, and an event where the request was unusual.
    pub(super) fn add_events(
        scored: Option<&Self>,
        mut decision: Decision,
        context: &DecisionContext<'_>,
        sid: LocalSessionId,
    ) -> Decision {
        let Some(scored) = scored else { return decision };
        decision.outcome.set_risk(scored.report());
        decision.with_events(scored.event(context, Some(sid)))
    }

    /// The lifetime of the access token that is issued now.
    pub(super) fn access_ttl(&self, policy: &Policy) -> Seconds {
        if self.response == RiskResponse::ShortenTokenTtl {
            policy.access_ttl.min(SHORTENED_TTL)
        } else {
            policy.access_ttl
        }
    }

    /// Sets the device ID that the response gives to the browser.
    pub(super) fn set_device_id(&mut self, name: &[u8]) {
        self.signals.set_device_id(self.hasher.hash_device_id(name));
    }

    /// Learns about a session that is in the record.
    pub(super) fn learn_in(
        &self,
        record: &mut SubjectRecord,
        sid: LocalSessionId,
        now: Timestamp,
    ) -> Result<()> {
        let mut session_profile = record.session(sid)?.and_then(|session| session.session_profile);
        self.learn(record, &mut session_profile, now);
        if let Some(session) = record.session_mut(sid)? {
            session.session_profile = session_profile;
        }
        Ok(())
    }

    /// Updates the risk profile and the session profile, as the table above says.
    pub(super) fn learn(
        &self,
        record: &mut SubjectRecord,
        session_profile: &mut Option<SessionProfile>,
        now: Timestamp,
    ) {
        if self.step_up_verified || self.assessment.action == RiskAction::Allow {
            let mut profile = self.profile.clone();
            profile.learn(session_profile.as_ref(), &self.signals, now);
            record.set_profile(&profile);
        }
        session_profile.get_or_insert_default().record_accepted(&self.signals, now);
    }

    /// The assessment with the policy's response, for results and events.
    fn report(&self) -> RiskReport {
        RiskReport { kind: self.kind, assessment: self.assessment.clone(), response: self.response }
    }

    /// The event for logs, where the request was unusual.
    fn event(
        &self,
        context: &DecisionContext<'_>,
        sid: Option<LocalSessionId>,
    ) -> Option<SessionEvent> {
        let is_told =
            self.assessment.action != RiskAction::Allow && self.response != RiskResponse::Allow;
        is_told.then(|| SessionEvent {
            risk: Some(self.report()),
            ..SessionEvent::new(context, SessionEventKind::AnomalyDetected, sid)
        })
    }
}

/// The policy's response to an action. A user who has just authenticated more strongly is not asked
/// once more.
fn response(
    policy: &Policy,
    kind: RiskEventKind,
    action: RiskAction,
    step_up_verified: bool,
) -> RiskResponse {
    let (step_up, revoke) = policy.risk.responses(match kind {
        RiskEventKind::SignIn => Answered::SignIn,
        RiskEventKind::Refresh | RiskEventKind::StepUp => Answered::Refresh,
        RiskEventKind::SessionCheck => Answered::Request,
    });
    let response = match action {
        RiskAction::Allow => return RiskResponse::Allow,
        RiskAction::StepUp => step_up,
        RiskAction::Revoke => revoke,
    };
    if response != RiskResponse::Allow && (step_up_verified || policy.risk.dry_run) {
        RiskResponse::Log
    } else {
        response
    }
}

/// Counts the refreshes within the last access-token lifetime, this one included, as far as the
/// record keeps them.
fn count_recent_refreshes(session: &SessionRecord, context: &DecisionContext<'_>) -> u32 {
    let is_recent =
        |at: &Timestamp| context.now.ms_since(*at) < context.site.policy.access_ttl.ms();
    let rotations =
        session.closed_generations.iter().map(|closed| closed.at).chain([session.rotated_at]);
    u32::try_from(rotations.filter(is_recent).count()).unwrap_or(u32::MAX).saturating_add(1)
}
