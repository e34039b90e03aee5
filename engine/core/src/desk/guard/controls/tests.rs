//! Each control by itself: what it lets through at its limit, and one unit beyond.
use super::super::model::Model;
use super::super::policy::Policy;
use super::super::sent::Sent;
use super::super::tape::Tape;
use super::super::{Fractions, Guard, GuardState};
use super::*;
use crate::instrument::{Contract, InstrumentKind, Terms};
use crate::money::{E9, Scale};

const HOUR: i64 = 3_600_000;
/// 1,000.00 of the quote currency.
const EQUITY: i64 = 100_000_000_000;

fn contract() -> Contract {
    let terms = Terms { taker_e9: 0, maker_e9: 0, min_lots: 0, min_notional: 0 };
    Contract { kind: InstrumentKind::Linear, scale: Scale::new((1, 2), (1, 3)).unwrap(), terms, leverage_e9: 0 }
}

/// An increase at 100.00, where a lot of 0.001 is worth 0.10: 10,000 lots are the equity.
fn request(contract: &Contract, held: i64, is_buy: bool) -> Request<'_> {
    Request { contract, ticks: 10_000, held, is_solvent: true, equity: EQUITY, others_gross: 0, free_cash: 0, margin: 0, is_buy }
}

fn ask<'a>(request: &'a Request<'a>) -> Ask<'a> {
    Ask { request, asset: 0, t: 10 * HOUR, stops: [0; 3], wanted: 500, close: 10_000, arrives: Arrival::Market, meets_own: false }
}

/// A guard of two instruments whose first was seen at this close in the hours before, and the second as well.
fn guard(policy: Policy, closes: &[i64]) -> Guard {
    let mut guard = Guard::new(policy, 2, HOUR);
    for (at, &close) in closes.iter().enumerate() {
        let t = (10 - closes.len() as i64 + 1 + at as i64) * HOUR;
        (0..2).for_each(|asset| guard.see(asset, t, close, 1_000));
        guard.learn();
    }
    guard
}

/// What the guard lets through of a buy of `lots`, with nothing held.
fn cut(policy: Policy, lots: i64) -> (i64, Cause) {
    let contract = contract();
    guard(policy, &[10_000]).cut(&ask(&request(&contract, 0, true)), lots).unwrap()
}

#[test]
fn lots_are_cut_to_the_limit_and_pass_at_it() {
    let own = |lots| Some(vec![Some(lots), None]);
    let policies = [
        (Policy { max_quantity: own(700), ..Policy::default() }, Cause::MaxQuantity, 700),
        (Policy { max_position: own(700), ..Policy::default() }, Cause::PositionLimit, 700),
        (Policy { daily_volume: own(700), ..Policy::default() }, Cause::DailyVolume, 700),
        // 70.00 at 0.10 a lot.
        (Policy { max_exposure: Some(7_000_000_000), ..Policy::default() }, Cause::ExposureLimit, 700),
        (Policy { concentration_e9: Some(E9 * 7 / 100), ..Policy::default() }, Cause::Concentration, 700),
        (Policy { volume_share_e9: Some(E9 * 7 / 10), ..Policy::default() }, Cause::VolumeLimit, 700),
    ];
    for (policy, cause, most) in policies {
        assert_eq!(cut(policy.clone(), most), (most, Cause::None), "{cause:?}");
        assert_eq!(cut(policy, most + 1), (most, cause));
    }
}

#[test]
fn one_unit_of_an_amount_decides_about_a_lot() {
    let policy = |max_exposure| Policy { max_exposure: Some(max_exposure), ..Policy::default() };
    assert_eq!(cut(policy(6_999_999_999), 700), (699, Cause::ExposureLimit));
    assert_eq!(cut(policy(7_000_000_000), 700), (700, Cause::None));
}

#[test]
fn what_is_held_counts_towards_limits_of_positions() {
    let contract = contract();
    let held = request(&contract, 400, true);
    let limits = [
        (Policy { max_position: Some(vec![Some(700), None]), ..Policy::default() }, 300),
        (Policy { max_exposure: Some(7_000_000_000), ..Policy::default() }, 300),
        (Policy { concentration_e9: Some(E9 * 4 / 100), ..Policy::default() }, 0),
        (Policy { max_quantity: Some(vec![Some(700), None]), ..Policy::default() }, 700),
    ];
    for (policy, left) in limits {
        assert_eq!(guard(policy, &[10_000]).cut(&ask(&held), 1_000).unwrap().0, left);
    }
}

