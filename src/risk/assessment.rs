//! Floor 2. What the evidence comes to.

use super::context::{RiskEventKind, TokenStatus};
use super::policy::RiskPolicy;
use super::profile::{INACTIVITY_LIMIT, RiskProfile};
use super::reason::{Evidence, MissingSignals, RiskReason};
use super::session_profile::SessionProfile;
use super::signals::Signals;
use super::{behaviour_evidence, device_evidence, network_evidence};
use crate::foundation::time::Timestamp;

/// Nats and the score that they are; in between a straight line, beyond the ends no more.
const SCALE: [(f64, f64); 6] =
    [(-5.0, 0.0), (0.0, 30.0), (3.0, 60.0), (5.0, 85.0), (7.0, 97.0), (9.0, 100.0)];
/// Below so many events, and after so long a pause, little is known: the score stops here, and only
/// hard facts revoke.
const COLD_START_MAX_SCORE: f64 = 85.0;
const COLD_START_EVENTS: u32 = 5;

/// What should be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RiskAction {
    /// Nothing.
    Allow,
    /// The user should prove more of who they are.
    StepUp,
    /// The session should end.
    Revoke,
}

impl RiskAction {
    /// How it is told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::StepUp => "step_up",
            Self::Revoke => "revoke",
        }
    }
}

/// How strange an event is, and why.
#[derive(Debug, Clone)]
pub struct RiskAssessment {
    /// 0 to 100; 30 where nothing is known.
    pub score: f64,
    /// Nats: the logarithm of how much likelier this is of a thief than of the owner.
    pub evidence: f64,
    /// What contributed, and how many nats; they add up to the evidence.
    pub reasons: Vec<(RiskReason, f64)>,
    /// What should be done.
    pub action: RiskAction,
    /// What the host did not tell.
    pub missing_signals: MissingSignals,
}

/// How strange an event is for this user, and for this session.
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
            // Below the scale there is nothing.
            let share = if from.is_finite() { (evidence - from) / (nats - from) } else { 0.0 };
            return least + share * (score - least);
        }
        below = (nats, score);
    }
    below.1
}
