//! The one random number generator of the tests: SplitMix64 (Steele, Lea and Flood, 2014). The same
//! seed gives the same numbers on every machine. Each test adds the methods that it needs.
#![allow(dead_code, reason = "each test uses its own part of the generator")]

/// The increment of the generator's state.
pub const INCREMENT: u64 = 0x9e37_79b9_7f4a_7c15;

/// A generator, by its state.
#[derive(Debug, Clone, Copy)]
pub struct Rng(pub u64);

impl Rng {
    /// A generator that begins with a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 random bits.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(INCREMENT);
        mix_bits(self.0)
    }

    /// A generator for another user of random numbers. Its draws change nothing here.
    pub const fn split(&mut self) -> Self {
        Self(self.next_u64())
    }

    /// A number below `bound`. A bound of 0 counts as 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next_u64() % bound.max(1)
    }

    /// An index into a list of this length.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }
}

/// Mixes the bits of a state, so that neighbouring states give unrelated numbers.
pub const fn mix_bits(word: u64) -> u64 {
    let mixed = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
