//! Records of orders on their way: sent (before it leaves), each change of state, and money that no fill moved.
use super::{Bytes, Entry, Field, control};
use crate::desk::execution::simulated::Change;
use crate::desk::reason::{Cause, FillRule};
use crate::desk::remote::{Report, What};
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

entry!(Report, control::REPORT, |r| r.local_ns.div_euclid(1_000_000), {
    order: u32 = |r| r.order,
    venue_ns: i64 = |r| r.venue_ns,
    local_ns: i64 = |r| r.local_ns,
    rule: u8 = |r| if let What::Filled { rule, .. } = r.what { rule as u8 } else { 0 },
    cause: u8 = |r| if let What::Ended(cause) = r.what { cause as u8 } else { 0 },
    lots: i64 = |r| if let What::Filled { lots, .. } = r.what { lots } else { 0 },
    ticks: i64 = |r| if let What::Filled { ticks, .. } = r.what { ticks } else { 0 },
    base: i64 = |r| if let What::Filled { base, .. } = r.what { base } else { 0 },
});

/// Reads a report back.
///
/// # Errors
/// Returns a sentence where the bytes are none.
pub fn decode_report(bytes: &[u8]) -> Result<Report, String> {
    let wrong = || format!("a report has {} bytes or codes that it cannot have; read it with the Bot4 that wrote it", bytes.len());
    if bytes.len() != 4 + 8 + 8 + 1 + 1 + 3 * 8 {
        return Err(wrong());
    }
    let word = |at: usize| i64::from_le_bytes(bytes[at..at + 8].try_into().expect("the length is checked"));
    let order = u32::from_le_bytes(bytes[..4].try_into().expect("the length is checked"));
    let what = match (FillRule::from_code(bytes[20]), Cause::from_code(bytes[21])) {
        (Some(rule), _) => What::Filled { lots: word(22), ticks: word(30), base: word(38), rule },
        (None, Some(cause)) if bytes[20] == 0 => What::Ended(cause),
        _ => return Err(wrong()),
    };
    Ok(Report { order, venue_ns: word(4), local_ns: word(12), what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_comes_back_as_it_was() {
        let filled = What::Filled { lots: 3, ticks: 100, base: 99, rule: FillRule::Queue };
        for what in [filled, What::Ended(Cause::None), What::Ended(Cause::WouldTake)] {
            let report = Report { order: 7, venue_ns: 1 << 60, local_ns: (1 << 60) + 5, what };
            let mut bytes = Vec::new();
            report.encode(&mut bytes);
            assert_eq!(decode_report(&bytes), Ok(report));
            assert!(decode_report(&bytes[1..]).is_err());
            bytes[20] = 250;
            assert!(decode_report(&bytes).is_err());
        }
    }
}
