//! The random draws of the simulation.

pub use crate::rng::Rng;

impl Rng {
    /// A number in a range that includes both ends.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    pub fn per_mille(&mut self, chance: u64) -> bool {
        self.below(1000) < chance
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }

    /// A row of a table whose first column is the weight of the row.
    pub fn weighted<T: Copy>(&mut self, table: &[(u64, T)]) -> T {
        let mut rest = self.below(table.iter().map(|(weight, _)| weight).sum());
        for (weight, row) in table {
            if rest < *weight {
                return *row;
            }
            rest -= weight;
        }
        unreachable!("the weights add up")
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| (self.next_u64() >> 32) as u8).collect()
    }
}
