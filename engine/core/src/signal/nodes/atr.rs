//! Average true range (Wilder 1978), as TA-Lib's `ATR`: seed = mean of the first n true ranges, then (y·(n−1) + range) / n.
//!
//! A row with a missing input is skipped: the close before is that of the last row that was present.

use super::average::Seed;
use super::kernel::params::{length, rows_of};
use super::kernel::recursive::{Recursion, Recursive};
use super::kernel::value::{get, put};
use super::true_range::true_range;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Kind, Warmup};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[Kind {
    name: "atr",
    version: 1,
    inputs: 3,
    build: |p| Ok(Box::new(Recursive(Atr::new(length("atr", p)?)))),
    warmup: |p| Warmup { valid: rows_of(p) as u64, settled: 10 * rows_of(p) as u64 },
}];

#[derive(Clone, Copy)]
struct Atr {
    value: f64,
    /// Missing before the first row.
    close: f64,
    alpha: f64,
    keep: f64,
    seed: Seed,
}

impl Atr {
    fn new(n: usize) -> Self {
        let (rows, seed) = (n as f64, Seed::new(n));
        Self { value: f64::NAN, close: f64::NAN, alpha: 1.0 / rows, keep: (rows - 1.0) / rows, seed }
    }
}

impl Recursion<3> for Atr {
    #[inline(always)]
    fn is_seeded(&self) -> bool {
        self.seed.is_complete()
    }

    fn seed(&mut self, [high, low, close]: [f64; 3]) -> f64 {
        let before = std::mem::replace(&mut self.close, close);
        if !before.is_nan() {
            self.value = self.seed.take(true_range(high, low, before)).unwrap_or(f64::NAN);
        }
        self.value
    }

    #[inline(always)]
    fn next(&mut self, [high, low, close]: [f64; 3]) -> f64 {
        let range = true_range(high, low, self.close);
        self.close = close;
        self.value = self.keep * self.value + self.alpha * range;
        self.value
    }

    fn save(&self, to: &mut Writer) {
        self.seed.save(to);
        put(to, &[self.value, self.close]);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.seed.load(from)?;
        let mut parts = [0.0; 2];
        get(from, &mut parts)?;
        [self.value, self.close] = parts;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_close, assert_same, bars, eval, warmup};

    #[test]
    fn it_is_wilders_average_of_the_true_range() {
        let (high, low, close) = bars(300, 31);
        let n = 14;
        let range = eval("true_range", &[], &[&high, &low, &close]);
        let mut expected = vec![NAN; n];
        let mut value = range[1..=n].iter().sum::<f64>() / n as f64;
        expected.push(value);
        for range in &range[n + 1..] {
            value = (value * (n as f64 - 1.0) + range) / n as f64;
            expected.push(value);
        }
        assert_close(&eval("atr", &[n as f64], &[&high, &low, &close]), &expected, 1e-13);
        assert_eq!((warmup("atr", &[14.0], "").valid, warmup("atr", &[14.0], "").settled), (14, 140));
    }

    #[test]
    fn a_row_with_a_missing_input_is_skipped() {
        let high = [11.0, 12.0, NAN, 14.0, 15.0];
        let low = [10.0, 11.0, 12.0, 13.0, 14.0];
        let close = [10.5, 11.5, 12.5, 13.5, 14.5];
        assert_same(&eval("atr", &[2.0], &[&high, &low, &close]), &[NAN, NAN, NAN, 2.0, 1.75]);
    }
}
