//! Records as NumPy columns, filled stretch by stretch.
use crate::keyed::{self, Plain};
use bot4_engine::desk::breaker::BreakerRecord;
use bot4_engine::desk::funding::FundingRecord;
use bot4_engine::desk::guard::GuardRecord;
use bot4_engine::desk::operator::CommandRecord;
use bot4_engine::desk::order::{FillRecord, KeyedRecord, OrderRecord, TradeRecord};
use bot4_engine::desk::reason::Status;
use bot4_engine::desk::records::Records;
use bot4_engine::desk::wallets::Wallet;
use bot4_engine::desk::{Counters, Totals};
use bot4_engine::replay::Replay;
use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

/// A buffer from this size on is asked to lie in large pages.
const LARGE_BYTES: usize = 4 << 20;
/// The most memory that one column reserves on a guess; what is not written costs addresses alone.
const GUESS_BYTES: usize = 128 << 20;

/// Makes room for `more` values, and at once for as many as the whole run will need by now's reckoning: `part` of it is done.
fn reserve<T>(column: &mut Vec<T>, more: usize, part: f64) {
    if column.capacity() - column.len() >= more {
        return;
    }
    let so_far = column.len() + more;
    let guess = (so_far as f64 * (1.02 / part - 1.0)) as usize;
    column.reserve_exact(more + guess.min(GUESS_BYTES / size_of::<T>()));
    in_large_pages(column);
}

