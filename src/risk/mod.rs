//! Risk-based authentication: scores how unusual a request is for its user. The result is evidence
//! in nats (the log-likelihood ratio of a thief against the owner, as in Freeman et al., NDSS
//! 2016), the reasons for it, a score from 0 to 100, and an action.
//!
//! ```text
//! assess(profile, session, signals, policy, now) -> { score, evidence, reasons, action, missing }
//! ```
//! Every function is pure, and gives the same bits natively and in Wasm, because `libm` computes
//! logarithms and exponentials instead of the host. A signal that the host does not know
//! contributes 0 nats and sets a bit of `MissingSignals`. The score is 30 where nothing is known.
//!
//! - `context`: the request context that the host passes
//! - `user_agent`: the parser of user agents and client hints
//! - `feature_hash`, `geo`, `signals`: the context without personal data, as keyed hashes and
//!   coarse locations
//! - `decayed_count`, `profile`, `learning`, `merge`, `profile_codec`: the risk profile of a
//!   subject, at most 1 KiB
//! - `session_profile`: the short history of one session
//! - `network_evidence`, `device_evidence`, `behaviour_evidence`: the three parts of the evidence
//! - `reason`, `policy`, `assessment`: the explanation, the site's settings, and the result

mod assessment;
mod behaviour_evidence;
mod context;
mod decayed_count;
mod device_evidence;
mod feature_hash;
mod geo;
mod learning;
mod merge;
mod network_evidence;
mod policy;
mod profile;
mod profile_codec;
mod reason;
mod session_profile;
mod signals;
pub mod user_agent;

pub use assessment::{RiskAction, RiskAssessment, assess};
pub use context::{
    ClientHints, EncodedContext, NetworkKind, RequestContext, RiskEventKind, TokenStatus,
};
pub use feature_hash::{FeatureHash, FeatureHasher};
pub use policy::{RiskPolicy, RiskPolicyEvent, RiskPolicyInput, RiskResponse};
pub use profile::{MAX_PROFILE_BYTES, RiskProfile};
pub use reason::{Evidence, MissingSignals, RiskReason};
pub use session_profile::{ClientFingerprint, SessionProfile};
pub use signals::{DeviceCookieSignal, Signals};
