//! Arithmetic of one or two columns. A missing operand, a division by zero and an overflow give missing.

use super::kernel::map::elementwise;
use super::kernel::value::finite;
use crate::signal::node::Kind;

elementwise! {
    "add" [a, b] => finite(a + b);
    "sub" [a, b] => finite(a - b);
    "mul" [a, b] => finite(a * b);
    "div" [a, b] => finite(a / b);
    "minimum" [a, b] => finite(if a.is_nan() | (a < b) { a } else { b });
    "maximum" [a, b] => finite(if a.is_nan() | (a > b) { a } else { b });
    "neg" [a] => finite(-a);
    "abs" [a] => finite(a.abs());
    "sign" [a] => if a.is_nan() { f64::NAN } else if a > 0.0 { 1.0 } else if a < 0.0 { -1.0 } else { 0.0 };
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_same, eval};

    #[test]
    fn arithmetic_is_that_of_floats() {
        let (a, b) = ([1.5, -2.0, 0.0, 7.0], [0.5, 4.0, -3.0, 7.0]);
        assert_same(&eval("add", &[], &[&a, &b]), &[2.0, 2.0, -3.0, 14.0]);
        assert_same(&eval("sub", &[], &[&a, &b]), &[1.0, -6.0, 3.0, 0.0]);
        assert_same(&eval("mul", &[], &[&a, &b]), &[0.75, -8.0, 0.0, 49.0]);
        assert_same(&eval("div", &[], &[&a, &b]), &[3.0, -0.5, 0.0, 1.0]);
        assert_same(&eval("minimum", &[], &[&a, &b]), &[0.5, -2.0, -3.0, 7.0]);
        assert_same(&eval("maximum", &[], &[&a, &b]), &[1.5, 4.0, 0.0, 7.0]);
        assert_same(&eval("neg", &[], &[&a]), &[-1.5, 2.0, 0.0, -7.0]);
        assert_same(&eval("abs", &[], &[&a]), &[1.5, 2.0, 0.0, 7.0]);
        assert_same(&eval("sign", &[], &[&a]), &[1.0, -1.0, 0.0, 1.0]);
    }

    #[test]
    fn what_is_not_finite_is_missing() {
        let (one, zero, huge, miss) = ([1.0], [0.0], [f64::MAX], [NAN]);
        assert_same(&eval("div", &[], &[&one, &zero]), &miss);
        assert_same(&eval("div", &[], &[&zero, &zero]), &miss);
        assert_same(&eval("mul", &[], &[&huge, &huge]), &miss);
        assert_same(&eval("add", &[], &[&huge, &huge]), &miss);
        for op in ["add", "sub", "mul", "div", "minimum", "maximum"] {
            assert_same(&eval(op, &[], &[&one, &miss]), &miss);
            assert_same(&eval(op, &[], &[&miss, &one]), &miss);
        }
        for op in ["neg", "abs", "sign"] {
            assert_same(&eval(op, &[], &[&miss]), &miss);
        }
    }
}
