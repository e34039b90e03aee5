//! A set of small integers whose neighbours are found in a few steps: bits, and three floors of bits that say which words are not empty.

/// The set. Its size is fixed when made.
pub struct Bits {
    /// Floor 0 holds a bit for each integer, floor n + 1 one for each word of floor n.
    floors: [Box<[u64]>; FLOORS],
}

const FLOORS: usize = 5; // 64^5 integers

impl Bits {
    /// Makes an empty set of integers below `size`.
    pub fn new(size: usize) -> Self {
        let mut words = size;
        Self {
            floors: std::array::from_fn(|_| {
                words = words.div_ceil(64).max(1);
                vec![0; words].into_boxed_slice()
            }),
        }
    }

    /// Puts an integer in.
    #[inline]
    pub fn insert(&mut self, mut at: usize) {
        for floor in &mut self.floors {
            let word = &mut floor[at >> 6];
            let was_empty = *word == 0;
            *word |= 1 << (at & 63);
            if !was_empty {
                return;
            }
            at >>= 6;
        }
    }

    /// Takes an integer out.
    #[inline]
    pub fn remove(&mut self, mut at: usize) {
        for floor in &mut self.floors {
            let word = &mut floor[at >> 6];
            *word &= !(1 << (at & 63));
            if *word != 0 {
                return;
            }
            at >>= 6;
        }
    }

    /// Returns the greatest integer below `at`.
    #[inline]
    pub fn below(&self, mut at: usize) -> Option<usize> {
        for (number, floor) in self.floors.iter().enumerate() {
            let word = floor[at >> 6] & ((1_u64 << (at & 63)) - 1);
            if word != 0 {
                let found = at & !63 | (63 - word.leading_zeros() as usize);
                return Some(self.descend(number, found, |word| 63 - word.leading_zeros() as usize));
            }
            at >>= 6;
        }
        None
    }

    /// Returns the least integer above `at`.
    #[inline]
    pub fn above(&self, mut at: usize) -> Option<usize> {
        for (number, floor) in self.floors.iter().enumerate() {
            let word = floor[at >> 6] & (!1_u64 << (at & 63));
            if word != 0 {
                let found = at & !63 | word.trailing_zeros() as usize;
                return Some(self.descend(number, found, |word| word.trailing_zeros() as usize));
            }
            at >>= 6;
        }
        None
    }

    #[inline]
    fn descend(&self, floor: usize, mut at: usize, pick: impl Fn(u64) -> usize) -> usize {
        for floor in self.floors[..floor].iter().rev() {
            at = at << 6 | pick(floor[at]);
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use std::collections::BTreeSet;

    #[test]
    fn neighbours_are_those_of_a_sorted_set() {
        for size in [1, 64, 65, 5_000, 2_000_000] {
            let (mut bits, mut plain, mut random) = (Bits::new(size), BTreeSet::new(), Random::new(size as u64));
            for _ in 0..4_000 {
                let at = random.below(size as u64) as usize;
                if random.below(2) == 0 {
                    bits.insert(at);
                    plain.insert(at);
                } else {
                    bits.remove(at);
                    plain.remove(&at);
                }
                let from = random.below(size as u64) as usize;
                assert_eq!(bits.below(from), plain.range(..from).next_back().copied());
                assert_eq!(bits.above(from), plain.range(from + 1..).next().copied());
            }
        }
    }
}
