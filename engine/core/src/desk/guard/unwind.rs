//! What the guard's state does to orders and positions: cancels what would open, cuts positions. They are flattened by [`flatten`](super::flatten).
use super::GuardState;
use super::sent::Passed;
use crate::desk::lanes::Worker;
use crate::desk::order::{NEVER, Order, OrderRecord, TradeRecord};
use crate::desk::reason::{Cause, Reason, Status};
use crate::desk::{Desk, Halt, Source};
use crate::event::Entry;
use crate::money::{E9, Overflow, rate_floor};

/// Returns whether an order is over a position, whoever opened it, and may never turn it.
fn is_of_position(reason: Reason) -> bool {
    matches!(reason, Reason::RiskReduce | Reason::VenueStop | Reason::GapVenue)
}

impl Desk {
    /// Records a closed trade, which the guard counts.
    #[inline(always)]
    pub(in crate::desk) fn note_closed(&mut self, closed: TradeRecord) {
        if self.guard.is_some() {
            self.count_closed(&closed);
        }
        self.outbox.trades.push(closed);
    }

    #[cold]
    #[inline(never)]
    fn count_closed(&mut self, closed: &TradeRecord) {
        if let Some(guard) = self.guard.as_deref_mut() {
            guard.note_trade(closed.pnl, closed.entry_notional);
        }
    }

    /// Lets the guard count an order that passed the gate; returns whether the venue takes an order of its type. What it refuses has ended.
    #[cold]
    #[inline(never)]
    pub(in crate::desk) fn note_sent(&mut self, order: &Order, is_market: bool) -> bool {
        let position = self.ledger.positions[order.asset as usize].lots;
        let opened = (order.lots - (-order.side * position).max(0)).max(0);
        let Some(guard) = self.guard.as_deref_mut() else { return true };
        let passed = Passed { t: order.ts, side: order.side, wanted: order.wanted, ticks: order.ref_ticks };
        guard.sent.note(order.asset as usize, passed, opened);
        if let Some(breakers) = guard.breakers.as_mut().filter(|_| opened > 0) {
            breakers.note_sent(order.asset as usize);
        }
        self.is_taken(order, is_market)
    }

