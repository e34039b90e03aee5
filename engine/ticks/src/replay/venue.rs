//! The venue's side of a replay: market data in the venue's time, requests as they arrive, our resting orders filled by what happens.

use super::exact::Exact;
use super::order::{Ask, Force, Report, Request, Resting, Sent, Told, Why};
use super::post::Post;
use super::taken::Impact;
use super::{Realism, Settings};
use crate::book::orders::Orders;
use crate::book::{Levels, Side};
use crate::columns::{Columns, FIRST, SNAPSHOT, VenueOrder};
use crate::queue::{Place, Queue};
use std::collections::VecDeque;

/// Our orders of one side: best price first, at one price the first accepted first. `low` and `high` bound their prices, so that a row that
/// concerns none of them is seen by two comparisons; without orders they bound nothing.
pub(super) struct Own {
    pub orders: Vec<Resting>,
    low: i64,
    high: i64,
}

pub(super) struct Venue<B> {
    pub book: B,
    depth_order: VenueOrder,
    trade_order: VenueOrder,
    /// Next places in the venue's order.
    pub depth_at: usize,
    pub trade_at: usize,
    pub bids: Own,
    pub asks: Own,
    pub impact: Impact,
    pub settings: Settings,
    /// The market's orders, where the queue is exact.
    pub exact: Option<Box<Exact>>,
}

pub(super) const FOREVER: i64 = i64::MAX;

impl Own {
    fn new(capacity: usize) -> Self {
        Self { orders: Vec::with_capacity(capacity), low: i64::MAX, high: i64::MIN }
    }

    /// Puts an order behind those of its price that were accepted before it.
    fn add(&mut self, order: Resting) {
        let better =
            |other: &Resting| order.side.crosses(other.ticks, order.ticks) && (other.ticks != order.ticks || other.turn < order.turn);
        let place = self.orders.partition_point(better);
        self.orders.insert(place, order);
        self.bound();
    }

    fn remove(&mut self, id: u64) -> Option<Resting> {
        let place = self.orders.iter().position(|order| order.id == id)?;
        let order = self.orders.remove(place);
        self.bound();
        Some(order)
    }

    /// Drops what is filled.
    pub fn settle(&mut self) {
        self.orders.retain(|order| order.left > 0);
        self.bound();
    }

    fn bound(&mut self) {
        let (first, last) = match (self.orders.first(), self.orders.last()) {
            (Some(first), Some(last)) => (first.ticks, last.ticks),
            _ => (i64::MAX, i64::MIN),
        };
        (self.low, self.high) = if self.orders.is_empty() { (first, last) } else { (first.min(last), first.max(last)) };
    }

    /// Returns whether a price may be one of ours.
    #[inline(always)]
    fn spans(&self, ticks: i64) -> bool {
        ticks >= self.low && ticks <= self.high
    }

    /// Returns whether a price of the other side, `side`, stands at or through one of ours.
    #[inline(always)]
    pub fn is_reached(&self, side: Side, ticks: i64) -> bool {
        match side {
            Side::Bid => ticks >= self.low,
            Side::Ask => ticks <= self.high,
        }
    }
}

impl<B: Levels> Venue<B> {
    pub fn new(columns: &Columns<'_>, span: (i64, i64), settings: Settings) -> Self {
        Self {
            book: B::new(span.0, span.1),
            depth_order: VenueOrder::of(columns.depth.exch_ns),
            trade_order: VenueOrder::of(columns.trades.exch_ns),
            depth_at: 0,
            trade_at: 0,
            bids: Own::new(settings.max_orders),
            asks: Own::new(settings.max_orders),
            impact: Impact::new(settings.recovery_ns),
            settings,
            exact: (settings.queue == Queue::Exact).then(|| Box::new(Exact::new(columns, span))),
        }
    }

    /// Returns how many orders rest.
    pub fn resting(&self) -> usize {
        self.bids.orders.len() + self.asks.orders.len()
    }

    /// Runs to `until`, ns; market data of one time comes before requests. With `stop`, no further than where the first report on its way
    /// reaches us.
    pub fn advance(&mut self, columns: &Columns<'_>, until: i64, stop: bool, requests: &mut VecDeque<Sent>, post: &mut Post) {
        loop {
            let limit = if stop { until.min(post.first_ns()) } else { until };
            let request = requests.front().map_or(FOREVER, |sent| sent.exch_ns);
            if self.exact.is_some() {
                self.rows(columns, limit.min(request), stop, post);
            } else {
                self.data(columns, limit.min(request), stop, post);
            }
            let limit = if stop { until.min(post.first_ns()) } else { until };
            // A report ended the rows early: those before it and before the request come first.
            if stop && self.next_ns(columns) <= limit.min(request) {
                continue;
            }
            if request > limit {
                return;
            }
            if let Some(sent) = requests.pop_front() {
                self.serve(sent, post);
            }
        }
    }

    /// Returns when the next row of market data happens.
    fn next_ns(&self, columns: &Columns<'_>) -> i64 {
        match &self.exact {
            Some(exact) => exact.next_ns(columns),
            None => self.depth_ns(columns).min(self.trade_ns(columns)),
        }
    }

