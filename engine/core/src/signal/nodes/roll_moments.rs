//! Rolling variance, standard deviation and z-score.
//!
//! Sum and sum of squared deviations grow by the update of Youngs and Cramer (1971) and join by that of Chan, Golub and LeVeque (1983), on
//! values measured from one value of the window: a price of 60000 loses no digits, a flat window has variance 0 exactly.

use super::kernel::params::{window_and_ddof, window_warmup};
use super::kernel::value::{get, put};
use super::kernel::window::{Monoid, Pivot, Statistic, rolling};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Kind, Node, Params};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[
    Kind { name: "roll_var", version: 1, inputs: 1, build: |p| build("roll_var", p, |ddof| Var { ddof }), warmup: window_warmup },
    Kind { name: "roll_std", version: 1, inputs: 1, build: |p| build("roll_std", p, |ddof| Std { ddof }), warmup: window_warmup },
    Kind { name: "roll_zscore", version: 1, inputs: 1, build: |p| build("roll_zscore", p, |ddof| Zscore { ddof }), warmup: window_warmup },
];

fn build<S: Statistic<1>>(op: &str, p: &Params<'_>, statistic: fn(f64) -> S) -> Result<Box<dyn Node>, String> {
    let (window, ddof) = window_and_ddof(op, p)?;
    Ok(rolling(window, statistic(ddof)))
}

/// Sum, and sum of squared deviations from the mean, of values less the pivot.
#[derive(Clone, Copy)]
struct Moments {
    sum: f64,
    squares: f64,
}

impl Moments {
    /// Returns the variance; missing where ddof leaves nothing to divide by (a time window of few rows).
    #[inline(always)]
    fn variance(self, count: f64, ddof: f64) -> f64 {
        if count > ddof { self.squares / (count - ddof) } else { f64::NAN }
    }
}

impl Monoid<1> for Moments {
    const EMPTY: Self = Self { sum: 0.0, squares: 0.0 };

    fn pivot(rows: &[[f64; 1]], _most: usize) -> Pivot {
        [rows[rows.len() - 1][0], 0.0]
    }

    #[inline(always)]
    fn add(self, &[pivot, _]: &Pivot, [x]: [f64; 1], count: f64) -> Self {
        let y = x - pivot;
        let sum = self.sum + y;
        let apart = count * y - sum; // 0 for the first row
        Self { sum, squares: self.squares + apart * apart / (count * (count - 1.0)).max(1.0) }
    }

    #[inline(always)]
    fn join(self, other: Self, count: f64, other_count: f64) -> Self {
        let apart = other_count * self.sum - count * other.sum; // 0 where one part is empty
        let weight = (count * other_count * (count + other_count)).max(1.0);
        Self { sum: self.sum + other.sum, squares: self.squares + other.squares + apart * apart / weight }
    }

    fn save(&self, to: &mut Writer) {
        put(to, &[self.sum, self.squares]);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut parts = [0.0; 2];
        get(from, &mut parts)?;
        Ok(Self { sum: parts[0], squares: parts[1] })
    }
}

#[derive(Clone, Copy)]
struct Var {
    ddof: f64,
}

impl Statistic<1> for Var {
    type Total = Moments;
    #[inline(always)]
    fn value(&self, total: Moments, _: &Pivot, count: f64, _newest: [f64; 1]) -> f64 {
        total.variance(count, self.ddof)
    }
}

#[derive(Clone, Copy)]
struct Std {
    ddof: f64,
}

impl Statistic<1> for Std {
    type Total = Moments;
    #[inline(always)]
    fn value(&self, total: Moments, _: &Pivot, count: f64, _newest: [f64; 1]) -> f64 {
        total.variance(count, self.ddof).sqrt()
    }
}

/// How many standard deviations the newest value lies above the mean.
#[derive(Clone, Copy)]
struct Zscore {
    ddof: f64,
}

impl Statistic<1> for Zscore {
    type Total = Moments;
    #[inline(always)]
    fn value(&self, total: Moments, &[pivot, _]: &Pivot, count: f64, [newest]: [f64; 1]) -> f64 {
        ((newest - pivot) - total.sum / count) / total.variance(count, self.ddof).sqrt()
    }
}
