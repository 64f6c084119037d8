//! Floor 2. What one session remembers of who uses it: the two last browsers and TLS clients that
//! were accepted.

use super::feature_hash::FeatureHash;
use super::geo::CoarseLocation;
use super::signals::Signals;
use crate::foundation::time::Timestamp;

/// Two devices take turns while neither is away for longer than this.
const ALTERNATION_MS: u64 = 3_600_000;

/// A browser and a TLS client that were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientFingerprint {
    /// Browser family, system and class of device.
    pub family: Option<FeatureHash>,
    /// The browser's major version.
    pub major: Option<u16>,
    /// The TLS client.
    pub tls: Option<FeatureHash>,
    /// The language.
    pub language: Option<FeatureHash>,
    /// When it was seen last.
    pub at: Timestamp,
}

/// What one session remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SessionProfile {
    /// The latest.
    pub latest: Option<ClientFingerprint>,
    /// The one before it.
    pub previous: Option<ClientFingerprint>,
    /// How often the two took turns.
    pub alternations: u8,
    /// Where it was last, and when.
    pub location: Option<(Timestamp, CoarseLocation)>,
}

impl SessionProfile {
    /// How often the two will have taken turns after this event. A third device's turn is one, too:
    /// it would be a thief's excuse.
    pub(super) fn alternations_with(&self, signals: &Signals, now: Timestamp) -> u8 {
        let seen = client_fingerprint(signals, now);
        let Some((latest, other)) = self.latest.zip(self.previous) else { return 0 };
        if now.ms_since(other.at) > ALTERNATION_MS {
            return 0;
        }
        self.alternations.saturating_add(u8::from(!latest.is_alike(&seen)))
    }

    /// The event was accepted.
    pub fn record_accepted(&mut self, signals: &Signals, now: Timestamp) {
        let seen = client_fingerprint(signals, now);
        self.alternations = self.alternations_with(signals, now);
        if let Some(place) = signals.location {
            self.location = self.location.max(Some((now, place)));
        }
        match &mut self.latest {
            Some(latest) if latest.is_alike(&seen) => latest.update(&seen),
            latest => {
                // What this event did not tell is as it was.
                let known = latest.map_or(seen, |latest| seen.or(&latest));
                self.previous = latest.replace(known);
            }
        }
    }
}

impl ClientFingerprint {
    /// Whether nothing that both know differs, but a version.
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
    let Signals { browser: appearance, tls, language, .. } = *signals;
    ClientFingerprint {
        family: appearance.map(|one| one.family),
        major: appearance.and_then(|one| one.major),
        tls,
        language,
        at: now,
    }
}
