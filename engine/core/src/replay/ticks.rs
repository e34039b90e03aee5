//! A run over ticks: rows of a grid of local time for the signals, a venue that reports for the orders (docs/language-ticks.md).
//!
//! Of one row, in order: what the venue has told by its time → mark → feedback signals → decision → orders and cancels leave. A row's time
//! is when it closes, and everything in it had arrived by then. The static part runs over slices as long as on bars.
use super::Replay;
use super::block::Block;
use crate::desk::Halt;
use crate::desk::remote::{Act, Report};
use crate::market::Market;
use crate::signal::op::FEATURES;

const NS_PER_MS: i64 = 1_000_000;

/// Columns of tick data of one asset, each as long as its rows, in the order of [`FEATURES`].
#[derive(Clone, Copy)]
pub struct Features<'m> {
    /// The columns.
    pub columns: [&'m [f64]; FEATURES.len()],
}

/// Where orders work. It sees them after their latency, and its reports are known after theirs.
pub trait Venue {
    /// Lets time pass, and appends every report that is known here by `local_ns`, in the order of becoming known.
    fn reports(&mut self, local_ns: i64, to: &mut Vec<Report>);
    /// Takes what the desk asks at `local_ns`.
    fn act(&mut self, local_ns: i64, act: &Act);
}

/// What a row came to, for who keeps a journal.
pub trait Witness {
    /// Sees a report before the desk takes it.
    fn report(&mut self, report: &Report);
}

impl Witness for Vec<Report> {
    fn report(&mut self, report: &Report) {
        self.push(*report);
    }
}

/// Room of one row's reports and acts, kept from row to row.
#[derive(Default)]
pub struct Post {
    reports: Vec<Report>,
    acts: Vec<Act>,
}

impl<'m> Replay<'m> {
    /// Makes a run over bars a run over ticks. To be called before the first row.
    ///
    /// # Errors
    /// Returns one sentence where the columns do not fit the market, or the account is kept as only bars can keep it.
    pub fn with_features(mut self, market: &Market<'m>, features: Vec<Features<'m>>) -> Result<Self, String> {
        if features.len() != market.listings.len() {
            return Err(format!("tick columns are given for {} instruments, the market has {}", features.len(), market.listings.len()));
        }
        for (each, (columns, listing)) in features.iter().zip(market.columns.iter().zip(&market.listings)) {
            if each.columns.iter().any(|column| column.len() != columns.ts.len()) {
                return Err(format!("{}: tick columns and rows have different lengths", listing.symbol));
            }
        }
        if self.desk.has_accounts() {
            return Err("a run on ticks keeps one plain account; leave accounts, leverage, margin and funding out".to_owned());
        }
        self.features = features;
        self.desk.go_remote();
        Ok(self)
    }

    /// Takes up to `limit` rows in one block; returns how many, 0 at the end.
    ///
    /// # Errors
    /// Returns [`Halt`] where a number does not fit.
    pub fn advance_ticks(
        &mut self,
        limit: usize,
        venue: &mut impl Venue,
        witness: &mut impl Witness,
        post: &mut Post,
    ) -> Result<usize, Halt> {
        let steps = self.take_block(limit);
        for step in 0..steps {
            self.tick_row(step, venue, witness, post)?;
            if self.desk.outbox.is_full() {
                self.records.drain(&mut self.desk.outbox);
            }
        }
        if steps > 0 {
            self.keep_columns();
            self.records.drain(&mut self.desk.outbox);
        }
        Ok(steps)
    }

    fn tick_row(&mut self, step: usize, venue: &mut impl Venue, witness: &mut impl Witness, post: &mut Post) -> Result<(), Halt> {
        let (ts, present) = (self.grid.grid().ts()[step], self.grid.grid().present(step));
        let local_ns = (ts + self.interval_ms) * NS_PER_MS;
        let row = self.first_rows[0] + step as u64;
        venue.reports(local_ns, &mut post.reports);
        for report in post.reports.drain(..) {
            witness.report(&report);
            self.desk.take_report(&report, row)?;
        }
        let block = Block::of_bars(&self.rows, &self.first_rows, &self.wires, &self.funding, &self.signals, &self.news);
        self.desk.mark_row(ts, present, &block)?;
        self.decide_row(step)?;
        self.desk.take_acts(&mut post.acts);
        post.acts.drain(..).for_each(|act| venue.act(local_ns, &act));
        Ok(())
    }
}

/// A venue of the past: it tells what a journal holds, whatever it is asked.
pub struct Recorded {
    reports: std::collections::VecDeque<Report>,
}

impl Recorded {
    /// Tells these reports, in the order of becoming known.
    pub fn new(reports: Vec<Report>) -> Self {
        Self { reports: reports.into() }
    }
}

impl Venue for Recorded {
    fn reports(&mut self, local_ns: i64, to: &mut Vec<Report>) {
        while self.reports.front().is_some_and(|report| report.local_ns <= local_ns) {
            to.extend(self.reports.pop_front());
        }
    }

    fn act(&mut self, _local_ns: i64, _act: &Act) {}
}
