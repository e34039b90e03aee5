//! A window of the rows of the last `ms` milliseconds: the rows whose time lies in (t − ms, t].
//!
//! It is full once t ≥ first time + ms − interval. It flips when the older part has left.

use super::span::Span;
use super::value::{columns, finite, get, get_index, put, row};
use super::window::{Monoid, Statistic};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Node};

/// The node of a statistic over a stretch of time.
pub struct TimeWindow<const K: usize, S: Statistic<K>> {
    ms: i64,
    interval_ms: i64,
    /// Time from which the window is full; none before the first row.
    full_from: Option<i64>,
    most: usize,
    rows: Span<K>,
    /// Totals of the older part from each of its rows to its end; those before `gone` have left.
    older: Vec<S::Total>,
    gone: usize,
    newer: S::Total,
    origin: [f64; K],
    statistic: S,
}

impl<const K: usize, S: Statistic<K>> TimeWindow<K, S> {
    /// Builds the window before its first row; `most` is how many rows it holds at most.
    pub fn new(ms: i64, interval_ms: i64, most: usize, statistic: S) -> Self {
        Self {
            ms,
            interval_ms,
            full_from: None,
            most,
            rows: Span::new(most),
            older: Vec::with_capacity(most + 1),
            gone: 0,
            newer: S::Total::EMPTY,
            origin: [0.0; K],
            statistic,
        }
    }

    /// Makes all rows the older part.
    fn flip(&mut self) {
        let rows = self.rows.rows();
        self.origin = rows[rows.len() - 1];
        self.older.clear();
        self.older.resize(rows.len(), S::Total::EMPTY);
        let (mut total, mut count) = (S::Total::EMPTY, 0.0);
        for (place, &row) in self.older.iter_mut().zip(rows).rev() {
            count += 1.0;
            total = total.add(self.origin, row, count);
            *place = total;
        }
        (self.newer, self.gone) = (S::Total::EMPTY, 0);
    }

    #[inline(always)]
    fn step(&mut self, ts: i64, x: [f64; K]) -> f64 {
        let full_from = *self.full_from.get_or_insert(ts.saturating_add(self.ms - self.interval_ms));
        self.rows.push(ts, x);
        while self.rows.ts()[0] <= ts - self.ms {
            self.rows.pop();
            self.gone += 1;
        }
        let count = self.rows.rows().len();
        if self.gone >= self.older.len() {
            self.flip();
        } else {
            let newer_count = count - (self.older.len() - self.gone);
            self.newer = self.newer.add(self.origin, x, newer_count as f64);
        }
        let older_count = self.older.len() - self.gone;
        let total = self.older[self.gone].join(self.newer, older_count as f64, (count - older_count) as f64);
        if ts < full_from { f64::NAN } else { finite(self.statistic.value(total, self.origin, count as f64, x)) }
    }
}

impl<const K: usize, S: Statistic<K>> Node for TimeWindow<K, S> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let x: [&[f64]; K] = columns(args);
        let (ts, out) = (args.ts(), &mut out[..args.len()]);
        for i in 0..out.len() {
            out[i] = self.step(ts[i], row(&x, i));
        }
    }

    fn save(&self, to: &mut Writer) {
        to.bool(self.full_from.is_some());
        to.i64(self.full_from.unwrap_or(0));
        self.rows.save(to);
        let older = &self.older[self.gone..];
        to.u64(older.len() as u64);
        older.iter().for_each(|total| total.save(to));
        self.newer.save(to);
        put(to, &self.origin);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        let (known, full_from) = (from.bool()?, from.i64()?);
        self.full_from = known.then_some(full_from);
        self.rows.load(from)?;
        let count = get_index(from, "number of rows in the older part", self.rows.rows().len())?;
        (self.gone, self.older) = (0, Vec::with_capacity(self.most + 1));
        for _ in 0..count {
            self.older.push(S::Total::load(from)?);
        }
        self.newer = S::Total::load(from)?;
        get(from, &mut self.origin)
    }
}
