//! What holds of every stream: it tells exactly what the lists by kind hold, each order is sent before it fills and nothing follows its end.
use bot4_engine::desk::order::{FillRecord, OrderRecord};
use bot4_engine::desk::reason::{Cause, Status};
use bot4_engine::desk::records::Records;
use bot4_engine::desk::stream::{CashKind, DeskEvent, Sent};
use std::collections::BTreeMap;

/// Reads the stream of a run from its beginning; returns how many events it had.
pub fn assert_told(records: &Records) -> usize {
    let mut open: BTreeMap<u32, (Sent, i64)> = BTreeMap::new();
    let (mut fills, mut ended): (Vec<FillRecord>, Vec<OrderRecord>) = Default::default();
    let mut funding: Vec<(i64, u32, i64)> = Vec::new();
    for event in &records.stream {
        match event {
            DeskEvent::Sent(sent) => {
                assert_eq!(sent.order.filled, 0);
                assert!(open.insert(sent.order.id, (*sent, 0)).is_none(), "order {} was sent twice", sent.order.id);
            }
            DeskEvent::Cut { order, .. } => {
                let (sent, filled) = open.get_mut(&order.id).expect("sent before it is cut");
                assert!(order.lots < sent.order.lots && order.filled == *filled);
                sent.order.lots = order.lots;
            }
            DeskEvent::Filled(fill) => {
                let (sent, filled) = open.get_mut(&fill.order).expect("sent before it fills");
                *filled += fill.lots.abs();
                assert!(fill.lots.signum() == sent.order.side && *filled <= sent.order.lots);
                fills.push(*fill);
            }
            DeskEvent::Ended(record) => {
                let sent = open.remove(&record.order.id);
                match record.status {
                    Status::Rejected if record.order.cause == Cause::Refused => assert!(sent.is_some(), "the venue refused it"),
                    Status::Rejected => assert!(sent.is_none(), "what the gate refuses never left"),
                    _ => {
                        let (sent, filled) = sent.expect("sent before it ends");
                        let same =
                            (sent.order.asset, sent.order.side, sent.order.ts) == (record.order.asset, record.order.side, record.order.ts);
                        assert!(same && filled == record.order.filled && sent.order.lots == record.order.lots);
                    }
                }
                ended.push(*record);
            }
            DeskEvent::Cash(cash) if cash.kind == CashKind::Funding => funding.push((cash.ts, cash.asset, cash.amount)),
            DeskEvent::Cash(_) => {}
        }
    }
    assert_eq!(fills, records.fills);
    ended.sort_by_key(|record| record.order.id);
    let mut listed: Vec<_> = records.orders.iter().filter(|record| record.status != Status::Working).copied().collect();
    listed.sort_by_key(|record| record.order.id);
    assert_eq!(ended, listed);
    assert_eq!(funding, records.funding.iter().map(|f| (f.ts, f.asset, f.amount)).collect::<Vec<_>>());
    records.stream.len()
}
