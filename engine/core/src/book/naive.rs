//! The book as a list of orders in priority: slow, and plain enough to be checked by eye.
//!
//! Each side is one vector, best price first, oldest first. It is the reference that the fast book is compared with.

use super::{Book, End, Event, Force, Incoming, Refusal, SelfTrade, Shown, Side, fold, in_range};

#[derive(Debug, Clone, Copy)]
struct Resting {
    order: Incoming,
    /// Lots left, hidden ones included.
    left: i64,
    /// Lots shown.
    shown: i64,
}

/// A book of two sorted vectors.
#[derive(Debug, Clone)]
pub struct NaiveBook {
    bids: Vec<Resting>,
    asks: Vec<Resting>,
    capacity: usize,
}

impl NaiveBook {
    /// Returns an empty book for at most `capacity` orders.
    pub fn new(capacity: usize) -> Self {
        Self { bids: Vec::new(), asks: Vec::new(), capacity }
    }

    fn side(&self, side: Side) -> &Vec<Resting> {
        if side == Side::Buy { &self.bids } else { &self.asks }
    }

    fn side_mut(&mut self, side: Side) -> &mut Vec<Resting> {
        if side == Side::Buy { &mut self.bids } else { &mut self.asks }
    }

    fn find(&self, id: u64) -> Option<(Side, usize)> {
        [Side::Buy, Side::Sell]
            .into_iter()
            .find_map(|side| self.side(side).iter().position(|resting| resting.order.id == id).map(|at| (side, at)))
    }

    /// Puts an order behind all of its price.
    fn rest(&mut self, resting: Resting) {
        let (side, ticks) = (resting.order.side, resting.order.ticks);
        let queue = self.side_mut(side);
        let at = queue.iter().position(|other| !side.opposite().reaches(ticks, other.order.ticks)).unwrap_or(queue.len());
        queue.insert(at, resting);
    }

    /// Tells whether all of an order would trade at once with others' orders.
    fn fills(&self, order: &Incoming) -> bool {
        let mut lots = 0;
        for maker in self.side(order.side.opposite()) {
            if !order.side.reaches(order.ticks, maker.order.ticks) || lots >= order.lots {
                break;
            }
            if order.self_trade != SelfTrade::Allow && order.owns(maker.order.account, maker.order.group) {
                if order.self_trade == SelfTrade::ExpireMaker {
                    continue;
                }
                break;
            }
            lots += maker.left;
        }
        lots >= order.lots
    }

    fn take(&mut self, order: &Incoming, tell: &mut impl FnMut(Event)) {
        let mut left = order.lots;
        while left > 0 {
            let queue = self.side_mut(order.side.opposite());
            let Some(&maker) = queue.first().filter(|maker| order.side.reaches(order.ticks, maker.order.ticks)) else { break };
            let (id, ticks) = (maker.order.id, maker.order.ticks);
            if order.self_trade != SelfTrade::Allow && order.owns(maker.order.account, maker.order.group) {
                let both = left.min(maker.left);
                let (taker_lost, maker_lost) = match order.self_trade {
                    SelfTrade::ExpireTaker => (left, 0),
                    SelfTrade::ExpireMaker => (0, maker.left),
                    SelfTrade::ExpireBoth => (left, maker.left),
                    _ => (both, both),
                };
                tell(Event::Prevented { taker: order.id, maker: id, ticks, lots: both, taker_lost, maker_lost });
                if maker_lost == maker.left {
                    queue.remove(0);
                    tell(Event::Ended { id, left: 0, why: End::SelfTrade });
                } else if maker_lost > 0 {
                    queue[0].left -= maker_lost;
                    queue[0].shown = queue[0].shown.min(queue[0].left);
                    tell(Event::Rests { id, ticks, lots: queue[0].left });
                }
                left -= taker_lost;
                if left == 0 {
                    tell(Event::Ended { id: order.id, left: 0, why: End::SelfTrade });
                    return;
                }
                continue;
            }
            let lots = left.min(maker.shown);
            left -= lots;
            queue[0].left -= lots;
            queue[0].shown -= lots;
            let maker_left = queue[0].left;
            tell(Event::Trade { taker: order.id, maker: id, ticks, lots, taker_left: left, maker_left });
            if queue[0].shown == 0 {
                let mut refreshed = queue.remove(0);
                if maker_left == 0 {
                    tell(Event::Ended { id, left: 0, why: End::Filled });
                } else {
                    refreshed.shown = refreshed.order.peak.min(maker_left);
                    self.rest(refreshed);
                }
            }
        }
        if left == 0 {
            tell(Event::Ended { id: order.id, left: 0, why: End::Filled });
        } else if matches!(order.force, Force::GoodTillCancelled | Force::PostOnly) {
            let shown = if order.peak > 0 { order.peak.min(left) } else { left };
            self.rest(Resting { order: *order, left, shown });
            tell(Event::Rests { id: order.id, ticks: order.ticks, lots: left });
        } else {
            tell(Event::Ended { id: order.id, left, why: End::Expired });
        }
    }
}

