//! Browsers with several tabs, and thieves: their requests, and how they handle responses.
//!
//! A client presents the cookies in its jar, and retries on any error with the cookies of that
//! time. A sign-in is a navigation: it drops the browser's in-flight requests, and nothing else is
//! sent until it ends.

use super::cookie_jar::{self, CookieJar};
use super::ground_truth::headers;
use super::observation::{Arrived, Observation};
use super::rng::Rng;
use super::scenario::{Owner, SECOND, Thief, UserAction};
use super::task::TaskResult;
use super::world::{SimulatedEvent, SimulatedWorld};
use portcullis::decide::{Headers, Outcome, RequestFacts};
use portcullis::formats::id::{LocalSessionId, SessionId};
use portcullis::foundation::secret::SecretText;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
/// The other user agents that send the cookies of a browser's jar: a server that renders for its
/// user, a media player, an app without a header, and the desktop version of a page.
const OF_THE_SAME_JAR: [Option<&str>; 4] = [
    Some("node"),
    Some("AppleCoreMedia/1.0.0.22F76 (iPhone; U; CPU OS 18_5 like Mac OS X; en_us)"),
    None,
    Some("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"),
];
/// The attempts after which a client gives up until its user returns.
const TRIES: u8 = 8;

pub struct Browser {
    pub owner: Owner,
    pub cookie_jar: CookieJar,
    /// The thief's copy.
    pub stolen: CookieJar,
    /// The last session that it got, and whether that session counts as active for it.
    pub session: Option<SessionId>,
    pub accepted_claims: Option<LocalSessionId>,
    /// Whether a refresh succeeded since the check began.
    pub was_served: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestSender {
    Tab(u8),
    Thief,
}

pub struct Request {
    pub browser: usize,
    pub sender: RequestSender,
    pub action: UserAction,
    pub tries: u8,
    pub calm: bool,
    pub cookies: String,
    /// No response has arrived yet.
    pub open: bool,
    pub rng: Rng,
}

impl Browser {
    pub fn new(owner: Owner) -> Self {
        Self {
            owner,
            cookie_jar: CookieJar::default(),
            stolen: CookieJar::default(),
            session: None,
            accepted_claims: None,
            was_served: false,
        }
    }
}

impl Request {
    fn name(&self) -> String {
        match self.sender {
            RequestSender::Tab(tab) => format!("browser {}, tab {}", self.browser + 1, tab + 1),
            RequestSender::Thief => format!("browser {}, the thief", self.browser + 1),
        }
    }

    const fn is_navigation(&self) -> bool {
        matches!(self.action, UserAction::SignIn | UserAction::SignInAnonymous)
    }
}

/// A request of the site's own pages.
pub fn facts(foreign: bool, cookies: &str) -> RequestFacts {
    RequestFacts {
        method: "POST".to_owned(),
        scheme: "https:".to_owned(),
        host: "app.example".to_owned(),
        cookie: Some(SecretText::new(cookies.to_owned())),
        sec_fetch_site: Some("same-origin".to_owned()),
        origin: None,
        user_agent: Some(if foreign { CHROME } else { FIREFOX }.to_owned()),
        ..RequestFacts::default()
    }
}

impl SimulatedWorld<'_> {
    pub fn send(
        &mut self,
        browser: usize,
        who: RequestSender,
        act: UserAction,
        tries: u8,
        calm: bool,
        mut rng: Rng,
    ) {
        let busy = |request: &Request| {
            request.open && request.browser == browser && request.sender != RequestSender::Thief
        };
        if who != RequestSender::Thief
            && self.requests.iter().any(|request| busy(request) && request.is_navigation())
        {
            return;
        }
        if who != RequestSender::Thief
            && matches!(act, UserAction::SignIn | UserAction::SignInAnonymous)
        {
            self.requests
                .iter_mut()
                .filter(|request| busy(request))
                .for_each(|request| request.open = false);
        }
        let jar = if who == RequestSender::Thief {
            &self.browsers[browser].stolen
        } else {
            &self.browsers[browser].cookie_jar
        };
        let cookies = jar.header(self.now);
        let setup = &self.scenario.setup;
        let copies = if !calm && rng.per_mille(setup.twice) {
            rng.between(setup.copies.0, setup.copies.1)
        } else {
            1
        };
        let longest = self.ground_truth.patience();
        let patience =
            if rng.per_mille(300) { longest } else { longest.min(rng.between(3, 15) * SECOND) };
        let request = self.requests.len();
        for _ in 0..copies {
            let mut own = rng.split();
            let isolate = own.index(self.isolates.len());
            let delay = self.network_delay(calm, &mut own);
            let task = self.task_of(request, isolate, calm, own);
            self.schedule(delay, SimulatedEvent::Arrive(task));
        }
        self.schedule(patience, SimulatedEvent::GiveUp(request));
        self.requests.push(Request {
            browser,
            sender: who,
            action: act,
            tries,
            calm,
            cookies,
            open: true,
            rng,
        });
    }

