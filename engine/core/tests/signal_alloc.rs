//! Nothing is allocated after the start: a counting allocator watches whole programs run, feedback included.

use crate::support::counting::allocations;
use crate::support::{Bars, Random, SYMBOLS, random_bars, random_program};
use bot4_engine::event::{AccountView, PositionView};
use bot4_engine::signal::{AssetRows, GridBuilder, Program, Signals};

#[test]
fn nothing_is_allocated_after_the_start() {
    for seed in 0..40 {
        let mut random = Random(seed);
        let (json, outputs) = random_program(&mut random, 60, true);
        let market: Vec<Bars> = SYMBOLS.iter().map(|_| random_bars(&mut random, 200)).collect();
        let program = Program::parse(&json, SYMBOLS).unwrap();
        let limit = [1, 16, 500][seed as usize % 3];
        let mut signals = Signals::new(&program, &outputs, limit).unwrap();
        let mut grid = GridBuilder::new(market.len(), limit);
        let columns: Vec<AssetRows<'_>> = market.iter().map(Bars::rows).collect();
        let times: Vec<&[i64]> = columns.iter().map(|rows| rows.ts).collect();
        let mut rows = vec![AssetRows::default(); market.len()];
        let views = vec![PositionView::default(); market.len()];
        let mut sum = 0.0;

        let before = allocations();
        while !grid.advance(&times, limit).is_empty() {
            rows.iter_mut().enumerate().for_each(|(asset, rows)| *rows = columns[asset].slice(grid.range(asset)));
            signals.run(&rows, &grid.grid());
            (0..grid.grid().len()).for_each(|row| signals.feedback(row, &views, &AccountView::default()));
            sum += signals.column(outputs[0], 0).iter().sum::<f64>();
        }
        let after = allocations();
        assert_eq!(after - before, 0, "seed {seed}, sum {sum}");
    }
}
