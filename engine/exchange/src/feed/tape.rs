//! Trades of a symbol and their aggregates, the newest kept.

use crate::{Amount, Micros};
use std::collections::VecDeque;

/// The most trades and the most aggregates kept of a symbol.
const KEPT: usize = 20_000;

/// A public trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// Number, by symbol.
    pub id: u64,
    /// Price.
    pub price: Amount,
    /// Base quantity.
    pub quantity: Amount,
    /// When.
    pub at: Micros,
    /// Whether the buyer rested.
    pub buyer_is_maker: bool,
}

impl Trade {
    /// Returns the quote quantity, rounded down to 1e-8.
    #[must_use]
    pub fn quote(&self) -> Amount {
        quote(self.price, self.quantity)
    }
}

/// Returns price × quantity, rounded down to 1e-8.
#[must_use]
pub fn quote(price: Amount, quantity: Amount) -> Amount {
    (i128::from(price) * i128::from(quantity) / 100_000_000) as Amount
}

/// The trades of one taker at one price (Binance Spot, "Compressed/Aggregate trades list").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aggregate {
    /// Number, by symbol.
    pub id: u64,
    /// Price.
    pub price: Amount,
    /// Base quantity.
    pub quantity: Amount,
    /// Number of the first trade.
    pub first: u64,
    /// Number of the last trade.
    pub last: u64,
    /// When.
    pub at: Micros,
    /// Whether the buyer rested.
    pub buyer_is_maker: bool,
}

/// The trades and aggregates of a symbol.
#[derive(Default)]
pub struct Tape {
    trades: VecDeque<Trade>,
    aggregates: VecDeque<Aggregate>,
    open: Option<Aggregate>,
    next: u64,
}

impl Tape {
    /// Takes a trade; returns the aggregate it ended, if it ended one.
    pub(super) fn push(&mut self, trade: Trade) -> Option<Aggregate> {
        if self.trades.len() == KEPT {
            self.trades.pop_front();
        }
        self.trades.push_back(trade);
        if let Some(open) = &mut self.open
            && open.price == trade.price
            && open.at == trade.at
            && open.buyer_is_maker == trade.buyer_is_maker
        {
            open.quantity += trade.quantity;
            open.last = trade.id;
            return None;
        }
        let ended = self.end();
        let Trade { price, quantity, at, buyer_is_maker, id } = trade;
        self.open = Some(Aggregate { id: self.next, price, quantity, first: id, last: id, at, buyer_is_maker });
        self.next += 1;
        ended
    }

    /// Ends the open aggregate.
    pub(super) fn end(&mut self) -> Option<Aggregate> {
        let ended = self.open.take()?;
        if self.aggregates.len() == KEPT {
            self.aggregates.pop_front();
        }
        self.aggregates.push_back(ended);
        Some(ended)
    }

    /// Returns the trades kept, oldest first.
    #[must_use]
    pub fn trades(&self) -> &VecDeque<Trade> {
        &self.trades
    }

    /// Returns the aggregates kept, oldest first.
    #[must_use]
    pub fn aggregates(&self) -> &VecDeque<Aggregate> {
        &self.aggregates
    }
}
