//! The book that trades: orders in a slab, a queue a price level, levels in a radix tree, ids in a table of open addressing.
//!
//! Nothing is allocated after the start. The best price of each side is kept, so that an order that
//! rests away from it touches one level only.

use super::index::{Dense, Index, Sparse};
use super::ladder::Ladder;
use super::{Book, End, Event, Force, Incoming, Refusal, SelfTrade, Shown, Side, fold, in_range};

const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Resting {
    order: Incoming,
    left: i64,
    shown: i64,
    before: u32,
    after: u32,
}

#[derive(Debug, Clone)]
struct Half {
    ladder: Ladder,
    best: Option<i64>,
}

impl Half {
    /// Finds the best price again after the best level has gone.
    #[inline(always)]
    fn fall(&mut self, side: Side, from: i64) {
        self.best = if side == Side::Buy { self.ladder.below(from) } else { self.ladder.above(from) };
    }
}

/// The fast book, and how it finds an order by its id.
#[derive(Debug, Clone)]
pub struct FastBook<I = Sparse> {
    slab: Vec<Resting>,
    free: Vec<u32>,
    index: I,
    halves: [Half; 2],
}

impl FastBook {
    /// Returns an empty book for at most `capacity` orders of any ids.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self::with(capacity, Sparse::new(capacity))
    }
}

impl FastBook<Dense> {
    /// Returns an empty book for at most `capacity` orders of ids below `bound`; an order of another id is out of range.
    #[must_use]
    pub fn dense(capacity: usize, bound: usize) -> Self {
        Self::with(capacity, Dense::new(bound))
    }
}

impl<I: Index> FastBook<I> {
    fn with(capacity: usize, index: I) -> Self {
        let half = || Half { ladder: Ladder::new(capacity), best: None };
        Self { slab: Vec::with_capacity(capacity), free: Vec::with_capacity(capacity), index, halves: [half(), half()] }
    }

    #[inline(always)]
    fn half(&self, side: Side) -> &Half {
        &self.halves[side as usize]
    }

    #[inline(always)]
    fn half_mut(&mut self, side: Side) -> &mut Half {
        &mut self.halves[side as usize]
    }

    /// Puts an order behind all of its price.
    #[inline(always)]
    fn rest(&mut self, resting: Resting) {
        let Resting { order: Incoming { id, side, ticks, .. }, shown, .. } = resting;
        let place = self.free.pop().unwrap_or_else(|| {
            self.slab.push(resting);
            (self.slab.len() - 1) as u32
        });
        self.index.insert(id, place);
        let half = &mut self.halves[side as usize];
        let (level, is_new) = half.ladder.enter(ticks);
        let before = level.tail;
        level.tail = place;
        level.orders += 1;
        level.lots += shown;
        if before == NONE {
            level.head = place;
        }
        if is_new && half.best.is_none_or(|best| !side.opposite().reaches(ticks, best)) {
            half.best = Some(ticks);
        }
        if before != NONE {
            self.slab[before as usize].after = place;
        }
        self.slab[place as usize] = Resting { before, after: NONE, ..resting };
    }

    /// Withdraws an order without an event; returns the lots still shown at its price. None: there is no such order.
    #[inline]
    pub fn withdraw(&mut self, id: u64) -> Option<i64> {
        let place = self.index.get(id)?;
        Some(self.leave(place))
    }

    /// Takes an order out of its queue and the table; returns the lots still shown at its price.
    #[inline(always)]
    fn leave(&mut self, place: u32) -> i64 {
        let &Resting { order: Incoming { id, side, ticks, .. }, shown, before, after, .. } = &self.slab[place as usize];
        self.index.remove(id);
        self.free.push(place);
        if before != NONE {
            self.slab[before as usize].after = after;
        }
        if after != NONE {
            self.slab[after as usize].before = before;
        }
        let half = &mut self.halves[side as usize];
        if before == NONE && after == NONE {
            half.ladder.remove(ticks);
            if half.best == Some(ticks) {
                half.fall(side, ticks);
            }
            0
        } else {
            let level = half.ladder.level(ticks);
            level.orders -= 1;
            level.lots -= shown;
            if before == NONE {
                level.head = after;
            }
            if after == NONE {
                level.tail = before;
            }
            level.lots
        }
    }

    /// Takes lots off an order at its place; `shown` follows.
    #[inline(always)]
    fn shrink(&mut self, place: u32, left: i64, shown: i64) {
        let resting = &mut self.slab[place as usize];
        let less = resting.shown - shown;
        (resting.left, resting.shown) = (left, shown);
        let (side, ticks) = (resting.order.side, resting.order.ticks);
        self.half_mut(side).ladder.level(ticks).lots -= less;
    }

