//! Averages by recursion, seeded like TA-Lib with the simple mean of the first n present values: `ema` (α = 2/(n+1)) and Wilder's
//! `rma` (α = 1/n). y = (1−α)·y + α·x.

use super::kernel::params::{length, rows_of};
use super::kernel::recursive::{Recursion, Recursive};
use super::kernel::value::{Exact, get_index, put};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Kind, Linear, Node, Params, Warmup};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[
    Kind { name: "ema", version: 1, inputs: 1, build: |p| build("ema", p, |n| 2.0 / (n + 1.0)), warmup },
    Kind { name: "rma", version: 1, inputs: 1, build: |p| build("rma", p, |n| 1.0 / n), warmup },
];

fn build(op: &str, p: &Params<'_>, alpha: fn(f64) -> f64) -> Result<Box<dyn Node>, String> {
    let n = length(op, p)?;
    let alpha = alpha(n as f64);
    Ok(Box::new(Recursive(Average { line: Linear { value: 0.0, keep: 1.0 - alpha, gain: alpha }, seed: Seed::new(n) })))
}

fn warmup(p: &Params<'_>) -> Warmup {
    let n = rows_of(p) as u64;
    Warmup { valid: n.saturating_sub(1), settled: 10 * n }
}

/// The simple mean of the first n values, as the start of a recursion.
#[derive(Clone, Copy)]
pub(super) struct Seed {
    sum: Exact,
    missing: usize,
    n: usize,
}

impl Seed {
    /// Waits for n values.
    pub fn new(n: usize) -> Self {
        Self { sum: Exact::default(), missing: n, n }
    }

    /// Returns whether all values are there.
    #[inline(always)]
    pub fn is_complete(&self) -> bool {
        self.missing == 0
    }

    /// Takes a value and returns the mean once it is complete.
    #[inline]
    pub fn take(&mut self, x: f64) -> Option<f64> {
        self.sum = self.sum.add(x);
        self.missing -= 1;
        (self.missing == 0).then(|| self.sum.value() / self.n as f64)
    }

    /// Writes what has been taken.
    pub fn save(&self, to: &mut Writer) {
        to.u64(self.n as u64);
        to.u64(self.missing as u64);
        self.sum.save(to);
    }

    /// Reads what had been taken.
    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        from.expect("length", self.n as u64)?;
        self.missing = get_index(from, "number of values a seed waits for", self.n)?;
        self.sum = Exact::load(from)?;
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Average {
    line: Linear,
    seed: Seed,
}

impl Recursion<1> for Average {
    #[inline(always)]
    fn is_seeded(&self) -> bool {
        self.seed.is_complete()
    }

    #[inline]
    fn seed(&mut self, [x]: [f64; 1]) -> f64 {
        match self.seed.take(x) {
            Some(mean) => {
                self.line.value = mean;
                mean
            }
            None => f64::NAN,
        }
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
        self.seed.save(to);
        put(to, &[self.line.value]);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.seed.load(from)?;
        self.line.value = from.f64()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_close, assert_same, eval, fails, random, warmup};

    /// The closed form: y_t = keep^m · seed + Σ alpha · keep^j · x_{t−j}, summed from the smallest term.
    fn closed_form(x: &[f64], n: usize, alpha: f64) -> Vec<f64> {
        let keep = 1.0 - alpha;
        (0..x.len())
            .map(|t| {
                if t + 1 < n {
                    return NAN;
                }
                let seed = x[..n].iter().sum::<f64>() / n as f64;
                let terms = (n..=t).map(|s| alpha * keep.powi((t - s) as i32) * x[s]);
                keep.powi((t + 1 - n) as i32) * seed + terms.sum::<f64>()
            })
            .collect()
    }

    #[test]
    fn averages_follow_their_closed_form() {
        let x: Vec<f64> = random(400, 11).iter().map(|u| 100.0 + u).collect();
        assert_close(&eval("ema", &[20.0], &[&x]), &closed_form(&x, 20, 2.0 / 21.0), 1e-13);
        assert_close(&eval("rma", &[14.0], &[&x]), &closed_form(&x, 14, 1.0 / 14.0), 1e-13);
        assert_same(&eval("ema", &[1.0], &[&x]), &x);
    }

    #[test]
    fn a_missing_value_is_skipped() {
        assert_same(&eval("ema", &[3.0], &[&[1.0, NAN, 2.0, 6.0, NAN, 5.0]]), &[NAN, NAN, NAN, 3.0, NAN, 4.0]);
    }

    #[test]
    fn the_start_is_forgotten_after_ten_lengths() {
        assert_eq!((warmup("ema", &[20.0], "").valid, warmup("ema", &[20.0], "").settled), (19, 200));
        assert_eq!(fails("ema", &[0.0], ""), "the length of ema must be a whole number of at least 1, not 0");
    }
}