    #[inline(always)]
    fn depth_ns(&self, columns: &Columns<'_>) -> i64 {
        if self.depth_at == columns.depth.exch_ns.len() { FOREVER } else { columns.depth.exch_ns[self.depth_order.row(self.depth_at)] }
    }

    #[inline(always)]
    fn trade_ns(&self, columns: &Columns<'_>) -> i64 {
        if self.trade_at == columns.trades.exch_ns.len() { FOREVER } else { columns.trades.exch_ns[self.trade_order.row(self.trade_at)] }
    }

    /// Takes market data up to a time. At one time what arrived first comes first, and a trade before a level change.
    fn data(&mut self, columns: &Columns<'_>, limit: i64, stop: bool, post: &mut Post) {
        loop {
            let trade = self.trade_ns(columns);
            let (rows, until) = (columns.depth.exch_ns.len(), limit.min(trade));
            while self.depth_at < rows {
                let row = self.depth_order.row(self.depth_at);
                let at = columns.depth.exch_ns[row];
                if at >= until && (at > until || (at == trade && self.is_trade_first(columns, row))) {
                    break;
                }
                self.depth_at += 1;
                self.level(columns, row, post);
                if stop && post.first_ns() != FOREVER {
                    return;
                }
            }
            if trade > limit || trade == FOREVER {
                return;
            }
            // Here no level change up to `limit` comes before the trade.
            let row = self.trade_order.row(self.trade_at);
            self.trade_at += 1;
            self.trade(columns, row, post);
            if stop && post.first_ns() != FOREVER {
                return;
            }
        }
    }

    fn is_trade_first(&self, columns: &Columns<'_>, depth_row: usize) -> bool {
        let trade_row = self.trade_order.row(self.trade_at);
        columns.trades.local_ns[trade_row] <= columns.depth.local_ns[depth_row]
    }

    #[inline(always)]
    fn level(&mut self, columns: &Columns<'_>, row: usize, post: &mut Post) {
        let depth = &columns.depth;
        if depth.flags[row] & (SNAPSHOT | FIRST) == SNAPSHOT | FIRST {
            self.book.clear();
            self.impact.clear();
        }
        let (side, ticks, lots) = (Side::of(depth.side[row]), depth.ticks[row], depth.lots[row]);
        let before = self.book.set(side, ticks, lots);
        let (own, other) = match side {
            Side::Bid => (&mut self.bids, &self.asks),
            Side::Ask => (&mut self.asks, &self.bids),
        };
        if own.spans(ticks) {
            let queue = self.settings.queue;
            for order in own.orders.iter_mut().filter(|order| order.ticks == ticks) {
                queue.changed(&mut order.place, before, lots);
            }
        }
        if !self.impact.is_empty() {
            self.impact.shown(side, ticks, lots, depth.exch_ns[row]);
        }
        if lots != 0 && other.is_reached(side, ticks) {
            let open = lots - self.impact.missing(side, ticks, depth.exch_ns[row]);
            self.crossed(side, ticks, open, depth.exch_ns[row], row, post);
        }
    }

    /// So many lots of `side` stand at or through our orders of the other side.
    #[cold]
    pub(super) fn crossed(&mut self, side: Side, ticks: i64, mut left: i64, now: i64, row: usize, post: &mut Post) {
        let is_strict = self.settings.realism == Realism::Strict;
        let own = match side {
            Side::Bid => &mut self.asks,
            Side::Ask => &mut self.bids,
        };
        for order in &mut own.orders {
            if !side.crosses(ticks, order.ticks) || (is_strict && left <= 0) {
                break;
            }
            let filled = if is_strict { order.left.min(left) } else { order.left };
            left -= filled;
            order.left -= filled;
            post.fill(now, order, filled, Why::Crossed, row);
            if is_strict {
                self.impact.take(side, ticks, filled, now);
            }
        }
        own.settle();
    }

    #[inline]
    fn trade(&mut self, columns: &Columns<'_>, row: usize, post: &mut Post) {
        let trades = &columns.trades;
        let (ticks, lots) = (trades.ticks[row], trades.lots[row]);
        let (aggressor, own) = if trades.buyer_is_maker[row] != 0 { (Side::Ask, &mut self.bids) } else { (Side::Bid, &mut self.asks) };
        if !own.is_reached(aggressor, ticks) {
            return;
        }
        let (now, realism) = (trades.exch_ns[row], self.settings.realism);
        let mut left = lots;
        for order in &mut own.orders {
            if !aggressor.crosses(ticks, order.ticks) || left == 0 {
                break;
            }
            // Alone, every order sees the whole trade; strictly, what one has taken no other gets.
            let seen = if realism == Realism::Strict { left } else { lots };
            let (reached, why) = if order.ticks == ticks { (order.place.trade(seen), Why::Queue) } else { (i64::MAX, Why::Through) };
            let filled = match (realism, why) {
                (_, Why::Queue) if reached == 0 => continue,
                (Realism::Strict, Why::Through) => order.left.min(left),
                (Realism::Naive, _) | (_, Why::Through) => order.left,
                _ => order.left.min(reached),
            };
            if realism == Realism::Strict {
                left -= filled;
            }
            order.left -= filled;
            post.fill(now, order, filled, why, row);
        }
        own.settle();
    }