    /// Tells whether all of an order would trade at once with others' orders.
    fn fills(&self, order: &Incoming) -> bool {
        let half = self.half(order.side.opposite());
        let (mut lots, mut next) = (0, half.best);
        while let Some(ticks) = next.filter(|&ticks| order.side.reaches(order.ticks, ticks)) {
            let mut place = half.ladder.get(ticks).map_or(NONE, |level| level.head);
            while place != NONE {
                let maker = &self.slab[place as usize];
                let own = order.self_trade != SelfTrade::Allow && order.owns(maker.order.account, maker.order.group);
                if own && order.self_trade != SelfTrade::ExpireMaker {
                    return lots >= order.lots;
                }
                lots += if own { 0 } else { maker.left };
                if lots >= order.lots {
                    return true;
                }
                place = maker.after;
            }
            next = if order.side == Side::Buy { half.ladder.above(ticks) } else { half.ladder.below(ticks) };
        }
        false
    }

    /// Prevents a trade with an own order; returns what the incoming order has left.
    #[cold]
    fn prevent(&mut self, order: &Incoming, left: i64, place: u32, tell: &mut impl FnMut(Event)) -> i64 {
        let maker = self.slab[place as usize];
        let (id, ticks, lots) = (maker.order.id, maker.order.ticks, left.min(maker.left));
        let (taker_lost, maker_lost) = match order.self_trade {
            SelfTrade::ExpireTaker => (left, 0),
            SelfTrade::ExpireMaker => (0, maker.left),
            SelfTrade::ExpireBoth => (left, maker.left),
            SelfTrade::Allow | SelfTrade::Decrement | SelfTrade::Transfer => (lots, lots),
        };
        tell(Event::Prevented { taker: order.id, maker: id, ticks, lots, taker_lost, maker_lost });
        if maker_lost == maker.left {
            self.leave(place);
            tell(Event::Ended { id, left: 0, why: End::SelfTrade });
        } else if maker_lost > 0 {
            let rest = maker.left - maker_lost;
            self.shrink(place, rest, maker.shown.min(rest));
            tell(Event::Rests { id, ticks, lots: rest });
        }
        left - taker_lost
    }

    #[inline(always)]
    fn take(&mut self, order: &Incoming, tell: &mut impl FnMut(Event)) {
        let (mut left, opposite) = (order.lots, order.side.opposite());
        while let Some(ticks) = self.half(opposite).best.filter(|&best| left > 0 && order.side.reaches(order.ticks, best)) {
            let place = self.half_mut(opposite).ladder.level(ticks).head;
            let maker = self.slab[place as usize];
            if order.self_trade != SelfTrade::Allow && order.owns(maker.order.account, maker.order.group) {
                left = self.prevent(order, left, place, tell);
                if left == 0 {
                    tell(Event::Ended { id: order.id, left: 0, why: End::SelfTrade });
                    return;
                }
                continue;
            }
            let lots = left.min(maker.shown);
            left -= lots;
            let (id, maker_left, shown) = (maker.order.id, maker.left - lots, maker.shown - lots);
            tell(Event::Trade { taker: order.id, maker: id, ticks, lots, taker_left: left, maker_left });
            if shown > 0 {
                self.shrink(place, maker_left, shown);
            } else {
                self.leave(place);
                if maker_left == 0 {
                    tell(Event::Ended { id, left: 0, why: End::Filled });
                } else {
                    self.rest(Resting { left: maker_left, shown: maker.order.peak.min(maker_left), ..maker });
                }
            }
        }
        if left == 0 {
            tell(Event::Ended { id: order.id, left: 0, why: End::Filled });
        } else if matches!(order.force, Force::GoodTillCancelled | Force::PostOnly) {
            let shown = if order.peak > 0 { order.peak.min(left) } else { left };
            self.rest(Resting { order: *order, left, shown, before: NONE, after: NONE });
            tell(Event::Rests { id: order.id, ticks: order.ticks, lots: left });
        } else {
            tell(Event::Ended { id: order.id, left, why: End::Expired });
        }
    }

    #[inline(always)]
    fn would_trade(&self, side: Side, ticks: i64) -> bool {
        self.half(side.opposite()).best.is_some_and(|best| side.reaches(ticks, best))
    }
}

