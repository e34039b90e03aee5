//! Windows aligned to the clock: so much between one full minute and the next (Binance Spot, "Limits").
//!
//! Two ways to count: [`Windows::count`] counts a request even where it is refused (weight: the request has come), [`Windows::take`] only
//! where all windows have room (orders: a refused order is none). A fill gives orders back ([`Windows::refund`]); below zero there is no credit.

use super::Verdict;
use crate::Micros;
use crate::profile::RateLimit;

/// Orders a first fill gives back while an order comes in (Binance Spot, "Spot Unfilled Order Count Rules").
pub const TAKER_REFUND: u32 = 1;
/// Orders a first fill gives back to one that rested: the page says "more than one", and 5 in its example.
pub const MAKER_REFUND: u32 = 5;

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Length, microseconds; windows begin at its multiples since 1970.
    pub length: Micros,
    /// Most of a window.
    pub limit: u32,
}

impl Window {
    /// Returns the limit of a profile; none where its interval is unknown or empty.
    #[must_use]
    pub fn of(limit: &RateLimit) -> Option<Self> {
        let unit = match limit.interval.as_str() {
            "SECOND" => 1,
            "MINUTE" => 60,
            "HOUR" => 3_600,
            "DAY" => 86_400,
            _ => return None,
        };
        let length = unit * 1_000_000 * Micros::from(limit.interval_num);
        (length > 0).then_some(Self { length, limit: limit.limit })
    }

    /// Returns the limits of a kind in a profile, such as REQUEST_WEIGHT, in its order.
    #[must_use]
    pub fn all(limits: &[RateLimit], kind: &str) -> Vec<Self> {
        limits.iter().filter(|limit| limit.rate_limit_type == kind).filter_map(Self::of).collect()
    }
}

/// Several limits on one count.
#[derive(Debug, Clone)]
pub struct Windows {
    /// Limit, number of the window that is counted, what it has.
    windows: Vec<(Window, i64, u32)>,
}

impl Windows {
    /// Returns limits nothing has been counted by.
    #[must_use]
    pub fn new(windows: &[Window]) -> Self {
        Self { windows: windows.iter().map(|&window| (window, i64::MIN, 0)).collect() }
    }

    fn advance(&mut self, now: Micros) {
        for (window, number, used) in &mut self.windows {
            let current = now.div_euclid(window.length);
            if current > *number {
                (*number, *used) = (current, 0);
            }
        }
    }

    fn verdict(&self, more: u32) -> Verdict {
        let full = |(window, _, used): &(Window, i64, u32)| used.saturating_add(more) > window.limit;
        let longest = self.windows.iter().enumerate().filter(|(_, window)| full(window));
        let until = longest.map(|(limit, (window, number, _))| ((number + 1) * window.length, limit)).max();
        until.map_or(Verdict::Allowed, |(until, limit)| Verdict::Wait { until, limit })
    }

    /// Counts, and says whether that was within all limits.
    pub fn count(&mut self, now: Micros, amount: u32) -> Verdict {
        self.advance(now);
        let verdict = self.verdict(amount);
        self.add(amount);
        verdict
    }

    /// Counts where all limits have room.
    pub fn take(&mut self, now: Micros, amount: u32) -> Verdict {
        self.advance(now);
        let verdict = self.verdict(amount);
        if verdict.is_allowed() {
            self.add(amount);
        }
        verdict
    }

    fn add(&mut self, amount: u32) {
        self.windows.iter_mut().for_each(|(_, _, used)| *used = used.saturating_add(amount));
    }

    /// Gives back to every window, down to nothing.
    pub fn refund(&mut self, now: Micros, amount: u32) {
        self.advance(now);
        self.windows.iter_mut().for_each(|(_, _, used)| *used = used.saturating_sub(amount));
    }

    /// Visits every limit with what its present window has: the figures of the headers.
    pub fn used(&mut self, now: Micros) -> impl Iterator<Item = (Window, u32)> {
        self.advance(now);
        self.windows.iter().map(|&(window, _, used)| (window, used))
    }
}
