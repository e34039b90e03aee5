//! Wallets: cash of one account in one settlement currency, what it is worth, and what is free in it.
//!
//! Amounts of an instrument are in the currency of its wallet; equity, gross and limits are in the account currency, which the first wallet holds.
use super::{Desk, Halt, Source};
use crate::account::{WalletMode, WalletTerms};
use crate::event::Entry;
use crate::instrument::InstrumentKind;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::money::Overflow;

/// One wallet's books, in its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wallet {
    /// Start cash − Σ signed notional − Σ fees + Σ funding, interest and rescues.
    pub flow: i64,
    /// Fees paid so far.
    pub fees: i64,
    /// Interest on negative cash, negative.
    pub interest: i64,
    /// Instrument whose mark values it in the account currency.
    pub convert: Option<usize>,
    /// What its cash may do.
    pub mode: WalletMode,
    /// Interest on negative cash, billionths a year.
    pub interest_e9: i64,
}

impl Wallet {
    /// Opens a wallet.
    pub fn new(terms: &WalletTerms) -> Self {
        Self { convert: terms.convert, mode: terms.mode, interest_e9: terms.interest_e9, ..Self::plain(terms.cash) }
    }

    /// Opens the only wallet of a plain account.
    pub fn plain(cash: i64) -> Self {
        Self { flow: cash, fees: 0, interest: 0, convert: None, mode: WalletMode::Cash, interest_e9: 0 }
    }

    pub(super) fn save(&self, to: &mut Writer) {
        [self.flow, self.fees, self.interest].into_iter().for_each(|x| to.i64(x));
    }

    pub(super) fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        (self.flow, self.fees, self.interest) = (from.i64()?, from.i64()?, from.i64()?);
        Ok(())
    }
}

impl Desk {
    /// Marks the bars' assets, then values every wallet.
    #[cold]
    pub(super) fn mark_accounts<S: Source>(&mut self, ts: i64, present: &[Entry], src: &S) -> Result<(), Halt> {
        for entry in present {
            let (asset, local) = (entry.asset as usize, entry.row as usize);
            let halt = Halt { asset, ts };
            let marked = if self.lanes.of[asset].is_empty() { self.mark(asset, local, src) } else { self.mark_lanes(asset, local, src) };
            marked.map_err(|Overflow| halt)?;
            // Also without a position: other wallets are valued at it, margin is asked for at it.
            self.slots[asset].mark = self.contracts[asset].scale.ticks(src.close(asset, local)).ok_or(halt)?;
        }
        if let Some(accounts) = &mut self.accounts {
            (accounts.is_fresh, accounts.last_ts) = (false, Some(ts));
        }
        let first = present.first().map_or(0, |entry| entry.asset as usize);
        self.total_value = self.valued().map_err(|Overflow| Halt { asset: first, ts })?;
        Ok(())
    }

    /// Returns what equity counts beside the flow of the account's own currency: its positions, and other wallets with theirs.
    fn valued(&self) -> Result<i64, Overflow> {
        let mut total: i64 = 0;
        for (number, wallet) in self.ledger.wallets.iter().enumerate() {
            let mut held = if wallet.convert.is_some() { wallet.flow } else { 0 };
            for (slot, _) in self.slots.iter().zip(&self.ledger.home).filter(|(_, home)| **home == number) {
                held = held.checked_add(slot.value).ok_or(Overflow)?;
            }
            total = total.checked_add(self.convert(wallet.convert, held)?).ok_or(Overflow)?;
        }
        Ok(total)
    }

    fn convert(&self, by: Option<usize>, amount: i64) -> Result<i64, Overflow> {
        by.map_or(Ok(amount), |by| self.contracts[by].scale.quoted(amount, self.slots[by].mark))
    }

    #[inline(always)]
    fn converter(&self, asset: usize) -> Option<usize> {
        self.ledger.home.get(asset).and_then(|&home| self.ledger.wallets[home].convert)
    }

    /// Returns an amount of the instrument's settlement currency in the account currency, rounded down.
    #[inline(always)]
    pub(super) fn to_account(&self, asset: usize, amount: i64) -> Result<i64, Overflow> {
        if self.accounts.is_none() { Ok(amount) } else { self.convert(self.converter(asset), amount) }
    }

    /// Returns an amount of the account currency in the instrument's settlement currency, rounded down; 0 while no price is known.
    #[inline(always)]
    pub(super) fn to_settlement(&self, asset: usize, amount: i64) -> Result<i64, Overflow> {
        match self.accounts.as_ref().and_then(|_| self.converter(asset)) {
            None => Ok(amount),
            Some(by) => self.contracts[by].scale.based(amount, self.slots[by].mark),
        }
    }

    /// Returns the cash of all wallets in the account currency.
    ///
    /// # Errors
    /// Returns [`Overflow`] where the sum does not fit.
    pub(super) fn account_cash(&self) -> Result<i64, Overflow> {
        if self.accounts.is_none() {
            return self.ledger.cash(&self.contracts);
        }
        let mut total: i64 = 0;
        for (number, wallet) in self.ledger.wallets.iter().enumerate() {
            let cash = self.convert(wallet.convert, self.ledger.cash_of(number, &self.contracts)?)?;
            total = total.checked_add(cash).ok_or(Overflow)?;
        }
        Ok(total)
    }

    /// Returns the cash that a fill buying spot may use, its own short's proceeds included; `None` where the wallet lends.
    #[inline(always)]
    pub(super) fn spendable(&self, asset: usize) -> Result<Option<i64>, Overflow> {
        if self.accounts.is_none() {
            return self.ledger.cash(&self.contracts).map(Some);
        }
        self.spendable_of_wallet(asset)
    }

    #[cold]
    #[inline(never)]
    fn spendable_of_wallet(&self, asset: usize) -> Result<Option<i64>, Overflow> {
        if self.lends(asset) {
            return Ok(None);
        }
        let position = &self.ledger.positions[asset];
        let own = if position.lots < 0 { self.contracts[asset].scale.floor_cost(position.signed_cost())? } else { 0 };
        Ok(Some(self.ledger.cash_of(self.ledger.home[asset], &self.contracts)?.checked_sub(own).ok_or(Overflow)?))
    }

    /// Returns the cash of the instrument's wallet that a spot buy may plan with: less what working buys keep, plus what working sells of holdings
    /// should bring, and no more than margin leaves.
    #[cold]
    pub(super) fn wallet_free_cash(&self, asset: usize) -> Result<i64, Overflow> {
        let home = self.ledger.home[asset];
        if self.lends(asset) {
            return Ok(i64::MAX);
        }
        let mut free = self.ledger.cash_of(home, &self.contracts)?;
        for (order, is_at_market) in self.working_marked() {
            let other = order.asset as usize;
            if self.contracts[other].kind != InstrumentKind::Spot || self.ledger.home[other] != home {
                continue;
            }
            let (contract, position) = (&self.contracts[other], self.ledger.positions[other].lots);
            free = if order.side > 0 {
                let opening = order.left() - position.min(0).abs().min(order.left());
                free.checked_sub(self.gate.reserved(contract, opening, order.ref_ticks)?).ok_or(Overflow)?
            } else if !is_at_market {
                free
            } else {
                let closing = order.left().min(position.max(0));
                free.checked_add(self.gate.expected(contract, closing, order.ref_ticks)?).ok_or(Overflow)?
            };
        }
        let needs_margin = self.accounts.as_ref().is_some_and(|accounts| accounts.has_margin);
        Ok(if needs_margin { free.min(self.available(home)?) } else { free })
    }
}
