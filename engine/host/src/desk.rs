//! The desk on its way: gathers the bars of a grid row from all shards, then acts on it. The only writer of orders, risk and ledger.
use crate::{Clock, Decided, Poll, Values};
use bot4_engine::desk::Halt;
use bot4_engine::memory::depot::Counter as Lender;
use bot4_engine::memory::ring::Consumer;
use bot4_engine::replay::DeskSide;
use bot4_engine::shard::Tick;
use bot4_engine::telemetry::{Counter, Meter, Stage};

/// Grid rows between two looks at the clock.
const BATCH: usize = 16;

/// Why a run ended before its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Failed {
    /// A number did not fit.
    Halt(Halt),
    /// The watch said so, in one sentence.
    Said(String),
    /// A thread ended before its work was done.
    Lost,
}

/// Who looks at what goes into the desk and what comes out of it.
pub trait Watch {
    /// Sees the bars of a grid row before the desk acts on them: what is written down here is written before it happens.
    ///
    /// # Errors
    /// A sentence ends the run.
    fn before<'t>(&mut self, ts: i64, ticks: impl Iterator<Item = &'t Tick>, side: &mut DeskSide<'_>) -> Result<(), String>;

    /// Sees the desk after a grid row; takes its records if it wants them.
    ///
    /// # Errors
    /// A sentence ends the run.
    fn after(&mut self, side: &mut DeskSide<'_>) -> Result<(), String>;

    /// Returns how often the journal's disk has failed since the last look.
    fn faults(&mut self) -> u64 {
        0
    }

    /// Says whether its time is to be measured apart.
    fn is_timed(&self) -> bool;
}

/// The desk and the rings that lead to it.
pub struct DeskWork<'d, 'm> {
    side: DeskSide<'m>,
    from: Vec<Consumer<Decided<'d>>>,
    /// The next bar of each ring, taken and of a later row.
    heads: Vec<Option<Decided<'d>>>,
    /// Bars of the row by asset.
    row: Vec<Option<Decided<'d>>>,
    gathered: u32,
    step: u64,
    /// When the rows of a batch were due and decided, ns.
    times: Vec<(u64, u64)>,
    ticks: Lender<'d, Tick>,
    values: Lender<'d, Values>,
    /// When the last batch was done, ns.
    done_ns: u64,
    meter: Meter,
}

impl<'d, 'm> DeskWork<'d, 'm> {
    /// Puts the desk at the end of its rings; `assets` is the number of instruments.
    pub fn new(
        side: DeskSide<'m>,
        assets: usize,
        from: Vec<Consumer<Decided<'d>>>,
        ticks: Lender<'d, Tick>,
        values: Lender<'d, Values>,
        meter: Meter,
    ) -> Self {
        let heads = from.iter().map(|_| None).collect();
        let row = (0..assets).map(|_| None).collect();
        Self { side, from, heads, row, gathered: 0, step: 0, times: Vec::with_capacity(BATCH), ticks, values, done_ns: 0, meter }
    }

    /// Acts on the rows that are whole.
    ///
    /// # Errors
    /// Says why the run cannot go on.
    pub fn poll(&mut self, clock: &Clock, watch: &mut impl Watch) -> Result<Poll, Failed> {
        if !self.gather() {
            let over = self.from.iter_mut().all(Consumer::is_finished) && self.heads.iter().all(Option::is_none);
            return match (over, self.gathered) {
                (true, 0) => Ok(Poll::Done),
                (true, _) => Err(Failed::Lost),
                (false, _) => Ok(Poll::Idle),
            };
        }
        let begun = clock.now();
        let mut written_ns = 0;
        self.times.clear();
        loop {
            self.act(clock, watch, &mut written_ns)?;
            if self.times.len() == BATCH || !self.gather() {
                break;
            }
        }
        let done = clock.now();
        let rows = self.times.len() as u64;
        for &(due, decided) in &self.times {
            self.meter.now.time(Stage::RingWait, begun.saturating_sub(decided), 1);
            self.meter.now.time(Stage::Decision, done.saturating_sub(due), 1);
        }
        self.meter.now.time(Stage::Desk, (done - begun - written_ns) / rows, rows);
        if watch.is_timed() {
            self.meter.now.time(Stage::Record, written_ns / rows, rows);
        }
        self.meter.now.count(Counter::Rows, rows);
        self.meter.turn(done);
        self.done_ns = done;
        Ok(Poll::Busy)
    }