    /// A delay: mostly short, sometimes long, and rarely the longest permitted one.
    pub fn network_delay(&self, calm: bool, rng: &mut Rng) -> u64 {
        let longest = self.ground_truth.patience();
        let delay = match rng.below(100) {
            _ if calm => 50,
            0..=81 => rng.between(20, 300),
            82..=93 => rng.between(300, 8 * SECOND),
            _ => rng.below(longest),
        };
        delay.min(longest)
    }

    /// The facts of a request. A quarter of the requests of a browser that change no sign-in state
    /// come from another user agent of its jar.
    pub fn facts_of(&self, request: usize) -> RequestFacts {
        let sent = &self.requests[request];
        let facts = facts(self.is_foreign(sent), &sent.cookies);
        let is_other_agent = sent.sender != RequestSender::Thief
            && matches!(sent.action, UserAction::Refresh | UserAction::Check)
            && request % 4 == 3;
        if !is_other_agent {
            return facts;
        }
        let user_agent = OF_THE_SAME_JAR[request / 4 % OF_THE_SAME_JAR.len()];
        RequestFacts { user_agent: user_agent.map(str::to_owned), ..facts }
    }

    pub fn is_foreign(&self, request: &Request) -> bool {
        request.sender == RequestSender::Thief
            && self.browsers[request.browser].owner.thief == Some(Thief::Foreign)
    }

    pub fn answer(&mut self, task: usize) {
        let Some(task) = self.tasks[task].take() else { return };
        let Some((request, answered)) = task.request().zip(task.result.as_ref()) else { return };
        if !self.requests[request].open {
            return;
        }
        self.requests[request].open = false;
        let (browser, who) = (self.requests[request].browser, self.requests[request].sender);
        let no_match = Headers::new();
        let bug = self
            .injected_bug
            .and_then(|bug| bug.headers(answered, &self.isolates[task.isolate].site));
        let outcome =
            if let TaskResult::Outcome(outcome) = answered { Some(outcome) } else { None };
        let set = bug.as_ref().or_else(|| outcome.and_then(headers)).unwrap_or(&no_match);
        let owner = &mut self.browsers[browser];
        let jar =
            if who == RequestSender::Thief { &mut owner.stolen } else { &mut owner.cookie_jar };
        jar.apply(set, self.now);
        if who != RequestSender::Thief {
            self.accept_response(
                browser,
                answered,
                task.presented.as_ref().map(|token| token.session),
            );
        }
        let words = self.requests[request].action.as_str();
        let name = self.requests[request].name();
        self.log(|| format!("    {name}, {words}: {}", answered.as_str()));
        let owner = &self.browsers[browser];
        let arrived = Arrived {
            now: self.now,
            by_thief: who == RequestSender::Thief,
            presented: task.presented.as_ref(),
            outcome,
            headers: set,
            accepted_claims: owner.accepted_claims,
            holds_refresh: owner.cookie_jar.holds_refresh(self.now),
        };
        self.observe(&Observation::Arrived(&arrived));
        let served = matches!(outcome, Some(Outcome::Refreshed { .. }));
        if who != RequestSender::Thief {
            self.report.refreshes += u64::from(served);
            self.browsers[browser].was_served |= served;
        }
        self.apply_cookies(request, answered);
    }

