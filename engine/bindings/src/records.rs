//! Records as NumPy columns.
use bot4_engine::desk::Counters;
use bot4_engine::desk::order::{FillRecord, KeyedRecord, OrderRecord, TradeRecord};
use bot4_engine::desk::reason::{Evidence, OrderKind, Status, Tif};
use bot4_engine::replay::Replay;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Records turned into columns at once: few enough to stay in the second-level cache while every column takes its part.
const CHUNK: usize = 512;

/// Builds a dict of columns in one pass over the records.
macro_rules! columns {
    ($py:expr, $records:expr, { $($name:ident: $value:expr),+ $(,)? }) => {{
        $(let mut $name = Vec::with_capacity($records.len());)+
        for chunk in $records.chunks(CHUNK) {
            $($name.extend(chunk.iter().map($value));)+
        }
        let fill = || -> PyResult<Bound<'_, PyDict>> {
            let to = PyDict::new($py);
            $(to.set_item(stringify!($name), PyArray1::from_vec($py, $name))?;)+
            Ok(to)
        };
        fill()
    }};
}

fn orders<'py>(py: Python<'py>, records: &[OrderRecord], keyed: &[KeyedRecord]) -> PyResult<Bound<'py, PyDict>> {
    let to = columns!(py, records, {
        id: |r| r.order.id,
        ts: |r| r.order.ts,
        asset: |r| r.order.asset,
        side: |r| r.order.side as i8,
        lots: |r| r.order.lots,
        filled: |r| r.order.filled,
        wanted: |r| r.order.wanted,
        ref_ticks: |r| r.order.ref_ticks,
        reason: |r| r.order.reason as u8,
        status: |r| r.status as u8,
        cause: |r| r.order.cause as u8,
        done_ts: |r| r.done_ts,
    })?;
    add_keyed(&to, records, keyed)?;
    Ok(to)
}

/// An order of a target or of entries: a market order without a key.
const PLAIN: KeyedRecord = KeyedRecord {
    order: 0,
    key: 0,
    kind: OrderKind::Market,
    tif: Tif::Gtc,
    price_ticks: -1,
    trigger_ticks: -1,
    parent: -1,
    evidence: Evidence::None,
    evidence_row: -1,
};

/// Adds the columns of keyed orders; both lists stand by number.
fn add_keyed(to: &Bound<'_, PyDict>, orders: &[OrderRecord], keyed: &[KeyedRecord]) -> PyResult<()> {
    let mut rest = keyed.iter().peekable();
    let joined = orders.iter().map(|record| match rest.next_if(|keyed| keyed.order == record.order.id) {
        Some(keyed) => (keyed.key as i32, *keyed),
        None => (-1, PLAIN),
    });
    // Without lanes every row is the same: nothing to look up.
    let joined: Vec<(i32, KeyedRecord)> = if keyed.is_empty() { vec![(-1, PLAIN); orders.len()] } else { joined.collect() };
    let columns = columns!(to.py(), joined, {
        key: |r| r.0,
        kind: |r| r.1.kind as u8,
        price_ticks: |r| r.1.price_ticks,
        trigger_ticks: |r| r.1.trigger_ticks,
        tif: |r| r.1.tif as u8,
        parent: |r| r.1.parent,
        evidence: |r| r.1.evidence as u8,
        evidence_row: |r| r.1.evidence_row,
    })?;
    to.update(columns.as_mapping())
}

fn fills<'py>(py: Python<'py>, records: &[FillRecord]) -> PyResult<Bound<'py, PyDict>> {
    columns!(py, records, {
        order: |r| r.order,
        ts: |r| r.ts,
        row: |r| r.row,
        asset: |r| r.asset,
        lots: |r| r.lots,
        ticks: |r| r.ticks,
        base_ticks: |r| r.base_ticks,
        fee: |r| r.fee,
        reason: |r| r.reason as u8,
        position: |r| r.position,
        flow: |r| r.flow,
        rule: |r| r.rule as u8,
        maker: |r| r.maker,
        volume_left: |r| r.volume_left,
    })
}

fn trades<'py>(py: Python<'py>, records: &[TradeRecord]) -> PyResult<Bound<'py, PyDict>> {
    columns!(py, records, {
        asset: |r| r.asset,
        side: |r| r.side as i8,
        entry_ts: |r| r.entry_ts,
        exit_ts: |r| r.exit_ts,
        lots: |r| r.lots,
        entry_notional: |r| r.entry_notional,
        exit_notional: |r| r.exit_notional,
        fees: |r| r.fees,
        pnl: |r| r.pnl,
        bars: |r| r.bars,
        reason: |r| r.reason as u8,
    })
}

fn per_asset<'py>(py: Python<'py>, each: &[Counters]) -> PyResult<Bound<'py, PyDict>> {
    columns!(py, each, {
        missing: |c| c.missing,
        flips: |c| c.flips,
        acts: |c| c.acts,
        band_holds: |c| c.band_holds,
    })
}

fn counters<'py>(py: Python<'py>, replay: &Replay<'_>) -> PyResult<Bound<'py, PyDict>> {
    let desk = replay.desk();
    let positions = &desk.ledger().positions;
    let each: Vec<_> = (0..positions.len()).map(|asset| *desk.counters(asset)).collect();
    let to = per_asset(py, &each)?;
    to.set_item("position", PyArray1::from_vec(py, positions.iter().map(|p| p.lots).collect()))?;
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
    records.keyed.extend(replay.desk().working_keyed());
    records.sort();
    records.trades.extend(replay.desk().open_trades());
    let to = PyDict::new(py);
    to.set_item("counters", counters(py, replay)?)?;
    to.set_item("orders", orders(py, &records.orders, &records.keyed)?)?;
    to.set_item("keys", replay.desk().lanes().keys.clone())?;
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
