//! A run that appends each row to the tape before it takes it, and what came of it to the control journal.

use super::outcomes::Outcomes;
use super::refuse_journal;
use crate::funding::Funding;
use crate::market::PyMarket;
use crate::records::{self, Columns};
use crate::refuse;
use crate::replay::{Series, prepare_with, sentence, with_detail};
use bot4_engine::config::Config;
use bot4_engine::desk::funding::FundingSeries;
use bot4_engine::desk::operator::Command;
use bot4_engine::desk::records::Records;
use bot4_engine::journal::{CONTENTS, Check, Entry, VERSION, control, encode_bars, encode_rate};
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::signal::program::Program;
use bot4_io::disk::Folder;
use bot4_io::journal::format::Kind;
use bot4_io::journal::{Durability, JournalError, Writer};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;

/// Rows between two checks of the state.
pub(super) const CHECK_ROWS: u64 = 4096;
/// Rows between two commits: a backtest sends nothing out that would have to wait for one.
pub(crate) const COMMIT_ROWS: u64 = 256;
const SEGMENT_BYTES: u64 = 64 << 20;
pub(crate) const NS_PER_MS: i64 = 1_000_000;

/// Runs a program over a market as `run` does, and writes both journals into an empty folder; `setup_json` is its first record.
#[pyfunction]
#[pyo3(signature = (market, program_json, config_json, folder, setup_json, durability="page-cache", progress=None, funding=None, funding_default=None, detail=None))]
#[allow(clippy::too_many_arguments)]
pub fn run_journaled<'py>(
    py: Python<'py>,
    market: &PyMarket,
    program_json: &str,
    config_json: &str,
    folder: PathBuf,
    setup_json: &str,
    durability: &str,
    progress: Option<&Bound<'py, PyAny>>,
    funding: Series<'py>,
    funding_default: Option<(i64, i64)>,
    detail: Option<&PyMarket>,
) -> PyResult<Bound<'py, PyDict>> {
    let durability = durable(durability)?;
    let config = Config::from_json(config_json).map_err(refuse)?;
    let funding = Funding::new(funding, funding_default)?;
    let replay = funding.attach(market, prepare_with(market.market(), program_json, &config, &[], 0)?)?;
    let mut replay = with_detail(market, detail, replay)?.with_stream();
    let program = Program::parse(program_json, &market.market().symbols()).map_err(refuse)?;
    let outcomes = Outcomes::new(&program.identity(), market.market().listings.len(), CONTENTS);
    let market = market.market();
    let mut tape = Tape::new(market, detail.map(PyMarket::market), funding.series().map_or(&[], Vec::as_slice));
    let mut recorder = Recorder::begin(folder, setup_json, durability, outcomes)?;
    let mut columns = Columns::default();
    let longest = market.columns.iter().map(|c| c.ts.len()).max().unwrap_or(0) as u64;
    loop {
        let done = py.detach(|| -> Result<bool, PyErr> {
            for _ in 0..COMMIT_ROWS {
                if !recorder.row(market, &mut tape, &mut replay)? {
                    return Ok(true);
                }
                columns.take(&mut replay.records, (recorder.rows as f64 / longest.max(recorder.rows) as f64).max(1e-9));
            }
            recorder.commit()?;
            Ok(false)
        })?;
        py.check_signals()?;
        if let Some(progress) = progress {
            progress.call1((recorder.rows,))?;
        }
        if done {
            break;
        }
    }
    let ended = recorder.end(&replay)?;
    let to = records::take(py, &mut replay, columns)?;
    to.set_item("journal", about(py, ended, durability)?)?;
    Ok(to)
}

/// Reads a durability.
pub(crate) fn durable(word: &str) -> PyResult<Durability> {
    match word {
        "fsync" => Ok(Durability::Fsync),
        "page-cache" => Ok(Durability::PageCache),
        other => Err(refuse(format!("a journal's durability is fsync or page-cache, not {other}"))),
    }
}

