//! Runs over ticks: rows of a grid for the signals, the replay of ticks as the venue (docs/language-ticks.md).

mod columns;
mod evidence;
mod journaled;
mod reports;
mod venue;

use crate::market::{PyMarket, borrow};
use crate::records::{self, Columns};
use crate::refuse;
use crate::replay::{no_trading, prepare, sentence};
use bot4_engine::desk::remote::Report;
use bot4_engine::replay::Replay;
use bot4_engine::replay::ticks::{Features, Post, Recorded, Venue};
use bot4_engine::signal::op::FEATURES;
use columns::Lent;
use evidence::Evidence;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use venue::{Terms, TickVenue};

/// Rows between two looks at Ctrl-C.
const STRETCH: usize = 16_384;

/// Columns of tick data of one instrument, and the owners of their memory.
pub struct LentRows {
    features: Features<'static>,
    _owners: Vec<Py<PyAny>>,
}

impl LentRows {
    pub fn new(columns: &Bound<'_, PyList>) -> PyResult<Self> {
        if columns.len() != FEATURES.len() {
            return Err(refuse(format!("rows of ticks have {} columns, got {}", FEATURES.len(), columns.len())));
        }
        let (mut owners, mut found) = (Vec::new(), [&[][..]; FEATURES.len()]);
        for (at, name) in FEATURES.iter().enumerate() {
            found[at] = borrow(&columns.get_item(at)?, name, "float64", &mut owners)?;
        }
        Ok(Self { features: Features { columns: found }, _owners: owners })
    }
}

/// Runs a program over ticks; `terms_json` says queue and latency, `journal` where a journal goes and how.
#[pyfunction]
#[pyo3(signature = (market, rows, program_json, config_json, ticks, terms_json, journal=None, progress=None))]
#[allow(clippy::too_many_arguments)]
pub fn run_ticks<'py>(
    py: Python<'py>,
    market: &PyMarket,
    rows: &Bound<'py, PyList>,
    program_json: &str,
    config_json: &str,
    ticks: &Bound<'py, PyTuple>,
    terms_json: &str,
    journal: Option<journaled::Kept>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let (lent, rows) = (Lent::new(ticks)?, LentRows::new(rows)?);
    let terms: Terms = serde_json::from_str(terms_json).map_err(refuse)?;
    let mut venue = py.detach(|| TickVenue::new(lent.columns, &terms)).map_err(refuse)?;
    let mut told: Vec<Report> = Vec::new();
    let (mut replay, columns, kept) = match journal {
        None => {
            let mut replay = open(market, &rows, program_json, config_json, &[])?;
            let columns = drive(py, market, &mut replay, &mut venue, &mut told, progress)?;
            (replay, columns, None)
        }
        Some(journal) => {
            let run = journaled::run(py, market, &rows, (program_json, config_json), &mut venue, &mut told, journal, progress)?;
            (run.0, run.1, Some(run.2))
        }
    };
    let to = records::take(py, &mut replay, columns)?;
    if let Some(kept) = kept {
        to.set_item("journal", kept)?;
    }
    to.set_item("reports", reports::columns(py, &told)?)?;
    to.set_item("evidence", told_of(py, &lent, &venue.evidence)?)?;
    Ok(to)
}

fn open(market: &PyMarket, rows: &LentRows, program_json: &str, config_json: &str, capture: &[usize]) -> PyResult<Replay<'static>> {
    let replay = prepare(market.market(), program_json, config_json, capture, 0)?;
    replay.with_features(market.market(), vec![rows.features]).map_err(refuse)
}

/// Runs to the end, a stretch at a time without the interpreter; returns the records.
fn drive(
    py: Python<'_>,
    market: &PyMarket,
    replay: &mut Replay<'static>,
    venue: &mut (impl Venue + Send),
    told: &mut Vec<Report>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Columns> {
    let (market, mut columns, mut post, mut taken) = (market.market(), Columns::default(), Post::default(), 0);
    let longest = market.columns.iter().map(|c| c.ts.len()).max().unwrap_or(0);
    loop {
        let steps = py.detach(|| {
            let mut steps = 0;
            while steps < STRETCH {
                match replay.advance_ticks(STRETCH - steps, venue, told, &mut post)? {
                    0 => break,
                    some => steps += some,
                }
                columns.take(&mut replay.records, (taken + steps) as f64 / longest.max(taken + steps) as f64);
            }
            Ok(steps)
        });
        let steps = steps.map_err(|halt| sentence(market, halt))?;
        py.check_signals()?;
        taken += steps;
        if let Some(progress) = progress {
            progress.call1((taken,))?;
        }
        if steps < STRETCH {
            return Ok(columns);
        }
    }
}

/// Returns the evidence of fills as columns.
fn told_of<'py>(py: Python<'py>, lent: &Lent, evidence: &[Evidence]) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    let ahead = py.detach(|| evidence::ahead(&lent.columns, evidence));
    let put =
        |name: &str, value: &dyn Fn(&Evidence) -> i64| to.set_item(name, PyArray1::from_vec(py, evidence.iter().map(value).collect()));
    put("venue_ns", &|each| each.venue_ns)?;
    put("local_ns", &|each| each.local_ns)?;
    put("mid2", &|each| each.mid2)?;
    put("row", &|each| each.row)?;
    put("joined_ns", &|each| each.joined_ns)?;
    to.set_item("ahead", PyArray1::from_vec(py, ahead))?;
    Ok(to)
}

/// Computes the columns of nodes over rows of ticks; with a configuration and what the venue told, those that look at the position too.
#[pyfunction]
#[pyo3(signature = (market, rows, program_json, nodes, config_json=None, told=None))]
pub fn evaluate_ticks<'py>(
    py: Python<'py>,
    market: &PyMarket,
    rows: &Bound<'py, PyList>,
    program_json: &str,
    nodes: Vec<usize>,
    config_json: Option<&str>,
    told: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyDict>> {
    let rows = LentRows::new(rows)?;
    let none = no_trading(market.market());
    let mut replay = open(market, &rows, program_json, config_json.unwrap_or(&none), &nodes)?;
    let mut venue = Recorded::new(told.map(reports::read).transpose()?.unwrap_or_default());
    drive(py, market, &mut replay, &mut venue, &mut Vec::new(), None)?;
    let to = PyDict::new(py);
    for (node, captured) in nodes.into_iter().zip(replay.into_captured()) {
        for (asset, column) in captured.columns.into_iter().enumerate() {
            to.set_item((node, asset), PyArray1::from_vec(py, column))?;
        }
    }
    Ok(to)
}
