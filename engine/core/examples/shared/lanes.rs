//! Keyed orders over seeded bars: a grid of twenty limits with takes, and entries with brackets.

use bot4_engine::config::Config;
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::signal::{AssetRows, Program};
use std::hint::black_box;

/// Bars of the counted backtest.
#[allow(dead_code)]
pub const ROWS: usize = 20_000;
const LEVELS: usize = 20;

const LISTING: &str = r#"[{"symbol":"BTC/USDT","venue":"synthetic","kind":"linear","base":"BTC","quote":"USDT","tick":[1,2],"lot":[1,5]}]"#;
const CONFIG: &str = r#"{"cash":10000000000000,"half_spread_e9":100000,"impact":1.0,"volume_share_e9":100000000,"collar_e9":100000000,
    "max_leverage_e9":3000000000,"instruments":[{"taker_e9":1000000,"maker_e9":200000,"min_lots":1,"min_notional":0}]}"#;

/// Writes a program over bars of a minute.
fn program(nodes: &[String], orders: &[String]) -> Program {
    let json = format!(
        r#"{{"version":1,"kind":"strategy","interval_ms":60000,"clocks":[60000],"nodes":[{}],"orders":[{}]}}"#,
        nodes.join(","),
        orders.join(",")
    );
    Program::parse(&json, &["BTC/USDT"]).expect("the program is valid")
}

/// Levels half a percent apart hang below a centre that stays until the close has left it by half.
pub fn grid() -> Program {
    let centre = [
        r#"{"op":"col","s":"close"}"#,
        r#"{"op":"state","in":[7],"f":[0]}"#,
        r#"{"op":"sub","in":[0,1]}"#,
        r#"{"op":"abs","in":[2]}"#,
        r#"{"op":"const","f":[0.5]}"#,
        r#"{"op":"mul","in":[0,4]}"#,
        r#"{"op":"gt","in":[3,5]}"#,
        r#"{"op":"where","in":[6,0,1]}"#,
        r#"{"op":"const","f":[0.02]}"#,
        r#"{"op":"const","f":[0.005]}"#,
        r#"{"op":"mul","in":[7,9]}"#,
    ];
    let mut nodes = centre.map(str::to_string).to_vec();
    let mut orders = Vec::new();
    for level in 1..=LEVELS {
        let at = nodes.len();
        nodes.push(format!(r#"{{"op":"const","f":[{}]}}"#, 1.0 - 0.005 * level as f64));
        nodes.push(format!(r#"{{"op":"mul","in":[7,{at}]}}"#));
        orders.push(format!(
            r#"{{"key":"{level:02}","side":1,"kind":"limit","size":{{"unit":"qty","node":8}},"price":{},"exits":{{"take":10}}}}"#,
            at + 1
        ));
    }
    program(&nodes, &orders)
}

/// A market order at each crossing of two averages, with stop, trailing stop and take.
#[allow(dead_code)]
pub fn brackets() -> Program {
    let nodes = [
        r#"{"op":"col","s":"close"}"#,
        r#"{"op":"ema","in":[0],"f":[10]}"#,
        r#"{"op":"ema","in":[0],"f":[30]}"#,
        r#"{"op":"gt","in":[1,2]}"#,
        r#"{"op":"const","f":[0.5]}"#,
        r#"{"op":"const","f":[2.0]}"#,
        r#"{"op":"const","f":[3.0]}"#,
    ];
    let order = r#"{"key":"in","side":1,"kind":"market","size":{"unit":"qty","node":4},"when":3,"exits":{"stop":5,"trail":6,"take":5}}"#;
    program(&nodes.map(str::to_string), &[order.to_string()])
}

/// Seeded bars around 100 that come back: as wide as minutes are to levels of a few tenths of a percent.
fn market(rows: usize) -> (Vec<i64>, [Vec<f64>; 5]) {
    let mut seed = 42_u64;
    let mut unit = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut columns: [Vec<f64>; 5] = std::array::from_fn(|_| Vec::with_capacity(rows));
    let mut away = 0.0;
    for _ in 0..rows {
        let open = 100.0 + away;
        away = away * 0.9995 + (unit() - 0.5);
        let close = 100.0 + away;
        let bar = [open, open.max(close) + 0.1, open.min(close) - 0.1, close, unit() * 10.0];
        columns.iter_mut().zip(bar).for_each(|(column, x)| column.push((x * 100.0).round() / 100.0));
    }
    ((0..rows as i64).map(|i| i * 60_000).collect(), columns)
}

/// Runs to the end; only this is counted.
#[inline(never)]
fn instr_section(replay: &mut Replay<'_>) {
    assert!(matches!(replay.run(|_| true), Ok(true)), "every number fits");
}

/// Runs a program over `rows` bars; returns the number of fills.
pub fn run(program: &Program, rows: usize) -> usize {
    let (ts, [open, high, low, close, volume]) = market(rows);
    let columns = AssetRows { ts: &ts, open: &open, high: &high, low: &low, close: &close, volume: &volume };
    let listings = serde_json::from_str(LISTING).expect("a listing");
    let market = Market::new(listings, vec![columns], 60_000).expect("a market");
    let config = Config::from_json(CONFIG).expect("a configuration");
    let mut replay = Replay::new(&market, program, &config, &[], 0).expect("a run");
    let start = std::time::Instant::now();
    instr_section(&mut replay);
    let seconds = start.elapsed().as_secs_f64();
    eprintln!(
        "{rows} bars, {} fills, {} orders: {:.2} M bars/s",
        replay.records.fills.len(),
        replay.records.orders.len(),
        rows as f64 / seconds / 1e6
    );
    black_box(&replay.equity);
    replay.records.fills.len()
}
