//! The desk by hand: small tables of bars and targets, with the fills a trader would expect.
mod world;

use bot4_engine::config::Config;
use bot4_engine::desk::order::{FillRecord, OrderRecord};
use bot4_engine::desk::reason::{Cause, Reason, Status};
use bot4_engine::desk::records::Records;
use bot4_engine::desk::rule::{Age, Rule, Unit};
use bot4_engine::desk::stops::Rearm;
use bot4_engine::desk::{Desk, Halt};
use bot4_engine::instrument::{InstrumentKind, Terms};
use bot4_engine::memory::snapshot::{Reader, Writer};
use bot4_engine::money::{AMOUNT_SCALE, E9};
use world::*;

const NAN: f64 = f64::NAN;

fn play(desk: &mut Desk, world: &World) -> Records {
    let mut records = Records::default();
    for at in 0..world.tables[0].bars.len() {
        step(desk, world, at, true, &mut records).unwrap();
    }
    records.sort();
    records
}

fn flat_bars(prices: &[f64]) -> Vec<[f64; 4]> {
    prices.iter().map(|&p| [p, p, p, p]).collect()
}

fn brief(fills: &[FillRecord]) -> Vec<(i64, i64, i64, Reason)> {
    fills.iter().map(|f| (f.ts / HOUR, f.lots, f.ticks, f.reason)).collect()
}

fn ends(orders: &[OrderRecord]) -> Vec<(Status, Cause, i64, i64)> {
    orders.iter().map(|o| (o.status, o.order.cause, o.order.wanted, o.order.filled)).collect()
}

#[test]
fn a_target_fills_at_the_next_open_and_an_exit_closes_exactly() {
    let world = World {
        tables: vec![Table {
            bars: flat_bars(&[100.0, 101.0, 110.0, 120.0]),
            volume: 1e6,
            target: vec![0.5, 0.5, 0.0, 0.0],
            ..Table::default()
        }],
    };
    let mut desk = desk(&[InstrumentKind::Spot], rule(), &config());
    let records = play(&mut desk, &world);
    // 500 at a close of 100 are 5.000 coins; bought at 101, sold at 120.
    assert_eq!(brief(&records.fills), [(1, 5_000, 10_100, Reason::Target), (3, -5_000, 12_000, Reason::Target)]);
    assert_eq!(desk.equity(), 1_095 * AMOUNT_SCALE);
    assert_eq!(records.trades[0].pnl, 95 * AMOUNT_SCALE);
    assert_eq!(desk.counters(0).acts, 2);
    assert_eq!(desk.counters(0).flips, 2);
}

#[test]
fn price_drift_alone_never_trades_but_a_band_of_weight_does() {
    let target = vec![0.5, 0.505, 0.509, 0.52, 0.52];
    let world =
        World { tables: vec![Table { bars: flat_bars(&[100.0, 100.0, 150.0, 150.0, 150.0]), volume: 1e6, target, ..Table::default() }] };
    let mut desk = desk(&[InstrumentKind::Spot], rule(), &config());
    let records = play(&mut desk, &world);
    assert_eq!(records.fills.len(), 2);
    assert_eq!(desk.counters(0).band_holds, 2);
}

#[test]
fn volume_caps_a_fill_and_the_rest_works_on_until_a_new_target_replaces_it() {
    let table = Table { bars: flat_bars(&[100.0; 5]), volume: 2.0, target: vec![0.5, 0.5, 0.1, 0.1, 0.1], ..Table::default() };
    let mut desk = desk(&[InstrumentKind::Spot], rule(), &config());
    let records = play(&mut desk, &World { tables: vec![table] });
    assert_eq!(brief(&records.fills).iter().map(|f| f.1).collect::<Vec<_>>(), [2_000, 2_000, -2_000, -1_000]);
    assert_eq!(ends(&records.orders), [(Status::Cancelled, Cause::Superseded, 5_000, 4_000), (Status::Filled, Cause::None, 3_000, 3_000)]);
}

