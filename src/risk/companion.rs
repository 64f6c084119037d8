//! Floor 2. What one session remembers of who uses it: the two last browsers and TLS clients that
//! were accepted.

use super::place::Place;
use super::signals::Signals;
use super::tags::Tag;
use crate::foundation::time::Timestamp;

/// Two devices take turns while neither is away for longer than this.
const TURN_MS: u64 = 3_600_000;

/// A browser and a TLS client that were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Face {
    /// Browser family, system and class of device.
    pub family: Option<Tag>,
    /// The browser's major version.
    pub major: Option<u16>,
    /// The TLS client.
    pub tls: Option<Tag>,
    /// The language.
    pub language: Option<Tag>,
    /// When it was seen last.
    pub at: Timestamp,
}

/// What one session remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Companion {
    /// The latest.
    pub latest: Option<Face>,
    /// The one before it.
    pub other: Option<Face>,
    /// How often the two took turns.
    pub turns: u8,
    /// Where it was last, and when.
    pub place: Option<(Timestamp, Place)>,
}

impl Companion {
    /// How often the two will have taken turns after this event. A third device's turn is one, too:
    /// it would be a thief's excuse.
    pub(super) fn turns_with(&self, signals: &Signals, now: Timestamp) -> u8 {
        let seen = face(signals, now);
        let Some((latest, other)) = self.latest.zip(self.other) else { return 0 };
        if now.ms_since(other.at) > TURN_MS {
            return 0;
        }
        self.turns.saturating_add(u8::from(!latest.is_alike(&seen)))
    }

    /// The event was accepted.
    pub fn accept(&mut self, signals: &Signals, now: Timestamp) {
        let seen = face(signals, now);
        self.turns = self.turns_with(signals, now);
        if let Some(place) = signals.place {
            self.place = self.place.max(Some((now, place)));
        }
        match &mut self.latest {
            Some(latest) if latest.is_alike(&seen) => latest.update(&seen),
            latest => {
                // What this event did not tell is as it was.
                let known = latest.map_or(seen, |latest| seen.or(&latest));
                self.other = latest.replace(known);
            }
        }
    }
}

impl Face {
    /// Whether nothing that both know differs, but a version.
    fn is_alike(&self, other: &Self) -> bool {
        let alike = |one: Option<Tag>, other: Option<Tag>| {
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

fn face(signals: &Signals, now: Timestamp) -> Face {
    let Signals { appearance, tls, language, .. } = *signals;
    Face {
        family: appearance.map(|one| one.family),
        major: appearance.and_then(|one| one.major),
        tls,
        language,
        at: now,
    }
}
