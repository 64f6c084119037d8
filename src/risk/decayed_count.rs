//! A count of events that halves every 30 days, in one number. The number is the base-2 logarithm
//! of the decayed sum, measured from 1970 (forward decay, Cormode et al., ICDE 2009). Such a count
//! needs no periodic update, and two counts compare without a clock: the larger one is the later
//! state of the same events.

use crate::foundation::time::Timestamp;

/// Time after which an event counts half, in milliseconds: 30 days.
const HALF_LIFE_MS: f64 = 30.0 * 86_400_000.0;
/// Stored steps for each doubling. One step changes the sum by a factor of 1.00004.
const STEPS: f64 = 16_384.0;
/// Limit of the doublings between a count and the clock, which may run behind: no value exceeds
/// 1024.
const MAX_AHEAD: f64 = 10.0;

/// A decayed count of events, as steps of its logarithm. 0 means that no event was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct DecayedCount(pub(super) u32);

impl DecayedCount {
    /// Adds one event at `now`.
    pub(super) fn increment(self, now: Timestamp) -> Self {
        let event = half_lives(now);
        if self == Self::default() {
            return Self::from_value(event);
        }
        let before = f64::from(self.0) / STEPS;
        let (more, less) = if before > event { (before, event) } else { (event, before) };
        // Rounding must not lower a count.
        Self::from_value(more + log2(1.0 + exp2(less - more))).max(self)
    }

    /// The decayed number of events at `now`.
    pub(super) fn value(self, now: Timestamp) -> f64 {
        if self == Self::default() {
            return 0.0;
        }
        let ahead = f64::from(self.0) / STEPS - half_lives(now);
        exp2(if ahead > MAX_AHEAD { MAX_AHEAD } else { ahead })
    }

    /// Encodes a number of doublings. The cast saturates and turns NaN into 0.
    fn from_value(doublings: f64) -> Self {
        Self(((doublings * STEPS + 0.5) as u32).max(1))
    }
}

/// 2 to the power of `doublings`. measured: see performance.md, Exponentials and sines
fn exp2(doublings: f64) -> f64 {
    libm::exp(doublings * std::f64::consts::LN_2)
}

fn log2(number: f64) -> f64 {
    libm::log(number) * std::f64::consts::LOG2_E
}

fn half_lives(now: Timestamp) -> f64 {
    now.ms() as f64 / HALF_LIFE_MS
}
