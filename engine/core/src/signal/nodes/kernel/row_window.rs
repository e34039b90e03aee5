//! A window of the last n rows.
//!
//! Flips fall on rows n, 2n, … of the asset (earlier only where a row does not fit the pivot), and between two flips the buffers are walked
//! in step with the slice: row `at` of the newer part replaces row `at` of the older one.

use super::value::{columns, finite, get, get_index, put, row};
use super::window::{Monoid, Pivot, Statistic};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Node};

/// The node of a statistic over the last n rows.
pub struct RowWindow<const K: usize, S: Statistic<K>> {
    /// Places 0..at: the newer part; at..n: the older part, of which place `at` leaves next.
    rows: Vec<[f64; K]>,
    /// Totals of the older part from each place to its end.
    older: Vec<S::Total>,
    newer: S::Total,
    pivot: Pivot,
    at: usize,
    full: bool,
    statistic: S,
}

impl<const K: usize, S: Statistic<K>> RowWindow<K, S> {
    /// Builds the window before its first row.
    pub fn new(n: usize, statistic: S) -> Self {
        let (rows, older) = (vec![[0.0; K]; n], vec![S::Total::EMPTY; n]);
        Self { rows, older, newer: S::Total::EMPTY, pivot: [0.0; 2], at: 0, full: false, statistic }
    }

    /// Takes the row `x`, makes all rows of the full window the older part, and returns its value.
    fn flip(&mut self, x: [f64; K]) -> f64 {
        let n = self.rows.len();
        self.rows[self.at] = x;
        self.rows.rotate_left(self.at + 1); // nothing to do at a regular flip: `at` is the last place
        self.renew();
        finite(self.statistic.value(self.older[0], &self.pivot, n as f64, x))
    }

    /// Chooses the pivot and computes the totals of a window whose rows lie in order of time.
    fn renew(&mut self) {
        let n = self.rows.len();
        let pivot = S::Total::pivot(&self.rows, n);
        let mut total = S::Total::EMPTY;
        for (k, (place, &x)) in self.older.iter_mut().zip(&self.rows).rev().enumerate() {
            total = total.add(&pivot, x, (k + 1) as f64);
            *place = total;
        }
        (self.newer, self.pivot, self.at, self.full) = (S::Total::EMPTY, pivot, 0, true);
    }

    /// Takes rows up to the next flip and returns how many: fewer than there are where a row is the last place's or does not fit.
    #[inline(always)]
    fn walk(&mut self, x: [&[f64]; K], out: &mut [f64]) -> usize {
        let n = self.rows.len();
        let m = out.len().min(n - 1 - self.at);
        let (x, out) = (x.map(|column| &column[..m]), &mut out[..m]);
        let rows = &mut self.rows[self.at..self.at + m];
        if !self.full {
            for i in 0..m {
                (rows[i], out[i]) = (row(&x, i), f64::NAN);
            }
            self.at += m;
            return m;
        }
        let pivot = self.pivot;
        let older = &self.older[self.at + 1..self.at + 1 + m];
        let mut newer = self.newer;
        let mut taken = 0;
        while taken < m {
            let now = row(&x, taken);
            if !S::Total::fits(&pivot, now) {
                break;
            }
            let count = self.at + taken + 1;
            rows[taken] = now;
            newer = newer.add(&pivot, now, count as f64);
            let total = older[taken].join(newer, (n - count) as f64, count as f64);
            out[taken] = finite(self.statistic.value(total, &pivot, n as f64, now));
            taken += 1;
        }
        self.newer = newer;
        self.at += taken;
        taken
    }
}

impl<const K: usize, S: Statistic<K>> Node for RowWindow<K, S> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let len = args.len();
        let x: [&[f64]; K] = columns(args);
        let out = &mut out[..len];
        let mut done = 0;
        while done < len {
            done += self.walk(x.map(|column| &column[done..]), &mut out[done..]);
            if done == len {
                break;
            }
            // Where the window is not yet full and this is not its last place, `walk` has stopped only at the end of the slice.
            out[done] = self.flip(row(&x, done));
            done += 1;
        }
    }

    fn save(&self, to: &mut Writer) {
        to.u64(self.rows.len() as u64);
        to.u64(self.at as u64);
        to.bool(self.full);
        put(to, &self.pivot);
        self.rows.iter().for_each(|row| put(to, row));
        self.older.iter().for_each(|total| total.save(to));
        self.newer.save(to);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        let n = self.rows.len();
        from.expect("window", n as u64)?;
        self.at = get_index(from, "place in the window", n - 1)?;
        self.full = from.bool()?;
        get(from, &mut self.pivot)?;
        for row in &mut self.rows {
            get(from, row)?;
        }
        for total in &mut self.older {
            *total = S::Total::load(from)?;
        }
        self.newer = S::Total::load(from)?;
        Ok(())
    }
}