#[test]
fn a_fixed_stop_fills_at_its_level_and_holds_until_a_new_signal() {
    let bars = vec![[100.0; 4], [100.0, 101.0, 89.0, 95.0], [95.0; 4], [96.0; 4], [97.0; 4], [98.0; 4]];
    let table = Table { bars, volume: 1e6, target: vec![0.5, 0.5, 0.5, 0.0, 0.5, 0.5], fixed: 10.0, ..Table::default() };
    let mut desk = desk(&[InstrumentKind::Spot], Rule { fixed: true, ..rule() }, &config());
    let records = play(&mut desk, &World { tables: vec![table] });
    let fills = brief(&records.fills);
    assert_eq!(
        fills[..2],
        [(1, 5_000, 10_000, Reason::Target), (1, -5_000, 9_000, Reason::StopFixed)],
        "the stop may fill on the entry bar"
    );
    assert_eq!((fills[2].0, fills.len()), (5, 3), "held at 0 until the raw target was 0");
}

#[test]
fn a_gap_fills_at_the_open_and_a_trailing_stop_uses_earlier_extremes_only() {
    let bars = vec![[100.0; 4], [100.0, 120.0, 100.0, 120.0], [120.0, 130.0, 112.0, 125.0], [105.0, 106.0, 104.0, 105.0]];
    let table = Table { bars, volume: 1e6, target: vec![0.5; 4], trailing: 10.0, ..Table::default() };
    let mut desk = desk(&[InstrumentKind::Spot], Rule { trailing: true, ..rule() }, &config());
    let records = play(&mut desk, &World { tables: vec![table] });
    // Bar 2 falls to 112 with a level of 110 from bar 1's high; its own high of 130 sets 120 for bar 3, which opens at 105.
    assert_eq!(brief(&records.fills), [(1, 5_000, 10_000, Reason::Target), (3, -5_000, 10_500, Reason::GapTrailing)]);
    assert_eq!(desk.position_view(0).qty, 0.0);
}

#[test]
fn shorts_are_stopped_from_above_and_a_stop_the_volume_cannot_fill_works_on() {
    let bars = vec![[100.0; 4], [100.0; 4], [100.0, 112.0, 99.0, 111.0], [113.0; 4], [114.0; 4]];
    let table = Table { bars, volume: 5.0, target: vec![-0.5; 5], fixed: 10.0, ..Table::default() };
    let config = Config { volume_share_e9: 600_000_000, ..config() };
    let mut desk = desk(&[InstrumentKind::Linear], Rule { fixed: true, rearm: Rearm::Bars(9), ..rule() }, &config);
    let records = play(&mut desk, &World { tables: vec![table] });
    let expected = [
        (1, -3_000, 10_000, Reason::Target),
        (2, -2_000, 10_000, Reason::Target),
        (2, 1_000, 11_000, Reason::StopFixed),
        (3, 3_000, 11_300, Reason::StopFixed),
        (4, 1_000, 11_400, Reason::StopFixed),
    ];
    assert_eq!(brief(&records.fills), expected, "bar 2 lets 3 lots through in all: 2 for the entry, 1 for the stop");
    assert_eq!(records.orders.len(), 2);
}

