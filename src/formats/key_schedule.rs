//! Floor 1. The published life of a key: upcoming, active, retiring, retired.
//!
//! | state | from | signs and seals | verifies | is in the published set |
//! |---|---|---|---|---|
//! | upcoming | the start | no | yes, so that an instance that is early or a clock that is fast harms nobody | yes |
//! | active | `active_at` | the first active one of the ring does | yes | yes |
//! | retiring | `retiring_at` | only where no key is active | yes | yes |
//! | retired | `retired_at` | no | no | no |

use crate::foundation::error::{Error, ErrorCode, Result};
use crate::foundation::time::Timestamp;

/// The times as the host hands them over, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyScheduleInput {
    /// From when on it signs; always where absent.
    pub active_at_ms: Option<f64>,
    /// From when on another key should sign; when it is retired where absent.
    pub retiring_at_ms: Option<f64>,
    /// From when on nothing of it is believed; never where absent.
    pub retired_at_ms: Option<f64>,
}

/// When a key changes its state. By default it is active for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySchedule {
    active_at: Timestamp,
    retiring_at: Timestamp,
    retired_at: Timestamp,
}

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Known, and not used yet.
    Upcoming,
    /// Signs and seals.
    Active,
    /// Another one should sign.
    Retiring,
    /// Nothing it signed is believed any more.
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
    /// Checks the times. A key that is retired at some time and says nothing of retiring signs
    /// until then.
    ///
    /// # Errors
    /// [`ErrorCode::Config`] where they are no times, or not in the order active, retiring,
    /// retired.
    pub fn new(input: &KeyScheduleInput) -> Result<Self> {
        let time = |ms: Option<f64>, default| ms.map_or(Ok(default), Timestamp::from_host);
        let wrong = || {
            Error::with_message(
                ErrorCode::Config,
                "A key's activeAtMs, retiringAtMs and retiredAtMs must be milliseconds since 1970, each later than the one before.",
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

    /// The state at a time.
    pub fn state(&self, now: Timestamp) -> KeyState {
        match now {
            now if now >= self.retired_at => KeyState::Retired,
            now if now >= self.retiring_at => KeyState::Retiring,
            now if now >= self.active_at => KeyState::Active,
            _ => KeyState::Upcoming,
        }
    }

    /// From when on nothing of this key is believed.
    pub const fn retired_at(&self) -> Timestamp {
        self.retired_at
    }
}

/// The one of these that signs and seals: the first active one; without any, the first retiring
/// one.
pub fn current_key<'a, T>(
    keys: impl Iterator<Item = (&'a T, &'a KeySchedule)> + Clone,
    now: Timestamp,
) -> Option<&'a T> {
    let first = |wanted| {
        keys.clone().find(|(_, schedule)| schedule.state(now) == wanted).map(|(key, _)| key)
    };
    first(KeyState::Active).or_else(|| first(KeyState::Retiring))
}
