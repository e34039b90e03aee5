//! A journal replayed: the run is made again from the tape alone, and each of its outcomes compared with the control journal, bit for bit.

use super::outcomes;
use super::{open, refuse_journal};
use crate::records::hex;
use crate::refuse;
use bot4_engine::config::Config;
use bot4_engine::desk::funding::{DefaultFunding, FundingSeries};
use bot4_engine::desk::operator::Command;
use bot4_engine::instrument::Listing;
use bot4_engine::journal::{CONTENTS, Check, Entry, TapeRow, control, layouts};
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::signal::grid::AssetRows;
use bot4_engine::signal::program::Program;
use bot4_io::journal::Records;
use bot4_io::journal::format::Kind;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// The first record of a run's control journal, as far as a replay needs it.
#[derive(serde::Deserialize)]
struct Setup {
    instruments: Vec<Listing>,
    interval_ms: i64,
    program: String,
    config: String,
    /// Whether each instrument has a series of its own.
    funding: Vec<bool>,
    funding_default: Option<(i64, i64)>,
    detail_interval_ms: Option<i64>,
    /// Whether the state's hash stands after every so many rows, and not at the end alone.
    #[serde(default = "yes")]
    checks: bool,
    /// What the journal holds (`bot4_engine::journal::CONTENTS`).
    #[serde(default = "first")]
    contents: u32,
}

fn yes() -> bool {
    true
}

fn first() -> u32 {
    1
}

/// Columns of one instrument as the tape gave them.
#[derive(Default)]
struct Bars {
    ts: Vec<i64>,
    columns: [Vec<f64>; 5],
}

impl Bars {
    fn push(&mut self, ts: i64, values: [f64; 5]) {
        self.ts.push(ts);
        self.columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
    }

    fn rows(&self) -> AssetRows<'_> {
        let [open, high, low, close, volume] = &self.columns;
        AssetRows { ts: &self.ts, open, high, low, close, volume }
    }
}

/// What the journal says came of the run: payloads by kind, in order.
struct Outcomes {
    /// Commands that were obeyed, in order.
    commands: Vec<Command>,
    /// (number in the journal, payload) by kind.
    queues: Vec<VecDeque<(u64, Vec<u8>)>>,
    compared: u64,
    difference: Option<(u64, &'static str)>,
}

/// Returns the name of a kind of record.
fn name_of(kind: u16) -> &'static str {
    layouts().iter().find(|layout| layout.0 == kind).map_or("record", |layout| layout.1)
}

impl Outcomes {
    fn compare<T: Entry>(&mut self, record: &T, bytes: &mut Vec<u8>) {
        bytes.clear();
        record.encode(bytes);
        self.compare_bytes(T::KIND, bytes);
    }

    fn compare_bytes(&mut self, kind: u16, bytes: &[u8]) {
        let known = self.queues[usize::from(kind)].pop_front();
        self.compared += 1;
        let is_same = known.as_ref().is_some_and(|(_, payload)| payload == bytes);
        if !is_same && self.difference.is_none() {
            self.difference = Some((known.map_or(u64::MAX, |(number, _)| number), name_of(kind)));
        }
    }

    /// After the whole run nothing may be left.
    fn expect_end(&mut self) {
        let left = self
            .queues
            .iter()
            .enumerate()
            .filter_map(|(kind, queue)| queue.front().map(|(number, _)| (*number, name_of(kind as u16))))
            .min();
        self.difference = self.difference.or(left);
    }
}

/// Makes the run again from a folder's journals, up to the last row decided at or before `until` (ms), and compares.
#[pyfunction]
#[pyo3(signature = (folder, until=None))]
pub fn journal_replay<'py>(py: Python<'py>, folder: PathBuf, until: Option<i64>) -> PyResult<Bound<'py, PyDict>> {
    let done = py.detach(|| replay(&folder, until))?;
    let to = PyDict::new(py);
    to.set_item("rows", done.check.rows)?;
    to.set_item("ts", done.check.ts)?;
    to.set_item("equity", done.check.equity)?;
    to.set_item("state_hash", hex(&done.check.state))?;
    to.set_item("positions", done.positions)?;
    to.set_item("working", done.working)?;
    to.set_item("tape_records", done.tape_records)?;
    to.set_item("compared", done.compared)?;
    to.set_item("difference", done.difference)?;
    Ok(to)
}

