//! Events at which one column passes another: x > y now and x ≤ y on the row before. Missing unless all four values are present.

use super::kernel::params::{after, none};
use super::kernel::previous::Previous;
use super::kernel::value::bool_value;
use crate::signal::node::Kind;

/// The kinds of this file.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "crosses_above",
        version: 1,
        inputs: 2,
        build: |p| {
            none("crosses_above", p)?;
            Ok(Box::new(Previous::new(|[x, y]: [f64; 2], [x0, y0]: [f64; 2]| crosses(x, y, x0, y0))))
        },
        warmup: |_| after(1),
    },
    Kind {
        name: "crosses_below",
        version: 1,
        inputs: 2,
        build: |p| {
            none("crosses_below", p)?;
            Ok(Box::new(Previous::new(|[x, y]: [f64; 2], [x0, y0]: [f64; 2]| crosses(y, x, y0, x0))))
        },
        warmup: |_| after(1),
    },
];

#[inline(always)]
fn crosses(x: f64, y: f64, x0: f64, y0: f64) -> f64 {
    let missing = x.is_nan() | y.is_nan() | x0.is_nan() | y0.is_nan();
    if missing { f64::NAN } else { bool_value((x > y) & (x0 <= y0)) }
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_same, eval};

    #[test]
    fn an_event_is_true_only_on_the_row_of_the_crossing() {
        let x = [1.0, 3.0, 4.0, 2.0, 2.0, 3.0, NAN, 1.0, 3.0];
        let y = [2.0; 9];
        assert_same(&eval("crosses_above", &[], &[&x, &y]), &[NAN, 1.0, 0.0, 0.0, 0.0, 1.0, NAN, NAN, 1.0]);
        let x = [3.0, 1.0, 1.0, 2.0, 1.0, NAN, 3.0, 1.0];
        assert_same(&eval("crosses_below", &[], &[&x, &y[..8]]), &[NAN, 1.0, 0.0, 0.0, 1.0, NAN, NAN, 1.0]);
    }
}
