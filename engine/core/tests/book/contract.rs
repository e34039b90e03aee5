//! What every book must do, by hand; each test runs on the naive and on the fast one.
use bot4_engine::book::fast::FastBook;
use bot4_engine::book::naive::NaiveBook;
use bot4_engine::book::{Book, End, Event, Force, Incoming, MOST_TICKS, Refusal, SelfTrade, Shown, Side};

const BASE: Incoming = Incoming {
    id: 0,
    account: 0,
    group: 0,
    side: Side::Buy,
    ticks: 100,
    lots: 10,
    peak: 0,
    force: Force::GoodTillCancelled,
    self_trade: SelfTrade::ExpireTaker,
};

/// An order of an account of its own.
fn order(id: u64, side: Side, ticks: i64, lots: i64) -> Incoming {
    Incoming { id, account: id as u32, side, ticks, lots, ..BASE }
}

fn buy(id: u64, ticks: i64, lots: i64) -> Incoming {
    order(id, Side::Buy, ticks, lots)
}

fn sell(id: u64, ticks: i64, lots: i64) -> Incoming {
    order(id, Side::Sell, ticks, lots)
}

fn submit(book: &mut impl Book, order: Incoming) -> Vec<Event> {
    let mut events = Vec::new();
    book.submit(&order, &mut |event| events.push(event));
    events
}

fn told(call: impl FnOnce(&mut dyn FnMut(Event))) -> Vec<Event> {
    let mut events = Vec::new();
    call(&mut |event| events.push(event));
    events
}

fn levels(book: &impl Book, side: Side) -> Vec<(i64, i64, u32)> {
    let mut levels = Vec::new();
    book.depth(side, 10, &mut |Shown { ticks, lots, orders }| levels.push((ticks, lots, orders)));
    levels
}

fn trade(taker: u64, maker: u64, ticks: i64, lots: i64, taker_left: i64, maker_left: i64) -> Event {
    Event::Trade { taker, maker, ticks, lots, taker_left, maker_left }
}

fn ended(id: u64, left: i64, why: End) -> Event {
    Event::Ended { id, left, why }
}

fn rests(id: u64, ticks: i64, lots: i64) -> Event {
    Event::Rests { id, ticks, lots }
}

macro_rules! both {
    ($($name:ident => |$book:ident| $body:block)*) => {$(
        #[test]
        fn $name() {
            fn check(mut $book: impl Book) $body
            check(NaiveBook::new(64));
            check(FastBook::new(64));
            check(FastBook::dense(64, 4_096));
        }
    )*};
}

