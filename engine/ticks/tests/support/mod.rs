//! Markets made by hand or drawn, as the store's columns.
#![allow(dead_code)] // each test takes what it needs

use bot4_ticks::book::{Levels, Side};
use bot4_ticks::columns::{Columns, Depth, FIRST, LAST, SNAPSHOT, Trades};
use bot4_ticks::latency::Latency;
use bot4_ticks::orders::Rows;
use bot4_ticks::queue::Queue;
use bot4_ticks::random::Random;
use bot4_ticks::replay::{Ask, Config, Force, Realism};

/// Rows as they are written down, in the venue's time.
#[derive(Default)]
pub struct Tape {
    depth: Vec<(i64, i8, i64, i64, u8)>,
    trades: Vec<(i64, i64, i64, u8)>,
}

/// Columns with their own memory.
#[allow(clippy::type_complexity)] // the columns of `Depth` and `Trades`, in their order
#[derive(Default)]
pub struct Owned {
    depth: (Vec<i64>, Vec<i64>, Vec<i8>, Vec<i64>, Vec<i64>, Vec<u8>),
    trades: (Vec<i64>, Vec<i64>, Vec<i64>, Vec<i64>, Vec<u8>),
}

impl Tape {
    pub fn level(&mut self, at: i64, side: Side, ticks: i64, lots: i64) {
        self.depth.push((at, side as i8, ticks, lots, FIRST | LAST));
    }

    pub fn snapshot(&mut self, at: i64, bids: &[(i64, i64)], asks: &[(i64, i64)]) {
        let from = self.depth.len();
        let rows = bids.iter().map(|level| (1, level)).chain(asks.iter().map(|level| (-1, level)));
        self.depth.extend(rows.map(|(side, &(ticks, lots))| (at, side, ticks, lots, SNAPSHOT)));
        self.depth[from].4 |= FIRST;
        self.depth.last_mut().expect("a level").4 |= LAST;
    }

    /// A trade whose aggressor is `side`.
    pub fn trade(&mut self, at: i64, side: Side, ticks: i64, lots: i64) {
        self.trades.push((at, ticks, lots, u8::from(side == Side::Ask)));
    }

    /// Returns the columns, every row known after `feed_ns`.
    pub fn columns(&self, feed_ns: i64) -> Owned {
        let mut to = Owned::default();
        for &(at, side, ticks, lots, flags) in &self.depth {
            to.depth.0.push(at);
            to.depth.1.push(at + feed_ns);
            to.depth.2.push(side);
            to.depth.3.push(ticks);
            to.depth.4.push(lots);
            to.depth.5.push(flags);
        }
        for &(at, ticks, lots, is_maker) in &self.trades {
            to.trades.0.push(at);
            to.trades.1.push(at + feed_ns);
            to.trades.2.push(ticks);
            to.trades.3.push(lots);
            to.trades.4.push(is_maker);
        }
        to
    }
}

impl Owned {
    pub fn borrow(&self) -> Columns<'_> {
        let (depth, trades) = (&self.depth, &self.trades);
        Columns {
            depth: Depth { exch_ns: &depth.0, local_ns: &depth.1, side: &depth.2, ticks: &depth.3, lots: &depth.4, flags: &depth.5 },
            trades: Trades { exch_ns: &trades.0, local_ns: &trades.1, ticks: &trades.2, lots: &trades.3, buyer_is_maker: &trades.4 },
            orders: Rows::default(),
        }
    }
}

/// Strict, pessimistic, no latency, what is taken stays away.
pub fn config() -> Config {
    Config {
        queue: Queue::Pessimistic,
        realism: Realism::Strict,
        entry: Latency::Constant(0),
        cancel: Latency::Constant(0),
        response: Latency::Constant(0),
        recovery_ns: 1_000_000,
        max_orders: 64,
        seed: 1,
    }
}

pub fn limit(side: Side, ticks: i64, lots: i64) -> Ask {
    Ask { side, ticks: Some(ticks), lots, force: Force::Rest }
}

/// A market that wanders: levels around a middle, trades at the best prices, a snapshot now and then.
pub fn random_market(seed: u64, rows: usize) -> Tape {
    let (mut tape, mut random, mut middle, mut at) = (Tape::default(), Random::new(seed), 1_000_i64, 0);
    for row in 0..rows {
        at += random.below(50) as i64;
        if row % 900 == 0 {
            let side = |sign: i64| (1..=20).map(|away| (middle - sign * away, 5 + away)).collect::<Vec<_>>();
            tape.snapshot(at, &side(1), &side(-1));
            continue;
        }
        let side = Side::of(random.below(2) as i8);
        if random.below(4) == 0 {
            tape.trade(at, side, middle + side as i64 * random.below(3) as i64, 1 + random.below(30) as i64);
            continue;
        }
        middle += random.below(5) as i64 / 4 * (random.below(3) as i64 - 1);
        let lots = if random.below(3) == 0 { 0 } else { 1 + random.below(40) as i64 };
        tape.level(at, side, middle - side as i64 * random.below(8) as i64, lots);
    }
    tape
}

/// An order around the best price of its side.
pub fn random_ask(random: &mut Random, book: &impl Levels) -> Ask {
    let side = Side::of(random.below(2) as i8);
    let best = book.best(side).map_or(1_000, |level| level.ticks);
    let force = [Force::Rest, Force::Rest, Force::Rest, Force::Post, Force::Now, Force::All][random.below(6) as usize];
    let ticks = best - side as i64 * (random.below(8) as i64 - 3);
    let is_market = force == Force::Now && random.below(4) == 0;
    Ask { side, ticks: (!is_market).then_some(ticks.max(1)), lots: 1 + random.below(25) as i64, force }
}
