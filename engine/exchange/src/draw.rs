//! Seeded draws, the same on every machine.

/// SplitMix64 (Steele, Lea, Flood 2014), and its state: any number is a seed.
#[derive(Debug, Clone)]
pub struct Draw(pub u64);

impl Draw {
    /// Returns the next 64 bits.
    #[allow(clippy::should_implement_trait, reason = "an iterator's `next` could end")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number from 0 to below `bound`; 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// Tells whether a chance of one in so many comes.
    pub fn one_in(&mut self, chance: u64) -> bool {
        self.below(chance) == 0
    }

    /// Returns one of several, each as likely.
    ///
    /// # Panics
    /// Of none there is none to return.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}
