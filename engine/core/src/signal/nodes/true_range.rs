//! True range (Wilder 1978): max(high − low, |high − close before|, |low − close before|), with the close of the row before.

use super::kernel::params::{after, none};
use super::kernel::previous::Previous;
use super::kernel::value::finite;
use crate::signal::node::Kind;

/// The kinds of this file.
pub const KINDS: &[Kind] = &[Kind {
    name: "true_range",
    version: 1,
    inputs: 3,
    build: |p| {
        none("true_range", p)?;
        Ok(Box::new(Previous::new(|[high, low, _]: [f64; 3], [_, _, close]: [f64; 3]| finite(true_range(high, low, close)))))
    },
    warmup: |_| after(1),
}];

/// Returns the true range; missing where an input is.
#[inline(always)]
pub(super) fn true_range(high: f64, low: f64, close_before: f64) -> f64 {
    let (range, up, down) = (high - low, (high - close_before).abs(), (low - close_before).abs());
    let most = if up > range { up } else { range };
    let most = if down > most { down } else { most };
    if up.is_nan() | down.is_nan() { f64::NAN } else { most }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_same, eval, warmup};

    #[test]
    fn gaps_widen_the_range() {
        let high = [10.0, 11.0, 20.0, 6.0, 7.0, 8.0, 9.0];
        let low = [9.0, 10.0, 19.0, 5.0, 6.0, NAN, 8.0];
        let close = [9.5, 10.5, 19.5, 5.5, NAN, 7.0, 8.5];
        assert_same(&eval("true_range", &[], &[&high, &low, &close]), &[NAN, 1.5, 9.5, 14.5, 1.5, NAN, 2.0]);
        assert_eq!(warmup("true_range", &[], "").settled, 1);
    }
}
