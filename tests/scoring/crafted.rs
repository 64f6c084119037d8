//! Risk profiles with exact counts. A learned count is off by up to a 47,000th, because counts are
//! stored in steps of a 16384th of a doubling. Powers of two at whole half-lives are exact, so
//! their evidence compares to 1e-9.
//!
//! The bytes are decoded and encoded here a second time, after the table in
//! src/risk/profile_codec.rs, so that an unintended change of the format fails.

use super::user::{HOUR, User};
use portcullis::risk::{RequestContext, RiskEventKind, RiskProfile};

/// A half-life of 30 days in milliseconds. Whole half-lives after 1970 are midnight.
pub const HALF_LIFE: u64 = 30 * 86_400_000;
pub const NOW: u64 = 700 * HALF_LIFE;
const STEPS_A_DOUBLING: u64 = 16_384;

/// Counts of a profile, each 0 or a power of two.
#[derive(Debug, Clone, Copy)]
pub struct FeatureCounts {
    pub learned: u64,
    /// Events, new prefixes, new providers and new countries: n, N1, N2, N3.
    pub networks: [f64; 4],
    /// Sign-ins and sign-ins with a new browser: nd, Nd.
    pub sign_ins: [f64; 2],
    /// TLS comparisons and TLS changes: m, k.
    pub tls: [f64; 2],
    /// Browser comparisons, and those with another or an older browser.
    pub browsers: [f64; 2],
    /// Count of the first network: h.
    pub heat: f64,
    /// Events by the hour of the day.
    pub hours: [f64; 24],
}

/// A user with 16 events: 4 on new networks, 2 with a new provider, 1 in a new country.
pub const MOVER: FeatureCounts = FeatureCounts {
    learned: 16,
    networks: [16.0, 4.0, 2.0, 1.0],
    sign_ins: [16.0, 2.0],
    tls: [16.0, 1.0],
    browsers: [0.0; 2],
    heat: 16.0,
    hours: [0.0; 24],
};

/// A user who was seen with this context at [`NOW`] and has these counts. Hours that are all 0
/// contribute nothing.
pub fn user(seen: &RequestContext<'_>, counts: &FeatureCounts) -> User {
    user_of(&[(*seen, 0.0)], counts)
}

/// A user with several networks, each of another provider, and the new prefixes of each provider.
/// The last network was seen first, each an hour before the one before it.
pub fn user_of(seen: &[(RequestContext<'_>, f64)], counts: &FeatureCounts) -> User {
    let mut user = User::new();
    for ((context, _), hours) in seen.iter().zip(0..).collect::<Vec<_>>().into_iter().rev() {
        user.accept(
            &RequestContext { kind: RiskEventKind::SignIn, ..*context },
            NOW - hours * HOUR,
        );
    }
    let moves: Vec<f64> = seen.iter().map(|(_, moves)| *moves).collect();
    user.profile = RiskProfile::from_bytes(&rewritten(&user.profile.to_bytes(), counts, &moves))
        .expect("a profile");
    user
}

/// Rewrites the counts. The entry with the highest count comes first in each list.
fn rewritten(bytes: &[u8], counts: &FeatureCounts, moves: &[f64]) -> Vec<u8> {
    let mut copy = Copy { from: bytes, to: Vec::new() };
    copy.raw(1);
    copy.replace(counts.learned);
    copy.number();
    let all =
        counts.networks.iter().chain(&counts.sign_ins).chain(&counts.tls).chain(&counts.browsers);
    all.for_each(|count| copy.replace(heat(*count)));
    for place in 0..copy.number() {
        copy.raw(4);
        if place == 0 {
            copy.replace(heat(counts.heat));
        } else {
            copy.number();
        }
        copy.number();
        copy.raw(4);
    }
    let [providers, _countries] = ["providers", "countries"].map(|_| {
        let familiar = copy.number();
        for _ in 0..familiar {
            copy.raw(4);
            copy.number();
        }
        familiar as usize
    });
    for _ in 0..copy.number() {
        copy.number();
        copy.number();
        copy.raw(12);
    }
    counts.hours.iter().for_each(|count| copy.replace(heat(*count)));
    for length in [5, 2] {
        copy.raw(1);
        if copy.to.ends_with(&[1]) {
            copy.number();
            copy.raw(length);
        }
    }
    let of_providers = moves.iter().take(providers);
    of_providers.for_each(|count| copy.replace(heat(*count)));
    assert!(copy.from.is_empty(), "{:?}", copy.from);
    copy.to
}

fn heat(count: f64) -> u64 {
    if count == 0.0 {
        return 0;
    }
    let doublings = count.log2();
    assert_eq!(doublings.fract(), 0.0, "{count} is no power of two");
    ((NOW / HALF_LIFE) as i64 + doublings as i64) as u64 * STEPS_A_DOUBLING
}

struct Copy<'a> {
    from: &'a [u8],
    to: Vec<u8>,
}

impl Copy<'_> {
    fn raw(&mut self, count: usize) {
        let (taken, rest) = self.from.split_at(count);
        self.to.extend_from_slice(taken);
        self.from = rest;
    }

    /// Reads a number in LEB128.
    fn number(&mut self) -> u64 {
        let length = self.from.iter().position(|byte| byte & 0x80 == 0).expect("an end") + 1;
        let number = self.from[..length]
            .iter()
            .rev()
            .fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f));
        self.raw(length);
        number
    }

    /// Replaces a number by another one.
    fn replace(&mut self, mut number: u64) {
        let length = self.to.len();
        self.number();
        self.to.truncate(length);
        while number >= 0x80 {
            self.to.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.to.push(number as u8);
    }
}
