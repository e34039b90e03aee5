//! A rehearsal: the live pipeline on history, on threads, with the interpreter asleep but for a look every 20 ms.

mod control;
mod keeper;
mod seen;

use crate::funding::Funding;
use crate::journal::recorder::{How, about, opened, terms};
use crate::journal::{kept_in, refuse_run};
use crate::market::PyMarket;
use crate::records;
use crate::refuse;
use crate::replay::{Series, prepare_with, sentence, with_detail};
use bot4_engine::config::Config;
use bot4_engine::journal::CONTENTS;
use bot4_engine::signal::program::Program;
use bot4_host::desk::Failed;
use bot4_host::journal::{Fault, Inputs, Kept, Link, Outcomes, Recorder, asked_before};
use bot4_host::pipeline::{Settings, run};
use bot4_host::wire::{Faults, Wire};
use bot4_io::faulty::{DiskFault, Faulty, Wrong};
use bot4_io::journal::JournalError;
use keeper::Keeper;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

pub use control::Control;
pub use seen::telemetry;

/// Where the journal goes: folder, first record, how it is kept, and how long its disk may take to acknowledge, ms.
type Wanted = Option<(PathBuf, String, How, u64)>;

/// How the journal's disk fails: `full`, `sync`, `read_only` or `slow`, after so many operations, and how long each then takes, ms.
type BadDisk = Option<(String, u64, u64)>;

/// What goes wrong on the wire: seed; duplicates, late ones, by how many rows at most, out of their turn, lost acknowledgements, all but the rows in
/// thousandths.
type Share = (u64, u64, u64, u64, u64, u64);

/// Runs a program over a market through feeder, shards, rings and desk on their threads. `told(rows, telemetry)` is called about every 20 ms; with the
/// telemetry of the last second once a second, else with none.
#[pyfunction]
#[pyo3(signature = (market, program_json, config_json, workers=0, rate=0, pin=true, journal=None, told=None, control=None, faults=None, strategy=0, disk=None, funding=None, funding_default=None, detail=None))]
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
    control: Option<&Control>,
    faults: Option<Share>,
    strategy: u32,
    disk: BadDisk,
    funding: Series<'py>,
    funding_default: Option<(i64, i64)>,
    detail: Option<&PyMarket>,
) -> PyResult<Bound<'py, PyDict>> {
    let config = Config::from_json(config_json).map_err(refuse)?;
    let program = Program::parse(program_json, &market.market().symbols()).map_err(refuse)?;
    let funding = Funding::new(funding, funding_default)?;
    let replay = funding.attach(market, prepare_with(market.market(), program_json, &config, &[], 1)?)?;
    let replay = with_detail(market, detail, replay)?.with_stream();
    let faults = faults.map_or_else(Faults::default, |(seed, duplicate, late, rows, reordered, lost)| Faults {
        seed,
        duplicate,
        late,
        rows,
        reordered,
        lost,
    });
    let wire = Wire::new(market.market(), &config, strategy, faults).map_err(refuse)?;
    let fine = detail.map(PyMarket::market);
    let inputs = Inputs::new(market.market(), fine, funding.series().map_or(&[], Vec::as_slice));
    let folder = journal.as_ref().map(|(folder, ..)| folder.clone()).unwrap_or_default();
    let wrong = |error: JournalError| refuse_run(&folder, None, error.into());
    let durability = journal.as_ref().map(|(_, _, how, _)| terms(how)).transpose()?.map(|terms| terms.durability);
    let (mut found, mut recalled) = (None, Vec::new());
    let recorder = match journal {
        Some((folder, setup, how, budget_ms)) => {
            let outcomes = Outcomes::new(&program.identity(), market.market().listings.len(), CONTENTS);
            let place = Faulty::new(kept_in(&folder)?, disk.map(bad_disk).transpose()?);
            let opened = opened(place.clone(), terms(&how)?, how.4).map_err(wrong)?;
            let pair = opened.0;
            found = opened.1;
            if found.is_some() {
                recalled = asked_before(&place, &config.commands).map_err(|error| refuse_run(&folder, None, error))?;
                if recalled.iter().any(|command| command.breakers.is_some()) {
                    return Err(refuse(
                        "somebody gave this rehearsal other settings of its breakers, which it cannot go on with; rehearse anew",
                    ));
                }
            }
            let link = Link::start(pair, Duration::from_millis(budget_ms)).map_err(refuse)?;
            Some(Recorder::begin(link, &setup, outcomes).map_err(wrong)?)
        }
        None => None,
    };
    let longest = market.market().columns.iter().map(|columns| columns.ts.len()).max().unwrap_or(0) as u64;
    let kept = Kept::new(inputs, recorder);
    let mut keeper = Keeper::new(market.market().interval_ms, longest, kept, control.map(Control::hear), recalled, wire);
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
    let tally = keeper.settle(&outcome.side).map_err(refuse)?;
    let state = outcome.hash();
    let equity = outcome.side.desk().equity();
    let ended = keeper.end(equity, state).map_err(wrong)?;
    let told = seen::told(py, &outcome)?;
    told.set_item("wire", seen::wire(py, &tally)?)?;
    told.set_item("commands", keeper.commands().iter().map(|c| (c.at, c.action.text(), c.who.clone())).collect::<Vec<_>>())?;
    told.set_item("fault", keeper.fault().map(|fault| described(py, fault)).transpose()?)?;
    let to = records::take(py, outcome.side.run(), keeper.into_columns())?;
    to.set_item("state_hash", records::hex(&state))?;
    if let (Some(ended), Some(durability)) = (ended, durability) {
        to.set_item("journal", about(py, ended, durability, found)?)?;
    }
    to.set_item("rehearsal", told)?;
    Ok(to)
}

fn described<'py>(py: Python<'py>, fault: &Fault) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    to.set_item("kind", fault.error.word())?;
    to.set_item("ts", fault.ts)?;
    to.set_item("rows", fault.rows)?;
    to.set_item("sentence", fault.error.to_string())?;
    Ok(to)
}

fn bad_disk((word, after, ms): (String, u64, u64)) -> PyResult<DiskFault> {
    let wrong = match word.as_str() {
        "full" => Wrong::Full,
        "sync" => Wrong::Sync,
        "read_only" => Wrong::ReadOnly,
        "slow" => Wrong::Slow(Duration::from_millis(ms)),
        other => return Err(refuse(format!("a disk is full, sync, read_only or slow, not {other}"))),
    };
    Ok(DiskFault { wrong, after })
}
