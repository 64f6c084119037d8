//! Points in time and lengths of time. Arithmetic saturates, so that a wrong clock overflows
//! nothing.

use crate::foundation::error::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};

/// The last moment of the year 9999, in milliseconds since 1970 (RFC 7519 NumericDate, RFC 3339
/// years).
const MAX_TIMESTAMP_MS: u64 = 253_402_300_799_000;

/// A moment in milliseconds since 1970, as the host's clock gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

/// A length of time in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub u32);

impl Timestamp {
    /// Takes the time of the host's clock.
    ///
    /// # Errors
    /// [`ErrorCode::Clock`] for NaN, zero, negative and infinite numbers, and for times after the
    /// year 9999.
    pub fn from_host(ms: f64) -> Result<Self> {
        // `as` is exact below 2^53, and the range was checked in floating point before.
        if ms >= 1.0 && ms <= MAX_TIMESTAMP_MS as f64 {
            Ok(Self(ms as u64))
        } else {
            Err(Error::from(ErrorCode::Clock))
        }
    }

    /// Takes milliseconds since 1970 that are known to be valid.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// The milliseconds since 1970.
    pub const fn ms(self) -> u64 {
        self.0
    }

    /// The whole seconds since 1970, as tokens carry them.
    pub const fn whole_seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The moment that lies `length` later.
    pub const fn saturating_add(self, length: Seconds) -> Self {
        Self(self.0.saturating_add(length.ms()))
    }

    /// The milliseconds since `earlier`, or 0 where the clock went backwards.
    pub const fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The whole seconds until `later`, or 0 where that has passed.
    pub const fn seconds_until(self, later: Self) -> u64 {
        later.0.saturating_sub(self.0) / 1000
    }
}

impl Seconds {
    /// The length of time in milliseconds.
    pub const fn ms(self) -> u64 {
        (self.0 as u64).saturating_mul(1000)
    }
}
