//! Money: rounding, grids, overflow.
use super::*;
use proptest::prelude::*;

#[test]
fn rounding_is_half_to_even_over_the_whole_range() {
    for (x, expected) in [(0.5, 0), (1.5, 2), (2.5, 2), (-0.5, 0), (-1.5, -2), (2_251_799_813_685_248.5, 2_251_799_813_685_248)] {
        assert_eq!(round_half_even(x), Some(expected), "{x}");
    }
    assert_eq!(round_half_even(f64::NAN), None);
    assert_eq!(round_half_even(f64::INFINITY), None);
    assert_eq!(round_half_even(9.3e18), None);
    assert_eq!(round_half_even(4.0e18), Some(4_000_000_000_000_000_000));
}

#[test]
fn decimal_prices_become_exact_ticks() {
    let scale = Scale::new((1, 2), (1, 5)).unwrap();
    assert_eq!(scale.ticks(60_123.45), Some(6_012_345));
    assert_eq!(scale.lots(0.12345), Some(12_345));
    assert_eq!(scale.floor(100_000, 6_012_345), Ok(6_012_345_000_000), "one coin costs 60123.45");
    let half_dollar = Scale::new((5, 1), (1, 3)).unwrap();
    assert_eq!(half_dollar.ticks(100.5), Some(201));
    assert!((half_dollar.price(201.0) - 100.5).abs() < 1e-12);
    assert!((half_dollar.quantity(1500) - 1.5).abs() < 1e-12);
}

#[test]
fn limit_prices_round_against_the_order_and_forgive_the_floats_own_error() {
    let scale = Scale::new((1, 2), (1, 3)).unwrap();
    assert_eq!((scale.limit_ticks(0.29, 1), scale.limit_ticks(0.29, -1)), (Some(29), Some(29)), "0.29 · 100 is 28.999…96");
    assert_eq!((scale.limit_ticks(0.291, 1), scale.limit_ticks(0.291, -1)), (Some(29), Some(30)));
    assert_eq!((scale.limit_ticks(0.289, 1), scale.limit_ticks(0.289, -1)), (Some(28), Some(29)));
    assert_eq!(scale.limit_ticks(f64::NAN, 1), None);
    for cents in 1..200_000 {
        let price = f64::from(cents) / 100.0;
        assert_eq!(scale.limit_ticks(price, 1), Some(i64::from(cents)));
        assert_eq!(scale.limit_ticks(price, -1), Some(i64::from(cents)));
    }
}

#[test]
fn grids_that_cannot_be_held_are_refused() {
    assert!(Scale::new((0, 2), (1, 5)).is_err());
    assert!(Scale::new((1, 19), (1, 5)).is_err());
    assert!(Scale::new((1, 18), (1, 18)).unwrap_err().contains("fewer decimals"));
}

#[test]
fn marks_refuse_what_one_check_does_not_cover() {
    let scale = Scale::new((1, 2), (1, 5)).unwrap();
    let marks = |lots, base, prices: &[f64]| scale.marks(lots, base, prices, &mut vec![]);
    assert_eq!(marks(100_000, 7, &[10.0, 19.99, 5.0]), Some(1_999_000_007));
    assert_eq!(marks(1, 0, &[10.0, f64::NAN]), None);
    assert_eq!(marks(1, 0, &[10.0, 20.5]), None, "more than twice the first price");
    assert_eq!(marks(i64::MAX / 100, 0, &[10.0]), None);
    assert_eq!(marks(1, i64::MAX, &[10.0]), None);
    assert_eq!(marks(1, 0, &[]), None);
}

#[test]
fn overflow_is_an_error_not_a_wrap() {
    let scale = Scale::new((1, 0), (1, 0)).unwrap();
    assert_eq!(scale.floor(i64::MAX, i64::MAX), Err(Overflow));
    assert_eq!(scale.lots_for_weight(i64::MAX, i64::MAX, 1), Err(Overflow));
    assert_eq!(rate_ceil(i64::MAX, i64::MAX), Err(Overflow));
    assert_eq!(scale.lots_within(0, 5, E9), Ok(0));
    assert_eq!(
        scale.lots_within(i64::MAX, 1, 1).unwrap(),
        i64::try_from(i128::from(i64::MAX) * 1_000_000_000 / 100_000_000).unwrap_or(i64::MAX)
    );
}

proptest! {
    #[test]
    fn floor_and_ceil_enclose_the_exact_amount(lots in -1_000_000_000i64..1_000_000_000, ticks in 1i64..10_000_000_000, dt in 0u32..9, dl in 0u32..9) {
        let scale = Scale::new((1, dt), (1, dl)).unwrap();
        let exact = scale.exact(lots, ticks).unwrap();
        let (lo, hi, den) = (scale.floor(lots, ticks), scale.ceil(lots, ticks), i128::from(scale.den()));
        if let (Ok(lo), Ok(hi)) = (lo, hi) {
            prop_assert!(i128::from(lo) * den <= exact && exact < i128::from(lo) * den + den);
            prop_assert!(i128::from(hi) * den >= exact && exact > i128::from(hi) * den - den);
        }
    }

    #[test]
    fn rates_round_against_us(amount in i64::MIN..i64::MAX, shift in 0u32..63, rate in -2_000_000_000i64..20_000_000_000) {
        let amount = amount >> shift;
        let exact = i128::from(amount) * i128::from(rate);
        prop_assert_eq!(rate_ceil(amount, rate), narrow(div_ceil(exact, i128::from(E9))));
        prop_assert_eq!(rate_floor(amount, rate), narrow(div_floor(exact, i128::from(E9))));
    }

    #[test]
    fn a_weight_buys_the_exact_quotient(equity in 0i64..i64::MAX, shift in 0u32..63, weight in -20_000_000_000i64..20_000_000_000, ticks in 1i64..10_000_000_000, dt in 0u32..9, dl in 0u32..9) {
        let (scale, equity) = (Scale::new((1, dt), (1, dl)).unwrap(), equity >> shift);
        let top = i128::from(equity) * i128::from(weight.abs()) * i128::from(scale.den);
        let exact = top / (i128::from(E9) * i128::from(ticks) * i128::from(scale.num));
        prop_assert_eq!(scale.lots_for_weight(equity, weight, ticks), narrow(exact));
    }

    #[test]
    fn marks_are_floors_on_a_base(lots in -1_000_000_000i64..1_000_000_000, base in -1_000_000_000_000i64..1_000_000_000_000, prices in prop::collection::vec(0.0f64..1e6, 1..40), tick in 1i64..6, dt in 0u32..5, dl in 0u32..9) {
        let (scale, mut out) = (Scale::new((tick, dt), (1, dl)).unwrap(), vec![]);
        let each = prices.iter().map(|&price| base.checked_add(scale.floor(lots, scale.ticks(price)?).ok()?));
        let expected: Option<Vec<_>> = each.collect();
        if let Some(top) = scale.marks(lots, base, &prices, &mut out) {
            prop_assert_eq!(expected.as_ref().and_then(|all| all.iter().max()), Some(&top));
            prop_assert_eq!(Some(out), expected);
        }
    }

    #[test]
    fn rounding_agrees_with_the_standard_library(whole in -(1i64 << 52)..1i64 << 52, shift in 0u32..52, quarter in 0i64..4) {
        let x = (whole >> shift) as f64 + quarter as f64 / 4.0;
        prop_assert_eq!(round_half_even(x), Some(x.round_ties_even() as i64));
    }
}
