//! What a venue told, as columns: given out after a run, taken back to make the run's feedback part again.
use crate::refuse;
use bot4_engine::desk::reason::{Cause, FillRule};
use bot4_engine::desk::remote::{Report, What};
use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Returns reports as columns: `rule` is 0 where an order ended, `cause` where it was filled.
pub fn columns<'py>(py: Python<'py>, reports: &[Report]) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    let put = |name: &str, value: &dyn Fn(&Report) -> i64| to.set_item(name, PyArray1::from_vec(py, reports.iter().map(value).collect()));
    put("order", &|report| i64::from(report.order))?;
    put("venue_ns", &|report| report.venue_ns)?;
    put("local_ns", &|report| report.local_ns)?;
    put("lots", &|report| if let What::Filled { lots, .. } = report.what { lots } else { 0 })?;
    put("ticks", &|report| if let What::Filled { ticks, .. } = report.what { ticks } else { 0 })?;
    put("base", &|report| if let What::Filled { base, .. } = report.what { base } else { 0 })?;
    put("rule", &|report| if let What::Filled { rule, .. } = report.what { i64::from(rule as u8) } else { 0 })?;
    put("cause", &|report| if let What::Ended(cause) = report.what { i64::from(cause as u8) } else { 0 })?;
    Ok(to)
}

/// Reads them back.
pub fn read(from: &Bound<'_, PyDict>) -> PyResult<Vec<Report>> {
    let column = |name: &str| -> PyResult<Vec<i64>> {
        let found = from.get_item(name)?.ok_or_else(|| refuse(format!("reports have no column {name}")))?;
        Ok(found.extract::<PyReadonlyArray1<'_, i64>>()?.as_array().to_vec())
    };
    let [order, venue_ns, local_ns, lots, ticks, base, rule, cause] =
        ["order", "venue_ns", "local_ns", "lots", "ticks", "base", "rule", "cause"].map(column);
    let (order, venue_ns, local_ns, lots) = (order?, venue_ns?, local_ns?, lots?);
    let (ticks, base, rule, cause) = (ticks?, base?, rule?, cause?);
    let row = |at: usize| {
        let what = match FillRule::from_code(rule[at] as u8) {
            Some(rule) => What::Filled { lots: lots[at], ticks: ticks[at], base: base[at], rule },
            None => What::Ended(Cause::from_code(cause[at] as u8).unwrap_or(Cause::None)),
        };
        Report { order: order[at] as u32, venue_ns: venue_ns[at], local_ns: local_ns[at], what }
    };
    if [&venue_ns, &local_ns, &lots, &ticks, &base, &rule, &cause].iter().any(|other| other.len() != order.len()) {
        return Err(refuse("the columns of reports have different lengths"));
    }
    Ok((0..order.len()).map(row).collect())
}
