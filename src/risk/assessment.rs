//! Combines the evidence into a score and an action.

use super::context::{RiskEventKind, TokenStatus};
use super::policy::RiskPolicy;
use super::profile::{INACTIVITY_LIMIT, RiskProfile};
use super::reason::{Evidence, MissingSignals, RiskReason};
use super::session_profile::SessionProfile;
use super::signals::Signals;
use super::{behaviour_evidence, device_evidence, network_evidence};
use crate::foundation::time::Timestamp;

/// Evidence in nats and its score. Scores between two rows are interpolated linearly, and scores
/// outside the table are those of its ends.
const SCALE: [(f64, f64); 6] =
    [(-5.0, 0.0), (0.0, 30.0), (3.0, 60.0), (5.0, 85.0), (7.0, 97.0), (9.0, 100.0)];
/// Highest score during the cold start: with fewer than [`COLD_START_EVENTS`] events, or after the
/// inactivity limit, only reuse and an invalid proof revoke a session.
const COLD_START_MAX_SCORE: f64 = 85.0;
/// Number of learned events that ends the cold start.
const COLD_START_EVENTS: u32 = 5;

/// The action that the assessment recommends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RiskAction {
    /// Accept the event as usual.
    Allow,
    /// Require a stronger authentication (RFC 9470).
    StepUp,
    /// Revoke the session. Never recommended at a sign-in.
    Revoke,
}

impl RiskAction {
    /// The text of this action in the JavaScript API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::StepUp => "step_up",
            Self::Revoke => "revoke",
        }
    }
}

/// The result of an assessment, and its explanation.
#[derive(Debug, Clone)]
pub struct RiskAssessment {
    /// Score from 0 to 100; 30 where nothing is known.
    pub score: f64,
    /// Total evidence in nats: the logarithm of the likelihood ratio of a thief against the owner.
    pub evidence: f64,
    /// Reasons with their nats, which add up to the evidence.
    pub reasons: Vec<(RiskReason, f64)>,
    /// Recommended action under the policy.
    pub action: RiskAction,
    /// Signals that were not available.
    pub missing_signals: MissingSignals,
}

/// Assesses how unusual an event is for this user and, within a session, for this session. Before a
/// profile exists the network contributes nothing.
pub fn assess(
    profile: &RiskProfile,
    session: Option<&SessionProfile>,
    signals: &Signals,
    policy: &RiskPolicy,
    now: Timestamp,
) -> RiskAssessment {
    let has_history = !profile.is_empty();
    let network = if has_history {
        network_evidence::evidence(profile, session, signals, now)
    } else {
        Evidence::default()
    };
    let (device, contradicts) = device_evidence::evidence(profile, session, signals, policy, now);
    let behaviour = behaviour_evidence::evidence(profile, session, signals, now);
    let of_network = network.total();
    let evidence = of_network + device.total() + behaviour.total();
    let is_cold_start = is_cold_start(profile, now);
    let score = if is_cold_start {
        to_score(evidence).min(COLD_START_MAX_SCORE)
    } else {
        to_score(evidence)
    };
    let is_hard = matches!(signals.token_status, TokenStatus::Reuse | TokenStatus::ProofFail);
    let is_theft =
        score >= policy.revoke_score && of_network > 0.0 && contradicts && !is_cold_start;
    let action = match signals.kind {
        RiskEventKind::Refresh | RiskEventKind::Request | RiskEventKind::StepUp
            if is_hard || is_theft =>
        {
            RiskAction::Revoke
        }
        _ if is_hard || score >= policy.step_up_score => RiskAction::StepUp,
        _ => RiskAction::Allow,
    };
    let reason_list =
        [network, device, behaviour].into_iter().flat_map(|evidence| evidence.0).collect();
    let MissingSignals(mut blind) = signals.missing_signals();
    if !has_history {
        blind |= MissingSignals::HISTORY;
    }
    RiskAssessment {
        score,
        evidence,
        reasons: reason_list,
        action,
        missing_signals: MissingSignals(blind),
    }
}

fn is_cold_start(profile: &RiskProfile, now: Timestamp) -> bool {
    profile.learned_events < COLD_START_EVENTS
        || profile.last_event_at.is_none_or(|last| now >= last.saturating_add(INACTIVITY_LIMIT))
}

fn to_score(evidence: f64) -> f64 {
    let mut below = (f64::NEG_INFINITY, 0.0);
    for (nats, score) in SCALE {
        if evidence < nats {
            let (from, least) = below;
            // There is no row below the first.
            let share = if from.is_finite() { (evidence - from) / (nats - from) } else { 0.0 };
            return least + share * (score - least);
        }
        below = (nats, score);
    }
    below.1
}
