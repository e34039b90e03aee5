//! Instructions of a replay of a drawn market with a maker that quotes anew now and then. Counted by `python -m scripts.instructions`.

#[path = "../tests/support/mod.rs"]
mod support;

use bot4_ticks::book::{Fast, Levels, Side};
use bot4_ticks::latency::Latency;
use bot4_ticks::replay::{Replay, Told};

const ROWS: usize = 200_000;
const QUOTE_NS: i64 = 5_000;

/// Plays to the end; only this is counted.
#[inline(never)]
fn instr_section(replay: &mut Replay<'_, Fast>) -> usize {
    let (mut now, mut fills, mut ids) = (0, 0, [0; 2]);
    while replay.next_ns().is_some() {
        now += QUOTE_NS;
        fills += replay.advance_to(now).iter().filter(|report| report.told == Told::Filled).count();
        for (id, side) in ids.iter_mut().zip([Side::Bid, Side::Ask]) {
            if *id != 0 {
                replay.cancel(*id);
            }
            let best = replay.book().best(side).map_or(1_000, |level| level.ticks);
            *id = replay.submit(support::limit(side, best, 3)).expect("an order");
        }
    }
    fills
}

fn main() {
    let columns = support::random_market(3, ROWS).columns(40);
    let mut config = support::config();
    (config.entry, config.response) = (Latency::Constant(100), Latency::Constant(60));
    let mut replay = Replay::<Fast>::new(columns.borrow(), &config).expect("a market");
    assert!(instr_section(&mut replay) > 1_000, "the maker is filled");
}
