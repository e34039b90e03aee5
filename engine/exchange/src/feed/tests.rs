use super::*;
use crate::command::Side;
use std::collections::BTreeMap;

const ONE: Amount = 100_000_000;

fn level(side: Side, price: Amount, quantity: Amount) -> Report {
    Report::Level { symbol: 0, side, price, quantity }
}

fn trade(id: u64, price: Amount) -> Report {
    Report::Trade { symbol: 0, trade: id, price, quantity: ONE, buyer_is_maker: false }
}

#[test]
fn one_takers_trades_at_one_price_are_one_aggregate() {
    let mut feed = Feed::new(1);
    [trade(1, 5), trade(2, 5), trade(3, 6)].iter().for_each(|told| feed.take(told, 7));
    feed.settle();
    feed.take(&trade(4, 6), 7);
    feed.settle();
    let told: Vec<_> = feed
        .news()
        .filter_map(|(_, news)| match news {
            News::Aggregate(whole) => Some((whole.id, whole.price, whole.quantity, whole.first, whole.last)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(0, 5, 2 * ONE, 1, 2), (1, 6, ONE, 3, 3), (2, 6, ONE, 4, 4)], "a second taker is another aggregate");
}

#[test]
fn the_top_is_told_when_it_changes_and_only_then() {
    let mut feed = Feed::new(1);
    for report in [level(Side::Buy, 10, 1), level(Side::Buy, 9, 1), level(Side::Sell, 11, 2), level(Side::Buy, 10, 0)] {
        feed.take(&report, 0);
        feed.settle();
    }
    let tops: Vec<_> = feed.news().map(|(_, news)| news).collect();
    let top = |update, bid, ask| News::Top(Top { update, bid, ask });
    assert_eq!(tops, [top(1, (10, 1), (0, 0)), top(3, (10, 1), (11, 2)), top(4, (9, 1), (11, 2))]);
}

/// The rule of "How to manage a local order book correctly", against the book itself, for both speeds, snapshots at random moments.
/// A local book: the last update it holds, bids, asks.
type Local = (u64, BTreeMap<Amount, Amount>, BTreeMap<Amount, Amount>);

#[test]
fn a_local_book_by_the_venues_rule_equals_the_book() {
    let mut seed = 7_u64;
    let mut next = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut feed = Feed::new(1);
    let mut locals: [Option<Local>; 2] = [None, None];
    let mut checked = 0;
    for step in 0..20_000 {
        let side = if next(2) == 0 { Side::Buy } else { Side::Sell };
        feed.take(&level(side, 100 + next(50) as Amount, next(4) as Amount), step);
        feed.settle();
        for (local, speed) in locals.iter_mut().zip([Speed::Fast, Speed::Slow]) {
            if local.is_none() && next(5) == 0 {
                let ladder = &feed.market(0).ladder;
                *local = Some((ladder.update(), ladder.bids().collect(), ladder.asks().collect()));
            }
            if next(if speed == Speed::Fast { 5 } else { 50 }) != 0 {
                continue;
            }
            let Some(diff) = feed.diff(0, speed) else { continue };
            let Some((known, bids, asks)) = local else { continue };
            if diff.last <= *known {
                continue;
            }
            // A message that never came: the next one does not follow, and the book is begun anew.
            if next(40) == 0 {
                continue;
            }
            if diff.first > *known + 1 {
                *local = None;
                continue;
            }
            for (book, changed) in [(&mut *bids, diff.bids().collect::<Vec<_>>()), (&mut *asks, diff.asks().collect())] {
                for (price, quantity) in changed {
                    if quantity == 0 {
                        book.remove(&price);
                    } else {
                        book.insert(price, quantity);
                    }
                }
            }
            *known = diff.last;
            let ladder = &feed.market(0).ladder;
            assert_eq!(*bids, ladder.bids().collect::<BTreeMap<_, _>>());
            assert_eq!(*asks, ladder.asks().collect::<BTreeMap<_, _>>());
            checked += 1;
        }
    }
    assert!(checked > 1_000, "{checked}");
}

#[test]
fn a_window_counts_what_traded_in_it() {
    let mut feed = Feed::new(1);
    let minute = 60_000_000;
    for (id, price) in [(1, 50), (2, 40), (3, 60)] {
        feed.take(&trade(id, price * ONE), id as i64 * minute);
    }
    let market = feed.market(0);
    let window = Window::of(market, 2, 3 * minute + 30_000_000);
    assert_eq!((window.begin, window.open, window.high, window.low, window.last), (2 * minute, 40 * ONE, 60 * ONE, 40 * ONE, 60 * ONE));
    assert_eq!((window.count, window.first, window.before, window.average(), window.change()), (2, Some(2), 50 * ONE, 50 * ONE, 50_000));
    assert_eq!(market.average(5, 3 * minute).0, 50 * ONE);
    let quiet = Window::of(market, 1, 60 * minute);
    assert_eq!((quiet.count, quiet.first, quiet.open, quiet.last, quiet.average()), (0, None, 60 * ONE, 60 * ONE, 0));
    assert_eq!(market.average(5, 60 * minute).0, 60 * ONE, "the last price where nothing traded");
}

#[test]
fn an_old_book_is_what_the_book_was_as_far_back_as_changes_are_kept() {
    let (mut feed, mut draw) = (Feed::new(1), crate::draw::Draw(3));
    feed.keep(400);
    type Levels = Vec<(Amount, Amount)>;
    let mut past: Vec<(Micros, u64, Levels, Levels)> = Vec::new();
    for now in 0..1_000 {
        for _ in 0..draw.below(3) {
            let side = if draw.below(2) == 0 { Side::Buy } else { Side::Sell };
            feed.take(&level(side, 100 + draw.below(30) as Amount, draw.below(4) as Amount), now);
        }
        feed.settle();
        let ladder = &feed.market(0).ladder;
        past.push((now, ladder.update(), ladder.bids().collect(), ladder.asks().collect()));
        let age = draw.below(400) as usize;
        let Some((at, update, bids, asks)) = past.len().checked_sub(age + 1).map(|place| &past[place]) else { continue };
        let (number, old_bids, old_asks) = ladder.at(*at);
        assert_eq!(number, *update);
        assert_eq!(old_bids.into_iter().rev().collect::<Vec<_>>(), *bids);
        assert_eq!(old_asks.into_iter().collect::<Vec<_>>(), *asks);
    }
    let (number, ..) = feed.market(0).ladder.at(0);
    assert!(number > past[500].1, "of a time before what is kept the oldest that is");
}