both! {
    the_best_price_trades_first_then_the_oldest => |book| {
        for resting in [sell(1, 102, 5), sell(2, 101, 5), sell(3, 101, 5)] {
            assert_eq!(submit(&mut book, resting), [rests(resting.id, resting.ticks, 5)]);
        }
        assert_eq!(submit(&mut book, buy(4, 102, 12)), [
            trade(4, 2, 101, 5, 7, 0),
            ended(2, 0, End::Filled),
            trade(4, 3, 101, 5, 2, 0),
            ended(3, 0, End::Filled),
            trade(4, 1, 102, 2, 0, 3),
            ended(4, 0, End::Filled),
        ]);
        assert_eq!((levels(&book, Side::Sell), levels(&book, Side::Buy)), (vec![(102, 3, 1)], vec![]));
    }

    what_is_left_rests_at_its_own_price => |book| {
        submit(&mut book, buy(1, 100, 4));
        assert_eq!(submit(&mut book, sell(2, 99, 10)), [trade(2, 1, 100, 4, 6, 0), ended(1, 0, End::Filled), rests(2, 99, 6)]);
        assert_eq!((book.best(Side::Buy), book.best(Side::Sell), book.left(2)), (None, Some(99), Some(6)));
    }

    immediate_or_cancel_and_market_orders_never_rest => |book| {
        submit(&mut book, sell(1, 100, 4));
        let ioc = Incoming { force: Force::ImmediateOrCancel, ..buy(2, 99, 5) };
        assert_eq!(submit(&mut book, ioc), [ended(2, 5, End::Expired)]);
        assert_eq!(submit(&mut book, buy(3, 1, 5).market()), [trade(3, 1, 100, 4, 1, 0), ended(1, 0, End::Filled), ended(3, 1, End::Expired)]);
        assert_eq!(book.orders(), 0);
    }

    fill_or_kill_is_all_or_nothing => |book| {
        submit(&mut book, sell(1, 100, 4));
        submit(&mut book, sell(2, 101, 4));
        let fok = Incoming { force: Force::FillOrKill, ..buy(3, 101, 9) };
        let before = book.hash();
        assert_eq!(submit(&mut book, fok), [ended(3, 9, End::Expired)]);
        assert_eq!(submit(&mut book, Incoming { ticks: 100, lots: 5, ..fok }), [ended(3, 5, End::Expired)]);
        assert_eq!(book.hash(), before, "nothing has happened");
        let events = submit(&mut book, Incoming { lots: 8, ..fok });
        assert_eq!(events.last(), Some(&ended(3, 0, End::Filled)));
        assert_eq!(book.orders(), 0);
    }

    fill_or_kill_counts_hidden_lots_and_not_its_own => |book| {
        submit(&mut book, Incoming { peak: 2, ..sell(1, 100, 10) });
        submit(&mut book, Incoming { account: 9, ..sell(2, 100, 10) });
        let fok = Incoming { force: Force::FillOrKill, account: 9, ..buy(3, 100, 11) };
        assert_eq!(submit(&mut book, fok), [ended(3, 11, End::Expired)]);
        let skips = Incoming { self_trade: SelfTrade::ExpireMaker, lots: 10, ..fok };
        assert_eq!(submit(&mut book, skips).last(), Some(&ended(3, 0, End::Filled)));
    }

    post_only_that_would_trade_is_refused_whole => |book| {
        submit(&mut book, sell(1, 100, 4));
        let post = Incoming { force: Force::PostOnly, ..buy(2, 100, 5) };
        assert_eq!(submit(&mut book, post), [Event::Refused { id: 2, why: Refusal::WouldTrade }]);
        assert_eq!(submit(&mut book, Incoming { ticks: 99, ..post }), [rests(2, 99, 5)]);
        let moved = told(|tell| book.replace(2, 100, 5, &mut |event| tell(event)));
        assert_eq!(moved, [Event::Refused { id: 2, why: Refusal::WouldTrade }]);
        assert_eq!(book.left(2), Some(5), "a refused move leaves the order where it was");
    }

    an_iceberg_shows_its_peak_and_goes_behind_at_each_refresh => |book| {
        submit(&mut book, Incoming { peak: 3, ..sell(1, 100, 8) });
        submit(&mut book, sell(2, 100, 4));
        assert_eq!(levels(&book, Side::Sell), [(100, 7, 2)]);
        assert_eq!(submit(&mut book, buy(3, 100, 5)), [
            trade(3, 1, 100, 3, 2, 5),
            trade(3, 2, 100, 2, 0, 2),
            ended(3, 0, End::Filled),
        ]);
        assert_eq!(levels(&book, Side::Sell), [(100, 5, 2)], "2 of the second, a new peak of 3");
        assert_eq!(submit(&mut book, buy(4, 100, 20)), [
            trade(4, 2, 100, 2, 18, 0),
            ended(2, 0, End::Filled),
            trade(4, 1, 100, 3, 15, 2),
            trade(4, 1, 100, 2, 13, 0),
            ended(1, 0, End::Filled),
            rests(4, 100, 13),
        ]);
    }

    an_own_order_is_met_as_the_incoming_one_says => |book| {
        let own = |id, lots| Incoming { account: 9, ..sell(id, 100, lots) };
        let taker = |id, lots, self_trade| Incoming { account: 9, self_trade, ..buy(id, 100, lots) };
        let prevented = |taker, maker, lots, taker_lost, maker_lost| Event::Prevented { taker, maker, ticks: 100, lots, taker_lost, maker_lost };
        submit(&mut book, own(1, 5));
        assert_eq!(submit(&mut book, taker(2, 7, SelfTrade::ExpireTaker)), [prevented(2, 1, 5, 7, 0), ended(2, 0, End::SelfTrade)]);
        assert_eq!(
            submit(&mut book, taker(3, 7, SelfTrade::ExpireMaker)),
            [prevented(3, 1, 5, 0, 5), ended(1, 0, End::SelfTrade), rests(3, 100, 7)]
        );
        let seller = |id, lots, self_trade| Incoming { side: Side::Sell, ..taker(id, lots, self_trade) };
        assert_eq!(
            submit(&mut book, seller(4, 3, SelfTrade::Decrement)),
            [prevented(4, 3, 3, 3, 3), rests(3, 100, 4), ended(4, 0, End::SelfTrade)]
        );
        assert_eq!(
            submit(&mut book, seller(5, 6, SelfTrade::Transfer)),
            [prevented(5, 3, 4, 4, 4), ended(3, 0, End::SelfTrade), rests(5, 100, 2)]
        );
        assert_eq!(
            submit(&mut book, taker(6, 9, SelfTrade::ExpireBoth)),
            [prevented(6, 5, 2, 9, 2), ended(5, 0, End::SelfTrade), ended(6, 0, End::SelfTrade)]
        );
        submit(&mut book, own(7, 5));
        assert_eq!(submit(&mut book, taker(8, 5, SelfTrade::Allow)), [
            trade(8, 7, 100, 5, 0, 0), ended(7, 0, End::Filled), ended(8, 0, End::Filled)
        ]);
        assert_eq!(book.orders(), 0);
    }

    accounts_of_one_group_count_as_one => |book| {
        submit(&mut book, Incoming { group: 4, ..sell(1, 100, 5) });
        let events = submit(&mut book, Incoming { group: 4, ..buy(2, 100, 5) });
        assert!(matches!(events[0], Event::Prevented { taker: 2, maker: 1, .. }), "{events:?}");
        let events = submit(&mut book, Incoming { group: 5, ..buy(3, 100, 5) });
        assert!(matches!(events[0], Event::Trade { taker: 3, maker: 1, .. }), "{events:?}");
    }

    an_amendment_keeps_the_place_and_a_move_loses_it => |book| {
        for id in 1..=3 {
            submit(&mut book, sell(id, 100, 5));
        }
        assert_eq!(told(|tell| book.amend(1, 2, &mut |event| tell(event))), [rests(1, 100, 2)]);
        assert_eq!(told(|tell| book.amend(1, 2, &mut |event| tell(event))), [Event::Refused { id: 1, why: Refusal::NotLess }]);
        assert_eq!(told(|tell| book.amend(1, 0, &mut |event| tell(event))), [Event::Refused { id: 1, why: Refusal::NotLess }]);
        assert_eq!(told(|tell| book.replace(2, 100, 5, &mut |event| tell(event))), [rests(2, 100, 5)]);
        assert_eq!(levels(&book, Side::Sell), [(100, 12, 3)]);
        let makers: Vec<u64> = submit(&mut book, buy(4, 100, 12))
            .into_iter()
            .filter_map(|event| if let Event::Trade { maker, .. } = event { Some(maker) } else { None })
            .collect();
        assert_eq!(makers, [1, 3, 2]);
    }

    a_move_that_reaches_the_other_side_trades => |book| {
        submit(&mut book, sell(1, 105, 5));
        submit(&mut book, buy(2, 100, 5));
        let events = told(|tell| book.replace(2, 106, 8, &mut |event| tell(event)));
        assert_eq!(events, [trade(2, 1, 105, 5, 3, 0), ended(1, 0, End::Filled), rests(2, 106, 3)]);
    }

    what_cannot_be_is_refused => |book| {
        let refused = |id, why| [Event::Refused { id, why }];
        for bad in [buy(1, 0, 5), buy(1, MOST_TICKS + 1, 5), buy(1, 100, 0), buy(1, 100, -1), Incoming { peak: 6, ..buy(1, 100, 5) }, Incoming { peak: -1, ..buy(1, 100, 5) }] {
            assert_eq!(submit(&mut book, bad), refused(1, Refusal::OutOfRange), "{bad:?}");
        }
        submit(&mut book, buy(1, 100, 5));
        assert_eq!(submit(&mut book, buy(1, 99, 5)), refused(1, Refusal::Duplicate));
        assert_eq!(told(|tell| book.cancel(7, &mut |event| tell(event))), refused(7, Refusal::Unknown));
        assert_eq!(told(|tell| book.amend(7, 1, &mut |event| tell(event))), refused(7, Refusal::Unknown));
        assert_eq!(told(|tell| book.replace(7, 1, 1, &mut |event| tell(event))), refused(7, Refusal::Unknown));
        assert_eq!(told(|tell| book.replace(1, 0, 1, &mut |event| tell(event))), refused(1, Refusal::OutOfRange));
        assert_eq!(told(|tell| book.cancel(1, &mut |event| tell(event))), [ended(1, 5, End::Cancelled)]);
        assert_eq!((book.orders(), book.left(1)), (0, None));
    }

    a_full_book_takes_no_more_and_goes_on => |book| {
        for id in 0..64 {
            submit(&mut book, buy(id, 100 + id as i64, 1));
        }
        assert_eq!(submit(&mut book, buy(64, 1, 1)), [Event::Refused { id: 64, why: Refusal::Full }]);
        assert_eq!(told(|tell| book.cancel(63, &mut |event| tell(event))), [ended(63, 1, End::Cancelled)]);
        assert_eq!(book.best(Side::Buy), Some(162));
        assert_eq!(submit(&mut book, buy(64, 1, 1)), [rests(64, 1, 1)]);
    }

    prices_far_apart_find_each_other => |book| {
        submit(&mut book, sell(1, MOST_TICKS, 1));
        submit(&mut book, sell(2, 1 << 20, 1));
        submit(&mut book, buy(3, 1, 1));
        submit(&mut book, buy(4, 1 << 13, 1));
        assert_eq!(levels(&book, Side::Sell), [(1 << 20, 1, 1), (MOST_TICKS, 1, 1)]);
        assert_eq!(levels(&book, Side::Buy), [(1 << 13, 1, 1), (1, 1, 1)]);
        let events = submit(&mut book, buy(5, 1, 2).market());
        assert_eq!(events.last(), Some(&ended(5, 0, End::Filled)));
    }
}
