//! The rows of a stretch of time: the newest at the back, rows that are too old leave at the front.

use super::value::{get, get_index, put};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};

/// Rows with their times, oldest first and contiguous in memory.
///
/// Twice the rows that the stretch can hold are reserved, so that moving the live rows to the front costs one copy a row, and nothing is
/// allocated while running (rows closer together than the clock's interval would make it grow).
pub struct Span<const K: usize> {
    ts: Vec<i64>,
    rows: Vec<[f64; K]>,
    head: usize,
}

impl<const K: usize> Span<K> {
    /// Reserves room for `rows` live rows.
    pub fn new(rows: usize) -> Self {
        let room = 2 * (rows + 1);
        Self { ts: Vec::with_capacity(room), rows: Vec::with_capacity(room), head: 0 }
    }

    /// Appends a row.
    #[inline]
    pub fn push(&mut self, ts: i64, x: [f64; K]) {
        if self.ts.len() == self.ts.capacity() && self.head > 0 {
            self.ts.drain(..self.head);
            self.rows.drain(..self.head);
            self.head = 0;
        }
        self.ts.push(ts);
        self.rows.push(x);
    }

    /// Drops the oldest row.
    #[inline]
    pub fn pop(&mut self) {
        self.head += 1;
    }

    /// Returns the live rows, oldest first.
    #[inline]
    pub fn rows(&self) -> &[[f64; K]] {
        &self.rows[self.head..]
    }

    /// Returns the times of the live rows.
    #[inline]
    pub fn ts(&self) -> &[i64] {
        &self.ts[self.head..]
    }

    /// Writes the live rows.
    pub fn save(&self, to: &mut Writer) {
        to.u64(self.rows().len() as u64);
        for (&ts, row) in self.ts().iter().zip(self.rows()) {
            to.i64(ts);
            put(to, row);
        }
    }

    /// Reads the rows; refuses more than there is room for.
    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.head = 0;
        self.ts.clear();
        self.rows.clear();
        for _ in 0..get_index(from, "number of rows in a time window", self.ts.capacity())? {
            let ts = from.i64()?;
            let mut row = [0.0; K];
            get(from, &mut row)?;
            self.push(ts, row);
        }
        Ok(())
    }
}
