//! Market data, derived from what the venue tells in public and from nothing else: books, trades, aggregates, bars, tickers.
//!
//! Nothing of an account can reach a stranger from here, since nothing of an account comes in. Order: each report is taken as it comes →
//! `settle` after each command (an aggregate ends with its taker) → `diff` whenever a stream's time has come.

mod bars;
mod ladder;
mod orders;
mod tape;
mod window;

pub use bars::{Bar, Bars, INTERVALS, Interval};
pub use ladder::{Diff, Ladder, Levels, Speed, Top};
pub use orders::{OrderFeed, OrderNews, OrderTold};
pub use tape::{Aggregate, Tape, Trade};
pub use window::Window;

use crate::report::Report;
use crate::{Amount, Micros};

/// What just became known of a symbol; a stream may tell it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// A trade.
    Trade(Trade),
    /// An aggregate of trades that is complete.
    Aggregate(Aggregate),
    /// The best bid or ask, price or quantity, changed.
    Top(Top),
}

/// The market data of one symbol.
#[derive(Default)]
pub struct Market {
    /// Prices and quantities.
    pub ladder: Ladder,
    /// Trades and their aggregates.
    pub tape: Tape,
    /// Bars of every interval.
    pub bars: Bars,
    told: Top,
}

impl Market {
    /// Returns the price of the last trade; zero before the first.
    #[must_use]
    pub fn last(&self) -> Amount {
        self.tape.trades().back().map_or(0, |trade| trade.price)
    }

    /// Returns the average price of the last `minutes`, weighted by quantity, and when it was last known; the last price where nothing traded.
    #[must_use]
    pub fn average(&self, minutes: i64, now: Micros) -> (Amount, Micros) {
        let window = Window::of(self, minutes, now);
        let at = self.tape.trades().back().map_or(now, |trade| trade.at);
        (if window.volume > 0 { window.average() } else { self.last() }, at)
    }
}

/// The market data of all symbols.
pub struct Feed {
    markets: Vec<Market>,
    news: Vec<(u16, News)>,
    touched: Vec<u16>,
}

impl Feed {
    /// Returns the feed of so many symbols, empty.
    #[must_use]
    pub fn new(symbols: usize) -> Self {
        Self { markets: (0..symbols).map(|_| Market::default()).collect(), news: Vec::new(), touched: Vec::new() }
    }

    /// Returns the market data of a symbol, which must be one of the venue's.
    #[must_use]
    pub fn market(&self, symbol: u16) -> &Market {
        &self.markets[usize::from(symbol)]
    }

    /// Keeps the changes of every book for so long a time, so that old snapshots can be told.
    pub fn keep(&mut self, kept: Micros) {
        self.markets.iter_mut().for_each(|market| market.ladder.keep(kept));
    }

    /// Takes what the venue told; what is not public passes by.
    pub fn take(&mut self, report: &Report, now: Micros) {
        let symbol = match *report {
            Report::Trade { symbol, trade, price, quantity, buyer_is_maker } => {
                let market = &mut self.markets[usize::from(symbol)];
                let trade = Trade { id: trade, price, quantity, at: now, buyer_is_maker };
                if let Some(ended) = market.tape.push(trade) {
                    self.news.push((symbol, News::Aggregate(ended)));
                }
                market.bars.push(&trade);
                self.news.push((symbol, News::Trade(trade)));
                symbol
            }
            Report::Level { symbol, side, price, quantity } => {
                self.markets[usize::from(symbol)].ladder.set(side, price, quantity, now);
                symbol
            }
            _ => return,
        };
        if !self.touched.contains(&symbol) {
            self.touched.push(symbol);
        }
    }

    /// Ends what a command began: aggregates, and what the best prices became.
    pub fn settle(&mut self) {
        for symbol in self.touched.drain(..) {
            let market = &mut self.markets[usize::from(symbol)];
            if let Some(ended) = market.tape.end() {
                self.news.push((symbol, News::Aggregate(ended)));
            }
            let top = market.ladder.top();
            if !top.is_as(&market.told) {
                market.told = top;
                self.news.push((symbol, News::Top(top)));
            }
        }
    }

    /// Returns the news since the last call, in order.
    pub fn news(&mut self) -> std::vec::Drain<'_, (u16, News)> {
        self.news.drain(..)
    }

    /// Returns what changed in a book since the last call for that speed; none where nothing did.
    pub fn diff(&mut self, symbol: u16, speed: Speed) -> Option<Diff<'_>> {
        self.markets[usize::from(symbol)].ladder.diff(speed)
    }
}

#[cfg(test)]
mod tests;
