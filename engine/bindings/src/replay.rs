//! Whole runs, columns of expressions, and the stepping host for tests.
use crate::funding::Funding;
use crate::market::PyMarket;
use crate::records::{self, Columns};
use crate::refuse;
use bot4_engine::config::Config;
use bot4_engine::desk::Halt;
use bot4_engine::desk::breaker::{BreakerKind, Trip};
use bot4_engine::desk::operator::{Action, Command};
use bot4_engine::market::Market;
use bot4_engine::replay::Replay;
use bot4_engine::replay::trial::Trial;
use bot4_engine::signal::program::Program;
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyTuple};

/// Funding as Python gives it: (ts, rate) or nothing for each instrument.
pub type Series<'py> = Option<Vec<Option<Bound<'py, PyTuple>>>>;

/// Asset rows between two looks at Ctrl-C: a few milliseconds.
pub const ROWS_BETWEEN_SIGNALS: usize = 65_536;

/// Says which bar the engine could not carry, and what helps.
pub fn sentence(market: &Market<'_>, halt: Halt) -> PyErr {
    let symbol = &market.listings[halt.asset].symbol;
    refuse(format!(
        "{symbol}: a price, quantity or amount does not fit the integer scales at the bar opening at {} ms; use coarser tick and lot in the instruments file or less cash",
        halt.ts
    ))
}

/// Prepares a run of a program over a market.
pub fn prepare(
    market: &Market<'static>,
    program_json: &str,
    config_json: &str,
    capture: &[usize],
    block: usize,
) -> PyResult<Replay<'static>> {
    prepare_with(market, program_json, &Config::from_json(config_json).map_err(refuse)?, capture, block)
}

/// Does the same with a configuration that was read already.
pub fn prepare_with(
    market: &Market<'static>,
    program_json: &str,
    config: &Config,
    capture: &[usize],
    block: usize,
) -> PyResult<Replay<'static>> {
    let mut program = Program::parse(program_json, &market.symbols()).map_err(refuse)?;
    if let Some(&bad) = capture.iter().find(|&&node| node >= program.nodes.len()) {
        return Err(refuse(format!("node {bad} does not exist; the program has {} nodes", program.nodes.len())));
    }
    let capture: Vec<usize> = capture.iter().map(|&node| program.carried(node)).collect();
    Replay::new(market, &program, config, &capture, block).map_err(refuse)
}

