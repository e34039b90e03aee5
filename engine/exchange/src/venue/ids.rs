//! From the venue's id of an order to its place: open addressing with linear probing over places alone, 4 bytes each.
//!
//! The caller says by `id_of` what id a place has. Ids that follow each other lie two apart, so that taking one out looks no further than
//! its neighbour; what must move goes back as in [`Table`](super::table::Table).

/// A table of at most half as many orders as it has places.
#[derive(Debug, Clone)]
pub struct Ids {
    /// Place and one; 0 for none.
    places: Vec<u32>,
    mask: usize,
}

impl Ids {
    /// Returns an empty table for `most` orders.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let size = (2 * most.max(4)).next_power_of_two();
        Self { places: vec![0; size], mask: size - 1 }
    }

    #[inline]
    fn home(&self, id: u64) -> usize {
        (id << 1) as usize & self.mask
    }

    /// Returns the place of an id.
    #[inline]
    pub fn find(&self, id: u64, id_of: impl Fn(u32) -> u64) -> Option<u32> {
        let mut at = self.home(id);
        loop {
            let place = self.places[at].checked_sub(1)?;
            if id_of(place) == id {
                return Some(place);
            }
            at = (at + 1) & self.mask;
        }
    }

    /// Notes an id that is not there; the caller keeps the table half empty.
    #[inline]
    pub fn insert(&mut self, id: u64, place: u32) {
        let mut at = self.home(id);
        while self.places[at] != 0 {
            at = (at + 1) & self.mask;
        }
        self.places[at] = place + 1;
    }

    /// Takes an id out, if it is there.
    #[inline]
    pub fn remove(&mut self, id: u64, place: u32, id_of: impl Fn(u32) -> u64) {
        let mut gap = self.home(id);
        while self.places[gap] != place + 1 {
            if self.places[gap] == 0 {
                return;
            }
            gap = (gap + 1) & self.mask;
        }
        let mut at = gap;
        loop {
            at = (at + 1) & self.mask;
            let Some(other) = self.places[at].checked_sub(1) else { break };
            let home = self.home(id_of(other));
            if (at.wrapping_sub(home) & self.mask) >= (at.wrapping_sub(gap) & self.mask) {
                self.places[gap] = other + 1;
                gap = at;
            }
        }
        self.places[gap] = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn it_is_a_map_also_where_ids_share_a_home() {
        let (mut ids, mut map) = (Ids::new(32), HashMap::<u64, u32>::new());
        let (mut known, mut free) = (vec![0; 32], (0..32).collect::<Vec<u32>>());
        let mut seed = 9_u64;
        for _ in 0..50_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let id = (seed >> 33 & 3) * 32 + (seed >> 40 & 15);
            if let Some(place) = map.remove(&id) {
                ids.remove(id, place, |place| known[place as usize]);
                free.push(place);
            } else if let Some(place) = free.pop() {
                known[place as usize] = id;
                map.insert(id, place);
                ids.insert(id, place);
            }
            for id in 0..128 {
                assert_eq!(ids.find(id, |place| known[place as usize]), map.get(&id).copied());
            }
        }
    }
}
