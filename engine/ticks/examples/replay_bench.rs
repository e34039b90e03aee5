//! A replay of tiled ticks with a maker that quotes every 100 ms: `replay_bench FOLDER TILES`. Prints one JSON line.
//!
//! FOLDER holds the store's columns as raw little-endian numbers (`depth.ticks`, …), written by `benchmarks/cases/ticks.py`. The maker
//! cancels what it has and quotes the best bid and ask anew, as the peer's does (`benchmarks/peers/hftbacktest_maker.py`).

use bot4_ticks::book::{Fast, Levels, Naive, Side};
use bot4_ticks::columns::{Columns, Depth, Trades};
use bot4_ticks::latency::Latency;
use bot4_ticks::queue::Queue;
use bot4_ticks::replay::{Ask, Config, Force, Realism, Replay, Told};
use std::path::Path;
use std::time::Instant;

const QUOTE_NS: i64 = 100_000_000;
const LOTS: i64 = 10;

fn ints(folder: &Path, name: &str) -> Vec<i64> {
    let bytes = std::fs::read(folder.join(name)).expect("a column");
    bytes.chunks_exact(8).map(|word| i64::from_le_bytes(word.try_into().expect("8 bytes"))).collect()
}

fn bytes(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).expect("a column")
}

/// Repeats a column; times move on by `shift` each time.
fn tiled<T: Copy>(column: &[T], tiles: usize, moved: impl Fn(T, usize) -> T) -> Vec<T> {
    (0..tiles).flat_map(|tile| column.iter().map(move |&value| (value, tile))).map(|(value, tile)| moved(value, tile)).collect()
}

fn play<B: Levels>(columns: &Columns<'_>, config: &Config) -> (f64, usize, usize) {
    let mut replay = Replay::<B>::new(*columns, config).expect("columns that can be replayed");
    let start = Instant::now();
    let (mut now, mut fills, mut quotes, mut ids) = (columns.depth.local_ns[0], 0, 0, [0_u64; 2]);
    while replay.next_ns().is_some() {
        now += QUOTE_NS;
        fills += replay.advance_to(now).iter().filter(|report| report.told == Told::Filled).count();
        for (id, side) in ids.iter_mut().zip([Side::Bid, Side::Ask]) {
            if *id != 0 {
                replay.cancel(*id);
            }
            let Some(best) = replay.book().best(side) else { continue };
            let ask = Ask { side, ticks: Some(best.ticks), lots: LOTS, force: Force::Post };
            *id = replay.submit(ask).expect("an order");
            quotes += 1;
        }
    }
    (start.elapsed().as_secs_f64(), fills, quotes)
}

fn head_trades<'a>(of: &Trades<'a>, rows: usize) -> Trades<'a> {
    Trades {
        exch_ns: &of.exch_ns[..rows],
        local_ns: &of.local_ns[..rows],
        ticks: &of.ticks[..rows],
        lots: &of.lots[..rows],
        buyer_is_maker: &of.buyer_is_maker[..rows],
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (folder, tiles) = (Path::new(&arguments[1]), arguments[2].parse::<usize>().expect("a number of tiles"));
    let depth_local = ints(folder, "depth.local_ns");
    let shift = depth_local[depth_local.len() - 1] - depth_local[0] + 1_000_000_000;
    let times = |name: &str| tiled(&ints(folder, name), tiles, |at, tile| at + tile as i64 * shift);
    let same = |name: &str| tiled(&ints(folder, name), tiles, |value, _| value);
    let (exch, local, ticks, lots) = (times("depth.exch_ns"), times("depth.local_ns"), same("depth.ticks"), same("depth.lots"));
    let side: Vec<i8> = tiled(&bytes(folder, "depth.side"), tiles, |value, _| value).into_iter().map(|byte| byte as i8).collect();
    let flags = tiled(&bytes(folder, "depth.flags"), tiles, |value, _| value);
    let (trade_exch, trade_local) = (times("trades.exch_ns"), times("trades.local_ns"));
    let (trade_ticks, trade_lots) = (same("trades.ticks"), same("trades.lots"));
    let is_maker = tiled(&bytes(folder, "trades.buyer_is_maker"), tiles, |value, _| value);
    let columns = Columns {
        depth: Depth { exch_ns: &exch, local_ns: &local, side: &side, ticks: &ticks, lots: &lots, flags: &flags },
        trades: Trades { exch_ns: &trade_exch, local_ns: &trade_local, ticks: &trade_ticks, lots: &trade_lots, buyer_is_maker: &is_maker },
        ..Columns::default()
    };
    let config = Config {
        queue: Queue::Power(3.0),
        realism: Realism::Strict,
        entry: Latency::Constant(3_000_000),
        cancel: Latency::Constant(3_000_000),
        response: Latency::Constant(2_000_000),
        recovery_ns: 1_000_000_000,
        max_orders: 64,
        seed: 1,
    };
    let events = exch.len() + trade_exch.len();
    let mut seconds: Vec<f64> = Vec::new();
    let mut told = (0, 0);
    for _ in 0..5 {
        let (took, fills, quotes) = play::<Fast>(&columns, &config);
        seconds.push(took);
        told = (fills, quotes);
    }
    // The plain book is far slower: the first tile alone.
    let first = Columns {
        depth: columns.depth.first(depth_local.len()),
        trades: head_trades(&columns.trades, trade_exch.len() / tiles),
        ..columns
    };
    let (naive, fast) = (play::<Naive>(&first, &config), play::<Fast>(&first, &config));
    assert_eq!((naive.1, naive.2), (fast.1, fast.2), "both books fill alike");
    let naive_per_s = (events / tiles) as f64 / naive.0;
    seconds.sort_by(f64::total_cmp);
    println!(
        "{{\"events\": {events}, \"best_per_s\": {:.0}, \"median_per_s\": {:.0}, \"naive_per_s\": {:.0}, \"fills\": {}, \"quotes\": {}}}",
        events as f64 / seconds[0],
        events as f64 / seconds[2],
        naive_per_s,
        told.0,
        told.1
    );
}
