//! The model under test as a site runs it, for one user and with the signals of the site's host.

use super::event_log::{ObservedRequest, SimulatedEvent};
use portcullis::foundation::time::Timestamp;
use portcullis::risk::{
    FeatureHasher, RequestContext, RiskAction, RiskAssessment, RiskEventKind, RiskPolicy,
    RiskProfile, SessionProfile, Signals, assess,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    All,
    NoTls,
    /// Only the address and the user agent.
    Little,
}

pub const SITES: [Visibility; 3] = [Visibility::All, Visibility::NoTls, Visibility::Little];

impl Visibility {
    fn filter_context<'a>(self, context: RequestContext<'a>) -> RequestContext<'a> {
        match self {
            Self::All => context,
            Self::NoTls => RequestContext { tls_fingerprint: None, ..context },
            Self::Little => {
                let RequestContext {
                    kind,
                    ip,
                    user_agent,
                    token_status: token_fact,
                    refreshes_per_access_ttl: refreshes_in_ttl,
                    ..
                } = context;
                RequestContext {
                    kind,
                    ip,
                    user_agent,
                    token_status: token_fact,
                    refreshes_per_access_ttl: refreshes_in_ttl,
                    ..RequestContext::default()
                }
            }
        }
    }
}

/// A session of one browser.
#[derive(Debug, Clone, Copy, Default)]
struct Session {
    session_profile: SessionProfile,
    since: u64,
}

/// The verdict of a site on an event.
#[derive(Debug, Clone, Copy)]
pub struct SiteVerdict {
    pub evidence: f64,
    pub score: f64,
    pub action: RiskAction,
    /// Number of step-ups, including the sign-in after a revocation.
    pub asked_step_up: u32,
}

pub struct Site {
    visibility: Visibility,
    tagger: FeatureHasher,
    policy: RiskPolicy,
    profile: RiskProfile,
    sessions: Vec<Session>,
}

impl Site {
    pub fn new(sees: Visibility, user: u64, devices: usize) -> Self {
        let tagger = FeatureHasher::new(&[7; 32], &user.to_le_bytes());
        let sessions = vec![Session::default(); devices];
        Self {
            visibility: sees,
            tagger,
            policy: RiskPolicy::default(),
            profile: RiskProfile::default(),
            sessions,
        }
    }

    /// An event of the user, who passes every step-up and signs in again after a revocation.
    pub fn honest(&mut self, event: &SimulatedEvent) -> SiteVerdict {
        if event.kind == RiskEventKind::SignIn {
            return self.sign_in(event);
        }
        let signals = self.signals(event.context());
        let said = SiteVerdict::from_assessment(&self.assess(event.device, &signals, event.at));
        match said.action {
            RiskAction::Allow => self.accept(event, &signals),
            RiskAction::StepUp => self.accept(
                event,
                &self.signals(RequestContext { kind: RiskEventKind::StepUp, ..event.context() }),
            ),
            RiskAction::Revoke => {
                return SiteVerdict { asked_step_up: self.sign_in(event).asked_step_up, ..said };
            }
        }
        said
    }

    fn sign_in(&mut self, event: &SimulatedEvent) -> SiteVerdict {
        self.sessions[event.device] =
            Session { session_profile: SessionProfile::default(), since: event.at };
        let signals = self.signals(event.request.request_context(RiskEventKind::SignIn));
        let said = SiteVerdict::from_assessment(&self.assess(event.device, &signals, event.at));
        self.accept(event, &signals);
        said
    }

    fn signals(&self, context: RequestContext<'_>) -> Signals {
        Signals::from_context(&self.visibility.filter_context(context), &self.tagger)
    }

    fn accept(&mut self, event: &SimulatedEvent, signals: &Signals) {
        let (session, now) =
            (&mut self.sessions[event.device].session_profile, Timestamp::from_ms(event.at));
        self.profile.learn(Some(session), signals, now);
        session.record_accepted(signals, now);
    }

    fn assess(&self, device: usize, signals: &Signals, at: u64) -> RiskAssessment {
        let session = self.sessions.get(device).map(|session| &session.session_profile);
        assess(&self.profile, session, signals, &self.policy, Timestamp::from_ms(at))
    }

    /// A thief uses a session that was stolen at this time. `None` if the session has ended since.
    /// The attempt does not change the profile.
    pub fn theft(
        &self,
        device: usize,
        stolen: u64,
        refreshes: u32,
        seen: &ObservedRequest,
        at: u64,
    ) -> Option<SiteVerdict> {
        if self.sessions[device].since > stolen {
            return None;
        }
        let request_context = RequestContext {
            refreshes_per_access_ttl: Some(refreshes),
            ..seen.request_context(RiskEventKind::Refresh)
        };
        Some(SiteVerdict::from_assessment(&self.assess(device, &self.signals(request_context), at)))
    }

    /// A thief signs in with the password.
    pub fn intrusion(&self, seen: &ObservedRequest, at: u64) -> SiteVerdict {
        SiteVerdict::from_assessment(&self.assess(
            usize::MAX,
            &self.signals(seen.request_context(RiskEventKind::SignIn)),
            at,
        ))
    }
}

impl SiteVerdict {
    fn from_assessment(assessment: &RiskAssessment) -> Self {
        Self {
            evidence: assessment.evidence,
            score: assessment.score,
            action: assessment.action,
            asked_step_up: u32::from(assessment.action == RiskAction::StepUp),
        }
    }
}
