//! Statistics of the last minutes, hours or days of a symbol (Binance Spot, "Rolling window price change statistics").

use super::Market;
use super::bars::{INTERVALS, MINUTES};
use crate::{Amount, Micros};

/// What traded within a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it begins.
    pub begin: Micros,
    /// First price.
    pub open: Amount,
    /// Highest price.
    pub high: Amount,
    /// Lowest price.
    pub low: Amount,
    /// Last price.
    pub last: Amount,
    /// Base quantity.
    pub volume: Amount,
    /// Quote quantity.
    pub quote: Amount,
    /// Number of the first trade; none where nothing traded.
    pub first: Option<u64>,
    /// Number of trades.
    pub count: u64,
    /// Close of what came before.
    pub before: Amount,
}

impl Window {
    /// Returns the statistics of the last `minutes`; it begins on a whole minute, as the venue's windows do.
    #[must_use]
    pub fn of(market: &Market, minutes: i64, now: Micros) -> Self {
        let length = minutes * 60_000_000;
        Self::since(market, INTERVALS[MINUTES].1.begin(now - length + 59_999_999))
    }

    /// Returns the statistics since a time, which is a whole minute.
    #[must_use]
    pub fn since(market: &Market, begin: Micros) -> Self {
        let bars = market.bars.traded(MINUTES);
        let from = bars.partition_point(|bar| bar.begin < begin);
        let before = if from > 0 { bars[from - 1].close } else { 0 };
        let last = bars.back().map_or(0, |bar| bar.close);
        let (open, high, low) = bars.get(from).map_or((last, last, last), |bar| (bar.open, bar.high, bar.low));
        let mut seen = Self { begin, open, high, low, last, volume: 0, quote: 0, first: None, count: 0, before };
        for bar in bars.range(from..) {
            seen.high = seen.high.max(bar.high);
            seen.low = seen.low.min(bar.low);
            seen.volume = seen.volume.saturating_add(bar.volume);
            seen.quote = seen.quote.saturating_add(bar.quote);
            seen.count += bar.count;
            seen.first = seen.first.or(Some(bar.first));
        }
        seen
    }

    /// Returns the price weighted by quantity; zero where nothing traded.
    #[must_use]
    pub fn average(&self) -> Amount {
        if self.volume == 0 {
            return 0;
        }
        (i128::from(self.quote) * 100_000_000 / i128::from(self.volume)) as Amount
    }

    /// Returns the change of the price in thousandths of a per cent, rounded toward zero.
    #[must_use]
    pub fn change(&self) -> i64 {
        if self.open == 0 {
            return 0;
        }
        (i128::from(self.last - self.open) * 100_000 / i128::from(self.open)) as i64
    }
}
