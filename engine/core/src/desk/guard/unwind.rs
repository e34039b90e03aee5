//! What the guard's state does to orders and positions: cancels what would open, or flattens everything.
use super::GuardState;
use crate::desk::lanes::Worker;
use crate::desk::order::{NEVER, Order, TradeRecord};
use crate::desk::reason::{Cause, Reason};
use crate::desk::{Desk, Halt, Source};
use crate::event::Entry;
use crate::money::Overflow;

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

    /// Lets the guard count an order that passed the gate at decision time `t`.
    #[cold]
    #[inline(never)]
    pub(in crate::desk) fn note_sent(&mut self, t: i64, asset: u32, side: i64) {
        if let Some(guard) = self.guard.as_deref_mut() {
            guard.note_sent(t, asset, side);
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
        for entry in present {
            let asset = entry.asset as usize;
            let volume = self.contracts[asset].scale.lots(src.volume(asset, entry.row as usize));
            guard.volumes[asset] = volume.ok_or(Halt { asset, ts: t - self.interval_ms })?;
        }
        guard.look(t, equity, &mut self.outbox.guard);
        match guard.state {
            GuardState::Normal | GuardState::Reduced => Ok(true),
            GuardState::Paused => {
                self.cancel_openings(t);
                Ok(true)
            }
            GuardState::Emergency => {
                self.flatten(t, equity).map_err(|Overflow| Halt { asset: 0, ts: t - self.interval_ms })?;
                Ok(false)
            }
            GuardState::Killed => Ok(false),
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

    /// Cancels everything but stops and flatten orders, and sends what closes every position.
    fn flatten(&mut self, t: i64, equity: i64) -> Result<(), Overflow> {
        for asset in 0..self.slots.len() {
            if !self.lanes.of[asset].is_empty() {
                self.end_lanes(asset, t, Cause::RiskKilled);
                self.lanes.touch(asset);
                self.lanes.refresh(asset);
            }
            self.slots[asset].stops.take = 0;
            self.slots[asset].acted = 0;
            let is_leaving = |order: &Order| order.reason == Reason::RiskFlatten || order.reason.is_price_stop();
            if self.slots[asset].working.as_ref().is_some_and(|order| !is_leaving(order)) {
                self.cancel(asset, t, Cause::RiskKilled);
            }
            self.rearm_stops(asset);
        }
        for asset in 0..self.slots.len() {
            if self.ledger.positions[asset].lots != 0 && self.slots[asset].working.is_none() {
                self.send_flatten(asset, t)?;
            }
        }
        if self.open_positions == 0
            && self.queue.is_empty()
            && let Some(guard) = self.guard.as_deref_mut()
        {
            guard.kill(t, equity, &mut self.outbox.guard);
        }
        Ok(())
    }

    /// Sends the market order over a whole position.
    fn send_flatten(&mut self, asset: usize, t: i64) -> Result<(), Overflow> {
        let position = self.ledger.positions[asset].lots;
        let lots = position.checked_abs().ok_or(Overflow)?;
        let id = self.next_order;
        self.next_order += 1;
        let order = Order {
            id,
            ts: t,
            asset: asset as u32,
            side: -position.signum(),
            lots,
            filled: 0,
            wanted: lots,
            ref_ticks: self.slots[asset].mark,
            due: t + self.latency.of(id),
            reason: Reason::RiskFlatten,
            cause: Cause::None,
            fixed_ticks: 0,
            trailing_ticks: 0,
            take_ticks: 0,
            capped_row: NEVER,
        };
        if let Some(approved) = self.gate.approve(order) {
            self.tell_sent(&order, None);
            self.enqueue(approved.into_inner());
        }
        Ok(())
    }
}
