//! Accounts: balances by asset, orders by time, counts by symbol, fills.
//!
//! Value is conserved: every change here moves an amount from one balance to another, but for the operator's credits. The sum of an
//! asset over all accounts fits an i64 (credits see to it), so no addition can overflow.

use super::store::NONE;
use crate::report::Fill;
use crate::{Account, Amount, Asset, Micros, Symbol};
use bot4_engine::book::Side;

/// A balance.
#[derive(Debug, Clone, Copy, Default)]
pub struct Balance {
    /// Free.
    pub free: Amount,
    /// Locked by orders.
    pub locked: Amount,
    /// Number of the command that changed it last.
    touched: u64,
}

/// A fill as its account sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnFill {
    /// Symbol.
    pub symbol: Symbol,
    /// The order.
    pub order: u64,
    /// The order's list; −1 for none.
    pub list: i64,
    /// Side of the order.
    pub side: Side,
    /// When.
    pub time: Micros,
    /// The fill.
    pub fill: Fill,
}

/// Open orders of an account, of one symbol or of all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Open {
    /// All.
    pub orders: u32,
    /// Stop-loss and take-profit orders.
    pub algos: u32,
    /// Icebergs.
    pub icebergs: u32,
    /// Lists.
    pub lists: u32,
    /// Base quantity of open buy orders that is not filled.
    pub buying: Amount,
}

/// The last of many, oldest first, in room that was set aside.
#[derive(Debug, Clone)]
pub struct Ring<T> {
    items: Vec<T>,
    next: usize,
    most: usize,
}

impl<T> Ring<T> {
    /// Returns an empty ring for `most` items.
    pub fn new(most: usize) -> Self {
        Self { items: Vec::with_capacity(most), next: 0, most }
    }

    /// Adds an item; returns the oldest where it had to go.
    #[inline]
    pub fn push(&mut self, item: T) -> Option<T> {
        if self.items.len() < self.most {
            self.items.push(item);
            return None;
        }
        let oldest = self.items.get_mut(self.next)?;
        self.next = if self.next + 1 == self.most { 0 } else { self.next + 1 };
        Some(std::mem::replace(oldest, item))
    }

    /// Visits the items, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.items[self.next..].iter().chain(&self.items[..self.next])
    }
}

/// Days of the volume that decides about fees.
const DAYS: usize = 30;

/// An account.
#[derive(Debug, Clone)]
pub struct State {
    /// Accounts of one group above 0 count as one for self-trade prevention.
    pub group: u32,
    /// Whether it may place and cancel.
    pub is_disabled: bool,
    /// Whether its orders mirror another market: neither filters nor counts are asked of them.
    pub is_exempt: bool,
    /// First and last of its open orders.
    pub open: (u32, u32),
    /// Its orders that are over.
    pub done: Ring<u32>,
    /// Open orders of all symbols.
    pub counts: Open,
    /// Its fills.
    pub fills: Ring<OwnFill>,
    /// Volume by day, the day of today at 0.
    volume: [Amount; DAYS],
    /// Its fees: maker, taker.
    pub fees: (i64, i64),
}

/// All accounts.
#[derive(Debug)]
pub struct Accounts {
    states: Vec<State>,
    balances: Vec<Balance>,
    counts: Vec<Open>,
    /// Sum of every asset over all accounts.
    supply: Vec<Amount>,
    assets: usize,
    symbols: usize,
    /// Balances the command has changed.
    changed: Vec<(Account, Asset)>,
    command: u64,
}

impl Accounts {
    /// Returns no accounts, with room for `most`.
    pub fn new(most: usize, assets: usize, symbols: usize) -> Self {
        Self {
            states: Vec::with_capacity(most),
            balances: Vec::with_capacity(most * assets),
            counts: Vec::with_capacity(most * symbols),
            supply: vec![0; assets],
            assets,
            symbols,
            changed: Vec::with_capacity(most * assets),
            command: 0,
        }
    }

