//! What holds of the samples, worked out by hand.

mod support;

use bot4_ticks::book::Side;
use bot4_ticks::columns::Best;
use bot4_ticks::features::{Sampling, sample};
use support::Tape;

fn market() -> Tape {
    let mut tape = Tape::default();
    tape.snapshot(95, &[(100, 50), (99, 70)], &[(101, 40), (102, 60)]);
    tape.level(110, Side::Bid, 100, 30); // the bid shrinks by 20: −20
    tape.level(120, Side::Ask, 101, 0); // the ask moves up: +40
    tape.trade(130, Side::Bid, 102, 7);
    tape.trade(200, Side::Ask, 100, 3);
    tape.level(300, Side::Bid, 101, 5); // the bid moves up: +5
    tape
}

#[test]
fn a_row_knows_what_had_arrived_by_its_time() {
    let columns = market().columns(0);
    let samples = sample(&columns.borrow(), None, Sampling { every_ns: 100, levels: 2 }).unwrap();
    assert_eq!(samples.local_ns, [100, 200, 300]);
    assert_eq!((&samples.bid_ticks[..], &samples.ask_ticks[..]), (&[100, 100, 101][..], &[101, 102, 102][..]));
    assert_eq!(samples.mid, [100.5, 101.0, 101.5]);
    assert_eq!(samples.spread, [1.0, 2.0, 1.0]);
    assert_eq!(samples.microprice[0], (100.0 * 40.0 + 101.0 * 50.0) / 90.0);
    assert_eq!(samples.imbalance, [10.0 / 90.0, -30.0 / 90.0, -55.0 / 65.0]);
    assert_eq!(samples.depth_imbalance[0], (120.0 - 100.0) / 220.0);
    assert_eq!(samples.depth_imbalance[2], (35.0 - 60.0) / 95.0);
    assert_eq!(samples.ofi, [0, 20, 5]);
    assert_eq!((&samples.bought[..], &samples.sold[..]), (&[0, 7, 0][..], &[0, 3, 0][..]));
    assert_eq!(samples.trade_imbalance[1], 0.4);
    assert!(samples.trade_imbalance[0].is_nan());
    assert_eq!((&samples.last[..], &samples.trades[..], &samples.quotes[..]), (&[0, 100, 100][..], &[0, 2, 0][..], &[1, 2, 1][..]));
}

#[test]
fn without_a_grid_every_time_of_arrival_has_a_row() {
    let columns = market().columns(5);
    let samples = sample(&columns.borrow(), None, Sampling { every_ns: 0, levels: 1 }).unwrap();
    assert_eq!(samples.local_ns, [100, 115, 125, 135, 205, 305]);
    assert_eq!(samples.ofi, [0, -20, 40, 0, 0, 5]);
}

#[test]
fn the_venues_own_quotes_replace_the_books_best() {
    let columns = market().columns(0);
    let best = Best { local_ns: &[100, 150], bid_ticks: &[100, 100], bid_lots: &[9, 4], ask_ticks: &[103, 103], ask_lots: &[2, 0] };
    let samples = sample(&columns.borrow(), Some(&best), Sampling { every_ns: 100, levels: 2 }).unwrap();
    assert_eq!((&samples.mid[..1], &samples.ofi[..]), (&[101.5][..], &[0, -5, 0][..]));
    assert!(samples.mid[1].is_nan() && samples.spread[2].is_nan(), "the ask is empty");
    assert_eq!(samples.depth_imbalance[0], (120.0 - 100.0) / 220.0, "the book's");
}
