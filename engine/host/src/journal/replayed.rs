//! A run made again from its journal: from the tape alone, each of its outcomes compared with the control journal, bit for bit.

use super::outcomes::Outcomes;
use super::start::{Begin, begin};
use super::tape::{Bars, Tape};
use super::{CHECK_ROWS, RunError};
use bot4_engine::config::Config;
use bot4_engine::desk::funding::{DefaultFunding, FundingSeries};
use bot4_engine::desk::operator::Command;
use bot4_engine::desk::remote::Report;
use bot4_engine::journal::{Check, Entry, control, decode_report, layouts};
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::replay::ticks::{Post, Recorded};
use bot4_engine::signal::grid::AssetRows;
use bot4_engine::signal::program::Program;
use bot4_io::disk::Disk;
use bot4_io::journal::Records;
use bot4_io::journal::format::Kind;

/// Where a run is made again from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// The first row; the newest snapshot where a time is given, or the tape's beginning has rotated away.
    #[default]
    Chosen,
    /// The first row.
    First,
    /// The newest snapshot: a recovery.
    Newest,
}

/// What is wanted of a replay.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// It stops at the last row decided at or before this time, ms.
    pub until: Option<i64>,
    /// Where it begins.
    pub start: Start,
}

/// What the journal says came of the run.
struct Told {
    /// Commands that were obeyed, in order.
    commands: Vec<Command>,
    /// What a venue that answers later told, in order.
    reports: Vec<Report>,
    /// Payloads by kind, in order.
    queues: Vec<Queue>,
    /// Whether everything that came of the rows is in the journal: it was not cut off before its end.
    is_whole: bool,
    /// Number of the tape's record that was seen last; none before the first.
    seen: Option<u64>,
    compared: u64,
    further: u64,
    difference: Option<(u64, &'static str)>,
}

/// Payloads of one kind, all of one size, and their numbers.
#[derive(Clone, Default)]
struct Queue {
    numbers: Vec<u64>,
    bytes: Vec<u8>,
    size: usize,
    at: usize,
}

impl Queue {
    fn push(&mut self, number: u64, payload: &[u8]) -> Result<(), RunError> {
        if self.numbers.is_empty() {
            self.size = payload.len();
        }
        if payload.len() != self.size {
            return Err(RunError::Said(format!("record {number} has {} bytes, others of its kind {}", payload.len(), self.size)));
        }
        self.numbers.push(number);
        self.bytes.extend_from_slice(payload);
        Ok(())
    }

    fn pop(&mut self) -> Option<(u64, &[u8])> {
        let number = *self.numbers.get(self.at)?;
        let from = self.at * self.size;
        self.at += 1;
        Some((number, &self.bytes[from..from + self.size]))
    }
}

/// Returns the name of a kind of record.
fn name_of(kind: u16) -> &'static str {
    layouts().iter().find(|layout| layout.0 == kind).map_or("record", |layout| layout.1)
}

impl Told {
    /// Reads the control journal, up to what had seen more of the tape than was read; `seen` is what had been seen before.
    fn read<D: Disk>(mut records: Records<D>, tape: &Tape, seen: Option<u64>) -> Result<Self, RunError> {
        let queues = vec![Queue::default(); layouts().len() + 1];
        let (commands, reports) = (Vec::new(), Vec::new());
        let mut told = Self { commands, reports, queues, is_whole: false, seen, compared: 0, further: 0, difference: None };
        while let Some(block) = records.next_block()? {
            for record in block {
                let head = record.head;
                if head.kind != control::BEGIN && head.tape >= tape.next {
                    if tape.is_cut {
                        told.is_whole = true;
                        return Ok(told);
                    }
                    return Err(RunError::Said(format!(
                        "record {} of the control journal has seen record {} of the tape, which ends before {}: the machine went down before \
                         the page cache was written; replay up to a time before",
                        head.number, head.tape, tape.next
                    )));
                }
                told.take(head.kind, head.number, record.payload)?;
                told.seen = (head.kind != control::BEGIN).then_some(head.tape).or(told.seen);
            }
        }
        Ok(told)
    }

