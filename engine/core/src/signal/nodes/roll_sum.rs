//! Rolling sum and mean. The sum is the exact sum of the window, rounded once; the mean is that sum divided by the number of rows.
//!
//! Exactness keeps ties: two means of the same prices compare equal, and what happened before the window leaves no trace. See `kernel::fixed`.

use super::kernel::fixed::{Fixed, largest};
use super::kernel::params::{Extent, window, window_warmup};
use super::kernel::span::Span;
use super::kernel::value::{finite, get, get_index, present, put};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Kind, Node, Params};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[
    Kind { name: "roll_sum", version: 1, inputs: 1, build: |p| build::<false>("roll_sum", p), warmup: window_warmup },
    Kind { name: "roll_mean", version: 1, inputs: 1, build: |p| build::<true>("roll_mean", p), warmup: window_warmup },
];

fn build<const MEAN: bool>(op: &str, p: &Params<'_>) -> Result<Box<dyn Node>, String> {
    Ok(match window(op, p, 1)? {
        Extent::Rows(n) => Box::new(RowSum::<MEAN>::new(n)),
        extent @ Extent::Time { ms, interval_ms } => Box::new(TimeSum::<MEAN>::new(ms, interval_ms, extent.rows())),
    })
}

/// Rows that are worked on at once: short enough to stay in the first cache.
const STRETCH: usize = 256;

/// Over the last n rows.
struct RowSum<const MEAN: bool> {
    /// Rows that may come without another look: the window is full and present, the cuts are young.
    calm: usize,
    sum: Fixed,
    /// The values of the last rows, row t at t mod the length, a power of two that leaves room for a stretch beside the window.
    values: Vec<f64>,
    /// Their parts under the present cuts; zero where they are missing.
    parts: Vec<[f64; 2]>,
    /// The place of the next row.
    at: usize,
    n: usize,
    divisor: f64,
    /// Rows until the window is full and free of missing values.
    dirty: usize,
    /// Rows until the cuts are chosen anew, so that an outlier that has left does not cost precision for long; `calm` + 1 while that is not 0.
    stale_in: usize,
}

impl<const MEAN: bool> RowSum<MEAN> {
    fn new(n: usize) -> Self {
        let room = (n + STRETCH).next_power_of_two();
        Self {
            calm: 0,
            sum: Fixed::new(n),
            values: vec![f64::NAN; room],
            parts: vec![[0.0; 2]; room],
            at: 0,
            n,
            divisor: n as f64,
            dirty: n,
            stale_in: Self::lifetime(n),
        }
    }

    /// Returns how many rows the cuts live: whole windows, at least a stretch.
    fn lifetime(n: usize) -> usize {
        n * STRETCH.div_ceil(n)
    }

    #[inline(always)]
    fn value(&self) -> f64 {
        if MEAN { self.sum.value() / self.divisor } else { self.sum.value() }
    }

    /// Returns the place `rows` before the next row's.
    #[inline(always)]
    fn back(&self, rows: usize) -> usize {
        self.at.wrapping_sub(rows) & (self.values.len() - 1)
    }

    /// Exchanges the oldest row of the window for the next one.
    #[inline(always)]
    fn exchange(&mut self, x: f64, [high, low]: [f64; 2]) {
        let [high_before, low_before] = self.parts[self.back(self.n)];
        (self.values[self.at], self.parts[self.at]) = (x, [high, low]);
        self.at = self.back(usize::MAX);
        self.sum.add([high - high_before, low - low_before]);
    }

    /// Takes one row.
    #[inline(always)]
    fn step(&mut self, x: f64) -> f64 {
        if self.calm != 0 && self.sum.takes(x) {
            self.calm -= 1;
            self.exchange(x, self.sum.parts(x));
            return finite(self.value());
        }
        self.step_rarely(x)
    }

