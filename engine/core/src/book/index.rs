//! From an order's id to its place in the slab.
//!
//! [`Sparse`] takes any id: open addressing with linear probing, as much room as was asked for and never more. [`Dense`] is an array, for a
//! venue whose ids are small numbers that it uses again.
//!
//! Removing from a sparse one shifts back what probed past the gap (Knuth, vol. 3, 6.4, algorithm R): there are no tombstones, so a table that lives for years
//! stays as quick as a new one.

const EMPTY: u32 = u32::MAX;

/// From an order's id to its place in the slab.
pub trait Index {
    /// Tells whether it can hold an id.
    fn holds(&self, id: u64) -> bool;

    /// Returns the place of an id.
    fn get(&self, id: u64) -> Option<u32>;

    /// Notes the place of an id that is not there.
    fn insert(&mut self, id: u64, place: u32);

    /// Forgets an id that is there.
    fn remove(&mut self, id: u64);
}

/// Ids below a bound, by their place in an array; what is not used of it takes no memory.
#[derive(Debug, Clone)]
pub struct Dense {
    /// Place in the slab and one; 0 for none.
    places: Vec<u32>,
}

impl Dense {
    /// Returns an empty one for ids below `bound`.
    pub fn new(bound: usize) -> Self {
        Self { places: vec![0; bound] }
    }
}

impl Index for Dense {
    #[inline(always)]
    fn holds(&self, id: u64) -> bool {
        id < self.places.len() as u64
    }

    #[inline(always)]
    fn get(&self, id: u64) -> Option<u32> {
        self.places.get(id as usize)?.checked_sub(1)
    }

    #[inline(always)]
    fn insert(&mut self, id: u64, place: u32) {
        self.places[id as usize] = place + 1;
    }

    #[inline(always)]
    fn remove(&mut self, id: u64) {
        self.places[id as usize] = 0;
    }
}

/// A table of at most half as many ids as it has places.
#[derive(Debug, Clone)]
pub struct Sparse {
    /// (id, place in the slab).
    places: Vec<(u64, u32)>,
    mask: usize,
}

impl Sparse {
    /// Returns an empty table for `most` ids.
    pub fn new(most: usize) -> Self {
        let size = (2 * most.max(4)).next_power_of_two();
        Self { places: vec![(0, EMPTY); size], mask: size - 1 }
    }

    /// Spreads ids that follow each other (Fibonacci hashing, Knuth, vol. 3, 6.4).
    #[inline(always)]
    fn home(&self, id: u64) -> usize {
        (id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & self.mask
    }

    #[inline(always)]
    fn find(&self, id: u64) -> Option<usize> {
        let mut at = self.home(id);
        loop {
            let (key, value) = self.places[at];
            if value == EMPTY {
                return None;
            }
            if key == id {
                return Some(at);
            }
            at = (at + 1) & self.mask;
        }
    }
}

impl Index for Sparse {
    #[inline(always)]
    fn holds(&self, _: u64) -> bool {
        true
    }

    #[inline(always)]
    fn get(&self, id: u64) -> Option<u32> {
        self.find(id).map(|at| self.places[at].1)
    }

    // The caller keeps the table half empty.
    #[inline(always)]
    fn insert(&mut self, id: u64, place: u32) {
        let mut at = self.home(id);
        while self.places[at].1 != EMPTY {
            at = (at + 1) & self.mask;
        }
        self.places[at] = (id, place);
    }

    #[inline(always)]
    fn remove(&mut self, id: u64) {
        let Some(mut gap) = self.find(id) else { return };
        let mut at = gap;
        loop {
            at = (at + 1) & self.mask;
            let (key, value) = self.places[at];
            if value == EMPTY {
                break;
            }
            // What sits at or after its home counted from the gap may not move before it.
            if (at.wrapping_sub(self.home(key)) & self.mask) >= (at.wrapping_sub(gap) & self.mask) {
                self.places[gap] = (key, value);
                gap = at;
            }
        }
        self.places[gap].1 = EMPTY;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn both_are_maps() {
        check(Sparse::new(64));
        check(Dense::new(128));
        assert!(!Dense::new(128).holds(128) && Dense::new(128).get(128).is_none());
    }

    fn check(mut index: impl Index) {
        let mut map = HashMap::new();
        let mut seed = 3_u64;
        for step in 0..100_000_u32 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let id = seed >> 33 & 127;
            if map.contains_key(&id) {
                map.remove(&id);
                index.remove(id);
            } else if map.len() < 64 {
                map.insert(id, step);
                index.insert(id, step);
            }
            for id in 0..128 {
                assert_eq!(index.get(id), map.get(&id).copied());
            }
        }
    }
}
