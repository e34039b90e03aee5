//! A book of levels (L2): one contract, a naive implementation that is plainly right and a fast one; a suite runs on both. The book of orders (L3)
//! stands in [`orders`], built alike.
//!
//! The newest row wins: a level that is set at or through the best of the other side removes what it crosses there. Within one message
//! that is how a price moves (bids come before asks); between messages it means that rows were lost.

mod bits;
mod fast;
mod naive;
pub mod orders;

pub use fast::Fast;
pub use naive::Naive;

/// A side of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i8)]
pub enum Side {
    /// Who buys.
    Bid = 1,
    /// Who sells.
    Ask = -1,
}

impl Side {
    /// Returns the side of the store's sign; what is not positive sells.
    #[inline(always)]
    pub fn of(sign: i8) -> Self {
        if sign > 0 { Self::Bid } else { Self::Ask }
    }

    /// Returns the other side.
    #[inline(always)]
    pub fn other(self) -> Self {
        match self {
            Self::Bid => Self::Ask,
            Self::Ask => Self::Bid,
        }
    }

    /// Returns whether `price` on this side would trade against `other` on the other side.
    #[inline(always)]
    pub fn crosses(self, price: i64, other: i64) -> bool {
        match self {
            Self::Bid => price >= other,
            Self::Ask => price <= other,
        }
    }
}

/// A level: price in ticks and quantity in lots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Price in ticks.
    pub ticks: i64,
    /// Quantity in lots.
    pub lots: i64,
}

/// What every book of levels does.
pub trait Levels {
    /// Makes an empty book for prices from `low` to `high`, both included.
    fn new(low: i64, high: i64) -> Self;

    /// Sets a level (0 lots: removes it), removes what it crosses on the other side, and returns the lots that were there before.
    fn set(&mut self, side: Side, ticks: i64, lots: i64) -> i64;

    /// Removes every level.
    fn clear(&mut self);

    /// Returns the lots at a price; 0 beyond the book's span.
    fn lots(&self, side: Side, ticks: i64) -> i64;

    /// Returns the best level.
    fn best(&self, side: Side) -> Option<Level>;

    /// Returns the next level worse than a price.
    fn next(&self, side: Side, ticks: i64) -> Option<Level>;

    /// Returns a hash of every level (FNV-1a over side, ticks, lots from the best outwards): equal books have equal hashes.
    fn hash(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for side in [Side::Bid, Side::Ask] {
            let mut level = self.best(side);
            while let Some(at) = level {
                for word in [side as i64, at.ticks, at.lots] {
                    for byte in word.to_le_bytes() {
                        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
                    }
                }
                level = self.next(side, at.ticks);
            }
        }
        hash
    }
}

/// Returns the middle between best bid and ask in half ticks; nothing while a side is empty.
pub fn mid2(book: &impl Levels) -> Option<i64> {
    Some(book.best(Side::Bid)?.ticks + book.best(Side::Ask)?.ticks)
}

/// Returns the price weighted by the quantity of the other side, in ticks: (bid × ask lots + ask × bid lots) / (bid lots + ask lots).
pub fn microprice(book: &impl Levels) -> Option<f64> {
    let (bid, ask) = (book.best(Side::Bid)?, book.best(Side::Ask)?);
    let whole = (bid.lots + ask.lots) as f64;
    Some((bid.ticks as f64 * ask.lots as f64 + ask.ticks as f64 * bid.lots as f64) / whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Holds a book to the contract; returns the hash of what it ends with.
    fn suite<B: Levels>() -> u64 {
        let mut book = B::new(90, 110);
        assert_eq!((book.best(Side::Bid), book.best(Side::Ask), mid2(&book)), (None, None, None));
        assert_eq!(book.set(Side::Bid, 100, 5), 0);
        assert_eq!(book.set(Side::Bid, 98, 2), 0);
        assert_eq!(book.set(Side::Ask, 101, 3), 0);
        assert_eq!(book.set(Side::Ask, 110, 1), 0);
        assert_eq!(book.set(Side::Bid, 100, 4), 5);
        assert_eq!(book.best(Side::Bid), Some(Level { ticks: 100, lots: 4 }));
        assert_eq!(book.next(Side::Bid, 100), Some(Level { ticks: 98, lots: 2 }));
        assert_eq!(book.next(Side::Ask, 101), Some(Level { ticks: 110, lots: 1 }));
        assert_eq!((book.next(Side::Bid, 98), book.next(Side::Ask, 110)), (None, None));
        assert_eq!((book.lots(Side::Bid, 99), book.lots(Side::Bid, 1), book.lots(Side::Ask, 1_000)), (0, 0, 0));
        assert_eq!((mid2(&book), microprice(&book)), (Some(201), Some((100.0 * 3.0 + 101.0 * 4.0) / 7.0)));
        // A bid through the asks removes what it crosses; nothing else.
        assert_eq!(book.set(Side::Bid, 105, 7), 0);
        assert_eq!(book.best(Side::Ask), Some(Level { ticks: 110, lots: 1 }));
        assert_eq!(book.set(Side::Bid, 105, 0), 7);
        assert_eq!(book.set(Side::Bid, 105, 0), 0);
        assert_eq!(book.best(Side::Bid), Some(Level { ticks: 100, lots: 4 }));
        assert_eq!(book.set(Side::Ask, 90, 1), 0);
        assert_eq!(book.best(Side::Bid), None);
        book.clear();
        assert_eq!(book.best(Side::Ask), None);
        assert_eq!(book.hash(), B::new(1, 1).hash());
        book.set(Side::Bid, 99, 3);
        book.hash()
    }

    #[test]
    fn the_contract_holds_for_the_naive_and_the_fast_book() {
        assert_eq!(suite::<Naive>(), suite::<Fast>());
    }

    #[test]
    fn both_books_are_equal_after_every_row_of_random_streams() {
        for seed in 0..40 {
            let mut random = Random::new(seed);
            let span = [3, 64, 700, 300_000][seed as usize % 4];
            let (mut naive, mut fast) = (Naive::new(5, 5 + span), Fast::new(5, 5 + span));
            let mut middle = 5 + span / 2;
            for row in 0..3_000 {
                if random.below(2_000) == 0 {
                    naive.clear();
                    fast.clear();
                }
                middle = (middle + random.below(3) as i64 - 1).clamp(5, 5 + span);
                let near = if random.below(10) == 0 { span as u64 } else { 12 };
                let side = Side::of(random.below(2) as i8);
                let ticks = (middle - side as i64 * (random.below(near + 1) as i64 - 1)).clamp(5, 5 + span);
                let lots = if random.below(3) == 0 { 0 } else { random.below(50) as i64 };
                assert_eq!(naive.set(side, ticks, lots), fast.set(side, ticks, lots), "seed {seed} row {row}");
                assert_eq!(naive.best(side), fast.best(side), "seed {seed} row {row}");
                assert_eq!(naive.best(side.other()), fast.best(side.other()), "seed {seed} row {row}");
                if row % 50 == 0 {
                    assert_eq!(naive.hash(), fast.hash(), "seed {seed} row {row}");
                }
            }
            assert_eq!(naive.hash(), fast.hash(), "seed {seed}");
        }
    }
}
