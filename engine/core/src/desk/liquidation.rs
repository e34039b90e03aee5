//! Liquidation: a position whose price has reached the point where its margin is no longer enough is closed by the venue, whole.
//!
//! By the open before anything trades; inside the bar against the position's own stop, the tighter first, ties to the venue.
use super::market::Place;
use super::reason::{Cause, FillRule, Reason};
use super::stream::CashKind;
use super::{Desk, Halt, Source};
use crate::account::MarginMode;
use crate::event::Entry;
use crate::money::{Overflow, rate_ceil};

/// Returns whether a price at or beyond the level has been seen: below it for a long, above it for a short.
fn is_reached(side: i64, level: i64, worst: i64) -> bool {
    if side > 0 { worst <= level } else { worst >= level }
}

impl Desk {
    /// Liquidates, by id, what the open has passed.
    pub(super) fn liquidate_gaps<S: Source>(&mut self, ts: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            if self.margin_terms(asset).is_some() {
                self.liquidate_if(ts, asset, local, src, src.open(asset, local)).map_err(|Overflow| Halt { asset, ts })?;
            }
        }
        Ok(())
    }

    /// Liquidations and stops inside the bar, by id.
    #[cold]
    pub(super) fn touch_accounts<S: Source>(&mut self, ts: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            self.touch_account(ts, asset, local, src).map_err(|Overflow| Halt { asset, ts })?;
        }
        Ok(())
    }

    pub(super) fn touch_account<S: Source>(&mut self, ts: i64, asset: usize, local: usize, src: &S) -> Result<(), Overflow> {
        let side = self.ledger.positions[asset].lots.signum();
        let stop = if self.slots[asset].armed { self.slots[asset].stops.level(side) } else { None };
        let has_margin = side != 0 && self.margin_terms(asset).is_some();
        if has_margin {
            let level = self.liquidation_level(asset)?;
            let venue_first = level.is_none_or(|level| {
                stop.is_none_or(|(stop, _)| is_reached(side, level, stop))
                    && self.lanes.guards(asset, side).all(|stop| is_reached(side, level, stop))
            });
            if venue_first && self.liquidate_if(ts, asset, local, src, self.worst(asset, local, src))? {
                return Ok(());
            }
        }
        self.touch_lanes_and_stop(ts, asset, local, src)?;
        // What volume left of the position, or what was filled inside the bar, can still be liquidated in it.
        if self.ledger.positions[asset].lots != 0 && self.margin_terms(asset).is_some() {
            self.liquidate_if(ts, asset, local, src, self.worst(asset, local, src))?;
        }
        Ok(())
    }

    /// Returns the price of the bar that a liquidation is tested at: strict its extreme against the position, else its close.
    fn worst<S: Source>(&self, asset: usize, local: usize, src: &S) -> f64 {
        match self.accounts.as_ref().is_some_and(|accounts| accounts.is_strict) {
            false => src.close(asset, local),
            true if self.ledger.positions[asset].lots > 0 => src.low(asset, local),
            true => src.high(asset, local),
        }
    }

    /// Liquidates the position if `price` is at or beyond its liquidation price; returns whether it did.
    fn liquidate_if<S: Source>(&mut self, ts: i64, asset: usize, local: usize, src: &S, price: f64) -> Result<bool, Overflow> {
        let Some(level) = self.liquidation_level(asset)? else { return Ok(false) };
        let side = self.ledger.positions[asset].lots.signum();
        let worst = self.contracts[asset].scale.ticks(price).ok_or(Overflow)?;
        if !is_reached(side, level, worst) {
            return Ok(false);
        }
        let bar = self.bar(src, asset, local)?;
        let base = if side > 0 { level.min(bar.open) } else { level.max(bar.open) };
        let position = &self.ledger.positions[asset];
        let (cost, flow) = (self.contracts[asset].scale.floor_cost(position.signed_cost())?, self.ledger.flow_of(asset));
        let margin = self.margin_terms(asset).filter(|terms| terms.mode == MarginMode::Isolated).map(|_| self.set_aside(asset));
        self.cancel(asset, ts, Cause::Liquidated);
        self.end_lanes(asset, ts, Cause::Liquidated);
        let place = Place { asset, row: src.row(asset, local), ts };
        self.close_out(&place, &bar, base, Reason::Liquidation, FillRule::Liquidation)?;
        if let Some(accounts) = &mut self.accounts {
            accounts.holdings[asset].totals.liquidations += 1;
        }
        if let Some(margin) = margin {
            let gained = self.ledger.flow_of(asset).checked_sub(flow).ok_or(Overflow)?;
            self.rescue(ts, asset, cost.checked_sub(gained).and_then(|loss| loss.checked_sub(margin)).ok_or(Overflow)?)?;
        }
        Ok(true)
    }

    /// Lets the venue's fund take what an isolated position lost beyond its margin.
    fn rescue(&mut self, ts: i64, asset: usize, beyond: i64) -> Result<(), Overflow> {
        if beyond <= 0 {
            return Ok(());
        }
        self.ledger.credit(self.ledger.home[asset], beyond)?;
        self.tell_cash(CashKind::Fund, ts, asset as u32, self.ledger.home[asset], beyond);
        if let Some(trade) = self.outbox.trades.last_mut() {
            trade.pnl = trade.pnl.checked_add(beyond).ok_or(Overflow)?;
        }
        if let Some(accounts) = &mut self.accounts {
            let totals = &mut accounts.holdings[asset].totals;
            totals.fund = totals.fund.checked_add(beyond).ok_or(Overflow)?;
        }
        Ok(())
    }

    /// Books the venue's fee for liquidating `lots` at `ticks`, before they are filled; returns it.
    pub(super) fn liquidation_fee(&mut self, asset: usize, lots: i64, ticks: i64) -> Result<i64, Overflow> {
        let rate_e9 = self.margin_terms(asset).map_or(0, |terms| terms.liquidation_fee_e9);
        let scale = &self.contracts[asset].scale;
        let fee = rate_ceil(scale.ceil(scale.directed(lots), ticks)?.abs(), rate_e9)?;
        self.ledger.charge(asset, fee)?;
        Ok(fee)
    }
}
