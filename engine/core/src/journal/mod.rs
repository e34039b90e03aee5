//! What the records of a run's journal hold, byte for byte. Pure: bytes are made here, and written by the host.
//!
//! Fixed little-endian fields in the order of the tables below, which are also what a reader in another language is given
//! ([`layouts`]). A record's version is raised when its fields change.

pub mod snapshot;
mod tape;

use crate::desk::breaker::BreakerRecord;
use crate::desk::execution::simulated::Change;
use crate::desk::funding::FundingRecord;
use crate::desk::guard::GuardRecord;
use crate::desk::operator::CommandRecord;
use crate::desk::order::{FillRecord, KeyedRecord, OrderRecord, TradeRecord};
use crate::desk::remote::Report;
use crate::desk::stream::Cash;
pub use tape::{TAPE_LAYOUTS, TapeRow, encode_bars, encode_rate, encode_ticks};

/// Version of all records' fields.
pub const VERSION: u16 = 1;

/// What a run's journal holds, as its first record says. 1, or nothing said: what came of a run. 2: orders sent, their states and money moved too.
pub const CONTENTS: u32 = 2;

/// Kinds of records in the control journal.
pub mod control {
    /// What was run: market, program, configuration, as JSON. The first record.
    pub const BEGIN: u16 = 1;
    /// An order that ended.
    pub const ORDER: u16 = 2;
    /// What is known of an order of a lane beside.
    pub const KEYED: u16 = 3;
    /// A fill.
    pub const FILL: u16 = 4;
    /// A trade that closed.
    pub const TRADE: u16 = 5;
    /// Funding booked.
    pub const FUNDING: u16 = 6;
    /// The state's hash after so many rows.
    pub const CHECK: u16 = 7;
    /// The same at the end of the run. The last record.
    pub const END: u16 = 8;
    /// What the guard did.
    pub const GUARD: u16 = 9;
    /// A command of a person, as JSON, before it is obeyed: an input.
    pub const COMMAND: u16 = 10;
    /// What came of it.
    pub const OBEYED: u16 = 11;
    /// A change of a circuit breaker.
    pub const BREAKER: u16 = 12;
    /// An order, before it is sent.
    pub const SENT: u16 = 13;
    /// A change of an order's state.
    pub const STATE: u16 = 14;
    /// Money that no fill moved.
    pub const CASH: u16 = 15;
    /// What a venue that answers later told of an order: an input, written before the desk takes it.
    pub const REPORT: u16 = 16;
}

/// A field of a record: its name and type (`u8 i8 u32 u64 i64 f64 hash`, or `json` for the whole payload).
pub type Field = (&'static str, &'static str);

/// A kind of record: code, name, fields.
pub type Layout = (u16, &'static str, &'static [Field]);

trait Bytes {
    const TYPE: &'static str;
    fn put(self, to: &mut Vec<u8>);
}

macro_rules! bytes {
    ($($type:ty),+) => {
        $(impl Bytes for $type {
            const TYPE: &'static str = stringify!($type);
            fn put(self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }
        })+
    };
}
bytes!(u8, i8, u32, u64, i64, f64);

impl Bytes for [u8; 32] {
    const TYPE: &'static str = "hash";
    fn put(self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self);
    }
}

/// Something that has a place in the control journal.
pub trait Entry {
    /// Its kind.
    const KIND: u16;
    /// Its fields.
    const FIELDS: &'static [Field];
    /// Appends its payload.
    fn encode(&self, to: &mut Vec<u8>);
    /// When it happened, ms.
    fn time(&self) -> i64;
}

macro_rules! entry {
    ($record:ty, $kind:expr, $time:expr, { $($name:ident: $type:ty = $value:expr),+ $(,)? }) => {
        impl Entry for $record {
            const KIND: u16 = $kind;
            const FIELDS: &'static [Field] = &[$((stringify!($name), <$type as Bytes>::TYPE)),+];
            fn encode(&self, to: &mut Vec<u8>) {
                $({
                    let value: fn(&$record) -> $type = $value;
                    value(self).put(to);
                })+
            }
            fn time(&self) -> i64 {
                let time: fn(&$record) -> i64 = $time;
                time(self)
            }
        }
    };
}

mod orders;
pub use orders::{SentEntry, decode_report};

entry!(OrderRecord, control::ORDER, |r| r.done_ts, {
    id: u32 = |r| r.order.id,
    asset: u32 = |r| r.order.asset,
    ts: i64 = |r| r.order.ts,
    done_ts: i64 = |r| r.done_ts,
    side: i8 = |r| r.order.side as i8,
    reason: u8 = |r| r.order.reason as u8,
    status: u8 = |r| r.status as u8,
    cause: u8 = |r| r.order.cause as u8,
    capped_row: u32 = |r| r.order.capped_row,
    lots: i64 = |r| r.order.lots,
    filled: i64 = |r| r.order.filled,
    wanted: i64 = |r| r.order.wanted,
    ref_ticks: i64 = |r| r.order.ref_ticks,
    due: i64 = |r| r.order.due,
});

/// A lane's order with the time at which it ended, which [`KeyedRecord`] does not hold.
pub struct KeyedEntry {
    /// The record.
    pub record: KeyedRecord,
    /// When its order ended, ms.
    pub done_ts: i64,
}

entry!(KeyedEntry, control::KEYED, |r| r.done_ts, {
    order: u32 = |r| r.record.order,
    key: u32 = |r| r.record.key,
    kind: u8 = |r| r.record.kind as u8,
    tif: u8 = |r| r.record.tif as u8,
    evidence: u8 = |r| r.record.evidence as u8,
    price_ticks: i64 = |r| r.record.price_ticks,
    trigger_ticks: i64 = |r| r.record.trigger_ticks,
    parent: i64 = |r| r.record.parent,
    evidence_row: i64 = |r| r.record.evidence_row,
});