/// Says what was written.
pub(crate) fn about(py: Python<'_>, (rows, chain): ((u64, u64), [u8; 32]), durability: Durability) -> PyResult<Bound<'_, PyDict>> {
    let about = PyDict::new(py);
    about.set_item("control_records", rows.0)?;
    about.set_item("tape_records", rows.1)?;
    about.set_item("durability", durability.word())?;
    about.set_item("chain", records::hex(&chain))?;
    Ok(about)
}

/// The inputs of a run in the order of their arrival.
pub(crate) struct Tape<'m> {
    market: &'m Market<'m>,
    fine: Option<&'m Market<'m>>,
    funding: &'m [Option<FundingSeries<'m>>],
    rows: Vec<usize>,
    fine_rows: Vec<usize>,
    rates: Vec<usize>,
    bytes: Vec<u8>,
}

impl<'m> Tape<'m> {
    pub(crate) fn new(market: &'m Market<'m>, fine: Option<&'m Market<'m>>, funding: &'m [Option<FundingSeries<'m>>]) -> Self {
        let assets = market.listings.len();
        Self { market, fine, funding, rows: vec![0; assets], fine_rows: vec![0; assets], rates: vec![0; assets], bytes: Vec::new() }
    }

    /// Appends the next row: rates and finer bars known by its end, then its bars. Returns its open time, none at the end.
    fn append(&mut self, to: &mut Writer<Folder>) -> Result<Option<i64>, JournalError> {
        let next = |c: &[i64], row: usize| c.get(row).copied();
        let Some(ts) = self.market.columns.iter().zip(&self.rows).filter_map(|(c, &row)| next(c.ts, row)).min() else {
            return Ok(None);
        };
        self.append_before(ts, to)?;
        self.bytes.clear();
        let mut kind = 0;
        for (asset, columns) in self.market.columns.iter().enumerate() {
            if next(columns.ts, self.rows[asset]) == Some(ts) {
                kind = encode_bars(asset as u32, columns, self.rows[asset], false, &mut self.bytes);
                self.rows[asset] += 1;
            }
        }
        to.append(kind, VERSION, (ts + self.market.interval_ms) * NS_PER_MS, 0, &self.bytes)?;
        Ok(Some(ts))
    }

    /// Appends rates and finer bars known by the end of the row that opens at `ts`.
    pub(crate) fn append_before(&mut self, ts: i64, to: &mut Writer<Folder>) -> Result<(), JournalError> {
        let next = |c: &[i64], row: usize| c.get(row).copied();
        let end = ts + self.market.interval_ms;
        for (asset, series) in self.funding.iter().enumerate() {
            let Some(series) = series else { continue };
            while let Some(at) = next(series.ts, self.rates[asset]).filter(|&at| at <= end) {
                self.bytes.clear();
                let kind = encode_rate(asset as u32, at, series.rate[self.rates[asset]], &mut self.bytes);
                to.append(kind, VERSION, at * NS_PER_MS, 0, &self.bytes)?;
                self.rates[asset] += 1;
            }
        }
        if let Some(fine) = self.fine {
            self.bytes.clear();
            let mut kind = 0;
            for (asset, columns) in fine.columns.iter().enumerate() {
                while next(columns.ts, self.fine_rows[asset]).is_some_and(|at| at < end) {
                    kind = encode_bars(asset as u32, columns, self.fine_rows[asset], true, &mut self.bytes);
                    self.fine_rows[asset] += 1;
                }
            }
            if !self.bytes.is_empty() {
                to.append(kind, VERSION, end * NS_PER_MS, 0, &self.bytes)?;
            }
        }
        Ok(())
    }
}

/// Both journals of a run.
pub(crate) struct Recorder {
    folder: PathBuf,
    control: Writer<Folder>,
    pub(crate) tape: Writer<Folder>,
    outcomes: Outcomes,
    pub(crate) rows: u64,
    pub(crate) last: i64,
    bytes: Vec<u8>,
}

