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

impl<const K: usize, F: Fn([f64; K], [f64; K]) -> f64> Previous<K, F> {
    #[inline(always)]
    fn step(&mut self, now: [f64; K]) -> f64 {
        (self.formula)(now, std::mem::replace(&mut self.last, now))
    }
}

impl<const K: usize, F: Fn([f64; K], [f64; K]) -> f64 + Send> Node for Previous<K, F> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let (x, out): ([&[f64]; K], _) = (columns(args), &mut out[..args.len()]);
        let Some((first, rest)) = out.split_first_mut() else { return };
        *first = self.step(row(&x, 0));
        let (before, after) = (x.map(|c| &c[..rest.len()]), x.map(|c| &c[1..]));
        for i in 0..rest.len() {
            rest[i] = (self.formula)(row(&after, i), row(&before, i));
        }
        self.last = row(&x, rest.len());
    }

    fn tick(&mut self, args: &Args<'_>) -> f64 {
        self.step(args.firsts())
    }

    fn save(&self, to: &mut Writer) {
        put(to, &self.last);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        get(from, &mut self.last)
    }
}