    /// Takes a row that is missing, too large for the cuts, the last of their life, or of a window that is not full and present.
    #[cold]
    #[inline(never)]
    fn step_rarely(&mut self, x: f64) -> f64 {
        self.stale_in = self.rows_to_live() - 1;
        self.exchange(x, if self.sum.takes(x) { self.sum.parts(x) } else { [0.0; 2] });
        self.dirty = if present(x) { self.dirty.saturating_sub(1) } else { self.n };
        if self.stale_in == 0 || (present(x) && !self.sum.takes(x)) {
            self.recut();
        }
        if self.stale_in == 0 {
            self.stale_in = Self::lifetime(self.n);
        }
        self.calm = if self.dirty == 0 { self.stale_in - 1 } else { 0 };
        if self.dirty == 0 { finite(self.value()) } else { f64::NAN }
    }

    /// Chooses the cuts for the window's values and sums them again where that changes something.
    fn recut(&mut self) {
        let start = self.back(self.n);
        let to_end = self.n.min(self.values.len() - start);
        let (first, second) = (start..start + to_end, 0..self.n - to_end);
        let largest = largest(&self.values[first.clone()]).max(largest(&self.values[second.clone()]));
        if self.sum.recut(largest) {
            for place in first.chain(second) {
                let x = self.values[place];
                self.parts[place] = if present(x) { self.sum.parts(x) } else { [0.0; 2] };
                self.sum.add(self.parts[place]);
            }
        }
    }

    /// Returns the rows until the cuts are chosen anew.
    fn rows_to_live(&self) -> usize {
        if self.dirty == 0 { self.calm + 1 } else { self.stale_in }
    }

    /// Takes at most `STRETCH` rows of which each is present and fits the cuts, as the rows of the window are.
    #[inline(always)]
    fn stretch(&mut self, x: &[f64], out: &mut [f64]) {
        let mut sum = self.sum;
        let mut done = 0;
        while done < x.len() {
            let oldest = self.back(self.n);
            let m = (x.len() - done).min(self.values.len() - self.at.max(oldest));
            let (x, out) = (&x[done..][..m], &mut out[done..][..m]);
            self.values[self.at..][..m].copy_from_slice(x);
            let parts = &mut self.parts[self.at..][..m];
            for i in 0..m {
                parts[i] = sum.parts(x[i]);
            }
            let (now, before) = (&self.parts[self.at..][..m], &self.parts[oldest..][..m]);
            for i in 0..m {
                sum.add([now[i][0] - before[i][0], now[i][1] - before[i][1]]);
                out[i] = sum.value();
            }
            self.at = (self.at + m) & (self.values.len() - 1);
            done += m;
        }
        self.sum = sum;
        self.calm -= x.len();
        out.iter_mut().for_each(|y| *y = finite(if MEAN { *y / self.divisor } else { *y }));
    }

    /// Takes many rows.
    #[inline(always)]
    fn run_many(&mut self, x: &[f64], out: &mut [f64]) {
        let mut at = 0;
        while at < x.len() {
            let m = STRETCH.min(x.len() - at).min(self.calm.max(1));
            let (x, out) = (&x[at..][..m], &mut out[at..][..m]);
            at += m;
            if self.calm >= m && x.iter().fold(true, |all, &x| all & self.sum.takes(x)) {
                self.stretch(x, out);
            } else {
                for i in 0..m {
                    out[i] = self.step(x[i]);
                }
            }
        }
    }
}

