//! Tick columns as Python lends them: depth, trades and, where there are any, orders; each a tuple of arrays in the order of the store.
use crate::market::borrow;
use crate::refuse;
use bot4_ticks::columns::{Columns, Depth, Trades};
use bot4_ticks::orders::Rows;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// Borrowed columns and the owners of their memory, which must not be written to while this lives.
pub struct Lent {
    /// The columns.
    pub columns: Columns<'static>,
    _owners: Vec<Py<PyAny>>,
}

impl Lent {
    /// Borrows (depth, trades) or (depth, trades, orders).
    pub fn new(groups: &Bound<'_, PyTuple>) -> PyResult<Self> {
        let mut owners = Vec::new();
        let group = |at: usize, columns: usize| -> PyResult<Bound<'_, PyTuple>> {
            let found = groups.get_item(at)?.cast_into::<PyTuple>().map_err(|_| refuse("ticks are tuples of columns"))?;
            if found.len() < columns {
                return Err(refuse(format!("a group of ticks has {} columns, and needs {columns}", found.len())));
            }
            Ok(found)
        };
        let (depth, trades) = (group(0, 6)?, group(1, 5)?);
        let mut columns = Columns {
            depth: Depth {
                exch_ns: borrow(&depth.get_item(0)?, "exch_ns", "int64", &mut owners)?,
                local_ns: borrow(&depth.get_item(1)?, "local_ns", "int64", &mut owners)?,
                side: borrow(&depth.get_item(2)?, "side", "int8", &mut owners)?,
                ticks: borrow(&depth.get_item(3)?, "ticks", "int64", &mut owners)?,
                lots: borrow(&depth.get_item(4)?, "lots", "int64", &mut owners)?,
                flags: borrow(&depth.get_item(5)?, "flags", "uint8", &mut owners)?,
            },
            trades: Trades {
                exch_ns: borrow(&trades.get_item(0)?, "exch_ns", "int64", &mut owners)?,
                local_ns: borrow(&trades.get_item(1)?, "local_ns", "int64", &mut owners)?,
                ticks: borrow(&trades.get_item(2)?, "ticks", "int64", &mut owners)?,
                lots: borrow(&trades.get_item(3)?, "lots", "int64", &mut owners)?,
                buyer_is_maker: borrow(&trades.get_item(4)?, "buyer_is_maker", "uint8", &mut owners)?,
            },
            orders: Rows::default(),
        };
        if groups.len() > 2 {
            let orders = group(2, 7)?;
            columns.orders = Rows {
                exch_ns: borrow(&orders.get_item(0)?, "exch_ns", "int64", &mut owners)?,
                local_ns: borrow(&orders.get_item(1)?, "local_ns", "int64", &mut owners)?,
                id: borrow(&orders.get_item(2)?, "id", "int64", &mut owners)?,
                kind: borrow(&orders.get_item(3)?, "kind", "uint8", &mut owners)?,
                side: borrow(&orders.get_item(4)?, "side", "int8", &mut owners)?,
                ticks: borrow(&orders.get_item(5)?, "ticks", "int64", &mut owners)?,
                lots: borrow(&orders.get_item(6)?, "lots", "int64", &mut owners)?,
            };
        }
        columns.check().map_err(refuse)?;
        Ok(Self { columns, _owners: owners })
    }
}
