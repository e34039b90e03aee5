//! Slower clocks: base bars gathered into buckets, and the way back to the base clock.
//!
//! A base row can complete two buckets at once: a late one whose closing bar is missing, and its own. Slower columns are therefore compact (one row for each
//! completed bucket of the block), and `done[i]` counts how many of them are known at base row `i`.

use super::arena::Col;
use super::grid::AssetRows;
use super::node::{Args, Node};
use super::op::Column;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

const WEEK_MS: i64 = 604_800_000;
/// 1970-01-05 00:00, a Monday.
const MONDAY_MS: i64 = 345_600_000;

/// The columns a resampler writes.
pub(crate) struct Sink {
    /// Bucket starts.
    pub ts: Col<i64>,
    /// The columns that somebody reads; one may be read by several nodes.
    pub columns: Vec<(Column, Col)>,
    /// For each base row, the buckets completed so far in this block.
    pub done: Col<u32>,
}

/// The buckets of one asset on one clock.
pub(crate) struct Resampler {
    period_ms: i64,
    interval_ms: i64,
    anchor_ms: i64,
    /// Whether `start` and `bar` hold a bucket that is not complete.
    open: bool,
    start: i64,
    /// Open, high, low, close, volume of the bucket so far.
    bar: [f64; 5],
    sink: Sink,
}

impl Resampler {
    /// Makes a resampler that has seen nothing.
    pub fn new(period_ms: i64, interval_ms: i64, sink: Sink) -> Self {
        let anchor_ms = if period_ms % WEEK_MS == 0 { MONDAY_MS } else { 0 };
        Self { period_ms, interval_ms, anchor_ms, open: false, start: 0, bar: [0.0; 5], sink }
    }

    /// Gathers the block's rows and returns the number of buckets completed.
    pub fn run(&mut self, rows: &AssetRows<'_>) -> usize {
        let mut done = 0;
        for (i, &ts) in rows.ts.iter().enumerate() {
            let start = ts - (ts - self.anchor_ms).rem_euclid(self.period_ms);
            if self.open && start != self.start {
                self.complete(&mut done);
            }
            let (high, low, close) = (rows.high[i], rows.low[i], rows.close[i]);
            if self.open {
                let [_, top, bottom, last, volume] = &mut self.bar;
                *top = if high > *top { high } else { *top };
                *bottom = if low < *bottom { low } else { *bottom };
                *last = close;
                *volume += rows.volume[i];
            } else {
                self.open = true;
                self.start = start;
                self.bar = [rows.open[i], high, low, close, rows.volume[i]];
            }
            if ts + self.interval_ms >= start + self.period_ms {
                self.complete(&mut done);
            }
            self.sink.done.set(i, done as u32);
        }
        done
    }

    fn complete(&mut self, done: &mut usize) {
        self.sink.ts.set(*done, self.start);
        for &(column, to) in &self.sink.columns {
            to.set(*done, self.bar[column as usize]);
        }
        *done += 1;
        self.open = false;
    }

    pub fn save(&self, to: &mut Writer) {
        to.bool(self.open);
        to.i64(self.start);
        self.bar.iter().for_each(|&x| to.f64(x));
    }

    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.open = from.bool()?;
        self.start = from.i64()?;
        for x in &mut self.bar {
            *x = from.f64()?;
        }
        Ok(())
    }
}

/// `carry`: the last completed value on every base row, missing before the first.
pub(crate) struct Carry {
    pub slow: Col,
    pub done: Col<u32>,
    pub last: f64,
}

impl Node for Carry {
    fn run(&mut self, _args: &Args<'_>, out: &mut [f64]) {
        let mut seen = 0;
        for (row, y) in out.iter_mut().enumerate() {
            let done = self.done.get(row);
            if done > seen {
                self.last = self.slow.get(done as usize - 1);
                seen = done;
            }
            *y = self.last;
        }
    }

    fn save(&self, to: &mut Writer) {
        to.f64(self.last);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.last = from.f64()?;
        Ok(())
    }
}

