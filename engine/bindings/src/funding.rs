//! Funding borrowed from NumPy arrays without a copy.
use crate::market::{PyMarket, borrow};
use crate::refuse;
use bot4_engine::desk::funding::{DefaultFunding, FundingSeries};
use bot4_engine::replay::Replay;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Series of a run and what keeps their memory.
#[derive(Default)]
pub struct Funding {
    series: Vec<Option<FundingSeries<'static>>>,
    default: Option<DefaultFunding>,
    /// Owners of the memory that `series` read. They must not be written to while a run reads them.
    _owners: Vec<Py<PyAny>>,
}

impl Funding {
    /// Borrows `[(ts, rate) | None per instrument]` and reads `(rate_e9, period_ms)`.
    pub fn new(series: Option<Vec<Option<Bound<'_, PyTuple>>>>, default: Option<(i64, i64)>) -> PyResult<Self> {
        let mut owners = Vec::new();
        let mut borrowed = Vec::new();
        for pair in series.into_iter().flatten() {
            borrowed.push(match &pair {
                None => None,
                Some(pair) if pair.len() == 2 => {
                    let ts = borrow(&pair.get_item(0)?, "funding ts", "int64", &mut owners)?;
                    let rate = borrow(&pair.get_item(1)?, "funding rate", "float64", &mut owners)?;
                    Some(FundingSeries { ts, rate })
                }
                Some(pair) => return Err(refuse(format!("funding needs two arrays (ts, rate) for an instrument, got {}", pair.len()))),
            });
        }
        let default = default.map(|(rate_e9, period_ms)| DefaultFunding { rate_e9, period_ms });
        Ok(Self { series: borrowed, default, _owners: owners })
    }

    /// Returns whether anything is settled.
    pub fn is_any(&self) -> bool {
        !self.series.is_empty() || self.default.is_some()
    }

    /// Returns the series by instrument, if any was given.
    pub fn series(&self) -> Option<&Vec<Option<FundingSeries<'static>>>> {
        (!self.series.is_empty()).then_some(&self.series)
    }

    /// Returns the rate that counts where an instrument has no series.
    pub fn default(&self) -> Option<DefaultFunding> {
        self.default
    }

    /// Hands the series to a run, which must not outlive this.
    pub fn attach(&self, market: &PyMarket, replay: Replay<'static>) -> PyResult<Replay<'static>> {
        if !self.is_any() {
            return Ok(replay);
        }
        let none = vec![None; market.market().listings.len()];
        let series = if self.series.is_empty() { &none } else { &self.series };
        replay.with_funding(market.market(), series, self.default).map_err(refuse)
    }
}
