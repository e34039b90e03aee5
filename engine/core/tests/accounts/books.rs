//! Books kept from the stream alone: the same as the desk's wallets and trades, by both costs, after every event.
use crate::accounts::harness::*;
use crate::accounts::properties::{any_case, open};
use bot4_engine::desk::books::{BookKey, Books};
use bot4_engine::desk::stream::{Cash, CashKind, DeskEvent, NO_ASSET};
use bot4_engine::memory::snapshot::{Reader, Writer};

const KEY: BookKey = BookKey { strategy: 7, account: 1, venue: 2 };

fn books(world: &World, config: &Config) -> Books {
    let contracts: Vec<_> = world.0.iter().map(|table| (table.contract, table.terms.wallet)).collect();
    Books::new(KEY, &contracts, &config.wallets.iter().map(|wallet| wallet.cash).collect::<Vec<_>>())
}

fn take(books: &mut Books, event: &DeskEvent) {
    match event {
        DeskEvent::Filled(fill) => books.fill(fill.asset as usize, fill.lots, fill.ticks, fill.fee).unwrap(),
        DeskEvent::Cash(cash) => books.cash(cash).unwrap(),
        DeskEvent::Sent(_) | DeskEvent::Cut { .. } | DeskEvent::Ended(_) => {}
    }
}

#[test]
fn the_books_say_what_the_desk_says_after_every_event() {
    let (mut differing, mut partial) = (0, 0);
    for seed in 0..150 {
        let (world, config) = any_case(seed);
        let mut desk = open(&world, &config);
        desk.tell();
        let (mut kept, mut restored) = (books(&world, &config), books(&world, &config));
        let mut records = Records::default();
        let mut taken = 0;
        for at in 0..world.0[0].bars.len() {
            step(&mut desk, &world, at, &mut records);
            for event in &records.stream[taken..] {
                take(&mut kept, event);
                assert!(kept.is_balanced());
                differing += usize::from(kept.holdings.iter().any(|h| h.average.realised != h.fifo.realised));
                partial += usize::from(kept.holdings.iter().any(|h| h.fifo.depth() > 1));
            }
            taken = records.stream.len();
            for asset in 0..world.0.len() {
                let position = &desk.ledger().positions[asset];
                assert_eq!(kept.holdings[asset].lots, position.lots);
                if position.lots != 0 {
                    kept.mark(asset, desk.mark_of(asset)).unwrap();
                } else {
                    kept.mark(asset, 1).unwrap();
                }
            }
            for (number, wallet) in desk.ledger().wallets.iter().enumerate() {
                let purse = &kept.purses[number];
                assert_eq!((purse.flow, purse.interest), (wallet.flow, wallet.interest));
                let own = || kept.holdings.iter().filter(|holding| holding.wallet == number);
                assert_eq!(own().map(|h| h.fees).sum::<i64>(), wallet.fees);
                let gained = kept.equity(number).unwrap() - purse.start - purse.interest;
                let carried: i64 = own().map(|h| h.carried - h.fees).sum();
                assert_eq!(gained, carried + own().map(|h| h.average.realised + h.unrealised()).sum::<i64>());
                assert_eq!(gained, carried + own().map(|h| h.fifo.realised + h.unrealised_fifo()).sum::<i64>());
            }
        }
        let mut to = Writer::default();
        kept.save(&mut to);
        let bytes = to.finish();
        let mut from = Reader::new(&bytes);
        restored.load(&mut from).unwrap();
        from.finish().unwrap();
        let mut again = Writer::default();
        restored.save(&mut again);
        assert_eq!(again.finish(), bytes);
    }
    assert!(differing > 500 && partial > 500, "{differing} {partial}");
}

#[test]
fn average_and_fifo_by_hand() {
    let world = World(vec![linear(&[100.0], &[0.0])]);
    let mut books = Books::new(KEY, &[(world.0[0].contract, 0)], &[coins(1_000.0)]);
    // A coin at 100, a coin at 120; one sold at 130, then two sold at 90: one of them opens a short.
    for (lots, ticks) in [(1_000, 10_000), (1_000, 12_000), (-1_000, 13_000)] {
        books.fill(0, lots, ticks, coins(0.1)).unwrap();
    }
    let held = &books.holdings[0];
    assert_eq!((held.average.realised, held.average.cost), (coins(20.0), coins(110.0)));
    assert_eq!((held.fifo.realised, held.fifo.cost), (coins(30.0), coins(120.0)));
    books.fill(0, -2_000, 9_000, coins(0.1)).unwrap();
    let held = &books.holdings[0];
    assert_eq!((held.lots, held.average.realised, held.fifo.realised), (-1_000, coins(0.0), coins(0.0)));
    assert_eq!((held.average.cost, held.fifo.cost, held.fees), (coins(-90.0), coins(-90.0), coins(0.4)));
    books.mark(0, 8_000).unwrap();
    assert_eq!((books.holdings[0].unrealised(), books.equity(0)), (coins(10.0), Ok(coins(1_009.6))));
}

#[test]
fn money_that_no_fill_moved_stands_apart() {
    let world = World(vec![linear(&[100.0], &[0.0])]);
    let mut books = Books::new(KEY, &[(world.0[0].contract, 0)], &[coins(10.0), coins(5.0)]);
    let cash = |kind, asset, wallet, amount| Cash { ts: 0, asset, wallet, kind, amount };
    books.cash(&cash(CashKind::Transfer, NO_ASSET, 1, 7)).unwrap();
    books.cash(&cash(CashKind::Interest, NO_ASSET, 1, -2)).unwrap();
    books.cash(&cash(CashKind::Funding, 0, 0, -3)).unwrap();
    books.cash(&cash(CashKind::Fund, 0, 0, 4)).unwrap();
    assert_eq!((books.purses[1].transfers, books.purses[1].interest, books.holdings[0].carried), (7, -2, 1));
    assert_eq!((books.purses[0].flow, books.purses[1].flow, books.is_balanced()), (coins(10.0) + 1, coins(5.0) + 5, true));
}
