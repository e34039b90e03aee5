//! What the limits of an order look at beside it: the gross exposure of other assets, and the cash that working orders leave free.
//!
//! Both are sums over all assets. Where a decision sends many orders they are summed once and then follow what is sent.

use super::Desk;
use super::order::Order;
use super::reason::Reason;
use crate::instrument::InstrumentKind;
use crate::money::{E9, Overflow};

/// From this many orders of one decision on, summing once is worth it.
const MANY: usize = 3;

/// Sums over all assets during the sends of one decision.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    /// Whether the sums below hold.
    pub summed: bool,
    /// Σ |position + in flight| · mark of all assets.
    gross: i64,
    /// Spot cash less what working orders keep.
    free_cash: i64,
}

impl Desk {
    /// Sums the limits for the sends of a decision, if it has many. Lanes and accounts have sums of their own.
    pub(super) fn sum_limits(&mut self) -> Result<(), Overflow> {
        self.limits.summed = false;
        if self.accounts.is_some() || !self.lanes.is_empty() || self.intents.iter().filter(|intent| intent.acts).count() < MANY {
            return Ok(());
        }
        let gross = (0..self.slots.len()).try_fold(0, |gross: i64, asset| gross.checked_add(self.exposure(asset)?).ok_or(Overflow))?;
        self.limits = Limits { summed: true, gross, free_cash: self.free_cash(0)? };
        self.limits.summed = true;
        Ok(())
    }

    /// Lets the sums follow the order that was just sent for an asset.
    #[inline(never)]
    pub(super) fn count_sent(&mut self, asset: usize) -> Result<(), Overflow> {
        let (contract, slot) = (&self.contracts[asset], &self.slots[asset]);
        // What worked before was cancelled before the first send.
        let before = contract.scale.floor(self.ledger.positions[asset].lots.abs(), slot.mark)?;
        let after = self.exposure(asset)?;
        self.limits.gross = (self.limits.gross - before).checked_add(after).ok_or(Overflow)?;
        if let Some(order) = slot.working.as_ref().filter(|_| contract.kind == InstrumentKind::Spot) {
            self.limits.free_cash = self.with_order(self.limits.free_cash, order)?;
        }
        Ok(())
    }

    /// Returns |position + in flight| · mark of an asset, in the account's currency.
    #[inline(always)]
    fn exposure(&self, asset: usize) -> Result<i64, Overflow> {
        let slot = &self.slots[asset];
        let mut lots = self.ledger.positions[asset].lots + slot.in_flight();
        if !self.lanes.is_empty() {
            lots = self.lanes.exposure(asset, lots);
        }
        if lots == 0 { Ok(0) } else { self.to_account(asset, self.contracts[asset].scale.floor(lots.abs(), slot.mark)?) }
    }

    /// Returns it with the sign of the position that it would be.
    pub(super) fn signed_exposure(&self, asset: usize) -> Result<i64, Overflow> {
        let lots = self.ledger.positions[asset].lots + self.slots[asset].in_flight();
        let side = if self.lanes.is_empty() { lots } else { self.lanes.led_to(asset, lots) }.signum();
        Ok(side * self.exposure(asset)?)
    }

    /// Returns Σ |position + in flight| · mark of all assets but one.
    #[inline(always)]
    pub(super) fn gross_of_others(&self, asset: usize) -> Result<i64, Overflow> {
        if self.limits.summed {
            return Ok(self.limits.gross - self.exposure(asset)?);
        }
        let mut gross: i64 = 0;
        for other in (0..self.slots.len()).filter(|&other| other != asset) {
            gross = gross.checked_add(self.exposure(other)?).ok_or(Overflow)?;
        }
        Ok(gross)
    }

    /// Returns spot cash less what working buys keep, plus what working sells should bring.
    #[inline(always)]
    pub(super) fn free_cash(&self, asset: usize) -> Result<i64, Overflow> {
        if self.accounts.is_some() {
            return self.wallet_free_cash(asset);
        }
        if self.limits.summed {
            return Ok(self.limits.free_cash);
        }
        let mut free = self.ledger.cash(&self.contracts)?;
        for &other in &self.queue {
            let contract = &self.contracts[other as usize];
            let Some(order) = &self.slots[other as usize].working else {
                continue;
            };
            // A take may never sell.
            if contract.kind == InstrumentKind::Spot && order.reason != Reason::Take {
                free = self.with_order(free, order)?;
            }
        }
        if self.lanes.is_empty() { Ok(free) } else { free.checked_add(self.lanes_cash()?).ok_or(Overflow) }
    }

    /// Returns the lots of a spot buy that cash covers; everything else is covered.
    #[inline(always)]
    pub(super) fn affordable(&self, asset: usize, side: i64, lots: i64, ticks: i64, maker: bool) -> Result<i64, Overflow> {
        let contract = &self.contracts[asset];
        if contract.kind != InstrumentKind::Spot || side < 0 {
            return Ok(lots);
        }
        let Some(cash) = self.spendable(asset)? else { return Ok(lots) };
        let fee_e9 = if maker { contract.terms.maker_e9 } else { contract.terms.taker_e9 };
        if contract.cost_of_buy(lots, ticks, fee_e9)? <= cash {
            return Ok(lots);
        }
        let cost = |lots: i64| contract.cost_of_buy(lots, ticks, fee_e9);
        let mut covered = lots.min(contract.scale.lots_within(cash, ticks, E9 + fee_e9)?);
        while covered > 0 && cost(covered)? > cash {
            covered -= 1;
        }
        // What buys a short back is paid by the sale, whatever it costs.
        let closing = self.ledger.positions[asset].lots.min(0).abs().min(lots);
        Ok(covered.max(closing))
    }

    /// Returns free cash with a working spot order counted: a buy keeps cash, a sell should bring some.
    fn with_order(&self, free: i64, order: &Order) -> Result<i64, Overflow> {
        let contract = &self.contracts[order.asset as usize];
        if order.side > 0 {
            free.checked_sub(self.gate.reserved(contract, order.left(), order.ref_ticks)?).ok_or(Overflow)
        } else {
            free.checked_add(self.gate.expected(contract, order.left(), order.ref_ticks)?).ok_or(Overflow)
        }
    }
}
