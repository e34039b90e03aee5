//! A run that appends each row to the tape before it takes it, and what came of it to the control journal.

use super::repair::both;
use super::{kept_in, refuse_run};
use crate::funding::Funding;
use crate::market::PyMarket;
use crate::records::{self, Columns};
use crate::refuse;
use crate::replay::{Series, prepare_with, with_detail};
use bot4_engine::config::Config;
use bot4_engine::journal::CONTENTS;
use bot4_engine::replay::Replay;
use bot4_engine::signal::program::Program;
use bot4_host::journal::{COMMIT_ROWS, Ended, Inputs, Outcomes, Pair, Recorder, RunError, Sink, Terms};
use bot4_io::disk::Disk;
use bot4_io::journal::{Durability, JournalError, Recovered};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;

/// How a journal is kept: durability; bytes of a segment, and of all of the tape's, 0 for the usual and for no end; rows between two snapshots, 0 for
/// none; whether the run goes on with a journal that is there.
pub(crate) type How = (String, u64, u64, u64, bool);

/// Runs a program over a market as `run` does, and writes both journals into an empty folder; `setup_json` is its first record.
#[pyfunction]
#[pyo3(signature = (market, program_json, config_json, folder, setup_json, how, progress=None, funding=None, funding_default=None, detail=None))]
#[allow(clippy::too_many_arguments)]
pub fn run_journaled<'py>(
    py: Python<'py>,
    market: &PyMarket,
    program_json: &str,
    config_json: &str,
    folder: PathBuf,
    setup_json: &str,
    how: How,
    progress: Option<&Bound<'py, PyAny>>,
    funding: Series<'py>,
    funding_default: Option<(i64, i64)>,
    detail: Option<&PyMarket>,
) -> PyResult<Bound<'py, PyDict>> {
    let (terms, every) = (terms(&how)?, how.3);
    let config = Config::from_json(config_json).map_err(refuse)?;
    let funding = Funding::new(funding, funding_default)?;
    let replay = funding.attach(market, prepare_with(market.market(), program_json, &config, &[], 0)?)?;
    let mut replay = with_detail(market, detail, replay)?.with_stream();
    let program = Program::parse(program_json, &market.market().symbols()).map_err(refuse)?;
    let outcomes = Outcomes::new(&program.identity(), market.market().listings.len(), CONTENTS);
    let market = market.market();
    let mut inputs = Inputs::new(market, detail.map(PyMarket::market), funding.series().map_or(&[], Vec::as_slice));
    let wrong = |error: RunError| refuse_run(&folder, Some(market), error);
    let disk = kept_in(&folder)?;
    let (pair, found) = opened(disk, terms, how.4).map_err(|error| wrong(error.into()))?;
    let mut recorder = Recorder::begin(pair, setup_json, outcomes).map_err(|error| wrong(error.into()))?;
    let mut columns = Columns::default();
    let longest = market.columns.iter().map(|c| c.ts.len()).max().unwrap_or(0) as u64;
    loop {
        let done = py.detach(|| stretch(&mut recorder, &mut inputs, &mut replay, &mut columns, longest, every)).map_err(wrong)?;
        py.check_signals()?;
        if let Some(progress) = progress {
            progress.call1((recorder.rows,))?;
        }
        if done {
            break;
        }
    }
    recorder.agree(replay.desk()).map_err(wrong)?;
    let ended = recorder.end(replay.desk().equity(), replay.hash()).map_err(|error| wrong(error.into()))?;
    let to = records::take(py, &mut replay, columns)?;
    to.set_item("journal", about(py, ended, terms.durability, found)?)?;
    Ok(to)
}

/// Takes rows up to the next commit; says whether there are no more.
fn stretch<D: Disk + Clone>(
    recorder: &mut Recorder<Pair<D>>,
    inputs: &mut Inputs<'_>,
    replay: &mut Replay<'_>,
    columns: &mut Columns,
    longest: u64,
    every: u64,
) -> Result<bool, RunError> {
    for _ in 0..COMMIT_ROWS {
        if !recorder.row(inputs, replay)? {
            return Ok(true);
        }
        columns.take(&mut replay.records, (recorder.rows as f64 / longest.max(recorder.rows) as f64).max(1e-9));
        if every > 0 && recorder.rows % every == 0 {
            recorder.snapshot(inputs, replay)?;
        }
    }
    recorder.sink.hand_over()?;
    Ok(false)
}

/// Reads how a journal is to be kept.
pub(crate) fn terms((durability, segment_bytes, tape_bytes, ..): &How) -> PyResult<Terms> {
    let durability = match durability.as_str() {
        "fsync" => Durability::Fsync,
        "page-cache" => Durability::PageCache,
        other => return Err(refuse(format!("a journal's durability is fsync or page-cache, not {other}"))),
    };
    let usual = Terms::new(durability);
    let segment_bytes = if *segment_bytes > 0 { *segment_bytes } else { usual.segment_bytes };
    Ok(Terms { segment_bytes, tape_bytes: (*tape_bytes > 0).then_some(*tape_bytes), ..usual })
}

/// What a run that goes on has found of the control journal and of the tape.
pub(crate) type Found = Option<[Recovered; 2]>;

/// Begins both journals in an empty folder, or goes on with those of one.
pub(crate) fn opened<D: Disk + Clone>(disk: D, terms: Terms, goes_on: bool) -> Result<(Pair<D>, Found), JournalError> {
    if !goes_on {
        return Pair::begin(disk, terms).map(|pair| (pair, None));
    }
    Pair::resume(disk, terms).map(|(pair, found)| (pair, Some(found)))
}

/// Says what was written, and what was there before.
pub(crate) fn about(py: Python<'_>, ended: Ended, durability: Durability, found: Found) -> PyResult<Bound<'_, PyDict>> {
    let about = PyDict::new(py);
    about.set_item("control_records", ended.control)?;
    about.set_item("tape_records", ended.tape)?;
    about.set_item("durability", durability.word())?;
    about.set_item("chain", records::hex(&ended.chain))?;
    about.set_item("found", found.as_ref().map(|found| both(py, found)).transpose()?)?;
    Ok(about)
}