/// Asks the system to back a large buffer with large pages: the first touch of every small page costs more than writing it does.
pub fn in_large_pages<T>(column: &Vec<T>) {
    #[cfg(target_os = "linux")]
    {
        const PAGE: usize = 4096;
        let bytes = column.capacity() * size_of::<T>();
        if bytes >= LARGE_BYTES {
            let start = (column.as_ptr() as usize).next_multiple_of(PAGE);
            let end = (column.as_ptr() as usize + bytes) / PAGE * PAGE;
            // SAFETY: the range lies inside the buffer, and the advice changes no content; a system that refuses it goes on with small pages.
            unsafe { libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_HUGEPAGE) };
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (column, LARGE_BYTES);
}

/// Defines columns of one kind of record: how a field is read from a record and what type it has outside.
macro_rules! columns {
    ($(#[$doc:meta])* $columns:ident of $record:ty { $($name:ident: $type:ty = $value:expr),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Default)]
        struct $columns { $($name: Vec<$type>),+ }

        impl $columns {
            /// Appends the records; `part` of the run is done.
            fn take(&mut self, records: &[$record], part: f64) {
                $(
                    reserve(&mut self.$name, records.len(), part);
                    self.$name.extend(records.iter().map($value));
                )+
            }

            /// Puts every column in the order of rows.
            #[allow(dead_code)]
            fn permute(&mut self, rows: &[usize]) {
                $(self.$name = rows.iter().map(|&row| self.$name[row]).collect();)+
            }

            fn into_dict<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let to = PyDict::new(py);
                $(
                    let mut column = self.$name;
                    column.shrink_to_fit();
                    to.set_item(stringify!($name), PyArray1::from_vec(py, column))?;
                )+
                Ok(to)
            }
        }
    };
}

columns! {
    /// Orders, at first by end time.
    Orders of OrderRecord {
        id: u32 = |r| r.order.id,
        ts: i64 = |r| r.order.ts,
        asset: u32 = |r| r.order.asset,
        side: i8 = |r| r.order.side as i8,
        lots: i64 = |r| r.order.lots,
        filled: i64 = |r| r.order.filled,
        wanted: i64 = |r| r.order.wanted,
        ref_ticks: i64 = |r| r.order.ref_ticks,
        reason: u8 = |r| r.order.reason as u8,
        status: u8 = |r| r.status as u8,
        cause: u8 = |r| r.order.cause as u8,
        done_ts: i64 = |r| r.done_ts,
        capped_row: u32 = |r| r.order.capped_row,
    }
}

columns! {
    Fills of FillRecord {
        order: u32 = |r| r.order,
        ts: i64 = |r| r.ts,
        row: u64 = |r| r.row,
        asset: u32 = |r| r.asset,
        lots: i64 = |r| r.lots,
        ticks: i64 = |r| r.ticks,
        base_ticks: i64 = |r| r.base_ticks,
        fee: i64 = |r| r.fee,
        reason: u8 = |r| r.reason as u8,
        position: i64 = |r| r.position,
        flow: i64 = |r| r.flow,
        rule: u8 = |r| r.rule as u8,
        maker: bool = |r| r.maker,
        volume_left: i64 = |r| r.volume_left,
    }
}

columns! {
    Trades of TradeRecord {
        asset: u32 = |r| r.asset,
        side: i8 = |r| r.side as i8,
        entry_ts: i64 = |r| r.entry_ts,
        exit_ts: i64 = |r| r.exit_ts,
        lots: i64 = |r| r.lots,
        entry_notional: i64 = |r| r.entry_notional,
        exit_notional: i64 = |r| r.exit_notional,
        fees: i64 = |r| r.fees,
        pnl: i64 = |r| r.pnl,
        funding: i64 = |r| r.funding,
        bars: i64 = |r| r.bars,
        reason: u8 = |r| r.reason as u8,
    }
}

columns! {
    Funding of FundingRecord {
        ts: i64 = |r| r.ts,
        asset: u32 = |r| r.asset,
        rate_e9: i64 = |r| r.rate_e9,
        amount: i64 = |r| r.amount,
        position: i64 = |r| r.position,
    }
}

columns! {
    Guard of GuardRecord {
        ts: i64 = |r| r.ts,
        from: u8 = |r| r.from as u8,
        to: u8 = |r| r.to as u8,
        layer: u8 = |r| r.layer as u8,
        value: i64 = |r| r.value,
        limit: i64 = |r| r.limit,
        equity: i64 = |r| r.equity,
    }
}

columns! {
    Commands of CommandRecord {
        ts: i64 = |r| r.ts,
        number: u32 = |r| r.number,
        action: u8 = |r| r.action as u8,
        effect: u8 = |r| r.effect as u8,
        from: u8 = |r| r.from as u8,
        to: u8 = |r| r.to as u8,
    }
}

columns! {
    Breakers of BreakerRecord {
        ts: i64 = |r| r.ts,
        kind: u8 = |r| r.kind as u8,
        index: u32 = |r| r.index,
        from: u8 = |r| r.from as u8,
        to: u8 = |r| r.to as u8,
        trip: u8 = |r| r.trip as u8,
        value: i64 = |r| r.value,
        limit: i64 = |r| r.limit,
    }
}

columns! {
    PerWallet of Wallet {
        flow: i64 = |w| w.flow,
        fees: i64 = |w| w.fees,
        interest: i64 = |w| w.interest,
    }
}

columns! {
    PerAccount of Totals {
        funding: i64 = |t| t.funding,
        borrow: i64 = |t| t.borrow,
        fund: i64 = |t| t.fund,
        liquidations: u64 = |t| t.liquidations,
    }
}

columns! {
    PerAsset of Counters {
        missing: u64 = |c| c.missing,
        flips: u64 = |c| c.flips,
        acts: u64 = |c| c.acts,
        band_holds: u64 = |c| c.band_holds,
        rejected_units: u64 = |c| c.rejected_units,
        ignored_signals: u64 = |c| c.ignored_signals,
    }
}

/// A run's records as columns, filled while it runs: what the engine has written is still in the cache then, and is never kept twice.
#[derive(Default)]
pub struct Columns {
    orders: Orders,
    fills: Fills,
    trades: Trades,
    funding: Funding,
    guard: Guard,
    commands: Commands,
    breakers: Breakers,
    /// Orders of lanes, by end time; they become columns once all orders stand by number.
    keyed: Vec<KeyedRecord>,
}

impl Columns {
    /// Moves the records written so far out of the replay, which keeps its memory for the next ones; `part` of the run is done.
    pub fn take(&mut self, records: &mut Records, part: f64) {
        self.orders.take(&records.orders, part);
        self.fills.take(&records.fills, part);
        self.trades.take(&records.trades, part);
        self.funding.take(&records.funding, part);
        self.guard.take(&records.guard, part);
        self.commands.take(&records.commands, part);
        self.breakers.take(&records.breakers, part);
        self.keyed.append(&mut records.keyed);
        records.orders.clear();
        records.fills.clear();
        records.trades.clear();
        records.funding.clear();
        records.guard.clear();
        records.commands.clear();
        records.breakers.clear();
    }

    /// Puts orders by id.
    fn sort(&mut self) {
        let ids = &self.orders.id;
        if !ids.is_sorted() {
            let mut rows: Vec<usize> = (0..ids.len()).collect();
            rows.sort_by_key(|&row| ids[row]);
            self.orders.permute(&rows);
        }
        self.keyed.sort_by_key(|record| record.order);
    }

    /// Turns the records into the tables `orders`, `fills`, `trades`, `funding`, `guard`, `commands` and `breakers`.
    pub fn into_tables<'py>(mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.sort();
        let to = PyDict::new(py);
        let orders = &self.orders;
        let plain = Plain { ids: &orders.id, reasons: &orders.reason, refs: &orders.ref_ticks, capped: &orders.capped_row };
        let details = keyed::columns(py, plain, &self.keyed)?;
        let orders = self.orders.into_dict(py)?;
        orders.del_item("capped_row")?; // Inside `evidence` and `evidence_row` now.
        orders.update(details.as_mapping())?;
        to.set_item("orders", orders)?;
        to.set_item("fills", self.fills.into_dict(py)?)?;
        to.set_item("trades", self.trades.into_dict(py)?)?;
        to.set_item("funding", self.funding.into_dict(py)?)?;
        to.set_item("guard", self.guard.into_dict(py)?)?;
        to.set_item("commands", self.commands.into_dict(py)?)?;
        to.set_item("breakers", self.breakers.into_dict(py)?)?;
        Ok(to)
    }
}

