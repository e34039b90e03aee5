//! The price levels of one side: a radix tree of six levels, 64 children a node, with a bitmap of those that are there.
//!
//! A price of 36 bits is six digits of six bits. Insert, remove and the next level in either direction walk at most six nodes whatever
//! rests; nodes come from a pool, so nothing is allocated once as many exist as are used at a time. Leaves walked to are remembered, each in the
//! one place its prices lead to: within 1,024 ticks of each other orders find theirs without a walk.

const BITS: u32 = 6;
const FAN: usize = 1 << BITS;
/// Inner nodes between the root and a leaf, both counted.
const HEIGHT: usize = 6;
const NONE: u32 = u32::MAX;
/// Leaves that room is kept for: 25 MB of addresses, of which only what is used takes memory.
const MOST_ROOM: usize = 1 << 14;

/// Orders of one price in priority: a doubly linked list through the book's slab.
#[derive(Debug, Clone, Copy)]
pub struct Level {
    /// First in the queue.
    pub head: u32,
    /// Last in the queue.
    pub tail: u32,
    /// Orders.
    pub orders: u32,
    /// Lots shown.
    pub lots: i64,
}

/// Leaves that are remembered.
const NEAR: usize = 16;
const EMPTY: Level = Level { head: NONE, tail: NONE, orders: 0, lots: 0 };

#[derive(Debug, Clone)]
struct Inner {
    there: u64,
    children: [u32; FAN],
}

#[derive(Debug, Clone)]
struct Leaf {
    there: u64,
    levels: [Level; FAN],
}

/// The levels of one side.
#[derive(Debug, Clone)]
pub struct Ladder {
    inner: Vec<Inner>,
    leaves: Vec<Leaf>,
    free_inner: Vec<u32>,
    free_leaves: Vec<u32>,
    /// Prefix and number of the leaf walked to last of those whose prefixes end alike.
    near: [(i64, u32); NEAR],
}

/// Returns the digit of a price at a height: 0 is the leaf's.
#[inline(always)]
fn digit(ticks: i64, height: usize) -> usize {
    (ticks >> (BITS as usize * height)) as usize & (FAN - 1)
}

impl Ladder {
    /// Returns an empty ladder for so many levels at a time; beyond [`MOST_ROOM`] leaves it grows when they are first used.
    pub fn new(levels: usize) -> Self {
        let leaves = levels.min(MOST_ROOM);
        let inner = leaves * (HEIGHT - 2) + 1;
        let mut ladder = Self {
            inner: Vec::with_capacity(inner),
            leaves: Vec::with_capacity(leaves),
            free_inner: Vec::with_capacity(inner),
            free_leaves: Vec::with_capacity(leaves),
            near: [(-1, NONE); NEAR],
        };
        ladder.inner.push(Inner { there: 0, children: [NONE; FAN] });
        ladder
    }

    /// Returns the level of a price, if there is one.
    #[inline(always)]
    pub fn get(&self, ticks: i64) -> Option<&Level> {
        let leaf = match self.remembered(ticks) {
            Some(leaf) => leaf,
            None => self.leaf(ticks)?,
        };
        let leaf = &self.leaves[leaf as usize];
        let at = digit(ticks, 0);
        (leaf.there >> at & 1 == 1).then(|| &leaf.levels[at])
    }

    /// Returns the level of a price that is there.
    #[inline(always)]
    pub fn level(&mut self, ticks: i64) -> &mut Level {
        let leaf = self.there(ticks);
        &mut self.leaves[leaf as usize].levels[digit(ticks, 0)]
    }

    /// Returns the level of a price, new and empty where there is none, and whether it is new.
    #[inline(always)]
    pub fn enter(&mut self, ticks: i64) -> (&mut Level, bool) {
        let leaf = match self.remembered(ticks) {
            Some(leaf) => leaf,
            None => self.grow(ticks),
        };
        let leaf = &mut self.leaves[leaf as usize];
        let at = digit(ticks, 0);
        let is_new = leaf.there >> at & 1 == 0;
        if is_new {
            leaf.there |= 1 << at;
            leaf.levels[at] = EMPTY;
        }
        (&mut leaf.levels[at], is_new)
    }

