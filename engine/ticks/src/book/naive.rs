//! The plain book: two sorted maps. What the fast one is held against.

use super::{Level, Levels, Side};
use std::collections::BTreeMap;
use std::collections::btree_map::OccupiedEntry;

/// Levels in sorted maps.
pub struct Naive {
    bids: BTreeMap<i64, i64>,
    asks: BTreeMap<i64, i64>,
}

impl Naive {
    fn side(&self, side: Side) -> &BTreeMap<i64, i64> {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }
}

fn level((&ticks, &lots): (&i64, &i64)) -> Level {
    Level { ticks, lots }
}

impl Levels for Naive {
    fn new(_low: i64, _high: i64) -> Self {
        Self { bids: BTreeMap::new(), asks: BTreeMap::new() }
    }

    fn set(&mut self, side: Side, ticks: i64, lots: i64) -> i64 {
        let (own, other) = match side {
            Side::Bid => (&mut self.bids, &mut self.asks),
            Side::Ask => (&mut self.asks, &mut self.bids),
        };
        if lots == 0 {
            return own.remove(&ticks).unwrap_or(0);
        }
        let best = |other: &mut BTreeMap<i64, i64>| match side {
            Side::Bid => other.first_entry().filter(|entry| side.crosses(ticks, *entry.key())).map(OccupiedEntry::remove),
            Side::Ask => other.last_entry().filter(|entry| side.crosses(ticks, *entry.key())).map(OccupiedEntry::remove),
        };
        while best(other).is_some() {}
        own.insert(ticks, lots).unwrap_or(0)
    }

    fn clear(&mut self) {
        self.bids.clear();
        self.asks.clear();
    }

    fn lots(&self, side: Side, ticks: i64) -> i64 {
        self.side(side).get(&ticks).copied().unwrap_or(0)
    }

    fn best(&self, side: Side) -> Option<Level> {
        match side {
            Side::Bid => self.bids.last_key_value().map(level),
            Side::Ask => self.asks.first_key_value().map(level),
        }
    }

    fn next(&self, side: Side, ticks: i64) -> Option<Level> {
        match side {
            Side::Bid => self.bids.range(..ticks).next_back().map(level),
            Side::Ask => self.asks.range(ticks + 1..).next().map(level),
        }
    }
}