    /// Opens an account.
    pub fn open(&mut self, history: usize, fills: usize, fees: (i64, i64)) -> Account {
        self.states.push(State {
            group: 0,
            is_disabled: false,
            is_exempt: false,
            open: (NONE, NONE),
            done: Ring::new(history),
            counts: Open::default(),
            fills: Ring::new(fills),
            volume: [0; DAYS],
            fees,
        });
        self.balances.extend(std::iter::repeat_n(Balance::default(), self.assets));
        self.counts.extend(std::iter::repeat_n(Open::default(), self.symbols));
        (self.states.len() - 1) as Account
    }

    /// Returns the number of accounts.
    #[must_use]
    pub fn count(&self) -> usize {
        self.states.len()
    }

    /// Returns an account.
    #[inline]
    pub fn state(&self, account: Account) -> &State {
        &self.states[account as usize]
    }

    /// Returns an account.
    #[inline]
    pub fn state_mut(&mut self, account: Account) -> &mut State {
        &mut self.states[account as usize]
    }

    /// Returns the open orders of an account in a symbol.
    #[inline]
    pub fn counts(&self, account: Account, symbol: Symbol) -> &Open {
        &self.counts[account as usize * self.symbols + usize::from(symbol)]
    }

    /// Returns the open orders of an account in a symbol.
    #[inline]
    pub fn counts_mut(&mut self, account: Account, symbol: Symbol) -> &mut Open {
        &mut self.counts[account as usize * self.symbols + usize::from(symbol)]
    }

    /// Returns a balance.
    #[inline]
    pub fn balance(&self, account: Account, asset: Asset) -> &Balance {
        &self.balances[account as usize * self.assets + usize::from(asset)]
    }

    /// Returns a balance that the command changes.
    #[inline]
    pub fn change(&mut self, account: Account, asset: Asset) -> &mut Balance {
        let balance = &mut self.balances[account as usize * self.assets + usize::from(asset)];
        if balance.touched != self.command {
            balance.touched = self.command;
            self.changed.push((account, asset));
        }
        balance
    }

    /// Begins a command: nothing is changed yet.
    #[inline]
    pub fn begin(&mut self) {
        self.command += 1;
        self.changed.clear();
    }

    /// Tells the balances the command has changed, but for the venue's own, in the order of their first change.
    #[inline]
    pub fn tell(&self, mut tell: impl FnMut(Account, Asset, &Balance)) {
        for &(account, asset) in &self.changed {
            if account != 0 {
                tell(account, asset, self.balance(account, asset));
            }
        }
    }

    /// Adds to a free balance, or takes from it; tells whether it could.
    pub fn credit(&mut self, account: Account, asset: Asset, amount: Amount) -> bool {
        let free = self.balance(account, asset).free;
        let supply = self.supply[usize::from(asset)];
        match (free.checked_add(amount), supply.checked_add(amount)) {
            (Some(free), Some(supply)) if free >= 0 => {
                self.change(account, asset).free = free;
                self.supply[usize::from(asset)] = supply;
                true
            }
            _ => false,
        }
    }

    /// Notes volume of today.
    #[inline]
    pub fn trade(&mut self, account: Account, quote: Amount) {
        let today = &mut self.states[account as usize].volume[0];
        *today = today.saturating_add(quote);
    }

    /// Moves every volume on by days, and sets the fees by it.
    pub fn next_days(&mut self, days: usize, fees: impl Fn(Amount) -> (i64, i64)) {
        for state in &mut self.states {
            for at in (0..DAYS).rev() {
                state.volume[at] = if at >= days { state.volume[at - days] } else { 0 };
            }
            state.fees = fees(state.volume());
        }
    }
}

impl State {
    /// Returns the volume of the last 30 days, today included.
    #[must_use]
    pub fn volume(&self) -> Amount {
        self.volume.iter().fold(0, |sum: Amount, day| sum.saturating_add(*day))
    }
}
