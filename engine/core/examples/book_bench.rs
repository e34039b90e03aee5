//! Times the order book in the mix of exchange-core: 9 % new orders, 3 % immediate-or-cancel, 6 % cancels, 82 % moves, about 1,000 live orders.
//!
//! Commands are drawn before they are timed. Closed loop: commands a second, one after the other. Service time: each command with a read of
//! the clock in it, as the published figures have. Prints one line of JSON. Run: `cargo run --release -p bot4-engine --example book_bench`.

#[path = "../../host/examples/shared/counting.rs"]
mod counting;

use bot4_engine::book::fast::FastBook;
use bot4_engine::book::naive::NaiveBook;
use bot4_engine::book::{Book, Event, Force, Incoming, SelfTrade, Side};
use bot4_engine::telemetry::Histogram;
use std::hint::black_box;
use std::time::Instant;

const LIVE: usize = 1_000;
const COMMANDS: usize = 3_000_000;
const ROOM: usize = 4_096;
const MIDDLE: i64 = 6_000_000;

#[derive(Debug, Clone, Copy)]
enum Command {
    Submit(Incoming),
    Cancel(u64),
    Move { id: u64, ticks: i64, lots: i64 },
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    /// A price on a side: mostly near the touch, now and then across it.
    fn price(&mut self, side: Side, book: &FastBook) -> i64 {
        let best = book.best(side).unwrap_or(if side == Side::Buy { MIDDLE - 1 } else { MIDDLE });
        let away = (self.below(40) * self.below(40) / 8) as i64 - if self.below(40) == 0 { 30 } else { 1 };
        if side == Side::Buy { best - away } else { best + away }
    }
}

fn apply(book: &mut impl Book, command: Command, tell: &mut impl FnMut(Event)) {
    match command {
        Command::Submit(order) => book.submit(&order, tell),
        Command::Cancel(id) => book.cancel(id, tell),
        Command::Move { id, ticks, lots } => book.replace(id, ticks, lots, tell),
    }
}

/// Draws the stream against a book that goes along, so that ids live and prices follow the market.
fn stream() -> (Vec<Command>, u64) {
    let (mut draw, mut book, mut live, mut commands) = (Draw(7), FastBook::new(ROOM), Vec::<(u64, Side)>::new(), Vec::new());
    let (mut next, mut trades) = (0, 0);
    while commands.len() < COMMANDS + LIVE {
        let kind = if live.len() < LIVE { 0 } else { draw.below(100) };
        let at = draw.below(live.len().max(1) as u64) as usize;
        let command = if kind < 12 {
            let side = if draw.below(2) == 0 { Side::Buy } else { Side::Sell };
            let force = if kind < 9 { Force::GoodTillCancelled } else { Force::ImmediateOrCancel };
            next += 1;
            let ticks = draw.price(if kind < 9 { side } else { side.opposite() }, &book);
            let lots = 1 + draw.below(100) as i64;
            let account = (next % 997) as u32;
            let self_trade = SelfTrade::ExpireTaker;
            Command::Submit(Incoming { id: next, account, group: 0, side, ticks, lots, peak: 0, force, self_trade })
        } else if kind < 18 {
            Command::Cancel(live[at].0)
        } else {
            Command::Move { id: live[at].0, ticks: draw.price(live[at].1, &book), lots: 1 + draw.below(100) as i64 }
        };
        apply(&mut book, command, &mut |event| match event {
            Event::Trade { .. } => trades += 1,
            Event::Ended { id, .. } => live.retain(|&(other, _)| other != id),
            _ => {}
        });
        if let Command::Submit(order) = command
            && book.left(order.id).is_some()
        {
            live.push((order.id, order.side));
        }
        commands.push(command);
    }
    (commands, trades)
}

/// Takes the orders that rest before the clock runs.
fn warm<B: Book>(book: &mut B, commands: &[Command]) {
    commands[..LIVE].iter().for_each(|&command| apply(book, command, &mut |event| _ = black_box(event)));
}

fn per_second(mut book: impl Book, commands: &[Command], count: usize) -> (f64, u64, u64) {
    warm(&mut book, commands);
    let before = counting::allocations();
    let begun = Instant::now();
    for &command in &commands[LIVE..LIVE + count] {
        apply(&mut book, command, &mut |event| _ = black_box(event));
    }
    let seconds = begun.elapsed().as_secs_f64();
    (count as f64 / seconds, counting::allocations() - before, book.hash())
}

fn main() {
    let (commands, trades) = stream();
    let mut runs: Vec<(f64, u64, u64)> = (0..7).map(|_| per_second(FastBook::new(ROOM), &commands, COMMANDS)).collect();
    runs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let naive = per_second(NaiveBook::new(ROOM), &commands, COMMANDS / 20);
    let fast = per_second(FastBook::new(ROOM), &commands, COMMANDS / 20);
    assert_eq!(naive.2, fast.2, "both books hold the same");
    let (mut book, mut times) = (FastBook::new(ROOM), Histogram::default());
    warm(&mut book, &commands);
    for &command in &commands[LIVE..] {
        let begun = Instant::now();
        apply(&mut book, command, &mut |event| _ = black_box(event));
        times.record(begun.elapsed().as_nanos() as u64);
    }
    let quantile = |part| times.quantile(part);
    println!(
        "{{\"commands\":{COMMANDS},\"trades\":{trades},\"orders\":{},\"best_per_s\":{:.0},\"median_per_s\":{:.0},\"naive_per_s\":{:.0},\
         \"allocations\":{},\"p50_ns\":{},\"p99_ns\":{},\"p999_ns\":{},\"p9999_ns\":{},\"max_ns\":{}}}",
        book.orders(),
        runs[6].0,
        runs[3].0,
        naive.0,
        runs[3].1,
        quantile(0.5),
        quantile(0.99),
        quantile(0.999),
        quantile(0.9999),
        times.most_ns()
    );
}