/// `carry_event`: true on the base row that completed it, false elsewhere; of two buckets completed by one row, either (Kleene).
pub(crate) struct CarryEvent {
    pub slow: Col,
    pub done: Col<u32>,
}

impl Node for CarryEvent {
    fn run(&mut self, _args: &Args<'_>, out: &mut [f64]) {
        let mut seen = 0;
        for (row, y) in out.iter_mut().enumerate() {
            let done = self.done.get(row);
            *y = (seen..done).map(|i| self.slow.get(i as usize)).fold(0.0, either);
            seen = done;
        }
    }
}

/// Kleene's or.
fn either(a: f64, b: f64) -> f64 {
    let is_true = |x: f64| x != 0.0 && !x.is_nan();
    if is_true(a) || is_true(b) {
        1.0
    } else if a.is_nan() || b.is_nan() {
        f64::NAN
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::arena::Arena;
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn sink(floats: &mut Arena, times: &mut Arena<i64>, counts: &mut Arena<u32>) -> Sink {
        Sink {
            ts: times.column(16),
            columns: Column::NAMES.map(|(_, column)| (column, floats.column(16))).to_vec(),
            done: counts.column(16),
        }
    }

    #[test]
    fn a_late_bucket_and_a_full_one_complete_on_one_row() {
        let (mut floats, mut times, mut counts) = (Arena::new(), Arena::new(), Arena::new());
        let sink = sink(&mut floats, &mut times, &mut counts);
        let (close, volume, done, bucket) = (sink.columns[3].1, sink.columns[4].1, sink.done, sink.ts);
        let mut resampler = Resampler::new(2 * HOUR, HOUR, sink);
        // Bucket 0 lacks its second bar, bucket 1 its first: the bar at 3 h completes both.
        let prices = [1.0, 2.0, 3.0];
        let ts = [0, 3 * HOUR, 4 * HOUR];
        let rows = AssetRows { ts: &ts, open: &prices, high: &prices, low: &prices, close: &prices, volume: &prices };
        assert_eq!(resampler.run(&rows), 2);
        assert_eq!([0, 1, 2].map(|row| done.get(row)), [0, 2, 2]);
        assert_eq!([close.get(0), close.get(1), volume.get(1)], [1.0, 2.0, 2.0]);
        assert_eq!([bucket.get(0), bucket.get(1)], [0, 2 * HOUR]);

        let mut out = [0.0; 3];
        let args = Args::new(&[], &ts);
        Carry { slow: close, done, last: f64::NAN }.run(&args, &mut out);
        assert!(out[0].is_nan());
        assert_eq!(out[1..], [2.0, 2.0]);
        close.set(1, 0.0);
        CarryEvent { slow: close, done }.run(&args, &mut out);
        assert_eq!(out, [0.0, 1.0, 0.0]);
        close.set(0, f64::NAN);
        CarryEvent { slow: close, done }.run(&args, &mut out);
        assert!(out[1].is_nan());
    }

    #[test]
    fn buckets_hold_first_max_min_last_sum_and_weeks_start_on_monday() {
        let (mut floats, mut times, mut counts) = (Arena::new(), Arena::new(), Arena::new());
        let sink = sink(&mut floats, &mut times, &mut counts);
        let (columns, bucket) = (sink.columns.iter().map(|(_, column)| *column).collect::<Vec<_>>(), sink.ts);
        let day = 24 * HOUR;
        let mut resampler = Resampler::new(WEEK_MS, day, sink);
        let ts: Vec<i64> = (4..11).map(|i| i * day).collect();
        let column = |base: f64| (0..7).map(|i| base + f64::from((i * 3) % 7)).collect::<Vec<f64>>();
        let (open, high, low, close, volume) = (column(10.0), column(20.0), column(0.0), column(15.0), column(1.0));
        let rows = AssetRows { ts: &ts, open: &open, high: &high, low: &low, close: &close, volume: &volume };
        assert_eq!(resampler.run(&rows), 1);
        assert_eq!(bucket.get(0), MONDAY_MS);
        assert_eq!(columns.iter().map(|column| column.get(0)).collect::<Vec<_>>(), [10.0, 26.0, 0.0, 19.0, 28.0]);
    }
}
