//! Whole runs of entries, takes and legs on seeded random markets: any cutting, a restart, other names for the assets and the heap change nothing.
use crate::support::counting::allocations;
use bot4_engine::config::Config;
use bot4_engine::desk::order::TradeRecord;
use bot4_engine::desk::reason::{Cause, Reason};
use bot4_engine::instrument::{InstrumentKind, Listing};
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::signal::AssetRows;
use bot4_engine::signal::program::Program;
use std::collections::HashSet;

const HOUR: i64 = 3_600_000;
const SYMBOLS: [&str; 3] = ["AAA/USDT", "BBB/USDT:USDT", "CCC/USDT:USDT"];

struct Columns {
    ts: Vec<i64>,
    values: [Vec<f64>; 5],
}

/// A random walk with gaps, quiet bars and jumps; SplitMix64.
fn columns(seed: u64, rows: usize, missing: f64) -> Columns {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    let cents = |x: f64| (x * 100.0).round() / 100.0;
    let mut out = Columns { ts: vec![], values: Default::default() };
    let mut price = 100.0;
    for row in 0..rows {
        if uniform() < missing {
            continue;
        }
        let open = cents(price * if uniform() < 0.05 { 1.02 } else { 1.0 });
        price = (open * (1.0 + 0.04 * (uniform() - 0.5))).clamp(5.0, 500.0);
        let close = cents(price);
        let reach = 1.0 + 0.01 * uniform();
        out.ts.push(row as i64 * HOUR);
        for (column, value) in out.values.iter_mut().zip([
            open,
            cents(open.max(close) * reach),
            cents(open.min(close) / reach),
            close,
            (uniform() * 400.0).floor() / 10.0,
        ]) {
            column.push(value);
        }
    }
    out
}

fn market<'a>(data: &'a [&Columns], symbols: &[&str]) -> Market<'a> {
    let listings = symbols.iter().map(|symbol| Listing {
        symbol: (*symbol).to_string(),
        venue: "test".into(),
        kind: if symbol.contains(':') { InstrumentKind::Linear } else { InstrumentKind::Spot },
        base: symbol[..3].into(),
        quote: "USDT".into(),
        tick: (1, 2),
        lot: (1, 1),
        contract: None,
    });
    let rows = data.iter().map(|c| {
        let [open, high, low, close, volume] = &c.values;
        AssetRows { ts: &c.ts, open, high, low, close, volume }
    });
    Market::new(listings.collect(), rows.collect(), HOUR).unwrap()
}

fn config(assets: usize, realism: &str) -> Config {
    let terms = vec![r#"{"taker_e9":1000000,"maker_e9":200000,"min_lots":1,"min_notional":0}"#; assets].join(",");
    Config::from_json(&format!(
        r#"{{"cash":1000000000000,"half_spread_e9":100000,"impact":1.0,"volume_share_e9":300000000,"collar_e9":30000000,
            "latency_ms":1000,"realism":"{realism}","max_leverage_e9":3000000000,"instruments":[{terms}]}}"#
    ))
    .unwrap()
}

const NODES: &str = r#"{"op":"col","s":"close"},{"op":"roll_mean","in":[0],"f":[5]},{"op":"roll_mean","in":[0],"f":[12]},{"op":"crosses_above","in":[1,2]},
    {"op":"crosses_below","in":[1,2]},{"op":"col","s":"high"},{"op":"col","s":"low"},{"op":"atr","in":[5,6,0],"f":[5]},
    {"op":"returns","in":[0],"f":[3]},{"op":"const","f":[0.02]},{"op":"pos","s":"pnl"},{"op":"const","f":[-0.03]},{"op":"lt","in":[10,11]},
    {"op":"gt","in":[1,2]},{"op":"lt","in":[1,2]},{"op":"gt","in":[8,9]}"#;

fn entries(extra: &str) -> String {
    format!(
        r#"{{"size":{{"unit":"risk","node":9,"per_unit":7}},"stops":[{{"kind":"trailing","node":7}},{{"kind":"fixed","node":7}}],"take":7,{extra}}}"#
    )
}

