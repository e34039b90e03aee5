//! The value of an earlier row, and what has changed since: `shift`, `change`, `returns`, `log_return`.
//!
//! A lag in time reads the last row at or before t − lag. Lags are never negative: no node sees the future.

use super::kernel::params::{Extent, after, exactly, extent, rows_of};
use super::kernel::ring::Ring;
use super::kernel::span::Span;
use super::kernel::value::finite;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Kind, Node, Params};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[
    kind("shift", |p| build("shift", p, |_, before| before)),
    kind("change", |p| build("change", p, |now, before| now - before)),
    kind("returns", |p| build("returns", p, |now, before| now / before - 1.0)),
    kind("log_return", |p| build("log_return", p, |now, before| libm::log(now / before))),
];

const fn kind(name: &'static str, build: fn(&Params<'_>) -> Result<Box<dyn Node>, String>) -> Kind {
    Kind { name, version: 1, inputs: 1, build, warmup: |p| after(rows_of(p)) }
}

fn build<F: Fn(f64, f64) -> f64 + Send + 'static>(op: &str, p: &Params<'_>, formula: F) -> Result<Box<dyn Node>, String> {
    exactly(op, p, 1)?;
    Ok(match extent(op, "lag", p, 0)? {
        Extent::Rows(lag) => Box::new(RowLag { ring: Ring::new(lag), formula }),
        extent @ Extent::Time { ms, .. } => Box::new(TimeLag { ms, rows: Span::new(extent.rows() + 1), formula }),
    })
}

/// A formula of this row and the row a number of rows before it.
struct RowLag<F> {
    ring: Ring,
    formula: F,
}

impl<F: Fn(f64, f64) -> f64> RowLag<F> {
    #[inline(always)]
    fn zip(&self, now: &[f64], before: &[f64], out: &mut [f64]) {
        for ((y, &now), &before) in out.iter_mut().zip(now).zip(before) {
            *y = finite((self.formula)(now, before));
        }
    }
}

impl<F: Fn(f64, f64) -> f64 + Send> Node for RowLag<F> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let (x, out) = (args.input(0), &mut out[..args.len()]);
        if self.ring.values().is_empty() {
            return self.zip(x, x, out);
        }
        for (range, before) in self.ring.before(x) {
            self.zip(&x[range.clone()], before, &mut out[range]);
        }
        self.ring.extend(x);
    }

    fn tick(&mut self, args: &Args<'_>) -> f64 {
        let now = args.first(0);
        let before = if self.ring.values().is_empty() { now } else { self.ring.replace(now) };
        finite((self.formula)(now, before))
    }

    fn save(&self, to: &mut Writer) {
        self.ring.save(to);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.ring.load(from)
    }
}

/// A formula of this row and the last row at or before `ms` ago.
struct TimeLag<F> {
    ms: i64,
    rows: Span<1>,
    formula: F,
}

impl<F: Fn(f64, f64) -> f64 + Send> Node for TimeLag<F> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        for ((&ts, &x), y) in args.ts().iter().zip(args.input(0)).zip(out) {
            self.rows.push(ts, [x]);
            let then = ts - self.ms;
            while self.rows.ts().get(1).is_some_and(|&next| next <= then) {
                self.rows.pop();
            }
            let reached = self.rows.ts()[0] <= then;
            *y = if reached { finite((self.formula)(x, self.rows.rows()[0][0])) } else { f64::NAN };
        }
    }

    fn save(&self, to: &mut Writer) {
        self.rows.save(to);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.rows.load(from)
    }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_close, assert_same, eval, eval_at, fails, random};

    #[test]
    fn each_row_sees_the_row_that_many_before_it() {
        let x = [1.0, 2.0, NAN, 4.0, 8.0];
        assert_same(&eval("shift", &[0.0], &[&x]), &x);
        assert_same(&eval("shift", &[2.0], &[&x]), &[NAN, NAN, 1.0, 2.0, NAN]);
        assert_same(&eval("shift", &[9.0], &[&x]), &[NAN; 5]);
        assert_same(&eval("change", &[1.0], &[&x]), &[NAN, 1.0, NAN, NAN, 4.0]);
        assert_same(&eval("returns", &[1.0], &[&x]), &[NAN, 1.0, NAN, NAN, 1.0]);
        assert_close(&eval("log_return", &[3.0], &[&x]), &[NAN, NAN, NAN, 4f64.ln(), 4f64.ln()], 1e-15);
        assert_same(&eval("returns", &[1.0], &[&[0.0, 1.0]]), &[NAN, NAN]);
    }

    #[test]
    fn a_lag_agrees_with_indexing() {
        let x = random(300, 8);
        for lag in [1usize, 7, 64] {
            let expected: Vec<f64> = (0..300).map(|t| if t < lag { NAN } else { x[t] - x[t - lag] }).collect();
            assert_same(&eval("change", &[lag as f64], &[&x]), &expected);
        }
    }

    #[test]
    fn a_lag_in_time_reads_the_last_row_before_it() {
        let (x, ts) = ([1.0, 2.0, 3.0, 4.0, 5.0], [0, 60_000, 120_000, 300_000, 360_000]);
        assert_same(&eval_at("shift", &[120_000.0], "ms", &[&x], &ts), &[NAN, NAN, 1.0, 3.0, 3.0]);
        assert_same(&eval_at("shift", &[0.0], "ms", &[&x], &ts), &x);
    }

    #[test]
    fn the_future_is_an_error() {
        assert_eq!(fails("shift", &[-1.0], ""), "the lag of shift must be a whole number of at least 0, not -1");
    }
}
