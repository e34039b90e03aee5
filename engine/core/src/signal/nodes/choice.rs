//! Choosing between columns: only the chosen one may make the result missing.

use super::kernel::map::elementwise;
use super::kernel::value::finite;
use crate::signal::node::Kind;

/// Returns `min(max(x, lo), hi)`, missing if any of them is.
#[inline(always)]
fn clip(x: f64, lo: f64, hi: f64) -> f64 {
    let above = if x < lo { lo } else { x };
    let within = if above > hi { hi } else { above };
    if x.is_nan() | lo.is_nan() | hi.is_nan() { f64::NAN } else { within }
}

elementwise! {
    "where" [c, a, b] => {
        let chosen = if c != 0.0 { a } else { b };
        finite(if c.is_nan() { c } else { chosen })
    };
    "clip" [x, lo, hi] => finite(clip(x, lo, hi));
    "fill_missing" [x, y] => finite(if x.is_nan() { y } else { x });
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_same, eval};

    #[test]
    fn only_the_chosen_branch_counts() {
        let (c, a, b) = ([1.0, 0.0, 1.0, 0.0, NAN], [5.0, NAN, NAN, 5.0, 5.0], [NAN, 6.0, 6.0, NAN, 6.0]);
        assert_same(&eval("where", &[], &[&c, &a, &b]), &[5.0, 6.0, NAN, NAN, NAN]);
    }

    #[test]
    fn clip_keeps_within_its_bounds_and_the_upper_one_wins() {
        let x = [0.0, 2.0, 9.0, 2.0, NAN, 2.0, 2.0];
        let lo = [1.0, 1.0, 1.0, 5.0, 1.0, NAN, 1.0];
        let hi = [3.0, 3.0, 3.0, 3.0, 3.0, 3.0, NAN];
        assert_same(&eval("clip", &[], &[&x, &lo, &hi]), &[1.0, 2.0, 3.0, 3.0, NAN, NAN, NAN]);
    }

    #[test]
    fn fill_missing_fills_only_what_is_missing() {
        assert_same(&eval("fill_missing", &[], &[&[1.0, NAN, NAN], &[9.0, 9.0, NAN]]), &[1.0, 9.0, NAN]);
    }
}
