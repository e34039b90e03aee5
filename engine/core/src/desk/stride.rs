//! Strides of a single asset: a weight that has changed, its market order, and that order's fills.
//!
//! Where a target by weight is all there is ([`Desk::strides`]), most decisions meet no control that cuts, and most orders fill whole at the next
//! open. A stride takes such rows with those rules of the full step alone that can matter there, the gate and the ledger among them. Everything else
//! (a cut, a collar, a lack of cash, a missing or held target, a budget that scales) it leaves to the full step before it has changed anything. Both
//! give the same bits, which the tests of every block length, `tests/strides.rs` and the oracle hold.

use super::curve::Curve;
use super::ledger::Booking;
use super::order::{FillRecord, NEVER, Order, OrderRecord};
use super::reason::{Cause, FillRule, Reason, Status};
use super::risk::Request;
use super::rule::{MISSING, Unit};
use super::stops::Stops;
use super::{Desk, Halt, Source, bar_of};
use crate::config::Realism;
use crate::instrument::InstrumentKind;
use crate::money::{E9, Overflow};

/// What a stride took.
pub struct Stride {
    /// Rows after the first that have been taken, with their marks.
    pub rows: usize,
    /// Whether the last row, or the first where there is no other, is still to be decided.
    pub decides: bool,
}

/// What became of an order on a bar.
enum Met {
    /// It filled whole.
    Whole,
    /// Some of it is left.
    Partly,
    /// Nothing was done: the bar asks for the full step.
    Unclear,
}

impl Desk {
    /// Returns whether strides can be tried at all: one asset with a target by weight, and nothing beside it that decides, limits or listens.
    pub fn strides(&self) -> bool {
        let ([slot], [contract], [Some(rule)]) = (self.slots.as_slice(), self.contracts.as_slice(), self.rules.as_slice()) else {
            return false;
        };
        let is_simple = rule.unit == Unit::Weight && rule.age.is_none() && !(rule.fixed | rule.trailing | rule.take | slot.trails);
        let is_alone = self.entries.is_empty() && self.legs.is_empty() && self.lanes.is_empty() && self.remote.is_none();
        let is_free = self.guard.is_none() && self.licence.is_none() && self.accounts.is_none() && self.venue_stop_e9 == 0;
        let is_unseen = !self.track_extremes && !self.outbox.stream.is_on();
        let is_plain = contract.leverage_e9 == 0 && !contract.scale.is_inverse() && slot.hold.is_none() && !slot.armed;
        is_simple && is_alone && is_free && is_unseen && is_plain
    }

    /// Decides row `from`, where nothing works and the target has changed, and takes the rows after it while its orders work. To be called where
    /// [`Desk::strides`]; the rows' bars are those of the only asset.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    #[inline(always)]
    pub fn stride<S: Source, K: Curve>(&mut self, ts: &[i64], from: usize, src: &S, curve: &mut K) -> Result<Stride, Halt> {
        let mut row = from;
        loop {
            let Some(mut order) = self.turn(ts[row] + self.interval_ms, row, src) else {
                return Ok(Stride { rows: row - from, decides: true });
            };
            loop {
                let is_open = row + 1 < ts.len() && !self.outbox.is_full();
                let met = if is_open { self.at_open(ts[row + 1], row + 1, src, &mut order, curve)? } else { Met::Unclear };
                if matches!(met, Met::Unclear) {
                    self.enqueue(order);
                    return Ok(Stride { rows: row - from, decides: false });
                }
                row += 1;
                let slot = &mut self.slots[0];
                let has_changed = src.target(0, row).to_bits() != slot.raw_bits;
                match met {
                    Met::Whole if has_changed => break,
                    Met::Whole => {
                        slot.dirty = false;
                        return Ok(Stride { rows: row - from, decides: false });
                    }
                    _ if has_changed => {
                        self.enqueue(order);
                        return Ok(Stride { rows: row - from, decides: true });
                    }
                    _ => slot.dirty = false,
                }
            }
        }
    }

