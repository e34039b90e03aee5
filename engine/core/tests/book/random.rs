//! Random streams: the naive and the fast book tell the same events, hold the same orders, and lose no lot.
use bot4_engine::book::fast::FastBook;
use bot4_engine::book::naive::NaiveBook;
use bot4_engine::book::{Book, Event, Force, Incoming, SelfTrade, Side};
use proptest::prelude::*;

const FORCES: [Force; 5] =
    [Force::GoodTillCancelled, Force::GoodTillCancelled, Force::ImmediateOrCancel, Force::FillOrKill, Force::PostOnly];
const SELF_TRADES: [SelfTrade; 6] =
    [SelfTrade::Allow, SelfTrade::ExpireTaker, SelfTrade::ExpireMaker, SelfTrade::ExpireBoth, SelfTrade::Decrement, SelfTrade::Transfer];

#[derive(Debug, Clone, Copy)]
enum Command {
    Submit(Incoming),
    Cancel(u64),
    Amend(u64, i64),
    Replace(u64, i64, i64),
}

/// Prices cluster, so that queues form and orders meet; some are far away.
fn prices() -> impl Strategy<Value = i64> {
    prop_oneof![6 => 95_i64..106, 2 => 1_i64..300, 1 => 1_i64..(1 << 30)]
}

fn commands(ids: u64) -> impl Strategy<Value = Command> {
    let incoming = (0..ids, 0_u32..4, 0_u32..3, any::<bool>(), prices(), 1_i64..40, 0_i64..12, 0_usize..5, 0_usize..6, any::<bool>());
    let submit = incoming.prop_map(|(id, account, group, buys, ticks, lots, peak, force, own, market)| {
        let side = if buys { Side::Buy } else { Side::Sell };
        let (peak, force, self_trade) = (if peak > lots || peak < 6 { 0 } else { peak }, FORCES[force], SELF_TRADES[own]);
        let order = Incoming { id, account, group, side, ticks, lots, peak, force, self_trade };
        Command::Submit(if market && ticks % 5 == 0 { order.market() } else { order })
    });
    prop_oneof![
        6 => submit,
        1 => (0..ids).prop_map(Command::Cancel),
        1 => (0..ids, 0_i64..30).prop_map(|(id, left)| Command::Amend(id, left)),
        2 => (0..ids, prices(), 0_i64..40).prop_map(|(id, ticks, lots)| Command::Replace(id, ticks, lots)),
    ]
}

fn run(book: &mut impl Book, command: Command) -> Vec<Event> {
    let mut events = Vec::new();
    let tell = &mut |event| events.push(event);
    match command {
        Command::Submit(order) => book.submit(&order, tell),
        Command::Cancel(id) => book.cancel(id, tell),
        Command::Amend(id, left) => book.amend(id, left, tell),
        Command::Replace(id, ticks, lots) => book.replace(id, ticks, lots, tell),
    }
    events
}

/// Returns all levels of a side as (ticks, lots, orders).
fn levels(book: &impl Book, side: Side) -> Vec<(i64, i64, u32)> {
    let mut levels = Vec::new();
    book.depth(side, usize::MAX, &mut |level| levels.push((level.ticks, level.lots, level.orders)));
    levels
}

/// Returns the first orders of a side in priority, with the lots each has left.
fn walked(book: &impl Book, side: Side, most: usize) -> Vec<(u64, i64)> {
    let mut orders = Vec::new();
    book.walk(side, &mut |order, left| {
        orders.push((order.id, left));
        orders.len() < most
    });
    orders
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn both_books_tell_the_same_and_are_never_crossed(stream in prop::collection::vec(commands(48), 1..400)) {
        let (mut naive, mut fast, mut dense) = (NaiveBook::new(32), FastBook::new(32), FastBook::dense(32, 4_096));
        for command in stream {
            let told = run(&mut naive, command);
            prop_assert_eq!(&told, &run(&mut fast, command), "{:?}", command);
            prop_assert_eq!(&told, &run(&mut dense, command), "{:?}", command);
            prop_assert_eq!([naive.hash(); 2], [fast.hash(), dense.hash()], "{:?}", command);
            for side in [Side::Buy, Side::Sell] {
                prop_assert_eq!(levels(&naive, side), levels(&fast, side));
                prop_assert_eq!(fast.best(side), levels(&fast, side).first().map(|level| level.0));
                for ticks in 90..110 {
                    prop_assert_eq!(fast.shown(side, ticks), naive.shown(side, ticks));
                }
                for most in [1, 5, usize::MAX] {
                    prop_assert_eq!(walked(&naive, side, most), walked(&fast, side, most));
                }
            }
            if let (Some(bid), Some(ask)) = (fast.best(Side::Buy), fast.best(Side::Sell)) {
                prop_assert!(bid < ask, "crossed: {} and {}", bid, ask);
            }
        }
    }

    #[test]
    fn every_lot_that_came_in_has_traded_rests_or_was_given_up(stream in prop::collection::vec(commands(1 << 40), 1..400)) {
        let mut book = FastBook::new(512);
        let (mut came, mut gone, mut ids) = (0, 0, Vec::new());
        for command in stream {
            let Command::Submit(order) = command else { continue };
            let events = run(&mut book, command);
            if !matches!(events[0], Event::Refused { .. }) {
                came += order.lots;
                ids.push(order.id);
            }
            for event in events {
                gone += match event {
                    Event::Trade { lots, .. } => 2 * lots,
                    Event::Prevented { taker_lost, maker_lost, .. } => taker_lost + maker_lost,
                    Event::Ended { left, .. } => left,
                    Event::Rests { .. } | Event::Refused { .. } => 0,
                };
            }
            let rests: i64 = ids.iter().filter_map(|&id| book.left(id)).sum();
            prop_assert_eq!(came - gone, rests, "{:?}", order);
        }
    }
}
