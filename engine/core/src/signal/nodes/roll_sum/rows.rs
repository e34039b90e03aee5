//! Sum and mean over the last n rows.

use super::super::kernel::fixed::{Fixed, largest};
use super::super::kernel::value::{finite, get, get_index, present, put};
use super::STRETCH;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Node};

/// Over the last n rows.
///
/// `parts` holds, before the place `at` of the next row, the parts of the window's values, and room for as many rows again (at least a
/// stretch). Where the room ends, the window moves to the front and the cuts are chosen anew, so that an outlier that has left does not cost
/// precision for long.
pub(super) struct RowSum<const MEAN: bool> {
    /// Places before this one take a row without another look; 0 while the window is not full or has a missing value.
    calm: usize,
    at: usize,
    n: usize,
    /// Parts under the present cuts; zero where a value is missing.
    parts: Vec<[f64; 2]>,
    sum: Fixed,
    divisor: f64,
    /// Rows until the window is full and free of missing values.
    dirty: usize,
}

impl<const MEAN: bool> RowSum<MEAN> {
    /// Builds the window before its first row.
    pub fn new(n: usize) -> Self {
        let parts = vec![[0.0; 2]; n + n.max(STRETCH)];
        Self { calm: 0, at: n, n, parts, sum: Fixed::new(n), divisor: n as f64, dirty: n }
    }

    #[inline(always)]
    fn value(&self) -> f64 {
        if MEAN { self.sum.value() / self.divisor } else { self.sum.value() }
    }

    /// Takes one row.
    #[inline(always)]
    fn step(&mut self, x: f64) -> f64 {
        let oldest = self.parts.get(self.at.wrapping_sub(self.n)).copied();
        match (oldest, self.parts.get_mut(self.at)) {
            (Some(before), Some(place)) if self.at < self.calm && self.sum.takes(x) => {
                let now = self.sum.parts(x);
                (*place, self.at) = (now, self.at.wrapping_add(1));
                self.sum.add([now[0] - before[0], now[1] - before[1]]);
                self.value()
            }
            _ => self.step_rarely(x),
        }
    }

    /// Takes a row that is missing, too large for the cuts, the last there is room for, or of a window that is not full and present.
    #[cold]
    #[inline(never)]
    fn step_rarely(&mut self, x: f64) -> f64 {
        let (before, fits) = (self.parts[self.at - self.n], self.sum.takes(x));
        let now = if fits { self.sum.parts(x) } else { [0.0; 2] };
        self.parts[self.at] = if present(x) && !fits { [x, 0.0] } else { now };
        self.at += 1;
        self.sum.add([now[0] - before[0], now[1] - before[1]]);
        if present(x) && !fits {
            self.recut();
        }
        self.dirty = if present(x) { self.dirty.saturating_sub(1) } else { self.n };
        if self.at == self.parts.len() {
            self.parts.copy_within(self.at - self.n.., 0);
            self.at = self.n;
            self.recut();
        }
        self.settle()
    }

    /// Chooses the cuts for the window's values and sums them again where that changes something.
    fn recut(&mut self) {
        let window = &mut self.parts[self.at - self.n..self.at];
        if self.sum.recut(largest(window.as_flattened())) {
            for parts in window {
                *parts = self.sum.parts(parts[0] + parts[1]);
                self.sum.add(*parts);
            }
        }
    }

    /// Returns the value after a row of `step_rarely`.
    fn settle(&mut self) -> f64 {
        let clean = self.dirty == 0;
        self.calm = if clean { self.parts.len() - 1 } else { 0 };
        if clean { finite(self.value()) } else { f64::NAN }
    }

    /// Takes rows of which each is present, fits the cuts and the room, as the rows of the window are.
    #[inline(always)]
    fn stretch(&mut self, x: &[f64], out: &mut [f64]) {
        let (mut sum, m) = (self.sum, x.len());
        let parts = &mut self.parts[self.at..][..m];
        for i in 0..m {
            parts[i] = sum.parts(x[i]);
        }
        let (now, before) = (&self.parts[self.at..][..m], &self.parts[self.at - self.n..][..m]);
        for i in 0..m {
            sum.add([now[i][0] - before[i][0], now[i][1] - before[i][1]]);
            out[i] = sum.value();
        }
        self.sum = sum;
        self.at += m;
        if MEAN {
            out.iter_mut().for_each(|y| *y /= self.divisor);
        }
    }
}

impl<const MEAN: bool> Node for RowSum<MEAN> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let (x, out) = (args.input(0), &mut out[..args.len()]);
        let mut done = 0;
        while done < x.len() {
            let room = self.calm.saturating_sub(self.at);
            let m = STRETCH.min(x.len() - done).min(room.max(1));
            let (x, out) = (&x[done..][..m], &mut out[done..][..m]);
            done += m;
            if m <= room && x.iter().fold(true, |all, &x| all & self.sum.takes(x)) {
                self.stretch(x, out);
            } else {
                for i in 0..m {
                    out[i] = self.step(x[i]);
                }
            }
        }
    }

    fn tick(&mut self, args: &Args<'_>) -> f64 {
        self.step(args.first(0))
    }

    fn save(&self, to: &mut Writer) {
        to.u64(self.n as u64);
        to.u64(self.at as u64);
        to.u64(self.dirty as u64);
        self.sum.save(to);
        put(to, self.parts[self.at - self.n..self.at].as_flattened());
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        from.expect("window", self.n as u64)?;
        self.at = get_index(from, "place of the next row", self.parts.len() - 1)?.max(self.n);
        self.dirty = get_index(from, "number of rows until a sum is there", self.n)?;
        self.sum.load(from)?;
        get(from, self.parts[self.at - self.n..self.at].as_flattened_mut())?;
        self.settle();
        Ok(())
    }
}
