//! Whole backtests for the instruction counts and the timing: one strategy over seeded bars, signals to ledger.

// Each example uses its own part of this.
#![allow(dead_code)]

use bot4_engine::config::Config;
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::replay::sweep::{Row, Sweep, Tile};
use bot4_engine::signal::{AssetRows, Program};
use std::hint::black_box;
use std::sync::atomic::AtomicBool;

#[path = "../signal_bench.rs"]
pub mod signal_bench;

/// Bars of each counted backtest.
pub const ROWS: usize = 20_000;
/// Bars of each asset of the counted portfolio.
pub const PORTFOLIO_ROWS: usize = 1_000;
/// Assets of the portfolio.
pub const ASSETS: usize = 50;

const LISTING: &str = r#"[{"symbol":"BTC/USDT","venue":"synthetic","kind":"spot","base":"BTC","quote":"USDT","tick":[1,2],"lot":[1,5]}]"#;

/// A thousand of cash: orders are small beside the bars' volume and fill whole.
fn config(assets: usize) -> Config {
    let terms = vec![r#"{"taker_e9":1000000,"maker_e9":1000000,"min_lots":1,"min_notional":0}"#; assets].join(",");
    Config::from_json(&format!(
        r#"{{"cash":100000000000,"latency_ms":0,"trade_from_ms":null,"half_spread_e9":100000,"impact":1.0,
        "volume_share_e9":100000000,"collar_e9":100000000,"max_leverage_e9":3000000000,"max_notional":null,"instruments":[{terms}]}}"#
    ))
    .expect("a configuration")
}

/// Runs to the end; only this is counted.
#[inline(never)]
fn instr_section(replay: &mut Replay<'_>) {
    assert!(matches!(replay.run(|_| true), Ok(true)), "every number fits");
}

/// Runs the program of these nodes; returns the number of orders it sent.
pub fn backtest(nodes: &str, target: usize, stops: &str) -> usize {
    let target = format!(
        r#""targets":[{{"node":{target},"kind":"weight","asset":null,"band":0.01,"budget":1.0,"rearm":{{"mode":"new_signal"}},"stops":[{stops}]}}]"#
    );
    single(nodes, &target, ROWS).1
}

/// Runs the program of these nodes and of what addresses them over one asset; returns the seconds it took and the number of orders.
pub fn single(nodes: &str, addressed: &str, rows: usize) -> (f64, usize) {
    let json =
        format!(r#"{{"version":1,"kind":"strategy","interval_ms":60000,"clocks":[60000],"rebalance":null,"nodes":[{nodes}],{addressed}}}"#);
    let program = Program::parse(&json, &["BTC/USDT"]).expect("the program is valid");
    let (ts, [open, high, low, close, volume]) = signal_bench::market(rows);
    let rows = AssetRows { ts: &ts, open: &open, high: &high, low: &low, close: &close, volume: &volume };
    let listings = serde_json::from_str(LISTING).expect("a listing");
    let market = Market::new(listings, vec![rows], 60_000).expect("a market");
    timed(Replay::new(&market, &program, &config(1), &[], 0).expect("a run"))
}

/// Takes the programs through the market, `tile` at a time, on this thread, which alone is counted.
#[inline(never)]
fn instr_section_sweep(sweep: &Sweep<'_>, programs: &[String], (tile, block): (usize, usize)) -> Vec<Row> {
    let stop = AtomicBool::new(false);
    let whole = |programs: &[String]| {
        let mut tile = Tile::new(sweep, programs, block).expect("every program fits");
        while tile.advance(&stop).expect("every number fits") > 0 {}
        tile.finish()
    };
    programs.chunks(tile).flat_map(whole).collect()
}

/// Returns the nanoseconds that this thread has had a processor.
fn processor_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0)
}

