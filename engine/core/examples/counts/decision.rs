//! Instructions of the static pass over 72 nodes in slices of one row: what a live decision costs, counted exactly.
//!
//! Counted by `python -m scripts.instructions`; `signal_bench` times the same program.

use bot4_engine::signal::{AssetRows, GridBuilder, Program, Signals};
use std::hint::black_box;

use crate::shared::signal_bench;

const WARM_UP_ROWS: usize = 2_000;
const COUNTED_ROWS: usize = 10_000;

/// Takes `count` rows, one at a time.
#[inline(never)]
fn instr_section(signals: &mut Signals, grid: &mut GridBuilder, rows: &AssetRows<'_>, count: usize) {
    for _ in 0..count {
        grid.advance(&[rows.ts], 1);
        signals.run(&[rows.slice(grid.range(0))], &grid.grid());
    }
}

pub fn main() {
    let (json, output) = signal_bench::program();
    let program = Program::parse(&json, &["BTC/USDT"]).expect("the program is valid");
    let (ts, [open, high, low, close, volume]) = signal_bench::market(WARM_UP_ROWS + COUNTED_ROWS);
    let rows = AssetRows { ts: &ts, open: &open, high: &high, low: &low, close: &close, volume: &volume };
    let mut signals = Signals::new(&program, &[output], 1).expect("the program runs");
    let mut grid = GridBuilder::new(1, 1);
    for _ in 0..WARM_UP_ROWS {
        grid.advance(&[rows.ts], 1);
        signals.run(&[rows.slice(grid.range(0))], &grid.grid());
    }
    instr_section(&mut signals, &mut grid, &rows, COUNTED_ROWS);
    black_box(signals.column(output, 0));
}