    /// Decides at `t`; returns the order sent, which nothing has cut. `None`: nothing has changed.
    #[inline(always)]
    fn turn<S: Source>(&mut self, t: i64, local: usize, src: &S) -> Option<Order> {
        let (rule, contract) = (self.rules[0].as_ref()?, &self.contracts[0]);
        let raw_float = src.target(0, local);
        let raw = rule.quantise(&contract.scale, raw_float);
        if raw == MISSING || src.row(0, local) < rule.settled {
            return None;
        }
        let (target, acted, position) = (rule.shared(raw), self.slots[0].acted, self.ledger.positions[0].lots);
        let ticks = contract.scale.ticks(src.close(0, local))?;
        let equity = self.equity();
        let acts = if target == 0 {
            position != 0
        } else {
            target.signum() != acted.signum() || rule.reaches_band(&contract.scale, equity, target, acted, ticks).ok()?
        };
        if !acts || target.checked_abs()? > self.budget_e9 {
            return None;
        }
        let desired = if target == 0 { 0 } else { rule.desired(&contract.scale, equity, target, ticks).ok()? };
        let change = desired.checked_sub(position)?;
        if change == 0 || (desired < 0 && contract.is_long_only()) {
            return None;
        }
        let (side, wanted) = (change.signum(), change.checked_abs()?);
        let closing = if position.signum() == -side { position.abs().min(wanted) } else { 0 };
        if closing < wanted {
            let is_spot = contract.kind == InstrumentKind::Spot;
            if is_spot && position < 0 {
                return None;
            }
            let request = Request {
                contract,
                ticks,
                held: if closing > 0 { 0 } else { position.abs() },
                is_solvent: equity > 0,
                equity,
                others_gross: 0,
                // A spot position lends nothing and nothing works: all cash is free.
                free_cash: if is_spot { self.ledger.flow } else { 0 },
                margin: 0,
                is_buy: side > 0,
            };
            if self.gate.cut(&request, wanted - closing).ok()? != (wanted - closing, Cause::None) {
                return None;
            }
        }
        let order = Order {
            id: self.next_order,
            ts: t,
            asset: 0,
            side,
            lots: wanted,
            filled: 0,
            wanted,
            ref_ticks: ticks,
            due: t + self.latency.of(self.next_order),
            reason: Reason::Target,
            cause: Cause::None,
            fixed_ticks: 0,
            trailing_ticks: 0,
            take_ticks: 0,
            capped_row: NEVER,
        };
        let order = self.gate.approve(order)?.into_inner();
        self.next_order += 1;
        (self.over_budget, self.was_partial) = (false, false);
        let slot = &mut self.slots[0];
        slot.counters.flips += u64::from(raw.signum() != slot.raw_sign);
        slot.counters.acts += 1;
        (slot.raw_bits, slot.raw, slot.raw_sign) = (raw_float.to_bits(), raw, raw.signum());
        (slot.acted, slot.mark, slot.dirty) = (target, ticks, false);
        Some(order)
    }

    /// Takes a bar at whose open the order may fill, and its mark.
    #[inline(always)]
    fn at_open<S: Source, K: Curve>(&mut self, ts: i64, local: usize, src: &S, order: &mut Order, curve: &mut K) -> Result<Met, Halt> {
        let halt = |Overflow| Halt { asset: 0, ts };
        let (contract, slot) = (&self.contracts[0], &mut self.slots[0]);
        let held = self.ledger.positions[0].lots;
        let row = src.row(0, local);
        let (Ok(bar), Some(mark)) = (bar_of(&contract.scale, src, 0, local), contract.scale.ticks(src.close(0, local))) else {
            return Ok(Met::Unclear);
        };
        let is_increase = held == 0 || held.signum() == order.side;
        let gap = || i128::from((bar.open - order.ref_ticks).abs()) * i128::from(E9);
        if order.due > ts || (is_increase && gap() > i128::from(self.collar_e9) * i128::from(order.ref_ticks)) {
            return Ok(Met::Unclear);
        }
        let room = self.venue.capacity(bar.volume);
        let lots = order.left().min(room);
        if lots > 0 {
            let Ok(ticks) = self.venue.price(&bar, order.side, bar.open, lots) else { return Ok(Met::Unclear) };
            let is_buy = order.side > 0 && contract.kind == InstrumentKind::Spot;
            let is_paid =
                || held >= 0 && contract.cost_of_buy(lots, ticks, contract.terms.taker_e9).is_ok_and(|cost| cost <= self.ledger.flow);
            if is_buy && !is_paid() {
                return Ok(Met::Unclear);
            }
            let booking = Booking { lots: order.side * lots, ticks, ts, order: order.id, reason: order.reason, maker: false };
            let booked = self.ledger.book(0, contract, booking).map_err(halt)?;
            let position = self.ledger.positions[0].lots;
            self.open_positions = usize::from(position != 0);
            (slot.used, slot.dirty) = (lots, true);
            if booked.opened {
                slot.stops.open();
            }
            if position == 0 {
                slot.stops = Stops::default();
            }
            let fill = FillRecord {
                order: order.id,
                ts,
                row,
                asset: 0,
                lots: order.side * lots,
                ticks,
                base_ticks: bar.open,
                fee: booked.fee,
                reason: order.reason,
                position,
                flow: self.ledger.flow,
                rule: FillRule::Open,
                maker: false,
                volume_left: if self.realism == Realism::Naive { -1 } else { room },
            };
            curve.filled(&mut self.outbox, fill, booked.closed);
        } else {
            slot.used = 0;
        }
        (slot.used_ts, slot.begin) = (ts, held);
        if lots < order.left() {
            order.capped_row = row as u32;
        }
        order.filled += lots.max(0);
        let is_whole = order.left() == 0;
        if is_whole {
            curve.ended(&mut self.outbox, OrderRecord { order: *order, status: Status::Filled, done_ts: ts });
        }
        let position = &mut self.ledger.positions[0];
        slot.mark = mark;
        slot.value = contract.scale.value(position.lots, mark).map_err(halt)?;
        self.total_value = slot.value;
        position.bars += if position.lots == 0 { 0 } else { self.bars_per_mark };
        let equity = self.equity();
        self.peak = self.peak.max(equity);
        curve.mark(ts + self.interval_ms, equity, self.open_positions > 0);
        Ok(if is_whole { Met::Whole } else { Met::Partly })
    }
}
