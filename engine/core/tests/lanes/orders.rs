//! Kinds of orders other than limits, times in force, groups, moments and followers.
use super::case::*;
use bot4_engine::desk::reason::{Cause, Evidence, FillRule, Reason, Status};
use bot4_engine::instrument::InstrumentKind;

const FLAT: [f64; 4] = [100.0, 100.0, 100.0, 100.0];

#[test]
fn a_stop_is_triggered_inside_at_its_level_and_by_a_gap_at_the_open() {
    let inside = [FLAT, [100.0, 106.0, 99.0, 104.0]];
    let gap = [FLAT, [108.0, 109.0, 107.0, 108.0]];
    let buy_stop = |realism, bars: &[[f64; 4]]| {
        let mut case = Case::new(realism, bars);
        let (trigger, when) = (case.constant(105.0), case.at(&[0]));
        case.order("in", 1, "stop", 1.0, &format!(r#""trigger":{trigger},"when":{when}"#)).play().brief()
    };
    assert_eq!(buy_stop(STRICT, &inside), [(1, 1_000, 10_500, FillRule::Trigger, Reason::Order)]);
    assert_eq!(buy_stop(STRICT, &gap), [(1, 1_000, 10_800, FillRule::GapTrigger, Reason::Order)]);
    assert_eq!(buy_stop(NEUTRAL, &gap), [(1, 1_000, 10_800, FillRule::GapTrigger, Reason::Order)]);
    assert_eq!(buy_stop(NAIVE, &gap), [(1, 1_000, 10_500, FillRule::GapTrigger, Reason::Order)]);
}

#[test]
fn a_take_profit_is_triggered_from_the_other_side() {
    let mut case = Case::new(STRICT, &[FLAT, FLAT, [100.0, 106.0, 99.0, 104.0]]);
    let (trigger, first, second) = (case.constant(105.0), case.at(&[0]), case.at(&[1]));
    case.order("in", 1, "market", 1.0, &format!(r#""when":{first}"#));
    case.order("out", -1, "take_profit", 1.0, &format!(r#""trigger":{trigger},"when":{second},"reduce_only":true"#));
    let market = (1, 1_000, 10_000, FillRule::Open, Reason::Order);
    assert_eq!(case.play().brief(), [market, (2, -1_000, 10_500, FillRule::Trigger, Reason::Order)]);
}

#[test]
fn a_stop_limit_takes_what_its_reference_allows_and_rests_otherwise() {
    let run = |realism, price: f64| {
        let bars = [FLAT, [100.0, 106.0, 99.0, 104.0], [104.0, 105.0, 102.5, 104.0]];
        let mut case = Case::new(realism, &bars);
        let (trigger, price, when) = (case.constant(105.0), case.constant(price), case.at(&[0]));
        case.order("in", 1, "stop_limit", 1.0, &format!(r#""trigger":{trigger},"price":{price},"when":{when}"#)).play()
    };
    assert_eq!(run(STRICT, 105.0).brief(), [(1, 1_000, 10_500, FillRule::Trigger, Reason::Order)]);
    // Below its trigger it rests: strict until the next bar, although this one came back to it.
    let late = run(STRICT, 103.0);
    assert_eq!(late.brief(), [(2, 1_000, 10_300, FillRule::Through, Reason::Order)]);
    assert_eq!(late.evidence(), [(Evidence::InFlight, 1)]);
    // Neutral: up to 106 first (the open is nearer to the low: down, up to the trigger, then back to the close of 104).
    assert_eq!(run(NEUTRAL, 104.5).brief(), [(1, 1_000, 10_450, FillRule::Touch, Reason::Order)]);
    assert_eq!(run(NEUTRAL, 103.0).brief(), [(2, 1_000, 10_300, FillRule::Touch, Reason::Order)]);
}

#[test]
fn a_trailing_order_follows_the_extremes_since_its_first_bar() {
    let bars = [FLAT, [100.0, 110.0, 99.0, 108.0], [108.0, 109.0, 104.0, 105.0], [105.0, 106.0, 103.0, 104.0]];
    let mut case = Case::new(STRICT, &bars);
    let (six, first) = (case.constant(6.0), case.at(&[0]));
    case.order("in", 1, "market", 1.0, &format!(r#""when":{first}"#));
    case.order("out", -1, "trailing", 1.0, &format!(r#""distance":{six},"when":{first},"reduce_only":true"#));
    // Decided at 94; bar 1 moves it to 104, which bar 2 touches.
    let played = case.play();
    assert_eq!(played.ends()[0], (Status::Rejected, Cause::ReduceOnly, 0, 0), "reductions go first, and there is nothing to reduce yet");
    let mut case = Case::new(STRICT, &bars);
    let (six, first) = (case.constant(6.0), case.at(&[0]));
    let played = case.order("out", -1, "trailing", 1.0, &format!(r#""distance":{six},"when":{first}"#)).play();
    assert_eq!(played.brief(), [(2, -1_000, 10_400, FillRule::Trigger, Reason::Order)]);
    assert_eq!(played.keyed[0].trigger_ticks, 9_400, "as it was sent");
}

#[test]
fn ioc_fok_and_gtd_end_as_they_say() {
    let mut case = Case::new(STRICT, &[FLAT; 5]);
    case.volume = vec![0.6; 5];
    let (price, low, when) = (case.constant(100.0), case.constant(90.0), case.at(&[0]));
    case.order("a fok", 1, "limit", 1.0, &format!(r#""price":{price},"when":{when},"tif":"fok""#));
    case.order("b ioc", 1, "limit", 1.0, &format!(r#""price":{price},"when":{when},"tif":"ioc""#));
    case.order("c gtd", 1, "limit", 1.0, &format!(r#""price":{low},"when":{when},"tif":"gtd","expires":{{"bars":2}}"#));
    case.order("d gtd", 1, "limit", 1.0, &format!(r#""price":{low},"when":{when},"tif":"gtd","expires":{{"ms":{HOUR}}}"#));
    let played = case.play();
    let cancelled = |cause, filled| (Status::Cancelled, cause, 1_000, filled);
    let expected = [cancelled(Cause::Fok, 0), cancelled(Cause::Ioc, 600), cancelled(Cause::Expired, 0), cancelled(Cause::Expired, 0)];
    assert_eq!(played.ends(), expected);
    // Decided in row 0 at 1 h: more than 2 rows later is row 3; 1 h later is the bar that opens at 2 h.
    assert_eq!(played.orders[2..].iter().map(|o| o.done_ts / HOUR).collect::<Vec<_>>(), [3, 2]);
}

#[test]
fn one_fill_cancels_the_others_of_its_group() {
    let mut case = Case::new(STRICT, &[FLAT, [100.0, 106.0, 94.0, 100.0]]);
    let (low, high, when) = (case.constant(95.0), case.constant(105.0), case.at(&[0]));
    case.order("a", 1, "stop", 1.0, &format!(r#""trigger":{high},"when":{when},"oco":"way""#));
    case.order("b", -1, "stop", 1.0, &format!(r#""trigger":{low},"when":{when},"oco":"way""#));
    let played = case.play();
    assert_eq!(played.brief(), [(1, 1_000, 10_500, FillRule::Trigger, Reason::Order)], "lane order decides within one bar");
    assert_eq!(played.ends()[1], (Status::Cancelled, Cause::Oco, 1_000, 0));
}

#[test]
fn a_follower_is_sent_once_for_each_complete_fill() {
    let mut case = Case::new(STRICT, &[FLAT; 6]);
    let (low, when) = (case.constant(100.0), case.at(&[1, 3]));
    let high = case.constant(120.0);
    case.order("first", 1, "limit", 1.0, &format!(r#""price":{low},"when":{when}"#));
    case.order("then", -1, "limit", 1.0, &format!(r#""price":{high},"after":"first","reduce_only":true"#));
    let played = case.play();
    let sent: Vec<_> = played.orders.iter().map(|o| (o.order.side, o.order.ts / HOUR, o.status)).collect();
    assert_eq!(sent, [(1, 2, Status::Filled), (-1, 3, Status::Working), (1, 4, Status::Filled)]);
}

#[test]
fn a_moment_fires_on_rising_edges_only_and_until_cancels() {
    let mut case = Case::new(STRICT, &[FLAT; 8]);
    let (low, when, until) = (case.constant(90.0), case.at(&[1, 2, 4]), case.at(&[6]));
    let played = case.order("in", 1, "limit", 1.0, &format!(r#""price":{low},"when":{when},"until":{until}"#)).play();
    assert_eq!(played.orders.iter().map(|o| o.order.ts / HOUR).collect::<Vec<_>>(), [2, 5]);
    assert_eq!(played.ends(), [(Status::Cancelled, Cause::Replaced, 1_000, 0), (Status::Cancelled, Cause::Withdrawn, 1_000, 0)]);
    assert_eq!(played.orders[1].done_ts / HOUR, 7);
}

#[test]
fn an_order_in_flight_says_so_when_the_price_is_reached_without_it() {
    let mut case = Case::new(STRICT, &[FLAT, [100.0, 101.0, 94.0, 96.0], [96.0, 97.0, 94.0, 95.0]]);
    case.settings = r#""latency_ms":1,"#;
    let (price, when) = (case.constant(95.0), case.at(&[0]));
    let played = case.order("in", 1, "limit", 1.0, &format!(r#""price":{price},"when":{when}"#)).play();
    assert_eq!(played.brief(), [(2, 1_000, 9_500, FillRule::Through, Reason::Order)]);
    assert_eq!(played.evidence(), [(Evidence::InFlight, 1)]);
    case.realism = NAIVE;
    assert_eq!(case.play().brief()[0].0, 1, "naive waives the latency");
}

#[test]
fn spot_sells_what_it_has_and_buys_what_it_can_pay() {
    let mut case = Case::new(STRICT, &[FLAT; 4]);
    (case.kind, case.cash) = (InstrumentKind::Spot, 150);
    let (first, second) = (case.at(&[0]), case.at(&[1]));
    case.order("a buy", 1, "market", 2.0, &format!(r#""when":{first}"#));
    case.order("b sell", -1, "market", 1.0, &format!(r#""when":{second}"#));
    case.order("c sell", -1, "market", 1.0, &format!(r#""when":{second}"#));
    case.order("d sell", -1, "market", 1.0, &format!(r#""when":{second}"#));
    let played = case.play();
    let expected = [
        (Status::Filled, Cause::Balance, 1_500, 1_500),
        (Status::Filled, Cause::None, 1_000, 1_000),
        (Status::Filled, Cause::NoShort, 500, 500),
        (Status::Rejected, Cause::NoShort, 0, 0),
    ];
    assert_eq!(played.ends(), expected);
}

#[test]
fn an_order_below_the_venues_minimum_or_one_lot_is_rejected_by_name() {
    let mut case = Case::new(STRICT, &[FLAT; 3]);
    let (when, tiny) = (case.at(&[0]), case.constant(1e-9));
    case.order("a", 1, "market", 1.0, &format!(r#""when":{when}"#));
    case.orders.push(format!(r#"{{"key":"b","side":1,"kind":"market","size":{{"unit":"weight","node":{tiny}}},"when":{when}}}"#));
    case.settings = r#""max_notional":5000000000,"#;
    let played = case.play();
    assert_eq!(played.ends()[0], (Status::Filled, Cause::MaxNotional, 500, 500));
    assert_eq!(played.ends()[1], (Status::Rejected, Cause::MinSize, 0, 0));
}