/// Returns a run's counters.
pub fn counters<'py>(py: Python<'py>, replay: &Replay<'_>) -> PyResult<Bound<'py, PyDict>> {
    let desk = replay.desk();
    let positions = &desk.ledger().positions;
    let each: Vec<_> = (0..positions.len()).map(|asset| *desk.counters(asset)).collect();
    let mut per_asset = PerAsset::default();
    per_asset.take(&each, 1.0);
    let to = per_asset.into_dict(py)?;
    let mut accounts = PerAccount::default();
    accounts.take(&(0..positions.len()).map(|asset| desk.totals(asset)).collect::<Vec<_>>(), 1.0);
    to.update(accounts.into_dict(py)?.as_mapping())?;
    let mut wallets = PerWallet::default();
    wallets.take(&desk.ledger().wallets, 1.0);
    to.set_item("wallets", wallets.into_dict(py)?)?;
    to.set_item("position", PyArray1::from_vec(py, positions.iter().map(|p| p.lots).collect()))?;
    // 1/den units of i128 do not fit an array; decimal strings carry them whole.
    to.set_item("dust", positions.iter().map(|p| p.dust.to_string()).collect::<Vec<_>>())?;
    to.set_item("budget_rows", desk.budget_rows)?;
    to.set_item("budget_max_gross_e9", desk.budget_max_gross_e9)?;
    to.set_item("broken_legs", PyArray1::from_vec(py, desk.broken_legs().collect()))?;
    to.set_item("flow", desk.ledger().flow)?;
    to.set_item("fees", desk.ledger().fees)?;
    Ok(to)
}

/// Hands out everything a run has written, after what `columns` hold already; what still works or is open is closed off as such. The replay
/// keeps its state but not its records.
pub fn take<'py>(py: Python<'py>, replay: &mut Replay<'_>, mut columns: Columns) -> PyResult<Bound<'py, PyDict>> {
    let mut rest = std::mem::take(&mut replay.records);
    rest.orders.extend(replay.desk().working().map(|&order| OrderRecord { order, status: Status::Working, done_ts: -1 }));
    rest.keyed.extend(replay.desk().working_keyed());
    rest.trades.extend(replay.desk().open_trades());
    columns.take(&mut rest, 1.0);
    let to = columns.into_tables(py)?;
    to.set_item("counters", counters(py, replay)?)?;
    to.set_item("keys", replay.desk().lanes().keys.clone())?;
    to.set_item("state_hash", hex(&replay.hash()))?;
    to.set_item("desk_hash", PyBytes::new(py, &replay.desk().hash()))?;
    to.set_item("equity_ts", PyArray1::from_vec(py, std::mem::take(&mut replay.equity_ts)))?;
    to.set_item("equity", PyArray1::from_vec(py, std::mem::take(&mut replay.equity)))?;
    Ok(to)
}

/// Writes bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
