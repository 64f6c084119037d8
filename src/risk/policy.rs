//! Floor 2. What a site does about a score.

use crate::foundation::error::{Code, Error, Result};

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response {
    /// Nothing; not even an event.
    Allow,
    /// An event.
    Log,
    /// An event, and the access token lives for a minute only: the next look is near.
    Shorten,
    /// An event, and a refusal until the user proves more of who they are.
    StepUp,
    /// An event, and the session ends.
    Revoke,
}

/// Kinds of events that may be answered in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A sign-in.
    SignIn,
    /// A refresh.
    Refresh,
    /// A request that is checked against the record.
    Request,
}

/// What differs from the defaults, as the host hands it over.
#[derive(Debug, Clone, Default)]
pub struct RiskPolicyInput {
    /// See [`RiskPolicy::dry_run`].
    pub dry_run: Option<bool>,
    /// See [`RiskPolicy::device_cookie`].
    pub device_cookie: Option<bool>,
    /// See [`RiskPolicy::popularity`].
    pub popularity: Option<f64>,
    /// See [`RiskPolicy::step_up_score`].
    pub step_up_score: Option<f64>,
    /// See [`RiskPolicy::revoke_score`].
    pub revoke_score: Option<f64>,
    /// For each kind of event, in their order: what `step_up` and `revoke` do.
    pub responses: [(Option<String>, Option<String>); 3],
}

/// What a site does about a score.
#[derive(Debug, Clone)]
pub struct RiskPolicy {
    /// Events only, whatever the score. No.
    pub dry_run: bool,
    /// Whether sign-ins set a long-lived device cookie, and miss it where it is gone. No.
    pub device_cookie: bool,
    /// How common a thief's browser is by chance the owner's: the share of a family in the site's
    /// traffic. 0.05, 0 to 1.
    pub popularity: f64,
    /// The score from which on the user has to prove more. 60, 31 to 100.
    pub step_up_score: f64,
    /// The score from which on a session may be revoked, with the network *and* the browser against
    /// it. 97, 60 to 100.
    pub revoke_score: f64,
    /// For each kind of event, what `step_up` and `revoke` do.
    responses: [(Response, Response); 3],
}

const WORDS: [(&str, Response); 5] = [
    ("allow", Response::Allow),
    ("log", Response::Log),
    ("shorten", Response::Shorten),
    ("step_up", Response::StepUp),
    ("revoke", Response::Revoke),
];

impl Response {
    /// How it is told.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(_, response)| *response == self).map_or("", |(word, _)| word)
    }
}

/// At a sign-in there is no session that could be revoked.
const DEFAULTS: [(Response, Response); 3] = [
    (Response::StepUp, Response::StepUp),
    (Response::StepUp, Response::Revoke),
    (Response::StepUp, Response::Revoke),
];
const NAMES: [&str; 3] = ["signIn", "refresh", "request"];

impl Default for RiskPolicy {
    fn default() -> Self {
        Self {
            dry_run: false,
            device_cookie: false,
            popularity: 0.05,
            step_up_score: 60.0,
            revoke_score: 97.0,
            responses: DEFAULTS,
        }
    }
}

impl RiskPolicy {
    /// Checks what the host handed over.
    ///
    /// # Errors
    /// [`Code::Config`], naming the field and its range.
    pub fn new(input: &RiskPolicyInput) -> Result<Self> {
        let usual = Self::default();
        let mut responses = usual.responses;
        for (((step_up, revoke), given), name) in
            responses.iter_mut().zip(&input.responses).zip(NAMES)
        {
            *step_up = response(name, given.0.as_deref(), *step_up)?;
            *revoke = response(name, given.1.as_deref(), *revoke)?;
        }
        Ok(Self {
            dry_run: input.dry_run.unwrap_or(usual.dry_run),
            device_cookie: input.device_cookie.unwrap_or(usual.device_cookie),
            popularity: within("popularity", input.popularity, usual.popularity, (0, 1))?,
            step_up_score: within(
                "stepUpScore",
                input.step_up_score,
                usual.step_up_score,
                (31, 100),
            )?,
            revoke_score: within("revokeScore", input.revoke_score, usual.revoke_score, (60, 100))?,
            responses,
        })
    }

    /// What `step_up` and `revoke` do to an event of this kind.
    pub const fn responses(&self, kind: EventKind) -> (Response, Response) {
        let [sign_in, refresh, request] = self.responses;
        match kind {
            EventKind::SignIn => sign_in,
            EventKind::Refresh => refresh,
            EventKind::Request => request,
        }
    }
}

fn response(kind: &str, word: Option<&str>, default: Response) -> Result<Response> {
    let Some(word) = word else { return Ok(default) };
    let found = WORDS.iter().find(|(name, _)| *name == word).map(|(_, response)| *response);
    let fits = found.filter(|response| kind != "signIn" || *response != Response::Revoke);
    fits.ok_or_else(|| {
        let last = if kind == "signIn" { "" } else { ", 'revoke'" };
        Error::because(
            Code::Config,
            format!("risk.{kind} must be 'allow', 'log', 'shorten', 'step_up'{last}."),
        )
    })
}

fn within(name: &str, value: Option<f64>, default: f64, (least, most): (u8, u8)) -> Result<f64> {
    match value {
        None => Ok(default),
        Some(value) if (f64::from(least)..=f64::from(most)).contains(&value) => Ok(value),
        Some(_) => Err(Error::because(
            Code::Config,
            format!("risk.{name} must be a number from {least} to {most}."),
        )),
    }
}
