//! Browsers with their tabs, and thieves: what they send, and what they do with the answers.
//!
//! A client presents what is in its jar, retries on any error, and comes again with the cookies it
//! has by then. A sign-in is a navigation: it ends what the browser has under way, and nothing else
//! is sent until it is answered or given up.

use super::dice::Dice;
use super::jar::{self, Jar};
use super::moment::{Arrived, Moment};
use super::script::{Act, Owner, SECOND, Thief};
use super::shadow::headers;
use super::task::Answered;
use super::world::{Event, World};
use portcullis::decide::{Headers, Outcome, RequestFacts};
use portcullis::formats::id::{SessionId, Sid};
use portcullis::foundation::secret::SecretText;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
/// After so many tries a client gives up, until its user comes again.
const TRIES: u8 = 8;

pub struct Browser {
    pub owner: Owner,
    pub jar: Jar,
    /// The thief's copy.
    pub stolen: Jar,
    /// The last session it was given, and whether it believes to have it still.
    pub session: Option<SessionId>,
    pub believes: Option<Sid>,
    /// Whether a refresh was answered since somebody began to look.
    pub served: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Tab(u8),
    Thief,
}

pub struct Request {
    pub browser: usize,
    pub who: Who,
    pub act: Act,
    pub tries: u8,
    pub calm: bool,
    pub cookies: String,
    /// Nothing has come back yet.
    pub open: bool,
    pub dice: Dice,
}

impl Browser {
    pub fn new(owner: Owner) -> Self {
        Self {
            owner,
            jar: Jar::default(),
            stolen: Jar::default(),
            session: None,
            believes: None,
            served: false,
        }
    }
}

impl Request {
    fn name(&self) -> String {
        match self.who {
            Who::Tab(tab) => format!("browser {}, tab {}", self.browser + 1, tab + 1),
            Who::Thief => format!("browser {}, the thief", self.browser + 1),
        }
    }

