//! Signals computed apart, row by row, and joined at the desk: the same orders, fills, equity and state as from whole columns.

use crate::support::market::{config, market};
use crate::support::{Bars, Random, SYMBOLS, random_bars, random_program};
use bot4_engine::market::Market;
use bot4_engine::replay::{DeskSide, Replay};
use bot4_engine::shard::{Shard, Tick, owners};
use bot4_engine::signal::{GridBuilder, Program};

/// Takes a market through `count` shards and a desk, one grid row at a time, on this thread; `told(rows, hash)` after each row.
fn in_pieces<'m>(market: &Market<'m>, program: &Program, count: usize, mut told: impl FnMut(u64, &DeskSide<'m>, &[Shard], &[usize])) {
    let owner = owners(program, count).unwrap();
    let mut shards: Vec<Shard> = (0..count).map(|_| Shard::new(program).unwrap()).collect();
    let mut desk = DeskSide::new(Replay::new(market, program, &config(), &[], 1).unwrap());
    let times: Vec<&[i64]> = market.columns.iter().map(|columns| columns.ts).collect();
    let mut grid = GridBuilder::new(times.len(), 1);
    let mut values = vec![vec![f64::NAN; shards[0].values()]; times.len()];
    while !grid.advance(&times, 1).is_empty() {
        let ts = grid.grid().ts()[0];
        let tick = |asset: usize| {
            let row = grid.range(asset).start;
            let c = &market.columns[asset];
            let bar = [c.open[row], c.high[row], c.low[row], c.close[row], c.volume[row]];
            Tick { ts, asset: asset as u32, row: row as u64, bar, ..Tick::default() }
        };
        let mut ticks: Vec<Option<Tick>> = vec![None; times.len()];
        grid.grid().present(0).iter().for_each(|entry| ticks[entry.asset as usize] = Some(tick(entry.asset as usize)));
        for (number, shard) in shards.iter_mut().enumerate() {
            let own = || ticks.iter().flatten().filter(|tick| owner[tick.asset as usize] == number);
            if own().next().is_some() {
                shard.step(own());
                own().for_each(|tick| _ = shard.hand_out(tick.asset as usize, &mut values[tick.asset as usize]));
            }
        }
        desk.step(ts, |asset| ticks[asset].as_ref().map(|tick| (tick, values[asset].as_slice()))).unwrap();
        told(desk.steps(), &desk, &shards, &owner);
    }
}

fn target(node: usize) -> String {
    format!(
        r#""targets":[{{"node":{node},"kind":"weight","asset":null,"band":0.05,"budget":2.0,"rearm":{{"mode":"new_signal"}},"stops":[{{"kind":"time","bars":9}}]}}]"#
    )
}

#[test]
fn in_pieces_the_bits_are_those_of_whole_columns() {
    let mut traded = 0;
    let mut apart = 0;
    for seed in 0..40 {
        let mut random = Random(seed);
        let (json, outputs) = random_program(&mut random, 40, seed % 2 == 0);
        let bars: Vec<Bars> = SYMBOLS.iter().map(|_| random_bars(&mut random, 120)).collect();
        let market = market(&bars);
        // A target for every asset needs a node that every asset has.
        let program = outputs.iter().rev().find_map(|&node| Program::parse(&json.replace(r#""targets":[]"#, &target(node)), SYMBOLS).ok());
        let Some(program) = program else { continue };
        let mut whole = Replay::new(&market, &program, &config(), &[], 0).unwrap();
        assert_eq!(whole.run(|_| true), Ok(true), "seed {seed}");
        traded += whole.records.fills.len();
        for count in [1, 3] {
            apart += usize::from(owners(&program, count).unwrap().contains(&1));
            let mut last = None;
            in_pieces(&market, &program, count, |_, desk, shards, owner| last = Some(desk.hash(|asset| &shards[owner[asset]])));
            assert_eq!(last, Some(whole.hash()), "seed {seed}, {count} shards");
        }
    }
    assert!(traded > 200 && apart > 5, "the cases trade ({traded} fills), and in some the assets stand apart ({apart})");
}

#[test]
fn records_and_the_state_after_each_row_are_the_same_too() {
    let mut random = Random(5);
    let bars: Vec<Bars> = SYMBOLS.iter().map(|_| random_bars(&mut random, 200)).collect();
    let text = r#"{"version":1,"kind":"portfolio","interval_ms":3600000,"clocks":[3600000,14400000],"rebalance":null,"nodes":[
        {"op":"col","s":"close"},{"op":"ema","in":[0],"f":[5]},{"op":"roll_mean","in":[0],"f":[12]},{"op":"gt","in":[1,2]},
        {"op":"col","s":"close","clock":1},{"op":"roll_max","in":[4],"f":[3],"clock":1},{"op":"carry","in":[5]},{"op":"lt","in":[0,6]},
        {"op":"pos","s":"bars_held"},{"op":"const","f":[15]},{"op":"gt","in":[8,9]},{"op":"const","f":[0]},{"op":"const","f":[0.4]},
        {"op":"where","in":[3,12,11]},{"op":"where","in":[10,11,13]},{"op":"col","s":"high"},{"op":"col","s":"low"},{"op":"atr","in":[15,16,0],"f":[5]}],
        "targets":[{"node":14,"kind":"weight","asset":null,"band":0.01,"budget":2.0,"rearm":{"mode":"immediate"},"stops":[{"kind":"trailing","node":17}]}]}"#;
    let (market, program) = (market(&bars), Program::parse(text, SYMBOLS).unwrap());
    let mut whole = Replay::new(&market, &program, &config(), &[], 1).unwrap();
    let mut seen = (0, 0);
    in_pieces(&market, &program, 3, |rows, desk, shards, owner| {
        assert_eq!(whole.advance(1), Ok(1));
        assert_eq!(desk.hash(|asset| &shards[owner[asset]]), whole.hash(), "after row {rows}");
        assert_eq!(desk.desk().equity(), whole.desk().equity());
        seen = (whole.records.fills.len(), whole.records.trades.len());
    });
    assert!(seen.0 > 20 && seen.1 > 10, "the case trades: {seen:?}");
}