    fn take(&mut self, kind: u16, number: u64, payload: &[u8]) -> Result<(), RunError> {
        self.is_whole |= kind == control::END;
        match kind {
            control::BEGIN if number == 0 => {}
            control::COMMAND => {
                let read = serde_json::from_slice(payload);
                self.commands.push(read.map_err(|e| RunError::Said(format!("record {number} is no command ({e})")))?);
            }
            control::REPORT => self.reports.push(decode_report(payload).map_err(RunError::Said)?),
            kind if kind > control::BEGIN && usize::from(kind) < self.queues.len() => {
                self.queues[usize::from(kind)].push(number, payload)?
            }
            kind => return Err(RunError::Said(format!("record {number} has the unknown kind {kind}"))),
        }
        Ok(())
    }

    fn compare(&mut self, kind: u16, bytes: &[u8]) {
        let is_whole = self.is_whole;
        let wrong = match self.queues[usize::from(kind)].pop() {
            Some((number, payload)) => {
                self.compared += 1;
                (payload != bytes).then_some(number)
            }
            None if is_whole => Some(u64::MAX),
            None => {
                self.further += 1;
                None
            }
        };
        if self.difference.is_none() {
            self.difference = wrong.map(|number| (number, name_of(kind)));
        }
    }

    /// After the last row nothing may be left.
    fn expect_end(&mut self) {
        let left = self.queues.iter().enumerate().filter_map(|(kind, queue)| Some((*queue.numbers.get(queue.at)?, name_of(kind as u16))));
        self.difference = self.difference.or(left.min());
    }
}

/// What a replay came to.
pub struct Done {
    /// Rows, time, equity and state's hash at its end.
    pub check: Check,
    /// (symbol, signed lots) of what is held.
    pub positions: Vec<(String, i64)>,
    /// Orders that work.
    pub working: usize,
    /// Records of the tape that were read.
    pub tape_records: u64,
    /// Outcomes compared with the control journal.
    pub compared: u64,
    /// Outcomes of the last rows that the control journal does not hold, because the run was cut off.
    pub further: u64,
    /// The first record that came out otherwise, with its kind; `u64::MAX` behind the last.
    pub difference: Option<(u64, &'static str)>,
    /// Records at the tape's end that the control journal knows nothing of, because the run was cut off: not taken.
    pub untaken: u64,
    /// Rows that were taken from a snapshot.
    pub begun: u64,
    /// Whether the journal has its last record.
    pub is_whole: bool,
    /// Snapshots that were passed over, and why.
    pub notes: Vec<String>,
    /// The state at the end, as a run saves it.
    pub state: Vec<u8>,
}

/// Makes the run again from a folder's journals, and compares.
///
/// # Errors
/// Returns what is wrong with a journal or a snapshot, and where the run cannot be made.
pub fn replay<D: Disk>(disk: &D, wanted: Wanted) -> Result<Done, RunError> {
    let Begin { setup, snapshot, control, tape, notes } = begin(disk, wanted)?;
    let assets = setup.instruments.len();
    let (rates, taken) = snapshot.as_ref().map_or((&[][..], 0), |snapshot| (snapshot.rates.as_slice(), snapshot.tape.next));
    let mut tape = Tape::read(tape, assets, rates, wanted.until)?;
    let mut journal = Told::read(control, &tape, taken.checked_sub(1))?;
    let known = journal.seen.map_or(0, |seen| seen + 1);
    let untaken = tape.next.saturating_sub(known);
    if !journal.is_whole && untaken > 0 {
        // Cut off: rows of which the control journal knows nothing are inputs that nobody has acted on, and commands may have come with them.
        let again = Records::open_at(disk, Kind::Tape, taken)?;
        tape = Tape::read_from(again, taken, assets, rates, known)?;
    }
    let said = RunError::Said;
    let market = Market::new(setup.instruments.clone(), rows(&tape.bars), setup.interval_ms).map_err(said)?;
    let detail = setup.detail_interval_ms.map(|interval| Market::new(setup.instruments, rows(&tape.fine), interval));
    let detail = detail.transpose().map_err(said)?;
    let program = Program::parse(&setup.program, &market.symbols()).map_err(said)?;
    let mut config = Config::from_json(&setup.config).map_err(said)?;
    // What people asked for is an input of the journal, whether it was scripted or came while the run went on.
    config.operated |= !config.commands.is_empty() || !journal.commands.is_empty();
    config.commands = std::mem::take(&mut journal.commands);
    let mut run = Replay::new(&market, &program, &config, &[], 0).map_err(said)?;
    if setup.funding.contains(&true) || setup.funding_default.is_some() {
        let series = setup.funding.iter().zip(&tape.rates);
        let series: Vec<_> = series.map(|(&has, (ts, rate))| has.then_some(FundingSeries { ts, rate })).collect();
        let default = setup.funding_default.map(|(rate_e9, period_ms)| DefaultFunding { rate_e9, period_ms });
        run = run.with_funding(&market, &series, default).map_err(said)?;
    }
    if let Some(detail) = &detail {
        run = run.with_detail(&market, detail).map_err(said)?;
    }
    if setup.ticks {
        run = run.with_features(&market, tape.bars.iter().map(Bars::features).collect()).map_err(said)?;
    }
    let mut run = run.with_stream();
    let venue = setup.ticks.then(|| Recorded::new(std::mem::take(&mut journal.reports)));
    let mut orders = Outcomes::new(&program.identity(), assets, setup.contents);
    let mut at = Check { rows: 0, ts: 0, equity: 0, state: [0; 32] };
    if let Some(snapshot) = &snapshot {
        let wrong = |error| RunError::Said(format!("the snapshot after {} rows: {error}", snapshot.rows));
        run.resume(&snapshot.state).map_err(wrong)?;
        orders.load(&snapshot.orders).map_err(wrong)?;
        (at.rows, at.ts) = (snapshot.rows, snapshot.ts);
    }
    let begun = at.rows;
    let checks = setup.checks;
    make(&mut run, &mut orders, &mut journal, &mut at, &tape.grid(), setup.interval_ms, checks, venue)?;
    let state = run.save();
    (at.equity, at.state) = (run.desk().equity(), *blake3::hash(&state).as_bytes());
    if !tape.is_cut && journal.is_whole {
        journal.compare(control::END, &payload(&at));
        orders.agree(run.desk())?;
    }
    journal.expect_end();
    let held = run.desk().ledger().positions.iter().zip(market.symbols()).filter(|(p, _)| p.lots != 0);
    Ok(Done {
        check: at,
        positions: held.map(|(p, symbol)| (symbol.to_owned(), p.lots)).collect(),
        working: run.desk().working().count(),
        tape_records: tape.records,
        compared: journal.compared,
        further: journal.further,
        difference: journal.difference,
        untaken: if journal.is_whole { 0 } else { untaken },
        begun,
        is_whole: journal.is_whole,
        notes,
        state,
    })
}

fn rows(bars: &[Bars]) -> Vec<AssetRows<'_>> {
    bars.iter().map(Bars::rows).collect()
}