struct Done {
    check: Check,
    /// (symbol, signed lots) of what is held.
    positions: Vec<(String, i64)>,
    working: usize,
    tape_records: u64,
    compared: u64,
    difference: Option<(u64, &'static str)>,
}

fn replay(folder: &Path, until: Option<i64>) -> PyResult<Done> {
    let (setup, mut outcomes) = read_control(folder)?;
    let Tape { bars, fine, rates, records: tape_records } = read_tape(folder, setup.instruments.len())?;
    let market = Market::new(setup.instruments.clone(), bars.iter().map(Bars::rows).collect(), setup.interval_ms).map_err(refuse)?;
    let detail = match setup.detail_interval_ms {
        None => None,
        Some(interval) => Some(Market::new(setup.instruments, fine.iter().map(Bars::rows).collect(), interval).map_err(refuse)?),
    };
    let program = Program::parse(&setup.program, &market.symbols()).map_err(refuse)?;
    let mut config = Config::from_json(&setup.config).map_err(refuse)?;
    // What people asked for is an input of the journal, whether it was scripted or came while the run went on.
    config.operated |= !outcomes.commands.is_empty();
    config.commands = std::mem::take(&mut outcomes.commands);
    let mut run = Replay::new(&market, &program, &config, &[], 0).map_err(refuse)?;
    if setup.funding.contains(&true) || setup.funding_default.is_some() {
        let series: Vec<_> = setup.funding.iter().zip(&rates).map(|(&has, (ts, rate))| has.then_some(FundingSeries { ts, rate })).collect();
        let default = setup.funding_default.map(|(rate_e9, period_ms)| DefaultFunding { rate_e9, period_ms });
        run = run.with_funding(&market, &series, default).map_err(refuse)?;
    }
    if let Some(detail) = &detail {
        run = run.with_detail(&market, detail).map_err(refuse)?;
    }
    let mut run = run.with_stream();
    let mut told = outcomes::Outcomes::new(&program.identity(), market.listings.len(), setup.contents);
    let times = grid(&bars);
    let wanted = until.map_or(times.len(), |until| times.partition_point(|&ts| ts + setup.interval_ms <= until));
    let mut rows = 0;
    let check_at = |rows: usize, run: &Replay<'_>| Check {
        rows: rows as u64,
        ts: if rows == 0 { 0 } else { times[rows - 1] + setup.interval_ms },
        equity: run.desk().equity(),
        state: run.hash(),
    };
    let mut bytes = Vec::new();
    while rows < wanted {
        let boundary = (rows / super::recorder::CHECK_ROWS as usize + 1) * super::recorder::CHECK_ROWS as usize;
        let taken = run.advance(boundary.min(wanted) - rows).map_err(|halt| crate::replay::sentence(&market, halt))?;
        if taken == 0 {
            break;
        }
        rows += taken;
        told.each(&run.records, &mut |kind, _, payload| {
            outcomes.compare_bytes(kind, payload);
            Ok(())
        })?;
        run.records.clear();
        if rows == boundary && setup.checks {
            outcomes.compare(&check_at(rows, &run), &mut bytes);
        }
    }
    let check = check_at(rows, &run);
    if until.is_none() {
        bytes.clear();
        check.encode(&mut bytes);
        outcomes.compare_bytes(control::END, &bytes);
        told.agree(run.desk())?;
        outcomes.expect_end();
    }
    let held = run.desk().ledger().positions.iter().zip(market.symbols()).filter(|(p, _)| p.lots != 0);
    Ok(Done {
        check,
        positions: held.map(|(p, symbol)| (symbol.to_owned(), p.lots)).collect(),
        working: run.desk().working().count(),
        tape_records,
        compared: outcomes.compared,
        difference: outcomes.difference,
    })
}

