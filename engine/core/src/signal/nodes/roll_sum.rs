//! Rolling sum and mean. The sum is the exact sum of the window rounded once; the mean is that sum divided by the number of rows.
//!
//! Exactness keeps ties: two means of the same prices compare equal, a flat stretch equals its mean, whatever came before. Each value is
//! cut at one binary place (Rump, Ogita and Oishi 2008, "ExtractVector") into a high part, whose sums fit 53 bits and so never round, and
//! a rest of at most 2⁻⁵³ of the largest sum possible, whose rounding is far below the last place of the result.

use super::kernel::params::{Extent, window, window_warmup};
use super::kernel::value::{get, put};
use super::kernel::window::{Monoid, Pivot, Statistic, rolling};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Kind, Node, Params};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[
    Kind { name: "roll_sum", version: 1, inputs: 1, build: |p| build("roll_sum", p, TheSum), warmup: window_warmup },
    Kind { name: "roll_mean", version: 1, inputs: 1, build: |p| build("roll_mean", p, TheMean), warmup: window_warmup },
];

fn build<S: Statistic<1>>(op: &str, p: &Params<'_>, statistic: S) -> Result<Box<dyn Node>, String> {
    let window: Extent = window(op, p, 1)?;
    Ok(rolling(window, statistic))
}

/// A sum as high part and rest.
#[derive(Clone, Copy)]
struct Sum {
    high: f64,
    rest: f64,
}

impl Sum {
    #[inline(always)]
    fn value(self) -> f64 {
        self.high + self.rest
    }
}

/// The pivot is the power of two that cuts, and the largest value it is good for: twice the largest of the window that chose it.
impl Monoid<1> for Sum {
    const EMPTY: Self = Self { high: 0.0, rest: 0.0 };

    fn pivot(rows: &[[f64; 1]], most: usize) -> Pivot {
        let largest = rows.iter().map(|[x]| x.abs()).filter(|x| x.is_finite()).fold(0.0, f64::max);
        let cut = power_of_two_from(4.0 * largest * most as f64);
        [cut, cut / (2.0 * most as f64)]
    }

    #[inline(always)]
    fn fits(&[_, limit]: &Pivot, [x]: [f64; 1]) -> bool {
        !(x.abs() > limit) // a missing value fits
    }

    #[inline(always)]
    fn add(self, &[cut, _]: &Pivot, [x]: [f64; 1], _count: f64) -> Self {
        let high = (cut + x) - cut;
        Self { high: self.high + high, rest: self.rest + (x - high) }
    }

    #[inline(always)]
    fn join(self, other: Self, _count: f64, _other_count: f64) -> Self {
        Self { high: self.high + other.high, rest: self.rest + other.rest }
    }

    fn save(&self, to: &mut Writer) {
        put(to, &[self.high, self.rest]);
    }

    fn load(from: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut parts = [0.0; 2];
        get(from, &mut parts)?;
        Ok(Self { high: parts[0], rest: parts[1] })
    }
}

/// Returns the smallest power of two that is not below `x` (0 for 0).
fn power_of_two_from(x: f64) -> f64 {
    const FRACTION: u64 = (1 << 52) - 1;
    if x == 0.0 { 0.0 } else { f64::from_bits((x.max(f64::MIN_POSITIVE).to_bits() + FRACTION) & !FRACTION) }
}

#[derive(Clone, Copy)]
struct TheSum;

impl Statistic<1> for TheSum {
    type Total = Sum;
    #[inline(always)]
    fn value(&self, total: Sum, _: &Pivot, _count: f64, _newest: [f64; 1]) -> f64 {
        total.value()
    }
}

#[derive(Clone, Copy)]
struct TheMean;

impl Statistic<1> for TheMean {
    type Total = Sum;
    #[inline(always)]
    fn value(&self, total: Sum, _: &Pivot, count: f64, _newest: [f64; 1]) -> f64 {
        total.value() / count
    }
}
