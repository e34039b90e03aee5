//! Speed of the static pass on 72 nodes (44 element-wise, 24 averages and sums, 4 RSI and ATR) over one asset, one thread.
//!
//! Prints one JSON line: million rows a second in blocks of 1,024, and nanoseconds for one decision in blocks of 1, both as the best and the median of
//! batches (on a shared machine the best measures the code, the median the machine).
//! Run: `cargo run --release -p bot4-engine --example signal_bench [rows] [--long | --short]`; one of the two alone for instruction counts.

use bot4_engine::signal::{AssetRows, GridBuilder, Program, Signals};
use std::hint::black_box;
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

/// Runs all rows in blocks and returns the nanoseconds a row of each batch of blocks.
fn batches(program: &Program, output: usize, rows: &AssetRows<'_>, block: usize, blocks: usize) -> Vec<f64> {
    let mut signals = Signals::new(program, &[output], block).expect("the program runs");
    let mut grid = GridBuilder::new(1, block);
    let mut times = Vec::with_capacity(rows.ts.len() / (block * blocks) + 1);
    let mut sum = 0.0;
    loop {
        let (start, mut done) = (Instant::now(), 0);
        for _ in 0..blocks {
            done += grid.advance(&[rows.ts], block).len();
            signals.run(&[rows.slice(grid.range(0))], &grid.grid());
            sum += signals.column(output, 0).last().map_or(0.0, |last| last.abs());
        }
        if done < block * blocks {
            black_box(sum);
            return times;
        }
        times.push(start.elapsed().as_nanos() as f64 / done as f64);
    }
}

/// Returns the best and the median.
fn summary(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times.first().copied().unwrap_or(f64::NAN), times.get(times.len() / 2).copied().unwrap_or(f64::NAN))
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let asked = |name: &str| args.iter().any(|arg| arg == name);
    let count = args.iter().filter_map(|arg| arg.parse().ok()).next().unwrap_or(2_000_000);
    let (json, output) = program();
    let program = Program::parse(&json, &["BTC/USDT"]).expect("the program is valid");
    let (ts, [open, high, low, close, volume]) = market(count);
    let rows = AssetRows { ts: &ts, open: &open, high: &high, low: &low, close: &close, volume: &volume };
    let run = |skip: &str, block, blocks| if asked(skip) { Vec::new() } else { batches(&program, output, &rows, block, blocks) };
    let (long, long_median) = summary(run("--short", 1024, 16));
    let (short, short_median) = summary(run("--long", 1, 1000));
    println!(
        "{{\"nodes\":72,\"rows\":{count},\"m_rows_per_s\":{:.2},\"m_rows_per_s_median\":{:.2},\"decision_ns\":{short:.1},\"decision_ns_median\":{short_median:.1}}}",
        1e3 / long,
        1e3 / long_median,
    );
}
