//! Takes of targets and entries: a limit at a distance from the entry price that closes the whole position, and what of a bar comes first,
//! the stop or the take. Rules: docs/semantics.md, sections 6 and 8. Takes of keyed orders are not here.
//!
//! A take is a level beside the stops until it first fills; then it is an order, whose rest waits at the same level.

use super::market::Place;
use super::order::Order;
use super::reason::{Cause, FillRule, Reason};
use super::stops::Hold;
use super::{Desk, Source};
use crate::config::Realism;
use crate::money::Overflow;
use crate::venue::bars::Bar;

impl Desk {
    /// Takes one bar through the stop and the take of a position, at the open (`gap`) or inside the bar.
    pub(super) fn touch_protected<S: Source>(
        &mut self,
        place: &Place,
        bar: &Bar,
        local: usize,
        src: &S,
        gap: bool,
    ) -> Result<(), Overflow> {
        match self.realism {
            Realism::Naive if !gap => self.touch_naively(place, bar),
            Realism::Neutral if !gap => {
                let close = self.contracts[place.asset].scale.ticks(src.close(place.asset, local)).ok_or(Overflow)?;
                self.touch_along_path(place, bar, close)
            }
            _ => {
                if self.touch_stop_level(place, bar, gap)? {
                    return Ok(());
                }
                match self.take_reached(place, bar, gap) {
                    Some((price, rule)) => self.fill_take(place, bar, price, rule),
                    None => Ok(()),
                }
            }
        }
    }

    /// Fills the stop if the open has passed it (`gap`) or the range reaches it; returns whether it did.
    pub(super) fn touch_stop_level(&mut self, place: &Place, bar: &Bar, gap: bool) -> Result<bool, Overflow> {
        let side = self.ledger.positions[place.asset].lots.signum();
        let Some((level, reason)) = self.slots[place.asset].stops.level(side) else {
            return Ok(false);
        };
        let reached = match (gap, side > 0) {
            (true, true) => bar.open <= level,
            (true, false) => bar.open >= level,
            (false, true) => bar.low <= level,
            (false, false) => bar.high >= level,
        };
        if reached {
            self.fill_stop(place, bar, level, reason, gap)?;
        }
        Ok(reached)
    }

    /// Returns where the take fills and by which rule, if the bar reaches it.
    fn take_reached(&self, place: &Place, bar: &Bar, gap: bool) -> Option<(i64, FillRule)> {
        let side = self.ledger.positions[place.asset].lots.signum();
        let stops = &self.slots[place.asset].stops;
        let strict = self.realism == Realism::Strict;
        // Where the price only has to touch, its own is enough; to go through it takes a tick more.
        let passed = |price: i64| stops.takes_at(side, price.saturating_sub(side));
        if gap {
            let price = if strict { stops.take } else { bar.open };
            return passed(bar.open).then_some((price, FillRule::GapLimit));
        }
        let best = if side > 0 { bar.high } else { bar.low };
        if strict {
            return (stops.grown_ts < place.ts && passed(best)).then_some((stops.take, FillRule::Through));
        }
        stops.takes_at(side, best).then_some((stops.take, FillRule::Touch))
    }

    /// What most backtests assume: the take first, also of what was opened in this bar; its stop not.
    fn touch_naively(&mut self, place: &Place, bar: &Bar) -> Result<(), Overflow> {
        if let Some((price, rule)) = self.take_reached(place, bar, false) {
            self.fill_take(place, bar, price, rule)?;
        }
        let position = &self.ledger.positions[place.asset];
        if position.lots != 0 && position.first_fill < place.ts {
            self.touch_stop_level(place, bar, false)?;
        }
        Ok(())
    }

    /// The likely path: open, nearer extreme, other extreme, close. Whatever it meets first fills first.
    fn touch_along_path(&mut self, place: &Place, bar: &Bar, close: i64) -> Result<(), Overflow> {
        let asset = place.asset;
        let side = self.ledger.positions[asset].lots.signum();
        let down_first = bar.open - bar.low <= bar.high - bar.open;
        let (nearer, farther) = if down_first { (bar.low, bar.high) } else { (bar.high, bar.low) };
        let mut taken = false;
        for price in [bar.open, nearer, farther, close] {
            let stops = &self.slots[asset].stops;
            if let Some((level, reason)) = stops.level(side)
                && side * price <= side * level
            {
                return self.fill_stop(place, bar, level, reason, false);
            }
            if !taken && stops.takes_at(side, price) {
                taken = true;
                let level = stops.take;
                self.fill_take(place, bar, level, FillRule::Touch)?;
                if self.ledger.positions[asset].lots == 0 {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Fills the take at `price` as a maker; it takes the asset's next order number with its first fill. Where the bar has no volume left, nothing is sent.
    fn fill_take(&mut self, place: &Place, bar: &Bar, price: i64, rule: FillRule) -> Result<(), Overflow> {
        let asset = place.asset;
        if self.volume_left(place, bar) <= 0 {
            return Ok(());
        }
        let lots = self.ledger.positions[asset].lots;
        let decided = self.decided_after(place.ts);
        let slot = &mut self.slots[asset];
        slot.hold = Some(Hold { side: lots.signum(), row: place.row, ts: decided });
        slot.acted = 0;
        slot.dirty = true;
        let mut order = match slot.working {
            Some(rest) if rest.reason == Reason::Take => {
                self.unqueue(asset);
                rest
            }
            _ => {
                let level = slot.stops.take;
                self.cancel(asset, place.ts, Cause::Oco);
                self.exit_order(place, lots, level, Reason::Take)
            }
        };
        let cash_ended = self.execute(place, bar, price, &mut order, rule)?;
        self.settle(order, place.ts, cash_ended);
        self.rearm_stops(asset);
        Ok(())
    }

    /// Returns a new order of this bar that closes `lots`.
    pub(super) fn exit_order(&mut self, place: &Place, lots: i64, ref_ticks: i64, reason: Reason) -> Order {
        let id = self.next_order;
        self.next_order += 1;
        Order {
            id,
            ts: place.ts,
            asset: place.asset as u32,
            side: -lots.signum(),
            lots: lots.abs(),
            filled: 0,
            wanted: lots.abs(),
            ref_ticks,
            due: place.ts,
            reason,
            cause: Cause::None,
            fixed_ticks: 0,
            trailing_ticks: 0,
            take_ticks: 0,
        }
    }
}
