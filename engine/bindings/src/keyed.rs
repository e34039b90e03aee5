//! What is known of an order beside: key, kind, prices, parent and evidence, one row for each order by number.
use bot4_engine::desk::order::{KeyedRecord, NEVER};
use bot4_engine::desk::reason::{Evidence, OrderKind, Reason};
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Columns of all orders by number, of which those of targets and entries have no record of their own.
pub struct Plain<'a> {
    /// Numbers.
    pub ids: &'a [u32],
    /// Reason codes.
    pub reasons: &'a [u8],
    /// Reference prices, ticks.
    pub refs: &'a [i64],
    /// Rows whose volume left something unfilled.
    pub capped: &'a [u32],
}

/// Builds the columns; `keyed` stands by number.
pub fn columns<'py>(py: Python<'py>, plain: Plain<'_>, keyed: &[KeyedRecord]) -> PyResult<Bound<'py, PyDict>> {
    // Of a target all are market orders but the take, a limit at its reference price.
    let is_take = |reason: &u8| *reason == Reason::Take as u8;
    let is_capped = |row: &u32| *row != NEVER;
    let count = plain.ids.len();
    let mut key = vec![-1i32; count];
    let mut kind: Vec<u8> =
        plain.reasons.iter().map(|r| if is_take(r) { OrderKind::Limit as u8 } else { OrderKind::Market as u8 }).collect();
    let mut price_ticks: Vec<i64> = plain.reasons.iter().zip(plain.refs).map(|(r, &price)| if is_take(r) { price } else { -1 }).collect();
    let mut trigger_ticks = vec![-1i64; count];
    let mut tif = vec![0u8; count];
    let mut parent = vec![-1i64; count];
    let capped = |row: &u32| if is_capped(row) { Evidence::VolumeCap as u8 } else { Evidence::None as u8 };
    let mut evidence: Vec<u8> = plain.capped.iter().map(capped).collect();
    let mut evidence_row: Vec<i64> = plain.capped.iter().map(|row| if is_capped(row) { i64::from(*row) } else { -1 }).collect();
    let mut row = 0;
    for record in keyed {
        while plain.ids[row] != record.order {
            row += 1;
        }
        key[row] = record.key as i32;
        (kind[row], tif[row]) = (record.kind as u8, record.tif as u8);
        (price_ticks[row], trigger_ticks[row], parent[row]) = (record.price_ticks, record.trigger_ticks, record.parent);
        (evidence[row], evidence_row[row]) = (record.evidence as u8, record.evidence_row);
    }
    let to = PyDict::new(py);
    to.set_item("key", PyArray1::from_vec(py, key))?;
    to.set_item("kind", PyArray1::from_vec(py, kind))?;
    to.set_item("price_ticks", PyArray1::from_vec(py, price_ticks))?;
    to.set_item("trigger_ticks", PyArray1::from_vec(py, trigger_ticks))?;
    to.set_item("tif", PyArray1::from_vec(py, tif))?;
    to.set_item("parent", PyArray1::from_vec(py, parent))?;
    to.set_item("evidence", PyArray1::from_vec(py, evidence))?;
    to.set_item("evidence_row", PyArray1::from_vec(py, evidence_row))?;
    Ok(to)
}