    /// Takes a level out that is there.
    #[inline(always)]
    pub fn remove(&mut self, ticks: i64) {
        let leaf = self.there(ticks);
        let there = &mut self.leaves[leaf as usize].there;
        *there &= !(1 << digit(ticks, 0));
        if *there == 0 {
            self.prune(ticks, leaf);
        }
    }

    /// Returns the highest price there is.
    #[cfg(test)]
    fn highest(&self) -> Option<i64> {
        self.end(0, HEIGHT - 1, 0, |there| 63 - there.leading_zeros())
    }

    /// Returns the lowest price there is.
    #[cfg(test)]
    fn lowest(&self) -> Option<i64> {
        self.end(0, HEIGHT - 1, 0, u64::trailing_zeros)
    }

    /// Returns the next price below one.
    #[inline(always)]
    pub fn below(&self, ticks: i64) -> Option<i64> {
        let under = |there: u64, at: usize| there & ((1 << at) - 1);
        self.next(ticks, under, |there| 63 - there.leading_zeros())
    }

    /// Returns the next price above one.
    #[inline(always)]
    pub fn above(&self, ticks: i64) -> Option<i64> {
        let over = |there: u64, at: usize| there & (!1 << at);
        self.next(ticks, over, u64::trailing_zeros)
    }

    /// Returns the leaf of a price where it is remembered.
    #[inline(always)]
    fn remembered(&self, ticks: i64) -> Option<u32> {
        let prefix = ticks >> BITS;
        let (known, leaf) = self.near[prefix as usize % NEAR];
        (known == prefix).then_some(leaf)
    }

    /// Returns the leaf of a price that is there, and remembers it.
    #[inline(always)]
    fn there(&mut self, ticks: i64) -> u32 {
        self.remembered(ticks).unwrap_or_else(|| {
            let leaf = self.leaf(ticks).expect("a level that is there");
            self.near[(ticks >> BITS) as usize % NEAR] = (ticks >> BITS, leaf);
            leaf
        })
    }

    /// Walks to the leaf of a price.
    #[inline(never)]
    fn leaf(&self, ticks: i64) -> Option<u32> {
        let mut node = 0;
        for height in (1..HEIGHT).rev() {
            node = self.inner[node as usize].children[digit(ticks, height)];
            if node == NONE {
                return None;
            }
        }
        Some(node)
    }

    /// Walks to the leaf of a price, makes what is missing on the way, and remembers it.
    #[inline(never)]
    fn grow(&mut self, ticks: i64) -> u32 {
        let mut node = 0;
        for height in (1..HEIGHT).rev() {
            let at = digit(ticks, height);
            let child = self.inner[node as usize].children[at];
            node = if child != NONE {
                child
            } else {
                let made = if height == 1 { self.new_leaf() } else { self.new_inner() };
                let parent = &mut self.inner[node as usize];
                parent.children[at] = made;
                parent.there |= 1 << at;
                made
            };
        }
        self.near[(ticks >> BITS) as usize % NEAR] = (ticks >> BITS, node);
        node
    }

    fn new_leaf(&mut self) -> u32 {
        self.free_leaves.pop().unwrap_or_else(|| {
            self.leaves.push(Leaf { there: 0, levels: [EMPTY; FAN] });
            (self.leaves.len() - 1) as u32
        })
    }

    fn new_inner(&mut self) -> u32 {
        self.free_inner.pop().unwrap_or_else(|| {
            self.inner.push(Inner { there: 0, children: [NONE; FAN] });
            (self.inner.len() - 1) as u32
        })
    }

    /// Gives back an empty leaf and every node above it that is empty then; the root stays.
    #[cold]
    fn prune(&mut self, ticks: i64, leaf: u32) {
        self.near[(ticks >> BITS) as usize % NEAR] = (-1, NONE);
        let mut path = [0; HEIGHT];
        for height in (2..HEIGHT).rev() {
            path[height - 1] = self.inner[path[height] as usize].children[digit(ticks, height)];
        }
        self.free_leaves.push(leaf);
        for (height, &place) in path.iter().enumerate().skip(1) {
            let node = &mut self.inner[place as usize];
            node.children[digit(ticks, height)] = NONE;
            node.there &= !(1 << digit(ticks, height));
            if node.there != 0 || height == HEIGHT - 1 {
                return;
            }
            self.free_inner.push(place);
        }
    }

