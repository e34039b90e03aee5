//! Books by hand: sums that readers of accounts ask for, and that a unit which nothing explains is found (docs/design.md).
use bot4_engine::desk::books::{BookKey, Books};
use bot4_engine::instrument::{Contract, InstrumentKind, Terms};
use bot4_engine::money::Scale;

const KEY: BookKey = BookKey { strategy: 7, account: 1, venue: 2 };
/// One unit of the currency.
const ONE: i64 = 100_000_000;

/// Books of one instrument with ticks of 0.01 and lots of 0.001 in a wallet of a thousand.
fn books() -> Books {
    let terms = Terms { taker_e9: 0, maker_e9: 0, min_lots: 1, min_notional: 0 };
    let contract = Contract { kind: InstrumentKind::Linear, scale: Scale::new((1, 2), (1, 3)).unwrap(), terms, leverage_e9: 0 };
    Books::new(KEY, &[(contract, 0)], &[1_000 * ONE])
}

/// Two coins bought at 100.00, one sold at 110.00.
fn traded() -> Books {
    let mut books = books();
    books.fill(0, 2_000, 10_000, ONE / 10).unwrap();
    books.fill(0, -1_000, 11_000, ONE / 20).unwrap();
    books
}

#[test]
fn fills_and_turnover_count_every_trade_without_its_sign() {
    let books = traded();
    let holding = &books.holdings[0];
    assert_eq!((holding.fills, holding.turnover, holding.fees), (2, i128::from(310 * ONE), ONE * 3 / 20));
    assert_eq!((holding.average.realised, holding.average.cost, holding.fifo.realised), (10 * ONE, 100 * ONE, 10 * ONE));
    assert_eq!(books.purses[0].flow, (1_000 - 200 + 110) * ONE - ONE * 3 / 20);
}

#[test]
fn one_unit_anywhere_unbalances_the_books() {
    assert!(traded().is_balanced() && books().is_balanced());
    let changes: [fn(&mut Books); 5] = [
        |books| books.purses[0].flow += 1,
        |books| books.purses[0].interest += 1,
        |books| books.holdings[0].average.realised += 1,
        |books| books.holdings[0].fifo.cost += 1,
        |books| books.holdings[0].fees += 1,
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut books = traded();
        change(&mut books);
        assert!(!books.is_balanced(), "change {number}");
    }
    let mut flat = traded();
    flat.fill(0, -1_000, 12_000, 0).unwrap();
    assert!(flat.is_balanced());
    // What is flat has no cost left, and both rules have realised the same.
    let mut carried = flat.clone();
    (carried.holdings[0].average.realised, carried.holdings[0].average.cost) = (31 * ONE, ONE);
    assert!(!carried.is_balanced());
    flat.holdings[0].lots = 1;
    assert!(flat.is_balanced(), "with a lot open the two may differ");
}

#[cfg(feature = "check")]
#[test]
#[should_panic(expected = "the books do not balance")]
fn the_check_build_says_so_at_the_next_event() {
    let mut books = traded();
    books.purses[0].flow += 1;
    let _ = books.fill(0, 1_000, 10_000, 0);
}
