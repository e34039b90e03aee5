//! A book of orders (L3): who stands where in the queue of each price; one contract, a naive implementation and a fast one, one suite on both.
//!
//! The book is told what a venue did with the orders of others; it matches nothing. An order that loses its priority gets a new *turn*: of two orders
//! at a price the smaller turn is served first. What was counted at a moment ([`Orders::turn`]) therefore says of every order whether it stands
//! before or behind whoever joined at that moment.

mod fast;
mod naive;

pub use fast::FastOrders;
pub use naive::NaiveOrders;

use super::{Level, Side};

/// An order of the market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The venue's number.
    pub id: u64,
    /// Which side.
    pub side: Side,
    /// Price in ticks.
    pub ticks: i64,
    /// Quantity left, lots.
    pub lots: i64,
    /// Who has the smaller one is served first at a price.
    pub turn: u64,
}

/// What every book of orders does.
pub trait Orders {
    /// Makes an empty book for prices from `low` to `high`, both included, and room for so many orders.
    fn new(low: i64, high: i64, room: usize) -> Self;

    /// Puts an order behind all others of its price; false, and nothing done, where its number is there already.
    fn add(&mut self, id: u64, side: Side, ticks: i64, lots: i64) -> bool;

    /// Changes price and lots left; fewer lots at the same price keep the place, all else joins behind. Returns what it was; nothing for
    /// a number that is not there.
    fn change(&mut self, id: u64, ticks: i64, lots: i64) -> Option<Order>;

    /// Takes an order out and returns it.
    fn remove(&mut self, id: u64) -> Option<Order>;

    /// Takes every order of a side out.
    fn clear(&mut self, side: Side);

    /// Returns an order by its number.
    fn get(&self, id: u64) -> Option<Order>;

    /// Returns the greatest turn given so far: who has a greater one joined later.
    fn turn(&self) -> u64;

    /// Returns the lots at a price; 0 beyond the book's span.
    fn lots(&self, side: Side, ticks: i64) -> i64;

    /// Returns the best level.
    fn best(&self, side: Side) -> Option<Level>;

    /// Returns the next level worse than a price.
    fn next(&self, side: Side, ticks: i64) -> Option<Level>;

    /// Visits the orders of a price, first served first.
    fn queue(&self, side: Side, ticks: i64, visit: &mut impl FnMut(&Order));

    /// Returns the lots at a price that stand before whoever joined when `turn` was the greatest.
    fn ahead(&self, side: Side, ticks: i64, turn: u64) -> i64 {
        let mut lots = 0;
        self.queue(side, ticks, &mut |order| lots += if order.turn <= turn { order.lots } else { 0 });
        lots
    }

