//! Nodes of this row and the row before: a formula of two rows, the state is one row.

use super::value::{columns, get, put, row};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Node};

/// Applies a formula to each row and the row before it (missing before the first).
pub struct Previous<const K: usize, F> {
    last: [f64; K],
    formula: F,
}

impl<const K: usize, F: Fn([f64; K], [f64; K]) -> f64> Previous<K, F> {
    /// Builds the node before its first row: `formula(now, before)`.
    pub fn new(formula: F) -> Self {
        Self { last: [f64::NAN; K], formula }
    }
}

impl<const K: usize, F: Fn([f64; K], [f64; K]) -> f64 + Send> Node for Previous<K, F> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let n = args.len();
        let x: [&[f64]; K] = columns(args);
        let Some((first, rest)) = out[..n].split_first_mut() else { return };
        let now = row(&x, 0);
        *first = (self.formula)(now, self.last);
        if rest.is_empty() {
            self.last = now;
            return;
        }
        let (before, after) = (x.map(|c| &c[..n - 1]), x.map(|c| &c[1..]));
        for i in 0..rest.len() {
            rest[i] = (self.formula)(row(&after, i), row(&before, i));
        }
        self.last = row(&x, n - 1);
    }

    fn save(&self, to: &mut Writer) {
        put(to, &self.last);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        get(from, &mut self.last)
    }
}
