//! The feeder: history as it would arrive, bar by bar in the order of time, as fast as the shards take it or at a rate.
use crate::{Clock, Poll};
use bot4_engine::market::Market;
use bot4_engine::memory::depot::{Counter as Lender, Loan};
use bot4_engine::memory::ring::Producer;
use bot4_engine::shard::Tick;
use bot4_engine::signal::GridBuilder;
use bot4_engine::telemetry::{Counter, Meter};

/// Bars between two looks at the clock.
const BATCH: usize = 64;

/// Where bars come from and go to.
pub struct Feeder<'d, 'm> {
    market: &'m Market<'m>,
    times: Vec<&'m [i64]>,
    owner: Vec<usize>,
    grid: GridBuilder,
    /// Place of the next bar in its grid row.
    place: usize,
    /// Bars of the grid row.
    bars: usize,
    /// Bars of the grid row that go to each shard.
    of_shard: Vec<u32>,
    step: u64,
    fed: u64,
    /// Bars a second; as fast as they are taken where there is none.
    rate: Option<u64>,
    lender: Lender<'d, Tick>,
    to: Vec<Producer<Loan<'d, Tick>>>,
    waiting: Option<(usize, Loan<'d, Tick>)>,
    meter: Meter,
}

impl<'d, 'm> Feeder<'d, 'm> {
    /// Makes the feeder of a market whose asset `a` goes to shard `owner[a]`.
    pub fn new(
        market: &'m Market<'m>,
        owner: Vec<usize>,
        rate: Option<u64>,
        lender: Lender<'d, Tick>,
        to: Vec<Producer<Loan<'d, Tick>>>,
        meter: Meter,
    ) -> Self {
        Self {
            market,
            times: market.columns.iter().map(|columns| columns.ts).collect(),
            owner,
            grid: GridBuilder::new(market.columns.len(), 1),
            place: 0,
            bars: 0,
            of_shard: vec![0; to.len()],
            step: 0,
            fed: 0,
            rate,
            lender,
            to,
            waiting: None,
            meter,
        }
    }

    /// Sends what is due and fits.
    pub fn poll(&mut self, clock: &Clock) -> Poll {
        let now = clock.now();
        self.meter.turn(now);
        let mut sent = 0;
        while sent < BATCH {
            let Some((shard, tick)) = self.waiting.take().or_else(|| self.next(now)) else { break };
            if let Err(tick) = self.to[shard].push(tick) {
                self.waiting = Some((shard, tick));
                self.meter.now.count(Counter::RingFull, 1);
                break;
            }
            sent += 1;
        }
        self.meter.now.count(Counter::Ticks, sent as u64);
        match sent {
            0 if self.is_over() => Poll::Done,
            0 => Poll::Idle,
            _ => Poll::Busy,
        }
    }

    fn is_over(&mut self) -> bool {
        self.waiting.is_none() && self.place == self.bars && !self.turn_row()
    }

    /// Makes the next bar, where one is due and an object is free.
    fn next(&mut self, now: u64) -> Option<(usize, Loan<'d, Tick>)> {
        let due_ns = self.rate.map_or(now, |rate| (u128::from(self.fed) * 1_000_000_000 / u128::from(rate)) as u64);
        if due_ns > now || (self.place == self.bars && !self.turn_row()) {
            return None;
        }
        let Some(mut tick) = self.lender.acquire() else {
            self.meter.now.count(Counter::DepotEmpty, 1);
            return None;
        };
        let grid = self.grid.grid();
        let asset = grid.present(0)[self.place].asset;
        let (columns, row) = (&self.market.columns[asset as usize], self.grid.range(asset as usize).start);
        let shard = self.owner[asset as usize];
        *tick = Tick {
            step: self.step - 1,
            ts: grid.ts()[0],
            asset,
            of_shard: self.of_shard[shard],
            of_step: self.bars as u32,
            row: row as u64,
            bar: [columns.open[row], columns.high[row], columns.low[row], columns.close[row], columns.volume[row]],
            due_ns,
            decided_ns: 0,
        };
        self.place += 1;
        self.fed += 1;
        Some((shard, tick))
    }

    /// Turns to the next grid row; false at the end.
    fn turn_row(&mut self) -> bool {
        if self.grid.advance(&self.times, 1).is_empty() {
            return false;
        }
        (self.place, self.bars) = (0, self.grid.grid().present(0).len());
        self.step += 1;
        self.of_shard.fill(0);
        for entry in self.grid.grid().present(0) {
            self.of_shard[self.owner[entry.asset as usize]] += 1;
        }
        true
    }
}
