//! Logic of bools, after Kleene: what is missing could be either. Any number but 0 is true.

use super::kernel::map::elementwise;
use super::kernel::value::{bool_value, is_true};
use crate::signal::node::Kind;

elementwise! {
    "and" [a, b] => if (a == 0.0) | (b == 0.0) { 0.0 } else if a.is_nan() | b.is_nan() { f64::NAN } else { 1.0 };
    "or" [a, b] => if is_true(a) | is_true(b) { 1.0 } else if a.is_nan() | b.is_nan() { f64::NAN } else { 0.0 };
    "not" [a] => if a.is_nan() { f64::NAN } else { bool_value(a == 0.0) };
    "is_missing" [a] => bool_value(a.is_nan());
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_same, eval};

    #[test]
    fn logic_follows_kleene() {
        let a = [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, NAN, NAN, NAN];
        let b = [0.0, 1.0, NAN, 0.0, 1.0, NAN, 0.0, 1.0, NAN];
        assert_same(&eval("and", &[], &[&a, &b]), &[0.0, 0.0, 0.0, 0.0, 1.0, NAN, 0.0, NAN, NAN]);
        assert_same(&eval("or", &[], &[&a, &b]), &[0.0, 1.0, NAN, 1.0, 1.0, 1.0, NAN, 1.0, NAN]);
        assert_same(&eval("not", &[], &[&[0.0, 1.0, 2.5, NAN]]), &[1.0, 0.0, 0.0, NAN]);
        assert_same(&eval("is_missing", &[], &[&[0.0, 1.0, NAN]]), &[0.0, 0.0, 1.0]);
    }
}
