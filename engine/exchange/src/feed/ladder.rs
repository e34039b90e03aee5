//! A book as the public sees it: quantities by price, numbered changes, what changed since a stream last told.

use crate::command::Side;
use crate::{Amount, Micros};
use std::collections::{BTreeMap, VecDeque};

/// Quantities by price.
pub type Levels = BTreeMap<Amount, Amount>;

/// How often a stream of differences tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// Every 100 ms.
    Fast,
    /// Every second.
    Slow,
}

/// The best bid and ask; zero where a side is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Top {
    /// Number of the change after which it stood so.
    pub update: u64,
    /// Best bid: price, quantity.
    pub bid: (Amount, Amount),
    /// Best ask: price, quantity.
    pub ask: (Amount, Amount),
}

impl Top {
    /// Tells whether prices and quantities are the same.
    #[must_use]
    pub fn is_as(&self, other: &Self) -> bool {
        (self.bid, self.ask) == (other.bid, other.ask)
    }
}

/// What changed: the numbers of the first and last change, each level once with its quantity now (0: gone).
pub struct Diff<'l> {
    /// Number of the first change.
    pub first: u64,
    /// Number of the last change.
    pub last: u64,
    ladder: &'l Ladder,
    bids: Vec<Amount>,
    asks: Vec<Amount>,
}

impl Diff<'_> {
    /// Returns the bids that changed, best first: price, quantity.
    pub fn bids(&self) -> impl Iterator<Item = (Amount, Amount)> + '_ {
        self.bids.iter().rev().map(|price| (*price, self.ladder.bids.get(price).copied().unwrap_or(0)))
    }

    /// Returns the asks that changed, best first: price, quantity.
    pub fn asks(&self) -> impl Iterator<Item = (Amount, Amount)> + '_ {
        self.asks.iter().map(|price| (*price, self.ladder.asks.get(price).copied().unwrap_or(0)))
    }
}

/// What changed since a stream last told.
#[derive(Default)]
struct Pending {
    told: u64,
    bids: Vec<Amount>,
    asks: Vec<Amount>,
}

/// Beyond this many prices noted, double ones are taken out: one price that changes a million times is one price.
const NOTED: usize = 4096;

impl Pending {
    fn note(&mut self, side: Side, price: Amount) {
        let noted = match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        };
        noted.push(price);
        if noted.len() >= NOTED && noted.len() == noted.capacity() {
            noted.sort_unstable();
            noted.dedup();
        }
    }
}

/// A change of a level, as it is undone.
struct Undo {
    at: Micros,
    side: Side,
    price: Amount,
    before: Amount,
}

/// A book of prices and quantities.
#[derive(Default)]
pub struct Ladder {
    bids: Levels,
    asks: Levels,
    update: u64,
    fast: Pending,
    slow: Pending,
    /// Changes of the last `kept`, oldest first: what an old snapshot is made of.
    undo: VecDeque<Undo>,
    kept: Micros,
}

impl Ladder {
    /// Keeps the changes of so long a time, for [`Ladder::at`]; zero keeps none.
    pub fn keep(&mut self, kept: Micros) {
        self.kept = kept;
    }

    /// Returns the book as it was at a time: the number of its last change, bids and asks by price; of a time before what is kept, the oldest.
    #[must_use]
    pub fn at(&self, time: Micros) -> (u64, Levels, Levels) {
        let (mut update, mut bids, mut asks) = (self.update, self.bids.clone(), self.asks.clone());
        for undo in self.undo.iter().rev().take_while(|undo| undo.at > time) {
            let levels = match undo.side {
                Side::Buy => &mut bids,
                Side::Sell => &mut asks,
            };
            if undo.before > 0 {
                levels.insert(undo.price, undo.before);
            } else {
                levels.remove(&undo.price);
            }
            update -= 1;
        }
        (update, bids, asks)
    }

    /// Sets what stands at a price; the change gets the next number.
    pub fn set(&mut self, side: Side, price: Amount, quantity: Amount, now: Micros) {
        let levels = match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        };
        let before = if quantity > 0 { levels.insert(price, quantity) } else { levels.remove(&price) };
        if self.kept > 0 {
            while self.undo.front().is_some_and(|undo| undo.at < now - self.kept) {
                self.undo.pop_front();
            }
            self.undo.push_back(Undo { at: now, side, price, before: before.unwrap_or(0) });
        }
        self.update += 1;
        self.fast.note(side, price);
        self.slow.note(side, price);
    }

    /// Returns the number of the last change.
    #[must_use]
    pub fn update(&self) -> u64 {
        self.update
    }

    /// Returns the bids, best first: price, quantity.
    pub fn bids(&self) -> impl Iterator<Item = (Amount, Amount)> + '_ {
        self.bids.iter().rev().map(|(price, quantity)| (*price, *quantity))
    }

    /// Returns the asks, best first: price, quantity.
    pub fn asks(&self) -> impl Iterator<Item = (Amount, Amount)> + '_ {
        self.asks.iter().map(|(price, quantity)| (*price, *quantity))
    }

    /// Returns the best bid and ask.
    #[must_use]
    pub fn top(&self) -> Top {
        let (bid, ask) = (self.bids().next().unwrap_or_default(), self.asks().next().unwrap_or_default());
        Top { update: self.update, bid, ask }
    }

    pub(super) fn diff(&mut self, speed: Speed) -> Option<Diff<'_>> {
        let update = self.update;
        let pending = match speed {
            Speed::Fast => &mut self.fast,
            Speed::Slow => &mut self.slow,
        };
        if pending.told == update {
            return None;
        }
        let first = std::mem::replace(&mut pending.told, update) + 1;
        let (mut bids, mut asks) = (std::mem::take(&mut pending.bids), std::mem::take(&mut pending.asks));
        for side in [&mut bids, &mut asks] {
            side.sort_unstable();
            side.dedup();
        }
        Some(Diff { first, last: update, ladder: self, bids, asks })
    }
}