/// Returns the times of the grid rows: of all bars, each once.
fn grid(bars: &[Bars]) -> Vec<i64> {
    let mut times: Vec<i64> = bars.iter().flat_map(|bars| bars.ts.iter().copied()).collect();
    times.sort_unstable();
    times.dedup();
    times
}

fn read_control(folder: &Path) -> PyResult<(Setup, Outcomes)> {
    let disk = open(folder)?;
    let wrong = |e| refuse_journal(folder, e);
    let mut records = Records::open(&disk, Kind::Control).map_err(wrong)?;
    let mut outcomes = Outcomes { commands: Vec::new(), queues: vec![VecDeque::new(); layouts().len() + 1], compared: 0, difference: None };
    let mut setup = None;
    while let Some(block) = records.next_block().map_err(wrong)? {
        for record in block {
            match record.head.kind {
                control::BEGIN if record.head.number == 0 => {
                    let read = serde_json::from_slice(record.payload);
                    setup = Some(read.map_err(|e| refuse(format!("{}: the first record cannot be read ({e})", folder.display())))?);
                }
                control::COMMAND => {
                    let read = serde_json::from_slice(record.payload);
                    let wrong = |e| refuse(format!("{}: record {} is no command ({e})", folder.display(), record.head.number));
                    outcomes.commands.push(read.map_err(wrong)?);
                }
                kind if kind > control::BEGIN && usize::from(kind) <= layouts().len() => {
                    outcomes.queues[usize::from(kind)].push_back((record.head.number, record.payload.to_vec()));
                }
                kind => return Err(refuse(format!("{}: record {} has the unknown kind {kind}", folder.display(), record.head.number))),
            }
        }
    }
    let setup: Setup = setup.ok_or_else(|| refuse(format!("{}: the journal does not begin with a run's setup", folder.display())))?;
    if setup.contents > CONTENTS {
        let (name, found) = (folder.display(), setup.contents);
        return Err(refuse(format!(
            "{name}: the journal is of contents {found}, this Bot4 reads up to {CONTENTS}; use the Bot4 that wrote it"
        )));
    }
    Ok((setup, outcomes))
}

/// What the tape holds, by instrument: bars, finer bars, times and rates of funding; and how many records it has.
struct Tape {
    bars: Vec<Bars>,
    fine: Vec<Bars>,
    rates: Vec<(Vec<i64>, Vec<f64>)>,
    records: u64,
}

fn read_tape(folder: &Path, assets: usize) -> PyResult<Tape> {
    let disk = open(folder)?;
    let wrong = |e| refuse_journal(folder, e);
    let mut records = Records::open(&disk, Kind::Tape).map_err(wrong)?;
    let empty = || (0..assets).map(|_| Bars::default()).collect();
    let mut tape = Tape { bars: empty(), fine: empty(), rates: vec![Default::default(); assets], records: 0 };
    while let Some(block) = records.next_block().map_err(wrong)? {
        for record in block {
            tape.records += 1;
            for row in TapeRow::decode(record.head.kind, record.payload).map_err(refuse)? {
                let (TapeRow::Bar(asset, ..) | TapeRow::Rate(asset, ..)) = row;
                if asset as usize >= assets {
                    return Err(refuse(format!("{}: the tape names instrument {asset} of {assets}", folder.display())));
                }
                match row {
                    TapeRow::Bar(asset, ts, values, false) => tape.bars[asset as usize].push(ts, values),
                    TapeRow::Bar(asset, ts, values, true) => tape.fine[asset as usize].push(ts, values),
                    TapeRow::Rate(asset, ts, rate) => {
                        tape.rates[asset as usize].0.push(ts);
                        tape.rates[asset as usize].1.push(rate);
                    }
                }
            }
        }
    }
    Ok(tape)
}
