//! Comparisons: 1 or 0, missing where an operand is.

use super::kernel::map::elementwise;
use super::kernel::value::bool_value;
use crate::signal::node::Kind;

/// Returns the verdict unless one of the operands is missing.
#[inline(always)]
fn verdict(holds: bool, a: f64, b: f64) -> f64 {
    if a.is_nan() | b.is_nan() { f64::NAN } else { bool_value(holds) }
}

elementwise! {
    "lt" [a, b] => verdict(a < b, a, b);
    "le" [a, b] => verdict(a <= b, a, b);
    "gt" [a, b] => verdict(a > b, a, b);
    "ge" [a, b] => verdict(a >= b, a, b);
    "eq" [a, b] => verdict(a == b, a, b);
    "ne" [a, b] => verdict(a != b, a, b);
    "between" [x, lo, hi] => if lo.is_nan() { f64::NAN } else { verdict((lo <= x) & (x <= hi), x, hi) };
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_same, eval};

    #[test]
    fn comparisons_with_missing_are_missing() {
        let (a, b) = ([1.0, 2.0, 3.0, NAN, 1.0], [2.0, 2.0, 2.0, 2.0, NAN]);
        for (op, expected) in [
            ("lt", [1.0, 0.0, 0.0]),
            ("le", [1.0, 1.0, 0.0]),
            ("gt", [0.0, 0.0, 1.0]),
            ("ge", [0.0, 1.0, 1.0]),
            ("eq", [0.0, 1.0, 0.0]),
            ("ne", [1.0, 0.0, 1.0]),
        ] {
            assert_same(&eval(op, &[], &[&a, &b]), &[expected[0], expected[1], expected[2], NAN, NAN]);
        }
    }

    #[test]
    fn between_includes_its_bounds() {
        let x = [1.0, 2.0, 3.0, 0.9, 3.1, NAN, 2.0, 2.0];
        let lo = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, NAN, 1.0];
        let hi = [3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0, NAN];
        assert_same(&eval("between", &[], &[&x, &lo, &hi]), &[1.0, 1.0, 1.0, 0.0, 0.0, NAN, NAN, NAN]);
    }
}
