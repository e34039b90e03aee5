//! Our own impact: what we took from a level is gone, and comes back evenly over a stated time.
//!
//! A recorded level does not know that we traded against it. Until it has recovered, what we took is subtracted from what it shows; where it
//! shows less than that, no more than it shows is missing.

use crate::book::Side;

#[derive(Clone, Copy)]
struct Taken {
    side: Side,
    ticks: i64,
    lots: i64,
    at_ns: i64,
}

/// What we took and has not come back. Of more than its capacity the oldest is forgotten.
pub(super) struct Impact {
    taken: Vec<Taken>,
    recovery_ns: i64,
}

const CAPACITY: usize = 256;

impl Impact {
    pub fn new(recovery_ns: i64) -> Self {
        Self { taken: Vec::with_capacity(CAPACITY), recovery_ns }
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    pub fn clear(&mut self) {
        self.taken.clear();
    }

    /// Returns the lots of a level that are missing now.
    pub fn missing(&self, side: Side, ticks: i64, now_ns: i64) -> i64 {
        let at = |taken: &&Taken| taken.side == side && taken.ticks == ticks;
        self.taken.iter().filter(at).map(|taken| self.left(taken, now_ns)).sum()
    }

    fn left(&self, taken: &Taken, now_ns: i64) -> i64 {
        let passed = now_ns - taken.at_ns;
        if passed >= self.recovery_ns {
            return 0;
        }
        taken.lots - (i128::from(taken.lots) * i128::from(passed) / i128::from(self.recovery_ns)) as i64
    }

    /// Notes that lots of a level were taken.
    pub fn take(&mut self, side: Side, ticks: i64, lots: i64, now_ns: i64) {
        if self.recovery_ns == 0 {
            return;
        }
        self.forget(now_ns);
        if self.taken.len() == CAPACITY {
            self.taken.remove(0);
        }
        self.taken.push(Taken { side, ticks, lots, at_ns: now_ns });
    }

    /// A level shows `lots` now: no more than that can be missing of it.
    pub fn shown(&mut self, side: Side, ticks: i64, lots: i64, now_ns: i64) {
        let mut over = self.missing(side, ticks, now_ns) - lots;
        for taken in self.taken.iter_mut().filter(|taken| taken.side == side && taken.ticks == ticks) {
            if over <= 0 {
                break;
            }
            let cut = over.min(taken.lots);
            taken.lots -= cut;
            over -= cut;
        }
        self.forget(now_ns);
    }

    /// Drops what has come back.
    fn forget(&mut self, now_ns: i64) {
        let recovery_ns = self.recovery_ns;
        self.taken.retain(|taken| taken.lots > 0 && now_ns - taken.at_ns < recovery_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_comes_back_evenly() {
        let mut impact = Impact::new(1_000);
        impact.take(Side::Ask, 10, 8, 100);
        let missing = |at| impact.missing(Side::Ask, 10, at);
        assert_eq!([100, 350, 600, 1_099, 1_100].map(missing), [8, 6, 4, 1, 0]);
        assert_eq!((impact.missing(Side::Ask, 11, 100), impact.missing(Side::Bid, 10, 100)), (0, 0));
    }

    #[test]
    fn no_more_is_missing_than_a_level_shows() {
        let mut impact = Impact::new(1_000);
        impact.take(Side::Ask, 10, 8, 0);
        impact.take(Side::Ask, 10, 4, 0);
        impact.shown(Side::Ask, 10, 5, 0);
        assert_eq!(impact.missing(Side::Ask, 10, 0), 5);
        impact.shown(Side::Ask, 10, 0, 0);
        assert!(impact.is_empty());
        impact.take(Side::Bid, 10, 1, 0);
        impact.take(Side::Bid, 11, 1, 5_000);
        assert_eq!(impact.taken.len(), 1);
    }
}
