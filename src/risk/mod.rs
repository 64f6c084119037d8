//! Floor 2. How strange a request is: evidence in nats (a log-likelihood ratio, thief against
//! owner), explained by reasons, mapped to a score of 0 to 100, with an action.
//!
//! ```text
//! assess(profile, session, signals, policy, now) -> { evidence, score, reasons, action, blind }
//! ```
//! Pure and deterministic: the same bits natively and in wasm (`libm`, no floats of the host). What
//! the host does not know contributes nothing and sets a bit of [`Blind`]; where nothing is known
//! the score is 30.
//!
//! - `context`: what the host tells, checked
//! - `tags`, `signals`: the same without anything that names a person: keyed tags, coarse places
//! - `heat`, `profile`, `learning`, `merge`, `codec`: what is remembered of a user, in at most 1
//!   KiB
//! - `companion`: what is remembered of one session
//! - `network`, `device`, `behaviour`: the three kinds of evidence
//! - `assessment`: what they come to

pub mod agent;
mod assessment;
mod behaviour;
mod codec;
mod companion;
mod context;
mod device;
mod heat;
mod learning;
mod merge;
mod network;
mod place;
mod policy;
mod profile;
mod reason;
mod signals;
mod tags;

pub use assessment::{Action, Assessment, assess};
pub use companion::{Companion, Face};
pub use context::{Context, ContextText, Hints, Kind, NetworkKind, TokenFact};
pub use policy::{EventKind, Response, RiskPolicy, RiskPolicyInput};
pub use profile::{PROFILE_MAX_BYTES, Profile};
pub use reason::{Blind, Evidence, Reason};
pub use signals::{DeviceTag, Signals};
pub use tags::{Tag, Tagger};
