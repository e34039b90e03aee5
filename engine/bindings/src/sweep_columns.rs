//! The rows of a sweep, side by side: what a run costs in memory is what stands here, once.

use crate::refuse;
use bot4_engine::replay::sweep::Row;
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// A column of one integer a run.
type Narrow = (&'static str, fn(&Row) -> i64);
/// A column of one large sum a run.
type Wide = (&'static str, fn(&Row) -> i128);

const NARROW: [Narrow; 20] = [
    ("bars", |row| row.digest.marks.bars as i64),
    ("bars_held", |row| row.digest.marks.held as i64),
    ("start_ms", |row| row.digest.marks.span.0),
    ("end_ms", |row| row.digest.marks.span.1),
    ("start_equity", |row| row.digest.marks.equity.0),
    ("final_equity", |row| row.digest.marks.equity.1),
    ("first_day", |row| row.digest.marks.first_day as i64),
    ("drawdown_start_ms", |row| row.digest.marks.fall.start_ms),
    ("drawdown_trough_ms", |row| row.digest.marks.fall.trough_ms),
    ("drawdown_end_ms", |row| row.digest.marks.fall.end_ms),
    ("longest_drawdown_ms", |row| row.digest.marks.fall.longest_ms),
    ("orders", |row| row.digest.sums.orders),
    ("fills", |row| row.digest.sums.fills),
    ("trades", |row| row.digest.sums.trades),
    ("open_positions", |row| row.digest.sums.open),
    ("wins", |row| row.digest.sums.wins),
    ("trade_bars", |row| row.digest.sums.bars_held),
    ("liquidations", |row| row.liquidations),
    ("borrow", |row| row.borrow),
    ("interest", |row| row.interest),
];

const WIDE: [Wide; 6] = [
    ("equity_sum", |row| row.digest.marks.equity_sum),
    ("fees", |row| row.digest.sums.fees),
    ("traded", |row| row.digest.sums.traded),
    ("funding", |row| row.digest.sums.funding),
    ("won", |row| row.digest.sums.won),
    ("lost", |row| row.digest.sums.lost),
];

/// What is kept of all runs.
pub struct Columns {
    runs: usize,
    narrow: Vec<Vec<i64>>,
    /// High and low word of each sum, by run.
    wide: Vec<Vec<i64>>,
    drawdown: Vec<f64>,
    days: Vec<i64>,
    hashes: Vec<u8>,
}

impl Columns {
    /// Makes room for `runs` runs of `days` daily closes.
    pub fn new(runs: usize, days: usize) -> Self {
        let column = |words: usize| vec![0; runs * words];
        Self {
            runs,
            narrow: NARROW.iter().map(|_| column(1)).collect(),
            wide: WIDE.iter().map(|_| column(2)).collect(),
            drawdown: vec![0.0; runs],
            days: column(days),
            hashes: vec![0; runs * 32],
        }
    }

    /// Puts the row of a run in its place.
    pub fn put(&mut self, run: usize, row: &Row) {
        for ((_, of), to) in NARROW.iter().zip(&mut self.narrow) {
            to[run] = of(row);
        }
        for ((_, of), to) in WIDE.iter().zip(&mut self.wide) {
            let sum = of(row);
            to[2 * run] = (sum >> 64) as i64;
            to[2 * run + 1] = sum as i64;
        }
        self.drawdown[run] = row.digest.marks.fall.depth;
        let closes = &row.digest.marks.days;
        self.days[run * closes.len()..(run + 1) * closes.len()].copy_from_slice(closes);
        self.hashes[run * 32..(run + 1) * 32].copy_from_slice(&row.desk_hash);
    }

    /// Hands the columns over without a copy: by run, of shape (runs,), large sums as (high, low) words of shape (runs, 2), days of shape
    /// (runs, days), hashes of shape (runs, 32).
    pub fn digest<'py>(self, py: Python<'py>, day_ts: &[i64]) -> PyResult<Bound<'py, PyDict>> {
        let to = PyDict::new(py);
        let shaped = |values: Vec<i64>, width: usize| Array2::from_shape_vec((self.runs, width), values).map_err(refuse);
        for ((name, _), values) in NARROW.iter().zip(self.narrow) {
            to.set_item(name, values.into_pyarray(py))?;
        }
        for ((name, _), values) in WIDE.iter().zip(self.wide) {
            to.set_item(name, shaped(values, 2)?.into_pyarray(py))?;
        }
        to.set_item("drawdown", self.drawdown.into_pyarray(py))?;
        to.set_item("day_equity", shaped(self.days, day_ts.len())?.into_pyarray(py))?;
        to.set_item("day_ts", PyArray1::from_slice(py, day_ts))?;
        let hashes = Array2::from_shape_vec((self.runs, 32), self.hashes).map_err(refuse)?;
        to.set_item("desk_hash", hashes.into_pyarray(py))?;
        Ok(to)
    }
}