    /// Returns the outermost price under a node that has `inner` inner levels, itself included, in the direction of `pick`.
    #[inline(always)]
    fn end(&self, node: u32, inner: usize, prefix: i64, pick: impl Fn(u64) -> u32) -> Option<i64> {
        let (mut node, mut prefix) = (node, prefix);
        for _ in 0..inner {
            let inner = &self.inner[node as usize];
            if inner.there == 0 {
                return None;
            }
            let at = pick(inner.there) as usize;
            prefix = (prefix << BITS) | at as i64;
            node = inner.children[at];
        }
        Some(prefix << BITS | i64::from(pick(self.leaves[node as usize].there)))
    }

    /// Returns the nearest price beyond one: `beyond` keeps the bits past a digit, `pick` chooses the nearest.
    #[inline(always)]
    fn next(&self, ticks: i64, beyond: impl Fn(u64, usize) -> u64, pick: impl Fn(u64) -> u32) -> Option<i64> {
        if let Some(leaf) = self.remembered(ticks) {
            let there = beyond(self.leaves[leaf as usize].there, digit(ticks, 0));
            if there != 0 {
                return Some((ticks >> BITS) << BITS | i64::from(pick(there)));
            }
        }
        self.walk_on(ticks, beyond, pick)
    }

    /// As `next`, from the root.
    #[inline(never)]
    fn walk_on(&self, ticks: i64, beyond: impl Fn(u64, usize) -> u64, pick: impl Fn(u64) -> u32) -> Option<i64> {
        let mut path = [0; HEIGHT];
        let mut reached = HEIGHT - 1;
        for height in (1..HEIGHT).rev() {
            let child = self.inner[path[height] as usize].children[digit(ticks, height)];
            reached = height;
            if child == NONE {
                break;
            }
            path[height - 1] = child;
            reached = height - 1;
        }
        if reached == 0 {
            let there = beyond(self.leaves[path[0] as usize].there, digit(ticks, 0));
            if there != 0 {
                return Some((ticks >> BITS) << BITS | i64::from(pick(there)));
            }
        }
        for (height, &place) in path.iter().enumerate().skip(reached.max(1)) {
            let inner = &self.inner[place as usize];
            let there = beyond(inner.there, digit(ticks, height));
            if there != 0 {
                let at = pick(there) as usize;
                let prefix = (ticks >> (BITS as usize * (height + 1))) << BITS | at as i64;
                return self.end(inner.children[at], height - 1, prefix, pick);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// A ladder holds what a sorted set holds, and finds the same neighbours and ends.
    #[test]
    fn it_is_a_sorted_set_of_prices() {
        let (mut ladder, mut set) = (Ladder::new(4), BTreeSet::new());
        let mut seed = 7_u64;
        for step in 0..60_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let draw = (seed >> 20) as i64;
            let ticks = match step % 4 {
                0 => 1 + draw % 200,
                1 => 1_000_000 + draw % 5_000,
                2 => 1 + draw % ((1 << 36) - 1),
                _ => set.iter().nth(draw as usize % set.len().max(1)).copied().unwrap_or(1),
            };
            if set.contains(&ticks) && draw & 1 << 9 == 0 || set.len() > 400 {
                let gone = if set.contains(&ticks) { ticks } else { *set.first().unwrap() };
                set.remove(&gone);
                ladder.remove(gone);
            } else {
                let (level, is_new) = ladder.enter(ticks);
                assert_eq!(is_new, set.insert(ticks));
                level.lots = ticks;
            }
            assert_eq!((ladder.lowest(), ladder.highest()), (set.first().copied(), set.last().copied()));
            assert_eq!(ladder.get(ticks).map(|level| level.lots), set.get(&ticks).copied());
            assert_eq!(ladder.below(ticks), set.range(..ticks).next_back().copied());
            assert_eq!(ladder.above(ticks), set.range(ticks + 1..).next().copied());
        }
        for ticks in set {
            ladder.remove(ticks);
        }
        assert_eq!((ladder.lowest(), ladder.highest(), ladder.above(1), ladder.below(9)), (None, None, None, None));
        assert_eq!(ladder.free_leaves.len(), ladder.leaves.len(), "every leaf is given back");
        assert_eq!(ladder.free_inner.len() + 1, ladder.inner.len(), "every node but the root is given back");
    }
}