#[test]
fn rates_refuse_at_their_count_and_pass_one_before() {
    let contract = contract();
    let request = request(&contract, 0, true);
    let after = |policy: Policy, orders: i64, cancels: i64| {
        let mut guard = guard(policy, &[10_000]);
        for number in 0..orders {
            guard.sent.note(1, Passed { t: 10 * HOUR, side: 1, wanted: number, ticks: 1 }, 1);
        }
        (0..cancels).for_each(|_| guard.sent.note_cancel(10 * HOUR));
        guard.cut(&ask(&request), 10).unwrap()
    };
    let minute = Policy { orders_per_minute: Some(3), ..Policy::default() };
    assert_eq!((after(minute.clone(), 2, 9).1, after(minute, 3, 0)), (Cause::None, (0, Cause::OrderLimit)));
    let day = Policy { orders_per_day: Some(3), ..Policy::default() };
    assert_eq!((after(day.clone(), 2, 9).1, after(day, 3, 0)), (Cause::None, (0, Cause::OrderLimit)));
    let messages = Policy { messages_per_minute: Some(3), ..Policy::default() };
    assert_eq!((after(messages.clone(), 1, 1).1, after(messages, 1, 2)), (Cause::None, (0, Cause::MessageLimit)));
}

#[test]
fn prices_pass_at_the_collar_and_not_one_tick_beyond() {
    let contract = contract();
    let at = |policy: &Policy, ticks: i64, is_buy: bool| {
        let request = Request { ticks, is_buy, ..request(&contract, 0, true) };
        guard(policy.clone(), &[9_000, 10_000]).cut(&ask(&request), 10).unwrap().1
    };
    let collar = Policy { price_collar_e9: Some(E9 / 20), ..Policy::default() };
    assert_eq!([9_500, 10_500].map(|ticks| at(&collar, ticks, true)), [Cause::None; 2]);
    assert_eq!([9_499, 10_501].map(|ticks| at(&collar, ticks, true)), [Cause::PriceCollar; 2]);
    // Of the closes 90 and 100: a buy at 99 at most, a sell at 90 at least.
    let window = Policy { collar_window_e9: Some(E9 / 10), collar_bars: Some(5), ..Policy::default() };
    assert_eq!([at(&window, 9_900, true), at(&window, 9_000, false)], [Cause::None; 2]);
    assert_eq!([at(&window, 9_901, true), at(&window, 8_999, false)], [Cause::CollarWindow; 2]);
}

#[test]
fn data_is_refused_when_older_than_its_age_or_beyond_belief() {
    let contract = contract();
    let request = request(&contract, 0, true);
    let policy = Policy { max_age_ms: Some(2 * HOUR), ..Policy::default() };
    let guard_of = guard(policy.clone(), &[10_000]);
    let at = |t: i64| guard_of.cut(&Ask { t, ..ask(&request) }, 10).unwrap().1;
    assert_eq!((at(12 * HOUR), at(12 * HOUR + 1)), (Cause::None, Cause::StaleData));
    let mut beside = guard(policy, &[10_000]);
    beside.oldest_held = 8 * HOUR;
    assert_eq!(beside.cut(&ask(&request), 10).unwrap().1, Cause::None);
    beside.oldest_held -= 1;
    assert_eq!(beside.cut(&ask(&request), 10).unwrap().1, Cause::StaleData, "what is held is older");
    let moved = |close| guard(Policy { max_move_e9: Some(E9 / 10), ..Policy::default() }, &[10_000, close]);
    assert_eq!(moved(11_000).cut(&ask(&request), 10).unwrap().1, Cause::None);
    assert_eq!(moved(11_001).cut(&ask(&request), 10).unwrap().1, Cause::UnreasonableData);
}

#[test]
fn doubles_and_own_counterparts_are_refused() {
    let contract = contract();
    let request = request(&contract, 0, true);
    let mut twice = guard(Policy { duplicate_ms: Some(HOUR), ..Policy::default() }, &[10_000]);
    twice.sent.note(0, Passed { t: 9 * HOUR, ..ask(&request).passed() }, 1);
    assert_eq!(twice.cut(&ask(&request), 10).unwrap(), (0, Cause::DuplicateOrder));
    assert_eq!(twice.cut(&Ask { t: 10 * HOUR + 1, ..ask(&request) }, 10).unwrap().1, Cause::None);
    let own = guard(Policy { self_match: true, ..Policy::default() }, &[10_000]);
    assert_eq!(own.cut(&Ask { meets_own: true, ..ask(&request) }, 10).unwrap(), (0, Cause::SelfMatch));
    assert_eq!(own.cut(&ask(&request), 10).unwrap().1, Cause::None);
}