#[test]
fn a_time_stop_leaves_after_its_bars_and_an_immediate_rearm_returns() {
    let table = Table { bars: flat_bars(&[100.0; 6]), volume: 1e6, target: vec![0.5; 6], ..Table::default() };
    let aged = |age, rearm| Rule { age: Some(age), rearm, ..rule() };
    let run = |rule| {
        let mut desk = desk(&[InstrumentKind::Spot], rule, &config());
        brief(&play(&mut desk, &World { tables: vec![table.clone()] }).fills).iter().map(|f| (f.0, f.1.signum(), f.3)).collect::<Vec<_>>()
    };
    let (buy, sell) = (Reason::Target, Reason::StopTime);
    assert_eq!(run(aged(Age::Bars(2), Rearm::Immediate)), [(1, 1, buy), (3, -1, sell), (4, 1, buy)]);
    assert_eq!(
        run(aged(Age::Ms(2 * HOUR), Rearm::Ms(9 * HOUR))),
        [(1, 1, buy), (3, -1, sell)],
        "the fill's bar opened at 1 h, the decision at 3 h"
    );
    assert_eq!(run(aged(Age::Bars(2), Rearm::Ms(2 * HOUR))), [(1, 1, buy), (3, -1, sell), (5, 1, buy)]);
}

#[test]
fn spot_is_never_short_and_cash_is_never_overdrawn() {
    let table =
        Table { bars: flat_bars(&[100.0, 100.0, 100.0, 200.0]), volume: 1e6, target: vec![-0.5, 0.0, 1.0, 1.0], ..Table::default() };
    let mut desk = desk(&[InstrumentKind::Spot], rule(), &config());
    let records = play(&mut desk, &World { tables: vec![table] });
    assert_eq!(ends(&records.orders), [(Status::Rejected, Cause::NoShort, 5_000, 0), (Status::Cancelled, Cause::Balance, 10_000, 5_000)]);
    assert_eq!(desk.ledger().flow, 0, "the open doubled: cash buys half of what was decided");
}

#[test]
fn the_collar_cancels_an_increase_that_opens_too_far_away() {
    let table = Table { bars: flat_bars(&[100.0, 151.0, 151.0]), volume: 1e6, target: vec![0.5; 3], ..Table::default() };
    let mut desk = desk(&[InstrumentKind::Spot], rule(), &Config { collar_e9: E9 / 2, ..config() });
    let records = play(&mut desk, &World { tables: vec![table] });
    assert_eq!(ends(&records.orders)[0], (Status::Cancelled, Cause::Collar, 5_000, 0));
    assert!(records.fills.is_empty());
}

#[test]
fn a_budget_scales_all_assets_alike_and_reductions_go_first() {
    let table = |target| Table { bars: flat_bars(&[100.0; 4]), volume: 1e6, target, ..Table::default() };
    let world = World { tables: vec![table(vec![0.9, 0.9, 0.9, 0.9]), table(vec![0.9, 0.1, 0.1, 0.1])] };
    let mut desk = desk(&[InstrumentKind::Spot; 2], rule(), &config());
    let records = play(&mut desk, &world);
    let sent: Vec<_> = records.orders.iter().map(|o| (o.order.asset, o.order.side * o.order.lots)).collect();
    assert_eq!(sent, [(0, 5_000), (1, 5_000), (1, -4_000), (0, 4_000)], "the sale pays for the purchase");
    assert_eq!((desk.budget_rows, desk.budget_max_gross_e9), (1, 1_800_000_000), "scaled at the first decision only");
}

#[test]
fn an_asset_without_a_bar_counts_by_what_it_last_acted_on() {
    let mut absent = Table { bars: flat_bars(&[100.0; 4]), volume: 1e6, target: vec![0.8; 4], ..Table::default() };
    absent.bars[2][0] = NAN;
    let present = Table { bars: flat_bars(&[100.0; 4]), volume: 1e6, target: vec![0.0, 0.0, 0.4, 0.4], ..Table::default() };
    let mut desk = desk(&[InstrumentKind::Linear; 2], rule(), &config());
    let records = play(&mut desk, &World { tables: vec![present, absent] });
    let second = records.orders.iter().find(|o| o.order.asset == 0).expect("asset 0 traded");
    assert_eq!(second.order.lots, 3_333, "0.4 is scaled by 1/1.2 at row 2");
}

