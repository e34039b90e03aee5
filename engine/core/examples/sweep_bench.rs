//! Times crossovers over 100,000 bars on one thread, by runs of a tile: `cargo run --release --example sweep_bench [TILE[:BLOCK] …]`.

mod shared;

fn main() {
    let fast: Vec<usize> = (5..55).step_by(2).collect();
    let slow: Vec<usize> = (60..300).step_by(12).collect();
    let number = |text: &str| text.parse().expect("a number");
    let asked = std::env::args()
        .skip(1)
        .map(|text| text.split_once(':').map_or_else(|| (number(&text), 0), |(tile, block)| (number(tile), number(block))));
    let tiles: Vec<(usize, usize)> = asked.collect();
    for tile in if tiles.is_empty() { vec![(1, 0), (64, 0), (128, 0)] } else { tiles } {
        let (seconds, orders) = shared::sweep(&fast, &slow, 100_000, tile);
        let each = seconds / (fast.len() * slow.len()) as f64;
        println!("tile {tile:?}: {seconds:.3} s, {:.3} ms a run, {:.2} ns a bar, {orders} orders", each * 1e3, each * 1e9 / 1e5);
    }
}