/// Both instruments move by 1 % an hour, together.
fn moving(policy: Policy) -> Guard {
    guard(Policy { span: Some(2), ..policy }, &[10_000, 10_100, 10_000, 10_100, 10_000])
}

#[test]
fn weights_of_the_portfolio_are_cut_to_their_limit() {
    let contract = contract();
    let request = request(&contract, 0, true);
    let volatility = moving(Policy { heat_e9: Some(1), ..Policy::default() }).model.unwrap().volatility(0);
    let half_e9 = (volatility / 2.0 * 1e9) as i64;
    let policies = [
        (Policy { volatility_target_e9: Some(half_e9), ..Policy::default() }, Cause::VolatilityTarget),
        (Policy { heat_e9: Some(half_e9), ..Policy::default() }, Cause::Heat),
    ];
    for (policy, cause) in policies {
        let (lots, by) = moving(policy.clone()).cut(&ask(&request), 10_000).unwrap();
        assert!((4_999..=5_000).contains(&lots) && by == cause, "half of equity: {lots} {by:?}");
        assert_eq!(moving(policy.clone()).cut(&ask(&request), lots).unwrap(), (lots, Cause::None));
        assert_eq!(guard(policy, &[10_000]).cut(&ask(&request), 1).unwrap(), (0, cause), "not known yet");
    }
    let mut hot = moving(Policy { heat_e9: Some(half_e9), ..Policy::default() });
    hot.weights = vec![0.0, -0.5];
    assert_eq!(hot.cut(&ask(&request), 10_000).unwrap().1, Cause::Heat);
    assert!(hot.cut(&ask(&request), 10_000).unwrap().0 <= 1, "the other has used it up, whatever its side");
}

#[test]
fn value_at_risk_and_shortfall_after_the_order_stay_within_their_limit() {
    let contract = contract();
    let buy = request(&contract, 0, true);
    for (policy, cause) in [
        (Policy { value_at_risk_e9: Some(E9 / 100), ..Policy::default() }, Cause::ValueAtRisk),
        (Policy { expected_shortfall_e9: Some(E9 / 100), ..Policy::default() }, Cause::ExpectedShortfall),
    ] {
        let mut guard = moving(policy);
        let (lots, by) = guard.cut(&ask(&buy), 10_000).unwrap();
        assert_eq!(by, cause);
        assert_eq!(guard.cut(&ask(&buy), lots).unwrap(), (lots, Cause::None));
        let risk = |guard: &Guard, weights: &[f64]| guard.model.as_ref().unwrap().value_at_risk(weights);
        let factor = if cause == Cause::ValueAtRisk { 1.0 } else { 3.691_510_485_675_761_5 / 2.326_347_874_040_840_8 };
        let at = |lots: i64| factor * risk(&guard, &[lots as f64 / 10_000.0, 0.0]);
        assert!(at(lots) <= 0.01 && at(lots + 1) > 0.01, "{} {}", at(lots), at(lots + 1));
        // Above the limit a hedge passes, what adds does not.
        guard.weights = vec![0.0, 1.0];
        assert_eq!(guard.cut(&ask(&request(&contract, 0, false)), 5_000).unwrap(), (5_000, Cause::None));
        assert_eq!(guard.cut(&ask(&buy), 5_000).unwrap(), (0, cause));
    }
}

#[test]
fn what_moves_together_is_opened_once() {
    let contract = contract();
    let (buy, sell) = (request(&contract, 0, true), request(&contract, 0, false));
    let mut guard = moving(Policy { correlation_e9: Some(E9), ..Policy::default() });
    guard.weights = vec![0.0, 0.2];
    let found = guard.model.as_ref().unwrap().correlation(0, 1).unwrap();
    assert_eq!((guard.cut(&ask(&buy), 10).unwrap().1, found), (Cause::Correlation, 1.0), "reached is refused");
    assert_eq!(guard.cut(&ask(&sell), 10).unwrap().1, Cause::None, "the other side hedges");
    guard.weights = vec![0.2, 0.0];
    assert_eq!(guard.cut(&ask(&buy), 10).unwrap().1, Cause::None, "an instrument may be added to");
    guard.limits.correlation = Some(1.0 + f64::EPSILON);
    guard.weights = vec![0.0, 0.2];
    assert_eq!(guard.cut(&ask(&buy), 10).unwrap().1, Cause::None);
}

