//! Rolling sum and mean. The sum is the exact sum of the window, rounded once; the mean is that sum divided by the number of rows.
//!
//! Exactness keeps ties: two means of the same prices compare equal, and what happened before the window leaves no trace. See `kernel::fixed`.

use super::kernel::params::{Extent, window, window_warmup};
use crate::signal::node::{Kind, Node, Params};
use rows::RowSum;
use time::TimeSum;

mod rows;
mod time;

/// The kinds of this file.
pub const KINDS: &[Kind] = &[
    Kind { name: "roll_sum", version: 1, inputs: 1, build: |p| build::<false>("roll_sum", p), warmup: window_warmup },
    Kind { name: "roll_mean", version: 1, inputs: 1, build: |p| build::<true>("roll_mean", p), warmup: window_warmup },
];

fn build<const MEAN: bool>(op: &str, p: &Params<'_>) -> Result<Box<dyn Node>, String> {
    Ok(match window(op, p, 1)? {
        Extent::Rows(n) => Box::new(RowSum::<MEAN>::new(n)),
        extent @ Extent::Time { ms, interval_ms } => Box::new(TimeSum::<MEAN>::new(ms, interval_ms, extent.rows())),
    })
}

/// Rows that are worked on at once: short enough to stay in the first cache.
const STRETCH: usize = 256;

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{Grid, NAN, UNITS, assert_same, eval, eval_at, fails, random};

    #[test]
    fn a_sum_is_the_exact_sum_rounded_once() {
        for (n, seed) in [(1, 1), (2, 2), (7, 3), (30, 4), (256, 5), (700, 6)] {
            for base in [0.0, 60_000.0] {
                let grid = Grid::new(3_000, seed, base, 10.0);
                assert_same(&eval("roll_sum", &[n as f64], &[&grid.x]), &grid.over(n, |w| w.iter().sum::<i128>() as f64 / UNITS));
                let mean = |w: &[i128]| w.iter().sum::<i128>() as f64 / UNITS / n as f64;
                assert_same(&eval("roll_mean", &[n as f64], &[&grid.x]), &grid.over(n, mean));
            }
        }
    }

    #[test]
    fn time_windows_of_whole_rows_are_row_windows() {
        let grid = Grid::new(3_000, 9, 0.5, 1.0);
        let ts: Vec<i64> = (0..3_000).map(|t| t * 60_000).collect();
        for op in ["roll_sum", "roll_mean"] {
            let rows = eval(op, &[30.0], &[&grid.x]);
            assert_same(&eval_at(op, &[1_800_000.0], "ms", &[&grid.x], &ts), &rows);
        }
    }

    #[test]
    fn a_time_window_over_holes_covers_the_rows_it_has() {
        let (x, ts) = ([1.0, 2.0, 4.0, NAN, 16.0, 32.0, 64.0], [0, 60_000, 120_000, 180_000, 240_000, 420_000, 480_000]);
        assert_same(&eval_at("roll_sum", &[180_000.0], "ms", &[&x], &ts), &[NAN, NAN, 7.0, NAN, NAN, 32.0, 96.0]);
        assert_same(&eval_at("roll_mean", &[180_000.0], "ms", &[&x], &ts), &[NAN, NAN, 7.0 / 3.0, NAN, NAN, 32.0, 48.0]);
    }

    #[test]
    fn an_outlier_that_has_left_leaves_no_trace() {
        let mut x = random(2_000, 12);
        let calm = eval("roll_sum", &[50.0], &[&x]);
        x[300] = 1e9;
        assert_same(&eval("roll_sum", &[50.0], &[&x])[350..], &calm[350..]);
        x[300] = 1e300;
        assert_same(&eval("roll_sum", &[50.0], &[&x])[900..], &calm[900..]);
        x[300] = f64::INFINITY;
        assert_same(&eval("roll_sum", &[50.0], &[&x])[350..], &calm[350..]);
    }

    #[test]
    fn means_of_repeating_prices_tie() {
        let x: Vec<f64> = (0..400).map(|t| if t % 2 == 0 { 0.1 } else { 0.3 }).collect();
        assert_same(&eval("roll_mean", &[10.0], &[&x])[40..], &eval("roll_mean", &[40.0], &[&x])[40..]);
    }

    #[test]
    fn an_empty_window_is_an_error() {
        assert_eq!(fails("roll_sum", &[0.0], ""), "the window of roll_sum must be a whole number of at least 1, not 0");
    }
}
