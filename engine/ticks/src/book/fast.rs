//! The fast book: a cell for every tick of the span, bits that say which cells are not empty, and the best of each side kept.
//!
//! A row costs one cell and seldom a bit. The cells are address space until they are touched: levels cluster around the price.

use super::bits::Bits;
use super::{Level, Levels, Side};

/// The best cell of an empty side: worse than every cell, so that one comparison answers.
const fn none(is_bid: bool) -> i64 {
    if is_bid { i64::MIN } else { i64::MAX }
}

struct Half {
    lots: Box<[i64]>,
    bits: Bits,
    /// Cell of the best level.
    best: i64,
}

impl Half {
    fn new(cells: usize, is_bid: bool) -> Self {
        Self { lots: vec![0; cells].into_boxed_slice(), bits: Bits::new(cells), best: none(is_bid) }
    }

    /// Returns the next cell that is worse.
    #[inline]
    fn worse<const BID: bool>(&self, cell: i64) -> i64 {
        let found = if BID { self.bits.below(cell as usize) } else { self.bits.above(cell as usize) };
        found.map_or(none(BID), |cell| cell as i64)
    }

    #[inline(always)]
    fn set<const BID: bool>(&mut self, cell: usize, lots: i64) -> i64 {
        let before = std::mem::replace(&mut self.lots[cell], lots);
        if (before == 0) != (lots == 0) {
            self.turn::<BID>(cell, lots != 0);
        }
        before
    }

    /// A level comes or goes.
    #[inline]
    fn turn<const BID: bool>(&mut self, cell: usize, comes: bool) {
        if comes {
            self.bits.insert(cell);
            self.best = if BID { self.best.max(cell as i64) } else { self.best.min(cell as i64) };
        } else {
            self.bits.remove(cell);
            if self.best == cell as i64 {
                self.best = self.worse::<BID>(cell as i64);
            }
        }
    }

    /// Removes levels from the best on while `cell` of the other side crosses them.
    #[inline(always)]
    fn uncross<const BID: bool>(&mut self, cell: i64) {
        while if BID { cell <= self.best } else { cell >= self.best } {
            self.drop_best::<BID>();
        }
    }

    #[cold]
    fn drop_best<const BID: bool>(&mut self) {
        self.lots[self.best as usize] = 0;
        self.bits.remove(self.best as usize);
        self.best = self.worse::<BID>(self.best);
    }

    fn clear<const BID: bool>(&mut self) {
        while self.best != none(BID) {
            self.drop_best::<BID>();
        }
    }
}

/// Levels in cells.
pub struct Fast {
    low: i64,
    bids: Half,
    asks: Half,
}

impl Fast {
    #[inline(always)]
    fn half(&self, side: Side) -> &Half {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }

    /// Sets a level (0 lots: removes it) and leaves the other side as it is.
    pub(super) fn set_alone(&mut self, side: Side, ticks: i64, lots: i64) {
        let cell = (ticks - self.low) as usize;
        match side {
            Side::Bid => self.bids.set::<true>(cell, lots),
            Side::Ask => self.asks.set::<false>(cell, lots),
        };
    }

    #[inline(always)]
    fn level(&self, side: Side, cell: i64) -> Option<Level> {
        (cell != none(side == Side::Bid)).then(|| Level { ticks: self.low + cell, lots: self.half(side).lots[cell as usize] })
    }
}

impl Levels for Fast {
    fn new(low: i64, high: i64) -> Self {
        let cells = usize::try_from(high - low + 1).expect("a span has its lower end first");
        Self { low, bids: Half::new(cells, true), asks: Half::new(cells, false) }
    }

    #[inline(always)]
    fn set(&mut self, side: Side, ticks: i64, lots: i64) -> i64 {
        let cell = ticks - self.low;
        match side {
            Side::Bid => {
                if lots != 0 {
                    self.asks.uncross::<false>(cell);
                }
                self.bids.set::<true>(cell as usize, lots)
            }
            Side::Ask => {
                if lots != 0 {
                    self.bids.uncross::<true>(cell);
                }
                self.asks.set::<false>(cell as usize, lots)
            }
        }
    }

    fn clear(&mut self) {
        self.bids.clear::<true>();
        self.asks.clear::<false>();
    }

    #[inline]
    fn lots(&self, side: Side, ticks: i64) -> i64 {
        usize::try_from(ticks - self.low).ok().and_then(|cell| self.half(side).lots.get(cell)).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn best(&self, side: Side) -> Option<Level> {
        self.level(side, self.half(side).best)
    }

    fn next(&self, side: Side, ticks: i64) -> Option<Level> {
        let cells = self.bids.lots.len() as i64;
        let cell = ticks - self.low;
        let found = match side {
            Side::Bid if cell <= 0 => none(true),
            // Above the span: the best, which may be the last cell itself.
            Side::Bid if cell >= cells => self.bids.best,
            Side::Bid => self.bids.worse::<true>(cell),
            Side::Ask if cell < 0 => self.asks.best,
            Side::Ask if cell >= cells => none(false),
            Side::Ask => self.asks.worse::<false>(cell),
        };
        self.level(side, found)
    }
}
