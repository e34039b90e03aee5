//! Sweeps: many programs over one market, as one row of integers each.
use crate::funding::Funding;
use crate::market::PyMarket;
use crate::refuse;
use crate::replay::{Series, sentence};
use bot4_engine::config::Config;
use bot4_engine::replay::sweep::{Failure, Options, Row, Sweep, Table, Trouble};
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyDict};

/// A market and a configuration for many programs.
#[pyclass(frozen, name = "Sweep", module = "bot4._engine")]
pub struct PySweep {
    market: Py<PyMarket>,
    detail: Option<Py<PyMarket>>,
    config: Config,
    funding: Option<Funding>,
}

impl PySweep {
    /// Borrows everything for the length of a call.
    fn sweep<'a>(&'a self, market: &'a PyMarket, detail: Option<&'a PyMarket>) -> PyResult<Sweep<'a>> {
        let none = vec![None; market.market().listings.len()];
        let funding = self.funding.as_ref().map(|funding| (funding.series().unwrap_or(&none).as_slice(), funding.default()));
        Sweep::new(market.market(), self.config.clone(), funding, detail.map(PyMarket::market)).map_err(refuse)
    }
}

#[pymethods]
impl PySweep {
    #[new]
    #[pyo3(signature = (market, config_json, funding=None, funding_default=None, detail=None))]
    fn new(
        py: Python<'_>,
        market: Py<PyMarket>,
        config_json: &str,
        funding: Series<'_>,
        funding_default: Option<(i64, i64)>,
        detail: Option<Py<PyMarket>>,
    ) -> PyResult<Self> {
        let funding = Funding::new(funding, funding_default)?;
        let funding = funding.is_any().then_some(funding);
        let sweep = Self { market, detail, config: Config::from_json(config_json).map_err(refuse)?, funding };
        let (market, detail) = (sweep.market.bind(py).get(), sweep.detail.as_ref().map(|detail| detail.bind(py).get()));
        sweep.sweep(market, detail)?;
        Ok(sweep)
    }

    /// Runs every program and returns its digest; `progress` is called with (runs done, runs in all).
    #[pyo3(signature = (programs, workers=0, share=true, progress=None, tile=0, slice_rows=0))]
    #[allow(clippy::too_many_arguments)]
    fn run<'py>(
        &self,
        py: Python<'py>,
        programs: Vec<PyBackedStr>,
        workers: usize,
        share: bool,
        progress: Option<Py<PyAny>>,
        tile: usize,
        slice_rows: usize,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (market, detail) = (self.market.bind(py).get(), self.detail.as_ref().map(|detail| detail.bind(py).get()));
        let sweep = self.sweep(market, detail)?;
        let options = Options { workers, share, tile, block: slice_rows };
        let (total, mut raised) = (programs.len(), None);
        let mut watch = |done: usize| {
            let asked = Python::attach(|py| {
                py.check_signals()?;
                // Told again without a change too: a host in another thread, which signals do not reach, stops a long tile that way.
                match progress.as_ref() {
                    Some(progress) => progress.call1(py, (done, total)).map(|_| ()),
                    None => Ok(()),
                }
            });
            raised = asked.err();
            raised.is_none()
        };
        let ended = py.detach(|| sweep.run(&programs, options, &mut watch));
        match (raised, ended) {
            (Some(raised), _) => Err(raised),
            (None, Err(Failure { run, trouble })) => Err(match trouble {
                Trouble::Sentence(sentence) => refuse(format!("combination {run}: {sentence}")),
                Trouble::Halt(halt) => refuse(format!("combination {run}: {}", sentence(market.market(), halt))),
            }),
            (None, Ok(table)) => {
                let table = table.ok_or_else(|| refuse("the sweep was stopped before its end; run it again"))?;
                let to = digest(py, table, &sweep.calendar().times())?;
                to.set_item("is_single", self.config.wallets.iter().all(|wallet| wallet.convert.is_none()))?;
                Ok(to)
            }
        }
    }
}

/// Puts rows side by side: columns by run, of shape (runs,), large sums as (high, low) words of shape (runs, 2), days of shape (runs, days).
fn digest<'py>(py: Python<'py>, Table { rows, days }: Table, day_ts: &[i64]) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    let column = |name: &str, of: &dyn Fn(&Row) -> i64| to.set_item(name, PyArray1::from_iter(py, rows.iter().map(of)));
    column("bars", &|row| row.digest.marks.bars as i64)?;
    column("bars_held", &|row| row.digest.marks.held as i64)?;
    column("start_ms", &|row| row.digest.marks.span.0)?;
    column("end_ms", &|row| row.digest.marks.span.1)?;
    column("start_equity", &|row| row.digest.marks.equity.0)?;
    column("final_equity", &|row| row.digest.marks.equity.1)?;
    column("first_day", &|row| row.digest.marks.first_day as i64)?;
    column("drawdown_start_ms", &|row| row.digest.marks.fall.start_ms)?;
    column("drawdown_trough_ms", &|row| row.digest.marks.fall.trough_ms)?;
    column("drawdown_end_ms", &|row| row.digest.marks.fall.end_ms)?;
    column("longest_drawdown_ms", &|row| row.digest.marks.fall.longest_ms)?;
    column("orders", &|row| row.digest.sums.orders)?;
    column("fills", &|row| row.digest.sums.fills)?;
    column("trades", &|row| row.digest.sums.trades)?;
    column("open_positions", &|row| row.digest.sums.open)?;
    column("wins", &|row| row.digest.sums.wins)?;
    column("trade_bars", &|row| row.digest.sums.bars_held)?;
    column("liquidations", &|row| row.liquidations)?;
    column("borrow", &|row| row.borrow)?;
    column("interest", &|row| row.interest)?;
    let depth = PyArray1::from_iter(py, rows.iter().map(|row| row.digest.marks.fall.depth));
    to.set_item("drawdown", depth)?;
    let wide = |name: &str, of: &dyn Fn(&Row) -> i128| {
        let words = rows.iter().map(of).flat_map(|sum| [(sum >> 64) as i64, sum as i64]).collect();
        to.set_item(name, Array2::from_shape_vec((rows.len(), 2), words).map_err(refuse)?.into_pyarray(py))
    };
    wide("equity_sum", &|row| row.digest.marks.equity_sum)?;
    wide("fees", &|row| row.digest.sums.fees)?;
    wide("traded", &|row| row.digest.sums.traded)?;
    wide("funding", &|row| row.digest.sums.funding)?;
    wide("won", &|row| row.digest.sums.won)?;
    wide("lost", &|row| row.digest.sums.lost)?;
    to.set_item("day_equity", Array2::from_shape_vec((rows.len(), day_ts.len()), days).map_err(refuse)?.into_pyarray(py))?;
    to.set_item("day_ts", PyArray1::from_slice(py, day_ts))?;
    to.set_item("desk_hash", rows.iter().map(|row| PyBytes::new(py, &row.desk_hash)).collect::<Vec<_>>())?;
    Ok(to)
}