#[test]
fn positions_are_counted_but_an_open_one_may_grow() {
    let contract = contract();
    let request = request(&contract, 0, true);
    let mut guard = guard(Policy { max_positions: Some(1), ..Policy::default() }, &[10_000]);
    assert_eq!(guard.cut(&ask(&request), 10).unwrap().1, Cause::None);
    guard.weights = vec![0.0, -0.1];
    assert_eq!(guard.cut(&ask(&request), 10).unwrap(), (0, Cause::MaxPositions));
    guard.weights = vec![0.1, -0.1];
    assert_eq!(guard.cut(&ask(&request), 10).unwrap().1, Cause::None);
}

#[test]
fn kelly_binds_once_enough_trades_are_closed() {
    let contract = contract();
    let request = request(&contract, 0, true);
    let mut guard = guard(Policy { kelly_e9: Some(E9), kelly_trades: Some(2), ..Policy::default() }, &[10_000]);
    guard.note_trade(-10, 100);
    assert_eq!(guard.cut(&ask(&request), 10).unwrap().1, Cause::None);
    guard.note_trade(-10, 100);
    assert_eq!(guard.cut(&ask(&request), 10).unwrap(), (0, Cause::Kelly));
    guard.kelly.weight = 0.07;
    assert_eq!(guard.cut(&ask(&request), 701).unwrap(), (700, Cause::Kelly));
    assert_eq!(guard.cut(&ask(&request), 700).unwrap(), (700, Cause::None));
}

#[test]
fn states_and_the_allow_list_come_first_and_the_smallest_quantity_names_the_cause() {
    let contract = contract();
    let request = request(&contract, 0, true);
    let policy = Policy { max_quantity: Some(vec![Some(8), None]), allowed: Some(vec![true, false]), ..Policy::default() };
    let mut guard = guard(policy, &[10_000]);
    assert_eq!(guard.cut(&Ask { asset: 1, ..ask(&request) }, 10).unwrap(), (0, Cause::NotAllowed));
    guard.state = GuardState::Reduced;
    assert_eq!(guard.cut(&ask(&request), 10).unwrap(), (5, Cause::RiskReduced), "half of it is below the other limit");
    assert_eq!(guard.cut(&ask(&request), 20).unwrap(), (8, Cause::MaxQuantity));
    for (state, cause) in [(GuardState::Paused, Cause::RiskPaused), (GuardState::Killed, Cause::RiskKilled)] {
        guard.state = state;
        assert_eq!(guard.cut(&Ask { asset: 1, ..ask(&request) }, 10).unwrap(), (0, cause));
    }
}

#[test]
fn the_tightest_stop_says_what_a_trade_may_lose() {
    let contract = contract();
    let request = request(&contract, 0, true);
    let guard = guard(Policy { risk_per_trade_e9: Some(E9 / 100), ..Policy::default() }, &[10_000]);
    // 1 % of 1,000 is 10; at 2.00 a coin that is 5 coins.
    let stopped = Ask { stops: [500, 200, 0], ..ask(&request) };
    assert_eq!(guard.cut(&stopped, 5_000).unwrap(), (5_000, Cause::None));
    assert_eq!(guard.cut(&stopped, 5_001).unwrap(), (5_000, Cause::RiskPerTrade));
    assert_eq!(guard.cut(&ask(&request), 50_000).unwrap().1, Cause::None, "no stop, no limit");
}

#[test]
fn fractions_are_those_of_the_policy() {
    let fractions = Fractions::of(&Policy { heat_e9: Some(E9 / 4), ..Policy::default() });
    assert_eq!((fractions.heat, fractions.correlation), (Some(0.25), None));
    let nothing = Policy::default();
    assert!(Tape::new(&nothing, 3).range(2) == (0, 0) && Sent::new(1).longest_row() == 0);
    assert!(!Model::new(1, 2, HOUR).is_known(0, 0));
}

#[test]
fn heat_is_the_sum_of_the_others_weights_times_their_own_volatilities() {
    let contract = contract();
    let request = request(&contract, 0, true);
    let mut guard = Guard::new(Policy { heat_e9: Some(E9), span: Some(2), ..Policy::default() }, 2, HOUR);
    // The second moves twice as far as the first, by the hour.
    for (at, closes) in [[10_000, 10_000], [10_100, 10_200], [9_999, 9_996]].into_iter().enumerate() {
        (0..2).for_each(|asset| guard.see(asset, (8 + at as i64) * HOUR, closes[asset], 1_000));
        guard.learn();
    }
    let volatility = 0.01 * 8_760f64.sqrt();
    for weight in [0.25, -0.4] {
        guard.weights = vec![0.1, weight];
        let (lots, by) = guard.cut(&ask(&request), 30_000).unwrap();
        // weight · volatility of the second is off the cap; a lot is a ten thousandth of equity.
        let left = (1.0 - weight.abs() * 2.0 * volatility) / volatility * 10_000.0;
        assert!((lots as f64 - left).abs() <= 1.0 && by == Cause::Heat, "{lots} {left} {by:?}");
    }
}