    /// Returns a hash of every order (FNV-1a over side, ticks, number and lots, in the order they are served): equal books have equal hashes.
    fn hash(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for side in [Side::Bid, Side::Ask] {
            let mut level = self.best(side);
            while let Some(at) = level {
                self.queue(side, at.ticks, &mut |order| {
                    for word in [side as i64, order.ticks, order.id as i64, order.lots] {
                        for byte in word.to_le_bytes() {
                            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
                        }
                    }
                });
                level = self.next(side, at.ticks);
            }
        }
        hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    fn queue(book: &impl Orders, side: Side, ticks: i64) -> Vec<(u64, i64)> {
        let mut found = Vec::new();
        book.queue(side, ticks, &mut |order| found.push((order.id, order.lots)));
        found
    }

    /// Holds a book to the contract; returns the hash of what it ends with.
    fn suite<B: Orders>() -> u64 {
        let mut book = B::new(90, 110, 8);
        assert_eq!((book.best(Side::Bid), book.best(Side::Ask), book.turn()), (None, None, 0));
        assert!(book.add(7, Side::Bid, 100, 5));
        assert!(book.add(8, Side::Bid, 100, 3));
        assert!(book.add(9, Side::Bid, 98, 1));
        assert!(book.add(1, Side::Ask, 101, 4));
        assert!(!book.add(7, Side::Ask, 102, 1), "the number is there");
        assert_eq!(queue(&book, Side::Bid, 100), [(7, 5), (8, 3)]);
        assert_eq!(
            (book.best(Side::Bid), book.best(Side::Ask)),
            (Some(Level { ticks: 100, lots: 8 }), Some(Level { ticks: 101, lots: 4 }))
        );
        assert_eq!((book.next(Side::Bid, 100), book.next(Side::Bid, 98)), (Some(Level { ticks: 98, lots: 1 }), None));
        let joined = book.turn();
        assert!(book.add(10, Side::Bid, 100, 9));
        assert_eq!((book.ahead(Side::Bid, 100, joined), book.lots(Side::Bid, 100)), (8, 17));
        // Fewer lots keep the place; more lose it; another price loses it.
        assert_eq!(book.change(7, 100, 2).map(|was| was.lots), Some(5));
        assert_eq!((queue(&book, Side::Bid, 100), book.ahead(Side::Bid, 100, joined)), (vec![(7, 2), (8, 3), (10, 9)], 5));
        book.change(7, 100, 3);
        assert_eq!((queue(&book, Side::Bid, 100), book.ahead(Side::Bid, 100, joined)), (vec![(8, 3), (10, 9), (7, 3)], 3));
        book.change(8, 98, 3);
        book.change(8, 100, 3);
        assert_eq!((queue(&book, Side::Bid, 100), book.ahead(Side::Bid, 100, joined)), (vec![(10, 9), (7, 3), (8, 3)], 0));
        assert_eq!((book.change(99, 100, 1), book.remove(99), book.get(99)), (None, None, None));
        assert_eq!(book.remove(7).map(|was| (was.side, was.ticks, was.lots)), Some((Side::Bid, 100, 3)));
        assert_eq!(queue(&book, Side::Bid, 100), [(10, 9), (8, 3)]);
        assert_eq!((book.lots(Side::Bid, 97), book.lots(Side::Bid, 1), book.lots(Side::Ask, 1_000)), (0, 0, 0));
        book.clear(Side::Bid);
        assert_eq!((book.best(Side::Bid), book.get(8), book.best(Side::Ask).map(|level| level.lots)), (None, None, Some(4)));
        assert!(book.add(8, Side::Bid, 99, 2), "a number may come again");
        book.hash()
    }

    #[test]
    fn the_contract_holds_for_the_naive_and_the_fast_book() {
        assert_eq!(suite::<NaiveOrders>(), suite::<FastOrders>());
    }

    #[test]
    fn both_books_are_equal_after_every_row_of_random_streams() {
        for seed in 0..24 {
            let mut random = Random::new(seed);
            let span = [3, 64, 700, 300_000][seed as usize % 4];
            let (mut naive, mut fast) = (NaiveOrders::new(5, 5 + span, 400), FastOrders::new(5, 5 + span, 400));
            let (mut next, mut joined) = (1_u64, 0);
            for row in 0..4_000 {
                let side = Side::of(random.below(2) as i8);
                let near = if random.below(10) == 0 { span as u64 + 1 } else { 6 };
                let ticks = (5 + span / 2 + random.below(near) as i64).min(5 + span);
                let lots = 1 + random.below(50) as i64;
                let id = next.saturating_sub(random.below(60)).wrapping_mul(0x9E37_79B9);
                match random.below(10) {
                    0..=4 => {
                        let id = next.wrapping_mul(0x9E37_79B9);
                        next += 1;
                        assert_eq!(naive.add(id, side, ticks, lots), fast.add(id, side, ticks, lots), "seed {seed} row {row}");
                    }
                    5 | 6 => {
                        let to = naive.get(id).filter(|_| random.below(3) > 0).map_or(ticks, |order| order.ticks);
                        assert_eq!(naive.change(id, to, lots), fast.change(id, to, lots), "seed {seed} row {row}");
                    }
                    7..=8 => assert_eq!(naive.remove(id), fast.remove(id), "seed {seed} row {row}"),
                    _ if random.below(90) == 0 => {
                        naive.clear(side);
                        fast.clear(side);
                    }
                    _ => joined = naive.turn(),
                }
                for side in [Side::Bid, Side::Ask] {
                    assert_eq!(naive.best(side), fast.best(side), "seed {seed} row {row}");
                    assert_eq!(naive.ahead(side, ticks, joined), fast.ahead(side, ticks, joined), "seed {seed} row {row}");
                }
                assert_eq!(naive.get(id), fast.get(id), "seed {seed} row {row}");
                if row % 50 == 0 {
                    assert_eq!(naive.hash(), fast.hash(), "seed {seed} row {row}");
                }
            }
            assert_eq!((naive.hash(), naive.turn()), (fast.hash(), fast.turn()), "seed {seed}");
        }
    }
}