impl Recorder {
    pub(crate) fn begin(folder: PathBuf, setup_json: &str, durability: Durability, outcomes: Outcomes) -> PyResult<Self> {
        let open = |kind| {
            let disk = Folder::make(&folder)
                .map_err(|e| refuse(format!("{} cannot be made ({e}); give --journal another place", folder.display())))?;
            let (writer, found) = Writer::open(disk, kind, durability, SEGMENT_BYTES).map_err(|e| refuse_journal(&folder, e))?;
            if found.records > 0 {
                let name = folder.display();
                return Err(refuse(format!("{name} holds a journal of {} records already; give --journal a new folder", found.records)));
            }
            Ok(writer)
        };
        let (mut control, tape) = (open(Kind::Control)?, open(Kind::Tape)?);
        let begun = control.append(control::BEGIN, VERSION, 0, 0, setup_json.as_bytes()).and_then(|_| control.commit());
        begun.map_err(|e| refuse_journal(&folder, e))?;
        Ok(Self { folder, control, tape, outcomes, rows: 0, last: 0, bytes: Vec::new() })
    }

    /// Appends the next row, takes it, appends what came of it; false at the end.
    fn row(&mut self, market: &Market<'_>, tape: &mut Tape<'_>, replay: &mut Replay<'static>) -> PyResult<bool> {
        let Some(ts) = tape.append(&mut self.tape).map_err(|e| refuse_journal(&self.folder, e))? else {
            return Ok(false);
        };
        let decision = ts + market.interval_ms;
        for command in replay.desk().commands_due(decision) {
            self.command(command, decision).map_err(|e| refuse_journal(&self.folder, e))?;
        }
        let taken = replay.advance(1).map_err(|halt| sentence(market, halt))?;
        assert_eq!(taken, 1, "the tape and the run take the same rows");
        self.rows += 1;
        self.last = decision;
        self.outcomes(&replay.records)?;
        replay.records.stream.clear();
        if self.rows % CHECK_ROWS == 0 {
            self.check(replay, control::CHECK).map_err(|e| refuse_journal(&self.folder, e))?;
        }
        Ok(true)
    }

    /// Appends what the last row came to.
    pub(crate) fn outcomes(&mut self, records: &Records) -> PyResult<()> {
        let Self { control, tape, outcomes, folder, .. } = self;
        let seen = tape.next() - 1;
        outcomes.each(records, &mut |kind, ms, payload| {
            control.append(kind, VERSION, ms * NS_PER_MS, seen, payload).map(|_| ()).map_err(|e| refuse_journal(folder, e))
        })
    }

    /// Appends a command that the decision at `ms` will obey: an input, so it stands before what comes of it.
    pub(crate) fn command(&mut self, command: &Command, ms: i64) -> Result<(), JournalError> {
        self.bytes.clear();
        // From the decision on at which it is obeyed: one that came late must not be obeyed early by a replay.
        serde_json::to_writer(&mut self.bytes, &Command { at: ms, ..command.clone() }).expect("a command is plain numbers and text");
        let seen = self.tape.next() - 1;
        self.control.append(control::COMMAND, VERSION, ms * NS_PER_MS, seen, &self.bytes).map(|_| ())
    }

    fn check(&mut self, replay: &Replay<'_>, kind: u16) -> Result<(), JournalError> {
        self.write_check(kind, replay.desk().equity(), replay.hash())
    }

    fn write_check(&mut self, kind: u16, equity: i64, state: [u8; 32]) -> Result<(), JournalError> {
        let check = Check { rows: self.rows, ts: self.last, equity, state };
        self.bytes.clear();
        check.encode(&mut self.bytes);
        let seen = self.tape.next().saturating_sub(1);
        self.control.append(kind, VERSION, self.last * NS_PER_MS, seen, &self.bytes).map(|_| ())
    }

    /// The tape first: a control record names what it has seen.
    pub(crate) fn commit(&mut self) -> PyResult<()> {
        self.tape.commit().and_then(|_| self.control.commit()).map(|_| ()).map_err(|e| refuse_journal(&self.folder, e))
    }

    fn end(self, replay: &Replay<'_>) -> PyResult<((u64, u64), [u8; 32])> {
        self.outcomes.agree(replay.desk())?;
        self.end_at(replay.desk().equity(), replay.hash())
    }

    /// Writes the last record; returns the numbers of records and the chain's last hash.
    pub(crate) fn end_at(mut self, equity: i64, state: [u8; 32]) -> PyResult<((u64, u64), [u8; 32])> {
        self.write_check(control::END, equity, state).map_err(|e| refuse_journal(&self.folder, e))?;
        self.commit()?;
        Ok(((self.control.next(), self.tape.next()), *self.control.chain()))
    }
}
