//! Times the nodes: `cargo run --release -p bot4-engine --example node_bench [kind …]`.
//!
//! First each kind, in ns per row and node: as one of 32 copies, in slices of 1024 rows and of one row; then the 72 nodes
//! of the published figure (44 element-wise, 24 averages and sums, 4 RSI/ATR) run one after the other as the executor does. Best of several
//! rounds: on a shared machine the smallest time is the one that measures the code.

use bot4_engine::signal::node::{Args, MAX_INPUTS, Node, Params};
use bot4_engine::signal::nodes::{KINDS, find};
use std::time::Instant;

const SLICE: usize = 1024;
const INTERVAL_MS: i64 = 60_000;

/// Parameters for kinds that need some.
fn params(op: &str) -> Vec<Vec<f64>> {
    match op {
        "shift" | "change" | "returns" | "log_return" => vec![vec![1.0], vec![24.0]],
        "ema" | "rma" | "atr" | "rsi" => vec![vec![14.0]],
        "ewm_mean" | "ewm_std" => vec![vec![0.1]],
        "const" => vec![vec![1.0]],
        op if op.starts_with("roll_") => vec![vec![10.0], vec![30.0], vec![200.0]],
        _ => vec![vec![]],
    }
}

fn build(op: &str, f: &[f64], s: &str) -> Box<dyn Node> {
    (find(op).expect("in the catalogue").build)(&Params { f, s, interval_ms: INTERVAL_MS }).expect("good parameters")
}

/// Three price-like columns.
fn columns(rows: usize) -> Vec<Vec<f64>> {
    let mut seed = 9u64;
    let mut unit = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..3).map(|_| (0..rows).map(|_| 100.0 + 2.0 * unit()).collect()).collect()
}

/// Returns the best time of a row in ns, over rounds of `work` on `rows` rows.
fn best(rows: usize, mut work: impl FnMut()) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..60 {
        let start = Instant::now();
        work();
        least = least.min(start.elapsed().as_secs_f64() * 1e9 / rows as f64);
    }
    least
}

/// A node and where its inputs come from: columns or earlier nodes' outputs, numbered with the three columns first.
type Wired = (Box<dyn Node>, Vec<usize>);

fn seventy_two() -> Vec<Wired> {
    let mut nodes: Vec<Wired> = vec![];
    for n in [5.0, 10.0, 14.0, 20.0, 30.0, 50.0, 100.0, 200.0] {
        nodes.push((build("ema", &[n], ""), vec![2]));
        nodes.push((build("roll_mean", &[n], ""), vec![2]));
        nodes.push((build("roll_sum", &[n], ""), vec![0]));
    }
    for n in [7.0, 14.0] {
        nodes.push((build("rsi", &[n], ""), vec![2]));
        nodes.push((build("atr", &[n], ""), vec![0, 1, 2]));
    }
    let ops = ["sub", "gt", "div", "add", "mul", "lt", "and", "or", "maximum", "where", "abs"];
    for k in 0..44 {
        let op = ops[k % ops.len()];
        let inputs = find(op).expect("in the catalogue").inputs;
        let wires = (0..inputs).map(|i| 3 + (k * 5 + i * 7) % 28).collect();
        nodes.push((build(op, &[], ""), wires));
    }
    assert_eq!(nodes.len(), 72);
    nodes
}

/// Returns the time of a row through all nodes, in ns; they are bound to their buffers beforehand, as the executor does.
fn time(nodes: Vec<Wired>, length: usize) -> f64 {
    const ROWS: usize = 8 * SLICE;
    let data = columns(ROWS);
    let mut now = vec![0i64; length];
    let now_ptr = now.as_mut_ptr();
    let mut buffers = vec![vec![0.0f64; length]; 3 + nodes.len()];
    let places: Vec<*mut f64> = buffers.iter_mut().map(|buffer| buffer.as_mut_ptr()).collect();
    let mut steps: Vec<(Box<dyn Node>, Args<'_>, *mut f64)> = vec![];
    for (k, (node, wires)) in nodes.into_iter().enumerate() {
        let mut raw = [std::ptr::null(); MAX_INPUTS];
        for (slot, &wire) in raw.iter_mut().zip(&wires) {
            *slot = places[wire].cast_const();
        }
        // SAFETY: earlier buffers and the times have `length` rows and are not the output.
        steps.push((node, unsafe { Args::from_raw(length, raw, now_ptr.cast_const()) }, places[3 + k]));
    }
    let mut clock = 0;
    best(ROWS, || {
        for from in (0..ROWS).step_by(length) {
            for (column, &place) in data.iter().zip(&places) {
                // SAFETY: the buffer has `length` rows and nothing else refers to it now.
                fill(unsafe { std::slice::from_raw_parts_mut(place, length) }, &column[from..from + length]);
            }
            for i in 0..length {
                // SAFETY: as above.
                unsafe { *now_ptr.add(i) = clock };
                clock += INTERVAL_MS;
            }
            for (node, args, out) in &mut steps {
                // SAFETY: as above.
                match unsafe { std::slice::from_raw_parts_mut(*out, length) } {
                    [out] => *out = node.tick(args),
                    out => node.run(args, out),
                }
            }
        }
    })
}

/// Copies a slice; a call of memcpy for eight bytes would cost more than a node.
fn fill<T: Copy>(to: &mut [T], from: &[T]) {
    match (to, from) {
        ([to], [from]) => *to = *from,
        (to, from) => to.copy_from_slice(from),
    }
}

/// Returns the times of a row of one kind, as one of many copies: in long slices and in slices of one row.
fn one_kind(op: &str, f: &[f64], s: &str) -> (f64, f64) {
    const COPIES: usize = 32;
    let inputs = find(op).expect("in the catalogue").inputs;
    let copies = || (0..COPIES).map(|_| (build(op, f, s), (3 - inputs..3).collect())).collect();
    [SLICE, 1].map(|length| time(copies(), length) / COPIES as f64).into()
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    println!("{:<16}{:<12}{:>12}{:>12}", "kind", "parameters", "ns/row 1024", "ns/row 1");
    for kind in KINDS.iter().flat_map(|family| family.iter()) {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == kind.name) {
            continue;
        }
        for f in params(kind.name) {
            let (long, single) = one_kind(kind.name, &f, "");
            let text: Vec<String> = f.iter().map(f64::to_string).collect();
            println!("{:<16}{:<12}{long:>12.2}{single:>12.2}", kind.name, text.join(" "));
        }
        if kind.name.starts_with("roll_") && kind.name != "roll_rank" {
            let (long, single) = one_kind(kind.name, &[30.0 * INTERVAL_MS as f64], "ms");
            println!("{:<16}{:<12}{long:>12.2}{single:>12.2}", kind.name, "30 min");
        }
    }
    if !wanted.is_empty() {
        return;
    }
    for length in [128, 256, 512, 1024] {
        let ns = time(seventy_two(), length);
        println!("72 nodes in slices of {length}: {ns:.1} ns a row, {:.1} M rows/s", 1e3 / ns);
    }
    println!("72 nodes in slices of one row: {:.1} ns a row", time(seventy_two(), 1));
}
