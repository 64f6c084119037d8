//! The schedule of a key: upcoming, active, retiring, retired.
//!
//! | state | begins | signs and seals | verifies | is in the JWKS |
//! |---|---|---|---|---|
//! | upcoming | at once | no | yes | yes |
//! | active | `active_at` | the first active key of the ring | yes | yes |
//! | retiring | `retiring_at` | only where no key is active | yes | yes |
//! | retired | `retired_at` | no | no | no |
//!
//! An upcoming key verifies already, so that an instance that is early, or whose clock is fast,
//! harms nobody.

use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::time::Timestamp;

/// The times of a key as the host gives them, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyScheduleInput {
    /// The time from which the key signs. A missing time means always.
    pub active_at_ms: Option<f64>,
    /// The time from which another key should sign. A missing time means the retirement.
    pub retiring_at_ms: Option<f64>,
    /// The time from which the key verifies nothing. A missing time means never.
    pub retired_at_ms: Option<f64>,
}

/// The times at which a key changes its state. By default a key is active without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySchedule {
    active_at: Timestamp,
    retiring_at: Timestamp,
    retired_at: Timestamp,
}

/// The state of a key, which decides on its uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// The key verifies and does not sign yet.
    Upcoming,
    /// The key signs, seals and verifies.
    Active,
    /// The key verifies, and another key should sign.
    Retiring,
    /// The key verifies nothing any more.
    Retired,
}

impl Default for KeySchedule {
    fn default() -> Self {
        Self { active_at: START, retiring_at: NEVER, retired_at: NEVER }
    }
}

const START: Timestamp = Timestamp::from_ms(0);
const NEVER: Timestamp = Timestamp::from_ms(u64::MAX);

impl KeySchedule {
    /// Validates the times. A key with a retirement and without a retiring time signs until its
    /// retirement.
    ///
    /// # Errors
    /// [`ErrorCode::Config`] where they are no times, or not in the order active, retiring,
    /// retired.
    pub fn new(input: &KeyScheduleInput) -> Result<Self> {
        let time = |ms: Option<f64>, default| ms.map_or(Ok(default), Timestamp::from_host);
        let wrong = || {
            Error::with_message(
                ErrorCode::Config,
                "A key's activeAtMs, retiringAtMs and retiredAtMs must be milliseconds since 1970, \
                 each later than the last.",
            )
        };
        let retired_at = time(input.retired_at_ms, NEVER).map_err(|_| wrong())?;
        let retiring_at = time(input.retiring_at_ms, retired_at).map_err(|_| wrong())?;
        let active_at = time(input.active_at_ms, START).map_err(|_| wrong())?;
        if active_at < retiring_at && retiring_at <= retired_at {
            Ok(Self { active_at, retiring_at, retired_at })
        } else {
            Err(wrong())
        }
    }

    /// The state of the key at a time.
    pub fn state(&self, now: Timestamp) -> KeyState {
        match now {
            now if now >= self.retired_at => KeyState::Retired,
            now if now >= self.retiring_at => KeyState::Retiring,
            now if now >= self.active_at => KeyState::Active,
            _ => KeyState::Upcoming,
        }
    }

    /// The time from which the key verifies nothing.
    pub const fn retired_at(&self) -> Timestamp {
        self.retired_at
    }
}

/// The key that signs and seals: the first active one, or else the first retiring one.
pub fn current_key<'a, T>(
    keys: impl Iterator<Item = (&'a T, &'a KeySchedule)> + Clone,
    now: Timestamp,
) -> Option<&'a T> {
    let first = |wanted| {
        keys.clone().find(|(_, schedule)| schedule.state(now) == wanted).map(|(key, _)| key)
    };
    first(KeyState::Active).or_else(|| first(KeyState::Retiring))
}