entry!(FillRecord, control::FILL, |r| r.ts, {
    order: u32 = |r| r.order,
    asset: u32 = |r| r.asset,
    ts: i64 = |r| r.ts,
    row: u64 = |r| r.row,
    lots: i64 = |r| r.lots,
    ticks: i64 = |r| r.ticks,
    base_ticks: i64 = |r| r.base_ticks,
    fee: i64 = |r| r.fee,
    position: i64 = |r| r.position,
    flow: i64 = |r| r.flow,
    volume_left: i64 = |r| r.volume_left,
    reason: u8 = |r| r.reason as u8,
    rule: u8 = |r| r.rule as u8,
    maker: u8 = |r| u8::from(r.maker),
});

entry!(TradeRecord, control::TRADE, |r| r.exit_ts, {
    asset: u32 = |r| r.asset,
    side: i8 = |r| r.side as i8,
    reason: u8 = |r| r.reason as u8,
    entry_ts: i64 = |r| r.entry_ts,
    exit_ts: i64 = |r| r.exit_ts,
    lots: i64 = |r| r.lots,
    entry_notional: i64 = |r| r.entry_notional,
    exit_notional: i64 = |r| r.exit_notional,
    fees: i64 = |r| r.fees,
    pnl: i64 = |r| r.pnl,
    funding: i64 = |r| r.funding,
    bars: i64 = |r| r.bars,
});

entry!(FundingRecord, control::FUNDING, |r| r.ts, {
    asset: u32 = |r| r.asset,
    ts: i64 = |r| r.ts,
    rate_e9: i64 = |r| r.rate_e9,
    amount: i64 = |r| r.amount,
    position: i64 = |r| r.position,
});

entry!(GuardRecord, control::GUARD, |r| r.ts, {
    ts: i64 = |r| r.ts,
    from: u8 = |r| r.from as u8,
    to: u8 = |r| r.to as u8,
    layer: u8 = |r| r.layer as u8,
    value: i64 = |r| r.value,
    limit: i64 = |r| r.limit,
    equity: i64 = |r| r.equity,
});

entry!(CommandRecord, control::OBEYED, |r| r.ts, {
    ts: i64 = |r| r.ts,
    number: u32 = |r| r.number,
    action: u8 = |r| r.action as u8,
    effect: u8 = |r| r.effect as u8,
    from: u8 = |r| r.from as u8,
    to: u8 = |r| r.to as u8,
});

entry!(BreakerRecord, control::BREAKER, |r| r.ts, {
    ts: i64 = |r| r.ts,
    kind: u8 = |r| r.kind as u8,
    index: u32 = |r| r.index,
    from: u8 = |r| r.from as u8,
    to: u8 = |r| r.to as u8,
    trip: u8 = |r| r.trip as u8,
    value: i64 = |r| r.value,
    limit: i64 = |r| r.limit,
});

/// The state after a stretch of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// Grid rows taken.
    pub rows: u64,
    /// Decision time of the last one, ms.
    pub ts: i64,
    /// Equity there, 1e-8 quote.
    pub equity: i64,
    /// Hash of the whole state.
    pub state: [u8; 32],
}

entry!(Check, control::CHECK, |r| r.ts, {
    rows: u64 = |r| r.rows,
    ts: i64 = |r| r.ts,
    equity: i64 = |r| r.equity,
    state: [u8; 32] = |r| r.state,
});

/// Returns every kind of record of the control journal with its fields.
pub fn layouts() -> Vec<Layout> {
    vec![
        (control::BEGIN, "begin", &[("setup", "json")]),
        (control::ORDER, "order", OrderRecord::FIELDS),
        (control::KEYED, "keyed", KeyedEntry::FIELDS),
        (control::FILL, "fill", FillRecord::FIELDS),
        (control::TRADE, "trade", TradeRecord::FIELDS),
        (control::FUNDING, "funding", FundingRecord::FIELDS),
        (control::CHECK, "check", Check::FIELDS),
        (control::END, "end", Check::FIELDS),
        (control::GUARD, "guard", GuardRecord::FIELDS),
        (control::COMMAND, "command", &[("command", "json")]),
        (control::OBEYED, "obeyed", CommandRecord::FIELDS),
        (control::BREAKER, "breaker", BreakerRecord::FIELDS),
        (control::SENT, "sent", SentEntry::FIELDS),
        (control::STATE, "state", Change::FIELDS),
        (control::CASH, "cash", Cash::FIELDS),
        (control::REPORT, "report", Report::FIELDS),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_its_fields_one_after_the_other() {
        let mut bytes = Vec::new();
        Check { rows: 3, ts: -1, equity: 5, state: [9; 32] }.encode(&mut bytes);
        assert_eq!(bytes.len(), 8 * 3 + 32);
        assert_eq!(bytes[..8], 3_u64.to_le_bytes());
        assert_eq!(bytes[8..16], (-1_i64).to_le_bytes());
        assert_eq!(bytes[24..], [9; 32]);
    }

    #[test]
    fn kinds_are_told_apart_and_fields_have_names_of_their_own() {
        for (place, (code, name, fields)) in layouts().iter().enumerate() {
            assert_eq!(usize::from(*code), place + 1, "{name}");
            let mut names: Vec<_> = fields.iter().map(|field| field.0).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), fields.len(), "{name}");
        }
    }
}