    /// Returns whether the venue takes an order; what it refuses has ended.
    pub(super) fn is_taken(&mut self, order: &Order, is_market: bool) -> bool {
        let is_taken = self.guard.as_deref_mut().is_none_or(|guard| guard.is_taken(order, is_market));
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

    /// Lets the guard count a cancel of the strategy's.
    #[inline(always)]
    pub(in crate::desk) fn note_cancelled(&mut self, ts: i64, cause: Cause) {
        if let Some(guard) = self.guard.as_deref_mut()
            && matches!(cause, Cause::Superseded | Cause::Replaced | Cause::Withdrawn)
        {
            guard.sent.note_cancel(ts);
        }
    }

    /// Decides under the guard; a strategy that it has latched is not read.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    #[cold]
    #[inline(never)]
    pub(in crate::desk) fn decide_guarded<S: Source>(&mut self, t: i64, due: bool, present: &[Entry], src: &S) -> Result<(), Halt> {
        self.see(t, present, src)?;
        if t >= self.trade_from_ms && self.stand_guard(t)? {
            self.act_guarded(t, due, present, src)?;
        }
        if self.guard.as_deref().is_some_and(|guard| guard.operator.halt_at == Some(t)) {
            self.halt(t);
        }
        Ok(())
    }

    fn act_guarded<S: Source>(&mut self, t: i64, due: bool, present: &[Entry], src: &S) -> Result<(), Halt> {
        if self.lanes.is_empty() {
            self.decide_targets(t, due, present, src)?;
        } else {
            self.decide_with_lanes(t, due, present, src)?;
        }
        self.cut_positions(t)
    }

    /// Shows the guard the bars of a decision, also of one before the strategy may act; does nothing without a guard.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn see<S: Source>(&mut self, t: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        let Some(guard) = self.guard.as_deref_mut() else { return Ok(()) };
        let counts = t >= self.trade_from_ms;
        if counts {
            guard.observe(t);
        }
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            let (scale, halt) = (&self.contracts[asset].scale, Halt { asset, ts: t - self.interval_ms });
            let close = scale.ticks(src.close(asset, local)).ok_or(halt)?;
            if let Some(breakers) = guard.breakers.as_mut().filter(|_| counts) {
                breakers.see_bar(t, asset, scale.ticks(src.open(asset, local)).ok_or(halt)?, close);
            }
            guard.see(asset, t, close, scale.lots(src.volume(asset, local)).ok_or(halt)?);
        }
        guard.learn();
        Ok(())
    }

    /// Lets the guard look at a decision and carries out what its state says; returns whether the strategy is read.
    ///
    /// # Errors
    /// Returns [`Halt`] where an amount does not fit.
    pub(in crate::desk) fn stand_guard(&mut self, t: i64) -> Result<bool, Halt> {
        let halt = Halt { asset: 0, ts: t - self.interval_ms };
        let (equity, oldest) = (self.equity(), self.oldest_held());
        self.weigh().map_err(|Overflow| halt)?;
        let Some(guard) = self.guard.as_deref_mut() else { return Ok(true) };
        guard.oldest_held = oldest;
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

    /// Lets nothing open any more, because the host cannot write its journal: to be called after the decision at `t`, of which what opens has not
    /// left yet. What works and would open is cancelled; cancels, reductions and stops go on.
    pub fn halt(&mut self, t: i64) {
        let equity = self.equity();
        let Some(guard) = self.guard.as_deref_mut() else { return };
        if guard.halt(t, equity, &mut self.outbox) && guard.state == GuardState::Paused {
            self.cancel_openings(t);
        }
    }

    /// Returns when the oldest price among positions was seen; `i64::MAX` without any.
    fn oldest_held(&self) -> i64 {
        let Some(guard) = self.guard.as_deref().filter(|guard| guard.policy.max_age_ms.is_some()) else { return i64::MAX };
        let held = self.ledger.positions.iter().zip(&guard.tape.last).filter(|(position, _)| position.lots != 0);
        held.map(|(_, last)| last.t).min().unwrap_or(i64::MAX)
    }

    /// Takes the weight of every position with what is in flight, where the policy needs it.
    ///
    /// # Errors
    /// Returns [`Overflow`] where a value does not fit.
    #[inline(always)]
    pub(in crate::desk) fn weigh(&mut self) -> Result<(), Overflow> {
        if self.guard.is_some() { self.take_weights() } else { Ok(()) }
    }

    #[cold]
    #[inline(never)]
    fn take_weights(&mut self) -> Result<(), Overflow> {
        let equity = self.equity();
        let Some(mut guard) = self.guard.take() else { return Ok(()) };
        let mut weighed = Ok(());
        if guard.policy.needs_exposures() {
            weighed = guard.weights.iter_mut().enumerate().try_for_each(|(asset, weight)| {
                *weight = if equity > 0 { self.signed_exposure(asset)? as f64 / equity as f64 } else { 0.0 };
                Ok(())
            });
        }
        self.guard = Some(guard);
        weighed
    }

    /// Sends what the portfolio's layers cut: of each position without a working order what it is not to keep.
    ///
    /// # Errors
    /// Returns [`Halt`] where an amount does not fit.
    pub(in crate::desk) fn cut_positions(&mut self, t: i64) -> Result<(), Halt> {
        let keep_e9 = self.guard.as_deref().map_or(E9, |guard| guard.keep_e9);
        if keep_e9 == E9 {
            return Ok(());
        }
        for asset in 0..self.slots.len() {
            let lots = self.ledger.positions[asset].lots;
            if lots != 0 && self.slots[asset].working.is_none() {
                let halt = Halt { asset, ts: t - self.interval_ms };
                let lots = lots.checked_abs().ok_or(halt)?;
                let kept = rate_floor(lots, keep_e9).map_err(|Overflow| halt)?;
                self.send_out(asset, t, lots - kept, Reason::RiskReduce);
            }
        }
        Ok(())
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
        // A venue is not asked to amend what is about to be filled.
        if closing == 0 || self.remote.is_some() {
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

    /// Sends the guard's market order over lots of a position.
    fn send_out(&mut self, asset: usize, t: i64, lots: i64, reason: Reason) {
        let id = self.next_order;
        let order = Order {
            id,
            ts: t,
            asset: asset as u32,
            side: -self.ledger.positions[asset].lots.signum(),
            lots,
            filled: 0,
            wanted: lots,
            ref_ticks: self.slots[asset].mark,
            due: t + self.latency.of(id),
            reason,
            cause: Cause::None,
            fixed_ticks: 0,
            trailing_ticks: 0,
            take_ticks: 0,
            capped_row: NEVER,
        };
        let Some(approved) = self.gate.approve(order) else { return };
        self.next_order += 1;
        self.tell_sent(&order, None);
        if self.is_taken(&order, true) {
            self.enqueue(approved.into_inner());
        }
    }

    /// Limits a cut, or the rest of a stop at the venue, on an asset with lanes to what is left of the position; cancels it where that is nothing.
    pub(in crate::desk) fn limit_cut(&mut self, asset: usize, ts: i64) {
        let position = self.ledger.positions[asset].lots;
        let Some(order) = self.slots[asset].working.as_mut().filter(|order| is_of_position(order.reason)) else { return };
        let there = (-order.side * position).max(0);
        if there == 0 {
            self.cancel(asset, ts, Cause::ReduceOnly);
        } else if order.left() > there {
            (order.lots, order.cause) = (order.filled + there, Cause::ReduceOnly);
        }
    }
}
