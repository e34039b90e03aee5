//! Rows of orders by number (L3): borrowed, and the levels that they make.
use super::replay::get;
use crate::market::borrow;
use bot4_ticks::orders::{Rows, levels};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Borrows the columns of orders.
pub(super) fn rows_of(orders: &Bound<'_, PyDict>, owners: &mut Vec<Py<PyAny>>) -> PyResult<Rows<'static>> {
    Ok(Rows {
        exch_ns: borrow(&get(orders, "exch_ns")?, "exch_ns", "int64", owners)?,
        local_ns: borrow(&get(orders, "local_ns")?, "local_ns", "int64", owners)?,
        id: borrow(&get(orders, "id")?, "id", "int64", owners)?,
        kind: borrow(&get(orders, "kind")?, "kind", "uint8", owners)?,
        side: borrow(&get(orders, "side")?, "side", "int8", owners)?,
        ticks: borrow(&get(orders, "ticks")?, "ticks", "int64", owners)?,
        lots: borrow(&get(orders, "lots")?, "lots", "int64", owners)?,
    })
}

/// Plays rows of orders in the order of arrival: `row`, `side`, `ticks`, `lots` of each level that changes; `is_good` and `order_side`,
/// `order_ticks`, `order_lots` of each row.
#[pyfunction]
pub fn ticks_levels<'py>(py: Python<'py>, orders: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyDict>> {
    let mut owners = Vec::new();
    let rows = rows_of(orders, &mut owners)?;
    let made = py.detach(|| levels(&rows));
    let to = PyDict::new(py);
    to.set_item("row", PyArray1::from_vec(py, made.row))?;
    to.set_item("side", PyArray1::from_vec(py, made.side))?;
    to.set_item("ticks", PyArray1::from_vec(py, made.ticks))?;
    to.set_item("lots", PyArray1::from_vec(py, made.lots))?;
    to.set_item("is_good", PyArray1::from_vec(py, made.is_good))?;
    to.set_item("order_side", PyArray1::from_vec(py, made.order_side))?;
    to.set_item("order_ticks", PyArray1::from_vec(py, made.order_ticks))?;
    to.set_item("order_lots", PyArray1::from_vec(py, made.order_lots))?;
    Ok(to)
}
