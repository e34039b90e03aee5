//! Takes of targets and entries: a limit at a distance from the entry price that closes the whole position, and what of a bar comes first,
//! the stop or the take. Rules: docs/semantics.md, sections 6 and 8. Takes of keyed orders are not here.
//!
//! A take is a level beside the stops until it first fills; then it is an order, whose rest waits at the same level.

use super::market::{Fill, Place};
use super::order::{KeyedRecord, NEVER, NO_KEY, Order};
use super::reason::{Cause, Evidence, FillRule, OrderKind, Reason, Tif};
use super::stops::Hold;
use super::{Desk, Halt, Source};
use crate::config::Realism;
use crate::event::Entry;
use crate::money::Overflow;
use crate::venue::bars::Bar;

impl Desk {
    /// Fills takes that the open has passed, by id: those that have an order already had their turn by its number.
    pub(super) fn gap_takes_of_positions<S: Source>(&mut self, ts: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            self.gap_take(ts, asset, local, src).map_err(|Overflow| Halt { asset, ts })?;
        }
        Ok(())
    }

    /// Fills the asset's take if the open has passed it and it has no order yet.
    #[inline(always)]
    pub(super) fn gap_take<S: Source>(&mut self, ts: i64, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        let slot = &self.slots[asset];
        if !slot.armed || slot.stops.take == 0 || slot.is_taking() {
            return Ok(());
        }
        let bar = self.bar(src, asset, local)?;
        self.open_take(&Place { asset, row: src.row(asset, local), ts }, &bar)
    }

    /// Fills a take that the open has passed, of what was held before this bar.
    pub(super) fn open_take(&mut self, place: &Place, bar: &Bar) -> Result<(), Overflow> {
        let side = self.ledger.positions[place.asset].lots.signum();
        let level = self.slots[place.asset].stops.take;
        if side * bar.open <= side * level {
            return Ok(());
        }
        let price = if self.realism == Realism::Strict { level } else { bar.open };
        let most = self.held_before(place);
        self.fill_take(place, bar, price, FillRule::GapLimit, most)
    }

    /// Takes the inside of a bar through the stop and the take of a position, as the realism has it.
    pub(super) fn touch_inside<S: Source>(&mut self, place: &Place, bar: &Bar, local: usize, src: &S) -> Result<(), Overflow> {
        match self.realism {
            Realism::Strict => {
                self.touch_stop_level(place, bar, false)?;
                self.touch_position_take(place, bar)
            }
            Realism::Neutral => {
                let close = self.contracts[place.asset].scale.ticks(src.close(place.asset, local)).ok_or(Overflow)?;
                self.touch_along_path(place, bar, close)
            }
            Realism::Naive => {
                self.touch_position_take(place, bar)?;
                self.touch_stop_level(place, bar, false)
            }
        }
    }

    /// Fills the take if the range reaches it; strict: goes through it, and takes only what was held before this bar.
    fn touch_position_take(&mut self, place: &Place, bar: &Bar) -> Result<(), Overflow> {
        let lots = self.ledger.positions[place.asset].lots;
        let slot = &mut self.slots[place.asset];
        // The stop may have closed the position, or its order works.
        if lots == 0 || slot.is_stopping() {
            return Ok(());
        }
        let (side, level) = (lots.signum(), slot.stops.take);
        let best = if side > 0 { bar.high } else { bar.low };
        if side * best > side * level {
            return match self.realism {
                Realism::Strict => {
                    let most = self.held_before(place);
                    self.fill_take(place, bar, level, FillRule::Through, most)
                }
                _ => self.fill_take(place, bar, level, FillRule::Touch, lots.abs()),
            };
        }
        if best == level && self.realism != Realism::Strict {
            return self.fill_take(place, bar, level, FillRule::Touch, lots.abs());
        }
        if best == level && slot.is_taking() {
            slot.evidence = (Evidence::NotThrough, place.row as i64);
        }
        Ok(())
    }

    /// The likely path: open, nearer extreme, other extreme, close. The stop acts where it moves against the position, the take where it moves with it.
    fn touch_along_path(&mut self, place: &Place, bar: &Bar, close: i64) -> Result<(), Overflow> {
        let asset = place.asset;
        let side = self.ledger.positions[asset].lots.signum();
        let falls_first = bar.open - bar.low <= bar.high - bar.open;
        let (nearer, farther) = if falls_first { (bar.low, bar.high) } else { (bar.high, bar.low) };
        // A stop that a fill of this bar has set beyond the price acts at once.
        if let Some((level, reason)) = self.slots[asset].stops.level(side).filter(|&(level, _)| side * level > side * bar.open) {
            self.fill_stop(place, bar, level, reason, false)?;
        }
        for (from, to, falls) in [(bar.open, nearer, falls_first), (nearer, farther, !falls_first), (farther, close, falls_first)] {
            if self.ledger.positions[asset].lots == 0 || self.slots[asset].is_stopping() {
                return Ok(());
            }
            let stops = &self.slots[asset].stops;
            let on_leg = |level: i64| (from.min(to)..=from.max(to)).contains(&level);
            if falls == (side > 0) {
                if let Some((level, reason)) = stops.level(side).filter(|&(level, _)| on_leg(level)) {
                    self.fill_stop(place, bar, level, reason, false)?;
                }
            } else if stops.take != 0 && on_leg(stops.take) {
                let (level, most) = (stops.take, self.ledger.positions[asset].lots.abs());
                self.fill_take(place, bar, level, FillRule::Touch, most)?;
            }
        }
        Ok(())
    }

    /// Returns the lots of the position that were there when the bar began.
    fn held_before(&self, place: &Place) -> i64 {
        let (slot, lots) = (&self.slots[place.asset], self.ledger.positions[place.asset].lots);
        if slot.used_ts != place.ts {
            return lots.abs();
        }
        if slot.begin.signum() == lots.signum() { slot.begin.abs().min(lots.abs()) } else { 0 }
    }

    /// Fills the take at `price`, `most` lots at the most, as a maker. It becomes an order, with the next number, when it first fills: where the bar
    /// has no volume left nothing is sent.
    fn fill_take(&mut self, place: &Place, bar: &Bar, price: i64, rule: FillRule, most: i64) -> Result<(), Overflow> {
        let asset = place.asset;
        let room = self.room(place, bar);
        let position = self.ledger.positions[asset].lots;
        let working = self.slots[asset].working.filter(|order| order.reason == Reason::Take);
        let asked = most.min(working.map_or(position.abs(), |order| order.left()));
        let lots = asked.min(room);
        if working.is_some() && lots < asked {
            self.slots[asset].evidence = (Evidence::VolumeCap, place.row as i64);
        }
        if lots <= 0 {
            return Ok(());
        }
        let mut order = match working {
            Some(rest) => {
                self.unqueue(asset);
                rest
            }
            None => self.begin_take(place, position),
        };
        if lots < asked {
            self.slots[asset].evidence = (Evidence::VolumeCap, place.row as i64);
        }
        // A take sells, or buys back what a margin holds: cash never limits it.
        self.book_apart(place, &order, Fill { lots, ticks: price, base: price, rule, maker: true, room })?;
        order.filled += lots;
        if order.left() == 0 {
            self.note_take(&order);
        }
        self.settle(order, place.ts, false);
        self.rearm_stops(asset);
        Ok(())
    }

    /// Sends the take of a whole position: what else works for the asset is cancelled and the target held.
    fn begin_take(&mut self, place: &Place, position: i64) -> Order {
        let asset = place.asset;
        self.cancel(asset, place.ts, Cause::Oco);
        let decided = self.decided_after(place.ts);
        let slot = &mut self.slots[asset];
        slot.hold = Some(Hold { side: position.signum(), row: place.row, ts: decided });
        slot.acted = 0;
        slot.dirty = true;
        slot.evidence = (Evidence::None, -1);
        let level = slot.stops.take;
        self.exit_order(place, position, level, Reason::Take)
    }

    /// Writes what a take's record holds beside the order, before the order ends.
    pub(super) fn note_take(&mut self, order: &Order) {
        let record = self.take_record(order);
        self.outbox.keyed.push(record);
    }

    /// Returns what is known of a take's order beside its record.
    pub(super) fn take_record(&self, order: &Order) -> KeyedRecord {
        let (evidence, evidence_row) = self.slots[order.asset as usize].evidence;
        KeyedRecord {
            order: order.id,
            key: NO_KEY,
            kind: OrderKind::Limit,
            tif: Tif::Gtc,
            price_ticks: order.ref_ticks,
            trigger_ticks: -1,
            parent: -1,
            evidence,
            evidence_row,
        }
    }

    /// Returns a new order of this bar that closes `position`.
    pub(super) fn exit_order(&mut self, place: &Place, position: i64, ref_ticks: i64, reason: Reason) -> Order {
        let id = self.next_order;
        self.next_order += 1;
        let order = Order {
            id,
            ts: place.ts,
            asset: place.asset as u32,
            side: -position.signum(),
            lots: position.abs(),
            filled: 0,
            wanted: position.abs(),
            ref_ticks,
            due: place.ts,
            reason,
            cause: Cause::None,
            fixed_ticks: 0,
            trailing_ticks: 0,
            take_ticks: 0,
            capped_row: NEVER,
        };
        self.tell_sent(&order, (reason == Reason::Take).then_some(ref_ticks));
        order
    }
}
