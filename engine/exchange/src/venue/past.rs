//! What accounts may ask about later and orders do not hold: amendments, matches that self-trade prevention stopped, deposits and withdrawals.
//!
//! Of each the last [`KEPT`] of an account are held, in room set aside when it opens.

use super::Exchange;
use super::accounts::Ring;
use crate::command::SelfTrade;
use crate::text::Text;
use crate::{Account, Amount, Asset, Micros, Symbol};

/// How many of a kind are held of an account.
pub const KEPT: usize = 256;

/// An amendment of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amendment {
    /// Symbol.
    pub symbol: Symbol,
    /// The order.
    pub order: u64,
    /// Number of the execution that told of it.
    pub execution: u64,
    /// Client id before.
    pub original: Text,
    /// Client id after.
    pub client_id: Text,
    /// Quantity before.
    pub before: Amount,
    /// Quantity after.
    pub after: Amount,
    /// When.
    pub time: Micros,
}

/// A match that self-trade prevention stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prevented {
    /// Symbol.
    pub symbol: Symbol,
    /// Its number: of a symbol, growing by one.
    pub id: u64,
    /// The order that came.
    pub taker: u64,
    /// The order that rested.
    pub maker: u64,
    /// Group of their accounts; 0 for one account alone.
    pub group: u32,
    /// What decided: the mode of the order that came.
    pub mode: SelfTrade,
    /// Price they met at.
    pub price: Amount,
    /// Base quantity that the taker lost, and the maker.
    pub lost: [Amount; 2],
    /// When.
    pub time: Micros,
}

/// A deposit, or below zero a withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Its number.
    pub id: u64,
    /// Asset.
    pub asset: Asset,
    /// Change.
    pub amount: Amount,
    /// When.
    pub time: Micros,
}

/// What is held of an account.
#[derive(Debug)]
struct Kept {
    amended: Ring<Amendment>,
    prevented: Ring<Prevented>,
    moved: Ring<Transfer>,
}

/// What is held of all accounts.
#[derive(Debug, Default)]
pub struct Past {
    accounts: Vec<Kept>,
    /// Prevented matches so far, by symbol.
    matches: Vec<u64>,
    transfers: u64,
}

impl Past {
    /// Returns an empty past of so many symbols, with room for accounts.
    pub fn new(accounts: usize, symbols: usize) -> Self {
        Self { accounts: Vec::with_capacity(accounts), matches: vec![0; symbols], transfers: 0 }
    }

    /// Opens an account.
    pub fn open(&mut self) {
        self.accounts.push(Kept { amended: Ring::new(KEPT), prevented: Ring::new(KEPT), moved: Ring::new(KEPT) });
    }

    /// Notes an amendment.
    pub fn amended(&mut self, account: Account, what: Amendment) {
        self.accounts[account as usize].amended.push(what);
    }

    /// Notes a prevented match of two accounts, or of one; its number is given here.
    #[cold]
    pub fn prevented(&mut self, accounts: [Account; 2], mut what: Prevented) {
        let count = &mut self.matches[usize::from(what.symbol)];
        what.id = *count;
        *count += 1;
        self.accounts[accounts[0] as usize].prevented.push(what);
        if accounts[1] != accounts[0] {
            self.accounts[accounts[1] as usize].prevented.push(what);
        }
    }

    /// Notes a deposit or withdrawal.
    #[cold]
    pub fn moved(&mut self, account: Account, asset: Asset, amount: Amount, time: Micros) {
        self.transfers += 1;
        self.accounts[account as usize].moved.push(Transfer { id: self.transfers, asset, amount, time });
    }
}

impl Exchange {
    /// Visits the last [`KEPT`] amendments of an account's orders in a symbol, oldest first.
    pub fn amendments(&self, account: Account, symbol: Symbol, tell: impl FnMut(&Amendment)) {
        let kept = self.core.past.accounts.get(account as usize);
        kept.into_iter().flat_map(|kept| kept.amended.iter()).filter(|what| what.symbol == symbol).for_each(tell);
    }

    /// Visits the last [`KEPT`] prevented matches of an account in a symbol, oldest first.
    pub fn prevented_matches(&self, account: Account, symbol: Symbol, tell: impl FnMut(&Prevented)) {
        let kept = self.core.past.accounts.get(account as usize);
        kept.into_iter().flat_map(|kept| kept.prevented.iter()).filter(|what| what.symbol == symbol).for_each(tell);
    }

    /// Visits the last [`KEPT`] deposits and withdrawals of an account, newest first.
    pub fn transfers(&self, account: Account, tell: impl FnMut(&Transfer)) {
        let kept = self.core.past.accounts.get(account as usize);
        kept.into_iter().flat_map(|kept| kept.moved.iter().rev()).for_each(tell);
    }
}
