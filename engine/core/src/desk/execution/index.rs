//! An index from pairs of numbers to a number: a hash table with chains in one block of memory that is taken at the start.
use super::id::mix;

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Node {
    key: (u64, u64),
    value: u32,
    /// Next of the same bucket, or next free node.
    next: u32,
    /// Next of the caller's own list.
    sibling: u32,
}

/// The index. Never iterated: its order means nothing.
pub struct Index {
    buckets: Box<[u32]>,
    nodes: Box<[Node]>,
    free: u32,
    len: usize,
}

impl Index {
    /// Makes an index for `capacity` entries.
    ///
    /// # Panics
    /// Where `capacity` does not fit into 31 bits.
    pub fn new(capacity: usize) -> Self {
        assert!(capacity < 1 << 31, "an index has fewer than 2^31 entries");
        let empty = |at: usize| Node { key: (0, 0), value: 0, next: if at + 1 < capacity { at as u32 + 1 } else { NONE }, sibling: NONE };
        Self {
            buckets: vec![NONE; (2 * capacity).next_power_of_two().max(2)].into_boxed_slice(),
            nodes: (0..capacity).map(empty).collect(),
            free: if capacity == 0 { NONE } else { 0 },
            len: 0,
        }
    }

    /// Returns how many entries fit still.
    pub fn room(&self) -> usize {
        self.nodes.len() - self.len
    }

    #[inline(always)]
    fn bucket(&self, key: (u64, u64)) -> usize {
        mix(mix(key.0) ^ key.1) as usize & (self.buckets.len() - 1)
    }

    /// Returns the value of a key.
    #[inline]
    pub fn get(&self, key: (u64, u64)) -> Option<u32> {
        let mut at = self.buckets[self.bucket(key)];
        while at != NONE {
            let node = &self.nodes[at as usize];
            if node.key == key {
                return Some(node.value);
            }
            at = node.next;
        }
        None
    }

    /// Adds a key that is not there, in front of the list that begins at `list`; returns the list's new beginning, or nothing where there is no room.
    #[inline]
    pub fn insert(&mut self, key: (u64, u64), value: u32, list: Option<u32>) -> Option<u32> {
        let at = self.free;
        let bucket = self.bucket(key);
        let node = self.nodes.get_mut(at as usize)?;
        self.free = node.next;
        *node = Node { key, value, next: self.buckets[bucket], sibling: list.unwrap_or(NONE) };
        self.buckets[bucket] = at;
        self.len += 1;
        Some(at)
    }

    /// Returns the keys of the list that begins at `list`, the newest first.
    pub fn list(&self, list: Option<u32>) -> impl Iterator<Item = (u64, u64)> {
        let mut at = list.unwrap_or(NONE);
        std::iter::from_fn(move || {
            let node = self.nodes.get(at as usize)?;
            at = node.sibling;
            Some(node.key)
        })
    }

    /// Removes every key of the list that begins at `list`.
    pub fn remove_list(&mut self, list: Option<u32>) {
        let mut at = list.unwrap_or(NONE);
        while at != NONE {
            let sibling = self.nodes[at as usize].sibling;
            self.remove_node(at);
            at = sibling;
        }
    }

    /// Removes a key that is in no list.
    pub fn remove_key(&mut self, key: (u64, u64)) {
        let mut at = self.buckets[self.bucket(key)];
        while let Some(node) = self.nodes.get(at as usize) {
            if node.key == key {
                return self.remove_node(at);
            }
            at = node.next;
        }
    }

    fn remove_node(&mut self, at: u32) {
        let bucket = self.bucket(self.nodes[at as usize].key);
        let next = self.nodes[at as usize].next;
        if self.buckets[bucket] == at {
            self.buckets[bucket] = next;
        } else {
            let mut before = self.buckets[bucket];
            while self.nodes[before as usize].next != at {
                before = self.nodes[before as usize].next;
            }
            self.nodes[before as usize].next = next;
        }
        self.nodes[at as usize].next = self.free;
        self.free = at;
        self.len -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn it_finds_what_a_map_finds_and_gives_its_room_back() {
        let mut index = Index::new(64);
        let mut map: BTreeMap<(u64, u64), u32> = BTreeMap::new();
        let mut lists: [Option<u32>; 8] = [None; 8];
        let mut dice = 1_u64;
        for step in 0..20_000 {
            dice = mix(dice);
            let (owner, key) = (dice as usize % 8, (dice >> 8 & 3, dice >> 16 & 31));
            if dice >> 40 & 7 == 0 {
                index.remove_list(lists[owner].take());
                map.retain(|_, value| *value != owner as u32);
            } else if index.get(key).is_none() {
                match index.insert(key, owner as u32, lists[owner]) {
                    Some(list) => {
                        lists[owner] = Some(list);
                        map.insert(key, owner as u32);
                    }
                    None => assert_eq!((map.len(), index.room()), (64, 0)),
                }
            }
            assert_eq!((index.get(key), index.room()), (map.get(&key).copied(), 64 - map.len()), "step {step}");
            let mut listed: Vec<_> = index.list(lists[owner]).collect();
            listed.sort_unstable();
            assert!(listed.iter().eq(map.iter().filter(|(_, value)| **value == owner as u32).map(|(key, _)| key)));
        }
    }

    #[test]
    fn an_index_of_nothing_takes_nothing() {
        let mut index = Index::new(0);
        assert_eq!((index.insert((1, 1), 1, None), index.get((1, 1))), (None, None));
    }
}