    /// Gathers what has arrived of the row at hand; says whether it is whole.
    fn gather(&mut self) -> bool {
        let mut whole = 0;
        for (ring, head) in self.from.iter_mut().zip(&mut self.heads) {
            while let Some(decided) = head.take().or_else(|| ring.pop()) {
                if decided.tick.step != self.step {
                    *head = Some(decided);
                    break;
                }
                whole = decided.tick.of_step;
                let asset = decided.tick.asset as usize;
                self.row[asset] = Some(decided);
                self.gathered += 1;
                if self.gathered == whole {
                    return true;
                }
            }
        }
        whole > 0 && self.gathered == whole
    }

    /// Acts on the row that is whole, and brings its objects back.
    fn act(&mut self, clock: &Clock, watch: &mut impl Watch, written_ns: &mut u64) -> Result<(), Failed> {
        let row = &self.row;
        let mut ticks = row.iter().flatten().map(|decided| &*decided.tick);
        let Some(first) = ticks.next() else { return Err(Failed::Lost) };
        let (ts, mut due, mut decided) = (first.ts, first.due_ns, first.decided_ns);
        ticks.for_each(|tick| (due, decided) = (due.max(tick.due_ns), decided.max(tick.decided_ns)));
        let (is_timed, side) = (watch.is_timed(), &mut self.side);
        timed(clock, is_timed, written_ns, || watch.before(ts, row.iter().flatten().map(|decided| &*decided.tick), side))?;
        let at = |asset: usize| row[asset].as_ref().map(|decided| (&*decided.tick, decided.values.as_ref()));
        let kept = lengths(&mut self.side);
        self.side.step(ts, at).map_err(Failed::Halt)?;
        let now = lengths(&mut self.side);
        self.meter.now.count(Counter::Orders, now.0 - kept.0);
        self.meter.now.count(Counter::Fills, now.1 - kept.1);
        timed(clock, is_timed, written_ns, || watch.after(&mut self.side))?;
        self.meter.now.count(Counter::JournalFaults, watch.faults());
        for decided in self.row.iter_mut().filter_map(Option::take) {
            self.ticks.release(decided.tick);
            self.values.release(decided.values);
        }
        self.times.push((due, decided));
        self.gathered = 0;
        self.step += 1;
        Ok(())
    }

    /// Ends the work and returns the desk's side.
    pub fn into_side(self) -> DeskSide<'m> {
        self.side
    }

    /// Returns when the last batch was done, ns.
    pub fn done_ns(&self) -> u64 {
        self.done_ns
    }

    /// Returns grid rows on which the desk has acted.
    pub fn steps(&self) -> u64 {
        self.side.steps()
    }
}

/// Returns how many records of orders and fills the run holds.
fn lengths(side: &mut DeskSide<'_>) -> (u64, u64) {
    let records = &side.run().records;
    (records.orders.len() as u64, records.fills.len() as u64)
}

/// Does something, and adds its time where it is measured.
fn timed(clock: &Clock, is_timed: bool, spent_ns: &mut u64, work: impl FnOnce() -> Result<(), String>) -> Result<(), Failed> {
    let begun = if is_timed { clock.now() } else { 0 };
    work().map_err(Failed::Said)?;
    if is_timed {
        *spent_ns += clock.now() - begun;
    }
    Ok(())
}