fn program(assets: &[&str], rest: &str) -> Program {
    let head = r#""version":1,"kind":"portfolio","interval_ms":3600000,"clocks":[3600000]"#;
    Program::parse(&format!(r#"{{{head},"nodes":[{NODES}],{rest}}}"#), assets).unwrap()
}

/// Everything at once: units, turns, a limit on positions, a cool-down and an exit that reads the own position.
fn everything() -> String {
    let row = entries(
        r#""long":13,"short":14,"exit":12,"max_units":3,"max_positions":2,"priority":8,"cooldown":{"bars":2},"rearm":{"mode":"cooldown","bars":4}"#,
    );
    format!(r#""entries":[{row}]"#)
}

fn run<'m>(market: &Market<'m>, program: &Program, realism: &str, block: usize) -> Replay<'m> {
    let mut replay = Replay::new(market, program, &config(market.listings.len(), realism), &[], block).unwrap();
    assert_eq!(replay.run(|_| true), Ok(true));
    replay.records.sort();
    replay
}

#[test]
fn any_cutting_gives_the_same_bits() {
    let data: Vec<Columns> = (0..3).map(|seed| columns(seed, 700, 0.03)).collect();
    let data: Vec<&Columns> = data.iter().collect();
    let market = market(&data, &SYMBOLS);
    for realism in ["strict", "neutral", "naive"] {
        let program = program(&SYMBOLS, &everything());
        let whole = run(&market, &program, realism, 1_000);
        let reasons: HashSet<u8> = whole.records.fills.iter().map(|f| f.reason as u8).collect();
        let seen = [Reason::Entry, Reason::ExitSignal, Reason::Take, Reason::StopTrailing];
        assert!(seen.iter().all(|&reason| reasons.contains(&(reason as u8))), "{realism}: {reasons:?}");
        for block in [1, 7, 64, 0] {
            let cut = run(&market, &program, realism, block);
            assert_eq!(cut.hash(), whole.hash(), "{realism}, block {block}");
            assert_eq!(cut.equity, whole.equity);
            assert_eq!(cut.records.fills, whole.records.fills);
            assert_eq!(cut.records.keyed, whole.records.keyed);
        }
    }
}

/// One asset without feedback or schedule glides over its quiet bars; on a schedule of one bar it takes every step in full.
#[test]
fn quiet_bars_change_nothing() {
    for (seed, long) in (0..6).zip([3, 13, 3, 13, 3, 13]) {
        let data = columns(seed + 40, 3_000, 0.0);
        let data = [&data];
        let market = market(&data, &SYMBOLS[1..2]);
        let short = long + 1;
        let plain = entries(&format!(r#""long":{long},"short":{short},"exit":15,"cooldown":{{"ms":7200000}}"#));
        let bare = format!(r#"{{"size":{{"unit":"weight","node":9}},"long":{long},"exit":15,"max_units":2}}"#);
        let aged = format!(r#"{{"size":{{"unit":"weight","node":9}},"stops":[{{"kind":"time","bars":7}}],"long":{long},"short":{short}}}"#);
        let target = |extra: &str| format!(r#""targets":[{{"node":13,"kind":"weight"{extra}}}]"#);
        let cases = [
            format!(r#""entries":[{plain}]"#),
            format!(r#""entries":[{bare}]"#),
            format!(r#""entries":[{aged}]"#),
            target(r#","stops":[{"kind":"trailing","node":7}],"rearm":{"mode":"immediate"}"#),
            target(r#","take":7"#),
            target(r#","take":7,"stops":[{"kind":"trailing","node":7},{"kind":"fixed","node":7}]"#),
        ];
        for (at, rest) in cases.iter().enumerate() {
            for realism in ["strict", "neutral", "naive"] {
                let whole = run(&market, &program(&SYMBOLS[1..2], rest), realism, 0);
                assert!(whole.records.fills.len() > 40, "case {at} trades, {} fills", whole.records.fills.len());
                let scheduled = format!(r#"{rest},"rebalance":{{"period_ms":3600000}}"#);
                let in_full = run(&market, &program(&SYMBOLS[1..2], &scheduled), realism, 0);
                assert_eq!((&in_full.equity, &in_full.equity_ts), (&whole.equity, &whole.equity_ts));
                assert_eq!(in_full.records.fills, whole.records.fills);
                assert_eq!(in_full.records.keyed, whole.records.keyed);
                assert_eq!(in_full.records.orders, whole.records.orders, "seed {seed}, case {at}, {realism}");
            }
        }
    }
}

#[test]
fn saved_in_the_middle_and_restored_it_ends_the_same() {
    let data: Vec<Columns> = (0..3).map(|seed| columns(seed + 9, 400, 0.03)).collect();
    let data: Vec<&Columns> = data.iter().collect();
    let (market, config) = (market(&data, &SYMBOLS), config(3, "strict"));
    let legs = format!(r#"{},"legs":[{{"targets":[0,1],"broken":"flatten","tolerance":0.02}}]"#, pair());
    for rest in [everything(), legs] {
        let program = program(&SYMBOLS, &rest);
        let whole = run(&market, &program, "strict", 0);
        for stop in [1, 60, 173, 250] {
            let mut first = Replay::new(&market, &program, &config, &[], 0).unwrap();
            let mut taken = 0;
            while taken < stop {
                taken += first.advance(stop - taken).unwrap();
            }
            let bytes = first.save();
            let mut second = Replay::new(&market, &program, &config, &[], 0).unwrap();
            second.load(&bytes).unwrap();
            assert_eq!(second.hash(), first.hash());
            second.run(|_| true).unwrap();
            assert_eq!(second.hash(), whole.hash(), "stopped at {stop}");
            assert_eq!([first.records.fills, second.records.fills].concat(), whole.records.fills);
        }
    }
}

/// Two targets of opposite sides with stops and takes, on the perpetuals.
fn pair() -> String {
    let leg = |node: usize, symbol: &str| {
        format!(
            r#"{{"node":{node},"kind":"weight","asset":"{symbol}","take":7,"stops":[{{"kind":"fixed","node":7}}],"rearm":{{"mode":"cooldown","bars":3}}}}"#
        )
    };
    format!(r#""targets":[{},{}]"#, leg(13, SYMBOLS[1]), leg(14, SYMBOLS[2]))
}

#[test]
fn broken_legs_are_found_and_left_together() {
    let data: Vec<Columns> = (0..3).map(|seed| columns(seed + 70, 1_500, 0.03)).collect();
    let data: Vec<&Columns> = data.iter().collect();
    let market = market(&data, &SYMBOLS);
    for broken in ["flatten", "complete", "hold"] {
        let rest = format!(r#"{},"legs":[{{"targets":[0,1],"broken":"{broken}","tolerance":0.02}}]"#, pair());
        let program = program(&SYMBOLS, &rest);
        let whole = run(&market, &program, "strict", 0);
        let count: Vec<u64> = whole.desk().broken_legs().collect();
        assert!(count[0] > 2, "{broken}: {count:?}");
        let caused = whole.records.orders.iter().filter(|o| o.order.cause == Cause::BrokenLeg).count();
        assert_eq!(caused > 0, broken == "flatten");
        assert_eq!(run(&market, &program, "strict", 1).hash(), whole.hash());
    }
}

/// The same data under names that sort otherwise: every asset trades as before where nothing ties them together.
#[test]
fn the_order_of_assets_does_not_matter() {
    let data: Vec<Columns> = (0..3).map(|seed| columns(seed + 90, 900, 0.03)).collect();
    let names = ["AAA/USDT:USDT", "BBB/USDT:USDT", "CCC/USDT:USDT"];
    let row = r#"{"size":{"unit":"qty","node":9},"stops":[{"kind":"fixed","node":7}],"take":7,"long":13,"short":14,"max_units":2}"#;
    // Quantities and no leverage limit in reach: no asset's order depends on another's.
    let nodes = NODES.replace(r#"{"op":"const","f":[0.02]}"#, r#"{"op":"const","f":[2]}"#);
    let head = r#""version":1,"kind":"portfolio","interval_ms":3600000,"clocks":[3600000]"#;
    let program = Program::parse(&format!(r#"{{{head},"nodes":[{nodes}],"entries":[{row}]}}"#), &names).unwrap();
    let trades = |order: [usize; 3]| -> Vec<Vec<TradeRecord>> {
        let data: Vec<&Columns> = order.iter().map(|&at| &data[at]).collect();
        let market = market(&data, &names);
        let replay = run(&market, &program, "strict", 0);
        let of = |asset: usize| {
            let place = order.iter().position(|&at| at == asset).unwrap() as u32;
            replay.records.trades.iter().filter(|t| t.asset == place).map(|t| TradeRecord { asset: 0, ..*t }).collect()
        };
        (0..3).map(of).collect()
    };
    let straight = trades([0, 1, 2]);
    assert!(straight.iter().all(|trades| trades.len() > 50));
    assert_eq!(straight, trades([2, 0, 1]));
    assert_eq!(straight, trades([1, 2, 0]));
}

#[test]
fn nothing_is_allocated_after_the_start() {
    let data: Vec<Columns> = (0..3).map(|seed| columns(seed + 4, 3_000, 0.03)).collect();
    let data: Vec<&Columns> = data.iter().collect();
    let market = market(&data, &SYMBOLS);
    let legs = format!(r#"{},"legs":[{{"targets":[0,1],"broken":"complete","tolerance":0.02}}]"#, pair());
    for rest in [everything(), legs] {
        let program = program(&SYMBOLS, &rest);
        let mut replay = Replay::new(&market, &program, &config(3, "strict"), &[], 256).unwrap();
        // The host's own lists grow outside the step; here they get their room beforehand.
        replay.records.orders.reserve(100_000);
        replay.records.keyed.reserve(100_000);
        replay.records.fills.reserve(100_000);
        replay.records.trades.reserve(100_000);
        replay.equity.reserve(3_000);
        replay.equity_ts.reserve(3_000);
        replay.advance(1).unwrap();
        let before = allocations();
        while replay.advance(256).unwrap() > 0 {}
        assert_eq!(allocations() - before, 0, "allocations in {} steps", replay.equity.len());
        assert!(replay.records.fills.len() > 100);
    }
}

#[test]
fn value_is_where_the_books_say() {
    let data: Vec<Columns> = (0..3).map(|seed| columns(seed + 20, 2_000, 0.03)).collect();
    let data: Vec<&Columns> = data.iter().collect();
    let market = market(&data, &SYMBOLS);
    let replay = run(&market, &program(&SYMBOLS, &everything()), "strict", 0);
    let closed: i64 = replay.records.trades.iter().map(|t| t.pnl).sum();
    let open: i64 = replay.desk().open_trades().map(|t| t.pnl).sum();
    assert_eq!(replay.desk().equity() - 1_000_000_000_000, closed + open, "every unit gained or lost belongs to a trade");
    assert!(replay.records.fills.iter().any(|f| f.maker) && replay.records.fills.iter().any(|f| !f.maker));
}
