//! Raw recordings to NumPy columns.
use bot4_ticks::import::binance::Recording;
use numpy::{Element, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Reads Binance's recorded WebSocket lines; returns `changes`, `prints` and `tops` as columns of 1e-8 and ns, and what was counted.
#[pyfunction]
pub fn ticks_parse_binance<'py>(py: Python<'py>, text: &[u8]) -> PyResult<Bound<'py, PyDict>> {
    let mut read = Recording::default();
    py.detach(|| read.read(text));
    let Recording { changes, prints, tops, .. } = read;
    let to = PyDict::new(py);
    let columns = PyDict::new(py);
    put(&columns, "side", changes.side)?;
    put(&columns, "price", changes.price)?;
    put(&columns, "quantity", changes.quantity)?;
    put(&columns, "start", changes.start)?;
    put(&columns, "local_ns", changes.local_ns)?;
    put(&columns, "exch_ns", changes.exch_ns)?;
    put(&columns, "first_id", changes.first_id)?;
    put(&columns, "last_id", changes.last_id)?;
    put(&columns, "previous_id", changes.previous_id)?;
    put(&columns, "is_snapshot", changes.is_snapshot)?;
    to.set_item("changes", columns)?;
    let columns = PyDict::new(py);
    put(&columns, "exch_ns", prints.exch_ns)?;
    put(&columns, "local_ns", prints.local_ns)?;
    put(&columns, "price", prints.price)?;
    put(&columns, "quantity", prints.quantity)?;
    put(&columns, "buyer_is_maker", prints.buyer_is_maker)?;
    put(&columns, "id", prints.id)?;
    to.set_item("prints", columns)?;
    let columns = PyDict::new(py);
    put(&columns, "exch_ns", tops.exch_ns)?;
    put(&columns, "local_ns", tops.local_ns)?;
    put(&columns, "bid", tops.bid)?;
    put(&columns, "bid_quantity", tops.bid_quantity)?;
    put(&columns, "ask", tops.ask)?;
    put(&columns, "ask_quantity", tops.ask_quantity)?;
    put(&columns, "id", tops.id)?;
    to.set_item("tops", columns)?;
    to.set_item("symbol", read.symbol)?;
    to.set_item("has_pair", read.has_pair)?;
    for (name, count) in [
        ("lines", read.lines),
        ("bad_lines", read.bad_lines.0),
        ("first_bad_line", read.bad_lines.1),
        ("other_symbols", read.other_symbols),
        ("unknown", read.unknown),
        ("empty_trades", read.empty_trades),
    ] {
        to.set_item(name, count)?;
    }
    Ok(to)
}

fn put<T: Element>(to: &Bound<'_, PyDict>, name: &str, column: Vec<T>) -> PyResult<()> {
    to.set_item(name, PyArray1::from_vec(to.py(), column))
}
