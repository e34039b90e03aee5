//! Liquidation: when, at which price, at whose cost, and what goes before it.
use crate::accounts::harness::*;

/// One coin long or short from 100.00 with 20.00 of margin, 1 % maintenance: gone at 80.808 (long: 100 − 20 = 0.99 p) or
/// 118.8119 (short: 120 = 1.01 p).
fn one(lots: f64, prices: &[f64]) -> Table {
    let target: Vec<f64> = prices.iter().map(|_| lots).collect();
    linear(prices, &target).margin(MarginMode::Isolated, 5, &[(0, 10_000_000, 0)])
}

fn run(table: Table, realism: Realism) -> (Records, Desk) {
    let world = World(vec![table]);
    let mut desk = desk(&world, &Config { realism, ..config(1_000, &world) });
    let records = play(&mut desk, &world);
    (records, desk)
}

fn last(records: &Records) -> (Reason, i64, i64) {
    let fill = records.fills.last().expect("a fill");
    (fill.reason, fill.ts / HOUR, fill.ticks)
}

#[test]
fn the_bars_extreme_liquidates_at_the_liquidation_price() {
    let (records, desk) = run(one(1.0, &[100.0; 5]).bar(3, [100.0, 100.0, 80.82, 90.0]), Realism::Strict);
    assert_eq!(records.fills.len(), 1, "one tick above it stands");
    assert_eq!((desk.set_aside(0), desk.totals(0).liquidations), (coins(20.0), 0));
    let (records, desk) = run(one(1.0, &[100.0; 5]).bar(3, [100.0, 100.0, 80.81, 90.0]), Realism::Strict);
    assert_eq!(last(&records), (Reason::Liquidation, 3, 8_081), "80.808 rounded so that it comes early");
    assert_eq!((records.trades[0].pnl, records.trades[0].reason), (coins(-19.19), Reason::Liquidation));
    assert_eq!((desk.equity(), desk.set_aside(0), desk.totals(0).liquidations), (coins(980.81), 0, 1));
    let (records, _) = run(one(-1.0, &[100.0; 5]).bar(3, [100.0, 118.81, 100.0, 110.0]), Realism::Strict);
    assert_eq!(last(&records), (Reason::Liquidation, 3, 11_881));
}

#[test]
fn other_realisms_liquidate_on_the_close_alone() {
    for realism in [Realism::Neutral, Realism::Naive] {
        let (records, _) = run(one(1.0, &[100.0; 5]).bar(3, [100.0, 100.0, 70.0, 90.0]), realism);
        assert_eq!(records.fills.len(), 1);
        let (records, _) = run(one(1.0, &[100.0; 6]).bar(3, [100.0, 100.0, 70.0, 75.0]), realism);
        assert_eq!(last(&records), (Reason::Liquidation, 3, 8_081));
    }
}

#[test]
fn a_gap_liquidates_at_the_open_and_the_fund_takes_what_the_margin_does_not_cover() {
    let (records, desk) = run(one(1.0, &[100.0, 100.0, 100.0, 70.0, 70.0]), Realism::Strict);
    assert_eq!(last(&records), (Reason::Liquidation, 3, 7_000));
    assert_eq!((records.trades[0].pnl, desk.totals(0).fund), (coins(-20.0), coins(10.0)));
    assert_eq!(desk.equity(), coins(980.0));
    let (records, desk) = run(one(-1.0, &[100.0, 100.0, 100.0, 130.0, 130.0]).fees(1_000_000, 10_000_000), Realism::Strict);
    assert_eq!((records.trades[0].pnl, desk.totals(0).fund), (coins(-20.1), coins(30.0 + 1.43 - 20.0)), "the entry's fee was paid before");
}

#[test]
fn the_tighter_of_stop_and_liquidation_goes_first_and_ties_go_to_the_venue() {
    let stopped = |distance: f64, low: f64| {
        let table = Table { fixed: distance, ..one(1.0, &[100.0; 5]) };
        last(&run(table.bar(3, [100.0, 100.0, low, 100.0]), Realism::Strict).0)
    };
    assert_eq!(stopped(10.0, 50.0), (Reason::StopFixed, 3, 9_000));
    assert_eq!(stopped(19.19, 50.0), (Reason::Liquidation, 3, 8_081));
    assert_eq!(stopped(30.0, 50.0), (Reason::Liquidation, 3, 8_081));
    assert_eq!(stopped(10.0, 85.0), (Reason::StopFixed, 3, 9_000));
}

#[test]
fn what_volume_left_of_a_stop_is_liquidated_whole_in_the_same_bar() {
    let table = Table { fixed: 10.0, volume: 1.0, ..one(1.0, &[100.0; 6]) };
    let world = World(vec![table.bar(3, [100.0, 100.0, 50.0, 60.0])]);
    let mut config = config(1_000, &world);
    config.volume_share_e9 = E9 / 2;
    let mut desk = desk(&world, &config);
    let fills: Vec<_> = play(&mut desk, &world).fills.iter().map(|f| (f.ts / HOUR, f.lots, f.ticks, f.reason)).collect();
    assert_eq!(fills[..2], [(1, 500, 10_000, Reason::Target), (2, 500, 10_000, Reason::Target)]);
    assert_eq!(fills[2..], [(3, -500, 9_000, Reason::StopFixed), (3, -500, 8_081, Reason::Liquidation)]);
}

