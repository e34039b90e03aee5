//! Recursive nodes: a state that each present row moves on. A row with a missing input leaves the state and gives a missing output.
//!
//! The chain of one row's result into the next is what bounds the speed, so the loops keep the state in registers and look for missing
//! values beforehand, a stretch at a time.

use super::value::{all_present, columns, finite, present, row};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Linear, Node};

/// Rows that are searched for missing values at once: short enough to stay in the first cache.
const STRETCH: usize = 256;

/// A recursion over rows of `K` present values.
pub trait Recursion<const K: usize>: Copy + Send + 'static {
    /// Returns whether the seed is complete, so that `next` takes over from `seed`.
    fn is_seeded(&self) -> bool;
    /// Takes a row of the seed; missing until the seed is complete.
    fn seed(&mut self, x: [f64; K]) -> f64;
    /// Takes a row after the seed.
    fn next(&mut self, x: [f64; K]) -> f64;
    /// Returns the state where it is a plain linear recursion; see [`Node::linear`].
    #[inline(always)]
    fn linear(&mut self) -> Option<&mut Linear> {
        None
    }
    /// Writes the state.
    fn save(&self, to: &mut Writer);
    /// Reads the state.
    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError>;
}

/// The node of a recursion.
pub struct Recursive<const K: usize, R>(pub R);

#[inline(always)]
fn all<const K: usize>(x: [f64; K]) -> bool {
    x.iter().fold(true, |all, &v| all & present(v))
}

impl<const K: usize, R: Recursion<K>> Recursive<K, R> {
    /// Takes a row of the seed.
    #[cold]
    #[inline(never)]
    fn seed(&mut self, x: [f64; K]) -> f64 {
        finite(self.0.seed(x))
    }

    #[inline(always)]
    fn step(&mut self, x: [f64; K]) -> f64 {
        if self.0.is_seeded()
            && let Some(line) = self.0.linear()
        {
            // A finite result shows by itself that input and state were present.
            let mut moved = *line;
            let y = moved.next(x[0]);
            if present(y) {
                line.value = y;
                return y;
            }
        }
        self.step_with_care(x)
    }

    #[inline(always)]
    fn step_with_care(&mut self, x: [f64; K]) -> f64 {
        if !all(x) {
            f64::NAN
        } else if self.0.is_seeded() {
            finite(self.0.next(x))
        } else {
            self.seed(x)
        }
    }

    #[inline(always)]
    fn run_many(&mut self, x: [&[f64]; K], out: &mut [f64]) {
        let n = out.len();
        let mut at = 0;
        while at < n && !self.0.is_seeded() {
            out[at] = self.step(row(&x, at));
            at += 1;
        }
        let mut state = self.0;
        while at < n {
            let m = STRETCH.min(n - at);
            let (x, out) = (x.map(|column| &column[at..][..m]), &mut out[at..][..m]);
            at += m;
            if all_present(&x) {
                for i in 0..m {
                    out[i] = state.next(row(&x, i));
                }
                out.iter_mut().for_each(|y| *y = finite(*y));
            } else {
                for i in 0..m {
                    let now = row(&x, i);
                    out[i] = if all(now) { finite(state.next(now)) } else { f64::NAN };
                }
            }
        }
        self.0 = state;
    }
}

impl<const K: usize, R: Recursion<K>> Node for Recursive<K, R> {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        let x: [&[f64]; K] = columns(args);
        self.run_many(x, &mut out[..args.len()]);
    }

    fn tick(&mut self, args: &Args<'_>) -> f64 {
        self.step(args.firsts())
    }

    fn linear(&mut self) -> Option<&mut Linear> {
        if self.0.is_seeded() { self.0.linear() } else { None }
    }

    fn save(&self, to: &mut Writer) {
        self.0.save(to);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.0.load(from)
    }
}
