//! The site's settings for risk assessments: thresholds, and the response to each action.

use crate::foundation::error::{Error, ErrorCode, Result};

/// The response to a recommended action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RiskResponse {
    /// Accept the event without reporting it.
    Allow,
    /// Accept the event and report it.
    Log,
    /// Report the event and issue an access token of one minute, so that the next refresh is soon.
    ShortenTokenTtl,
    /// Report the event and reject it until the user verifies a second factor.
    StepUp,
    /// Report the event and revoke the session.
    Revoke,
}

/// The kinds of events with separate responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RiskPolicyEvent {
    /// A sign-in of the user.
    SignIn,
    /// A refresh of a session, or a step-up.
    Refresh,
    /// A request that is checked against the stored session.
    Request,
}

/// Settings as the host passes them. `None` selects the default.
#[derive(Debug, Clone, Default)]
pub struct RiskPolicyInput {
    /// The value of [`RiskPolicy::dry_run`]; `None` selects its default.
    pub dry_run: Option<bool>,
    /// The value of [`RiskPolicy::device_cookie`]; `None` selects its default.
    pub device_cookie: Option<bool>,
    /// The value of [`RiskPolicy::device_base_rate`]; `None` selects its default.
    pub device_base_rate: Option<f64>,
    /// The value of [`RiskPolicy::step_up_score`]; `None` selects its default.
    pub step_up_score: Option<f64>,
    /// The value of [`RiskPolicy::revoke_score`]; `None` selects its default.
    pub revoke_score: Option<f64>,
    /// Responses to `step_up` and `revoke` for sign-ins, refreshes and requests.
    pub responses: [(Option<String>, Option<String>); 3],
}

/// Validated settings for risk assessments.
#[derive(Debug, Clone)]
pub struct RiskPolicy {
    /// Whether events are reported and never rejected. Default: false.
    pub dry_run: bool,
    /// Whether a sign-in sets a long-lived device cookie, whose absence is evidence. Default:
    /// false.
    pub device_cookie: bool,
    /// Base rate of a browser family in the site's traffic: the probability that a thief's browser
    /// matches by chance. Default 0.05, range 0 to 1.
    pub device_base_rate: f64,
    /// Score from which a step-up is recommended. Default 60, range 31 to 100.
    pub step_up_score: f64,
    /// Score from which a session may be revoked, if both the network and the browser are evidence
    /// against it. Default 97, range 60 to 100.
    pub revoke_score: f64,
    /// Responses to `step_up` and `revoke` for each kind of event.
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
    /// The text of this response in the JavaScript API.
    pub fn as_str(self) -> &'static str {
        RESPONSE_NAMES.iter().find(|(_, response)| *response == self).map_or("", |(word, _)| word)
    }
}

/// Default responses to `step_up` and `revoke`. A sign-in has no session to revoke.
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
    /// Validates the settings.
    ///
    /// # Errors
    /// [`ErrorCode::Config`] names the setting and its valid range.
    pub fn new(input: &RiskPolicyInput) -> Result<Self> {
        let defaults = Self::default();
        let mut responses = defaults.responses;
        for (((step_up, revoke), given), name) in
            responses.iter_mut().zip(&input.responses).zip(EVENT_NAMES)
        {
            *step_up = response(name, given.0.as_deref(), *step_up)?;
            *revoke = response(name, given.1.as_deref(), *revoke)?;
        }
        Ok(Self {
            dry_run: input.dry_run.unwrap_or(defaults.dry_run),
            device_cookie: input.device_cookie.unwrap_or(defaults.device_cookie),
            device_base_rate: checked_range(
                "deviceBaseRate",
                input.device_base_rate,
                defaults.device_base_rate,
                (0, 1),
            )?,
            step_up_score: checked_range(
                "stepUpScore",
                input.step_up_score,
                defaults.step_up_score,
                (31, 100),
            )?,
            revoke_score: checked_range(
                "revokeScore",
                input.revoke_score,
                defaults.revoke_score,
                (60, 100),
            )?,
            responses,
        })
    }

    /// The responses to `step_up` and `revoke` for an event of this kind.
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
