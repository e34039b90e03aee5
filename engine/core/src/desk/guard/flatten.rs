//! Flattening: orders over every position, sent again at each decision until all is flat and nothing works.
//!
//! An order is at most as large as the policy lets one order be, and is filled only within the collar around the last mark; what is left, or was
//! beyond, is sent anew with the mark of the next decision. Where the venue refuses a market order, the next try is a limit at the collar.
use super::Guard;
use crate::desk::market::Place;
use crate::desk::order::{KeyedRecord, NEVER, NO_KEY, Order, OrderRecord};
use crate::desk::reason::{Cause, Evidence, FillRule, OrderKind, Reason, Status, Tif};
use crate::desk::{Desk, Halt};
use crate::money::{Overflow, rate_floor};
use crate::venue::bars::Bar;

impl Guard {
    /// Returns whether the venue takes the order; lets the breakers see where it does not.
    pub(super) fn is_taken(&mut self, order: &Order, is_market: bool) -> bool {
        let is_taken = !self.conditions.iter().any(|condition| condition.refuses(order.ts, is_market));
        if let Some(breakers) = self.breakers.as_mut().filter(|_| !is_taken) {
            breakers.see_refusal(order.asset as usize);
        }
        is_taken
    }
}

impl Desk {
    /// Cancels everything but price stops and flatten orders; takes are off, and targets are to be acted on anew.
    pub(super) fn cancel_all(&mut self, t: i64) {
        for asset in 0..self.slots.len() {
            if !self.lanes.of[asset].is_empty() {
                self.end_lanes(asset, t, Cause::RiskKilled);
                self.lanes.touch(asset);
                self.lanes.refresh(asset);
            }
            let slot = &mut self.slots[asset];
            (slot.stops.take, slot.acted, slot.dirty) = (0, 0, true);
            let is_leaving = |order: &Order| order.reason.is_flatten() || order.reason.is_price_stop();
            if slot.working.as_ref().is_some_and(|order| !is_leaving(order)) {
                self.cancel(asset, t, Cause::RiskKilled);
            }
            self.rearm_stops(asset);
        }
    }

    /// Cancels everything, and sends what closes every position.
    pub(super) fn flatten(&mut self, t: i64, equity: i64) -> Result<(), Halt> {
        self.cancel_all(t);
        for asset in 0..self.slots.len() {
            if self.ledger.positions[asset].lots != 0 && self.slots[asset].working.is_none() {
                self.send_flatten(asset, t).map_err(|Overflow| Halt { asset, ts: t - self.interval_ms })?;
            }
        }
        if self.open_positions == 0
            && self.queue.is_empty()
            && self.leaving().next().is_none()
            && let Some(guard) = self.guard.as_deref_mut()
        {
            guard.kill(t, equity, &mut self.outbox.guard);
        }
        Ok(())
    }

    /// Sends the order over a position, or over as much of it as one order may hold.
    fn send_flatten(&mut self, asset: usize, t: i64) -> Result<(), Overflow> {
        let (position, mark) = (self.ledger.positions[asset].lots, self.slots[asset].mark);
        let wanted = position.checked_abs().ok_or(Overflow)?;
        let lots = wanted.min(self.gate.most(&self.contracts[asset], mark)?);
        let by_limit = self.guard.as_ref().is_some_and(|guard| guard.by_limit[asset]);
        let id = self.next_order;
        self.next_order += 1;
        let order = Order {
            id,
            ts: t,
            asset: asset as u32,
            side: -position.signum(),
            lots,
            filled: 0,
            wanted,
            ref_ticks: mark,
            due: t + self.latency.of(id),
            reason: if by_limit { Reason::RiskFlattenLimit } else { Reason::RiskFlatten },
            cause: if lots < wanted { Cause::MaxNotional } else { Cause::None },
            fixed_ticks: 0,
            trailing_ticks: 0,
            take_ticks: 0,
            capped_row: NEVER,
        };
        let Some(approved) = self.gate.approve(order) else { return Ok(()) };
        let limit = if by_limit { Some(self.flatten_limit(&order)) } else { None };
        self.tell_sent(&order, limit);
        if self.is_taken(&order, !by_limit) {
            self.enqueue(approved.into_inner());
            return Ok(());
        }
        if let Some(guard) = self.guard.as_deref_mut() {
            guard.by_limit[asset] = !by_limit;
        }
        self.note_flatten(&order);
        Ok(())
    }

    /// Returns the worst price that a flatten order may be filled at, ticks.
    pub(in crate::desk) fn flatten_limit(&self, order: &Order) -> i64 {
        // A collar that does not fit binds nothing.
        let distance = rate_floor(order.ref_ticks, self.collar_e9).unwrap_or(i64::MAX);
        order.ref_ticks.saturating_add(order.side * distance).max(1)
    }

    /// Fills a flatten order at the open, where that is within the collar. A limit also keeps spread and impact within it, and does not rest.
    #[cold]
    #[inline(never)]
    pub(in crate::desk) fn fill_flatten(&mut self, place: &Place, bar: &Bar, mut order: Order) -> Result<(), Overflow> {
        let &Place { asset, ts, .. } = place;
        let is_limit = order.reason == Reason::RiskFlattenLimit;
        let lots = order.left().min(self.room(place, bar)).max(1);
        let price = if is_limit { self.venue.price(bar, order.side, bar.open, lots)? } else { bar.open };
        let is_beyond = order.side * (price - self.flatten_limit(&order)) > 0;
        self.unqueue(asset);
        if is_beyond {
            order.cause = Cause::Collar;
            self.end_flatten(order, Status::Cancelled, ts);
            return Ok(());
        }
        let rule = if is_limit { FillRule::OpenLimit } else { FillRule::Open };
        let cash_ended = self.execute_apart(place, bar, bar.open, rule, &mut order)?;
        if !is_limit {
            self.settle(order, ts, cash_ended);
        } else if order.left() == 0 {
            self.end_flatten(order, Status::Filled, ts);
        } else {
            order.cause = Cause::Ioc;
            self.end_flatten(order, Status::Cancelled, ts);
        }
        self.rearm_stops(asset);
        Ok(())
    }

    /// Records the end of a flatten order, and the price of a limit.
    fn end_flatten(&mut self, order: Order, status: Status, ts: i64) {
        self.slots[order.asset as usize].dirty = true;
        self.rearm_stops(order.asset as usize);
        self.outbox.end(OrderRecord { order, status, done_ts: ts });
        self.note_flatten(&order);
    }

    fn note_flatten(&mut self, order: &Order) {
        if order.reason == Reason::RiskFlattenLimit {
            let record = self.flatten_record(order);
            self.outbox.keyed.push(record);
        }
    }

    /// Returns what is known of a limit that flattens beside its record.
    pub(in crate::desk) fn flatten_record(&self, order: &Order) -> KeyedRecord {
        KeyedRecord {
            order: order.id,
            key: NO_KEY,
            kind: OrderKind::Limit,
            tif: Tif::Ioc,
            price_ticks: self.flatten_limit(order),
            trigger_ticks: -1,
            parent: -1,
            evidence: Evidence::None,
            evidence_row: -1,
        }
    }
}
