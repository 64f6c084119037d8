//! Profiles whose counts are exact. Heats are kept in steps of a 16384th of a doubling, so a count
//! that was learned is off by up to a 47,000th; powers of two at whole half-lives are not, and
//! evidence of them compares to 1e-9.
//!
//! The bytes are read and written here once more, by the table in src/risk/codec.rs: a format that
//! changes unnoticed fails.

use super::user::{HOUR, User};
use portcullis::risk::{RequestContext, RiskEventKind, RiskProfile};

/// Whole half-lives after 1970 (of 30 days each, so it is midnight).
pub const HALF_LIFE: u64 = 30 * 86_400_000;
pub const NOW: u64 = 700 * HALF_LIFE;
const STEPS_A_DOUBLING: u64 = 16_384;

/// Counts, each 0 or a power of two.
#[derive(Debug, Clone, Copy)]
pub struct FeatureCounts {
    pub learned: u64,
    /// n, N1, N2, N3.
    pub networks: [f64; 4],
    /// nd, Nd.
    pub sign_ins: [f64; 2],
    /// m, k.
    pub tls: [f64; 2],
    /// How often a browser was compared with its session's, and was another or an older one.
    pub browsers: [f64; 2],
    /// h of the first network.
    pub heat: f64,
    /// By the hour of the day.
    pub hours: [f64; 24],
}

/// Somebody with 16 events, 4 of them from new networks, 2 of a new provider, 1 in a new country.
pub const MOVER: FeatureCounts = FeatureCounts {
    learned: 16,
    networks: [16.0, 4.0, 2.0, 1.0],
    sign_ins: [16.0, 2.0],
    tls: [16.0, 1.0],
    browsers: [0.0; 2],
    heat: 16.0,
    hours: [0.0; 24],
};

/// Who was seen with this context, at [`NOW`], and has these counts. Hours that are all 0
/// contribute nothing.
pub fn user(seen: &RequestContext<'_>, counts: &FeatureCounts) -> User {
    user_of(&[(*seen, 0.0)], counts)
}

/// The same with more networks, each of another provider, and how often another prefix of that one
/// was new: the last was seen first, an hour each before the one before it.
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

/// The hottest of each list come first.
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

    /// A number in LEB128.
    fn number(&mut self) -> u64 {
        let length = self.from.iter().position(|byte| byte & 0x80 == 0).expect("an end") + 1;
        let number = self.from[..length]
            .iter()
            .rev()
            .fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f));
        self.raw(length);
        number
    }

    /// Another number in place of one.
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
