//! The venue's side where every order of the market is known by its number (L3): our place in the queue is exact.
//!
//! Nothing of ours is put into the market's book. It is enough to note the last turn that was given when we joined: an order of our price with a
//! greater one stands behind us. A fill of such an order, or of one at a worse price, would have met us first: it says that somebody took past us,
//! and how much. Where the market clears its book and tells it anew, we rejoin behind all that it tells then.

use super::Realism;
use super::order::Why;
use super::post::Post;
use super::venue::{FOREVER, Own, Venue};
use crate::book::orders::{FastOrders, Orders};
use crate::book::{Levels, Side};
use crate::columns::{Columns, VenueOrder};
use crate::orders::{Kind, side_of};

/// The market's orders and how far their rows have been taken.
pub(super) struct Exact {
    pub book: FastOrders,
    rows: VenueOrder,
    at: usize,
    /// When the book was last cleared, until its message is over.
    cleared_ns: Option<i64>,
}

/// Behind everybody, whoever joins.
const LAST: u64 = u64::MAX;

impl Exact {
    pub fn new(columns: &Columns<'_>, span: (i64, i64)) -> Self {
        let orders = &columns.orders;
        let rows = VenueOrder::of(orders.exch_ns);
        Self { book: FastOrders::new(span.0, span.1, orders.room()), rows, at: 0, cleared_ns: None }
    }

    /// Returns when the next row happens.
    #[inline]
    pub fn next_ns(&self, columns: &Columns<'_>) -> i64 {
        if self.at == columns.orders.exch_ns.len() { FOREVER } else { columns.orders.exch_ns[self.rows.row(self.at)] }
    }

    /// Takes the next row, which must be there.
    #[inline]
    fn take(&mut self) -> usize {
        self.at += 1;
        self.rows.row(self.at - 1)
    }
}

/// Something that happened: when, and which row told it.
#[derive(Clone, Copy)]
struct Event {
    now: i64,
    row: usize,
}

impl<B: Levels> Venue<B> {
    /// Takes rows of orders up to a time.
    pub(super) fn rows(&mut self, columns: &Columns<'_>, limit: i64, stop: bool, post: &mut Post) {
        while let Some(exact) = &mut self.exact {
            let now = exact.next_ns(columns);
            if now > limit || now == FOREVER {
                return;
            }
            let row = exact.take();
            self.row(columns, Event { now, row }, post);
            if stop && post.first_ns() != FOREVER {
                return;
            }
        }
    }

    #[inline]
    fn row(&mut self, columns: &Columns<'_>, event: Event, post: &mut Post) {
        let Some(exact) = &mut self.exact else { return };
        if exact.cleared_ns.is_some_and(|at| at < event.now) {
            exact.cleared_ns = None;
            let turn = exact.book.turn();
            for order in self.bids.orders.iter_mut().chain(&mut self.asks.orders).filter(|order| order.joined == LAST) {
                order.joined = turn;
            }
        }
        let (rows, row) = (&columns.orders, event.row);
        let (id, ticks, lots) = (rows.id[row] as u64, rows.ticks[row], rows.lots[row]);
        match Kind::of(rows.kind[row]) {
            Some(Kind::Add) => {
                let side = Side::of(rows.side[row]);
                if exact.book.add(id, side, ticks, lots) {
                    self.shows(side, ticks, event.now);
                    self.stands(side, ticks, lots, event, post);
                }
            }
            Some(Kind::Change) => {
                if let Some(was) = exact.book.change(id, ticks, lots) {
                    self.shows(was.side, was.ticks, event.now);
                    if was.ticks != ticks {
                        self.shows(was.side, ticks, event.now);
                        self.stands(was.side, ticks, lots, event, post);
                    }
                }
            }
            Some(Kind::Cancel) => {
                if let Some(was) = exact.book.remove(id) {
                    self.shows(was.side, was.ticks, event.now);
                }
            }
            Some(Kind::Fill) => {
                if let Some(hit) = exact.book.get(id) {
                    self.hit(hit.side, hit.ticks, lots, hit.turn, event, post);
                }
            }
            Some(Kind::Clear) => match side_of(rows.side[row]) {
                Some(side) => self.clear(side, event.now),
                None => [Side::Bid, Side::Ask].into_iter().for_each(|side| self.clear(side, event.now)),
            },
            None => {}
        }
    }

    /// A level shows what its orders hold.
    #[inline]
    fn shows(&mut self, side: Side, ticks: i64, now: i64) {
        let Some(exact) = &self.exact else { return };
        let lots = exact.book.lots(side, ticks);
        self.book.set(side, ticks, lots);
        if !self.impact.is_empty() {
            self.impact.shown(side, ticks, lots, now);
        }
    }

    /// An order of `side` has come to stand where it stands; ours of the other side that it reaches would have met it.
    #[inline]
    fn stands(&mut self, side: Side, ticks: i64, lots: i64, event: Event, post: &mut Post) {
        let other = if side == Side::Bid { &self.asks } else { &self.bids };
        if other.is_reached(side, ticks) {
            self.crossed(side, ticks, lots, event.now, event.row, post);
        }
    }

    fn clear(&mut self, side: Side, now: i64) {
        let Some(exact) = &mut self.exact else { return };
        exact.book.clear(side);
        exact.cleared_ns = Some(now);
        while let Some(level) = self.book.best(side) {
            self.book.set(side, level.ticks, 0);
        }
        let own = if side == Side::Bid { &mut self.bids } else { &mut self.asks };
        own.orders.iter_mut().for_each(|order| order.joined = LAST);
    }

    /// An order of the market was hit: ours at better prices, and ours at its price that stand before it, were passed by.
    fn hit(&mut self, side: Side, ticks: i64, lots: i64, turn: u64, event: Event, post: &mut Post) {
        let (aggressor, realism) = (side.other(), self.settings.realism);
        let own: &mut Own = if side == Side::Bid { &mut self.bids } else { &mut self.asks };
        if !own.is_reached(aggressor, ticks) {
            return;
        }
        let mut left = lots;
        for order in &mut own.orders {
            if !aggressor.crosses(ticks, order.ticks) || left == 0 {
                break;
            }
            let is_level = order.ticks == ticks;
            if is_level && turn <= order.joined {
                continue;
            }
            let filled = match realism {
                Realism::Strict => order.left.min(left),
                Realism::Neutral if is_level => order.left.min(lots),
                Realism::Neutral | Realism::Naive => order.left,
            };
            if realism == Realism::Strict {
                left -= filled;
            }
            order.left -= filled;
            post.fill(event.now, order, filled, if is_level { Why::Queue } else { Why::Through }, event.row);
        }
        own.settle();
    }

    /// Returns the lots that stand before an order of ours at its price; nothing for one that does not rest, or where orders are not known.
    pub(super) fn ahead(&self, id: u64) -> Option<i64> {
        let exact = self.exact.as_ref()?;
        let order = self.bids.orders.iter().chain(&self.asks.orders).find(|order| order.id == id)?;
        Some(exact.book.ahead(order.side, order.ticks, order.joined))
    }
}