    const fn is_navigation(&self) -> bool {
        matches!(self.act, Act::SignIn | Act::SignInAnonymous)
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

impl World<'_> {
    pub fn send(
        &mut self,
        browser: usize,
        who: Who,
        act: Act,
        tries: u8,
        calm: bool,
        mut dice: Dice,
    ) {
        let busy = |request: &Request| {
            request.open && request.browser == browser && request.who != Who::Thief
        };
        if who != Who::Thief
            && self.requests.iter().any(|request| busy(request) && request.is_navigation())
        {
            return;
        }
        if who != Who::Thief && matches!(act, Act::SignIn | Act::SignInAnonymous) {
            self.requests
                .iter_mut()
                .filter(|request| busy(request))
                .for_each(|request| request.open = false);
        }
        let jar = if who == Who::Thief {
            &self.browsers[browser].stolen
        } else {
            &self.browsers[browser].jar
        };
        let cookies = jar.header(self.now);
        let setup = &self.script.setup;
        let copies = if !calm && dice.per_mille(setup.twice) {
            dice.between(setup.copies.0, setup.copies.1)
        } else {
            1
        };
        let longest = self.shadow.patience();
        let patience =
            if dice.per_mille(300) { longest } else { longest.min(dice.between(3, 15) * SECOND) };
        let request = self.requests.len();
        for _ in 0..copies {
            let mut own = dice.split();
            let isolate = own.index(self.isolates.len());
            let delay = self.way(calm, &mut own);
            let task = self.task_of(request, isolate, calm, own);
            self.soon(delay, Event::Arrive(task));
        }
        self.soon(patience, Event::GiveUp(request));
        self.requests.push(Request { browser, who, act, tries, calm, cookies, open: true, dice });
    }

    /// Mostly fast, sometimes slow, rarely as late as a request may be.
    pub fn way(&self, calm: bool, dice: &mut Dice) -> u64 {
        let longest = self.shadow.patience();
        let delay = match dice.below(100) {
            _ if calm => 50,
            0..=81 => dice.between(20, 300),
            82..=93 => dice.between(300, 8 * SECOND),
            _ => dice.below(longest),
        };
        delay.min(longest)
    }

    pub fn is_foreign(&self, request: &Request) -> bool {
        request.who == Who::Thief
            && self.browsers[request.browser].owner.thief == Some(Thief::Foreign)
    }

    pub fn answer(&mut self, task: usize) {
        let Some(task) = self.tasks[task].take() else { return };
        let Some((request, answered)) = task.request().zip(task.answered.as_ref()) else { return };
        if !self.requests[request].open {
            return;
        }
        self.requests[request].open = false;
        let (browser, who) = (self.requests[request].browser, self.requests[request].who);
        let nothing = Headers::new();
        let bug = self.bug.and_then(|bug| bug.headers(answered, &self.isolates[task.isolate].site));
        let outcome = if let Answered::Outcome(outcome) = answered { Some(outcome) } else { None };
        let set = bug.as_ref().or_else(|| outcome.and_then(headers)).unwrap_or(&nothing);
        let owner = &mut self.browsers[browser];
        let jar = if who == Who::Thief { &mut owner.stolen } else { &mut owner.jar };
        jar.apply(set, self.now);
        if who != Who::Thief {
            self.believe(browser, answered, task.presented.as_ref().map(|token| token.session));
        }
        let words = self.requests[request].act.words();
        let name = self.requests[request].name();
        self.tell(|| format!("    {name}, {words}: {}", answered.words()));
        let owner = &self.browsers[browser];
        let arrived = Arrived {
            now: self.now,
            by_thief: who == Who::Thief,
            presented: task.presented.as_ref(),
            outcome,
            headers: set,
            believes: owner.believes,
            holds_refresh: owner.jar.holds_refresh(self.now),
        };
        self.look(&Moment::Arrived(&arrived));
        let served = matches!(outcome, Some(Outcome::Refreshed { .. }));
        if who != Who::Thief {
            self.report.refreshes += u64::from(served);
            self.browsers[browser].served |= served;
        }
        self.follow(request, answered);
    }

    /// What a browser knows of its session.
    fn believe(&mut self, browser: usize, answered: &Answered, presented: Option<SessionId>) {
        let held = jar::presented(
            &self.browsers[browser].jar.header(self.now),
            &self.rings[self.rings.len() - 1].site.ring,
        );
        let owner = &mut self.browsers[browser];
        match answered {
            Answered::Outcome(Outcome::SignedIn { .. } | Outcome::Refreshed { .. }) => {
                owner.session = held.map(|token| token.session).or(owner.session);
                owner.believes = owner.session.map(|id| id.sid);
            }
            Answered::Outcome(Outcome::SignedOut { .. }) => owner.believes = None,
            Answered::Outcome(Outcome::Rejected(rejection))
                if rejection.code.starts_with("ERR_SESSION_")
                    && presented.map(|id| id.sid) == owner.believes =>
            {
                owner.believes = None;
            }
            _ => (),
        }
    }

    /// Retries on any error; whoever was told to look again looks again.
    fn follow(&mut self, request: usize, answered: &Answered) {
        let Request { act, tries, mut dice, .. } = self.requests[request];
        let soon = dice.between(200, 3 * SECOND);
        let next = match answered {
            Answered::Failed(_) => Some((act, soon)),
            Answered::Believed => None,
            Answered::Outcome(Outcome::Rejected(rejection)) => match (rejection.status, act) {
                // Whoever is told so twice proves again who they are.
                (409, _) if rejection.code == "ERR_STEP_UP_UNFINISHED" && tries >= 2 => {
                    Some((Act::StepUp, soon))
                }
                (409, _) => Some((act, soon)),
                (401, Act::Use | Act::Check) if !rejection.code.starts_with("ERR_SESSION_") => {
                    Some((Act::Refresh, 0))
                }
                _ => None,
            },
            Answered::Outcome(Outcome::Refreshed { .. }) if dice.per_mille(600) => {
                Some((Act::Use, dice.below(900)))
            }
            Answered::Outcome(_) => None,
        };
        if let Some((act, delay)) = next {
            self.soon(delay, Event::Again(request, act));
        }
    }

    /// The answer is lost, or too late.
    pub fn give_up(&mut self, request: usize) {
        if !self.requests[request].open {
            return;
        }
        self.requests[request].open = false;
        let Request { act, mut dice, .. } = self.requests[request];
        let name = self.requests[request].name();
        self.tell(|| format!("    {name}, {}: no answer", act.words()));
        self.soon(dice.between(100, 5 * SECOND), Event::Again(request, act));
    }

    pub fn again(&mut self, request: usize, act: Act) {
        let Request { browser, who, tries, calm, mut dice, .. } = self.requests[request];
        let owner = &self.browsers[browser];
        let jar = if who == Who::Thief { &owner.stolen } else { &owner.jar };
        let needs_session = !matches!(act, Act::SignIn | Act::SignInAnonymous);
        if tries < TRIES && (!needs_session || jar.holds_refresh(self.now)) {
            self.send(browser, who, act, tries + 1, calm, dice.split());
        }
    }
}