/// Lends a run its finer bars, whose owner must outlive it.
pub fn with_detail(market: &PyMarket, detail: Option<&PyMarket>, replay: Replay<'static>) -> PyResult<Replay<'static>> {
    match detail {
        None => Ok(replay),
        Some(detail) => replay.with_detail(market.market(), detail.market()).map_err(refuse),
    }
}

/// Runs to the end, a stretch at a time without the interpreter; returns the records.
fn drive(py: Python<'_>, market: &Market<'static>, replay: &mut Replay<'static>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<Columns> {
    let stretch = (ROWS_BETWEEN_SIGNALS / market.listings.len()).max(1);
    let longest = market.columns.iter().map(|c| c.ts.len()).max().unwrap_or(0);
    let mut columns = Columns::default();
    let mut taken = 0;
    records::in_large_pages(&replay.equity_ts);
    records::in_large_pages(&replay.equity);
    loop {
        let steps = py.detach(|| {
            let mut steps = 0;
            while steps < stretch {
                match replay.advance(usize::MAX)? {
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
        if steps < stretch {
            return Ok(columns);
        }
    }
}

/// Runs a program over a market.
#[pyfunction]
#[pyo3(signature = (market, program_json, config_json, slice_rows=0, progress=None, funding=None, funding_default=None, detail=None))]
#[allow(clippy::too_many_arguments)]
pub fn run<'py>(
    py: Python<'py>,
    market: &PyMarket,
    program_json: &str,
    config_json: &str,
    slice_rows: usize,
    progress: Option<&Bound<'py, PyAny>>,
    funding: Series<'py>,
    funding_default: Option<(i64, i64)>,
    detail: Option<&PyMarket>,
) -> PyResult<Bound<'py, PyDict>> {
    let funding = Funding::new(funding, funding_default)?;
    let replay = funding.attach(market, prepare(market.market(), program_json, config_json, &[], slice_rows)?)?;
    let mut replay = with_detail(market, detail, replay)?;
    let market = market.market();
    let columns = drive(py, market, &mut replay, progress)?;
    records::take(py, &mut replay, columns)
}

/// A configuration under which a program without targets can run: nothing is ever bought.
pub fn no_trading(market: &Market<'_>) -> String {
    let terms = vec![r#"{"taker_e9":0,"maker_e9":0,"min_lots":1,"min_notional":0}"#; market.listings.len()].join(",");
    format!(
        r#"{{"cash":1,"half_spread_e9":0,"impact":0.0,"volume_share_e9":1,"collar_e9":0,"max_leverage_e9":1,"trade_from_ms":{},"instruments":[{terms}]}}"#,
        i64::MAX
    )
}

/// Computes the columns of nodes on each asset's base rows; without a configuration no target acts.
#[pyfunction]
#[pyo3(signature = (market, program_json, nodes, slice_rows=0, config_json=None, funding=None, funding_default=None, detail=None))]
#[allow(clippy::too_many_arguments)]
pub fn evaluate<'py>(
    py: Python<'py>,
    market: &PyMarket,
    program_json: &str,
    nodes: Vec<usize>,
    slice_rows: usize,
    config_json: Option<&str>,
    funding: Series<'py>,
    funding_default: Option<(i64, i64)>,
    detail: Option<&PyMarket>,
) -> PyResult<Bound<'py, PyDict>> {
    let funding = Funding::new(funding, funding_default)?;
    let none = no_trading(market.market());
    let replay = prepare(market.market(), program_json, config_json.unwrap_or(&none), &nodes, slice_rows)?;
    let mut replay = with_detail(market, detail, funding.attach(market, replay)?)?;
    drive(py, market.market(), &mut replay, None)?;
    let to = PyDict::new(py);
    for (node, captured) in nodes.into_iter().zip(replay.into_captured()) {
        for (asset, column) in captured.columns.into_iter().enumerate() {
            to.set_item((node, asset), PyArray1::from_vec(py, column))?;
        }
    }
    Ok(to)
}

/// A column of integers.
type Column<'py> = PyReadonlyArray1<'py, i64>;

/// Lots and codes of causes.
type Passed<'py> = (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<u8>>);

/// A run that is stepped, saved and continued by hand: the host of the engine's own tests.
#[pyclass(name = "Replay", module = "bot4._engine")]
pub struct PyReplay {
    // Declared before what it reads: dropped first.
    replay: Replay<'static>,
    market: Py<PyMarket>,
    _detail: Option<Py<PyMarket>>,
    _funding: Funding,
}

#[pymethods]
impl PyReplay {
    #[new]
    #[pyo3(signature = (market, program_json, config_json, slice_rows=0, funding=None, funding_default=None, detail=None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        market: Py<PyMarket>,
        program_json: &str,
        config_json: &str,
        slice_rows: usize,
        funding: Series<'_>,
        funding_default: Option<(i64, i64)>,
        detail: Option<Py<PyMarket>>,
    ) -> PyResult<Self> {
        let funding = Funding::new(funding, funding_default)?;
        let lent = market.bind(py).get();
        let replay = funding.attach(lent, prepare(lent.market(), program_json, config_json, &[], slice_rows)?)?;
        let replay = with_detail(lent, detail.as_ref().map(|detail| detail.bind(py).get()), replay)?;
        Ok(Self { replay, market, _detail: detail, _funding: funding })
    }

    /// Takes up to `rows` grid rows; returns how many were taken.
    fn advance(&mut self, py: Python<'_>, rows: usize) -> PyResult<usize> {
        let mut taken = 0;
        while taken < rows {
            match self.replay.advance(rows - taken).map_err(|halt| sentence(self.market.bind(py).get().market(), halt))? {
                0 => break,
                steps => taken += steps,
            }
        }
        Ok(taken)
    }

    /// Returns the state as bytes.
    fn save<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.replay.save())
    }

    /// Continues from a saved state.
    fn load(&mut self, state: &[u8]) -> PyResult<()> {
        self.replay.load(state).map_err(refuse)
    }

    /// Returns the hash of the state, hexadecimal.
    fn hash(&self) -> String {
        records::hex(&self.replay.hash())
    }

    /// Takes a command of a person: it is obeyed at the first decision at or after `at` (ms).
    fn command(&mut self, at: i64, action: &str, who: String) -> PyResult<()> {
        let action = Action::from_text(action).ok_or_else(|| refuse(format!("there is no command {action}")))?;
        self.replay.command(Command::new(at, action, who)).map_err(refuse)
    }

    /// Returns what may be sent now: the guard's state by name.
    fn state(&self) -> &'static str {
        self.replay.desk().state().text()
    }

    /// Returns every circuit breaker: (kind, number, state).
    fn breakers(&self) -> Vec<(&'static str, u32, &'static str)> {
        let each = self.replay.desk().breakers().into_iter().flat_map(|breakers| breakers.states());
        each.map(|(kind, index, state)| (kind.text(), index, state.text())).collect()
    }

    /// Takes a value that a host measures of a component until the next decision; its unit is the source's.
    fn measure(&mut self, kind: &str, index: u32, source: &str, value: i64) -> PyResult<()> {
        let find = |table: &[(u8, &str)], text: &str| table.iter().find(|row| row.1 == text).map(|row| row.0);
        let kind = find(BreakerKind::TABLE, kind).and_then(BreakerKind::from_code);
        let trip = find(Trip::TABLE, source).and_then(Trip::from_code);
        let (Some(kind), Some(trip)) = (kind, trip) else {
            return Err(refuse(format!("no kind of breaker measures {source}")));
        };
        self.replay.measure(kind, index, trip, value);
        Ok(())
    }

    /// Returns what the gate would let out of market orders as of the last decision: lots and codes of causes. `lots` are signed, `ticks` the
    /// decision's closes.
    fn would_pass<'py>(&mut self, py: Python<'py>, assets: Column<'py>, lots: Column<'py>, ticks: Column<'py>) -> PyResult<Passed<'py>> {
        let known = self.replay.desk().ledger().positions.len();
        let (assets, lots, ticks) = (assets.as_array(), lots.as_array(), ticks.as_array());
        let fits = |asset: &i64| usize::try_from(*asset).is_ok_and(|asset| asset < known);
        if assets.len() != lots.len() || lots.len() != ticks.len() || !assets.iter().all(fits) {
            return Err(refuse(format!("orders need an instrument below {known}, lots and ticks each")));
        }
        let each = assets.iter().zip(lots).zip(ticks);
        let trials: Vec<Trial> = each.map(|((&asset, &lots), &ticks)| Trial { asset: asset as usize, lots, ticks }).collect();
        let found = py.detach(|| self.replay.would_pass(&trials));
        let found = found.map_err(|_| refuse("an amount of these orders does not fit".to_owned()))?;
        let found = found.ok_or_else(|| refuse("no decision was taken yet".to_owned()))?;
        let (lots, causes) = found.into_iter().map(|(lots, cause)| (lots, cause as u8)).unzip();
        Ok((PyArray1::from_vec(py, lots), PyArray1::from_vec(py, causes)))
    }

    /// Takes the records written since the last call, as `run` returns them.
    fn results<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        records::take(py, &mut self.replay, Columns::default())
    }
}
