//! What the guard's state does to orders: cancels what would open, or everything. Positions are flattened by [`flatten`](super::flatten).
use super::GuardState;
use crate::desk::lanes::Worker;
use crate::desk::order::{Order, OrderRecord, TradeRecord};
use crate::desk::reason::{Cause, Reason, Status};
use crate::desk::{Desk, Halt, Source};
use crate::event::Entry;

impl Desk {
    /// Records a closed trade, which the guard counts.
    #[inline(always)]
    pub(in crate::desk) fn note_closed(&mut self, closed: TradeRecord) {
        if self.guard.is_some() {
            self.count_closed(closed.pnl);
        }
        self.outbox.trades.push(closed);
    }

    #[cold]
    #[inline(never)]
    fn count_closed(&mut self, pnl: i64) {
        if let Some(guard) = self.guard.as_deref_mut() {
            guard.note_trade(pnl);
        }
    }

    /// Lets the guard count an order that passed the gate; returns whether the venue takes an order of its type. What it refuses has ended.
    #[cold]
    #[inline(never)]
    pub(in crate::desk) fn note_sent(&mut self, order: &Order, is_market: bool) -> bool {
        let asset = order.asset as usize;
        let opposite = (-order.side * self.ledger.positions[asset].lots).max(0);
        let Some(guard) = self.guard.as_deref_mut() else { return true };
        guard.note_sent(order.ts, order.asset, order.side);
        if let Some(breakers) = guard.breakers.as_mut().filter(|_| order.lots > opposite) {
            breakers.note_sent(asset);
        }
        let is_taken = guard.is_taken(order, is_market);
        if !is_taken {
            let order = Order { cause: Cause::Refused, ..*order };
            self.outbox.end(OrderRecord { order, status: Status::Rejected, done_ts: order.ts });
        }
        is_taken
    }

    /// Lets the breakers see a fill, prices in ticks.
    #[cold]
    #[inline(never)]
    pub(in crate::desk) fn note_filled(&mut self, order: &Order, ticks: i64, base_ticks: i64) {
        if let Some(breakers) = self.guard.as_deref_mut().and_then(|guard| guard.breakers.as_mut()) {
            breakers.see_fill(order, ticks, base_ticks);
        }
    }

    /// Lets the guard look at a decision and carries out what its state says; returns whether the strategy is read.
    ///
    /// # Errors
    /// Returns [`Halt`] where a volume does not fit.
    #[cold]
    #[inline(never)]
    pub(in crate::desk) fn stand_guard<S: Source>(&mut self, t: i64, present: &[Entry], src: &S) -> Result<bool, Halt> {
        let equity = self.equity();
        let Some(guard) = self.guard.as_deref_mut() else { return Ok(true) };
        if let Some(breakers) = &mut guard.breakers {
            breakers.age_feeds(t);
        }
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            let (scale, halt) = (&self.contracts[asset].scale, Halt { asset, ts: t - self.interval_ms });
            guard.volumes[asset] = scale.lots(src.volume(asset, local)).ok_or(halt)?;
            if let Some(breakers) = &mut guard.breakers {
                let ticks = |price: f64| scale.ticks(price).ok_or(halt);
                breakers.see_bar(t, asset, ticks(src.open(asset, local))?, ticks(src.close(asset, local))?);
            }
        }
        guard.obey(t, equity, &mut self.outbox);
        guard.look(t, equity, &mut self.outbox.guard);
        if let Some(breakers) = &mut guard.breakers {
            breakers.look(t, equity, &mut self.outbox.breakers);
        }
        match guard.state {
            GuardState::Normal | GuardState::Reduced => Ok(true),
            GuardState::Paused => {
                self.cancel_openings(t);
                Ok(true)
            }
            GuardState::Emergency => {
                self.flatten(t, equity)?;
                Ok(false)
            }
            GuardState::Killed => {
                self.cancel_all(t);
                Ok(false)
            }
        }
    }

    /// Cancels what works and would open or increase; an order that turns a position keeps its closing part.
    fn cancel_openings(&mut self, t: i64) {
        for asset in 0..self.slots.len() {
            self.cancel_opening(asset, t);
            if !self.lanes.of[asset].is_empty() {
                self.cancel_opening_lanes(asset, t);
            }
        }
    }

    fn cancel_opening(&mut self, asset: usize, t: i64) {
        let position = self.ledger.positions[asset].lots;
        let Some(order) = self.slots[asset].working.as_mut().filter(|order| order.reason != Reason::Take) else { return };
        let closing = (-order.side * position).max(0);
        if order.left() <= closing {
            return;
        }
        if closing == 0 {
            return self.cancel(asset, t, Cause::RiskPaused);
        }
        (order.lots, order.cause) = (order.filled + closing, Cause::RiskPaused);
        self.tell_cut(asset, t);
    }

    fn cancel_opening_lanes(&mut self, asset: usize, t: i64) {
        let position = self.ledger.positions[asset].lots;
        let mut closing = position.abs();
        for at in 0..self.lanes.of[asset].len() {
            let lane = self.lanes.of[asset][at] as usize;
            let Some(resting) = self.lanes.lanes[lane].order.filter(|resting| !resting.want.reduce_only) else { continue };
            if resting.order.side == -position.signum() && resting.order.left() <= closing {
                closing -= resting.order.left();
            } else {
                self.cancel_worker(lane, Worker::Order, t, Cause::RiskPaused);
            }
        }
        self.lanes.refresh(asset);
    }
}
