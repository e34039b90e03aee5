//! Speed of the static pass on 72 nodes (44 element-wise, 24 averages and sums, 4 RSI and ATR) over one asset, one thread.
//!
//! Prints one JSON line: million rows a second in blocks of 1,024, and nanoseconds for one decision in blocks of 1 (batches, best of several).
//! Run: `cargo run --release -p bot4-engine --example signal_bench [rows]`; `--once` runs each length once, for instruction counts.

use bot4_engine::signal::{AssetRows, GridBuilder, Program, Signals};
use std::time::Instant;

const ELEMENTWISE: usize = 44;
const AVERAGES: [(&str, f64); 24] = [
    ("ema", 5.0),
    ("ema", 8.0),
    ("ema", 12.0),
    ("ema", 20.0),
    ("ema", 26.0),
    ("ema", 35.0),
    ("ema", 50.0),
    ("ema", 100.0),
    ("rma", 10.0),
    ("rma", 14.0),
    ("rma", 21.0),
    ("rma", 40.0),
    ("ewm_mean", 0.05),
    ("ewm_mean", 0.1),
    ("ewm_mean", 0.2),
    ("ewm_mean", 0.3),
    ("roll_mean", 5.0),
    ("roll_mean", 10.0),
    ("roll_mean", 20.0),
    ("roll_mean", 50.0),
    ("roll_sum", 5.0),
    ("roll_sum", 10.0),
    ("roll_sum", 20.0),
    ("roll_sum", 100.0),
];
const BINARY: [&str; 8] = ["sub", "add", "maximum", "mul", "minimum", "gt", "div", "le"];

/// Writes the program: averages of the close and the volume, oscillators, then a tree that joins them all.
pub fn program() -> (String, usize) {
    let mut nodes: Vec<String> =
        ["high", "low", "close", "volume"].iter().map(|s| format!("{{\"op\":\"col\",\"in\":[],\"s\":\"{s}\"}}")).collect();
    let mut open: Vec<usize> = Vec::new();
    let mut push = |open: &mut Vec<usize>, op: &str, inputs: &[usize], f: &[f64]| {
        nodes.push(format!("{{\"op\":\"{op}\",\"in\":{inputs:?},\"f\":{f:?}}}"));
        open.push(nodes.len() - 1);
    };
    for (i, &(op, f)) in AVERAGES.iter().enumerate() {
        push(&mut open, op, &[if i % 6 == 5 { 3 } else { 2 }], &[f]);
    }
    [7.0, 14.0].iter().for_each(|&n| push(&mut open, "rsi", &[2], &[n]));
    [10.0, 14.0].iter().for_each(|&n| push(&mut open, "atr", &[0, 1, 2], &[n]));
    // 28 columns are joined by 27 binary nodes; the others are unary or ternary on the way.
    let (mut unary, mut next) = (ELEMENTWISE - 27, 0);
    for made in 0..ELEMENTWISE {
        let x = open[next];
        if matches!(made % 5, 1 | 3) && unary > 0 {
            unary -= 1;
            next += 1;
            match made % 4 {
                0 => push(&mut open, "abs", &[x], &[]),
                1 => push(&mut open, "clip", &[x, 0, 2], &[]),
                2 => push(&mut open, "neg", &[x], &[]),
                _ => push(&mut open, "where", &[x, 2, 3], &[]),
            }
        } else {
            let y = open[next + 1];
            push(&mut open, BINARY[made % BINARY.len()], &[x, y], &[]);
            next += 2;
        }
    }
    assert_eq!(open.len() - next, 1, "everything is joined into one");
    assert_eq!(nodes.len() - 4, 72);
    let json = format!(
        "{{\"version\":1,\"kind\":\"expression\",\"interval_ms\":60000,\"clocks\":[60000],\"nodes\":[{}],\"targets\":[]}}",
        nodes.join(",")
    );
    (json, nodes.len() - 1)
}

/// Time on the processor where the kernel tells it (other programs do not count), else time on the wall.
struct Clock(Option<u64>, Instant);

impl Clock {
    fn on_cpu_ns() -> Option<u64> {
        std::fs::read_to_string("/proc/self/schedstat").ok()?.split_whitespace().next()?.parse().ok()
    }
    fn start() -> Self {
        Self(Self::on_cpu_ns(), Instant::now())
    }
    fn seconds(&self) -> f64 {
        match (self.0, Self::on_cpu_ns()) {
            (Some(start), Some(end)) if end > start => (end - start) as f64 / 1e9,
            _ => self.1.elapsed().as_secs_f64(),
        }
    }
}

/// A seeded walk.
pub fn market(rows: usize) -> (Vec<i64>, [Vec<f64>; 5]) {
    let mut seed = 42_u64;
    let mut unit = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut columns: [Vec<f64>; 5] = std::array::from_fn(|_| Vec::with_capacity(rows));
    let mut price = 100.0;
    for _ in 0..rows {
        let open = price;
        price *= 1.0 + (unit() - 0.5) * 0.01;
        let bar = [open, open.max(price) * 1.001, open.min(price) * 0.999, price, unit() * 10.0];
        columns.iter_mut().zip(bar).for_each(|(column, x)| column.push(x));
    }
    ((0..rows as i64).map(|i| i * 60_000).collect(), columns)
}

/// Runs everything in blocks and returns seconds and a sum that keeps the work alive.
fn pass(program: &Program, output: usize, rows: &AssetRows<'_>, block: usize) -> (f64, f64) {
    let mut signals = Signals::new(program, &[output], block).expect("the program runs");
    let mut grid = GridBuilder::new(1, block);
    let start = Clock::start();
    let mut sum = 0.0;
    while !grid.advance(&[rows.ts], block).is_empty() {
        signals.run(&[rows.slice(grid.range(0))], &grid.grid());
        let last = signals.column(output, 0).last().copied().unwrap_or(0.0);
        sum += if last.is_nan() { 0.0 } else { last };
    }
    (start.seconds(), sum)
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let once = args.iter().any(|arg| arg == "--once");
    let rows = args.iter().filter_map(|arg| arg.parse().ok()).next().unwrap_or(1_000_000);
    let (json, output) = program();
    let program = Program::parse(&json, &["BTC/USDT"]).expect("the program is valid");
    let (ts, [open, high, low, close, volume]) = market(rows);
    let rows = AssetRows { ts: &ts, open: &open, high: &high, low: &low, close: &close, volume: &volume };
    let decisions = rows.slice(0..rows.ts.len().min(200_000));
    let tries = if once { 1 } else { 7 };
    let best = |rows: &AssetRows<'_>, block| (0..tries).map(|_| pass(&program, output, rows, block).0).fold(f64::MAX, f64::min);
    let skip = |name: &str| args.iter().any(|arg| arg == name);
    let long = if skip("--short") { f64::NAN } else { best(&rows, 1024) };
    let short = if skip("--long") { f64::NAN } else { best(&decisions, 1) };
    let rate = ts.len() as f64 / long / 1e6;
    let decision_ns = short * 1e9 / decisions.ts.len() as f64;
    println!("{{\"nodes\":72,\"rows\":{},\"m_rows_per_s\":{rate:.2},\"decision_ns\":{decision_ns:.1}}}", ts.len());
}
