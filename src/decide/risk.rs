//! How strange a request is for its user, and what the policy makes of it. Asked only where the
//! host told where the request comes from; what is learned rides on a write that happens anyway.
//!
//! | action | what the policy may do | learned of the user | of the session |
//! |---|---|---|---|
//! | allow | nothing | yes | yes |
//! | step up, revoke | nothing, an event, a short access token | no | yes |
//! | step up, revoke | refuse, end the session | no | no |
//! | any | the user proved more: an event | yes | yes |

use super::event::{Event, EventKind, RiskView};
use super::headers::clearing;
use super::{Decision, Outcome, Rejection, RequestFacts, Scene};
use crate::foundation::error::{Reason, Result};
use crate::formats::id::Sid;
use crate::model::policy::Policy;
use crate::model::record::{Cause, SessionRecord, SubjectRecord};
use crate::risk::{
    Action, Assessment, Companion, Context, ContextText, EventKind as Answered, Kind, Profile,
    Response, Signals, Tagger, TokenFact, assess,
};
use crate::foundation::time::{Seconds, Timestamp};

/// How the subjects of sessions from before a sign-in begin: nobody comes back to one, so nothing
/// is known or learned.
const ANONYMOUS: &str = "anonymous:";
/// The lifetime of an access token after a strange event, where the policy shortens it.
const SHORT_TTL: Seconds = Seconds(60);

/// What is asked about.
pub(super) struct Asked<'a> {
    pub(super) kind: Kind,
    pub(super) context: Option<&'a ContextText>,
    pub(super) request: &'a RequestFacts,
    pub(super) token_fact: TokenFact,
    /// Whether the user just proved more of who they are.
    pub(super) proved: bool,
}

/// An event, scored.
pub(super) struct Scored {
    assessment: Assessment,
    response: Response,
    kind: Kind,
    signals: Signals,
    tagger: Tagger,
    profile: Profile,
    proved: bool,
}

impl Scored {
    /// Nothing where the host told nothing, and for sessions from before a sign-in.
    pub(super) fn of(
        scene: &Scene<'_>,
        record: &SubjectRecord,
        session: Option<&SessionRecord>,
        asked: &Asked<'_>,
    ) -> Option<Self> {
        let Asked { kind, request, token_fact, proved, .. } = *asked;
        let given = asked.context.filter(|_| !record.subject.starts_with(ANONYMOUS))?.context(kind);
        let policy = &scene.site.policy;
        let device = request.device(scene.site);
        let context = Context {
            token_fact,
            user_agent: given.user_agent.or(request.user_agent.as_deref()),
            refreshes_in_ttl: given
                .refreshes_in_ttl
                .or_else(|| session.map(|session| refreshes(session, scene))),
            device: policy.risk.device_cookie.then_some(device.as_ref().map(<[u8; 16]>::as_slice)),
            ..given
        };
        let tagger = Tagger::new(scene.site.ring.tagging(), &scene.key.0);
        let signals = Signals::of(&context, &tagger);
        let profile = record.profile();
        let companion = session.and_then(|session| session.companion);
        let assessment = assess(&profile, companion.as_ref(), &signals, &policy.risk, scene.now);
        let response = response(policy, kind, assessment.action, proved);
        Some(Self { assessment, response, kind, signals, tagger, profile, proved })
    }

    /// The refusal, where the policy wants one. One that asks for more leaves nothing behind,
    /// neither a write nor a changed cookie; one that ends the session takes its cookies.
    pub(super) fn refused(
        &self,
        scene: &Scene<'_>,
        record: &mut SubjectRecord,
        sid: Option<Sid>,
        request: &RequestFacts,
        nonce: &[u8; 24],
    ) -> Result<Option<Decision>> {
        let rejection = |reason, headers| Rejection {
            risk: Some(self.view()),
            ..Rejection::new(reason, headers)
        };
        let decision = match (self.response, sid) {
            (Response::Revoke, Some(sid)) => {
                record.end_sessions(Cause::Revoked, scene.now, |session| session.sid == sid);
                let headers = clearing(scene.site, &request.refresh_numbers(scene.site));
                Decision::writing(
                    scene,
                    record,
                    nonce,
                    Outcome::Rejected(rejection(Reason::SessionRisk, headers)),
                )?
            }
            (Response::StepUp | Response::Revoke, _) => {
                let subject = Some(record.subject.clone());
                Decision::of(Outcome::Rejected(Rejection {
                    subject,
                    ..rejection(Reason::RiskStepUp, Vec::new())
                }))
            }
            (Response::Allow | Response::Log | Response::Shorten, _) => return Ok(None),
        };
        Ok(Some(decision.with(self.event(scene, sid))))
    }

