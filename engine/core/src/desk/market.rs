//! The market half of a step: what the bar does to stops and working orders, and the mark.
use super::ledger::{Booked, Booking};
use super::order::{FillRecord, Order, OrderRecord};
use super::reason::{Cause, FillRule, Reason, Status};
use super::stops::{Hold, Stops};
use super::{Desk, Halt, Source};
use crate::config::Realism;
use crate::event::Entry;
use crate::money::{E9, Overflow};
use crate::venue::bars::Bar;

/// Where and when a fill happens.
pub(super) struct Place {
    pub asset: usize,
    pub row: u64,
    pub ts: i64,
}

/// A fill about to be booked.
pub(super) struct Fill {
    pub lots: i64,
    /// Price, and the price before spread and impact, ticks.
    pub ticks: i64,
    pub base: i64,
    pub rule: FillRule,
    pub maker: bool,
    /// Lots that the bar still has for us.
    pub room: i64,
}

impl Desk {
    /// Takes one time step's bars: `present` are the assets that have a bar, in id order, `ts` their common open time.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    #[inline]
    pub fn market<S: Source>(&mut self, ts: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        let has_accounts = self.accounts.is_some();
        if has_accounts {
            self.open_accounts(ts, present, src)?;
        }
        if !self.lanes.is_empty() {
            return self.market_with_lanes(ts, present, src);
        }
        if self.armed_stops > 0 {
            self.touch_stops(ts, present, src, true)?;
        }
        if !self.queue.is_empty() {
            self.fill_working(ts, present, src)?;
        }
        if self.armed_stops > 0 {
            self.gap_takes_of_positions(ts, present, src)?;
        }
        if has_accounts {
            self.touch_accounts(ts, present, src)?;
            self.mark_accounts(ts, present, src)?;
            self.peak = self.peak.max(self.equity());
            return Ok(());
        }
        if self.armed_stops > 0 {
            self.touch_stops(ts, present, src, false)?;
        }
        if self.open_positions > 0 || self.total_value != 0 || !self.queue.is_empty() {
            for entry in present {
                let asset = entry.asset as usize;
                self.mark(asset, entry.row as usize, src).map_err(|Overflow| Halt { asset, ts })?;
            }
        }
        self.peak = self.peak.max(self.equity());
        Ok(())
    }

    #[inline(always)]
    pub(super) fn mark<S: Source>(&mut self, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        let position = &mut self.ledger.positions[asset];
        let slot = &mut self.slots[asset];
        // An order in flight counts in the limits of others, at the last close.
        if position.lots == 0 && slot.value == 0 && slot.working.is_none() {
            return Ok(());
        }
        let scale = &self.contracts[asset].scale;
        slot.mark = scale.ticks(src.close(asset, local)).ok_or(Overflow)?;
        let value = scale.value(position.lots, slot.mark)?;
        self.total_value = (self.total_value - slot.value).checked_add(value).ok_or(Overflow)?;
        slot.value = value;
        if position.lots != 0 {
            position.bars += self.bars_per_mark;
            if self.track_extremes || slot.trails {
                let high = scale.ticks(src.high(asset, local)).ok_or(Overflow)?;
                let low = scale.ticks(src.low(asset, local)).ok_or(Overflow)?;
                slot.stops.extend(high, low);
            }
        }
        Ok(())
    }