    /// The facts that a browser has about its session.
    fn accept_response(
        &mut self,
        browser: usize,
        answered: &TaskResult,
        presented: Option<SessionId>,
    ) {
        let held = cookie_jar::presented_token(
            &self.browsers[browser].cookie_jar.header(self.now),
            &self.rings[self.rings.len() - 1].site.key_ring,
        );
        let owner = &mut self.browsers[browser];
        match answered {
            TaskResult::Outcome(Outcome::SignedIn { .. } | Outcome::Refreshed { .. }) => {
                owner.session = held.map(|token| token.session).or(owner.session);
                owner.accepted_claims = owner.session.map(|id| id.local_id);
            }
            TaskResult::Outcome(Outcome::SignedOut { .. }) => owner.accepted_claims = None,
            TaskResult::Outcome(Outcome::Rejected(rejection))
                if rejection.code.starts_with("ERR_SESSION_")
                    && presented.map(|id| id.local_id) == owner.accepted_claims =>
            {
                owner.accepted_claims = None;
            }
            _ => (),
        }
    }

    /// Retries on any error, and retries a 409 with the current cookies.
    fn apply_cookies(&mut self, request: usize, answered: &TaskResult) {
        let Request { action: act, tries, mut rng, .. } = self.requests[request];
        let soon = rng.between(200, 3 * SECOND);
        let next = match answered {
            TaskResult::Failed(_) => Some((act, soon)),
            TaskResult::Accepted => None,
            TaskResult::Outcome(Outcome::Rejected(rejection)) => match (rejection.status, act) {
                // After a second such response the user authenticates again.
                (409, _) if rejection.code == "ERR_STEP_UP_UNFINISHED" && tries >= 2 => {
                    Some((UserAction::StepUp, soon))
                }
                (409, _) => Some((act, soon)),
                (401, UserAction::Use | UserAction::Check)
                    if !rejection.code.starts_with("ERR_SESSION_") =>
                {
                    Some((UserAction::Refresh, 0))
                }
                _ => None,
            },
            TaskResult::Outcome(Outcome::Refreshed { .. }) if rng.per_mille(600) => {
                Some((UserAction::Use, rng.below(900)))
            }
            TaskResult::Outcome(_) => None,
        };
        if let Some((act, delay)) = next {
            self.schedule(delay, SimulatedEvent::Again(request, act));
        }
    }

    /// Handles a response that was lost or came too late.
    pub fn give_up(&mut self, request: usize) {
        if !self.requests[request].open {
            return;
        }
        self.requests[request].open = false;
        let Request { action: act, mut rng, .. } = self.requests[request];
        let name = self.requests[request].name();
        self.log(|| format!("    {name}, {}: no answer", act.as_str()));
        self.schedule(rng.between(100, 5 * SECOND), SimulatedEvent::Again(request, act));
    }

    pub fn retry(&mut self, request: usize, act: UserAction) {
        let Request { browser, sender: who, tries, calm, mut rng, .. } = self.requests[request];
        let owner = &self.browsers[browser];
        let jar = if who == RequestSender::Thief { &owner.stolen } else { &owner.cookie_jar };
        let needs_session = !matches!(act, UserAction::SignIn | UserAction::SignInAnonymous);
        if tries < TRIES && (!needs_session || jar.holds_refresh(self.now)) {
            self.send(browser, who, act, tries + 1, calm, rng.split());
        }
    }
}
