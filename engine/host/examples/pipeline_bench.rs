//! Shard → ring → desk at a fixed rate and at saturation; market row to decision; decision to order bytes. One JSON line, times in ns.
//!
//! `paced`: bars at 500,000 a second from their intended times on, for as long as wanted. Service times are the desk's own, a clock read at each end of
//! a row; `lindley` is the waiting time that they make at this rate, W' = max(0, W + S − T) (D. V. Lindley, 1952): what a machine of its own
//! would show. `quiet` and `acting` part the service times by whether anything was sent, filled or ended; `control` is the same fixed work at the same
//! rate in between, and `system` what the system counted: how much of a tail is the machine's. `decision` is wall clock from the intended time to
//! the desk's end, whatever the machine did meanwhile: told, not judged.
//! Run: `cargo run --release -p bot4-host --example pipeline_bench [seconds]`.

#[path = "../../core/examples/signal_bench.rs"]
#[allow(dead_code)]
mod signal_bench;
#[path = "shared/tail.rs"]
mod tail;

use bot4_engine::config::Config;
use bot4_engine::desk::execution::id::ClientId;
use bot4_engine::desk::stream::DeskEvent;
use bot4_engine::journal::{Entry, control};
use bot4_engine::market::Market;
use bot4_engine::replay::{DeskSide, Replay};
use bot4_engine::shard::{Shard, Tick};
use bot4_engine::signal::{AssetRows, Program};
use bot4_engine::telemetry::{Histogram, Interval, Stage};
use bot4_host::pipeline::{Settings, run};
use serde_json::{Value, json};
use std::hint::black_box;
use std::time::Instant;
use tail::{Service, control, steps_of};

const RATE: u64 = 500_000;
const ROWS: usize = 1_000_000;
const SINGLE_ROWS: usize = 200_000;
const CONTROL_ROWS: u64 = 250_000;

const LISTING: &str = r#"[{"symbol":"BTC/USDT","venue":"synthetic","kind":"spot","base":"BTC","quote":"USDT","tick":[1,2],"lot":[1,5]}]"#;
const CROSSOVER: &str = r#"{"op":"col","in":[],"s":"close"},{"op":"ema","in":[0],"f":[24.0]},{"op":"ema","in":[0],"f":[168.0]},
    {"op":"gt","in":[1,2]},{"op":"const","in":[],"f":[0.5]},{"op":"const","in":[],"f":[0.0]},{"op":"where","in":[3,4,5]}"#;
/// Wants another position at every bar: half of the cash, and none.
const EVERY_BAR: &str = r#"{"op":"col","in":[],"s":"close"},{"op":"const","in":[],"f":[0.5]},{"op":"state","in":[3],"f":[0.0]},
    {"op":"sub","in":[1,2]}"#;

fn program(nodes: &str, target: usize) -> Program {
    let json = format!(
        r#"{{"version":1,"kind":"strategy","interval_ms":60000,"clocks":[60000],"rebalance":null,"nodes":[{nodes}],"targets":[
        {{"node":{target},"kind":"weight","asset":null,"band":0.01,"budget":1.0,"rearm":{{"mode":"new_signal"}},"stops":[]}}]}}"#
    );
    Program::parse(&json, &["BTC/USDT"]).expect("the program is valid")
}

fn config() -> Config {
    Config::from_json(
        r#"{"cash":100000000000,"half_spread_e9":100000,"impact":1.0,"volume_share_e9":100000000,"collar_e9":100000000,
        "max_leverage_e9":3000000000,"instruments":[{"taker_e9":1000000,"maker_e9":1000000,"min_lots":1,"min_notional":0}]}"#,
    )
    .expect("a configuration")
}

fn told(times: &Histogram) -> Value {
    let q = |part| times.quantile(part);
    json!({"count": times.count(), "p50": q(0.5), "p99": q(0.99), "p999": q(0.999), "p9999": q(0.9999), "max": times.most_ns()})
}

/// Runs the pipeline over the market once; returns what it saw and the seconds it took.
fn once(market: &Market<'_>, program: &Program, rate: u64, watch: &mut Service) -> (Interval, f64) {
    let replay = Replay::new(market, program, &config(), &[], 1).expect("a run");
    let settings = Settings { workers: 1, rate, pin: true };
    let outcome = run(market, program, replay, settings, watch, |_, _, _| true).unwrap_or_else(|failed| panic!("{failed:?}"));
    watch.ended();
    (outcome.seen, outcome.seconds)
}