/// Runs every crossover of a fast and a slow average, `tile` at a time in blocks of `block` rows (0 = chosen); returns the seconds of this thread and the number of orders.
pub fn sweep(fast: &[usize], slow: &[usize], rows: usize, tile: (usize, usize)) -> (f64, i64) {
    let program = |fast: &usize, slow: &usize| {
        format!(
            r#"{{"version":1,"kind":"strategy","interval_ms":60000,"clocks":[60000],"nodes":[{{"op":"col","s":"close"}},
            {{"op":"ema","in":[0],"f":[{fast}]}},{{"op":"ema","in":[0],"f":[{slow}]}},{{"op":"gt","in":[1,2]}},{{"op":"const","f":[0.01]}},
            {{"op":"const","f":[0]}},{{"op":"where","in":[3,4,5]}}],"targets":[{{"node":6,"kind":"weight","band":0.01}}]}}"#
        )
    };
    let programs: Vec<String> = fast.iter().flat_map(|fast| slow.iter().map(move |slow| program(fast, slow))).collect();
    let (ts, [open, high, low, close, volume]) = signal_bench::market(rows);
    let rows = AssetRows { ts: &ts, open: &open, high: &high, low: &low, close: &close, volume: &volume };
    let market = Market::new(serde_json::from_str(LISTING).expect("a listing"), vec![rows], 60_000).expect("a market");
    let sweep = Sweep::new(&market, config(1), None, None).expect("a sweep");
    let start = processor_ns();
    let rows = instr_section_sweep(&sweep, &programs, tile);
    ((processor_ns() - start) as f64 * 1e-9, rows.iter().map(|row| row.digest.sums.orders).sum())
}

/// Runs cross-sectional momentum over fifty assets, rebalanced weekly; returns the seconds it took and the number of orders.
pub fn portfolio(rows: usize) -> (f64, usize) {
    const NODES: &str = r#"{"op":"col","s":"close"},{"op":"col","s":"volume"},{"op":"mul","in":[0,1]},{"op":"roll_mean","in":[2],"f":[30]},
        {"op":"cs_top","in":[3],"f":[40]},{"op":"returns","in":[0],"f":[168]},{"op":"shift","in":[5],"f":[1]},{"op":"const","f":[-1]},
        {"op":"sqrt","in":[7]},{"op":"where","in":[4,6,8]},{"op":"cs_bucket","in":[9],"f":[5]},{"op":"const","f":[4]},{"op":"eq","in":[10,11]},
        {"op":"const","f":[0]},{"op":"eq","in":[10,13]},{"op":"const","f":[1]},{"op":"where","in":[14,7,13]},{"op":"where","in":[12,15,16]},
        {"op":"log_return","in":[0],"f":[1]},{"op":"ewm_std","in":[18],"f":[0.0645]},{"op":"div","in":[17,19]},{"op":"cs_scale","in":[20],"f":[0.5,0.5]}"#;
    let symbols: Vec<String> = (0..ASSETS).map(|at| format!("A{at:02}/USDT:USDT")).collect();
    let json = format!(
        r#"{{"version":1,"kind":"portfolio","interval_ms":3600000,"clocks":[3600000],"rebalance":{{"period_ms":604800000,"anchor_ms":345600000}},
        "nodes":[{NODES}],"targets":[{{"node":21,"kind":"weight","asset":null,"band":0.01,"budget":1.0}}]}}"#
    );
    let program = Program::parse(&json, &symbols).expect("the program is valid");
    let (_, [open, high, low, close, volume]) = signal_bench::market(rows + ASSETS * 97);
    let ts: Vec<i64> = (0..rows as i64).map(|row| row * 3_600_000).collect();
    // Every asset has its own stretch of one long walk.
    let part = |column: &'static [f64], at: usize| &column[at * 97..at * 97 + rows];
    let columns = [open, high, low, close, volume].map(|column| &*column.leak());
    let [open, high, low, close, volume] = columns;
    let data = (0..ASSETS).map(|at| AssetRows {
        ts: &ts,
        open: part(open, at),
        high: part(high, at),
        low: part(low, at),
        close: part(close, at),
        volume: part(volume, at),
    });
    let one = LISTING.strip_prefix('[').and_then(|one| one.strip_suffix(']')).expect("a list of one");
    let listings = symbols.iter().map(|symbol| one.replace("BTC/USDT", symbol).replace("spot", "linear"));
    let listings = serde_json::from_str(&format!("[{}]", listings.collect::<Vec<_>>().join(","))).expect("listings");
    let market = Market::new(listings, data.collect(), 3_600_000).expect("a market");
    timed(Replay::new(&market, &program, &config(ASSETS), &[], 0).expect("a run"))
}

fn timed(mut replay: Replay<'_>) -> (f64, usize) {
    let start = std::time::Instant::now();
    instr_section(&mut replay);
    let seconds = start.elapsed().as_secs_f64();
    black_box(&replay.equity);
    (seconds, replay.records.orders.len())
}
