//! Rolling correlation (Pearson) and beta of two inputs: beta = cov(x, y) / var(y).
//!
//! The updates are those of `roll_moments`, in two dimensions.

use super::kernel::params::{window, window_warmup};
use super::kernel::value::{get, put};
use super::kernel::window::{Monoid, Pivot, Statistic, rolling};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::Kind;

/// The kinds of this file.
pub const KINDS: &[Kind] = &[
    Kind { name: "roll_corr", version: 1, inputs: 2, build: |p| Ok(rolling(window("roll_corr", p, 2)?, Corr)), warmup: window_warmup },
    Kind { name: "roll_beta", version: 1, inputs: 2, build: |p| Ok(rolling(window("roll_beta", p, 2)?, Beta)), warmup: window_warmup },
];

/// Sums, and sums of products of deviations from the means, of values less the pivot.
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

    fn pivot(rows: &[[f64; 2]], _most: usize) -> Pivot {
        rows[rows.len() - 1]
    }

    #[inline(always)]
    fn add(self, &[pivot_x, pivot_y]: &Pivot, [x, y]: [f64; 2], count: f64) -> Self {
        let (x, y) = (x - pivot_x, y - pivot_y);
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
    fn value(&self, total: CoMoments, _: &Pivot, _count: f64, _newest: [f64; 2]) -> f64 {
        let r = total.xy / (total.xx.sqrt() * total.yy.sqrt());
        if r.abs() > 1.0 && r.is_finite() { r.signum() } else { r }
    }
}

#[derive(Clone, Copy)]
struct Beta;

impl Statistic<2> for Beta {
    type Total = CoMoments;
    #[inline(always)]
    fn value(&self, total: CoMoments, _: &Pivot, _count: f64, _newest: [f64; 2]) -> f64 {
        total.xy / total.yy
    }
}
