//! Rolling rank of the newest value: (count below + (count equal + 1) / 2) / n, in (0, 1].
//!
//! Each row is compared with the whole window: for the windows in use that is faster than keeping them sorted.

use super::kernel::params::{Extent, window, window_warmup};
use super::kernel::ring::Ring;
use super::kernel::span::Span;
use crate::memory::snapshot::{Reader, SnapshotError, Writer};
use crate::signal::node::{Args, Kind, Node};

/// The kinds of this file.
pub const KINDS: &[Kind] = &[Kind {
    name: "roll_rank",
    version: 1,
    inputs: 1,
    build: |p| {
        Ok(match window("roll_rank", p, 1)? {
            Extent::Rows(n) => Box::new(RowRank { ring: Ring::new(n) }),
            extent @ Extent::Time { ms, interval_ms } => {
                Box::new(TimeRank { ms, interval_ms, full_from: None, rows: Span::new(extent.rows()) })
            }
        })
    },
    warmup: window_warmup,
}];

/// Returns the rank of `newest` in a window that contains it; missing if any value is.
#[inline(always)]
fn rank(window: &[f64], newest: f64) -> f64 {
    let (mut below, mut up_to, mut above) = (0u64, 0u64, 0u64);
    for &x in window {
        below = below.wrapping_add(u64::from(x < newest));
        up_to = up_to.wrapping_add(u64::from(x <= newest));
        above = above.wrapping_add(u64::from(x > newest));
    }
    let n = window.len() as u64;
    if up_to + above == n { (below + up_to + 1) as f64 / (2 * n) as f64 } else { f64::NAN }
}

/// Over the last n rows; the ring starts missing, so that a window that is not full is missing.
struct RowRank {
    ring: Ring,
}

impl Node for RowRank {
    fn run(&mut self, args: &Args<'_>, out: &mut [f64]) {
        for (&x, y) in args.input(0).iter().zip(out) {
            self.ring.replace(x);
            *y = rank(self.ring.values(), x);
        }
    }

    fn save(&self, to: &mut Writer) {
        self.ring.save(to);
    }

    fn load(&mut self, from: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.ring.load(from)
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
            *y = if ts < full_from { f64::NAN } else { rank(self.rows.rows().as_flattened(), x) };
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

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{Grid, NAN, assert_same, eval, eval_at};

    #[test]
    fn the_newest_value_is_ranked_with_ties_in_the_middle() {
        assert_same(&eval("roll_rank", &[4.0], &[&[3.0, 1.0, 2.0, 4.0, 1.0, 1.0, NAN]]), &[NAN, NAN, NAN, 1.0, 0.375, 0.375, NAN]);
        for n in [1usize, 5, 64] {
            let grid = Grid::new(1_500, n as u64, 0.0, 1.0);
            let rank = |w: &[i128]| {
                let below = w.iter().filter(|v| *v < w.last().unwrap()).count() as f64;
                let equal = w.iter().filter(|v| *v == w.last().unwrap()).count() as f64;
                (below + (equal + 1.0) / 2.0) / w.len() as f64
            };
            let ts: Vec<i64> = (0..1_500).map(|t| t * 60_000).collect();
            assert_same(&eval("roll_rank", &[n as f64], &[&grid.x]), &grid.over(n, rank));
            assert_same(&eval_at("roll_rank", &[n as f64 * 60_000.0], "ms", &[&grid.x], &ts), &grid.over(n, rank));
        }
    }
}
