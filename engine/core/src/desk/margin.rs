//! Margin: what a position needs to be opened and to be kept, what a wallet has for it, and the price at which that is no longer enough.
//!
//! Sources: Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts" (faq b3c689c1f50a44cabb3a84e663b81d93) and "… of COIN-M Futures
//! Contracts" (faq ceccfcfb4e3a45e3b48b0b1bb1a8ae46): the price where wallet balance + unrealised profits = maintenance margins.
use super::Desk;
use crate::account::{MarginMode, MarginTerms, Tier};
use crate::instrument::InstrumentKind;
use crate::money::{E9, Overflow, Scale, div_ceil, div_floor, narrow, rate_ceil};

/// A wallet's margin: what it has, and what its cross positions must keep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// Cash outside isolated positions + unrealised profits of cross positions.
    pub balance: i64,
    /// Maintenance margins of cross positions.
    pub maintenance: i64,
}

/// Returns the bracket of a notional.
pub fn tier(tiers: &[Tier], notional: i64) -> Tier {
    let at = tiers.partition_point(|tier| tier.floor <= notional);
    tiers[at.max(1) - 1]
}

/// Returns the margin that a position of this notional must keep: ⌈notional · rate⌉ less its bracket's amount.
///
/// # Errors
/// Returns [`Overflow`] where it does not fit.
pub fn maintenance(tiers: &[Tier], notional: i64) -> Result<i64, Overflow> {
    let tier = tier(tiers, notional);
    Ok(rate_ceil(notional, tier.rate_e9)? - tier.amount)
}

/// Returns the margin that a notional needs to be opened: ⌈notional / leverage⌉.
///
/// # Errors
/// Returns [`Overflow`] where it does not fit.
pub fn initial(notional: i64, leverage_e9: i64) -> Result<i64, Overflow> {
    narrow(div_ceil(i128::from(notional) * i128::from(E9), i128::from(leverage_e9)))
}

/// Returns the price in ticks at which `surplus` + the position's value = its notional · rate: at it or beyond, the position is liquidated.
///
/// `surplus` = wallet balance − other maintenance + other unrealised + bracket amount − signed entry cost. Linear: the venue's
/// p = (WB − TMM₁ + UPNL₁ + cum − side·q·entry) / (q·(mmr − side)); inverse: p = q·V·(side + mmr) / (WB − TMM₁ + UPNL₁ + cum + side·q·V/entry).
/// Rounded so that it comes early: up for long, down for short. `None` where no price reaches it.
///
/// # Errors
/// Returns [`Overflow`] where a product does not fit.
pub fn liquidation_ticks(scale: &Scale, lots: i64, surplus: i64, rate_e9: i64) -> Result<Option<i64>, Overflow> {
    let (num, den) = scale.unit();
    let long = lots > 0;
    // A long must keep 1 − mmr of a linear notional, 1 + mmr of an inverse one; a short the other way round.
    let kept = if long == scale.is_inverse() { E9 + rate_e9 } else { E9 - rate_e9 };
    let unit = i128::from(lots.abs()).checked_mul(i128::from(num)).and_then(|x| x.checked_mul(i128::from(kept))).ok_or(Overflow)?;
    let stake = i128::from(surplus).checked_mul(i128::from(den) * i128::from(E9)).ok_or(Overflow)?;
    // Linear longs and inverse shorts owe: with a surplus of their own they stand at any price.
    let owes = long != scale.is_inverse();
    if owes && stake >= 0 {
        return Ok(None);
    }
    if !owes && stake <= 0 {
        return Ok(Some(if long { i64::MAX } else { 1 }));
    }
    let (top, bottom) = if scale.is_inverse() { (unit, stake.abs()) } else { (stake.abs(), unit) };
    let ticks = if long { div_ceil(top, bottom) } else { div_floor(top, bottom).max(1) };
    Ok(Some(i64::try_from(ticks).unwrap_or(i64::MAX)))
}

impl Desk {
    /// Returns the terms of an instrument with margin.
    pub(super) fn margin_terms(&self, asset: usize) -> Option<&MarginTerms> {
        self.accounts.as_ref().and_then(|accounts| accounts.holdings[asset].margin.as_ref())
    }

    /// Returns what a position is worth at its mark.
    fn worth(&self, asset: usize) -> Result<i64, Overflow> {
        self.contracts[asset].scale.value(self.ledger.positions[asset].lots, self.slots[asset].mark)
    }

    /// Sums every wallet's margin anew, if anything has moved since.
    pub(super) fn refresh_sums(&mut self) -> Result<(), Overflow> {
        if self.accounts.as_ref().is_none_or(|accounts| accounts.is_fresh) {
            return Ok(());
        }
        for home in 0..self.ledger.wallets.len() {
            let sums = self.sums(home)?;
            if let Some(accounts) = &mut self.accounts {
                accounts.sums[home] = sums;
            }
        }
        if let Some(accounts) = &mut self.accounts {
            accounts.is_fresh = true;
            accounts.count += 1;
        }
        Ok(())
    }

    /// Returns the margin of one wallet, positions at their marks.
    fn sums(&self, home: usize) -> Result<Sums, Overflow> {
        let mut balance = i128::from(self.ledger.wallets[home].flow);
        let mut kept = 0i128;
        for (asset, position) in self.ledger.positions.iter().enumerate() {
            if position.lots == 0 || self.ledger.home[asset] != home {
                continue;
            }
            let contract = &self.contracts[asset];
            let cost = || contract.scale.floor_cost(position.signed_cost());
            balance += i128::from(match self.margin_terms(asset) {
                Some(terms) if terms.mode == MarginMode::Cross => {
                    let worth = self.worth(asset)?;
                    kept += i128::from(maintenance(&terms.tiers, worth.abs())?);
                    worth
                }
                Some(_) => cost()?.checked_sub(self.set_aside(asset)).ok_or(Overflow)?,
                // Spot bought with cash is no margin.
                None if contract.kind == InstrumentKind::Spot => 0,
                None => cost()?,
            });
        }
        Ok(Sums { balance: narrow(balance)?, maintenance: narrow(kept)? })
    }