#[test]
fn correlation_looks_at_sides_and_not_at_sizes() {
    let contract = contract();
    let (buy, sell) = (request(&contract, 0, true), request(&contract, 0, false));
    let mut guard = Guard::new(Policy { correlation_e9: Some(E9 / 2), span: Some(2), ..Policy::default() }, 2, HOUR);
    // They move against each other.
    for (at, closes) in [[10_000, 10_000], [10_100, 9_900], [9_999, 9_999]].into_iter().enumerate() {
        (0..2).for_each(|asset| guard.see(asset, (8 + at as i64) * HOUR, closes[asset], 1_000));
        guard.learn();
    }
    for (weight, refused) in [(0.3, &sell), (-0.3, &buy), (-2.0, &buy)] {
        guard.weights = vec![0.0, weight];
        let other = if refused.is_buy { &sell } else { &buy };
        assert_eq!(guard.cut(&ask(refused), 10).unwrap(), (0, Cause::Correlation), "{weight}");
        assert_eq!(guard.cut(&ask(other), 10).unwrap(), (10, Cause::None), "{weight}");
    }
}

#[test]
fn what_is_held_and_what_was_opened_today_are_off_the_limits_of_an_order() {
    let contract = contract();
    let held = request(&contract, 300, true);
    // 2 % of 1,000.00 are 20.00: a stop 20.00 away carries a whole coin.
    let risk = guard(Policy { risk_per_trade_e9: Some(E9 / 50), ..Policy::default() }, &[10_000]);
    let stopped = Ask { stops: [0, 2_000, 9_999], ..ask(&held) };
    assert_eq!(risk.cut(&stopped, 700).unwrap(), (700, Cause::None));
    assert_eq!(risk.cut(&stopped, 701).unwrap(), (700, Cause::RiskPerTrade));
    let mut day = guard(Policy { daily_volume: Some(vec![Some(700), None]), ..Policy::default() }, &[10_000]);
    day.sent.note(0, Passed { t: 9 * HOUR, ..ask(&held).passed() }, 300);
    assert_eq!(day.cut(&ask(&held), 400).unwrap(), (400, Cause::None));
    assert_eq!(day.cut(&ask(&held), 401).unwrap(), (400, Cause::DailyVolume));
    day.sent.note(0, Passed { t: 9 * HOUR, ..ask(&held).passed() }, 900);
    assert_eq!(day.cut(&ask(&held), 1).unwrap(), (0, Cause::DailyVolume), "more than the limit was opened before it held");
}

#[test]
fn an_inverse_contract_is_cut_by_what_its_lots_are_worth() {
    let terms = Terms { taker_e9: 0, maker_e9: 0, min_lots: 0, min_notional: 0 };
    // 100 dollars a contract: at 100.00 worth a coin.
    let scale = Scale::inverse((1, 2), (1, 0), (100, 0)).unwrap();
    let contract = Contract { kind: InstrumentKind::Inverse, scale, terms, leverage_e9: 0 };
    let coins = |count: i64| count * 100_000_000;
    let guard = guard(Policy { max_exposure: Some(coins(7)), ..Policy::default() }, &[10_000]);
    assert_eq!(guard.cut(&ask(&request(&contract, 0, true)), 7).unwrap(), (7, Cause::None));
    assert_eq!(guard.cut(&ask(&request(&contract, 0, true)), 8).unwrap(), (7, Cause::ExposureLimit));
    assert_eq!(guard.cut(&ask(&request(&contract, 5, true)), 8).unwrap(), (2, Cause::ExposureLimit));
}

#[test]
fn what_is_refused_is_not_looked_at_further() {
    let contract = contract();
    let request = Request { ticks: i64::MAX, ..request(&contract, 0, true) };
    let mut paused = guard(Policy { price_collar_e9: Some(E9 / 20), ..Policy::default() }, &[10_000]);
    paused.state = GuardState::Paused;
    // The distance to this close would not fit.
    assert_eq!(paused.cut(&Ask { close: -2, ..ask(&request) }, 10).unwrap(), (0, Cause::RiskPaused));
}
