//! Rolling correlation (Pearson) and beta of two inputs: beta = cov(x, y) / var(y).
//!
//! The updates are those of `roll_moments`, in two dimensions.

use super::kernel::params::{window, window_warmup};
use super::kernel::value::{get, put};
use super::kernel::window::{Monoid, Statistic, rolling};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::Kind;

/// The kinds of this file.
pub const KINDS: &[Kind] = &[
    Kind { name: "roll_corr", version: 1, inputs: 2, build: |p| Ok(rolling(window("roll_corr", p, 2)?, Corr)), warmup: window_warmup },
    Kind { name: "roll_beta", version: 1, inputs: 2, build: |p| Ok(rolling(window("roll_beta", p, 2)?, Beta)), warmup: window_warmup },
];

/// Sums, and sums of products of deviations from the means, of values less the origin.
#[derive(Clone, Copy)]
struct CoMoments {
    sum_x: f64,
    sum_y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl CoMoments {
    /// Adds the products of `dx`, `dy` divided by `weight`.
    #[inline(always)]
    fn grown(self, dx: f64, dy: f64, weight: f64) -> Self {
        let (u, v) = (dx / weight, dy / weight);
        Self { xx: self.xx + u * dx, yy: self.yy + v * dy, xy: self.xy + u * dy, ..self }
    }
}

impl Monoid<2> for CoMoments {
    const EMPTY: Self = Self { sum_x: 0.0, sum_y: 0.0, xx: 0.0, yy: 0.0, xy: 0.0 };

    #[inline(always)]
    fn add(self, [origin_x, origin_y]: [f64; 2], [x, y]: [f64; 2], count: f64) -> Self {
        let (x, y) = (x - origin_x, y - origin_y);
        let (sum_x, sum_y) = (self.sum_x + x, self.sum_y + y);
        Self { sum_x, sum_y, ..self }.grown(count * x - sum_x, count * y - sum_y, (count * (count - 1.0)).max(1.0))
    }

    #[inline(always)]
    fn join(self, other: Self, count: f64, other_count: f64) -> Self {
        let dx = other_count * self.sum_x - count * other.sum_x;
        let dy = other_count * self.sum_y - count * other.sum_y;
        let both = Self {
            sum_x: self.sum_x + other.sum_x,
            sum_y: self.sum_y + other.sum_y,
            xx: self.xx + other.xx,
            yy: self.yy + other.yy,
            xy: self.xy + other.xy,
        };
        both.grown(dx, dy, (count * other_count * (count + other_count)).max(1.0))
    }

    fn save(&self, to: &mut Writer) {
        put(to, &[self.sum_x, self.sum_y, self.xx, self.yy, self.xy]);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut parts = [0.0; 5];
        get(from, &mut parts)?;
        let [sum_x, sum_y, xx, yy, xy] = parts;
        Ok(Self { sum_x, sum_y, xx, yy, xy })
    }
}

#[derive(Clone, Copy)]
struct Corr;

impl Statistic<2> for Corr {
    type Total = CoMoments;
    #[inline(always)]
    fn value(&self, total: CoMoments, _: [f64; 2], _count: f64, _newest: [f64; 2]) -> f64 {
        let r = total.xy / (total.xx.sqrt() * total.yy.sqrt());
        if r.abs() > 1.0 && r.is_finite() { r.signum() } else { r }
    }
}

#[derive(Clone, Copy)]
struct Beta;

impl Statistic<2> for Beta {
    type Total = CoMoments;
    #[inline(always)]
    fn value(&self, total: CoMoments, _: [f64; 2], _count: f64, _newest: [f64; 2]) -> f64 {
        total.xy / total.yy
    }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{Grid, NAN, assert_same, co_deviation, eval, eval_at, fails};

    #[test]
    fn correlation_and_beta_agree_with_exact_integers() {
        let ts: Vec<i64> = (0..1_500).map(|t| t * 60_000).collect();
        for (n, base) in [(2usize, 0.0), (20, 0.0), (20, 60_000.0), (300, 60_000.0)] {
            let (x, y) = (Grid::new(1_500, 1, base, 10.0), Grid::new(1_500, 2, base / 7.0, 3.0));
            let exact: Vec<(f64, f64)> = x
                .windows(n)
                .iter()
                .zip(y.windows(n))
                .map(|pair| match pair {
                    (Some(x), Some(y)) => {
                        let (xx, yy, xy) = (co_deviation(x, x), co_deviation(&y, &y), co_deviation(x, &y));
                        if yy == 0.0 { (NAN, NAN) } else { (if xx == 0.0 { NAN } else { xy / (xx.sqrt() * yy.sqrt()) }, xy / yy) }
                    }
                    _ => (NAN, NAN),
                })
                .collect();
            let check = |op: &str, exact: Vec<f64>| {
                let scale = exact.iter().filter(|e| !e.is_nan()).fold(1.0, |most: f64, e| most.max(e.abs()));
                let over_time = eval_at(op, &[n as f64 * 60_000.0], "ms", &[&x.x, &y.x], &ts);
                for found in [eval(op, &[n as f64], &[&x.x, &y.x]), over_time] {
                    for (t, (f, e)) in found.iter().zip(&exact).enumerate() {
                        assert!(f.is_nan() == e.is_nan() && (e.is_nan() || (f - e).abs() < 1e-12 * scale), "{op} row {t}: {f} {e}");
                    }
                }
            };
            check("roll_corr", exact.iter().map(|pair| pair.0).collect());
            check("roll_beta", exact.iter().map(|pair| pair.1).collect());
        }
    }

    #[test]
    fn a_line_has_correlation_one_and_its_slope() {
        let x: Vec<f64> = (0..50).map(|t| f64::from(t * t % 17)).collect();
        let y: Vec<f64> = x.iter().map(|x| 3.0 - 2.0 * x).collect();
        assert!(eval("roll_corr", &[10.0], &[&x, &y])[9..].iter().all(|r| (r + 1.0).abs() < 1e-15 && r.abs() <= 1.0));
        assert!(eval("roll_beta", &[10.0], &[&y, &x])[9..].iter().all(|b| (b + 2.0).abs() < 1e-14));
        assert_same(&eval("roll_corr", &[3.0], &[&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]]), &[NAN, NAN, NAN]);
        assert_eq!(fails("roll_beta", &[1.0], ""), "the window of roll_beta must be a whole number of at least 2, not 1");
    }
}
