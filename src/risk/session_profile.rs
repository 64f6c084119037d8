//! The history of one session: the last two browsers and TLS clients that were accepted.

use super::feature_hash::FeatureHash;
use super::geo::CoarseLocation;
use super::signals::Signals;
use crate::foundation::time::Timestamp;

/// Longest absence of a device that still counts as alternation, in milliseconds: one hour.
const ALTERNATION_MS: u64 = 3_600_000;

/// A browser, TLS client and language that were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientFingerprint {
    /// Feature hash of browser family, system and device class.
    pub family: Option<FeatureHash>,
    /// Major version of the browser.
    pub major: Option<u16>,
    /// Feature hash of the TLS fingerprint.
    pub tls: Option<FeatureHash>,
    /// Feature hash of the preferred language.
    pub language: Option<FeatureHash>,
    /// Time of the last request with this fingerprint.
    pub at: Timestamp,
}

/// The history of one session, as its record stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionProfile {
    /// Client of the latest accepted event.
    pub latest: Option<ClientFingerprint>,
    /// The client before the latest one.
    pub previous: Option<ClientFingerprint>,
    /// Consecutive changes between the two clients.
    pub alternations: u8,
    /// The last location, and when the session was there.
    pub location: Option<(Timestamp, CoarseLocation)>,
}

impl SessionProfile {
    /// Counts the alternations including this event. A third device counts as well: otherwise a
    /// thief could hide behind a second device.
    pub(super) fn alternations_with(&self, signals: &Signals, now: Timestamp) -> u8 {
        let seen = client_fingerprint(signals, now);
        let Some((latest, other)) = self.latest.zip(self.previous) else { return 0 };
        if now.ms_since(other.at) > ALTERNATION_MS {
            return 0;
        }
        self.alternations.saturating_add(u8::from(!latest.is_alike(&seen)))
    }

    /// Updates the history with an accepted event.
    pub fn record_accepted(&mut self, signals: &Signals, now: Timestamp) {
        let seen = client_fingerprint(signals, now);
        self.alternations = self.alternations_with(signals, now);
        if let Some(place) = signals.location {
            self.location = self.location.max(Some((now, place)));
        }
        match &mut self.latest {
            Some(latest) if latest.is_alike(&seen) => latest.update(&seen),
            latest => {
                // Signals that are missing in this event keep their last value.
                let known = latest.map_or(seen, |latest| seen.or(&latest));
                self.previous = latest.replace(known);
            }
        }
    }
}

impl ClientFingerprint {
    /// Whether all hashes that both fingerprints have are equal. Versions may differ.
    fn is_alike(&self, other: &Self) -> bool {
        let alike = |one: Option<FeatureHash>, other: Option<FeatureHash>| {
            one.zip(other).is_none_or(|(one, other)| one == other)
        };
        alike(self.family, other.family) && alike(self.tls, other.tls)
    }

    fn update(&mut self, seen: &Self) {
        *self = Self { at: seen.at.max(self.at), ..seen.or(self) };
    }

    fn or(&self, before: &Self) -> Self {
        Self {
            family: self.family.or(before.family),
            major: if self.family.is_some() { self.major } else { before.major },
            tls: self.tls.or(before.tls),
            language: self.language.or(before.language),
            at: self.at,
        }
    }
}

fn client_fingerprint(signals: &Signals, now: Timestamp) -> ClientFingerprint {
    let Signals { browser, tls, language, .. } = *signals;
    ClientFingerprint {
        family: browser.map(|one| one.family),
        major: browser.and_then(|one| one.major),
        tls,
        language,
        at: now,
    }
}