    fn serve(&mut self, sent: Sent, post: &mut Post) {
        let now = sent.exch_ns;
        match sent.request {
            Request::New(ask) => self.arrive(sent.id, ask, Told::Accepted, now, post),
            Request::Cancel => match self.bids.remove(sent.id).or_else(|| self.asks.remove(sent.id)) {
                Some(order) => post.say(now, sent.id, Told::Cancelled, order.ticks, order.left),
                None => post.say(now, sent.id, Told::NotThere, 0, 0),
            },
            Request::Amend(ticks, lots) => self.amend(sent.id, ticks, lots, now, post),
        }
    }

    /// Fewer lots at the same price keep the place; anything else is a new order with the old number.
    fn amend(&mut self, id: u64, ticks: i64, lots: i64, now: i64, post: &mut Post) {
        let Some(mut order) = self.bids.remove(id).or_else(|| self.asks.remove(id)) else {
            post.say(now, id, Told::NotThere, 0, 0);
            return;
        };
        if ticks == order.ticks && lots <= order.left {
            order.left = lots;
            post.say(now, id, Told::Amended, ticks, lots);
            self.add(order);
            return;
        }
        let ask = Ask { side: order.side, ticks: Some(ticks), lots, force: if order.is_post { Force::Post } else { Force::Rest } };
        self.arrive(id, ask, Told::Amended, now, post);
    }

    /// An order arrives: it takes what it may, and rests, ends or is refused.
    fn arrive(&mut self, id: u64, ask: Ask, accepted: Told, now: i64, post: &mut Post) {
        let limit = ask.ticks.unwrap_or(if ask.side == Side::Bid { FOREVER } else { 0 });
        let shown = ask.ticks.unwrap_or(0);
        let best = self.book.best(ask.side.other());
        let would_take = best.is_some_and(|level| ask.side.crosses(limit, level.ticks));
        let mut left = ask.lots;
        if would_take {
            if ask.force == Force::Post {
                post.say(now, id, Told::WouldTake, shown, left);
                return;
            }
            if ask.force == Force::All && !self.holds(ask.side.other(), limit, left, now) {
                post.say(now, id, Told::Expired, shown, left);
                return;
            }
            left = self.take(id, ask.side, limit, left, now, post);
        }
        if left == 0 {
            return;
        }
        let Some(ticks) = ask.ticks.filter(|_| matches!(ask.force, Force::Rest | Force::Post)) else {
            post.say(now, id, Told::Expired, shown, left);
            return;
        };
        let place = Place::behind(self.book.lots(ask.side, ticks));
        let joined = self.exact.as_ref().map_or(0, |exact| exact.book.turn());
        let order = Resting { id, side: ask.side, ticks, left, place, is_post: ask.force == Force::Post, turn: post.turn(), joined };
        self.add(order);
        post.say(now, id, accepted, ticks, left);
    }

    fn add(&mut self, order: Resting) {
        match order.side {
            Side::Bid => self.bids.add(order),
            Side::Ask => self.asks.add(order),
        }
    }

    /// Returns the lots of a level that can be taken now.
    fn open(&self, side: Side, ticks: i64, lots: i64, now: i64) -> i64 {
        (lots - self.impact.missing(side, ticks, now)).max(0)
    }

    /// Returns whether the levels of `side` up to a limit hold so many lots.
    fn holds(&self, side: Side, limit: i64, lots: i64, now: i64) -> bool {
        if self.settings.realism == Realism::Naive {
            return true;
        }
        let (mut left, mut level) = (lots, self.book.best(side));
        while let Some(at) = level.filter(|at| side.other().crosses(limit, at.ticks)) {
            left -= self.open(side, at.ticks, at.lots, now);
            if left <= 0 {
                return true;
            }
            level = self.book.next(side, at.ticks);
        }
        false
    }

    /// Takes from the other side up to a limit and returns what is left of the order.
    fn take(&mut self, id: u64, side: Side, limit: i64, lots: i64, now: i64, post: &mut Post) -> i64 {
        let other = side.other();
        let (mut left, mut level) = (lots, self.book.best(other));
        while let Some(at) = level.filter(|at| left > 0 && side.crosses(limit, at.ticks)) {
            let open = if self.settings.realism == Realism::Naive { left } else { self.open(other, at.ticks, at.lots, now) };
            let filled = left.min(open);
            if filled > 0 {
                left -= filled;
                post.took(now, id, at.ticks, filled, left);
                if self.settings.realism == Realism::Strict {
                    self.impact.take(other, at.ticks, filled, now);
                }
            }
            level = self.book.next(other, at.ticks);
        }
        left
    }
}

impl Report {
    pub(super) fn is_last(&self) -> bool {
        match self.told {
            Told::Accepted | Told::Amended | Told::NotThere => false,
            Told::Filled => self.left == 0,
            Told::Cancelled | Told::Expired | Told::WouldTake => true,
        }
    }
}
