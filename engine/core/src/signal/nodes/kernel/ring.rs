//! The last n values of one column: row t lies at t mod n, so the memory is the same however the rows were cut into slices.

use super::value::{get, get_index, put};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use std::ops::Range;

/// A ring of values, at first all missing.
pub struct Ring {
    values: Vec<f64>,
    at: usize,
}

impl Ring {
    /// Makes a ring of the last `n` values.
    pub fn new(n: usize) -> Self {
        Self { values: vec![f64::NAN; n], at: 0 }
    }

    /// Returns the values, in no order of time.
    #[inline(always)]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Puts a value in and returns the one that leaves, n rows before it.
    #[inline(always)]
    pub fn replace(&mut self, x: f64) -> f64 {
        let before = std::mem::replace(&mut self.values[self.at], x);
        self.at = if self.at + 1 == self.values.len() { 0 } else { self.at + 1 };
        before
    }

    /// Returns, for the next rows `x`, stretches of them with the values n rows before each: two from the ring, one from `x` itself.
    #[inline(always)]
    pub fn before<'a>(&'a self, x: &'a [f64]) -> [(Range<usize>, &'a [f64]); 3] {
        let n = self.values.len();
        let from_ring = x.len().min(n);
        let to_end = from_ring.min(n - self.at);
        [
            (0..to_end, &self.values[self.at..self.at + to_end]),
            (to_end..from_ring, &self.values[..from_ring - to_end]),
            (from_ring..x.len(), &x[..x.len() - from_ring]),
        ]
    }

    /// Puts the rows `x` in.
    #[inline(always)]
    pub fn extend(&mut self, x: &[f64]) {
        let n = self.values.len();
        let (forgotten, kept) = x.split_at(x.len().saturating_sub(n));
        let at = (self.at + forgotten.len()) % n;
        let (to_end, wrapped) = kept.split_at(kept.len().min(n - at));
        self.values[at..at + to_end.len()].copy_from_slice(to_end);
        self.values[..wrapped.len()].copy_from_slice(wrapped);
        self.at = (at + kept.len()) % n;
    }

    /// Writes the ring.
    pub fn save(&self, to: &mut Writer) {
        to.u64(self.values.len() as u64);
        to.u64(self.at as u64);
        put(to, &self.values);
    }

    /// Reads the ring; refuses one of another length.
    pub fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        from.expect("number of rows", self.values.len() as u64)?;
        self.at = get_index(from, "place in the ring", self.values.len().saturating_sub(1))?;
        get(from, &mut self.values)
    }
}
