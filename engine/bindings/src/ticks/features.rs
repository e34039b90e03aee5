//! Sampled features of ticks as NumPy columns.
use super::replay::{columns_of, get};
use crate::market::borrow;
use crate::refuse;
use bot4_ticks::columns::Best;
use bot4_ticks::features::{Samples, Sampling, sample};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Samples ticks every so many ns of local time (0: at every arrival); with `best` from the venue's own best quotes, else from the book.
#[pyfunction]
#[pyo3(signature = (depth, trades, best, every_ns, levels))]
pub fn ticks_features<'py>(
    py: Python<'py>,
    depth: &Bound<'py, PyDict>,
    trades: &Bound<'py, PyDict>,
    best: Option<&Bound<'py, PyDict>>,
    every_ns: i64,
    levels: usize,
) -> PyResult<Bound<'py, PyDict>> {
    if every_ns < 0 || levels == 0 {
        return Err(refuse("every_ns must not be negative, and levels be at least 1"));
    }
    let mut owners = Vec::new();
    let columns = columns_of(depth, trades, &mut owners)?;
    let best = match best {
        None => None,
        Some(best) => Some(Best {
            local_ns: borrow(&get(best, "local_ns")?, "local_ns", "int64", &mut owners)?,
            bid_ticks: borrow(&get(best, "bid_ticks")?, "bid_ticks", "int64", &mut owners)?,
            bid_lots: borrow(&get(best, "bid_lots")?, "bid_lots", "int64", &mut owners)?,
            ask_ticks: borrow(&get(best, "ask_ticks")?, "ask_ticks", "int64", &mut owners)?,
            ask_lots: borrow(&get(best, "ask_lots")?, "ask_lots", "int64", &mut owners)?,
        }),
    };
    let samples = py.detach(|| sample(&columns, best.as_ref(), Sampling { every_ns, levels })).map_err(refuse)?;
    told(py, samples)
}

fn told(py: Python<'_>, samples: Samples) -> PyResult<Bound<'_, PyDict>> {
    let to = PyDict::new(py);
    for (name, column) in [
        ("local_ns", samples.local_ns),
        ("bid_ticks", samples.bid_ticks),
        ("bid_lots", samples.bid_lots),
        ("ask_ticks", samples.ask_ticks),
        ("ask_lots", samples.ask_lots),
        ("ofi", samples.ofi),
        ("bought", samples.bought),
        ("sold", samples.sold),
        ("last", samples.last),
        ("trades", samples.trades),
        ("quotes", samples.quotes),
    ] {
        to.set_item(name, PyArray1::from_vec(py, column))?;
    }
    for (name, column) in [
        ("mid", samples.mid),
        ("microprice", samples.microprice),
        ("spread", samples.spread),
        ("imbalance", samples.imbalance),
        ("depth_imbalance", samples.depth_imbalance),
        ("trade_imbalance", samples.trade_imbalance),
    ] {
        to.set_item(name, PyArray1::from_vec(py, column))?;
    }
    Ok(to)
}