impl<I: Index> Book for FastBook<I> {
    #[inline]
    fn submit(&mut self, order: &Incoming, tell: &mut impl FnMut(Event)) {
        let id = order.id;
        let why = if !in_range(order) || !self.index.holds(id) {
            Refusal::OutOfRange
        } else if self.index.get(id).is_some() {
            Refusal::Duplicate
        } else if self.free.is_empty() && self.slab.len() == self.slab.capacity() {
            Refusal::Full
        } else if order.force == Force::PostOnly && self.would_trade(order.side, order.ticks) {
            Refusal::WouldTrade
        } else if order.force == Force::FillOrKill && !self.fills(order) {
            return tell(Event::Ended { id, left: order.lots, why: End::Expired });
        } else {
            return self.take(order, tell);
        };
        tell(Event::Refused { id, why });
    }

    #[inline]
    fn cancel(&mut self, id: u64, tell: &mut impl FnMut(Event)) {
        match self.index.get(id) {
            None => tell(Event::Refused { id, why: Refusal::Unknown }),
            Some(place) => {
                let left = self.slab[place as usize].left;
                self.leave(place);
                tell(Event::Ended { id, left, why: End::Cancelled });
            }
        }
    }

    fn amend(&mut self, id: u64, left: i64, tell: &mut impl FnMut(Event)) {
        match self.index.get(id) {
            None => tell(Event::Refused { id, why: Refusal::Unknown }),
            Some(place) => {
                let resting = self.slab[place as usize];
                if left <= 0 || left >= resting.left {
                    return tell(Event::Refused { id, why: Refusal::NotLess });
                }
                self.shrink(place, left, resting.shown.min(left));
                tell(Event::Rests { id, ticks: resting.order.ticks, lots: left });
            }
        }
    }

    #[inline]
    fn replace(&mut self, id: u64, ticks: i64, lots: i64, tell: &mut impl FnMut(Event)) {
        let Some(place) = self.index.get(id) else {
            return tell(Event::Refused { id, why: Refusal::Unknown });
        };
        let order = self.slab[place as usize].order;
        let moved = Incoming { ticks, lots, peak: order.peak.min(lots), ..order };
        if !in_range(&moved) {
            tell(Event::Refused { id, why: Refusal::OutOfRange });
        } else if moved.force == Force::PostOnly && self.would_trade(order.side, ticks) {
            tell(Event::Refused { id, why: Refusal::WouldTrade });
        } else {
            self.leave(place);
            self.take(&moved, tell);
        }
    }

    fn best(&self, side: Side) -> Option<i64> {
        self.half(side).best
    }

    fn depth(&self, side: Side, most: usize, tell: &mut impl FnMut(Shown)) {
        let half = self.half(side);
        let mut next = half.best;
        for _ in 0..most {
            let Some(ticks) = next else { return };
            if let Some(level) = half.ladder.get(ticks) {
                tell(Shown { ticks, lots: level.lots, orders: level.orders });
            }
            next = if side == Side::Buy { half.ladder.below(ticks) } else { half.ladder.above(ticks) };
        }
    }

    #[inline]
    fn shown(&self, side: Side, ticks: i64) -> i64 {
        self.half(side).ladder.get(ticks).map_or(0, |level| level.lots)
    }

    fn walk(&self, side: Side, visit: &mut impl FnMut(&Incoming, i64) -> bool) {
        let half = self.half(side);
        let mut next = half.best;
        while let Some(ticks) = next {
            let mut place = half.ladder.get(ticks).map_or(NONE, |level| level.head);
            while place != NONE {
                let resting = &self.slab[place as usize];
                if !visit(&resting.order, resting.left) {
                    return;
                }
                place = resting.after;
            }
            next = if side == Side::Buy { half.ladder.below(ticks) } else { half.ladder.above(ticks) };
        }
    }

    fn left(&self, id: u64) -> Option<i64> {
        self.index.get(id).map(|place| self.slab[place as usize].left)
    }

    fn orders(&self) -> usize {
        self.slab.len() - self.free.len()
    }

    fn hash(&self) -> u64 {
        let mut hash = 0;
        for side in [Side::Buy, Side::Sell] {
            let half = self.half(side);
            let mut next = half.best;
            while let Some(ticks) = next {
                let mut place = half.ladder.get(ticks).map_or(NONE, |level| level.head);
                while place != NONE {
                    let resting = &self.slab[place as usize];
                    hash = fold(hash, resting.order.id, ticks, resting.left, resting.shown);
                    place = resting.after;
                }
                next = if side == Side::Buy { half.ladder.below(ticks) } else { half.ladder.above(ticks) };
            }
        }
        hash
    }
}