/// One row of 72 nodes, from the bar to the values that the desk is handed, a clock read at each end.
fn row_to_decision(bars: &AssetRows<'_>) -> Histogram {
    let (json, output) = signal_bench::program();
    let target = format!(
        r#""targets":[{{"node":{output},"kind":"weight","asset":null,"band":0.01,"budget":1.0,"rearm":{{"mode":"new_signal"}},"stops":[]}}]"#
    );
    let with_target = json.replace(r#""targets":[]"#, &target);
    let program = Program::parse(&with_target, &["BTC/USDT"]).expect("the program is valid");
    let mut shard = Shard::new(&program).expect("a shard");
    let mut values = vec![0.0; shard.values()];
    let mut times = Histogram::default();
    for row in 0..SINGLE_ROWS {
        let bar = [bars.open[row], bars.high[row], bars.low[row], bars.close[row], bars.volume[row]];
        let tick = Tick { ts: bars.ts[row], row: row as u64, bar, ..Tick::default() };
        let begun = Instant::now();
        shard.step(std::iter::once(&tick));
        black_box(shard.hand_out(0, &mut values));
        let ns = begun.elapsed().as_nanos() as u64;
        if row > 2_000 {
            times.record(ns);
        }
    }
    times
}

/// From the values of a row to the bytes of its approved order, with the journal's record in memory; rows without an order are not counted.
fn decision_to_order(market: &Market<'_>, bars: &AssetRows<'_>) -> (Histogram, f64) {
    let program = program(EVERY_BAR, 3);
    let mut shard = Shard::new(&program).expect("a shard");
    let replay = Replay::new(market, &program, &config(), &[], 1).expect("a run").with_stream();
    let mut side = DeskSide::new(replay);
    let mut values = vec![0.0; shard.values()];
    let (mut times, mut orders, mut spent) = (Histogram::default(), 0_u64, 0_u64);
    let mut bytes: Vec<u8> = Vec::with_capacity(1 << 26);
    for row in 0..SINGLE_ROWS {
        let bar = [bars.open[row], bars.high[row], bars.low[row], bars.close[row], bars.volume[row]];
        let tick = Tick { ts: bars.ts[row], row: row as u64, bar, ..Tick::default() };
        shard.step(std::iter::once(&tick));
        shard.hand_out(0, &mut values);
        let begun = Instant::now();
        side.step(tick.ts, |_| Some((&tick, &values))).expect("every number fits");
        let mut sent = 0;
        let records = &mut side.run().records;
        for event in &records.stream {
            match event {
                DeskEvent::Sent(order) => {
                    // What a venue is sent: its id, side, lots, price.
                    bytes.extend_from_slice(&ClientId::new(1, 0, u64::from(order.order.id)).text());
                    bytes.push(order.order.side as u8);
                    bytes.extend_from_slice(&order.order.lots.to_le_bytes());
                    bytes.extend_from_slice(&order.price_ticks.to_le_bytes());
                    sent += 1;
                }
                DeskEvent::Ended(record) => {
                    bytes.extend_from_slice(&control::ORDER.to_le_bytes());
                    record.encode(&mut bytes);
                }
                DeskEvent::Filled(fill) => {
                    bytes.extend_from_slice(&control::FILL.to_le_bytes());
                    fill.encode(&mut bytes);
                }
                _ => {}
            }
        }
        records.clear();
        let ns = begun.elapsed().as_nanos() as u64;
        if sent > 0 {
            times.record(ns);
            orders += sent;
            spent += ns;
        }
        if bytes.len() > 1 << 25 {
            bytes.clear();
        }
    }
    black_box(&bytes);
    (times, orders as f64 / (spent as f64 * 1e-9))
}

fn main() {
    let seconds: f64 = std::env::args().nth(1).map_or(60.0, |text| text.parse().expect("a number of seconds"));
    let (ts, [open, high, low, close, volume]) = signal_bench::market(ROWS);
    let bars = AssetRows { ts: &ts, open: &open, high: &high, low: &low, close: &close, volume: &volume };
    let market = Market::new(serde_json::from_str(LISTING).expect("a listing"), vec![bars], 60_000).expect("a market");
    let crossover = program(CROSSOVER, 6);
    let mut machine = Histogram::default();
    let (mut paced, mut seen, mut spent) = (Service::new(RATE), Interval::default(), 0.0);
    while spent < seconds {
        let (interval, took) = once(&market, &crossover, RATE, &mut paced);
        seen.add(&interval);
        spent += took;
        // In the same minute: what the machine does to work that is always the same.
        let steps = steps_of(paced.all.quantile(0.5));
        control(CONTROL_ROWS, RATE, steps, &mut machine);
    }
    // At saturation nothing paces: what a row takes is told by the rate, and its tail by the desk's own times.
    let mut full = Service::new(RATE);
    let best = (0..5).map(|_| once(&market, &crossover, 0, &mut full).1).fold(f64::INFINITY, f64::min);
    let (orders, orders_per_s) = decision_to_order(&market, &bars);
    println!(
        "{}",
        json!({
            "seconds": spent, "rate": RATE,
            "service": told(&paced.all), "lindley": told(&paced.waiting), "quiet": told(&paced.quiet), "acting": told(&paced.acting),
            "system": paced.system.told(), "control": told(&machine),
            "wall": {"decision": told(seen.stage(Stage::Decision)), "ring_wait": told(seen.stage(Stage::RingWait))},
            "saturation_per_s": ROWS as f64 / best, "saturated": told(&full.all),
            "row_to_decision": told(&row_to_decision(&bars)),
            "decision_to_order": told(&orders), "orders_per_s": orders_per_s,
        })
    );
}
