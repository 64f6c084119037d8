//! Dice that fall the same way every time (splitmix64).

#[derive(Debug, Clone, Copy)]
pub struct Rng(u64);

impl Rng {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Dice of their own for somebody else: what he does with them changes nothing here.
    pub const fn split(&mut self) -> Self {
        Self(self.next_u64())
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next_u64() % bound.max(1)
    }

    /// Both ends included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    pub fn per_mille(&mut self, chance: u64) -> bool {
        self.below(1000) < chance
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }

    /// A row of a table whose first column is its weight.
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
