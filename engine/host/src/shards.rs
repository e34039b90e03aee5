//! A shard on its way: takes bars from its ring, computes whole grid rows, sends what the desk needs.
use crate::{Clock, Decided, Poll, Values};
use bot4_engine::memory::depot::{Counter as Lender, Loan};
use bot4_engine::memory::ring::{Consumer, Producer};
use bot4_engine::shard::{Shard, Tick};
use bot4_engine::telemetry::{Counter, Meter, Stage};
use std::collections::VecDeque;

/// Bars between two looks at the clock.
const BATCH: usize = 16;

/// A shard and its two rings.
pub struct ShardWork<'d> {
    shard: Shard,
    lender: Lender<'d, Values>,
    from: Consumer<Loan<'d, Tick>>,
    to: Producer<Decided<'d>>,
    /// Bars of the grid row that is not whole yet.
    row: Vec<Loan<'d, Tick>>,
    /// Objects for what it will be.
    ready: Vec<Loan<'d, Values>>,
    /// What is computed and not sent.
    sending: VecDeque<Decided<'d>>,
    meter: Meter,
}

impl<'d> ShardWork<'d> {
    /// Puts a shard between its rings; `assets` is the number of instruments.
    pub fn new(
        shard: Shard,
        assets: usize,
        lender: Lender<'d, Values>,
        from: Consumer<Loan<'d, Tick>>,
        to: Producer<Decided<'d>>,
        meter: Meter,
    ) -> Self {
        let (row, ready) = (Vec::with_capacity(assets), Vec::with_capacity(assets));
        Self { shard, lender, from, to, row, ready, sending: VecDeque::with_capacity(assets + BATCH), meter }
    }

    /// Takes what has arrived, sends what is computed.
    pub fn poll(&mut self, clock: &Clock) -> Poll {
        if !self.send() {
            return Poll::Idle;
        }
        if self.from.is_empty() && self.row.is_empty() {
            return if self.from.is_finished() { Poll::Done } else { Poll::Idle };
        }
        let begun = clock.now();
        let mut taken = 0;
        while self.sending.len() < BATCH {
            if let Some(whole) = self.row.first().map(|tick| tick.of_shard as usize).filter(|&whole| whole == self.row.len()) {
                if !self.make_ready(whole) {
                    break;
                }
                self.compute();
                continue;
            }
            let Some(tick) = self.from.pop() else { break };
            self.meter.now.time(Stage::FeedWait, begun.saturating_sub(tick.due_ns), 1);
            self.row.push(tick);
            taken += 1;
        }
        if taken == 0 && self.sending.is_empty() {
            return Poll::Idle;
        }
        let done = clock.now();
        self.meter.now.time(Stage::Signals, (done - begun) / taken.max(1), taken);
        self.sending.iter_mut().for_each(|decided| decided.tick.decided_ns = done);
        self.meter.turn(done);
        self.send();
        Poll::Busy
    }

    /// Computes the row that is whole. There is an object for each of its bars.
    fn compute(&mut self) {
        self.shard.step(self.row.iter().map(|tick| &**tick));
        for (tick, mut values) in self.row.drain(..).zip(self.ready.drain(..)) {
            self.shard.hand_out(tick.asset as usize, &mut values);
            self.sending.push_back(Decided { tick, values });
        }
    }

    /// Lends as many objects as the row has bars; false where there are not enough now.
    fn make_ready(&mut self, bars: usize) -> bool {
        while self.ready.len() < bars {
            let Some(values) = self.lender.acquire() else {
                self.meter.now.count(Counter::DepotEmpty, 1);
                return false;
            };
            self.ready.push(values);
        }
        true
    }

    /// Sends what is computed; says whether all of it went.
    fn send(&mut self) -> bool {
        while let Some(decided) = self.sending.pop_front() {
            if let Err(back) = self.to.push(decided) {
                self.sending.push_front(back);
                self.meter.now.count(Counter::RingFull, 1);
                return false;
            }
        }
        true
    }

    /// Ends the work and returns the shard, for its state.
    pub fn into_shard(self) -> Shard {
        self.shard
    }
}
