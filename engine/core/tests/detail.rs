//! Finer bars inside a coarse strategy: what they decide, what they leave alone. Rules: docs/semantics.md, section 6.
use bot4_engine::config::Config;
use bot4_engine::desk::reason::Reason;
use bot4_engine::instrument::{InstrumentKind, Listing};
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::signal::AssetRows;
use bot4_engine::signal::program::Program;

const HOUR: i64 = 3_600_000;
const QUARTER: i64 = HOUR / 4;
const SYMBOLS: [&str; 2] = ["AAA/USDT", "BBB/USDT:USDT"];

/// Bars as (ts, open, high, low, close); the volume is always 1,000.
struct Bars {
    ts: Vec<i64>,
    values: [Vec<f64>; 5],
}

fn bars(rows: &[(i64, f64, f64, f64, f64)]) -> Bars {
    let pick = |at: fn(&(i64, f64, f64, f64, f64)) -> f64| rows.iter().map(at).collect::<Vec<_>>();
    let values = [pick(|r| r.1), pick(|r| r.2), pick(|r| r.3), pick(|r| r.4), vec![1_000.0; rows.len()]];
    Bars { ts: rows.iter().map(|row| row.0).collect(), values }
}

/// A random walk of quarters of an hour; SplitMix64.
fn walk(seed: u64, rows: usize) -> Vec<(i64, f64, f64, f64, f64)> {
    let mut state = seed;
    let mut uniform = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    let cents = |x: f64| (x * 100.0).round() / 100.0;
    let mut price = 100.0;
    let mut bar = |row: usize| {
        let open = cents(price);
        price = (price * (1.0 + 0.03 * (uniform() - 0.5))).clamp(20.0, 500.0);
        let (close, reach) = (cents(price), 1.0 + 0.005 * uniform());
        (row as i64 * QUARTER, open, cents(open.max(close) * reach), cents(open.min(close) / reach), close)
    };
    (0..rows).map(&mut bar).collect()
}

/// Whole hours of quarters as hourly bars.
fn merged(fine: &[(i64, f64, f64, f64, f64)]) -> Vec<(i64, f64, f64, f64, f64)> {
    let hour = |group: &[(i64, f64, f64, f64, f64)]| {
        let high = group.iter().map(|bar| bar.2).fold(f64::MIN, f64::max);
        let low = group.iter().map(|bar| bar.3).fold(f64::MAX, f64::min);
        (group[0].0, group[0].1, high, low, group[3].4)
    };
    fine.chunks_exact(4).map(hour).collect()
}

fn market(data: &[Bars], interval_ms: i64) -> Market<'_> {
    let listings = SYMBOLS.iter().take(data.len()).map(|symbol| Listing {
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
    Market::new(listings.collect(), rows.collect(), interval_ms).unwrap()
}

fn config(assets: usize, latency_ms: i64) -> Config {
    let terms = vec![r#"{"taker_e9":1000000,"maker_e9":0,"min_lots":1,"min_notional":0}"#; assets].join(",");
    Config::from_json(&format!(
        r#"{{"cash":100000000000,"latency_ms":{latency_ms},"half_spread_e9":0,"impact":0.0,"volume_share_e9":1000000000,
            "collar_e9":1000000000,"max_leverage_e9":3000000000,"instruments":[{terms}]}}"#
    ))
    .unwrap()
}

/// Long while the close is above its mean, looked at through the own position; with stops of each kind and a take.
fn restless(assets: usize) -> Program {
    let text = r#"{"version":1,"kind":"portfolio","interval_ms":3600000,"clocks":[3600000],"rebalance":null,"nodes":[
        {"op":"col","s":"close"},{"op":"roll_mean","in":[0],"f":[5]},{"op":"gt","in":[0,1]},{"op":"const","f":[0.4]},{"op":"const","f":[0]},
        {"op":"where","in":[2,3,4]},{"op":"pos","s":"bars_held"},{"op":"const","f":[7]},{"op":"gt","in":[6,7]},{"op":"where","in":[8,4,5]},
        {"op":"const","f":[1.5]},{"op":"const","f":[2.5]}],
        "targets":[{"node":9,"kind":"weight","asset":null,"band":0.01,"budget":1.0,"rearm":{"mode":"cooldown","bars":2},"take":11,
            "stops":[{"kind":"trailing","node":10},{"kind":"fixed","node":11},{"kind":"time","bars":6}]}]}"#;
    Program::parse(text, &SYMBOLS[..assets]).unwrap()
}

