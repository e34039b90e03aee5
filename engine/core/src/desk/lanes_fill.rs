//! Fills of lanes: what an order gets of a bar, and what follows from it for its lane, its group and the lanes that wait for it.
use super::Desk;
use super::lanes::Worker;
use super::market::{Fill, Place};
use super::order::{NEVER, Order, OrderRecord};
use super::reason::{Cause, Evidence, FillRule, Reason, Status, Tif};
use super::resting::Resting;
use crate::config::Realism;
use crate::money::Overflow;
use crate::venue::bars::Bar;

/// At what price and by which rule an order may fill now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    /// Reference price, ticks; a maker's price.
    base: i64,
    rule: FillRule,
    /// Whether the order's limit price bounds what a taker pays.
    limited: bool,
}

impl Offer {
    /// Liquidity given at a price.
    pub fn maker(price: i64, rule: FillRule) -> Self {
        Self { base: price, rule, limited: true }
    }
    /// Liquidity taken from a reference price on.
    pub fn taker(base: i64, rule: FillRule) -> Self {
        Self { base, rule, limited: false }
    }
    /// Liquidity taken from a reference price on, never beyond the order's limit.
    pub fn limited(base: i64, rule: FillRule) -> Self {
        Self { base, rule, limited: true }
    }
}

impl Desk {
    /// Lets a lane's order trade: fills what position, volume and cash allow, and ends it, or notes why it works on.
    pub(super) fn trade(&mut self, place: &Place, bar: &Bar, lane: usize, worker: Worker, offer: Offer) -> Result<(), Overflow> {
        let Some(mut resting) = *self.lanes.lanes[lane].worker(worker) else { return Ok(()) };
        let (most, bound) = self.most(place.asset, &resting);
        if most == 0 {
            self.finish(lane, worker, resting, bound, place.ts);
            return Ok(());
        }
        let allowed = resting.order.left().min(most);
        let room = self.room(place, bar);
        if room < allowed {
            if resting.want.tif == Tif::Fok {
                self.finish(lane, worker, resting, Cause::Fok, place.ts);
                return Ok(());
            }
            resting.note(Evidence::VolumeCap, place.row);
        }
        let lots = allowed.min(room);
        let mut filled = 0;
        if lots > 0 {
            let ticks = self.price_of(bar, &resting, &offer, lots)?;
            filled = self.affordable(place.asset, resting.order.side, lots, ticks, offer.rule.is_maker())?;
            if filled > 0 {
                let Offer { base, rule, .. } = offer;
                self.book_apart(place, &resting.order, Fill { lots: filled, ticks, base, rule, maker: rule.is_maker(), room })?;
                self.rearm_stops(place.asset);
                resting.order.filled += filled;
            }
            if filled < lots {
                self.settle_worker(lane, worker, resting, filled, Cause::Balance, place);
                return Ok(());
            }
            if filled == most && resting.order.left() > 0 {
                self.settle_worker(lane, worker, resting, filled, bound, place);
                return Ok(());
            }
        }
        let over = if resting.want.tif == Tif::Ioc { Cause::Ioc } else { Cause::None };
        self.settle_worker(lane, worker, resting, filled, over, place);
        Ok(())
    }

    /// Returns the most lots that the position lets an order fill, and the cause that says so.
    fn most(&self, asset: usize, resting: &Resting) -> (i64, Cause) {
        let opposite = (-resting.order.side * self.ledger.positions[asset].lots).max(0);
        if resting.want.reduce_only {
            (opposite, Cause::ReduceOnly)
        } else if self.contracts[asset].is_long_only() && resting.order.side < 0 {
            (opposite, Cause::NoShort)
        } else {
            (i64::MAX, Cause::None)
        }
    }

    fn price_of(&self, bar: &Bar, resting: &Resting, offer: &Offer, lots: i64) -> Result<i64, Overflow> {
        if offer.rule.is_maker() {
            return Ok(offer.base);
        }
        let side = resting.order.side;
        let ticks = self.venue.price(bar, side, offer.base, lots)?;
        let limit = resting.want.price;
        Ok(match (offer.limited, side > 0) {
            (false, _) => ticks,
            (true, true) => ticks.min(limit),
            (true, false) => ticks.max(limit),
        })
    }

    /// Puts an order back after a fill of `filled` lots, or ends it: filled, or cancelled with `over` (none = works on).
    fn settle_worker(&mut self, lane: usize, worker: Worker, resting: Resting, filled: i64, over: Cause, place: &Place) {
        *self.lanes.lanes[lane].worker(worker) = Some(resting);
        self.lanes.touch(place.asset);
        if filled > 0 {
            match worker {
                Worker::Order => self.after_fill(lane, &resting, filled, place),
                Worker::Exit => self.after_exit(lane, filled),
            }
        }
        if resting.order.left() == 0 || over != Cause::None {
            let cause = if resting.order.left() == 0 { Cause::None } else { over };
            self.finish(lane, worker, resting, cause, place.ts);
        }
    }

    /// A fill of a lane's own order: the lane holds it, the rest of its group ends, lanes that wait for it may send.
    pub(super) fn after_fill(&mut self, lane: usize, resting: &Resting, filled: i64, place: &Place) {
        if resting.want.holds {
            let ticks = self.outbox.fills.last().map_or(0, |fill| fill.ticks);
            self.lanes.lanes[lane].bracket.absorb(resting, filled, ticks);
        }
        for at in 0..self.lanes.of[place.asset].len() {
            let other = self.lanes.of[place.asset][at] as usize;
            if other == lane {
                continue;
            }
            let state = &mut self.lanes.lanes[other];
            if resting.order.left() == 0 && state.after == Some(lane as u32) {
                state.rights += 1;
            }
            if resting.want.oco != 0 && state.order.is_some_and(|member| member.want.oco == resting.want.oco) {
                self.cancel_worker(other, Worker::Order, place.ts, Cause::Oco);
            }
        }
    }

