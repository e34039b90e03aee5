//! The licence by hand: nothing opens without it where real or live prices are traded, each of its limits binds, and what reduces passes.
use crate::support::hand::*;
#[allow(dead_code)]
use bot4_engine::account::InstrumentTerms;
use bot4_engine::config::{Config, Realism};
use bot4_engine::desk::licence::{Licence, Mode, Step};
use bot4_engine::desk::order::OrderRecord;
use bot4_engine::desk::reason::{Cause, Status};
use bot4_engine::instrument::{InstrumentKind, Listing, Terms};
use bot4_engine::market::Market;
use bot4_engine::money::{AMOUNT_SCALE, E9};
use bot4_engine::replay::Replay;
use bot4_engine::signal::{AssetRows, Program};

/// A licence of any size for the whole run.
fn whole(assets: usize) -> Licence {
    Licence {
        strategy: String::new(),
        from_ms: 0,
        until_ms: 1_000 * HOUR,
        allowed: vec![true; assets],
        max_order: 1_000_000 * AMOUNT_SCALE,
        max_gross: 1_000_000 * AMOUNT_SCALE,
        ramp: vec![Step { from_ms: 0, share_e9: E9 }],
    }
}

fn table(target: &[f64]) -> Table {
    Table { bars: flat_bars(&vec![100.0; target.len()]), volume: 1e6, target: target.to_vec(), ..Table::default() }
}

fn orders(mode: Mode, licence: Option<Licence>, tables: Vec<Table>) -> Vec<OrderRecord> {
    let config = Config { mode, licence, ..config(Realism::Strict) };
    let mut desk = desk(InstrumentKind::Linear, Rules::targets(TARGET, tables.len()), &config, false);
    play(&mut desk, &World(tables)).orders
}

/// (signed lots, status, cause) of each order.
fn brief(orders: &[OrderRecord]) -> Vec<(i64, Status, Cause)> {
    orders.iter().map(|o| (o.order.side * o.order.lots, o.status, o.order.cause)).collect()
}

#[test]
fn nothing_opens_without_a_licence_where_one_is_demanded() {
    for mode in [Mode::Live, Mode::Paper] {
        let found = orders(mode, None, vec![table(&[0.5, 0.5, -0.5, -0.5])]);
        assert!(!found.is_empty() && found.iter().all(|o| o.status == Status::Rejected && o.order.cause == Cause::Unlicensed));
    }
    for mode in [Mode::Backtest, Mode::Simulation] {
        assert_eq!(brief(&orders(mode, None, vec![table(&[0.5, 0.5, 0.5])])), [(5_000, Status::Filled, Cause::None)]);
    }
    assert_eq!(brief(&orders(Mode::Live, Some(whole(1)), vec![table(&[0.5, 0.5, 0.5])])), [(5_000, Status::Filled, Cause::None)]);
}

#[test]
fn what_has_expired_opens_nothing_and_lets_out() {
    // Decisions at 1, 2, 3, 4 and 5 h; the licence ends at 3 h.
    let ended = Licence { until_ms: 3 * HOUR, ..whole(1) };
    let found = brief(&orders(Mode::Live, Some(ended.clone()), vec![table(&[0.2, 0.2, 0.5, 0.1, 0.0, 0.0])]));
    assert_eq!(found[0], (2_000, Status::Filled, Cause::None));
    assert_eq!(found[1], (0, Status::Rejected, Cause::LicenceExpired));
    assert_eq!(found[2], (-1_000, Status::Filled, Cause::None), "what reduces passes");
    assert_eq!(found[3], (-1_000, Status::Filled, Cause::None));
    let late = Licence { from_ms: 2 * HOUR, ramp: vec![Step { from_ms: 2 * HOUR, share_e9: E9 }], ..whole(1) };
    let found = brief(&orders(Mode::Live, Some(late), vec![table(&[0.2, 0.2, 0.5, 0.5])]));
    assert_eq!((found[0].2, found[1].1), (Cause::LicenceExpired, Status::Filled), "nor before it begins");
    // A turn keeps its closing part.
    let found = brief(&orders(Mode::Live, Some(ended), vec![table(&[0.2, 0.2, -0.5, -0.5])]));
    assert_eq!(found[1], (-2_000, Status::Filled, Cause::LicenceExpired));
}

