//! How strange a request is for its user, and what the policy makes of it. Asked only where the
//! host told where the request comes from; what is learned rides on a write that happens anyway.
//!
//! | action | what the policy may do | learned of the user | of the session |
//! |---|---|---|---|
//! | allow | nothing | yes | yes |
//! | step up, revoke | nothing, an event, a short access token | no | yes |
//! | step up, revoke | refuse, end the session | no | no |
//! | any | the user proved more: an event | yes | yes |

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

/// How the subjects of sessions from before a sign-in begin: nobody comes back to one, so nothing
/// is known or learned.
const ANONYMOUS: &str = "anonymous:";
/// The lifetime of an access token after a strange event, where the policy shortens it.
const SHORTENED_TTL: Seconds = Seconds(60);

/// What is asked about.
pub(super) struct RiskQuery<'a> {
    pub(super) kind: RiskEventKind,
    pub(super) request_context: Option<&'a EncodedContext>,
    pub(super) request: &'a RequestFacts,
    pub(super) token_status: TokenStatus,
    /// Whether the user just proved more of who they are.
    pub(super) step_up_verified: bool,
}

/// An event, scored.
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
    /// Nothing where the host told nothing, and for sessions from before a sign-in.
    pub(super) fn assess(
        context: &DecisionContext<'_>,
        record: &SubjectRecord,
        session: Option<&SessionRecord>,
        asked: &RiskQuery<'_>,
    ) -> Option<Self> {
        let RiskQuery { kind, request, token_status: token_fact, step_up_verified: proved, .. } =
            *asked;
        let given =
            asked.request_context.filter(|_| !record.subject.starts_with(ANONYMOUS))?.parse(kind);
        let policy = &context.site.policy;
        let device = request.device_id(context.site);
        let request_context = RequestContext {
            token_status: token_fact,
            user_agent: given.user_agent.or(request.user_agent.as_deref()),
            refreshes_per_access_ttl: given
                .refreshes_per_access_ttl
                .or_else(|| session.map(|session| should_shorten(session, context))),
            device: policy.risk.device_cookie.then_some(device.as_ref().map(<[u8; 16]>::as_slice)),
            ..given
        };
        let tagger = FeatureHasher::new(context.site.key_ring.feature_hash_key(), &context.key.0);
        let signals = Signals::from_context(&request_context, &tagger);
        let profile = record.profile();
        let session_profile = session.and_then(|session| session.session_profile);
        let assessment =
            assess(&profile, session_profile.as_ref(), &signals, &policy.risk, context.now);
        let response = response(policy, kind, assessment.action, proved);
        Some(Self {
            assessment,
            response,
            kind,
            signals,
            hasher: tagger,
            profile,
            step_up_verified: proved,
        })
    }

    /// The refusal, where the policy wants one. One that asks for more leaves nothing behind,
    /// neither a write nor a changed cookie; one that ends the session takes its cookies.
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

    /// Says in the answer, and where it is strange in an event, what was found.
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

    /// How long an access token may live now.
    pub(super) fn access_ttl(&self, policy: &Policy) -> Seconds {
        if self.response == RiskResponse::ShortenTokenTtl {
            policy.access_ttl.min(SHORTENED_TTL)
        } else {
            policy.access_ttl
        }
    }

    /// The browser has this device cookie from now on.
    pub(super) fn sets_device_cookie(&mut self, name: &[u8]) {
        self.signals.set_device_id(self.hasher.hash_device_id(name));
    }

    /// The same for a session that is in its record already.
    pub(super) fn learn_in(
        &self,
        record: &mut SubjectRecord,
        sid: LocalSessionId,
        now: Timestamp,
    ) -> Result<()> {
        let mut companion = record.session(sid)?.and_then(|session| session.session_profile);
        self.learn(record, &mut companion, now);
        if let Some(session) = record.session_mut(sid)? {
            session.session_profile = companion;
        }
        Ok(())
    }

    /// Remembers what may be remembered: see the table.
    pub(super) fn learn(
        &self,
        record: &mut SubjectRecord,
        companion: &mut Option<SessionProfile>,
        now: Timestamp,
    ) {
        if self.step_up_verified || self.assessment.action == RiskAction::Allow {
            let mut profile = self.profile.clone();
            profile.learn(companion.as_ref(), &self.signals, now);
            record.set_profile(&profile);
        }
        companion.get_or_insert_default().record_accepted(&self.signals, now);
    }

    /// What the answer says of it.
    fn report(&self) -> RiskReport {
        RiskReport { kind: self.kind, assessment: self.assessment.clone(), response: self.response }
    }

    /// What the log says of it, where it is strange.
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

/// Whoever just proved more is not asked for more.
fn response(
    policy: &Policy,
    kind: RiskEventKind,
    action: RiskAction,
    proved: bool,
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
    if response != RiskResponse::Allow && (proved || policy.risk.dry_run) {
        RiskResponse::Log
    } else {
        response
    }
}

/// Refreshes within the last lifetime of an access token, as far as the record remembers, this one
/// included.
fn should_shorten(session: &SessionRecord, context: &DecisionContext<'_>) -> u32 {
    let is_recent =
        |at: &Timestamp| context.now.ms_since(*at) < context.site.policy.access_ttl.ms();
    let rotations =
        session.closed_generations.iter().map(|closed| closed.at).chain([session.rotated_at]);
    u32::try_from(rotations.filter(is_recent).count()).unwrap_or(u32::MAX).saturating_add(1)
}
