//! So many within any second: the times of the last requests are kept (Bybit v5, "Rate Limit Rules", by account).

use super::Verdict;
use crate::Micros;

/// A limit on any stretch of time of one length.
#[derive(Debug, Clone)]
pub struct Rolling {
    length: Micros,
    /// Times of the last requests that passed, a ring; the oldest at `next` once it is full.
    times: Vec<Micros>,
    next: usize,
    limit: usize,
}

impl Rolling {
    /// Returns a limit of `limit` requests within any `length` microseconds.
    #[must_use]
    pub fn new(length: Micros, limit: usize) -> Self {
        Self { length, times: Vec::with_capacity(limit), next: 0, limit }
    }

    /// Counts a request where there is room.
    pub fn take(&mut self, now: Micros) -> Verdict {
        if self.limit == 0 {
            return Verdict::Wait { until: Micros::MAX, limit: 0 };
        }
        if self.times.len() < self.limit {
            self.times.push(now);
            return Verdict::Allowed;
        }
        let free = self.times[self.next].saturating_add(self.length);
        if now < free {
            return Verdict::Wait { until: free, limit: 0 };
        }
        self.times[self.next] = now;
        self.next = (self.next + 1) % self.limit;
        Verdict::Allowed
    }

    /// Returns how many of the last `length` microseconds passed.
    #[must_use]
    pub fn used(&self, now: Micros) -> usize {
        self.times.iter().filter(|&&time| time.saturating_add(self.length) > now).count()
    }
}