/// All in at once, with a stop 3 below and a take 3 above.
fn bracketed() -> Program {
    let text = r#"{"version":1,"kind":"strategy","interval_ms":3600000,"clocks":[3600000],"nodes":[{"op":"const","f":[0.5]},{"op":"const","f":[3]}],
        "targets":[{"node":0,"kind":"weight","asset":null,"band":0.01,"budget":1.0,"rearm":{"mode":"new_signal"},"take":1,
            "stops":[{"kind":"fixed","node":1}]}]}"#;
    Program::parse(text, &SYMBOLS[..1]).unwrap()
}

/// A resting limit with exits: lanes.
fn dips(assets: usize) -> Program {
    let text = r#"{"version":1,"kind":"strategy","interval_ms":3600000,"clocks":[3600000],"nodes":[{"op":"col","s":"close"},
        {"op":"const","f":[1]},{"op":"sub","in":[0,1]},{"op":"const","f":[0.3]},{"op":"const","f":[2]}],"targets":[],
        "orders":[{"key":"dip","side":1,"kind":"limit","size":{"unit":"weight","node":3},"price":2,"exits":{"stop":4,"trail":4,"take":1}}]}"#;
    Program::parse(text, &SYMBOLS[..assets]).unwrap()
}

fn run<'m>(coarse: &Market<'m>, fine: Option<&Market<'m>>, program: &Program, latency_ms: i64) -> Replay<'m> {
    let mut replay = Replay::new(coarse, program, &config(coarse.listings.len(), latency_ms), &[], 0).unwrap();
    if let Some(fine) = fine {
        replay = replay.with_detail(coarse, fine).unwrap();
    }
    assert_eq!(replay.run(|_| true), Ok(true));
    replay
}

#[test]
fn detail_of_the_same_interval_changes_nothing() {
    let data: Vec<Bars> = (0..2).map(|seed| bars(&merged(&walk(seed, 4_000)))).collect();
    let coarse = market(&data, HOUR);
    for program in [restless(2), dips(2)] {
        let (plain, detailed) = (run(&coarse, None, &program, 0), run(&coarse, Some(&coarse), &program, 0));
        assert!(plain.records.fills.len() > 100, "the case trades");
        assert_eq!(detailed.hash(), plain.hash());
        assert_eq!(detailed.equity, plain.equity);
        assert_eq!(detailed.equity_ts, plain.equity_ts);
        assert_eq!(detailed.records.orders, plain.records.orders);
        assert_eq!(detailed.records.fills, plain.records.fills);
        assert_eq!(detailed.records.trades, plain.records.trades);
    }
}

/// The third bar touches stop (97) and take (103): as one bar the stop counts, inside it the take came first.
#[test]
fn what_came_first_inside_the_bar_is_seen() {
    let flat = |ts, price| (ts, price, price, price, price);
    let mut fine: Vec<_> = (0..8).map(|at| flat(at * QUARTER, 100.0)).collect();
    let (up, down) = ((2 * HOUR, 100.0, 104.0, 100.0, 102.0), (2 * HOUR + QUARTER, 102.0, 102.0, 96.0, 98.0));
    fine.extend([up, down, flat(2 * HOUR + 2 * QUARTER, 98.0), flat(2 * HOUR + 3 * QUARTER, 98.0)]);
    let (whole, quarters) = ([bars(&merged(&fine))], [bars(&fine)]);
    let (coarse, finer) = (market(&whole, HOUR), market(&quarters, QUARTER));
    let last = |replay: &Replay<'_>| replay.records.fills.last().map(|fill| (fill.reason, fill.ticks, fill.ts, fill.row)).unwrap();
    assert_eq!(last(&run(&coarse, None, &bracketed(), 0)), (Reason::StopFixed, 9_700, 2 * HOUR, 2));
    assert_eq!(last(&run(&coarse, Some(&finer), &bracketed(), 0)), (Reason::Take, 10_300, 2 * HOUR, 2), "rows stay coarse");
    fine.swap(8, 9);
    (fine[8].0, fine[9].0) = (fine[9].0, fine[8].0);
    let quarters = [bars(&fine)];
    let finer = market(&quarters, QUARTER);
    let Err(refused) = Replay::new(&coarse, &bracketed(), &config(1, 0), &[], 0).unwrap().with_detail(&finer, &coarse) else {
        panic!("the coarse market is no detail of the finer one")
    };
    assert!(refused.contains("do not divide"), "{refused}");
    let outcome = last(&run(&coarse, Some(&finer), &bracketed(), 0));
    assert_eq!(outcome, (Reason::StopFixed, 9_700, 2 * HOUR, 2), "the other way round the stop came first");
}

