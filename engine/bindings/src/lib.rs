//! `bot4._engine`: columns in, programs and configurations as JSON, results as columns. Nothing else crosses.
//!
//! Long calls release the interpreter lock and look for Ctrl-C every few milliseconds.

mod describe;
mod events;
mod exchange;
mod funding;
mod journal;
mod keyed;
mod look;
mod market;
mod orders;
mod records;
mod rehearse;
mod replay;
mod seen;
mod signing;
mod sleeves;
mod stopwatch;
mod sweep;
mod sweep_columns;
mod tick_run;
mod ticks;
mod wants;

use pyo3::prelude::*;

/// mimalloc: bounded worst cases, and what one thread allocates another may free without a lock between them.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The native engine of Bot4.
#[pymodule]
fn _engine(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("__version__", env!("CARGO_PKG_VERSION"))?;
    m.add("EngineError", m.py().get_type::<EngineError>())?;
    m.add_class::<market::PyMarket>()?;
    m.add_class::<replay::PyReplay>()?;
    m.add_class::<rehearse::Control>()?;
    m.add_class::<look::PyLens>()?;
    m.add_class::<sweep::PySweep>()?;
    m.add_class::<events::PyEventRun>()?;
    m.add_class::<exchange::ExchangeServer>()?;
    m.add_class::<seen::Account>()?;
    m.add_class::<seen::Bar>()?;
    m.add_class::<seen::Fill>()?;
    m.add_class::<seen::History>()?;
    m.add_class::<seen::Position>()?;
    m.add_class::<seen::Working>()?;
    m.add_function(wrap_pyfunction!(replay::run, m)?)?;
    m.add_function(wrap_pyfunction!(sleeves::run_sleeves, m)?)?;
    m.add_function(wrap_pyfunction!(replay::evaluate, m)?)?;
    m.add_function(wrap_pyfunction!(journal::run_journaled, m)?)?;
    m.add_function(wrap_pyfunction!(rehearse::rehearse, m)?)?;
    m.add_function(wrap_pyfunction!(rehearse::telemetry, m)?)?;
    m.add_function(wrap_pyfunction!(journal::journal_replay, m)?)?;
    m.add_function(wrap_pyfunction!(journal::journal_ledger, m)?)?;
    m.add_function(wrap_pyfunction!(journal::journal_verify, m)?)?;
    m.add_function(wrap_pyfunction!(journal::journal_repair, m)?)?;
    m.add_function(wrap_pyfunction!(journal::journal_read, m)?)?;
    m.add_function(wrap_pyfunction!(journal::journal_layouts, m)?)?;
    m.add_function(wrap_pyfunction!(orders::follow_orders, m)?)?;
    m.add_function(wrap_pyfunction!(orders::order_table, m)?)?;
    m.add_function(wrap_pyfunction!(orders::client_order_id, m)?)?;
    m.add_function(wrap_pyfunction!(orders::read_client_order_id, m)?)?;
    m.add_function(wrap_pyfunction!(signing::ed25519_public, m)?)?;
    m.add_function(wrap_pyfunction!(signing::ed25519_sign, m)?)?;
    m.add_function(wrap_pyfunction!(signing::ed25519_verify, m)?)?;
    m.add_class::<ticks::PyTickReplay>()?;
    m.add_function(wrap_pyfunction!(ticks::ticks_features, m)?)?;
    m.add_function(wrap_pyfunction!(ticks::ticks_levels, m)?)?;
    m.add_function(wrap_pyfunction!(ticks::ticks_of_agents, m)?)?;
    m.add_function(wrap_pyfunction!(ticks::ticks_parse_binance, m)?)?;
    m.add_function(wrap_pyfunction!(tick_run::run_ticks, m)?)?;
    m.add_function(wrap_pyfunction!(tick_run::evaluate_ticks, m)?)?;
    m.add_function(wrap_pyfunction!(describe::describe, m)?)?;
    m.add_function(wrap_pyfunction!(describe::catalogue, m)?)?;
    m.add_function(wrap_pyfunction!(describe::reason_codes, m)?)
}

pyo3::create_exception!(bot4._engine, EngineError, pyo3::exceptions::PyValueError, "What the engine refuses, in one sentence.");

/// Raises the engine's sentence.
fn refuse(sentence: impl std::fmt::Display) -> PyErr {
    EngineError::new_err(sentence.to_string())
}
