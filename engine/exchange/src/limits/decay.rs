//! A counter that drains: each action adds, time takes away, and what is cancelled young costs more (Kraken, "Spot Trading Rate Limits",
//! 2025; for REST the same shape without ages).
//!
//! Counted so finely that every microsecond of 2.34 a second is exact; no floats.

use super::Verdict;
use crate::Micros;

/// A point: what drains in a microsecond at a millionth of a point a second is one.
const FINE: i128 = 1_000_000_000_000;
const SECOND: Micros = 1_000_000;

/// What is done to an order, with its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A new order.
    Add,
    /// Changed in place, at an age.
    Amend(Micros),
    /// Cancelled and placed anew, at an age.
    Edit(Micros),
    /// Cancelled, at an age.
    Cancel(Micros),
    /// Anything with a cost of its own.
    Other(u32),
}

/// Penalties: below an age in seconds, so many points.
const AMEND: &[(i64, u32)] = &[(5, 3), (10, 2), (15, 1)];
const EDIT: &[(i64, u32)] = &[(5, 6), (10, 5), (15, 4), (45, 2), (90, 1)];
const CANCEL: &[(i64, u32)] = &[(5, 8), (10, 6), (15, 5), (45, 4), (90, 2), (300, 1)];

impl Action {
    /// Returns its points.
    #[must_use]
    pub fn cost(self) -> u32 {
        let penalty =
            |table: &[(i64, u32)], age: Micros| table.iter().find(|(below, _)| age < below * SECOND).map_or(0, |(_, points)| *points);
        match self {
            Self::Add => 1,
            Self::Amend(age) => 1 + penalty(AMEND, age),
            Self::Edit(age) => 1 + penalty(EDIT, age),
            Self::Cancel(age) => penalty(CANCEL, age),
            Self::Other(points) => points,
        }
    }
}

/// A counter.
#[derive(Debug, Clone)]
pub struct Decay {
    /// Most, in [`FINE`].
    most: i128,
    /// Drained in a microsecond, in [`FINE`]: millionths of a point a second.
    drains: i128,
    /// In [`FINE`].
    level: i128,
    at: Micros,
}

impl Decay {
    /// Returns an empty counter of at most `most` points that drains `drains_millionths` millionths of a point a second.
    #[must_use]
    pub fn new(most: u32, drains_millionths: i64) -> Self {
        Self { most: i128::from(most) * FINE, drains: i128::from(drains_millionths.max(1)), level: 0, at: Micros::MIN }
    }

    fn drain(&mut self, now: Micros) {
        if now > self.at {
            let gone = i128::from(now) - i128::from(self.at);
            self.level = (self.level - gone * self.drains).max(0);
            self.at = now;
        }
    }

    /// Counts an action where there is room.
    pub fn take(&mut self, now: Micros, action: Action) -> Verdict {
        self.drain(now);
        let cost = i128::from(action.cost()) * FINE;
        let over = self.level + cost - self.most;
        if over > 0 {
            let wait = (over + self.drains - 1) / self.drains;
            return Verdict::Wait { until: self.at.saturating_add(i64::try_from(wait).unwrap_or(i64::MAX)), limit: 0 };
        }
        self.level += cost;
        Verdict::Allowed
    }

    /// Returns the counter, millionths of a point, rounded down.
    pub fn level(&mut self, now: Micros) -> i64 {
        self.drain(now);
        (self.level / 1_000_000) as i64
    }
}
