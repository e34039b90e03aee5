//! Lanes inside the bar under the neutral reading: the price walks from the open to the nearer extreme, to the other, to the close.
//!
//! On each leg the next level at or beyond the price acts; what it fills or triggers changes the levels for the rest of the path.
use super::Desk;
use super::lanes::Worker;
use super::lanes_fill::Offer;
use super::market::Place;
use super::reason::FillRule;
use super::resting::{Resting, Stage};
use crate::money::Overflow;
use crate::venue::bars::Bar;

/// Who waits at a level of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// The stop of what a lane holds.
    Stop,
    /// Its take, without a number yet.
    Take,
    /// An order: the lane's own or a take at work.
    Order(Worker),
}

/// One straight piece of the path.
#[derive(Debug, Clone, Copy)]
struct Leg {
    number: u8,
    down: bool,
    price: i64,
    end: i64,
}

impl Leg {
    fn spans(&self, level: i64) -> bool {
        if self.down { self.end <= level && level <= self.price } else { self.price <= level && level <= self.end }
    }

    /// Returns whether a level comes before another.
    fn is_nearer(&self, level: i64, other: i64) -> bool {
        if self.down { level > other } else { level < other }
    }

    fn waits_for(&self, resting: &Resting) -> Option<i64> {
        let here =
            resting.leg != self.number && matches!(resting.stage, Stage::Watching | Stage::Resting) && resting.waits_below() == self.down;
        resting.level().filter(|&level| here && self.spans(level))
    }
}

impl Desk {
    /// Walks the bar's path.
    pub(super) fn inside_path(&mut self, place: &Place, bar: &Bar, close: i64) -> Result<(), Overflow> {
        let low_first = bar.open - bar.low <= bar.high - bar.open;
        let (first, second) = if low_first { (bar.low, bar.high) } else { (bar.high, bar.low) };
        let legs = [(bar.open, first, low_first), (first, second, !low_first), (second, close, low_first)];
        for (number, (price, end, down)) in (1..).zip(legs) {
            let mut leg = Leg { number, down, price, end };
            loop {
                if let Some((level, lane)) = self.passed_on(place.asset, &leg) {
                    self.act_on_path(place, bar, &leg, level, lane, Waiting::Stop)?;
                } else if let Some((level, lane, who)) = self.next_on(place.asset, &leg) {
                    leg.price = level;
                    self.act_on_path(place, bar, &leg, level, lane, who)?;
                } else {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Returns the exit stop that a fill has set beyond the current price: it acts at once. Of several the one that is furthest beyond, then lane order.
    fn passed_on(&self, asset: usize, leg: &Leg) -> Option<(i64, usize)> {
        let passed = self.lanes.of[asset].iter().filter_map(|&lane| {
            let bracket = &self.lanes.lanes[lane as usize].bracket;
            let (level, _) = bracket.stop_level().filter(|_| bracket.legs[0] != leg.number)?;
            let is_beyond = if bracket.side > 0 { level > leg.price } else { level < leg.price };
            is_beyond.then_some((-bracket.side * level, level, lane as usize))
        });
        passed.min_by_key(|&(rank, ..)| rank).map(|(_, level, lane)| (level, lane))
    }

    /// Returns the next level of the leg and who waits there: the nearest; exits before orders, then lane order.
    fn next_on(&self, asset: usize, leg: &Leg) -> Option<(i64, usize, Waiting)> {
        let mut next: Option<(i64, usize, Waiting)> = None;
        let mut offer = |level: i64, lane: usize, who: Waiting| {
            let is_exit = who != Waiting::Order(Worker::Order);
            let wins = next.is_none_or(|(best, _, other)| {
                leg.is_nearer(level, best) || (level == best && is_exit && other == Waiting::Order(Worker::Order))
            });
            if wins {
                next = Some((level, lane, who));
            }
        };
        for &lane in &self.lanes.of[asset] {
            let lane = lane as usize;
            let state = &self.lanes.lanes[lane];
            let bracket = &state.bracket;
            let long = bracket.side > 0;
            if let Some((level, _)) = bracket.stop_level()
                && bracket.legs[0] != leg.number
                && long == leg.down
                && leg.spans(level)
            {
                offer(level, lane, Waiting::Stop);
            }
            if let Some(level) = bracket.take_level()
                && bracket.legs[1] != leg.number
                && long != leg.down
                && leg.spans(level)
            {
                offer(level, lane, Waiting::Take);
            }
            if let Some(level) = bracket.leaving.as_ref().and_then(|exit| leg.waits_for(exit)) {
                offer(level, lane, Waiting::Order(Worker::Exit));
            }
            if let Some(level) = state.order.as_ref().and_then(|resting| leg.waits_for(resting)) {
                offer(level, lane, Waiting::Order(Worker::Order));
            }
        }
        next
    }

    fn act_on_path(&mut self, place: &Place, bar: &Bar, leg: &Leg, level: i64, lane: usize, who: Waiting) -> Result<(), Overflow> {
        let state = &mut self.lanes.lanes[lane];
        match who {
            Waiting::Stop => {
                state.bracket.legs[0] = leg.number;
                let (side, reason) = (state.bracket.side, state.bracket.stop_level().map(|(_, reason)| reason));
                let base = self.stop_base(bar, -side, level);
                reason.map_or(Ok(()), |reason| self.leave_by_stop(place, bar, lane, level, base, reason))
            }
            Waiting::Take => {
                state.bracket.legs[1] = leg.number;
                let held = state.bracket.held;
                self.leave_by_take(place, bar, lane, held, Offer::maker(level, FillRule::Touch))?;
                if let Some(exit) = &mut self.lanes.lanes[lane].bracket.leaving {
                    exit.leg = leg.number;
                }
                Ok(())
            }
            Waiting::Order(worker) => {
                let Some(resting) = state.worker(worker) else { return Ok(()) };
                resting.leg = leg.number;
                if resting.stage == Stage::Watching {
                    return self.trigger_inside(place, bar, lane);
                }
                let price = resting.want.price;
                self.trade(place, bar, lane, worker, Offer::maker(price, FillRule::Touch))
            }
        }
    }
}
