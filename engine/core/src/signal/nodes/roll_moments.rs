//! Rolling variance, standard deviation and z-score.
//!
//! Sum and sum of squared deviations grow by the update of Youngs and Cramer (1971) and join by that of Chan, Golub and LeVeque (1983), on
//! values measured from one value of the window: a price of 60000 loses no digits, a flat window has variance 0 exactly.

use super::kernel::params::{window_and_ddof, window_warmup};
use super::kernel::value::{get, put};
use super::kernel::window::{Monoid, Statistic, rolling};
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

/// Sum, and sum of squared deviations from the mean, of values less the origin.
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

    #[inline(always)]
    fn add(self, [origin]: [f64; 1], [x]: [f64; 1], count: f64) -> Self {
        let y = x - origin;
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
    fn value(&self, total: Moments, _: [f64; 1], count: f64, _newest: [f64; 1]) -> f64 {
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
    fn value(&self, total: Moments, _: [f64; 1], count: f64, _newest: [f64; 1]) -> f64 {
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
    fn value(&self, total: Moments, [origin]: [f64; 1], count: f64, [newest]: [f64; 1]) -> f64 {
        ((newest - origin) - total.sum / count) / total.variance(count, self.ddof).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{Grid, NAN, UNITS, assert_close, assert_same, co_deviation, eval, eval_at, fails};

    fn check(base: f64, spread: f64, relative: f64) {
        let ts: Vec<i64> = (0..2_000).map(|t| t * 60_000).collect();
        for (n, seed) in [(2usize, 1), (3, 2), (20, 3), (500, 4)] {
            let grid = Grid::new(2_000, seed, base, spread);
            for ddof in [0.0, 1.0] {
                let var = |w: &[i128]| co_deviation(w, w) / (n as f64 - ddof);
                let zscore = |w: &[i128]| {
                    let from_mean = (w[n - 1] * n as i128 - w.iter().sum::<i128>()) as f64 / n as f64 / UNITS;
                    if var(w) == 0.0 { NAN } else { from_mean / var(w).sqrt() }
                };
                assert_close(&eval("roll_var", &[n as f64, ddof], &[&grid.x]), &grid.over(n, var), relative);
                assert_close(&eval("roll_std", &[n as f64, ddof], &[&grid.x]), &grid.over(n, |w| var(w).sqrt()), relative);
                let found = eval("roll_zscore", &[n as f64, ddof], &[&grid.x]);
                for (found, exact) in found.iter().zip(grid.over(n, zscore)) {
                    assert!(found.is_nan() == exact.is_nan() && (exact.is_nan() || (found - exact).abs() < relative), "{found} {exact}");
                }
                let over_time = eval_at("roll_var", &[n as f64 * 60_000.0, ddof], "ms", &[&grid.x], &ts);
                assert_close(&over_time, &grid.over(n, var), relative);
            }
        }
    }

    #[test]
    fn moments_agree_with_exact_integers() {
        check(0.0, 1.0, 1e-13);
    }

    #[test]
    fn a_high_price_with_a_small_spread_loses_no_digits() {
        check(60_000.0, 17.0, 1e-13);
        check(60_000.0, 0.01, 1e-12);
    }

    #[test]
    fn a_flat_window_has_no_variance_and_no_score() {
        let x = [7.0, 0.3, 0.3, 0.3, 0.3, 0.3, 9.0];
        assert_same(&eval("roll_std", &[3.0], &[&x])[3..6], &[0.0; 3]);
        assert_same(&eval("roll_zscore", &[3.0], &[&x])[3..6], &[NAN; 3]);
    }

    #[test]
    fn a_time_window_of_one_row_has_no_spread_to_measure() {
        let found = eval_at("roll_std", &[120_000.0, 1.0], "ms", &[&[1.0, 2.0, 3.0, 4.0]], &[0, 60_000, 600_000, 660_000]);
        assert_close(&found, &[NAN, 0.5f64.sqrt(), NAN, 0.5f64.sqrt()], 1e-15);
        assert!(fails("roll_var", &[1.0], "").contains("leaves nothing to divide by"));
    }
}
