//! The stream of events: the same as the lists by kind, and with it alone every wallet can be kept.

use crate::accounts::harness::*;
use crate::accounts::properties::{any_case, open};
use bot4_engine::desk::stream::{CashKind, DeskEvent, NO_ASSET};

#[test]
fn the_stream_tells_what_the_lists_hold_and_every_wallet_follows_from_it() {
    let (mut events, mut kinds) = (0, [0; 4]);
    for seed in 0..150 {
        let (world, config) = any_case(seed);
        let mut desk = open(&world, &config);
        desk.tell();
        let records = play(&mut desk, &world);
        events += crate::support::told::assert_told(&records);
        let mut flows: Vec<i64> = config.wallets.iter().map(|wallet| wallet.cash).collect();
        for event in &records.stream {
            match event {
                DeskEvent::Filled(fill) => {
                    let table = &world.0[fill.asset as usize];
                    let scale = &table.contract.scale;
                    let paid = scale.ceil(scale.directed(fill.lots), fill.ticks).unwrap() + fill.fee;
                    flows[table.terms.wallet] -= paid;
                    assert_eq!(flows[table.terms.wallet], fill.flow, "in the order of happening");
                }
                DeskEvent::Cash(cash) => {
                    flows[cash.wallet as usize] += cash.amount;
                    assert_eq!(cash.asset == NO_ASSET, cash.kind == CashKind::Interest);
                    kinds[cash.kind as usize - 1] += 1;
                }
                DeskEvent::Sent(_) | DeskEvent::Cut { .. } | DeskEvent::Ended(_) => {}
            }
        }
        assert_eq!(flows, desk.ledger().wallets.iter().map(|wallet| wallet.flow).collect::<Vec<_>>());
    }
    assert!(events > 10_000 && kinds.iter().all(|&count| count > 20), "{events} {kinds:?}");
}

#[test]
fn nothing_is_told_where_nobody_listens() {
    let (world, config) = any_case(3);
    let mut desk = open(&world, &config);
    let records = play(&mut desk, &world);
    assert!(records.stream.is_empty() && !records.fills.is_empty());
}
