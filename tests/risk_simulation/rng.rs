//! Distributions of random numbers for the simulated worlds.

pub use crate::rng::Rng;
use crate::rng::{INCREMENT, mix_bits};

impl Rng {
    /// The generator for these numbers. Other numbers give independent sequences.
    pub fn from_seed(names: &[u64]) -> Self {
        Self(mix(names).wrapping_add(INCREMENT))
    }

    /// A number from 0 to 1, excluding 1.
    pub fn next_unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.next_unit() < probability
    }

    pub fn index_below(&mut self, bound: usize) -> usize {
        (self.next_unit() * bound as f64) as usize
    }

    pub fn between(&mut self, least: f64, most: f64) -> f64 {
        least + self.next_unit() * (most - least)
    }

    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.next_unit()).ln()
    }

    /// A log-normal number. `spread` is the standard deviation of the logarithm.
    pub fn around(&mut self, median: f64, spread: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.next_unit()).ln()).sqrt();
        median * (spread * radius * (std::f64::consts::TAU * self.next_unit()).cos()).exp()
    }

    /// A Poisson number with this mean.
    pub fn count(&mut self, mean: f64) -> usize {
        let (limit, mut product, mut count) = ((-mean).exp(), self.next_unit(), 0);
        while product > limit {
            product *= self.next_unit();
            count += 1;
        }
        count
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index_below(from.len())]
    }

    /// An index, drawn by weight.
    pub fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let mut rest = self.next_unit() * weights.clone().sum::<f64>();
        let mut last = 0;
        for (place, weight) in weights.enumerate() {
            last = place;
            rest -= weight;
            if rest < 0.0 {
                break;
            }
        }
        last
    }
}

/// Hashes several numbers into one.
pub fn mix(words: &[u64]) -> u64 {
    words
        .iter()
        .fold(0x243f_6a88_85a3_08d3, |mixed, word| stirred(mixed ^ stirred(word.wrapping_add(1))))
}

fn stirred(word: u64) -> u64 {
    mix_bits(word.wrapping_add(INCREMENT))
}
