//! Records as NumPy columns.
use bot4_engine::desk::order::{FillRecord, OrderRecord, TradeRecord};
use bot4_engine::desk::reason::Status;
use bot4_engine::replay::Replay;
use numpy::{Element, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Adds one column made from every record.
fn column<'py, R, T: Element>(to: &Bound<'py, PyDict>, name: &str, records: &[R], value: impl Fn(&R) -> T) -> PyResult<()> {
    to.set_item(name, PyArray1::from_iter(to.py(), records.iter().map(value)))
}

fn orders<'py>(py: Python<'py>, records: &[OrderRecord]) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    column(&to, "id", records, |r| r.order.id)?;
    column(&to, "ts", records, |r| r.order.ts)?;
    column(&to, "asset", records, |r| r.order.asset)?;
    column(&to, "side", records, |r| r.order.side as i8)?;
    column(&to, "lots", records, |r| r.order.lots)?;
    column(&to, "filled", records, |r| r.order.filled)?;
    column(&to, "wanted", records, |r| r.order.wanted)?;
    column(&to, "ref_ticks", records, |r| r.order.ref_ticks)?;
    column(&to, "reason", records, |r| r.order.reason as u8)?;
    column(&to, "status", records, |r| r.status as u8)?;
    column(&to, "cause", records, |r| r.order.cause as u8)?;
    column(&to, "done_ts", records, |r| r.done_ts)?;
    Ok(to)
}

fn fills<'py>(py: Python<'py>, records: &[FillRecord]) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    column(&to, "order", records, |r| r.order)?;
    column(&to, "ts", records, |r| r.ts)?;
    column(&to, "row", records, |r| r.row)?;
    column(&to, "asset", records, |r| r.asset)?;
    column(&to, "lots", records, |r| r.lots)?;
    column(&to, "ticks", records, |r| r.ticks)?;
    column(&to, "base_ticks", records, |r| r.base_ticks)?;
    column(&to, "fee", records, |r| r.fee)?;
    column(&to, "reason", records, |r| r.reason as u8)?;
    column(&to, "position", records, |r| r.position)?;
    column(&to, "flow", records, |r| r.flow)?;
    Ok(to)
}

fn trades<'py>(py: Python<'py>, records: &[TradeRecord]) -> PyResult<Bound<'py, PyDict>> {
    let to = PyDict::new(py);
    column(&to, "asset", records, |r| r.asset)?;
    column(&to, "side", records, |r| r.side as i8)?;
    column(&to, "entry_ts", records, |r| r.entry_ts)?;
    column(&to, "exit_ts", records, |r| r.exit_ts)?;
    column(&to, "lots", records, |r| r.lots)?;
    column(&to, "entry_notional", records, |r| r.entry_notional)?;
    column(&to, "exit_notional", records, |r| r.exit_notional)?;
    column(&to, "fees", records, |r| r.fees)?;
    column(&to, "pnl", records, |r| r.pnl)?;
    column(&to, "bars", records, |r| r.bars)?;
    column(&to, "reason", records, |r| r.reason as u8)?;
    Ok(to)
}

fn counters<'py>(py: Python<'py>, replay: &Replay<'_>) -> PyResult<Bound<'py, PyDict>> {
    let desk = replay.desk();
    let positions = &desk.ledger().positions;
    let each: Vec<_> = (0..positions.len()).map(|asset| *desk.counters(asset)).collect();
    let to = PyDict::new(py);
    column(&to, "missing", &each, |c| c.missing)?;
    column(&to, "flips", &each, |c| c.flips)?;
    column(&to, "acts", &each, |c| c.acts)?;
    column(&to, "band_holds", &each, |c| c.band_holds)?;
    column(&to, "position", positions, |p| p.lots)?;
    // 1/den units of i128 do not fit an array; decimal strings carry them whole.
    to.set_item("dust", positions.iter().map(|p| p.dust.to_string()).collect::<Vec<_>>())?;
    to.set_item("budget_rows", desk.budget_rows)?;
    to.set_item("budget_max_gross_e9", desk.budget_max_gross_e9)?;
    to.set_item("flow", desk.ledger().flow)?;
    to.set_item("fees", desk.ledger().fees)?;
    Ok(to)
}

/// Takes everything a run has written; what still works or is open is closed off as such. The replay keeps its state but not its records.
pub fn take<'py>(py: Python<'py>, replay: &mut Replay<'_>) -> PyResult<Bound<'py, PyDict>> {
    let mut records = std::mem::take(&mut replay.records);
    records.orders.extend(replay.desk().working().map(|&order| OrderRecord { order, status: Status::Working, done_ts: -1 }));
    records.sort();
    records.trades.extend(replay.desk().open_trades());
    let to = PyDict::new(py);
    to.set_item("counters", counters(py, replay)?)?;
    to.set_item("orders", orders(py, &records.orders)?)?;
    to.set_item("fills", fills(py, &records.fills)?)?;
    to.set_item("trades", trades(py, &records.trades)?)?;
    to.set_item("state_hash", hex(&replay.hash()))?;
    to.set_item("equity_ts", PyArray1::from_vec(py, std::mem::take(&mut replay.equity_ts)))?;
    to.set_item("equity", PyArray1::from_vec(py, std::mem::take(&mut replay.equity)))?;
    Ok(to)
}

/// Writes bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
