//! Layer 5: the decisions, and the protocol between core and host.
//!
//! ```text
//! plan(operation)                          -> Read(key) | Done(outcome)
//! decide(operation, entry, now, entropy)   -> { write?, outcome }
//!
//! The host repeats, a bounded number of times:
//!   entry = store.get(key)
//!   { write, outcome } = decide(...)
//!   if there is no write, or store.swap(key, entry.revision, write) succeeds: return outcome
//! ```
//! **An outcome is true only if its write landed.**
//!
//! An expected refusal is an outcome. An [`Error`](crate::foundation::error::Error) means misuse, a
//! corrupt record or a broken host.

mod authenticate;
mod context;
mod dispatch;
mod first_use;
mod list;
mod operation;
mod outcome;
mod presented_token;
mod refresh;
mod request;
mod response_headers;
mod revoke;
mod risk_profile;
mod risk_response;
mod rotation;
mod session_check;
mod session_event;
mod sign_in;
mod sign_out;
mod site;
mod step_up;
mod validate;
mod verdict_effect;

pub use authenticate::{AuthenticatedToken, authenticate, create_csrf_token};
pub use dispatch::{ATTEMPT_BYTES, decide, plan};
pub use operation::Operation;
pub use outcome::{Decision, Headers, Outcome, Plan, RecordWrite, Rejection, SessionView};
pub use request::RequestFacts;
pub use rotation::{
    PresentedTokenFacts, RotationDecision, RotationFacts, RotationVerdict, SessionFacts,
    decide_rotation,
};
pub use session_event::{RiskReport, RotationDetails, SessionEvent, SessionEventKind};
pub use sign_in::{SignIn, session_to_replace};
pub use site::{MAX_ISSUER_BYTES, Site, SiteInput};
pub use step_up::StepUp;
pub use validate::{INITIAL_ENTROPY_BYTES, InitialEntropyInput, MAX_SUBJECT_BYTES};
