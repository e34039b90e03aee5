//! A window of the last n rows.
//!
//! Flips fall on rows n, 2n, … of the asset, and between two flips the buffers are walked
//! in step with the slice: row `at` of the newer part replaces row `at` of the older one.

use super::value::{columns, finite, get, get_index, put, row};
use super::window::{Monoid, Statistic};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Node};

/// The node of a statistic over the last n rows.
pub struct RowWindow<const K: usize, S: Statistic<K>> {
    /// Places 0..at: the newer part; at..n: the older part, of which place `at` leaves next.
    rows: Vec<[f64; K]>,
    /// Totals of the older part from each place to its end.
    older: Vec<S::Total>,
    newer: S::Total,
    origin: [f64; K],
    at: usize,
    full: bool,
    statistic: S,
}

impl<const K: usize, S: Statistic<K>> RowWindow<K, S> {
    /// Builds the window before its first row.
    pub fn new(n: usize, statistic: S) -> Self {
        let (rows, older) = (vec![[0.0; K]; n], vec![S::Total::EMPTY; n]);
        Self { rows, older, newer: S::Total::EMPTY, origin: [0.0; K], at: 0, full: false, statistic }
    }

    /// Takes the row of the last place, makes all rows the older part, and returns the window's value.
    fn flip(&mut self, x: [f64; K]) -> f64 {
        self.rows[self.at] = x;
        let (mut total, mut count) = (S::Total::EMPTY, 0.0);
        for (place, &row) in self.older.iter_mut().zip(&self.rows).rev() {
            count += 1.0;
            total = total.add(x, row, count);
            *place = total;
        }
        (self.newer, self.origin, self.at, self.full) = (S::Total::EMPTY, x, 0, true);
        finite(self.statistic.value(total, x, count, x))
    }

    /// Takes one row.
    #[inline(always)]
    fn step(&mut self, x: [f64; K]) -> f64 {
        let (at, n) = (self.at, self.rows.len());
        match (self.rows.get_mut(at), self.older.get(at.wrapping_add(1))) {
            (Some(place), Some(older)) if self.full => {
                *place = x;
                let (all, count) = (n as f64, at as f64 + 1.0);
                self.newer = self.newer.add(self.origin, x, count);
                self.at = at.wrapping_add(1);
                finite(self.statistic.value(older.join(self.newer, all - count, count), self.origin, all, x))
            }
            _ => self.step_rarely(x),
        }
    }

    /// Takes a row that flips the window, or that does not yet fill it.
    #[cold]
    #[inline(never)]
    fn step_rarely(&mut self, x: [f64; K]) -> f64 {
        if self.at + 1 == self.rows.len() {
            return self.flip(x);
        }
        self.rows[self.at] = x;
        self.at += 1;
        f64::NAN
    }

    /// Takes rows up to the next flip and returns how many: fewer than there are where a row is the last place's.
    #[inline(always)]
    fn walk(&mut self, x: [&[f64]; K], out: &mut [f64]) -> usize {
        let (n, at) = (self.rows.len(), self.at);
        let m = out.len().min(n - 1 - at);
        let (x, out) = (x.map(|column| &column[..m]), &mut out[..m]);
        let rows = &mut self.rows[at..][..m];
        for i in 0..m {
            rows[i] = row(&x, i);
        }
        self.at += m;
        if !self.full {
            out.fill(f64::NAN);
            return m;
        }
        let older = &self.older[at + 1..][..m];
        let (origin, statistic, all) = (self.origin, self.statistic, n as f64);
        let (mut newer, mut count) = (self.newer, at as f64);
        for i in 0..m {
            let now = row(&x, i);
            count += 1.0;
            newer = newer.add(origin, now, count);
            out[i] = finite(statistic.value(older[i].join(newer, all - count, count), origin, all, now));
        }
        self.newer = newer;
        m
    }
}

impl<const K: usize, S: Statistic<K>> RowWindow<K, S> {
    /// Takes many rows.
    #[inline(always)]
    fn run_many(&mut self, x: [&[f64]; K], out: &mut [f64]) {
        let mut done = 0;
        while done < out.len() {
            done += self.walk(x.map(|column| &column[done..]), &mut out[done..]);
            if done == out.len() {
                break;
            }
            // `walk` has stopped at a row that flips: while the window fills, that is the one that fills it.
            out[done] = self.flip(row(&x, done));
            done += 1;
        }
    }
}

impl<const K: usize, S: Statistic<K>> Node for RowWindow<K, S> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let x: [&[f64]; K] = columns(args);
        self.run_many(x, &mut out[..args.len()]);
    }

    fn tick(&mut self, args: &Args<'_>) -> f64 {
        self.step(args.firsts())
    }

    fn save(&self, to: &mut Writer) {
        to.u64(self.rows.len() as u64);
        to.u64(self.at as u64);
        to.bool(self.full);
        put(to, &self.origin);
        self.rows.iter().for_each(|row| put(to, row));
        self.older.iter().for_each(|total| total.save(to));
        self.newer.save(to);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        let n = self.rows.len();
        from.expect("window", n as u64)?;
        self.at = get_index(from, "place in the window", n - 1)?;
        self.full = from.bool()?;
        get(from, &mut self.origin)?;
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