/// An order a quarter late fills at the second quarter's open, not an hour later.
#[test]
fn latency_is_counted_in_finer_bars() {
    let fine: Vec<_> =
        (0..12).map(|at| (at * QUARTER, 100.0 + at as f64, 101.0 + at as f64, 100.0 + at as f64, 101.0 + at as f64)).collect();
    let (whole, quarters) = ([bars(&merged(&fine))], [bars(&fine)]);
    let (coarse, finer) = (market(&whole, HOUR), market(&quarters, QUARTER));
    let first = |replay: &Replay<'_>| replay.records.fills.first().map(|fill| (fill.ts, fill.ticks, fill.row)).unwrap();
    assert_eq!(first(&run(&coarse, None, &bracketed(), QUARTER)), (2 * HOUR, 10_800, 2));
    assert_eq!(first(&run(&coarse, Some(&finer), &bracketed(), QUARTER)), (HOUR + QUARTER, 10_500, 1));
}

#[test]
fn bars_and_equity_stay_those_of_the_coarse_bars() {
    let fine: Vec<Vec<_>> = (0..2).map(|seed| walk(seed + 5, 4_000)).collect();
    let whole: Vec<Bars> = fine.iter().map(|rows| bars(&merged(rows))).collect();
    let quarters: Vec<Bars> = fine.iter().map(|rows| bars(rows)).collect();
    let (coarse, finer) = (market(&whole, HOUR), market(&quarters, QUARTER));
    let (plain, detailed) = (run(&coarse, None, &restless(2), 0), run(&coarse, Some(&finer), &restless(2), 0));
    assert_eq!(detailed.equity_ts, plain.equity_ts);
    assert_ne!(detailed.records.fills, plain.records.fills, "stops and takes fall apart from what whole bars say");
    for trade in &detailed.records.trades {
        let hours = (trade.exit_ts.div_euclid(HOUR) - trade.entry_ts.div_euclid(HOUR)).max(0);
        assert!(trade.bars == hours, "{trade:?}: a bar counts where the position is open at the coarse close");
        assert!(trade.bars <= 8, "the time stop counts coarse bars");
    }
    let closed: i64 = detailed.records.trades.iter().map(|trade| trade.pnl).sum();
    let open: i64 = detailed.desk().open_trades().map(|trade| trade.pnl).sum();
    assert_eq!(detailed.desk().equity() - 100_000_000_000, closed + open);
}

/// Without finer bars the coarse one is taken; a restart in the middle finds its place in both.
#[test]
fn bars_without_detail_stand_for_themselves_and_a_restart_goes_on() {
    let fine: Vec<Vec<_>> = (0..2).map(|seed| walk(seed + 11, 2_000)).collect();
    let whole: Vec<Bars> = fine.iter().map(|rows| bars(&merged(rows))).collect();
    let some = |rows: &[(i64, f64, f64, f64, f64)]| -> Vec<_> {
        rows.chunks_exact(4).filter(|group| (group[0].0 / HOUR) % 3 != 0).flatten().copied().collect()
    };
    let quarters = [bars(&some(&fine[0])), bars(&[])];
    let (coarse, finer) = (market(&whole, HOUR), market(&quarters, QUARTER));
    let program = restless(2);
    let complete = run(&coarse, Some(&finer), &program, 0);
    let off_hour = |asset| move |fill: &&bot4_engine::desk::order::FillRecord| fill.asset == asset && fill.ts % HOUR != 0;
    assert!(complete.records.fills.iter().filter(off_hour(0)).count() > 10);
    assert_eq!(complete.records.fills.iter().filter(off_hour(1)).count(), 0);
    let prepare = || Replay::new(&coarse, &program, &config(2, 0), &[], 0).unwrap().with_detail(&coarse, &finer).unwrap();
    let mut first = prepare();
    let mut taken = 0;
    while taken < 217 {
        taken += first.advance(217 - taken).unwrap();
    }
    let mut second = prepare();
    second.load(&first.save()).unwrap();
    second.run(|_| true).unwrap();
    assert_eq!(second.hash(), complete.hash());
    assert_eq!([first.records.fills, second.records.fills].concat(), complete.records.fills);
}

#[test]
fn detail_that_does_not_lie_inside_the_bars_is_refused() {
    let fine = walk(1, 40);
    let (whole, missing, alone) = ([bars(&merged(&fine))], [bars(&fine[1..])], [bars(&fine), bars(&fine)]);
    let coarse = market(&whole, HOUR);
    let refused = |finer: &Market<'static>| {
        Replay::new(&coarse, &bracketed(), &config(1, 0), &[], 0).unwrap().with_detail(&coarse, finer).err().expect("refused")
    };
    let leak = |data: Box<[Bars]>, interval_ms| market(Box::leak(data), interval_ms);
    assert!(refused(&leak(Box::new(missing), QUARTER)).contains("AAA/USDT: the detail's bars around 900000 ms do not fill a bar"));
    assert!(refused(&leak(Box::new(alone), QUARTER)).contains("instruments in the same order"));
    assert!(refused(&leak(Box::new([bars(&fine)]), 7 * 60_000)).contains("do not divide"));
}
