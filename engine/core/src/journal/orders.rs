//! Records of orders on their way: sent (before it leaves), each change of state, and money that no fill moved.
use super::{Bytes, Entry, Field, control};
use crate::desk::execution::simulated::Change;
use crate::desk::stream::{Cash, Sent};

impl Bytes for [u8; 16] {
    const TYPE: &'static str = "id";
    fn put(self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self);
    }
}

/// An order with the id that the venue is given: written before it is sent.
#[derive(Debug, Clone, Copy)]
pub struct SentEntry {
    /// The order.
    pub sent: Sent,
    /// Its client order id, the most significant byte first: in hexadecimal digits it is the venue's text.
    pub client: [u8; 16],
}

entry!(SentEntry, control::SENT, |r| r.sent.order.ts, {
    order: u32 = |r| r.sent.order.id,
    asset: u32 = |r| r.sent.order.asset,
    ts: i64 = |r| r.sent.order.ts,
    client: [u8; 16] = |r| r.client,
    side: i8 = |r| r.sent.order.side as i8,
    reason: u8 = |r| r.sent.order.reason as u8,
    kind: u8 = |r| r.sent.kind as u8,
    tif: u8 = |r| r.sent.tif as u8,
    cause: u8 = |r| r.sent.order.cause as u8,
    key: u32 = |r| r.sent.key,
    lots: i64 = |r| r.sent.order.lots,
    wanted: i64 = |r| r.sent.order.wanted,
    price_ticks: i64 = |r| r.sent.price_ticks,
    trigger_ticks: i64 = |r| r.sent.trigger_ticks,
    ref_ticks: i64 = |r| r.sent.order.ref_ticks,
    due: i64 = |r| r.sent.order.due,
});

entry!(Change, control::STATE, |r| r.ts, {
    order: u32 = |r| r.order,
    ts: i64 = |r| r.ts,
    event: u8 = |r| r.outcome.event as u8,
    from: u8 = |r| r.outcome.from as u8,
    to: u8 = |r| r.outcome.to as u8,
    effect: u8 = |r| r.outcome.effect as u8,
    request: u32 = |r| r.outcome.request,
    booked: i64 = |r| r.outcome.booked,
    filled: i64 = |r| r.filled,
});

entry!(Cash, control::CASH, |r| r.ts, {
    ts: i64 = |r| r.ts,
    asset: u32 = |r| r.asset,
    wallet: u32 = |r| r.wallet,
    kind: u8 = |r| r.kind as u8,
    amount: i64 = |r| r.amount,
});