impl Book for NaiveBook {
    fn submit(&mut self, order: &Incoming, tell: &mut impl FnMut(Event)) {
        let id = order.id;
        let why = if !in_range(order) {
            Some(Refusal::OutOfRange)
        } else if self.find(id).is_some() {
            Some(Refusal::Duplicate)
        } else if self.orders() >= self.capacity {
            Some(Refusal::Full)
        } else if order.force == Force::PostOnly
            && self.best(order.side.opposite()).is_some_and(|best| order.side.reaches(order.ticks, best))
        {
            Some(Refusal::WouldTrade)
        } else {
            None
        };
        match why {
            Some(why) => tell(Event::Refused { id, why }),
            None if order.force == Force::FillOrKill && !self.fills(order) => {
                tell(Event::Ended { id, left: order.lots, why: End::Expired });
            }
            None => self.take(order, tell),
        }
    }

    fn cancel(&mut self, id: u64, tell: &mut impl FnMut(Event)) {
        match self.find(id) {
            None => tell(Event::Refused { id, why: Refusal::Unknown }),
            Some((side, at)) => {
                let left = self.side_mut(side).remove(at).left;
                tell(Event::Ended { id, left, why: End::Cancelled });
            }
        }
    }

    fn amend(&mut self, id: u64, left: i64, tell: &mut impl FnMut(Event)) {
        match self.find(id) {
            None => tell(Event::Refused { id, why: Refusal::Unknown }),
            Some((side, at)) if left <= 0 || left >= self.side(side)[at].left => {
                tell(Event::Refused { id, why: Refusal::NotLess });
            }
            Some((side, at)) => {
                let resting = &mut self.side_mut(side)[at];
                resting.left = left;
                resting.shown = resting.shown.min(left);
                let ticks = resting.order.ticks;
                tell(Event::Rests { id, ticks, lots: left });
            }
        }
    }

    fn replace(&mut self, id: u64, ticks: i64, lots: i64, tell: &mut impl FnMut(Event)) {
        match self.find(id) {
            None => tell(Event::Refused { id, why: Refusal::Unknown }),
            Some((side, at)) => {
                let resting = self.side(side)[at].order;
                let moved = Incoming { ticks, lots, peak: resting.peak.min(lots), ..resting };
                let crosses = self.best(side.opposite()).is_some_and(|best| side.reaches(ticks, best));
                if !in_range(&moved) {
                    tell(Event::Refused { id, why: Refusal::OutOfRange });
                } else if moved.force == Force::PostOnly && crosses {
                    tell(Event::Refused { id, why: Refusal::WouldTrade });
                } else {
                    self.side_mut(side).remove(at);
                    self.take(&moved, tell);
                }
            }
        }
    }

    fn best(&self, side: Side) -> Option<i64> {
        self.side(side).first().map(|resting| resting.order.ticks)
    }

    fn depth(&self, side: Side, most: usize, tell: &mut impl FnMut(Shown)) {
        let levels = self.side(side).chunk_by(|one, other| one.order.ticks == other.order.ticks);
        for level in levels.take(most) {
            let lots = level.iter().map(|resting| resting.shown).sum();
            tell(Shown { ticks: level[0].order.ticks, lots, orders: level.len() as u32 });
        }
    }

    fn shown(&self, side: Side, ticks: i64) -> i64 {
        self.side(side).iter().filter(|resting| resting.order.ticks == ticks).map(|resting| resting.shown).sum()
    }

    fn walk(&self, side: Side, visit: &mut impl FnMut(&Incoming, i64) -> bool) {
        let _ = self.side(side).iter().all(|resting| visit(&resting.order, resting.left));
    }

    fn left(&self, id: u64) -> Option<i64> {
        self.find(id).map(|(side, at)| self.side(side)[at].left)
    }

    fn orders(&self) -> usize {
        self.bids.len() + self.asks.len()
    }

    fn hash(&self) -> u64 {
        self.bids
            .iter()
            .chain(&self.asks)
            .fold(0, |hash, resting| fold(hash, resting.order.id, resting.order.ticks, resting.left, resting.shown))
    }
}