    /// A fill of an exit: what was sold is no longer held.
    fn after_exit(&mut self, lane: usize, filled: i64) {
        let bracket = &mut self.lanes.lanes[lane].bracket;
        bracket.release(filled.min(bracket.held));
    }

    /// Sends and fills the order of an exit stop.
    pub(super) fn leave_by_stop(
        &mut self,
        place: &Place,
        bar: &Bar,
        lane: usize,
        level: i64,
        base: i64,
        reason: Reason,
    ) -> Result<(), Overflow> {
        let bracket = &self.lanes.lanes[lane].bracket;
        let lots = if self.realism == Realism::Naive { bracket.held - bracket.fresh } else { bracket.held };
        if lots == 0 {
            return Ok(());
        }
        let is_gap = matches!(reason, Reason::GapStop | Reason::GapTrail);
        if self.send_exit(place, lane, lots, base, reason, None, level) {
            let rule = if is_gap { FillRule::GapTrigger } else { FillRule::Trigger };
            self.trade(place, bar, lane, Worker::Exit, Offer::taker(base, rule))?;
        }
        Ok(())
    }

    /// Sends and fills the order of a take over `lots`, if the bar has volume left.
    pub(super) fn leave_by_take(&mut self, place: &Place, bar: &Bar, lane: usize, lots: i64, offer: Offer) -> Result<(), Overflow> {
        let Some(level) = self.lanes.lanes[lane].bracket.take_level() else { return Ok(()) };
        if lots > 0 && self.room(place, bar) > 0 && self.send_exit(place, lane, lots, level, Reason::Take, Some(level), 0) {
            self.trade(place, bar, lane, Worker::Exit, offer)?;
        }
        Ok(())
    }

    /// Gives an exit its number; returns whether there was something to close. If not, the lane is free.
    #[allow(clippy::too_many_arguments)]
    fn send_exit(
        &mut self,
        place: &Place,
        lane: usize,
        wanted: i64,
        ref_ticks: i64,
        reason: Reason,
        price: Option<i64>,
        trigger: i64,
    ) -> bool {
        let position = self.ledger.positions[place.asset].lots;
        let bracket = &mut self.lanes.lanes[lane].bracket;
        let side = -bracket.side;
        let there = (-side * position).max(0);
        if there < bracket.held {
            bracket.release(bracket.held - there);
        }
        let lots = wanted.min(there);
        self.lanes.touch(place.asset);
        if lots == 0 {
            return false;
        }
        let cause = if price.is_some() { Cause::Oco } else { Cause::Stopped };
        self.cancel_worker(lane, Worker::Order, place.ts, cause);
        self.cancel_worker(lane, Worker::Exit, place.ts, Cause::Oco);
        let order = Order {
            id: self.next_order,
            ts: place.ts,
            asset: place.asset as u32,
            side,
            lots,
            filled: 0,
            wanted,
            ref_ticks,
            due: place.ts,
            reason,
            cause: if lots < wanted { Cause::ReduceOnly } else { Cause::None },
            fixed_ticks: 0,
            trailing_ticks: 0,
            take_ticks: 0,
            capped_row: NEVER,
        };
        self.next_order += 1;
        let bracket = &self.lanes.lanes[lane].bracket;
        let (resting, key) = (Resting::exit(order, price, trigger, bracket.parent), self.lanes.lanes[lane].key);
        self.lanes.lanes[lane].bracket.leaving = Some(resting);
        self.tell_keyed(&resting, key);
        true
    }

    /// Cancels one of a lane's orders, if it works.
    pub(super) fn cancel_worker(&mut self, lane: usize, worker: Worker, ts: i64, cause: Cause) {
        if self.remote.is_some() {
            return self.leave_lane(lane, ts, cause);
        }
        if let Some(resting) = *self.lanes.lanes[lane].worker(worker) {
            self.finish(lane, worker, resting, cause, ts);
        }
    }

    /// Ends everything that the asset's lanes have at work and frees them: the position is gone.
    pub(super) fn end_lanes(&mut self, asset: usize, ts: i64, cause: Cause) {
        for at in 0..self.lanes.of[asset].len() {
            let lane = self.lanes.of[asset][at] as usize;
            self.cancel_worker(lane, Worker::Order, ts, cause);
            self.cancel_worker(lane, Worker::Exit, ts, cause);
            self.lanes.lanes[lane].bracket.empty();
        }
    }

    /// Ends an order: cancelled with a cause, or filled (none). An exit that the position ended frees its lane.
    fn finish(&mut self, lane: usize, worker: Worker, mut resting: Resting, cause: Cause, ts: i64) {
        let state = &mut self.lanes.lanes[lane];
        *state.worker(worker) = None;
        if worker == Worker::Exit && cause == Cause::ReduceOnly {
            state.bracket.empty();
        }
        let status = if cause == Cause::None { Status::Filled } else { Status::Cancelled };
        if cause != Cause::None {
            resting.order.cause = cause;
        }
        let (asset, key) = (state.asset as usize, state.key);
        self.lanes.touch(asset);
        self.note_cancelled(ts, cause);
        self.outbox.end(OrderRecord { order: resting.order, status, done_ts: ts });
        self.outbox.keyed.push(resting.keyed(key));
    }
}