#[test]
fn a_flip_closes_even_where_the_new_side_is_refused() {
    let table =
        Table { bars: flat_bars(&[100.0, 100.0, 100.0, 100.0]), volume: 1e6, target: vec![1.0, 1.0, -1.0, -1.0], ..Table::default() };
    let mut desk = desk(&[InstrumentKind::Linear], rule(), &Config { max_notional: Some(400 * AMOUNT_SCALE), ..config() });
    let records = play(&mut desk, &World { tables: vec![table] });
    assert_eq!(brief(&records.fills).iter().map(|f| f.1).collect::<Vec<_>>(), [4_000, -8_000], "4 closed, 4 of 10 opened");
    assert_eq!(records.trades.len(), 1);
    assert_eq!(desk.open_trades().count(), 1);
}

#[test]
fn decisions_wait_for_warm_up_schedule_and_start_and_orders_for_latency() {
    let table = Table { bars: flat_bars(&[100.0; 8]), volume: 1e6, target: vec![0.5; 8], ..Table::default() };
    let config = Config { trade_from_ms: Some(3 * HOUR), latency_ms: 1, ..config() };
    let mut desk = desk(&[InstrumentKind::Spot], Rule { settled: 1, ..rule() }, &config);
    let world = World { tables: vec![table] };
    let mut records = Records::default();
    for at in 0..8 {
        step(&mut desk, &world, at, at == 4, &mut records).unwrap();
    }
    assert_eq!(records.orders[0].order.ts, 5 * HOUR, "due only at row 4");
    assert_eq!(records.fills[0].ts, 6 * HOUR, "the open at 5 h came 1 ms too early");
    assert_eq!(desk.working().count(), 0);
}

#[test]
fn notional_and_quantity_targets_ask_for_their_own_unit() {
    for (unit, target) in [(Unit::Notional, 250.0), (Unit::Quantity, 2.5)] {
        let table = Table { bars: flat_bars(&[100.0, 100.0, 200.0]), volume: 1e6, target: vec![target; 3], ..Table::default() };
        let mut desk = desk(&[InstrumentKind::Linear], Rule { unit, ..rule() }, &config());
        let records = play(&mut desk, &World { tables: vec![table] });
        assert_eq!(records.fills.len(), 1, "{unit:?}: an unchanged level trades once");
        assert_eq!(records.fills[0].lots, 2_500);
    }
}

#[test]
fn the_view_tells_the_strategy_its_own_book() {
    let bars = vec![[100.0; 4], [100.0, 110.0, 95.0, 105.0], [105.0, 108.0, 90.0, 102.0]];
    let table = Table { bars, volume: 1e6, target: vec![0.5, 0.5, 0.25], ..Table::default() };
    let mut desk = desk(&[InstrumentKind::Spot], rule(), &config());
    play(&mut desk, &World { tables: vec![table] });
    let view = desk.position_view(0);
    assert_eq!((view.qty, view.units, view.bars_held, view.first_fill), (5.0, 1.0, 2.0, HOUR as f64));
    assert!((view.pnl - 0.02).abs() < 1e-12 && (view.mae + 0.10).abs() < 1e-12 && (view.mfe - 0.10).abs() < 1e-12);
    assert!((view.weight - 510.0 / 1_010.0).abs() < 1e-12 && view.avg_price == 100.0);
    assert!(view.pending < 0.0, "the reduction is in flight");
    let account = desk.account_view().unwrap();
    assert!((account.equity - 1_010.0).abs() < 1e-9 && (account.cash - 500.0).abs() < 1e-9);
    assert!((account.gross - 510.0 / 1_010.0).abs() < 1e-12 && (account.drawdown - (1_010.0 / 1_025.0 - 1.0)).abs() < 1e-12);
}

