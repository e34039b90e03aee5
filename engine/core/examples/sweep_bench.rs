//! Times 1,000 crossovers over 100,000 bars on one thread, with and without sharing, and as single runs: `cargo run --release --example sweep_bench`.

mod shared;

fn main() {
    let fast: Vec<usize> = (5..55).step_by(5).collect();
    let slow: Vec<usize> = (60..300).step_by(24).collect();
    for share in [true, false, true, false] {
        let (seconds, orders) = shared::sweep(&fast, &slow, 100_000, share);
        let each = seconds / (fast.len() * slow.len()) as f64;
        println!("share {share}: {seconds:.3} s, {:.2} ms a run, {:.2} ns a bar, {orders} orders", each * 1e3, each * 1e9 / 1e5);
    }
}
