//! Limit orders: through or touch, gaps, takers and makers.
use super::case::*;
use bot4_engine::desk::reason::{Cause, Evidence, FillRule, Reason, Status};
use bot4_engine::instrument::InstrumentKind;

const FLAT: [f64; 4] = [100.0, 100.0, 100.0, 100.0];

fn buy_at(realism: &'static str, price: f64, bars: &[[f64; 4]]) -> Played {
    let mut case = Case::new(realism, bars);
    let node = case.constant(price);
    let when = case.at(&[0]);
    case.order("buy", 1, "limit", 1.0, &format!(r#""price":{node},"when":{when}"#)).play()
}

#[test]
fn strict_needs_the_range_to_go_through_the_limit() {
    let touched = [FLAT, [100.0, 101.0, 95.0, 99.0], [99.0, 101.0, 94.99, 99.0]];
    let strict = buy_at(STRICT, 95.0, &touched);
    assert_eq!(strict.brief(), [(2, 1_000, 9_500, FillRule::Through, Reason::Order)]);
    assert_eq!(strict.evidence(), [(Evidence::NotThrough, 1)]);
    for realism in [NEUTRAL, NAIVE] {
        let played = buy_at(realism, 95.0, &touched);
        assert_eq!(played.brief(), [(1, 1_000, 9_500, FillRule::Touch, Reason::Order)], "{realism}");
        assert!(played.fills[0].maker);
    }
}

#[test]
fn a_resting_limit_that_the_open_has_passed_fills_at_its_price_in_strict_and_at_the_open_elsewhere() {
    let gap = [FLAT, FLAT, [90.0, 92.0, 89.0, 91.0]];
    assert_eq!(buy_at(STRICT, 95.0, &gap).brief(), [(2, 1_000, 9_500, FillRule::GapLimit, Reason::Order)]);
    for realism in [NEUTRAL, NAIVE] {
        assert_eq!(buy_at(realism, 95.0, &gap).brief(), [(2, 1_000, 9_000, FillRule::GapLimit, Reason::Order)], "{realism}");
    }
}

#[test]
fn a_new_limit_that_the_open_meets_takes_at_the_open_but_never_beyond_its_price() {
    let mut case = Case::new(STRICT, &[FLAT, FLAT]);
    (case.settings, case.taker_e9, case.maker_e9) = (r#""half_spread_e9":1000000,"#, 2_000_000, 1_000_000);
    let (loose, tight) = (case.constant(101.0), case.constant(100.05));
    let when = case.at(&[0]);
    case.order("loose", 1, "limit", 1.0, &format!(r#""price":{loose},"when":{when}"#));
    case.order("tight", 1, "limit", 1.0, &format!(r#""price":{tight},"when":{when}"#));
    let played = case.play();
    // Half a spread of 0.10: 100.10 for the loose one, its own 100.05 for the tight one.
    let taken = FillRule::OpenLimit;
    assert_eq!(played.brief(), [(1, 1_000, 10_010, taken, Reason::Order), (1, 1_000, 10_005, taken, Reason::Order)]);
    assert!(played.fills.iter().all(|fill| !fill.maker));
    assert_eq!(played.fills[0].fee, 20_020_000, "0.2 % of 100.10");
}

#[test]
fn post_only_never_takes_and_pays_the_makers_fee() {
    let mut case = Case::new(STRICT, &[FLAT, [100.0, 101.0, 98.0, 100.0]]);
    (case.taker_e9, case.maker_e9) = (2_000_000, 1_000_000);
    let (above, below) = (case.constant(100.0), case.constant(99.0));
    let when = case.at(&[0]);
    case.order("crosses", 1, "limit", 1.0, &format!(r#""price":{above},"when":{when},"post_only":true"#));
    case.order("waits", 1, "limit", 1.0, &format!(r#""price":{below},"when":{when},"post_only":true"#));
    let played = case.play();
    assert_eq!(played.ends(), [(Status::Cancelled, Cause::WouldTake, 1_000, 0), (Status::Filled, Cause::None, 1_000, 1_000)]);
    assert_eq!((played.fills[0].ticks, played.fills[0].fee), (9_900, 9_900_000));
}

#[test]
fn a_rebate_is_paid_to_makers() {
    let mut case = Case::new(STRICT, &[FLAT, [100.0, 101.0, 98.0, 100.0]]);
    case.maker_e9 = -100_000;
    case.kind = InstrumentKind::Spot;
    let (price, when) = (case.constant(99.0), case.at(&[0]));
    let played = case.order("buy", 1, "limit", 1.0, &format!(r#""price":{price},"when":{when}"#)).play();
    assert_eq!(played.fills[0].fee, -990_000, "0.01 % of 99 comes back");
}

#[test]
fn a_set_keeps_an_unchanged_order_replaces_a_changed_one_and_withdraws_an_absent_one() {
    let mut case = Case::new(STRICT, &[FLAT; 6]);
    let price = case.series(&[95.0, 95.0, 94.0, NAN, NAN]);
    let played = case.order("buy", 1, "limit", 1.0, &format!(r#""price":{price}"#)).play();
    assert_eq!(played.ends(), [(Status::Cancelled, Cause::Replaced, 1_000, 0), (Status::Cancelled, Cause::Withdrawn, 1_000, 0)]);
    assert_eq!(played.orders.iter().map(|o| (o.order.ts / HOUR, o.done_ts / HOUR)).collect::<Vec<_>>(), [(1, 3), (3, 4)]);
    assert_eq!(played.keyed.iter().map(|k| k.price_ticks).collect::<Vec<_>>(), [9_500, 9_400]);
}

#[test]
fn the_bars_volume_is_shared_in_order_of_number_and_the_rest_works_on() {
    let bars = [FLAT, [100.0, 101.0, 94.0, 95.0], [95.0, 96.0, 93.0, 95.0], FLAT];
    let mut case = Case::new(STRICT, &bars);
    case.volume = vec![1.5; 4];
    let (a, b) = (case.constant(96.0), case.constant(97.0));
    let when = case.at(&[0]);
    case.order("a", 1, "limit", 1.0, &format!(r#""price":{a},"when":{when}"#));
    case.order("b", 1, "limit", 1.0, &format!(r#""price":{b},"when":{when}"#));
    let played = case.play();
    let expected = [
        (1, 1_000, 9_600, FillRule::Through, Reason::Order),
        (1, 500, 9_700, FillRule::Through, Reason::Order),
        (2, 500, 9_700, FillRule::GapLimit, Reason::Order),
    ];
    assert_eq!(played.brief(), expected);
    assert_eq!(played.fills.iter().map(|f| f.volume_left).collect::<Vec<_>>(), [1_500, 500, 1_500]);
    assert_eq!(played.evidence(), [(Evidence::None, -1), (Evidence::VolumeCap, 1)]);
}
