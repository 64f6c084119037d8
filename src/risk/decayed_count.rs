//! Floor 2. How often and how lately, in one number: a sum of events that halves every 30 days, as
//! its logarithm counted from 1970 (forward decay, Cormode et al., ICDE 2009). It never has to be
//! brought up to date, two of them compare without a clock, and the larger of two is the later
//! knowledge of the same events.

use crate::foundation::time::Timestamp;

/// Days after which an event counts half.
const HALF_LIFE_MS: f64 = 30.0 * 86_400_000.0;
/// Steps of a doubling: a step is a 24,000th of the sum.
const STEPS: f64 = 16_384.0;
/// No more doublings than that stand between a heat and a clock, which may run behind: nothing
/// counts more than 1024 times.
const MAX_AHEAD: f64 = 10.0;

/// 0: never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct DecayedCount(pub(super) u32);

impl DecayedCount {
    /// The same after another event.
    pub(super) fn increment(self, now: Timestamp) -> Self {
        let event = half_lives(now);
        if self == Self::default() {
            return Self::from_value(event);
        }
        let before = f64::from(self.0) / STEPS;
        let (more, less) = if before > event { (before, event) } else { (event, before) };
        // Never less than before, whatever the rounding.
        Self::from_value(more + log2(1.0 + exp2(less - more))).max(self)
    }

    /// How many events it amounts to by now.
    pub(super) fn value(self, now: Timestamp) -> f64 {
        if self == Self::default() {
            return 0.0;
        }
        let ahead = f64::from(self.0) / STEPS - half_lives(now);
        exp2(if ahead > MAX_AHEAD { MAX_AHEAD } else { ahead })
    }

    /// `as` saturates, and takes NaN for 0.
    fn from_value(doublings: f64) -> Self {
        Self(((doublings * STEPS + 0.5) as u32).max(1))
    }
}

/// `libm::exp2` brings a table of 4 KB along.
fn exp2(doublings: f64) -> f64 {
    libm::exp(doublings * std::f64::consts::LN_2)
}

fn log2(number: f64) -> f64 {
    libm::log(number) * std::f64::consts::LOG2_E
}

fn half_lives(now: Timestamp) -> f64 {
    now.ms() as f64 / HALF_LIFE_MS
}
