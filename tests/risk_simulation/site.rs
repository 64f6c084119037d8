//! The model under test, as a site would run it: for one user, with what the site's host can see.

use super::diary::{Event, Seen};
use portcullis::risk::{
    Action, Assessment, Companion, Context, Kind, Profile, RiskPolicy, Signals, Tagger, assess,
};
use portcullis::foundation::time::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees {
    All,
    NoTls,
    /// The address and the user agent.
    Little,
}

pub const SITES: [Sees; 3] = [Sees::All, Sees::NoTls, Sees::Little];

impl Sees {
    fn of<'a>(self, context: Context<'a>) -> Context<'a> {
        match self {
            Self::All => context,
            Self::NoTls => Context { tls_fingerprint: None, ..context },
            Self::Little => {
                let Context { kind, ip, user_agent, token_fact, refreshes_in_ttl, .. } = context;
                Context { kind, ip, user_agent, token_fact, refreshes_in_ttl, ..Context::default() }
            }
        }
    }
}

/// A session of one browser.
#[derive(Debug, Clone, Copy, Default)]
struct Session {
    companion: Companion,
    since: u64,
}

/// What a site said of an event.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    pub evidence: f64,
    pub score: f64,
    pub action: Action,
    /// Times that the user had to prove more, here and after a revocation.
    pub asked: u32,
}

pub struct Site {
    sees: Sees,
    tagger: Tagger,
    policy: RiskPolicy,
    profile: Profile,
    sessions: Vec<Session>,
}

impl Site {
    pub fn new(sees: Sees, user: u64, devices: usize) -> Self {
        let tagger = Tagger::new(&[7; 32], &user.to_le_bytes());
        let sessions = vec![Session::default(); devices];
        Self { sees, tagger, policy: RiskPolicy::default(), profile: Profile::default(), sessions }
    }

    /// An event of the user, who passes every step-up and signs in again where a session was
    /// revoked.
    pub fn honest(&mut self, event: &Event) -> Said {
        if event.kind == Kind::SignIn {
            return self.sign_in(event);
        }
        let signals = self.signals(event.context());
        let said = Said::of(&self.assess(event.device, &signals, event.at));
        match said.action {
            Action::Allow => self.accept(event, &signals),
            Action::StepUp => {
                self.accept(event, &self.signals(Context { kind: Kind::StepUp, ..event.context() }))
            }
            Action::Revoke => return Said { asked: self.sign_in(event).asked, ..said },
        }
        said
    }

    fn sign_in(&mut self, event: &Event) -> Said {
        self.sessions[event.device] = Session { companion: Companion::default(), since: event.at };
        let signals = self.signals(event.seen.context(Kind::SignIn));
        let said = Said::of(&self.assess(event.device, &signals, event.at));
        self.accept(event, &signals);
        said
    }

    fn signals(&self, context: Context<'_>) -> Signals {
        Signals::of(&self.sees.of(context), &self.tagger)
    }

    fn accept(&mut self, event: &Event, signals: &Signals) {
        let (session, now) =
            (&mut self.sessions[event.device].companion, Timestamp::from_ms(event.at));
        self.profile.learn(Some(session), signals, now);
        session.accept(signals, now);
    }

    fn assess(&self, device: usize, signals: &Signals, at: u64) -> Assessment {
        let session = self.sessions.get(device).map(|session| &session.companion);
        assess(&self.profile, session, signals, &self.policy, Timestamp::from_ms(at))
    }

    /// Somebody else uses what was stolen at that time; nothing if the session has ended since. It
    /// leaves nothing.
    pub fn theft(
        &self,
        device: usize,
        stolen: u64,
        refreshes: u32,
        seen: &Seen,
        at: u64,
    ) -> Option<Said> {
        if self.sessions[device].since > stolen {
            return None;
        }
        let context = Context { refreshes_in_ttl: Some(refreshes), ..seen.context(Kind::Refresh) };
        Some(Said::of(&self.assess(device, &self.signals(context), at)))
    }

    /// Somebody else knows the password.
    pub fn intrusion(&self, seen: &Seen, at: u64) -> Said {
        Said::of(&self.assess(usize::MAX, &self.signals(seen.context(Kind::SignIn)), at))
    }
}

impl Said {
    fn of(assessment: &Assessment) -> Self {
        Self {
            evidence: assessment.evidence,
            score: assessment.score,
            action: assessment.action,
            asked: u32::from(assessment.action == Action::StepUp),
        }
    }
}
