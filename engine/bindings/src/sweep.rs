//! Sweeps: many programs over one market, as one row of integers each.
use crate::funding::Funding;
use crate::market::PyMarket;
use crate::refuse;
use crate::replay::{Series, sentence};
use crate::sweep_columns::Columns;
use bot4_engine::config::Config;
use bot4_engine::replay::sweep::{Failure, Options, Sweep, Trouble};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::PyDict;

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
        let mut columns = Columns::new(total, sweep.calendar().len());
        let ended = py.detach(|| sweep.run_to(&programs, options, &mut watch, |at, row| columns.put(at, &row)));
        match (raised, ended) {
            (Some(raised), _) => Err(raised),
            (None, Err(Failure { run, trouble })) => Err(match trouble {
                Trouble::Sentence(sentence) => refuse(format!("combination {run}: {sentence}")),
                Trouble::Halt(halt) => refuse(format!("combination {run}: {}", sentence(market.market(), halt))),
            }),
            (None, Ok(is_whole)) => {
                if !is_whole {
                    return Err(refuse("the sweep was stopped before its end; run it again"));
                }
                let to = columns.digest(py, &sweep.calendar().times())?;
                to.set_item("is_single", self.config.wallets.iter().all(|wallet| wallet.convert.is_none()))?;
                Ok(to)
            }
        }
    }
}