#[test]
fn saved_and_restored_in_the_middle_it_ends_the_same() {
    let prices: Vec<f64> = (0..60).map(|i| 100.0 + ((i * 37) % 23) as f64 - 11.0).collect();
    let target: Vec<f64> = (0..60).map(|i| if i % 7 == 0 { NAN } else { f64::from((i * 13) % 5 - 2) / 4.0 }).collect();
    let bars: Vec<[f64; 4]> = prices.iter().map(|&p| [p, p + 6.0, p - 6.0, p + 1.0]).collect();
    let table = Table { bars, volume: 3.0, target, fixed: 8.0, trailing: 9.0 };
    let world = World { tables: vec![table.clone(), Table { volume: 30.0, ..table }] };
    let rule = Rule { fixed: true, trailing: true, age: Some(Age::Bars(5)), rearm: Rearm::Bars(2), ..rule() };
    let fresh = || desk(&[InstrumentKind::Linear, InstrumentKind::Spot], rule, &config());
    let state = |desk: &Desk| {
        let mut to = Writer::default();
        desk.save(&mut to);
        to.finish()
    };
    let (mut whole, mut records) = (fresh(), Records::default());
    (0..60).for_each(|at| step(&mut whole, &world, at, true, &mut records).unwrap());
    assert!(records.fills.iter().any(|f| f.reason != Reason::Target) && whole.counters(0).missing > 0);
    for cut in [1, 17, 30, 59] {
        let (mut first, mut second, mut sink) = (fresh(), fresh(), Records::default());
        (0..cut).for_each(|at| step(&mut first, &world, at, true, &mut sink).unwrap());
        let bytes = state(&first);
        let mut from = Reader::new(&bytes);
        second.load(&mut from).unwrap();
        from.finish().unwrap();
        (cut..60).for_each(|at| step(&mut second, &world, at, true, &mut sink).unwrap());
        assert_eq!(state(&second), state(&whole), "cut at {cut}");
        assert_eq!(sink.fills, records.fills, "cut at {cut}");
    }
    let mut other = desk(&[InstrumentKind::Spot], rule, &config());
    assert!(other.load(&mut Reader::new(&state(&whole))).unwrap_err().to_string().contains("number of assets"));
}

#[test]
fn what_does_not_fit_halts_with_asset_and_time() {
    let table = Table { bars: flat_bars(&[1e17, 1e17, 1e17]), volume: 1e6, target: vec![1.0; 3], ..Table::default() };
    let mut desk = desk(&[InstrumentKind::Linear], rule(), &Config { cash: i64::MAX / 4, ..config() });
    let world = World { tables: vec![table] };
    let mut records = Records::default();
    let halted = (0..3).find_map(|at| step(&mut desk, &world, at, true, &mut records).err());
    assert_eq!(halted, Some(Halt { asset: 0, ts: 0 }));
}

#[test]
fn configurations_out_of_range_are_refused_by_name() {
    let good = r#"{"cash":1,"half_spread_e9":0,"impact":0.0,"volume_share_e9":1,"collar_e9":0,"max_leverage_e9":1,"instruments":[]}"#;
    assert!(Config::from_json(good).is_ok());
    for (from, to, word) in [
        (r#""cash":1"#, r#""cash":0"#, "cash"),
        (r#""half_spread_e9":0"#, r#""half_spread_e9":-1"#, "half_spread_e9"),
        (r#""impact":0.0"#, r#""impact":-1.0"#, "impact"),
        (r#""volume_share_e9":1"#, r#""volume_share_e9":0"#, "volume_share_e9"),
        (r#""instruments":[]"#, r#""instrumets":[]"#, "instrumets"),
    ] {
        let error = Config::from_json(&good.replace(from, to)).unwrap_err();
        assert!(error.contains(word), "{error}");
    }
    let terms = Terms { taker_e9: -1, maker_e9: 0, min_lots: 1, min_notional: 0 };
    assert!(terms.validate("BTC/USDT").unwrap_err().contains("BTC/USDT"));
    assert!(Terms { taker_e9: 0, min_lots: 0, ..terms }.validate("X").unwrap_err().contains("min_lots"));
}
