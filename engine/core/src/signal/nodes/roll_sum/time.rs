//! Sum and mean over a stretch of time.

use super::super::kernel::fixed::{Fixed, largest};
use super::super::kernel::span::Span;
use super::super::kernel::value::{finite, get_index, present};
use super::STRETCH;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Node};

/// Over the rows of the last `ms`.
pub(super) struct TimeSum<const MEAN: bool> {
    ms: i64,
    interval_ms: i64,
    full_from: Option<i64>,
    rows: Span<1>,
    sum: Fixed,
    /// Number of rows in the window that are missing.
    missing: usize,
    /// Rows since the cuts were chosen.
    age: usize,
}

impl<const MEAN: bool> TimeSum<MEAN> {
    /// Builds the window before its first row; `most` is how many rows it holds at most.
    pub fn new(ms: i64, interval_ms: i64, most: usize) -> Self {
        Self { ms, interval_ms, full_from: None, rows: Span::new(most), sum: Fixed::new(most), missing: 0, age: 0 }
    }

    #[inline(always)]
    fn step(&mut self, ts: i64, x: f64) -> f64 {
        let full_from = *self.full_from.get_or_insert(ts.saturating_add(self.ms - self.interval_ms));
        self.rows.push(ts, [x]);
        while self.rows.ts()[0] <= ts - self.ms {
            let [before] = self.rows.rows()[0];
            if present(before) {
                self.sum.remove(before);
            } else {
                self.missing -= 1;
            }
            self.rows.pop();
        }
        let count = self.rows.rows().len();
        self.age += 1;
        if self.sum.takes(x) {
            self.sum.add(self.sum.parts(x));
        } else if !present(x) {
            self.missing += 1;
        }
        if self.age >= count.max(STRETCH) || (present(x) && !self.sum.takes(x)) {
            if self.sum.recut(largest(self.rows.rows().as_flattened())) {
                let rows = self.rows.rows().as_flattened();
                rows.iter().filter(|x| present(**x)).for_each(|&x| self.sum.add(self.sum.parts(x)));
            }
            self.age = 0;
        }
        let sum = if MEAN { self.sum.value() / count as f64 } else { self.sum.value() };
        if ts < full_from || self.missing > 0 { f64::NAN } else { finite(sum) }
    }
}

impl<const MEAN: bool> Node for TimeSum<MEAN> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        for ((&ts, &x), y) in args.ts().iter().zip(args.input(0)).zip(out) {
            *y = self.step(ts, x);
        }
    }

    fn save(&self, to: &mut Writer) {
        to.bool(self.full_from.is_some());
        to.i64(self.full_from.unwrap_or(0));
        self.rows.save(to);
        self.sum.save(to);
        to.u64(self.missing as u64);
        to.u64(self.age as u64);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        let (known, full_from) = (from.bool()?, from.i64()?);
        self.full_from = known.then_some(full_from);
        self.rows.load(from)?;
        self.sum.load(from)?;
        self.missing = get_index(from, "number of missing values in a window", self.rows.rows().len())?;
        self.age = from.u64()? as usize;
        Ok(())
    }
}
