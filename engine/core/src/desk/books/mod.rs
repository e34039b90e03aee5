//! Books: what each fill, settlement and transfer did, kept for one strategy in one account at one venue, in as many currencies as it has wallets.
//!
//! The desk's own [`Ledger`](super::ledger::Ledger) knows what a decision needs. Books know what a reader of accounts asks: average and FIFO cost
//! beside each other, profit realised and open, fees, funding, interest and transfers apart. They are kept from fills and money that moved alone, by a
//! host or from a journal, and say the same as the desk to the last unit. All amounts are 1e-8 of the wallet's currency. For every wallet, after every event
//!
//! ```text
//! flow − start                = Σ over its instruments (realised − cost − fees + carried) + interest + transfers
//! flow + value of what it holds − start = Σ (realised + unrealised − fees + carried) + interest + transfers
//! ```
//!
//! by the average and by FIFO alike, and where a position is flat both have realised the same. The check build asserts it.
mod cost;
mod snapshot;

use super::stream::{Cash, CashKind, NO_ASSET};
use crate::instrument::Contract;
use crate::money::Overflow;
pub use cost::{Average, Fifo};

/// Whose books these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BookKey {
    /// First 32 bits of the strategy's identity.
    pub strategy: u32,
    /// Number of the account at the host.
    pub account: u32,
    /// Number of the venue at the host.
    pub venue: u32,
}

/// One instrument in the books.
#[derive(Debug, Clone)]
pub struct Holding {
    contract: Contract,
    /// Wallet that it settles in.
    pub wallet: usize,
    /// Signed lots.
    pub lots: i64,
    /// By the average of all.
    pub average: Average,
    /// By first in, first out.
    pub fifo: Fifo,
    /// Fees of its fills.
    pub fees: i64,
    /// Funding, borrow interest and what the venue's fund took.
    pub carried: i64,
    /// Value of what is held at its last mark.
    pub value: i64,
    /// Fills booked.
    pub fills: u64,
    /// Amount of all fills, without sign.
    pub turnover: i128,
    /// Σ of what was paid for lots: the sum that both rules have to come to.
    paid: i64,
}

/// One wallet in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purse {
    /// What it began with.
    pub start: i64,
    /// What it has, with what positions cost taken out.
    pub flow: i64,
    /// Interest on negative cash.
    pub interest: i64,
    /// Paid in and out.
    pub transfers: i64,
}

/// The books of one strategy, account and venue.
#[derive(Debug, Clone)]
pub struct Books {
    /// Whose.
    pub key: BookKey,
    /// By instrument id.
    pub holdings: Vec<Holding>,
    /// By number of wallet.
    pub purses: Vec<Purse>,
}

impl Books {
    /// Opens books: each contract with the wallet it settles in, and what each wallet begins with.
    pub fn new(key: BookKey, contracts: &[(Contract, usize)], starts: &[i64]) -> Self {
        let holding = |&(contract, wallet): &(Contract, usize)| Holding {
            contract,
            wallet,
            lots: 0,
            average: Average::default(),
            fifo: Fifo::new(),
            fees: 0,
            carried: 0,
            value: 0,
            fills: 0,
            turnover: 0,
            paid: 0,
        };
        let purse = |&start: &i64| Purse { start, flow: start, interest: 0, transfers: 0 };
        Self { key, holdings: contracts.iter().map(holding).collect(), purses: starts.iter().map(purse).collect() }
    }

