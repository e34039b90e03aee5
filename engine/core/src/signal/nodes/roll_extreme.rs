//! Rolling minimum and maximum.

use super::kernel::params::{window, window_warmup};
use super::kernel::value::put;
use super::kernel::window::{Monoid, Statistic, rolling};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::Kind;

/// The kinds of this file.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "roll_min",
        version: 1,
        inputs: 1,
        build: |p| Ok(rolling(window("roll_min", p, 1)?, Extreme::<false>)),
        warmup: window_warmup,
    },
    Kind {
        name: "roll_max",
        version: 1,
        inputs: 1,
        build: |p| Ok(rolling(window("roll_max", p, 1)?, Extreme::<true>)),
        warmup: window_warmup,
    },
];

/// The largest (or smallest) value, missing as soon as one is missing.
#[derive(Clone, Copy)]
struct Most<const MAX: bool>(f64);

impl<const MAX: bool> Most<MAX> {
    #[inline(always)]
    fn of(a: f64, b: f64) -> f64 {
        let most = if (a > b) == MAX { a } else { b };
        if a.is_nan() | b.is_nan() { f64::NAN } else { most }
    }
}

impl<const MAX: bool> Monoid<1> for Most<MAX> {
    const EMPTY: Self = Self(if MAX { f64::NEG_INFINITY } else { f64::INFINITY });

    #[inline(always)]
    fn add(self, _: [f64; 1], [x]: [f64; 1], _count: f64) -> Self {
        Self(Self::of(self.0, x))
    }

    #[inline(always)]
    fn join(self, other: Self, _count: f64, _other_count: f64) -> Self {
        Self(Self::of(self.0, other.0))
    }

    fn save(&self, to: &mut Writer) {
        put(to, &[self.0]);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        Ok(Self(from.f64()?))
    }
}

#[derive(Clone, Copy)]
struct Extreme<const MAX: bool>;

impl<const MAX: bool> Statistic<1> for Extreme<MAX> {
    type Total = Most<MAX>;
    #[inline(always)]
    fn value(&self, total: Most<MAX>, _: [f64; 1], _count: f64, _newest: [f64; 1]) -> f64 {
        total.0
    }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{Grid, UNITS, assert_same, eval, eval_at};

    #[test]
    fn extremes_are_those_of_the_window() {
        for (n, seed) in [(1usize, 1), (2, 2), (14, 3), (300, 4)] {
            let grid = Grid::new(2_000, seed, 0.0, 1.0);
            let (least, most) =
                (|w: &[i128]| *w.iter().min().unwrap() as f64 / UNITS, |w: &[i128]| *w.iter().max().unwrap() as f64 / UNITS);
            assert_same(&eval("roll_min", &[n as f64], &[&grid.x]), &grid.over(n, least));
            assert_same(&eval("roll_max", &[n as f64], &[&grid.x]), &grid.over(n, most));
            let ts: Vec<i64> = (0..2_000).map(|t| t * 60_000).collect();
            assert_same(&eval_at("roll_max", &[n as f64 * 60_000.0], "ms", &[&grid.x], &ts), &grid.over(n, most));
        }
    }
}