    /// Closes positions whose stop the open has passed (`gap`) or the bar's range touches.
    fn touch_stops<S: Source>(&mut self, ts: i64, present: &[Entry], src: &S, gap: bool) -> Result<(), Halt> {
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            if self.slots[asset].armed {
                self.touch_stop(ts, asset, local, src, gap).map_err(|Overflow| Halt { asset, ts })?;
            }
        }
        Ok(())
    }

    pub(super) fn touch_stop<S: Source>(&mut self, ts: i64, asset: usize, local: usize, src: &S, gap: bool) -> Result<(), Overflow> {
        let bar = self.bar(src, asset, local)?;
        let place = Place { asset, row: src.row(asset, local), ts };
        // A stop alone needs no order of events, but along the path it is reached from its better side only.
        if gap || (self.slots[asset].stops.take == 0 && self.realism != Realism::Neutral) {
            return self.touch_stop_level(&place, &bar, gap);
        }
        self.touch_inside(&place, &bar, local, src)
    }

    /// Closes the position at its stop if the open has passed it (`gap`) or the range reaches it.
    #[inline(always)]
    pub(super) fn touch_stop_level(&mut self, place: &Place, bar: &Bar, gap: bool) -> Result<(), Overflow> {
        let position = &self.ledger.positions[place.asset];
        let side = position.lots.signum();
        let Some((level, reason)) = self.slots[place.asset].stops.level(side) else {
            return Ok(());
        };
        let reached = match (gap, side > 0) {
            (true, true) => bar.open <= level,
            (true, false) => bar.open >= level,
            (false, true) => bar.low <= level,
            (false, false) => bar.high >= level,
        };
        // What is naive spares the position in the bar that opened it.
        if !reached || (self.realism == Realism::Naive && !gap && position.first_fill == place.ts) {
            return Ok(());
        }
        self.fill_stop(place, bar, level, reason, gap)
    }

    /// Closes the position at its stop's level and holds it flat.
    #[inline(never)]
    pub(super) fn fill_stop(&mut self, place: &Place, bar: &Bar, level: i64, reason: Reason, gap: bool) -> Result<(), Overflow> {
        let asset = place.asset;
        self.cancel(asset, place.ts, self.slots[asset].ended_by(reason));
        if reason == Reason::VenueStop {
            self.end_lanes(asset, place.ts, Cause::Stopped);
            self.lanes.refresh(asset);
        }
        let base = match (self.realism == Realism::Naive, self.ledger.positions[asset].lots > 0) {
            (true, _) => level,
            (false, true) => level.min(bar.open),
            (false, false) => level.max(bar.open),
        };
        let (reason, rule) = match (gap, reason) {
            (true, Reason::StopFixed) => (Reason::GapFixed, FillRule::GapTrigger),
            (true, Reason::VenueStop) => (Reason::GapVenue, FillRule::GapTrigger),
            (true, _) => (Reason::GapTrailing, FillRule::GapTrigger),
            (false, touched) => (touched, FillRule::Trigger),
        };
        self.close_out(place, bar, base, reason, rule)
    }

    /// Sends and fills the order that takes a position out of the market, and holds the target at 0.
    pub(super) fn close_out(&mut self, place: &Place, bar: &Bar, base: i64, reason: Reason, rule: FillRule) -> Result<(), Overflow> {
        let &Place { asset, row, ts } = place;
        let lots = self.ledger.positions[asset].lots;
        let decided = self.decided_after(ts);
        let slot = &mut self.slots[asset];
        slot.hold = Some(Hold { side: lots.signum(), row, ts: decided });
        slot.acted = 0;
        slot.dirty = true;
        let mut order = self.exit_order(place, lots, base, reason);
        let cash_ended = self.execute_apart(place, bar, base, rule, &mut order)?;
        self.settle(order, ts, cash_ended);
        self.rearm_stops(asset);
        Ok(())
    }

    /// Fills working orders at the open, in the order they were sent.
    fn fill_working<S: Source>(&mut self, ts: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        let mut at = 0;
        while at < self.queue.len() {
            let asset = self.queue[at] as usize;
            let waiting = self.queue.len();
            if let Ok(found) = present.binary_search_by_key(&(asset as u32), |entry| entry.asset) {
                let local = present[found].row as usize;
                self.fill_one(ts, asset, local, src).map_err(|Overflow| Halt { asset, ts })?;
            }
            // An order that ended has left the queue; the next one has moved to its place.
            if self.queue.len() == waiting {
                at += 1;
            }
        }
        Ok(())
    }

    #[inline(always)]
    pub(super) fn fill_one<S: Source>(&mut self, ts: i64, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        let Some(mut order) = self.slots[asset].working.filter(|order| order.due <= ts) else {
            return Ok(());
        };
        let bar = self.bar(src, asset, local)?;
        if order.reason.is_flatten() {
            return self.fill_flatten(&Place { asset, row: src.row(asset, local), ts }, &bar, order);
        }
        if order.reason == Reason::Take {
            return self.open_take(&Place { asset, row: src.row(asset, local), ts }, &bar);
        }
        let position = self.ledger.positions[asset].lots;
        let is_increase = position == 0 || position.signum() == order.side;
        let gap = || i128::from((bar.open - order.ref_ticks).abs()) * i128::from(E9);
        if is_increase && gap() > i128::from(self.collar_e9) * i128::from(order.ref_ticks) {
            self.cancel(asset, ts, Cause::Collar);
            return Ok(());
        }
        let place = Place { asset, row: src.row(asset, local), ts };
        let cash_ended = self.execute(&place, &bar, bar.open, FillRule::Open, &mut order)?;
        self.unqueue(asset);
        self.settle(order, ts, cash_ended);
        self.rearm_stops(asset);
        Ok(())
    }

    /// [`Desk::execute`] as a function of its own, for the rare paths: the common one has it in line.
    #[inline(never)]
    pub(super) fn execute_apart(
        &mut self,
        place: &Place,
        bar: &Bar,
        base: i64,
        rule: FillRule,
        order: &mut Order,
    ) -> Result<bool, Overflow> {
        self.execute(place, bar, base, rule, order)
    }

    /// Fills what volume and cash allow and books it; returns whether cash ended the order.
    #[inline(always)]
    fn execute(&mut self, place: &Place, bar: &Bar, base: i64, rule: FillRule, order: &mut Order) -> Result<bool, Overflow> {
        let room = self.room(place, bar);
        // The venue closes a liquidated position whole.
        let lots = if order.reason == Reason::Liquidation { order.left() } else { order.left().min(room) };
        if lots < order.left() {
            order.capped_row = place.row as u32;
        }
        if lots <= 0 {
            return Ok(false);
        }
        let ticks = self.venue.price(bar, order.side, base, lots)?;
        let affordable = self.affordable(place.asset, order.side, lots, ticks, false)?;
        let cash_ended = affordable < lots;
        if cash_ended {
            order.cause = Cause::Balance;
        }
        if affordable > 0 {
            self.book(place, order, Fill { lots: affordable, ticks, base, rule, maker: false, room })?;
            order.filled += affordable;
        }
        Ok(cash_ended)
    }

    /// Returns the lots that the bar still has for us.
    #[inline(always)]
    pub(super) fn room(&mut self, place: &Place, bar: &Bar) -> i64 {
        let slot = &mut self.slots[place.asset];
        if slot.used_ts != place.ts {
            (slot.used_ts, slot.used, slot.begin) = (place.ts, 0, self.ledger.positions[place.asset].lots);
        }
        self.venue.capacity(bar.volume) - slot.used
    }

    /// [`Desk::book`] as a function of its own, for what makes liquidity.
    #[inline(never)]
    pub(super) fn book_apart(&mut self, place: &Place, order: &Order, fill: Fill) -> Result<(), Overflow> {
        self.book(place, order, fill)
    }

    /// Books a fill of an order: ledger, account, stops, records.
    #[inline(always)]
    fn book(&mut self, place: &Place, order: &Order, fill: Fill) -> Result<(), Overflow> {
        let asset = place.asset;
        let held = &self.ledger.positions[asset];
        let before = (held.lots, held.entry_notional());
        let lots = order.side * fill.lots;
        let venue_fee = if order.reason == Reason::Liquidation { self.liquidation_fee(asset, lots, fill.ticks)? } else { 0 };
        let booking = Booking { lots, ticks: fill.ticks, ts: place.ts, order: order.id, reason: order.reason, maker: fill.maker };
        let mut booked = self.ledger.book(asset, &self.contracts[asset], booking)?;
        if self.accounts.is_some() {
            booked.fee += venue_fee;
            self.account_fill(asset, lots, before, &mut booked)?;
        }
        let position = self.ledger.positions[asset].lots;
        let slot = &mut self.slots[asset];
        slot.used += fill.lots;
        slot.dirty = true;
        self.open_positions = self.open_positions + usize::from(position != 0) - usize::from(before.0 != 0);
        self.protect(asset, order, fill.ticks, &booked);
        if self.guard.is_some() {
            self.note_filled(order, fill.ticks, fill.base);
        }
        self.outbox.fill(FillRecord {
            order: order.id,
            ts: place.ts,
            row: place.row,
            asset: asset as u32,
            lots,
            ticks: fill.ticks,
            base_ticks: fill.base,
            fee: booked.fee,
            reason: order.reason,
            position,
            flow: self.ledger.flow_of(asset),
            rule: fill.rule,
            maker: fill.maker,
            volume_left: if self.realism == Realism::Naive { -1 } else { fill.room },
        });
        if let Some(closed) = booked.closed {
            if !self.entries.is_empty() {
                self.entries.note_exit(asset, place.row, self.decided_after(place.ts));
            }
            self.note_closed(closed);
        }
        Ok(())
    }

    /// Moves the stops with a fill.
    #[inline(always)]
    fn protect(&mut self, asset: usize, order: &Order, ticks: i64, booked: &Booked) {
        let position = &self.ledger.positions[asset];
        let stops = &mut self.slots[asset].stops;
        let side = position.lots.signum();
        if booked.opened {
            stops.open();
            stops.trail(side, ticks, order.trailing_ticks);
        }
        // The entry price is a wide division.
        if booked.increased && (order.fixed_ticks | order.take_ticks | self.venue_stop_e9) > 0 {
            let entry = position.entry_ticks(&self.contracts[asset].scale);
            stops.set_fixed(side, entry, order.fixed_ticks);
            stops.set_take(side, entry, order.take_ticks);
            stops.set_venue(side, entry, self.venue_stop_e9);
        }
        if position.lots == 0 {
            *stops = Stops::default();
        }
    }

    /// Puts an order where it belongs after a fill: ended, cut by cash, or working on.
    #[inline(always)]
    pub(super) fn settle(&mut self, order: Order, ts: i64, cash_ended: bool) {
        if order.left() == 0 {
            self.outbox.end(OrderRecord { order, status: Status::Filled, done_ts: ts });
        } else if cash_ended {
            self.outbox.end(OrderRecord { order, status: Status::Cancelled, done_ts: ts });
        } else {
            self.enqueue(order);
        }
    }

    /// Keeps the queue in the order of sending: ids only grow, a part-filled order goes back to its place.
    #[inline(always)]
    pub(super) fn enqueue(&mut self, order: Order) {
        self.post(&order);
        let asset = order.asset;
        if self.queue.is_empty() {
            self.queue.push(asset);
        } else {
            let slots = &self.slots;
            let before = |other: &u32| slots[*other as usize].working.as_ref().is_some_and(|w| w.id < order.id);
            let place = self.queue.partition_point(before);
            self.queue.insert(place, asset);
        }
        self.slots[asset as usize].working = Some(order);
    }

    #[inline(always)]
    pub(super) fn unqueue(&mut self, asset: usize) {
        match self.queue.as_slice() {
            [only] if *only as usize == asset => self.queue.clear(),
            _ => self.queue.retain(|&other| other as usize != asset),
        }
        self.slots[asset].working = None;
    }

    /// Cancels the asset's working order, if any, at once: the desk is its own venue.
    pub(super) fn cancel_now(&mut self, asset: usize, ts: i64, cause: Cause) {
        if let Some(mut order) = self.slots[asset].working {
            order.cause = cause;
            if order.reason == Reason::Take {
                self.note_take(&order);
            }
            self.unqueue(asset);
            self.slots[asset].dirty = true;
            self.rearm_stops(asset);
            self.note_cancelled(ts, cause);
            self.outbox.end(OrderRecord { order, status: Status::Cancelled, done_ts: ts });
        }
    }
}