fn payload(check: &Check) -> Vec<u8> {
    let mut bytes = Vec::new();
    check.encode(&mut bytes);
    bytes
}

/// Takes every row of the tape, and compares what comes of it; `venue` tells what a venue of ticks told.
#[allow(clippy::too_many_arguments)]
fn make(
    run: &mut Replay<'_>,
    orders: &mut Outcomes,
    journal: &mut Told,
    at: &mut Check,
    times: &[i64],
    interval_ms: i64,
    checks: bool,
    mut venue: Option<Recorded>,
) -> Result<(), RunError> {
    let (mut rows, mut heard, mut post) = (0, Vec::new(), Post::default());
    while rows < times.len() {
        let boundary = CHECK_ROWS - at.rows % CHECK_ROWS;
        let limit = (boundary as usize).min(times.len() - rows);
        let taken = match &mut venue {
            None => run.advance(limit)?,
            Some(venue) => run.advance_ticks(limit, venue, &mut heard, &mut post)?,
        };
        if taken == 0 {
            break;
        }
        rows += taken;
        (at.rows, at.ts) = (at.rows + taken as u64, times[rows - 1] + interval_ms);
        orders.each(&run.records, &mut |kind, _, payload| {
            journal.compare(kind, payload);
            Ok(())
        })?;
        run.records.clear();
        if at.rows % CHECK_ROWS == 0 && checks {
            (at.equity, at.state) = (run.desk().equity(), run.hash());
            journal.compare(control::CHECK, &payload(at));
        }
    }
    Ok(())
}
