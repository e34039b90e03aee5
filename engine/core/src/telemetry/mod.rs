//! What threads count and measure about themselves, and how it leaves them: off the hot path, once a second.
//!
//! Each thread writes into an [`Interval`] of its own, without atomics. Once a second it hands the full one over for an empty one, both
//! through rings; the [`Collector`] adds up. Nothing here reads a clock: the host says what time it is.

mod histogram;
mod meter;

pub use histogram::Histogram;
pub use meter::{Collector, Meter, meter};

/// What a bar waits for, or what works on it: a stage of the pipeline, each with a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// From when a bar was due until a shard takes it.
    FeedWait,
    /// A shard's work on a bar.
    Signals,
    /// From the shard's end until the desk takes the row.
    RingWait,
    /// The desk's work on a grid row: market half, feedback signals, decision half, orders.
    Desk,
    /// Writing a grid row's inputs and outcomes down, and following its orders.
    Record,
    /// From when a grid row's last bar was due until the desk has acted on it.
    Decision,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Bars fed.
    Ticks,
    /// Grid rows on which the desk has acted.
    Rows,
    /// Orders that ended at the desk.
    Orders,
    /// Fills.
    Fills,
    /// Times that a ring was full where something was to be sent.
    RingFull,
    /// Times that no object was free where one was to be lent.
    DepotEmpty,
    /// Times that the journal's disk failed and halted the desk.
    JournalFaults,
}

/// Every stage with its name and its line of documentation, in order.
pub const STAGES: [(Stage, &str, &str); 6] = [
    (Stage::FeedWait, "feed_wait", "from when a bar was due until a shard takes it"),
    (Stage::Signals, "signals", "a shard's work on a bar"),
    (Stage::RingWait, "ring_wait", "from the shard's end until the desk takes the row"),
    (Stage::Desk, "desk", "the desk's work on a row: fills, signals that read the book, decisions, orders"),
    (Stage::Record, "record", "writing a row's inputs and outcomes to the journal, and following its orders"),
    (Stage::Decision, "decision", "from when a row's last bar was due until the desk has acted on it"),
];

/// Every counter with its name and its line of documentation, in order.
pub const COUNTERS: [(Counter, &str, &str); 7] = [
    (Counter::Ticks, "ticks", "bars fed"),
    (Counter::Rows, "rows", "rows of the time grid on which the desk has acted"),
    (Counter::Orders, "orders", "orders that ended at the desk"),
    (Counter::Fills, "fills", "fills"),
    (Counter::RingFull, "ring_full", "times that a ring was full where something was to be sent"),
    (Counter::DepotEmpty, "depot_empty", "times that no object was free where one was to be lent"),
    (Counter::JournalFaults, "journal_faults", "times that the journal's disk failed and halted the desk"),
];

/// Upper edges of the buckets that are published, ns: 50 ns to 100 ms. Sums over threads and machines keep their meaning, which quantiles do not.
pub const EDGES_NS: [u64; 17] = [
    50,
    100,
    250,
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    5_000_000,
    10_000_000,
    100_000_000,
];

/// What one thread has seen in a stretch of time, or what all have seen in all.
#[derive(Clone, Default)]
pub struct Interval {
    stages: [Histogram; STAGES.len()],
    counters: [u64; COUNTERS.len()],
}

impl Interval {
    /// Returns the histogram of a stage.
    pub fn stage(&self, stage: Stage) -> &Histogram {
        &self.stages[stage as usize]
    }

    /// Returns a counter.
    pub fn counter(&self, counter: Counter) -> u64 {
        self.counters[counter as usize]
    }

    /// Counts a time of a stage, measured for `times` events together.
    #[inline]
    pub fn time(&mut self, stage: Stage, ns: u64, times: u64) {
        self.stages[stage as usize].record_many(ns, times);
    }

    /// Counts events.
    #[inline]
    pub fn count(&mut self, counter: Counter, events: u64) {
        self.counters[counter as usize] += events;
    }

    /// Adds another one's.
    pub fn add(&mut self, other: &Self) {
        self.stages.iter_mut().zip(&other.stages).for_each(|(to, from)| to.add(from));
        self.counters.iter_mut().zip(other.counters).for_each(|(to, from)| *to += from);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.stages.iter_mut().for_each(Histogram::clear);
        self.counters.fill(0);
    }
}
