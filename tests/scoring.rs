//! Anomaly scoring: golden cases with exact nats, hostile contexts, and complete user histories.
//! tests/scoring_properties.rs checks properties of random inputs. Runs natively and on wasm32.

#[path = "scoring/actions.rs"]
mod actions;
#[path = "scoring/bits.rs"]
mod bits;
#[path = "scoring/golden.rs"]
mod golden;
#[path = "scoring/hostile.rs"]
mod hostile;
#[path = "support/rng.rs"]
mod rng;
#[path = "scoring/mod.rs"]
mod scored;