impl<const MEAN: bool> Node for RowSum<MEAN> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let x = args.input(0);
        self.run_many(x, &mut out[..x.len()]);
    }

    fn tick(&mut self, args: &Args<'_>) -> f64 {
        self.step(args.first(0))
    }

    fn save(&self, to: &mut Writer) {
        to.u64(self.n as u64);
        (1..=self.n).rev().for_each(|rows| put(to, &[self.values[self.back(rows)]]));
        self.sum.save(to);
        to.u64(self.dirty as u64);
        to.u64(self.rows_to_live() as u64);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        from.expect("window", self.n as u64)?;
        self.at = self.n;
        get(from, &mut self.values[..self.n])?;
        self.sum.load(from)?;
        for place in 0..self.n {
            let x = self.values[place];
            self.parts[place] = if present(x) { self.sum.parts(x) } else { [0.0; 2] };
        }
        self.dirty = get_index(from, "number of rows until a sum is there", self.n)?;
        self.stale_in = get_index(from, "number of rows until a sum is renewed", Self::lifetime(self.n))?.max(1);
        self.calm = if self.dirty == 0 { self.stale_in - 1 } else { 0 };
        Ok(())
    }
}

/// Over the rows of the last `ms`.
struct TimeSum<const MEAN: bool> {
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
    fn new(ms: i64, interval_ms: i64, most: usize) -> Self {
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

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{Grid, NAN, UNITS, assert_same, eval, eval_at, fails, random};

    #[test]
    fn a_sum_is_the_exact_sum_rounded_once() {
        for (n, seed) in [(1, 1), (2, 2), (7, 3), (30, 4), (256, 5), (700, 6)] {
            for base in [0.0, 60_000.0] {
                let grid = Grid::new(3_000, seed, base, 10.0);
                assert_same(&eval("roll_sum", &[n as f64], &[&grid.x]), &grid.over(n, |w| w.iter().sum::<i128>() as f64 / UNITS));
                let mean = |w: &[i128]| w.iter().sum::<i128>() as f64 / UNITS / n as f64;
                assert_same(&eval("roll_mean", &[n as f64], &[&grid.x]), &grid.over(n, mean));
            }
        }
    }

    #[test]
    fn time_windows_of_whole_rows_are_row_windows() {
        let grid = Grid::new(3_000, 9, 0.5, 1.0);
        let ts: Vec<i64> = (0..3_000).map(|t| t * 60_000).collect();
        for op in ["roll_sum", "roll_mean"] {
            let rows = eval(op, &[30.0], &[&grid.x]);
            assert_same(&eval_at(op, &[1_800_000.0], "ms", &[&grid.x], &ts), &rows);
        }
    }

    #[test]
    fn a_time_window_over_holes_covers_the_rows_it_has() {
        let (x, ts) = ([1.0, 2.0, 4.0, NAN, 16.0, 32.0, 64.0], [0, 60_000, 120_000, 180_000, 240_000, 420_000, 480_000]);
        assert_same(&eval_at("roll_sum", &[180_000.0], "ms", &[&x], &ts), &[NAN, NAN, 7.0, NAN, NAN, 32.0, 96.0]);
        assert_same(&eval_at("roll_mean", &[180_000.0], "ms", &[&x], &ts), &[NAN, NAN, 7.0 / 3.0, NAN, NAN, 32.0, 48.0]);
    }

    #[test]
    fn an_outlier_that_has_left_leaves_no_trace() {
        let mut x = random(2_000, 12);
        let calm = eval("roll_sum", &[50.0], &[&x]);
        x[300] = 1e9;
        assert_same(&eval("roll_sum", &[50.0], &[&x])[350..], &calm[350..]);
        x[300] = 1e300;
        assert_same(&eval("roll_sum", &[50.0], &[&x])[900..], &calm[900..]);
        x[300] = f64::INFINITY;
        assert_same(&eval("roll_sum", &[50.0], &[&x])[350..], &calm[350..]);
    }

    #[test]
    fn means_of_repeating_prices_tie() {
        let x: Vec<f64> = (0..400).map(|t| if t % 2 == 0 { 0.1 } else { 0.3 }).collect();
        assert_same(&eval("roll_mean", &[10.0], &[&x])[40..], &eval("roll_mean", &[40.0], &[&x])[40..]);
    }

    #[test]
    fn an_empty_window_is_an_error() {
        assert_eq!(fails("roll_sum", &[0.0], ""), "the window of roll_sum must be a whole number of at least 1, not 0");
    }
}
