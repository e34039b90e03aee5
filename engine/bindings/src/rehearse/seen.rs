//! Telemetry as Python sees it: stages with quantiles and buckets, counters; and what there is, for the catalogue.
use bot4_engine::telemetry::{COUNTERS, EDGES_NS, Histogram, Interval, STAGES};
use bot4_host::pipeline::{Outcome, Seen};
use bot4_host::wire::Tally;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Returns what is counted and measured: {"stages": [(name, help)], "counters": [(name, help)], "edges_ns": […]}.
#[pyfunction]
pub fn telemetry(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let to = PyDict::new(py);
    to.set_item("stages", STAGES.map(|(_, name, help)| (name, help)))?;
    to.set_item("counters", COUNTERS.map(|(_, name, help)| (name, help)))?;
    to.set_item("edges_ns", EDGES_NS)?;
    Ok(to)
}

/// Returns everything since the start, and the last second.
pub fn both<'py>(py: Python<'py>, seen: &Seen<'_>) -> PyResult<Bound<'py, PyDict>> {
    let (total, last) = {
        let collector = seen.collector.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        (collector.total.clone(), collector.last.clone())
    };
    let to = PyDict::new(py);
    to.set_item("total", interval(py, &total)?)?;
    to.set_item("last", interval(py, &last)?)?;
    to.set_item("threads", seen.threads)?;
    to.set_item("cores", seen.cores)?;
    Ok(to)
}

fn interval<'py>(py: Python<'py>, seen: &Interval) -> PyResult<Bound<'py, PyDict>> {
    let (stages, counters) = (PyDict::new(py), PyDict::new(py));
    for (stage, name, _) in STAGES {
        stages.set_item(name, histogram(py, seen.stage(stage))?)?;
    }
    for (counter, name, _) in COUNTERS {
        counters.set_item(name, seen.counter(counter))?;
    }
    let to = PyDict::new(py);
    to.set_item("stages", stages)?;
    to.set_item("counters", counters)?;
    Ok(to)
}

fn histogram<'py>(py: Python<'py>, times: &Histogram) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    to.set_item("count", times.count())?;
    to.set_item("total_ns", times.total_ns())?;
    for (name, part) in [("p50_ns", 0.5), ("p90_ns", 0.9), ("p99_ns", 0.99), ("p999_ns", 0.999), ("p9999_ns", 0.9999)] {
        to.set_item(name, times.quantile(part))?;
    }
    to.set_item("max_ns", times.most_ns())?;
    to.set_item("at_most", EDGES_NS.map(|edge| times.at_most(edge)))?;
    Ok(to)
}

/// Returns how a rehearsal went.
pub fn told<'py>(py: Python<'py>, outcome: &Outcome<'_>) -> PyResult<Bound<'py, PyDict>> {
    let to = interval(py, &outcome.seen)?;
    to.set_item("rows", outcome.side.steps())?;
    to.set_item("seconds", outcome.seconds)?;
    to.set_item("threads", outcome.threads)?;
    to.set_item("shards", outcome.shards.len())?;
    to.set_item("cores", outcome.cores)?;
    to.set_item("pinned", outcome.pinned)?;
    to.set_item("spun", outcome.spun)?;
    Ok(to)
}

/// Returns what the orders went through on the wire.
pub fn wire<'py>(py: Python<'py>, tally: &Tally) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    let Tally { orders, reports, duplicates, late, reordered, lost, questions, quiet } = *tally;
    let all = [
        ("orders", orders),
        ("reports", reports),
        ("duplicates", duplicates),
        ("late", late),
        ("reordered", reordered),
        ("lost", lost),
        ("questions", questions),
        ("quiet", quiet),
    ];
    all.into_iter().try_for_each(|(name, count)| to.set_item(name, count))?;
    Ok(to)
}
