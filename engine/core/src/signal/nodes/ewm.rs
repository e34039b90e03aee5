//! Exponentially weighted mean and standard deviation with weight α, `adjust=False`: the first value is the seed.
//!
//! d = x−m; m += α·d; v = (1−α)·(v + α·d²); the deviation is √v from the second value on.

use super::kernel::params::alpha;
use super::kernel::recursive::{Recursion, Recursive};
use super::kernel::value::{get, put};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Kind, Linear, Params, Warmup};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "ewm_mean",
        version: 1,
        inputs: 1,
        build: |p| Ok(Box::new(Recursive(EwmMean::new(alpha("ewm_mean", p)?)))),
        warmup: |p| Warmup { valid: 0, settled: settled(p) },
    },
    Kind {
        name: "ewm_std",
        version: 1,
        inputs: 1,
        build: |p| Ok(Box::new(Recursive(EwmStd::new(alpha("ewm_std", p)?)))),
        warmup: |p| Warmup { valid: 1, settled: settled(p).max(1) },
    },
];

/// Returns ten spans, where span = 2/α − 1.
fn settled(p: &Params<'_>) -> u64 {
    p.f.first().map_or(0, |alpha| (10.0 * (2.0 / alpha - 1.0)).ceil() as u64)
}

#[derive(Clone, Copy)]
struct EwmMean {
    /// Its value is missing before the first one.
    line: Linear,
}

impl EwmMean {
    fn new(alpha: f64) -> Self {
        let line = Linear { value: f64::NAN, keep: 1.0 - alpha, gain: alpha };
        Self { line }
    }
}

impl Recursion<1> for EwmMean {
    #[inline(always)]
    fn is_seeded(&self) -> bool {
        !self.line.value.is_nan()
    }

    #[inline]
    fn seed(&mut self, [x]: [f64; 1]) -> f64 {
        self.line.value = x;
        x
    }

    #[inline(always)]
    fn next(&mut self, [x]: [f64; 1]) -> f64 {
        self.line.next(x)
    }

    #[inline(always)]
    fn linear(&mut self) -> Option<&mut Linear> {
        Some(&mut self.line)
    }

    fn save(&self, to: &mut Writer) {
        put(to, &[self.line.value]);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.line.value = from.f64()?;
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct EwmStd {
    /// Missing before the first value.
    mean: f64,
    variance: f64,
    alpha: f64,
    keep: f64,
}

impl EwmStd {
    fn new(alpha: f64) -> Self {
        Self { mean: f64::NAN, variance: 0.0, alpha, keep: 1.0 - alpha }
    }
}

impl Recursion<1> for EwmStd {
    #[inline(always)]
    fn is_seeded(&self) -> bool {
        !self.mean.is_nan()
    }

    #[inline]
    fn seed(&mut self, [x]: [f64; 1]) -> f64 {
        self.mean = x;
        f64::NAN
    }

    #[inline(always)]
    fn next(&mut self, [x]: [f64; 1]) -> f64 {
        let d = x - self.mean;
        let step = self.alpha * d;
        self.mean += step;
        self.variance = self.keep * (self.variance + step * d);
        self.variance.sqrt()
    }

    fn save(&self, to: &mut Writer) {
        put(to, &[self.mean, self.variance]);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        let mut parts = [0.0; 2];
        get(from, &mut parts)?;
        [self.mean, self.variance] = parts;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_close, assert_same, eval, fails, random, warmup};

    /// Weights of the rows up to t: α·keep^j, the first row keep^t; mean and variance straight from them.
    fn weighted(x: &[f64], alpha: f64) -> (Vec<f64>, Vec<f64>) {
        let keep: f64 = 1.0 - alpha;
        let moments = |t: usize| {
            let weight = |s: usize| keep.powi((t - s) as i32) * if s == 0 { 1.0 } else { alpha };
            let mean: f64 = (0..=t).map(|s| weight(s) * x[s]).sum();
            let variance: f64 = (0..=t).map(|s| weight(s) * (x[s] - mean).powi(2)).sum();
            (mean, if t == 0 { NAN } else { variance.sqrt() })
        };
        (0..x.len()).map(moments).unzip()
    }

    #[test]
    fn moments_are_those_of_the_weights() {
        let x = random(300, 21);
        for alpha in [0.03, 0.3] {
            let (mean, deviation) = weighted(&x, alpha);
            assert_close(&eval("ewm_mean", &[alpha], &[&x]), &mean, 1e-12);
            assert_close(&eval("ewm_std", &[alpha], &[&x]), &deviation, 1e-12);
        }
    }

    #[test]
    fn a_missing_value_is_skipped() {
        assert_same(&eval("ewm_mean", &[0.5], &[&[NAN, 1.0, NAN, 3.0]]), &[NAN, 1.0, NAN, 2.0]);
        assert_same(&eval("ewm_std", &[0.5], &[&[NAN, 1.0, NAN, 3.0]]), &[NAN, NAN, NAN, 1.0]);
        assert_same(&eval("ewm_mean", &[1.0], &[&[4.0, 1.0]]), &[4.0, 1.0]);
    }

    #[test]
    fn it_settles_after_ten_spans() {
        assert_eq!((warmup("ewm_mean", &[0.1], "").valid, warmup("ewm_mean", &[0.1], "").settled), (0, 190));
        assert_eq!((warmup("ewm_std", &[0.1], "").valid, warmup("ewm_std", &[0.1], "").settled), (1, 190));
        assert!(fails("ewm_std", &[1.5], "").contains("at most 1"));
    }
}
