//! The key rings that are published in turn, and the site of each.

use super::scenario::{HOUR, SECOND, Setup};
use portcullis::decide::{Site, SiteInput};
use portcullis::formats::key_ring::{KeyRingInput, RingKeyInput};
use portcullis::formats::key_schedule::KeyScheduleInput;
use portcullis::formats::secret_input::SecretInput;
use portcullis::model::policy::PolicyInput;
use std::rc::Rc;

/// A key ring as it was published.
pub struct Ring {
    pub site: Rc<Site>,
    active_at: u64,
}

impl Ring {
    pub fn first(setup: &Setup) -> Self {
        Self::of(setup, &[0])
    }

    /// Adds a key that is published and not yet active. The previous key retires an hour after the
    /// new key becomes active.
    pub fn next(before: &[Self], setup: &Setup, active_at: u64) -> Self {
        let starts: Vec<u64> =
            before.iter().map(|ring| ring.active_at).chain([active_at]).collect();
        Self::of(setup, &starts)
    }

    /// Makes a key for each of these activation times.
    fn of(setup: &Setup, starts: &[u64]) -> Self {
        let secret = |seed: u64| SecretInput::from_bytes(super::rng::Rng::new(seed).bytes(32));
        let keys = (0..starts.len()).rev().map(|at| {
            let schedule = schedule(starts[at], starts.get(at + 1).map(|next| next + HOUR));
            RingKeyInput::new(format!("k{at}"), secret(at as u64 + 1)).with_schedule(schedule)
        });
        let input = SiteInput {
            issuer: "https://app.example".to_owned(),
            audience: None,
            keys: KeyRingInput::new(keys.collect(), secret(1000)),
            token_keys: Vec::new(),
            policy: policy(setup),
        };
        Self {
            site: Rc::new(Site::new(input).expect("a good site")),
            active_at: starts.last().copied().unwrap_or(0),
        }
    }
}

fn schedule(active_at: u64, retiring_at: Option<u64>) -> KeyScheduleInput {
    let active_at_ms = (active_at > 0).then_some(active_at as f64);
    KeyScheduleInput {
        active_at_ms,
        retiring_at_ms: retiring_at.map(|at| at as f64),
        retired_at_ms: None,
    }
}

fn policy(setup: &Setup) -> PolicyInput {
    let seconds = |ms: u64| Some((ms / SECOND) as f64);
    PolicyInput {
        access_ttl_seconds: seconds(setup.access_ttl),
        idle_timeout_seconds: seconds(setup.idle),
        absolute_timeout_seconds: seconds(setup.absolute),
        confirmations_recorded: Some(setup.confirmations_recorded),
        max_sessions_per_subject: Some(setup.max_sessions as f64),
        ..PolicyInput::default()
    }
}
