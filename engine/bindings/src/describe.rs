//! What a program is, before it runs: identity, warm-up, what runs where; and the engine's own tables.
use crate::{records, refuse};
use bot4_engine::desk::breaker::{BreakerKind, BreakerState, Trip};
use bot4_engine::desk::operator::{Action, Effect};
use bot4_engine::desk::reason::{Cause, Evidence, FillRule, GuardState, Layer, OrderKind, Reason, Status, Tif};
use bot4_engine::signal::program::Program;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Describes a program over symbols in id order.
#[pyfunction]
pub fn describe<'py>(py: Python<'py>, program_json: &str, symbols: Vec<String>) -> PyResult<Bound<'py, PyDict>> {
    let program = Program::parse(program_json, &symbols).map_err(refuse)?;
    let to = PyDict::new(py);
    to.set_item("identity", records::hex(&program.identity()))?;
    to.set_item("settled", bot4_engine::replay::settled_rows(&program).map_err(refuse)?)?;
    to.set_item("valid", program.nodes.iter().map(|node| node.warmup.valid).collect::<Vec<_>>())?;
    to.set_item("node_settled", program.nodes.iter().map(|node| node.warmup.settled).collect::<Vec<_>>())?;
    to.set_item("feedback", program.feedback())?;
    Ok(to)
}

/// Returns the node catalogue: (name, version, number of inputs), in the order of the documentation.
#[pyfunction]
pub fn catalogue() -> Vec<(&'static str, u32, usize)> {
    bot4_engine::signal::catalogue()
}

/// Returns the stable codes by table: `reason`, `cause`, `status`, `rule`, `evidence`, `kind`, `tif`, `guard_state`, `layer`,
/// `breaker_kind`, `breaker_state`, `trip`, `action`, `effect`.
#[pyfunction]
pub fn reason_codes<'py>(py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    let tables = [
        ("reason", Reason::TABLE),
        ("cause", Cause::TABLE),
        ("status", Status::TABLE),
        ("rule", FillRule::TABLE),
        ("evidence", Evidence::TABLE),
        ("kind", OrderKind::TABLE),
        ("tif", Tif::TABLE),
        ("guard_state", GuardState::TABLE),
        ("layer", Layer::TABLE),
        ("breaker_kind", BreakerKind::TABLE),
        ("breaker_state", BreakerState::TABLE),
        ("trip", Trip::TABLE),
        ("action", Action::TABLE),
        ("effect", Effect::TABLE),
    ];
    for (name, table) in tables {
        let codes = PyDict::new(py);
        for &(code, text) in table {
            codes.set_item(code, text)?;
        }
        to.set_item(name, codes)?;
    }
    Ok(to)
}
