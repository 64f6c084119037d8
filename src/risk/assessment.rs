//! Floor 2. What the evidence comes to.

use super::companion::Companion;
use super::context::{Kind, TokenFact};
use super::policy::RiskPolicy;
use super::profile::{PAUSE, Profile};
use super::reason::{Blind, Evidence, Reason};
use super::signals::Signals;
use super::{behaviour, device, network};
use crate::foundation::time::Timestamp;

/// Nats and the score that they are; in between a straight line, beyond the ends no more.
const SCALE: [(f64, f64); 6] =
    [(-5.0, 0.0), (0.0, 30.0), (3.0, 60.0), (5.0, 85.0), (7.0, 97.0), (9.0, 100.0)];
/// Below so many events, and after so long a pause, little is known: the score stops here, and only
/// hard facts revoke.
const LEARNING_SCORE_MAX: f64 = 85.0;
const LEARNING_EVENTS: u32 = 5;

/// What should be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Allow,
    /// The user should prove more of who they are.
    StepUp,
    /// The session should end.
    Revoke,
}

impl Action {
    /// How it is told.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::StepUp => "step_up",
            Self::Revoke => "revoke",
        }
    }
}

/// How strange an event is, and why.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// 0 to 100; 30 where nothing is known.
    pub score: f64,
    /// Nats: the logarithm of how much likelier this is of a thief than of the owner.
    pub evidence: f64,
    /// What contributed, and how many nats; they add up to the evidence.
    pub reasons: Vec<(Reason, f64)>,
    /// What should be done.
    pub action: Action,
    /// What the host did not tell.
    pub blind: Blind,
}

/// How strange an event is for this user, and for this session.
pub fn assess(
    profile: &Profile,
    session: Option<&Companion>,
    signals: &Signals,
    policy: &RiskPolicy,
    now: Timestamp,
) -> Assessment {
    let has_history = !profile.is_empty();
    let network = if has_history {
        network::evidence(profile, session, signals, now)
    } else {
        Evidence::default()
    };
    let (device, contradicts) = device::evidence(profile, session, signals, policy, now);
    let behaviour = behaviour::evidence(profile, session, signals, now);
    let of_network = network.total();
    let evidence = of_network + device.total() + behaviour.total();
    let is_learning = is_learning(profile, now);
    let score = if is_learning { score(evidence).min(LEARNING_SCORE_MAX) } else { score(evidence) };
    let is_hard = matches!(signals.token_fact, TokenFact::Reuse | TokenFact::ProofFail);
    let is_theft = score >= policy.revoke_score && of_network > 0.0 && contradicts && !is_learning;
    let action = match signals.kind {
        Kind::Refresh | Kind::Request | Kind::StepUp if is_hard || is_theft => Action::Revoke,
        _ if is_hard || score >= policy.step_up_score => Action::StepUp,
        _ => Action::Allow,
    };
    let reasons =
        [network, device, behaviour].into_iter().flat_map(|evidence| evidence.0).collect();
    let Blind(mut blind) = signals.blind();
    if !has_history {
        blind |= Blind::HISTORY;
    }
    Assessment { score, evidence, reasons, action, blind: Blind(blind) }
}

fn is_learning(profile: &Profile, now: Timestamp) -> bool {
    profile.learned < LEARNING_EVENTS || profile.last.is_none_or(|last| now >= last.plus(PAUSE))
}

fn score(evidence: f64) -> f64 {
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
