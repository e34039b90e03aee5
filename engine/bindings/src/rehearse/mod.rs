//! A rehearsal: the live pipeline on history, on threads, with the interpreter asleep but for a look every 20 ms.

mod keeper;
mod seen;

use crate::funding::Funding;
use crate::journal::outcomes::Outcomes;
use crate::journal::recorder::{Recorder, about, durable};
use crate::market::PyMarket;
use crate::records;
use crate::refuse;
use crate::replay::{Series, prepare_with, sentence, with_detail};
use bot4_engine::config::Config;
use bot4_engine::journal::CONTENTS;
use bot4_engine::signal::program::Program;
use bot4_host::desk::Failed;
use bot4_host::pipeline::{Settings, run};
use keeper::Keeper;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::sync::Mutex;

pub use seen::telemetry;

/// Where the journal goes: folder, first record, durability.
type Wanted = Option<(PathBuf, String, String)>;

/// Runs a program over a market through feeder, shards, rings and desk on their threads. `told(rows, telemetry)` is called about every 20 ms; with the
/// telemetry of the last second once a second, else with none.
#[pyfunction]
#[pyo3(signature = (market, program_json, config_json, workers=0, rate=0, pin=true, journal=None, told=None, funding=None, funding_default=None, detail=None))]
#[allow(clippy::too_many_arguments)]
pub fn rehearse<'py>(
    py: Python<'py>,
    market: &PyMarket,
    program_json: &str,
    config_json: &str,
    workers: usize,
    rate: u64,
    pin: bool,
    journal: Wanted,
    told: Option<Py<PyAny>>,
    funding: Series<'py>,
    funding_default: Option<(i64, i64)>,
    detail: Option<&PyMarket>,
) -> PyResult<Bound<'py, PyDict>> {
    let config = Config::from_json(config_json).map_err(refuse)?;
    let program = Program::parse(program_json, &market.market().symbols()).map_err(refuse)?;
    let funding = Funding::new(funding, funding_default)?;
    let replay = funding.attach(market, prepare_with(market.market(), program_json, &config, &[], 1)?)?;
    let replay = with_detail(market, detail, replay)?;
    let durability = journal.as_ref().map(|(_, _, word)| durable(word)).transpose()?;
    let recorder = match (journal, durability) {
        (Some((folder, setup, _)), Some(durability)) => {
            let outcomes = Outcomes::new(&program.identity(), market.market().listings.len(), CONTENTS);
            Some(Recorder::begin(folder, &setup, durability, outcomes)?)
        }
        _ => None,
    };
    let replay = if recorder.is_some() { replay.with_stream() } else { replay };
    let fine = detail.map(PyMarket::market);
    let mut keeper = Keeper::new(market.market(), fine, funding.series().map_or(&[], Vec::as_slice), recorder);
    let settings = Settings { workers, rate, pin };
    let interrupted = Mutex::new(None);
    let mut published = 0.0;
    let done = py.detach(|| {
        run(market.market(), &program, replay, settings, &mut keeper, |rows, seconds, now| {
            let second = seconds - published >= 1.0;
            if second {
                published = seconds;
            }
            let looked = Python::attach(|py| -> PyResult<()> {
                py.check_signals()?;
                let Some(told) = &told else { return Ok(()) };
                let seen = if second { Some(seen::both(py, now)?) } else { None };
                told.call1(py, (rows, seen)).map(|_| ())
            });
            looked.map_err(|error| interrupted.lock().unwrap_or_else(std::sync::PoisonError::into_inner).replace(error)).is_ok()
        })
    });
    if let Some(error) = interrupted.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        return Err(error);
    }
    let mut outcome = done.map_err(|failed| match failed {
        Failed::Halt(halt) => sentence(market.market(), halt),
        Failed::Said(sentence) => refuse(sentence),
        Failed::Lost => PyRuntimeError::new_err("a thread of the pipeline ended before its work was done"),
    })?;
    let state = outcome.hash();
    let equity = outcome.side.desk().equity();
    let ended = keeper.end(equity, state)?;
    let to = records::take(py, outcome.side.run(), keeper.into_columns())?;
    to.set_item("state_hash", records::hex(&state))?;
    if let (Some(ended), Some(durability)) = (ended, durability) {
        to.set_item("journal", about(py, ended, durability)?)?;
    }
    to.set_item("rehearsal", seen::told(py, &outcome)?)?;
    Ok(to)
}