#[test]
fn a_liquidation_pays_its_fees_and_holds_like_a_stop() {
    let mut table = one(1.0, &[100.0; 8]).bar(2, [100.0, 100.0, 80.0, 100.0]).fees(1_000_000, 12_500_000);
    table.target = vec![1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0];
    let (records, _) = run(table, Realism::Strict);
    let fills: Vec<_> = records.fills.iter().map(|f| (f.ts / HOUR, f.lots, f.fee)).collect();
    // 0.1 % of 100.00, and 0.1 % + 1.25 % of 80.81.
    let venue = coins(0.08081) + coins(1.010125);
    assert_eq!(fills, [(1, 1_000, coins(0.1)), (2, -1_000, venue), (6, 1_000, coins(0.1))], "held until the target has been 0");
    assert_eq!(records.trades[0].fees, coins(0.1) + venue);
}

#[test]
fn a_working_order_of_the_asset_is_cancelled() {
    // 0.3 coins a bar: 0.9 are held when the bar reaches 80.81.
    let table = Table { volume: 1.2, ..one(1.0, &[100.0; 6]).bar(3, [100.0, 100.0, 80.0, 100.0]) };
    let world = World(vec![table]);
    let mut desk = desk(&world, &Config { volume_share_e9: E9 / 4, ..config(1_000, &world) });
    let records = play(&mut desk, &world);
    let first = &records.orders[0];
    assert_eq!((first.status, first.order.cause, first.order.filled), (Status::Cancelled, Cause::Liquidated, 900));
    assert_eq!((last(&records), records.fills.last().expect("a fill").lots), ((Reason::Liquidation, 3, 8_081), -900));
}

#[test]
fn cross_positions_stand_for_each_other() {
    // 300.00 of cash carry 10 + 10 coins at 100.00; 1 % maintenance each.
    let held = |prices: &[f64]| linear(prices, &[10.0; 6]).margin(MarginMode::Cross, 10, &[(0, 10_000_000, 0)]);
    let world = World(vec![held(&[100.0, 100.0, 100.0, 90.0, 86.0, 86.0]), held(&[100.0, 100.0, 100.0, 100.0, 85.0, 85.0])]);
    let mut desk = desk(&world, &config(300, &world));
    let mut records = Records::default();
    (0..4).for_each(|at| step(&mut desk, &world, at, &mut records));
    // Others at their marks: 300 − 100 − 9 + … : p·10·0.99 = 1000 − (300 − 0 − 10) → 71.72 for the first, 1000 − (200 − 9) → 81.72 for the second.
    assert_eq!((desk.liquidation_price(0), desk.liquidation_price(1)), (Ok(Some(7_172)), Ok(Some(8_172))));
    (4..6).for_each(|at| step(&mut desk, &world, at, &mut records));
    let fills: Vec<_> = records.fills[2..].iter().map(|f| (f.ts / HOUR, f.asset, f.ticks, f.reason)).collect();
    // Both fell at once in bar 4, each alone would have stood: 300 − 140 − 150 = 10 covers no 17.1, which the next open finds.
    assert_eq!(fills, [(5, 0, 8_600, Reason::Liquidation)], "what it frees lets the second stand");
    assert_eq!(desk.equity(), coins(10.0));
}

#[test]
fn increases_bind_margin_reductions_give_it_back_and_what_is_missing_cuts() {
    let world = World(vec![
        linear(&[100.0, 100.0, 110.0, 110.0, 110.0], &[4.0, 8.0, 6.0, 6.0, 6.0]).margin(MarginMode::Isolated, 5, &[(0, 0, 0)]),
        linear(&[100.0; 5], &[0.0, 0.0, 50.0, 50.0, 50.0]).margin(MarginMode::Cross, 2, &[(0, 0, 0)]),
    ]);
    let mut desk = desk(&world, &config(500, &world));
    let mut records = Records::default();
    let mut aside = vec![];
    for at in 0..5 {
        step(&mut desk, &world, at, &mut records);
        aside.push(desk.set_aside(0));
    }
    // 4 · 100 / 5, then 4 · 110 / 5 more, then a quarter of it back.
    assert_eq!(aside, [0, coins(80.0), coins(168.0), coins(126.0), coins(126.0)]);
    let cut = records.orders.iter().find(|record| record.order.asset == 1).expect("the second order");
    // At its sending 500 − 168 were free; the reduction by 2 coins is in flight and frees nothing yet.
    assert_eq!((cut.order.wanted, cut.order.lots, cut.order.cause), (50_000, 6_640, Cause::Margin));
}

#[test]
fn a_flip_may_use_what_its_closing_part_frees() {
    let flip = |mode| {
        let world = World(vec![linear(&[100.0; 4], &[10.0, -10.0, -10.0, -10.0]).margin(mode, 10, &[(0, 0, 0)])]);
        let mut desk = desk(&world, &config(100, &world));
        play(&mut desk, &world).orders.iter().map(|record| (record.order.lots, record.order.cause)).collect::<Vec<_>>()
    };
    for mode in [MarginMode::Cross, MarginMode::Isolated] {
        assert_eq!(flip(mode), [(10_000, Cause::None), (20_000, Cause::None)], "{mode:?}");
    }
}