    /// Books a fill of signed lots at a price in ticks, with its fee.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    pub fn fill(&mut self, asset: usize, lots: i64, ticks: i64, fee: i64) -> Result<(), Overflow> {
        let holding = &mut self.holdings[asset];
        let scale = holding.contract.scale;
        // A buy costs its amount rounded up, a sell brings it rounded down.
        let paid = |lots: i64| scale.ceil(scale.directed(lots), ticks);
        let (amount, side) = (paid(lots)?, lots.signum());
        let closing = if holding.lots.signum() == -side { lots.abs().min(holding.lots.abs()) } else { 0 };
        let opening = lots.abs() - closing;
        let closed = if opening == 0 { amount } else { paid(side * closing)? };
        if closing > 0 {
            holding.average.close(closing, closed)?;
            holding.fifo.close(closing, closed)?;
        }
        if opening > 0 {
            holding.average.open(opening, amount - closed)?;
            holding.fifo.open(opening, amount - closed)?;
        }
        holding.lots = holding.lots.checked_add(lots).ok_or(Overflow)?;
        holding.paid = holding.paid.checked_add(amount).ok_or(Overflow)?;
        holding.fees = holding.fees.checked_add(fee).ok_or(Overflow)?;
        holding.turnover += i128::from(amount.abs());
        holding.fills += 1;
        let purse = &mut self.purses[holding.wallet];
        purse.flow = purse.flow.checked_sub(amount.checked_add(fee).ok_or(Overflow)?).ok_or(Overflow)?;
        self.audit();
        Ok(())
    }

    /// Books money that no fill moved.
    ///
    /// # Errors
    /// Returns [`Overflow`] where an amount does not fit.
    pub fn cash(&mut self, cash: &Cash) -> Result<(), Overflow> {
        let purse = &mut self.purses[cash.wallet as usize];
        purse.flow = purse.flow.checked_add(cash.amount).ok_or(Overflow)?;
        let sum = match (cash.kind, cash.asset) {
            (CashKind::Transfer, _) => &mut purse.transfers,
            (_, NO_ASSET) => &mut purse.interest,
            (_, asset) => &mut self.holdings[asset as usize].carried,
        };
        *sum = sum.checked_add(cash.amount).ok_or(Overflow)?;
        self.audit();
        Ok(())
    }

    /// Values what is held of an instrument at a price in ticks.
    ///
    /// # Errors
    /// Returns [`Overflow`] where the value does not fit.
    pub fn mark(&mut self, asset: usize, ticks: i64) -> Result<(), Overflow> {
        let holding = &mut self.holdings[asset];
        holding.value = if holding.lots == 0 { 0 } else { holding.contract.scale.value(holding.lots, ticks)? };
        Ok(())
    }

    /// Returns what a wallet and its positions at their last marks are worth, in its currency.
    ///
    /// # Errors
    /// Returns [`Overflow`] where the sum does not fit.
    pub fn equity(&self, wallet: usize) -> Result<i64, Overflow> {
        let held = self.holdings.iter().filter(|holding| holding.wallet == wallet);
        held.map(|holding| holding.value).try_fold(self.purses[wallet].flow, |sum, value| sum.checked_add(value).ok_or(Overflow))
    }

    /// Returns whether every identity of the module's head holds.
    pub fn is_balanced(&self) -> bool {
        let purses = self.purses.iter().enumerate();
        self.holdings.iter().all(Holding::is_balanced)
            && purses.into_iter().all(|(number, purse)| {
                let own = self.holdings.iter().filter(|holding| holding.wallet == number);
                let came: i128 = own.map(|h| i128::from(h.carried) - i128::from(h.fees) - i128::from(h.paid)).sum();
                let moved = i128::from(purse.interest) + i128::from(purse.transfers);
                i128::from(purse.flow) - i128::from(purse.start) == came + moved
            })
    }

    #[inline(always)]
    fn audit(&self) {
        #[cfg(feature = "check")]
        assert!(self.is_balanced(), "the books do not balance: {self:?}");
    }
}

impl Holding {
    /// Returns the open profit by the average: what is held is worth, less what it cost.
    pub fn unrealised(&self) -> i64 {
        self.value - self.average.cost
    }

    /// Returns the open profit by FIFO.
    pub fn unrealised_fifo(&self) -> i64 {
        self.value - self.fifo.cost
    }

    fn is_balanced(&self) -> bool {
        let rests = [(self.average.realised, self.average.cost), (self.fifo.realised, self.fifo.cost)];
        let sums = rests.iter().all(|&(realised, cost)| i128::from(realised) - i128::from(cost) == -i128::from(self.paid));
        let flat = self.lots != 0 || (self.average.cost, self.fifo.cost, self.fifo.depth()) == (0, 0, 0);
        sums && flat && (self.lots != 0 || self.average.realised == self.fifo.realised)
    }
}
