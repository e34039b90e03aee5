//! One side of the mirrored book: what the recording shows at each price, which orders stand for it, and what clients have taken of it.

use bot4_exchange::Micros;
use std::collections::BTreeMap;

/// An order that stands for a part of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The venue's id.
    pub id: u64,
    /// Lots left of it.
    pub left: i64,
    /// Lots filled of it.
    pub filled: i64,
}

/// A price.
#[derive(Debug, Default)]
pub struct Level {
    /// Lots the recording shows.
    pub shown: i64,
    /// The orders that stand for them, in priority.
    pub parts: Vec<Part>,
}

impl Level {
    /// Returns the lots that rest.
    pub fn resting(&self) -> i64 {
        self.parts.iter().map(|part| part.left).sum()
    }
}

/// What clients took of a level.
#[derive(Debug, Clone, Copy)]
struct Taken {
    ticks: i64,
    lots: i64,
    at: Micros,
}

/// One side.
#[derive(Debug, Default)]
pub struct Side {
    /// Its levels by price, those without anything left out.
    pub levels: BTreeMap<i64, Level>,
    /// Prices at which what rests may not be what should.
    pub dirty: Vec<i64>,
    /// Prices that the recording told with this step.
    pub told: Vec<i64>,
    taken: Vec<Taken>,
}

impl Side {
    /// Sets what the recording shows at a price.
    pub fn show(&mut self, ticks: i64, lots: i64, now: Micros, recovery: Micros) {
        self.levels.entry(ticks).or_default().shown = lots;
        self.dirty.push(ticks);
        self.told.push(ticks);
        // No more can be missing of a level than it shows.
        let mut over = self.missing(ticks, now, recovery) - lots;
        for taken in self.taken.iter_mut().filter(|taken| taken.ticks == ticks) {
            if over <= 0 {
                break;
            }
            let cut = over.min(taken.lots);
            taken.lots -= cut;
            over -= cut;
        }
    }

    /// Shows nothing at prices of a range any more.
    pub fn hide(&mut self, range: impl std::ops::RangeBounds<i64>) {
        for (ticks, level) in self.levels.range_mut(range) {
            level.shown = 0;
            self.dirty.push(*ticks);
        }
    }

    /// Forgets what was taken: the recording begins its book anew.
    pub fn restart(&mut self) {
        self.hide(..);
        self.taken.clear();
    }

    /// Notes that clients took lots of a level: they are gone, and come back evenly.
    pub fn take(&mut self, ticks: i64, lots: i64, now: Micros) {
        self.taken.push(Taken { ticks, lots, at: now });
        self.dirty.push(ticks);
    }

    /// Notes that the order that took last has taken more: several orders stand for one level.
    pub fn take_more(&mut self, ticks: i64, lots: i64, now: Micros) {
        match self.taken.last_mut() {
            Some(last) if (last.ticks, last.at) == (ticks, now) => last.lots += lots,
            _ => self.take(ticks, lots, now),
        }
    }

    /// Returns the lots that are missing of a level (as `bot4_ticks::replay`: what was taken, less what has come back).
    pub fn missing(&self, ticks: i64, now: Micros, recovery: Micros) -> i64 {
        let left = |taken: &Taken| {
            let passed = now - taken.at;
            if passed >= recovery { 0 } else { taken.lots - (i128::from(taken.lots) * i128::from(passed) / i128::from(recovery)) as i64 }
        };
        self.taken.iter().filter(|taken| taken.ticks == ticks).map(left).sum()
    }

    /// Marks what is coming back, and forgets what has.
    pub fn recover(&mut self, now: Micros, recovery: Micros) {
        self.dirty.extend(self.taken.iter().map(|taken| taken.ticks));
        self.taken.retain(|taken| taken.lots > 0 && now - taken.at < recovery);
    }

    /// Returns the lots that should rest at a price.
    pub fn wanted(&self, ticks: i64, now: Micros, recovery: Micros) -> i64 {
        let shown = self.levels.get(&ticks).map_or(0, |level| level.shown);
        (shown - self.missing(ticks, now, recovery)).max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_comes_back_evenly_and_no_more_is_missing_than_is_shown() {
        let mut side = Side::default();
        side.show(10, 20, 0, 1_000);
        side.take(10, 8, 100);
        let wanted = |side: &Side, at| side.wanted(10, at, 1_000);
        assert_eq!([100, 350, 600, 1_099, 1_100].map(|at| wanted(&side, at)), [12, 14, 16, 19, 20]);
        side.show(10, 5, 100, 1_000);
        assert_eq!((side.missing(10, 100, 1_000), wanted(&side, 100)), (5, 0));
        side.recover(1_100, 1_000);
        assert_eq!((wanted(&side, 1_100), side.wanted(11, 1_100, 1_000)), (5, 0));
        side.hide(..);
        assert_eq!(wanted(&side, 1_100), 0);
    }
}
