//! The way back: reports from the venue to us, each with its latency, none overtaking another.

use super::order::{Report, Resting, Told, Why};
use crate::latency::Latency;
use crate::random::Random;
use std::collections::VecDeque;

pub(super) struct Post {
    reports: VecDeque<Report>,
    latency: Latency,
    random: Random,
    last_ns: i64,
    turns: u64,
}

impl Post {
    pub fn new(latency: Latency, seed: u64, capacity: usize) -> Self {
        Self { reports: VecDeque::with_capacity(capacity), latency, random: Random::new(seed), last_ns: i64::MIN, turns: 0 }
    }

    /// Returns when the first report on its way reaches us; the end of time without one.
    #[inline(always)]
    pub fn first_ns(&self) -> i64 {
        self.reports.front().map_or(i64::MAX, |report| report.local_ns)
    }

    /// Takes the first report that has reached us by a time.
    pub fn arrived(&mut self, by_ns: i64) -> Option<Report> {
        self.reports.front().is_some_and(|report| report.local_ns <= by_ns).then(|| self.reports.pop_front())?
    }

    /// Returns the next number of acceptance.
    pub fn turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    fn send(&mut self, mut report: Report) {
        report.local_ns = (report.exch_ns + self.latency.ns(report.exch_ns, &mut self.random)).max(self.last_ns);
        self.last_ns = report.local_ns;
        self.reports.push_back(report);
    }

    /// Tells of an order without a fill.
    pub fn say(&mut self, exch_ns: i64, id: u64, told: Told, ticks: i64, left: i64) {
        let why = Why::None;
        self.send(Report { local_ns: 0, exch_ns, id, told, why, is_maker: false, ticks, lots: 0, left, row: -1 });
    }

    /// Tells of a fill of a resting order, whose `left` is what is left after it.
    pub fn fill(&mut self, exch_ns: i64, order: &Resting, lots: i64, why: Why, row: usize) {
        let (id, ticks, left) = (order.id, order.ticks, order.left);
        self.send(Report { local_ns: 0, exch_ns, id, told: Told::Filled, why, is_maker: true, ticks, lots, left, row: row as i64 });
    }

    /// Tells of a fill that took from the book.
    pub fn took(&mut self, exch_ns: i64, id: u64, ticks: i64, lots: i64, left: i64) {
        let (told, why) = (Told::Filled, Why::Took);
        self.send(Report { local_ns: 0, exch_ns, id, told, why, is_maker: false, ticks, lots, left, row: -1 });
    }
}