    /// Returns the margin of an instrument's wallet that neither positions nor working orders bind.
    pub(super) fn available(&self, home: usize) -> Result<i64, Overflow> {
        let mut free = i128::from(self.sums(home)?.balance);
        for (asset, position) in self.ledger.positions.iter().enumerate().filter(|(asset, _)| self.ledger.home[*asset] == home) {
            if let Some(terms) = self.margin_terms(asset).filter(|terms| terms.mode == MarginMode::Cross && position.lots != 0) {
                free -= i128::from(initial(self.worth(asset)?.abs(), terms.leverage_e9)?);
            }
        }
        for order in self.working() {
            let asset = order.asset as usize;
            let (contract, position) = (&self.contracts[asset], self.ledger.positions[asset].lots);
            let closing = if position.signum() == -order.side { order.left().min(position.abs()) } else { 0 };
            let opening = order.left() - closing;
            if self.ledger.home[asset] != home || opening == 0 {
                continue;
            }
            free -= i128::from(if contract.leverage_e9 > 0 {
                initial(contract.scale.floor(opening, order.ref_ticks)?, contract.leverage_e9)?
            } else if contract.kind == InstrumentKind::Spot {
                self.gate.reserved(contract, opening, order.ref_ticks)?
            } else {
                0
            });
        }
        narrow(free)
    }

    /// Returns the margin that an increase may bind; what a flip's closing part frees is added.
    #[cold]
    pub(super) fn margin_for(&self, asset: usize, flips: bool) -> Result<i64, Overflow> {
        let free = self.available(self.ledger.home[asset])?;
        let Some(terms) = self.margin_terms(asset).filter(|_| flips) else { return Ok(free) };
        let worth = self.worth(asset)?;
        let freed = match terms.mode {
            MarginMode::Cross => initial(worth.abs(), terms.leverage_e9)?,
            MarginMode::Isolated => {
                let cost = self.contracts[asset].scale.floor_cost(self.ledger.positions[asset].signed_cost())?;
                self.set_aside(asset).checked_add(worth).and_then(|x| x.checked_sub(cost)).ok_or(Overflow)?
            }
        };
        free.checked_add(freed).ok_or(Overflow)
    }

    /// Returns the price at which the asset's position is liquidated, others at their marks; `None` where there is none.
    pub(super) fn liquidation_level(&mut self, asset: usize) -> Result<Option<i64>, Overflow> {
        self.refresh_sums()?;
        let known = self.accounts.as_ref().map(|accounts| (accounts.count, accounts.holdings[asset].level));
        if let Some((count, (of, level))) = known
            && of == count
        {
            return Ok(level);
        }
        let level = self.find_level(asset)?;
        if let Some(accounts) = &mut self.accounts {
            accounts.holdings[asset].level = (accounts.count, level);
        }
        Ok(level)
    }

    fn find_level(&self, asset: usize) -> Result<Option<i64>, Overflow> {
        let (Some(accounts), position) = (&self.accounts, &self.ledger.positions[asset]) else { return Ok(None) };
        let holding = &accounts.holdings[asset];
        let Some(terms) = holding.margin.as_ref().filter(|_| position.lots != 0) else { return Ok(None) };
        let worth = self.worth(asset)?;
        let tier = tier(&terms.tiers, worth.abs());
        let surplus = match terms.mode {
            MarginMode::Cross => {
                let Sums { balance, maintenance: kept } = accounts.sums[self.ledger.home[asset]];
                let others = i128::from(kept) - i128::from(maintenance(&terms.tiers, worth.abs())?);
                i128::from(balance) - i128::from(worth) - others
            }
            MarginMode::Isolated => {
                i128::from(holding.set_aside) - i128::from(self.contracts[asset].scale.floor_cost(position.signed_cost())?)
            }
        };
        liquidation_ticks(&self.contracts[asset].scale, position.lots, narrow(surplus + i128::from(tier.amount))?, tier.rate_e9)
    }

    /// Returns by how much the position's margin balance would exceed its maintenance at a price, others at their marks and its bracket that of its mark.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    pub fn margin_spare(&self, asset: usize, ticks: i64) -> Result<i64, Overflow> {
        let (lots, worth) = (self.ledger.positions[asset].lots, self.worth(asset)?);
        let Some(terms) = self.margin_terms(asset) else { return Ok(i64::MAX) };
        let tier = tier(&terms.tiers, worth.abs());
        let there = self.contracts[asset].scale.value(lots, ticks)?;
        let kept = rate_ceil(there.abs(), tier.rate_e9)? - tier.amount;
        match terms.mode {
            MarginMode::Cross => {
                let sums = self.sums(self.ledger.home[asset])?;
                let others = sums.maintenance - maintenance(&terms.tiers, worth.abs())?;
                Ok(sums.balance - worth + there - others - kept)
            }
            MarginMode::Isolated => {
                let cost = self.contracts[asset].scale.floor_cost(self.ledger.positions[asset].signed_cost())?;
                Ok(self.set_aside(asset) + there - cost - kept)
            }
        }
    }

    /// Returns the price at which the asset's position would be liquidated now, in ticks.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    pub fn liquidation_price(&mut self, asset: usize) -> Result<Option<i64>, Overflow> {
        self.liquidation_level(asset)
    }
}