#[test]
fn an_instrument_that_it_does_not_name_is_not_opened() {
    let licence = Licence { allowed: vec![true, false], ..whole(2) };
    let found = orders(Mode::Live, Some(licence), vec![table(&[0.2, 0.2, 0.2]), table(&[0.2, 0.2, 0.2])]);
    let causes: Vec<_> = found.iter().map(|o| (o.order.asset, o.status, o.order.cause)).collect();
    assert!(causes.contains(&(0, Status::Filled, Cause::None)) && causes.contains(&(1, Status::Rejected, Cause::LicenceInstrument)));
    assert!(found.iter().all(|o| o.order.asset == 0 || o.order.filled == 0));
}

#[test]
fn the_size_ramp_binds_step_by_step() {
    let ramp = [(0, 10), (2, 25), (3, 50), (4, 100)];
    let ramp = ramp.iter().map(|&(hour, percent)| Step { from_ms: hour * HOUR, share_e9: percent * E9 / 100 }).collect();
    // Of 800 a tenth is 80, a quarter 200, half 400; the strategy wants 90 % of 1,000.
    let licence = Licence { max_gross: 800 * AMOUNT_SCALE, ramp, ..whole(1) };
    let found = brief(&orders(Mode::Live, Some(licence), vec![table(&[0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.95])]));
    let sizes: Vec<_> = found.iter().filter(|o| o.1 == Status::Filled).map(|o| o.0).collect();
    assert_eq!(sizes, [800, 1_200, 2_000, 4_000], "10, 25, 50 and 100 % of 8.000 coins");
    assert!(found.iter().all(|o| o.2 == Cause::LicenceSize));
}

#[test]
fn one_order_is_bound_and_so_is_what_all_instruments_hold() {
    let licence = Licence { max_order: 150 * AMOUNT_SCALE, max_gross: 400 * AMOUNT_SCALE, ..whole(2) };
    let found = orders(Mode::Paper, Some(licence), vec![table(&[0.3, 0.31, 0.32, 0.33]), table(&[0.3, 0.31, 0.32, 0.33])]);
    assert!(found.iter().all(|o| o.order.lots <= 1_500));
    let held: i64 = found.iter().map(|o| o.order.side * o.order.filled).sum();
    assert_eq!(held, 4_000, "400 in all, at 100");
    assert!(found.iter().any(|o| o.order.cause == Cause::LicenceSize && o.status == Status::Rejected));
}

#[test]
fn keyed_orders_are_bound_too() {
    let json = format!(
        r#"{{"version":1,"kind":"strategy","interval_ms":{HOUR},"clocks":[{HOUR}],"nodes":[{{"op":"const","f":[3.0]}},{{"op":"const","f":[101.0]}}],
        "orders":[{{"key":"a","side":1,"kind":"limit","price":1,"size":{{"unit":"qty","node":0}}}}]}}"#
    );
    let program = Program::parse(&json, &["A/USD"]).unwrap();
    let ts: Vec<i64> = (0..4).map(|row| row * HOUR).collect();
    let (price, volume) = (vec![100.0; 4], vec![1e6; 4]);
    let rows = AssetRows { ts: &ts, open: &price, high: &price, low: &price, close: &price, volume: &volume };
    let listing = Listing {
        symbol: "A/USD".into(),
        venue: "test".into(),
        kind: InstrumentKind::Linear,
        base: "A".into(),
        quote: "USD".into(),
        tick: (1, 2),
        lot: (1, 3),
        contract: None,
    };
    let market = Market::new(vec![listing], vec![rows], HOUR).unwrap();
    let strategy: String = program.identity().iter().map(|byte| format!("{byte:02x}")).collect();
    let run = |licence: Option<Licence>| {
        let terms = Terms { taker_e9: 0, maker_e9: 0, min_lots: 1, min_notional: 0 };
        let instruments = vec![InstrumentTerms { terms, wallet: 0, margin: None, borrow_e9: 0 }];
        let config = Config { mode: Mode::Live, licence, instruments, ..config(Realism::Strict) };
        let mut replay = Replay::new(&market, &program, &config, &[], 0)?;
        replay.run(|_| true).unwrap();
        Ok::<_, String>(replay)
    };
    let refused = run(None).unwrap();
    assert!(refused.records.fills.is_empty() && refused.records.orders.iter().all(|o| o.order.cause == Cause::Unlicensed));
    let bound = run(Some(Licence { strategy: strategy.clone(), max_gross: 200 * AMOUNT_SCALE, ..whole(1) })).unwrap();
    assert!(bound.desk().ledger().positions[0].lots <= 2_000 && bound.desk().ledger().positions[0].lots > 0);
    let other = run(Some(Licence { strategy: "ab".repeat(32), ..whole(1) })).err().unwrap();
    assert!(other.contains("licence is that of the strategy abababababababab") && other.contains(&strategy[..16]), "{other}");
}
