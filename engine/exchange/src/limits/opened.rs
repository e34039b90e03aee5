//! A window that the first request opens and that lasts a fixed time: the next request after it opens another (OKX, two seconds by
//! account and instrument, new and changed orders together, each of a batch singly).

use super::Verdict;
use crate::Micros;

/// A window.
#[derive(Debug, Clone)]
pub struct Opened {
    length: Micros,
    limit: u32,
    begun: Option<Micros>,
    used: u32,
}

impl Opened {
    /// Returns a limit of `limit` within a window of `length` microseconds.
    #[must_use]
    pub fn new(length: Micros, limit: u32) -> Self {
        Self { length, limit, begun: None, used: 0 }
    }

    /// Counts so many where there is room for all of them.
    pub fn take(&mut self, now: Micros, amount: u32) -> Verdict {
        let begun = match self.begun.filter(|&begun| now < begun.saturating_add(self.length)) {
            Some(begun) => begun,
            None => {
                self.used = 0;
                now
            }
        };
        self.begun = Some(begun);
        if self.used.saturating_add(amount) > self.limit {
            return Verdict::Wait { until: begun.saturating_add(self.length), limit: 0 };
        }
        self.used += amount;
        Verdict::Allowed
    }

    /// Returns what the present window has.
    #[must_use]
    pub fn used(&self, now: Micros) -> u32 {
        if self.begun.is_some_and(|begun| now < begun.saturating_add(self.length)) { self.used } else { 0 }
    }
}
