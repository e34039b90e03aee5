//! Whole backtests for the instruction counts: one strategy over 20,000 seeded bars, signals to ledger.

use bot4_engine::config::Config;
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::signal::{AssetRows, Program};
use std::hint::black_box;

#[allow(dead_code)]
#[path = "../signal_bench.rs"]
mod signal_bench;

/// Bars of each backtest.
pub const ROWS: usize = 20_000;

const LISTING: &str = r#"[{"symbol":"BTC/USDT","venue":"synthetic","kind":"spot","base":"BTC","quote":"USDT","tick":[1,2],"lot":[1,5]}]"#;
// A thousand of cash: orders are small beside the bars' volume and fill whole.
const CONFIG: &str = r#"{"cash":100000000000,"latency_ms":0,"trade_from_ms":null,"half_spread_e9":100000,"impact":1.0,
    "volume_share_e9":100000000,"collar_e9":100000000,"max_leverage_e9":3000000000,"max_notional":null,
    "instruments":[{"taker_e9":1000000,"maker_e9":1000000,"min_lots":1,"min_notional":0}]}"#;

/// Runs to the end; only this is counted.
#[inline(never)]
fn instr_section(replay: &mut Replay<'_>) {
    assert!(matches!(replay.run(|_| true), Ok(true)), "every number fits");
}

/// Runs the program of these nodes; returns the number of orders it sent.
pub fn backtest(nodes: &str, target: usize, stops: &str) -> usize {
    let json = format!(
        r#"{{"version":1,"kind":"strategy","interval_ms":60000,"clocks":[60000],"rebalance":null,"nodes":[{nodes}],"targets":[{{
        "node":{target},"kind":"weight","asset":null,"band":0.01,"budget":1.0,"rearm":{{"mode":"new_signal"}},"stops":[{stops}]}}]}}"#
    );
    let program = Program::parse(&json, &["BTC/USDT"]).expect("the program is valid");
    let (ts, [open, high, low, close, volume]) = signal_bench::market(ROWS);
    let rows = AssetRows { ts: &ts, open: &open, high: &high, low: &low, close: &close, volume: &volume };
    let listings = serde_json::from_str(LISTING).expect("a listing");
    let market = Market::new(listings, vec![rows], 60_000).expect("a market");
    let config = Config::from_json(CONFIG).expect("a configuration");
    let mut replay = Replay::new(&market, &program, &config, &[], 0).expect("a run");
    instr_section(&mut replay);
    black_box(&replay.equity);
    replay.records.orders.len()
}
