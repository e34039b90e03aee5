//! The guard and keyed orders: what a pause cancels, what it keeps, and how an emergency takes lanes out of the market.
use super::case::*;
use bot4_engine::desk::reason::{Cause, FillRule, Reason, Status};

const AT_100: [f64; 4] = [100.0, 100.0, 100.0, 100.0];
const AT_90: [f64; 4] = [90.0, 90.0, 90.0, 90.0];

/// A thousand of cash, a buy of ten coins at the first bar, and a fall by a tenth.
fn falling(policy: &'static str) -> Case {
    let mut case = Case::new(STRICT, &[AT_100, AT_100, AT_90, AT_90, AT_90, AT_90]);
    (case.settings, case.cash) = (policy, 1_000);
    let first = case.at(&[0]);
    case.order("first", 1, "market", 10.0, &format!(r#""when":{first}"#));
    case
}

#[test]
fn a_pause_cancels_what_rests_to_open_and_keeps_what_closes() {
    let mut case = falling(r#""policy":{"daily_loss_e9":100000000},"#);
    let (dip, top, first) = (case.constant(50.0), case.constant(120.0), case.at(&[0]));
    case.order("dip", 1, "limit", 1.0, &format!(r#""price":{dip},"when":{first}"#));
    case.order("top", -1, "limit", 6.0, &format!(r#""price":{top},"when":{first}"#));
    case.order("turn", -1, "limit", 6.0, &format!(r#""price":{top},"when":{first}"#));
    let played = case.play();
    let ends: Vec<_> = played.orders.iter().map(|o| (o.order.side * o.order.lots, o.status, o.order.cause)).collect();
    assert_eq!(
        ends,
        [
            (1_000, Status::Cancelled, Cause::RiskPaused),
            (10_000, Status::Filled, Cause::None),
            (-6_000, Status::Working, Cause::None),
            (-6_000, Status::Cancelled, Cause::RiskPaused),
        ],
        "the second sale would have turned what the first leaves"
    );
}

#[test]
fn a_pause_refuses_new_orders_of_lanes_but_lets_a_sale_of_what_is_held_pass() {
    let mut case = falling(r#""policy":{"daily_loss_e9":100000000},"#);
    let (buy, sell) = (case.at(&[3]), case.at(&[4]));
    case.order("again", 1, "market", 1.0, &format!(r#""when":{buy}"#));
    case.order("out", -1, "market", 25.0, &format!(r#""when":{sell}"#));
    let played = case.play();
    assert_eq!(played.ends()[1], (Status::Rejected, Cause::RiskPaused, 0, 0));
    assert_eq!(played.ends()[2], (Status::Filled, Cause::RiskPaused, 10_000, 10_000), "25 coins are cut to the ten held");
}

#[test]
fn an_emergency_ends_orders_and_brackets_and_sells_the_position_once() {
    let mut case = Case::new(STRICT, &[AT_100, AT_100, AT_90, [80.0, 95.0, 70.0, 85.0], AT_90, AT_90]);
    (case.settings, case.cash) = (r#""policy":{"drawdown_e9":100000000},"#, 1_000);
    let (first, stop, dip) = (case.at(&[0]), case.constant(15.0), case.constant(50.0));
    case.order("first", 1, "market", 10.0, &format!(r#""when":{first},"exits":{{"stop":{stop}}}"#));
    case.order("dip", 1, "limit", 1.0, &format!(r#""price":{dip}"#));
    let played = case.play();
    // The bar after the emergency opens at 80, beyond the bracket's stop of 85: only the guard sells.
    assert_eq!(
        played.brief(),
        [(1, 10_000, 10_000, FillRule::Open, Reason::Order), (3, -10_000, 8_000, FillRule::Open, Reason::RiskFlatten)]
    );
    let dip = played.orders.iter().find(|o| o.order.lots == 1_000).unwrap();
    assert_eq!((dip.status, dip.order.cause), (Status::Cancelled, Cause::RiskKilled));
    assert_eq!(played.orders.len(), 3, "nothing is sent once killed");
}

#[test]
fn risk_per_trade_reads_the_stop_of_the_exits() {
    let sent = |stop: f64, field: &str| {
        let mut case = Case::new(STRICT, &[AT_100, AT_100]);
        (case.settings, case.cash) = (r#""policy":{"risk_per_trade_e9":20000000},"#, 1_000);
        let (first, stop) = (case.at(&[0]), case.constant(stop));
        case.order("first", 1, "market", 10.0, &format!(r#""when":{first},"exits":{{"{field}":{stop}}}"#));
        case.play().ends()[0]
    };
    // 2 % of 1000 are 20: ten coins with a stop 2 away.
    assert_eq!(sent(2.0, "stop"), (Status::Filled, Cause::None, 10_000, 10_000));
    assert_eq!(sent(2.5, "stop"), (Status::Filled, Cause::RiskPerTrade, 8_000, 8_000));
    assert_eq!(sent(97.5, "stop_at"), (Status::Filled, Cause::RiskPerTrade, 8_000, 8_000));
}

#[test]
fn a_pause_keeps_every_sale_that_the_position_covers_together_with_those_before() {
    let mut case = falling(r#""policy":{"daily_loss_e9":100000000},"#);
    let (top, first) = (case.constant(120.0), case.at(&[0]));
    for (key, coins) in [("one", 3.0), ("two", 3.0), ("three", 4.0), ("four", 0.001)] {
        case.order(key, -1, "limit", coins, &format!(r#""price":{top},"when":{first}"#));
    }
    let played = case.play();
    let sales: Vec<_> = played.orders.iter().filter(|o| o.order.side < 0).map(|o| (o.order.lots, o.status)).collect();
    // By key: "four", "one" and "three" are 7.001 of the ten coins, so that "two" would turn the position.
    let of = |status| {
        let mut lots: Vec<_> = sales.iter().filter(|sale| sale.1 == status).map(|sale| sale.0).collect();
        lots.sort_unstable();
        lots
    };
    assert_eq!((of(Status::Working), of(Status::Cancelled)), (vec![1, 3_000, 4_000], vec![3_000]));
}

/// Five coins of a thousand move by 1 % an hour; at 2 h value at risk has reached its limit, and the strategy sells `coins` as well.
fn cut_beside_a_sale(coins: f64) -> Vec<(Reason, i64, i64, Status, Cause)> {
    let flat = |price: f64| [price; 4];
    let mut case = Case::new(STRICT, &[100.0, 101.0, 99.99, 100.99, 99.98, 100.98].map(flat));
    (case.settings, case.cash) = (r#""policy":{"var_breach_e9":20000000,"span":2},"#, 1_000);
    let (first, then) = (case.at(&[0]), case.at(&[1]));
    case.order("buy", 1, "market", 5.0, &format!(r#""when":{first}"#));
    case.order("sell", -1, "market", coins, &format!(r#""when":{then}"#));
    let played = case.play();
    played.orders.iter().skip(1).map(|o| (o.order.reason, o.order.wanted, o.order.filled, o.status, o.order.cause)).collect()
}

#[test]
fn a_cut_of_the_portfolio_is_limited_to_what_a_sale_before_it_has_left() {
    let plain = cut_beside_a_sale(0.001);
    assert_eq!((plain[0].0, plain[0].2, plain[1].0), (Reason::Order, 1, Reason::RiskReduce));
    let cut = plain[1].1;
    assert!(3_000 < cut && cut < 4_000 && plain[1].2 == cut && plain[1].4 == Cause::None, "2 % of 5.7 % stay: {plain:?}");
    // As much as is there is sold whole.
    let exact = cut_beside_a_sale((5_000 - cut) as f64 / 1_000.0);
    assert_eq!(exact[1], (Reason::RiskReduce, cut, cut, Status::Filled, Cause::None));
    let more = cut_beside_a_sale((5_000 - cut + 100) as f64 / 1_000.0);
    assert_eq!(more[1], (Reason::RiskReduce, cut, cut - 100, Status::Filled, Cause::ReduceOnly));
    let all = cut_beside_a_sale(5.0);
    assert_eq!(all[1], (Reason::RiskReduce, cut, 0, Status::Cancelled, Cause::ReduceOnly));
}

#[test]
fn an_order_at_market_that_could_meet_an_own_one_within_the_spread_is_refused() {
    // A sale rests at 101 or a purchase at 99, and the market is at 100 with half a spread in billionths beside it.
    let cause = |settings: &'static str, side: i64, price: f64| {
        let mut case = Case::new(STRICT, &[AT_100, AT_100, AT_100, AT_100]);
        (case.settings, case.cash) = (settings, 10_000);
        let (rests, first, then) = (case.constant(price), case.at(&[0]), case.at(&[1]));
        case.order("rests", -side, "limit", 1.0, &format!(r#""price":{rests},"when":{first}"#));
        case.order("takes", side, "market", 1.0, &format!(r#""when":{then}"#));
        case.play().ends()[1].1
    };
    let one_percent = r#""policy":{"self_match":true},"half_spread_e9":10000000,"#;
    assert_eq!((cause(one_percent, 1, 101.0), cause(one_percent, -1, 99.0)), (Cause::SelfMatch, Cause::SelfMatch));
    assert_eq!((cause(one_percent, 1, 101.01), cause(one_percent, -1, 98.99)), (Cause::None, Cause::None));
    let less = r#""policy":{"self_match":true},"half_spread_e9":9900000,"#;
    assert_eq!((cause(less, 1, 101.0), cause(less, -1, 99.0)), (Cause::None, Cause::None), "a tick is left between them");
    assert_eq!(cause(r#""half_spread_e9":10000000,"#, 1, 101.0), Cause::None, "only where the policy asks");
}
