//! Times the grid of `instr_grid` over a million bars, one thread: `cargo run --release --example grid_bench`.

#[path = "shared/grid.rs"]
mod grid;

fn main() {
    for _ in 0..3 {
        grid::run(1_000_000);
    }
}