    /// Says in the answer, and where it is strange in an event, what was found.
    pub(super) fn tell(
        scored: Option<&Self>,
        mut decision: Decision,
        scene: &Scene<'_>,
        sid: Sid,
    ) -> Decision {
        let Some(scored) = scored else { return decision };
        decision.outcome.set_risk(scored.view());
        decision.with(scored.event(scene, Some(sid)))
    }

    /// How long an access token may live now.
    pub(super) fn access_ttl(&self, policy: &Policy) -> Seconds {
        if self.response == Response::Shorten {
            policy.access_ttl.min(SHORT_TTL)
        } else {
            policy.access_ttl
        }
    }

    /// The browser has this device cookie from now on.
    pub(super) fn names_device(&mut self, name: &[u8]) {
        self.signals.name_device(self.tagger.device(name));
    }

    /// The same for a session that is in its record already.
    pub(super) fn learn_in(
        &self,
        record: &mut SubjectRecord,
        sid: Sid,
        now: Timestamp,
    ) -> Result<()> {
        let mut companion = record.session(sid)?.and_then(|session| session.companion);
        self.learn(record, &mut companion, now);
        if let Some(session) = record.session_mut(sid)? {
            session.companion = companion;
        }
        Ok(())
    }

    /// Remembers what may be remembered: see the table.
    pub(super) fn learn(
        &self,
        record: &mut SubjectRecord,
        companion: &mut Option<Companion>,
        now: Timestamp,
    ) {
        if self.proved || self.assessment.action == Action::Allow {
            let mut profile = self.profile.clone();
            profile.learn(companion.as_ref(), &self.signals, now);
            record.set_profile(&profile);
        }
        companion.get_or_insert_default().accept(&self.signals, now);
    }

    /// What the answer says of it.
    fn view(&self) -> RiskView {
        RiskView { kind: self.kind, assessment: self.assessment.clone(), response: self.response }
    }

    /// What the log says of it, where it is strange.
    fn event(&self, scene: &Scene<'_>, sid: Option<Sid>) -> Option<Event> {
        let is_told = self.assessment.action != Action::Allow && self.response != Response::Allow;
        is_told.then(|| Event {
            risk: Some(self.view()),
            ..Event::new(scene, EventKind::Anomaly, sid)
        })
    }
}

/// Whoever just proved more is not asked for more.
fn response(policy: &Policy, kind: Kind, action: Action, proved: bool) -> Response {
    let (step_up, revoke) = policy.risk.responses(match kind {
        Kind::SignIn => Answered::SignIn,
        Kind::Refresh | Kind::StepUp => Answered::Refresh,
        Kind::Request => Answered::Request,
    });
    let response = match action {
        Action::Allow => return Response::Allow,
        Action::StepUp => step_up,
        Action::Revoke => revoke,
    };
    if response != Response::Allow && (proved || policy.risk.dry_run) {
        Response::Log
    } else {
        response
    }
}

/// Refreshes within the last lifetime of an access token, as far as the record remembers, this one
/// included.
fn refreshes(session: &SessionRecord, scene: &Scene<'_>) -> u32 {
    let is_recent = |at: &Timestamp| scene.now.ms_since(*at) < scene.site.policy.access_ttl.ms();
    let rotations = session.closed.iter().map(|closed| closed.at).chain([session.rotated_at]);
    u32::try_from(rotations.filter(is_recent).count()).unwrap_or(u32::MAX).saturating_add(1)
}
