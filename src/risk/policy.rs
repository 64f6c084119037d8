//! Floor 2. What a site does about a score.

use crate::foundation::error::{Error, ErrorCode, Result};

/// What an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RiskResponse {
    /// Nothing; not even an event.
    Allow,
    /// An event.
    Log,
    /// An event, and the access token lives for a minute only: the next look is near.
    ShortenTokenTtl,
    /// An event, and a refusal until the user proves more of who they are.
    StepUp,
    /// An event, and the session ends.
    Revoke,
}

/// Kinds of events that may be answered in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RiskPolicyEvent {
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
    pub device_base_rate: Option<f64>,
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
    pub device_base_rate: f64,
    /// The score from which on the user has to prove more. 60, 31 to 100.
    pub step_up_score: f64,
    /// The score from which on a session may be revoked, with the network *and* the browser against
    /// it. 97, 60 to 100.
    pub revoke_score: f64,
    /// For each kind of event, what `step_up` and `revoke` do.
    responses: [(RiskResponse, RiskResponse); 3],
}

const RESPONSE_NAMES: [(&str, RiskResponse); 5] = [
    ("allow", RiskResponse::Allow),
    ("log", RiskResponse::Log),
    ("shorten_token_ttl", RiskResponse::ShortenTokenTtl),
    ("step_up", RiskResponse::StepUp),
    ("revoke", RiskResponse::Revoke),
];

impl RiskResponse {
    /// How it is told.
    pub fn as_str(self) -> &'static str {
        RESPONSE_NAMES.iter().find(|(_, response)| *response == self).map_or("", |(word, _)| word)
    }
}

/// At a sign-in there is no session that could be revoked.
const DEFAULTS: [(RiskResponse, RiskResponse); 3] = [
    (RiskResponse::StepUp, RiskResponse::StepUp),
    (RiskResponse::StepUp, RiskResponse::Revoke),
    (RiskResponse::StepUp, RiskResponse::Revoke),
];
const EVENT_NAMES: [&str; 3] = ["signIn", "refresh", "sessionCheck"];

impl Default for RiskPolicy {
    fn default() -> Self {
        Self {
            dry_run: false,
            device_cookie: false,
            device_base_rate: 0.05,
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
    /// [`ErrorCode::Config`], naming the field and its range.
    pub fn new(input: &RiskPolicyInput) -> Result<Self> {
        let usual = Self::default();
        let mut responses = usual.responses;
        for (((step_up, revoke), given), name) in
            responses.iter_mut().zip(&input.responses).zip(EVENT_NAMES)
        {
            *step_up = response(name, given.0.as_deref(), *step_up)?;
            *revoke = response(name, given.1.as_deref(), *revoke)?;
        }
        Ok(Self {
            dry_run: input.dry_run.unwrap_or(usual.dry_run),
            device_cookie: input.device_cookie.unwrap_or(usual.device_cookie),
            device_base_rate: checked_range(
                "deviceBaseRate",
                input.device_base_rate,
                usual.device_base_rate,
                (0, 1),
            )?,
            step_up_score: checked_range(
                "stepUpScore",
                input.step_up_score,
                usual.step_up_score,
                (31, 100),
            )?,
            revoke_score: checked_range(
                "revokeScore",
                input.revoke_score,
                usual.revoke_score,
                (60, 100),
            )?,
            responses,
        })
    }

    /// What `step_up` and `revoke` do to an event of this kind.
    pub const fn responses(&self, kind: RiskPolicyEvent) -> (RiskResponse, RiskResponse) {
        let [sign_in, refresh, request] = self.responses;
        match kind {
            RiskPolicyEvent::SignIn => sign_in,
            RiskPolicyEvent::Refresh => refresh,
            RiskPolicyEvent::Request => request,
        }
    }
}

fn response(kind: &str, word: Option<&str>, default: RiskResponse) -> Result<RiskResponse> {
    let Some(word) = word else { return Ok(default) };
    let found =
        RESPONSE_NAMES.iter().find(|(name, _)| *name == word).map(|(_, response)| *response);
    let fits = found.filter(|response| kind != "signIn" || *response != RiskResponse::Revoke);
    fits.ok_or_else(|| {
        let last = if kind == "signIn" { "" } else { ", 'revoke'" };
        Error::with_message(
            ErrorCode::Config,
            format!("risk.{kind} must be 'allow', 'log', 'shorten', 'step_up'{last}."),
        )
    })
}

fn checked_range(
    name: &str,
    value: Option<f64>,
    default: f64,
    (least, most): (u8, u8),
) -> Result<f64> {
    match value {
        None => Ok(default),
        Some(value) if (f64::from(least)..=f64::from(most)).contains(&value) => Ok(value),
        Some(_) => Err(Error::with_message(
            ErrorCode::Config,
            format!("risk.{name} must be a number from {least} to {most}."),
        )),
    }
}
