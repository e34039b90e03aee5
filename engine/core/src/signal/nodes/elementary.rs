//! Elementary functions. `exp`, `log` and `pow` come from the pure Rust crate `libm` (FreeBSD's msun, error below one unit in the last
//! place), so that every machine gives the same bits; the square root is exact by IEEE 754.

use super::kernel::map::elementwise;
use super::kernel::value::finite;
use crate::signal::node::Kind;

/// Returns a to the power b; missing wins over the powers that hold for any number (x⁰, 1ˣ).
#[inline(always)]
fn power(a: f64, b: f64) -> f64 {
    if b == 2.0 {
        a * a
    } else if a.is_nan() | b.is_nan() {
        f64::NAN
    } else {
        libm::pow(a, b)
    }
}

elementwise! {
    "pow" [a, b] => finite(power(a, b));
    "sqrt" [a] => finite(a.sqrt());
    "log" [a] => finite(libm::log(a));
    "exp" [a] => finite(libm::exp(a));
}

#[cfg(test)]
mod tests {
    use crate::signal::nodes::testing::{NAN, assert_close, assert_same, eval, random};

    #[test]
    fn elementary_functions_agree_with_the_platform() {
        let x: Vec<f64> = random(2_000, 3).iter().map(|u| (u * 20.0).exp()).collect();
        let y: Vec<f64> = random(2_000, 4).iter().map(|u| u * 8.0).collect();
        assert_close(&eval("log", &[], &[&x]), &x.iter().map(|x| x.ln()).collect::<Vec<_>>(), 1e-15);
        assert_close(&eval("exp", &[], &[&y]), &y.iter().map(|y| y.exp()).collect::<Vec<_>>(), 1e-15);
        let powers: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x.powf(*y)).collect();
        assert_close(&eval("pow", &[], &[&x, &y]), &powers, 1e-15);
        assert_same(&eval("sqrt", &[], &[&x]), &x.iter().map(|x| x.sqrt()).collect::<Vec<_>>());
    }

    #[test]
    fn squares_are_products() {
        let x = random(500, 5);
        let squares: Vec<f64> = x.iter().map(|x| x * x).collect();
        assert_same(&eval("pow", &[], &[&x, &vec![2.0; 500]]), &squares);
    }

    #[test]
    fn where_there_is_no_real_number_it_is_missing() {
        assert_same(&eval("log", &[], &[&[0.0, -1.0, NAN, 1.0]]), &[NAN, NAN, NAN, 0.0]);
        assert_same(&eval("sqrt", &[], &[&[-1.0, NAN, 4.0]]), &[NAN, NAN, 2.0]);
        assert_same(&eval("exp", &[], &[&[1e4, NAN, -1e4]]), &[NAN, NAN, 0.0]);
        assert_same(&eval("pow", &[], &[&[-8.0, 0.0, NAN, 1.0, 2.0], &[0.5, -1.0, 0.0, NAN, 10.0]]), &[NAN, NAN, NAN, NAN, 1024.0]);
    }
}
