//! Relative strength index (Wilder 1978), as TA-Lib's `RSI`: 100·up/(up+down) of Wilder's averages of gains and losses, 0 where both are 0.
//!
//! Changes are those between present values; the averages are seeded with the mean of the first n of them.

use super::average::Seed;
use super::kernel::params::{length, rows_of};
use super::kernel::recursive::{Recursion, Recursive};
use super::kernel::value::{get, put};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Kind, Warmup};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[Kind {
    name: "rsi",
    version: 1,
    inputs: 1,
    build: |p| Ok(Box::new(Recursive(Rsi::new(length("rsi", p)?)))),
    warmup: |p| Warmup { valid: rows_of(p) as u64, settled: 10 * rows_of(p) as u64 },
}];

#[derive(Clone, Copy)]
struct Rsi {
    up: f64,
    down: f64,
    /// Missing before the first row.
    last: f64,
    alpha: f64,
    keep: f64,
    gains: Seed,
    losses: Seed,
}

impl Rsi {
    fn new(n: usize) -> Self {
        let (rows, seed) = (n as f64, Seed::new(n));
        Self { up: 0.0, down: 0.0, last: f64::NAN, alpha: 1.0 / rows, keep: (rows - 1.0) / rows, gains: seed, losses: seed }
    }

    /// Takes a value and returns the gain and the loss since the last.
    #[inline(always)]
    fn change(&mut self, x: f64) -> (f64, f64) {
        let change = x - self.last;
        self.last = x;
        let gain = if change > 0.0 { change } else { 0.0 };
        (gain, gain - change)
    }

    #[inline(always)]
    fn index(&self) -> f64 {
        let both = self.up + self.down;
        let divisor = if both > f64::MIN_POSITIVE { both } else { f64::MIN_POSITIVE }; // where both are 0 so is the result
        100.0 * (self.up / divisor)
    }
}

impl Recursion<1> for Rsi {
    #[inline(always)]
    fn is_seeded(&self) -> bool {
        self.gains.is_complete()
    }

    fn seed(&mut self, [x]: [f64; 1]) -> f64 {
        if self.last.is_nan() {
            self.last = x;
            return f64::NAN;
        }
        let (gain, loss) = self.change(x);
        match (self.gains.take(gain), self.losses.take(loss)) {
            (Some(up), Some(down)) => {
                (self.up, self.down) = (up, down);
                self.index()
            }
            _ => f64::NAN,
        }
    }

    #[inline(always)]
    fn next(&mut self, [x]: [f64; 1]) -> f64 {
        let (gain, loss) = self.change(x);
        self.up = self.keep * self.up + self.alpha * gain;
        self.down = self.keep * self.down + self.alpha * loss;
        self.index()
    }

    fn save(&self, to: &mut Writer) {
        self.gains.save(to);
        self.losses.save(to);
        put(to, &[self.up, self.down, self.last]);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.gains.load(from)?;
        self.losses.load(from)?;
        let mut parts = [0.0; 3];
        get(from, &mut parts)?;
        [self.up, self.down, self.last] = parts;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_close, assert_same, eval, warmup};

    /// The worked example of StockCharts' school (closes of QQQQ, 14 days), with its published values to two places.
    #[test]
    fn it_gives_the_published_example() {
        let x = [
            44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328, 45.6140, 46.2820,
            46.2820, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439,
        ];
        let found = eval("rsi", &[14.0], &[&x]);
        assert_same(&found[..14], &[NAN; 14]);
        for (found, published) in found[14..].iter().zip([70.53, 66.32, 66.55, 69.41, 66.36, 57.97]) {
            assert!((found - published).abs() < 0.006, "{found} is not {published}");
        }
    }

    #[test]
    fn it_is_0_without_moves_and_100_without_losses() {
        assert_same(&eval("rsi", &[2.0], &[&[5.0; 5]]), &[NAN, NAN, 0.0, 0.0, 0.0]);
        assert_same(&eval("rsi", &[2.0], &[&[1.0, 1.1, 1.3, 1.7, 1.9]]), &[NAN, NAN, 100.0, 100.0, 100.0]);
        assert_same(&eval("rsi", &[2.0], &[&[5.0, 4.0, 3.0, 1.0]]), &[NAN, NAN, 0.0, 0.0]);
    }

    #[test]
    fn a_missing_value_is_skipped() {
        let (all, gaps) = ([1.0, 3.0, 2.0, 4.0, 3.5], [1.0, NAN, 3.0, 2.0, NAN, 4.0, 3.5]);
        let (all, gaps) = (eval("rsi", &[2.0], &[&all]), eval("rsi", &[2.0], &[&gaps]));
        assert_close(&[gaps[0], gaps[2], gaps[3], gaps[5], gaps[6]], &all, 0.0);
        assert_eq!((warmup("rsi", &[14.0], "").valid, warmup("rsi", &[14.0], "").settled), (14, 140));
    }
}
