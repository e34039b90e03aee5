//! From a hash to a place: open addressing with linear probing, as much room as was asked for and never more.
//!
//! The caller says by `is_it` whether a place is the one meant, so equal hashes do no harm. Removing shifts back what probed past the gap
//! (Knuth, vol. 3, 6.4, algorithm R): no tombstones.

const EMPTY: u32 = u32::MAX;

/// A table of at most half as many entries as it has places.
#[derive(Debug, Clone)]
pub struct Table {
    /// (hash, place).
    entries: Vec<(u64, u32)>,
    mask: usize,
}

impl Table {
    /// Returns an empty table for `most` entries.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let size = (2 * most.max(4)).next_power_of_two();
        Self { entries: vec![(0, EMPTY); size], mask: size - 1 }
    }

    /// Returns the place of an entry.
    #[inline]
    pub fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = hash as usize & self.mask;
        loop {
            let (key, place) = self.entries[at];
            if place == EMPTY {
                return None;
            }
            if key == hash && is_it(place) {
                return Some(place);
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Notes an entry; the caller keeps the table half empty.
    #[inline]
    pub fn insert(&mut self, hash: u64, place: u32) {
        let mut at = hash as usize & self.mask;
        while self.entries[at].1 != EMPTY {
            at = (at + 1) & self.mask;
        }
        self.entries[at] = (hash, place);
    }

    /// Forgets an entry; tells whether it was there.
    #[inline]
    pub fn remove(&mut self, hash: u64, place: u32) -> bool {
        let mut gap = hash as usize & self.mask;
        while self.entries[gap] != (hash, place) {
            if self.entries[gap].1 == EMPTY {
                return false;
            }
            gap = (gap + 1) & self.mask;
        }
        let mut at = gap;
        loop {
            at = (at + 1) & self.mask;
            let (key, other) = self.entries[at];
            if other == EMPTY {
                break;
            }
            if (at.wrapping_sub(key as usize) & self.mask) >= (at.wrapping_sub(gap) & self.mask) {
                self.entries[gap] = (key, other);
                gap = at;
            }
        }
        self.entries[gap].1 = EMPTY;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn it_is_a_map_even_where_hashes_are_equal() {
        let (mut table, mut map) = (Table::new(64), HashMap::<u64, u32>::new());
        let mut seed = 5_u64;
        for _ in 0..50_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let id = seed >> 33 & 127;
            let hash = id & 15;
            if map.remove(&id).is_some() {
                table.remove(hash, id as u32);
            } else if map.len() < 64 {
                map.insert(id, id as u32);
                table.insert(hash, id as u32);
            }
            for id in 0..128 {
                assert_eq!(table.find(id & 15, |place| place == id as u32), map.get(&id).copied());
            }
        }
    }
}
