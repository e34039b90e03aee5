//! Rolling rank of the newest value: (count below + (count equal + 1) / 2) / n, in (0, 1].
//!
//! Each row is compared with the whole window: for the windows in use that is faster than keeping them sorted.

use super::kernel::params::{Extent, window, window_warmup};
use super::kernel::span::Span;
use super::kernel::value::{get, get_index, put};
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Kind, Node};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[Kind {
    name: "roll_rank",
    version: 1,
    inputs: 1,
    build: |p| {
        Ok(match window("roll_rank", p, 1)? {
            Extent::Rows(n) => Box::new(RowRank { ring: vec![f64::NAN; n], at: 0 }),
            extent @ Extent::Time { ms, interval_ms } => {
                Box::new(TimeRank { ms, interval_ms, full_from: None, rows: Span::new(extent.rows()) })
            }
        })
    },
    warmup: window_warmup,
}];

/// Returns the rank of `newest` in a window that contains it; missing if any value is.
#[inline(always)]
fn rank(window: impl ExactSizeIterator<Item = f64>, newest: f64) -> f64 {
    let n = window.len() as u64;
    let (mut below, mut up_to, mut above) = (0u64, 0u64, 0u64);
    for x in window {
        below += u64::from(x < newest);
        up_to += u64::from(x <= newest);
        above += u64::from(x > newest);
    }
    if up_to + above == n { (below + up_to + 1) as f64 / (2 * n) as f64 } else { f64::NAN }
}

/// Over the last n rows, in a ring: row t lies at t mod n. It starts missing, so that a window that is not full is missing.
struct RowRank {
    ring: Vec<f64>,
    at: usize,
}

impl Node for RowRank {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        for (&x, y) in args.input(0).iter().zip(out) {
            self.ring[self.at] = x;
            self.at = if self.at + 1 == self.ring.len() { 0 } else { self.at + 1 };
            *y = rank(self.ring.iter().copied(), x);
        }
    }

    fn save(&self, to: &mut Writer) {
        to.u64(self.ring.len() as u64);
        to.u64(self.at as u64);
        put(to, &self.ring);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        from.expect("window", self.ring.len() as u64)?;
        self.at = get_index(from, "place in the window", self.ring.len() - 1)?;
        get(from, &mut self.ring)
    }
}

/// Over the rows of the last `ms`.
struct TimeRank {
    ms: i64,
    interval_ms: i64,
    full_from: Option<i64>,
    rows: Span<1>,
}

impl Node for TimeRank {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        for ((&ts, &x), y) in args.ts().iter().zip(args.input(0)).zip(out) {
            let full_from = *self.full_from.get_or_insert(ts.saturating_add(self.ms - self.interval_ms));
            self.rows.push(ts, [x]);
            while self.rows.ts()[0] <= ts - self.ms {
                self.rows.pop();
            }
            *y = if ts < full_from { f64::NAN } else { rank(self.rows.rows().iter().map(|&[x]| x), x) };
        }
    }

    fn save(&self, to: &mut Writer) {
        to.bool(self.full_from.is_some());
        to.i64(self.full_from.unwrap_or(0));
        self.rows.save(to);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        let (known, full_from) = (from.bool()?, from.i64()?);
        self.full_from = known.then_some(full_from);
        self.rows.load(from)
    }
}
