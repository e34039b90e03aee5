//! The days of a market: UTC midnights that close them, the same for every run.
use crate::market::Market;

/// A day, ms.
pub const DAY_MS: i64 = 86_400_000;

/// The days that a market's decision times fall on.
pub struct Calendar {
    first: i64,
    count: usize,
    last_t: i64,
}

impl Calendar {
    /// Spans the decision times of every bar.
    pub fn new(market: &Market<'_>) -> Self {
        let opens = market.columns.iter().filter(|columns| !columns.ts.is_empty());
        let (first, last) = opens
            .fold((i64::MAX, i64::MIN), |(first, last), columns| (first.min(columns.ts[0]), last.max(columns.ts[columns.ts.len() - 1])));
        if first > last {
            return Self { first: 0, count: 0, last_t: 0 };
        }
        let day = |open: i64| (open + market.interval_ms - 1).div_euclid(DAY_MS);
        Self { first: day(first), count: (day(last) - day(first)) as usize + 1, last_t: last + market.interval_ms }
    }

    /// Returns the number of days.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Returns whether there is no day.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the midnight that closes a day; a mark at midnight belongs to the day that ends there.
    #[inline(always)]
    pub fn close(&self, day: usize) -> i64 {
        (self.first + 1 + day as i64) * DAY_MS
    }

    /// Returns the day of a decision time.
    pub fn day(&self, t: i64) -> usize {
        ((t - 1).div_euclid(DAY_MS) - self.first) as usize
    }

    /// Returns when each day's last mark falls at the latest: its midnight, or the end of the data.
    pub fn times(&self) -> Vec<i64> {
        (0..self.count).map(|day| self.close(day).min(self.last_t)).collect()
    }
}
