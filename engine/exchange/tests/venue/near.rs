//! Plain limit orders at every bound of the filters: the pass they have of their own lets in what the checks in order let in. And names:
//! those of clients, those the venue gives, and those of clients that are like the venue's.

use crate::counting;
use crate::drawn::{Draw, name};
use crate::world::{START, order, small};
use bot4_exchange::command::{Cancel, Command, Force, Key, Kind, NewOrder, SelfTrade, Side};
use bot4_exchange::profile::Profile;
use bot4_exchange::profile::decimal::ONE;
use bot4_exchange::profile::filter::Filter;
use bot4_exchange::report::{Act, Report};
use bot4_exchange::text::Text;
use bot4_exchange::venue::Exchange;
use bot4_exchange::venue::told::Told;
use bot4_exchange::{Account, Amount};
use std::collections::HashMap;

const TICK: Amount = ONE / 100;
const LOT: Amount = ONE / 100_000;

/// Opens six accounts with means for some orders, not for all.
fn venue(change: impl Fn(&mut Filter)) -> Exchange {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    profile.room.history = 30;
    profile.symbols[0].filters.iter_mut().for_each(change);
    let mut venue = Exchange::new(profile).expect("a venue");
    for account in 1..=6 {
        venue.open_account().expect("room");
        for (asset, much) in [(0, 40_000_000 * ONE), (1, 700 * ONE)] {
            venue.apply(START, &Command::Credit(account, asset, much), &mut |_| {});
        }
    }
    venue
}

/// Returns the name the venue gives an order.
fn given(id: u64) -> Text {
    Text::of_number(id ^ 1 << 63)
}

/// Draws a limit order near the touch, with one thing or another at or beyond a bound now and then.
fn drawn(draw: &mut Draw, newest: u64) -> NewOrder {
    let price = match draw.below(40) {
        0 => 60_000 * ONE + draw.below(1 << 40) as i64,
        1 => draw.below(1 << 44) as i64 / TICK * TICK,
        2 => TICK * draw.below(3) as i64,
        3 => 1_000_000 * ONE - 5 * TICK + draw.below(10) as i64 * TICK,
        4 => draw.pick(&[12_000 * ONE, 300_000 * ONE]) + (draw.below(200_000) as i64 - 100_000) * TICK,
        _ => 60_000 * ONE + (draw.below(60) as i64 - 30) * TICK,
    };
    let quantity = match draw.below(40) {
        0 => draw.below(1 << 40) as i64,
        1 => LOT * draw.below(12) as i64,
        2 => draw.below(18_000 * ONE as u64) as i64 / LOT * LOT,
        3 => draw.below(1 << 20) as i64,
        4 => 9_000_000 * ONE / (price / ONE).max(1) / LOT * LOT + (draw.below(4) as i64 - 2) * LOT,
        _ => (1 + draw.below(20_000) as i64) * LOT,
    };
    let odd = draw.below(60);
    NewOrder {
        force: (odd != 1).then(|| draw.pick(&[Force::Gtc, Force::Gtc, Force::Gtc, Force::Ioc, Force::Fok])),
        quantity: (odd != 2).then_some(quantity),
        price: (odd != 3).then_some(price),
        stop_price: (odd == 4).then_some(price),
        quote_quantity: (odd == 5).then_some(quantity),
        iceberg: (5..9).contains(&odd).then_some(quantity / 4 / LOT * LOT),
        strategy_type: (odd == 11).then_some(1_000_000 - draw.below(2) as i64),
        client_id: match draw.below(6) {
            0 => given((newest + 2).saturating_sub(draw.below(10))),
            1 | 2 => name(draw),
            _ => Text::EMPTY,
        },
        self_trade: draw.pick(&[None, None, Some(SelfTrade::ExpireTaker), Some(SelfTrade::ExpireMaker), Some(SelfTrade::Decrement)]),
        ..order(if odd == 12 { Kind::LimitMaker } else { Kind::Limit }, draw.pick(&[Side::Buy, Side::Sell]))
    }
}

fn drawn_key(draw: &mut Draw, newest: u64) -> Key {
    let id = (newest + 1).saturating_sub(draw.below(60));
    match draw.below(5) {
        0 => Key::Client(name(draw)),
        1 => Key::Client(given(id)),
        2 => Key::Both(id, given(id)),
        _ => Key::Order(id),
    }
}

#[test]
fn what_the_checks_in_order_let_in_is_taken_and_nothing_else() {
    let plain = |_: &mut Filter| {};
    let few = |filter: &mut Filter| {
        if let Filter::MaxNumOrders { max_num_orders } = filter {
            *max_num_orders = 12;
        }
    };
    let coarser = |filter: &mut Filter| match filter {
        Filter::PriceFilter { tick_size, .. } => tick_size.0 = ONE / 20,
        Filter::Notional { max_notional, .. } => max_notional.0 = 0,
        _ => {}
    };
    let changes: [&dyn Fn(&mut Filter); 3] = [&plain, &few, &coarser];
    for (seed, change) in changes.into_iter().enumerate() {
        let (mut venue, mut draw) = (venue(change), Draw(seed as u64));
        let (mut taken, mut refusals, mut newest) = (0, HashMap::<i16, u32>::new(), 0);
        for step in 0..40_000 {
            let (account, now) = (1 + draw.below(6) as Account, START + step * 700_000);
            if draw.one_in(3) {
                let cancel =
                    Cancel { symbol: 0, key: Key::Order(newest - newest.min(draw.below(200))), client_id: Text::EMPTY, only: None };
                venue.apply(now, &Command::Cancel(account, cancel), &mut |_| {});
            }
            let asked = drawn(&mut draw, newest);
            let mut checked = None;
            venue.apply(now, &Command::Test(account, asked), &mut |report| checked = Some(report));
            let mut first = None;
            venue.apply(now, &Command::Place(account, asked), &mut |report| _ = first.get_or_insert(report));
            match (checked, first) {
                (None, Some(Report::Execution { act: Act::New, order, .. })) => {
                    assert_eq!((order.asked.price, order.asked.quantity, order.asked.force), (asked.price, asked.quantity, asked.force));
                    (taken, newest) = (taken + 1, order.id);
                }
                (Some(Report::Refused(one)), Some(Report::Refused(other))) => {
                    assert_eq!(one, other, "{asked:?}");
                    *refusals.entry(one.code).or_default() += 1;
                }
                other => panic!("step {step}: {asked:?}: {other:?}"),
            }
        }
        assert!(taken > 1_000 && refusals.len() > 4, "{taken} taken, refused {refusals:?}");
    }
}

#[test]
fn a_name_is_that_of_the_newest_order_it_was_given_to() {
    let (mut venue, mut draw) = (venue(|_| {}), Draw(8));
    let (mut newest, mut owner) = (0, HashMap::<(Account, Text), u64>::new());
    let mut found = 0;
    for step in 0..30_000 {
        let account = 1 + draw.below(3) as Account;
        let (asked, key) = (drawn(&mut draw, newest), drawn_key(&mut draw, newest));
        let cancel = Cancel { symbol: 0, key, client_id: Text::EMPTY, only: None };
        let command = match draw.below(8) {
            0..=2 => Command::Place(account, asked),
            3 => Command::Cancel(account, cancel),
            4 => Command::Amend(account, 0, key, LOT * (1 + draw.below(50) as i64), name(&mut draw)),
            5 => Command::Amend(account, 0, key, LOT * (1 + draw.below(50) as i64), given((newest + 3).saturating_sub(draw.below(9)))),
            _ => Command::CancelReplace(account, cancel, asked, true),
        };
        venue.apply(START + step * 1_000, &command, &mut |report| {
            if let Report::Execution { act, order, .. } = report
                && (act == Act::Replaced || act == Act::New && order.id > newest)
            {
                owner.insert((order.account, order.asked.client_id), order.id);
                newest = newest.max(order.id);
            }
        });
        let text = match key {
            Key::Client(text) | Key::Both(_, text) => text,
            Key::Order(id) => given(id),
        };
        let wanted = owner.get(&(account, text)).copied().filter(|id| {
            // An order that was renamed since, or forgotten, is not found by it.
            venue.order(account, 0, &Key::Order(*id)).is_ok_and(|order| order.asked.client_id == text)
        });
        assert_eq!(venue.order(account, 0, &Key::Client(text)).ok().map(|order| order.id), wanted, "step {step}: {text:?}");
        found += u32::from(wanted.is_some());
    }
    assert!(found > 3_000, "{found} were found");
}

#[test]
fn nothing_is_allocated_whatever_plain_orders_do_and_all_is_told_whole() {
    let (mut venue, mut draw, mut newest) = (venue(|_| {}), Draw(3), 0);
    let (mut told, mut trades, mut allocated) = (0, 0, 0);
    for step in 0..30_000 {
        let account = 1 + draw.below(6) as Account;
        let (asked, key) = (drawn(&mut draw, newest), Key::Order((newest + 1).saturating_sub(draw.below(60))));
        let cancel = Cancel { symbol: 0, key, client_id: Text::EMPTY, only: None };
        let command = if draw.one_in(4) { Command::Place(account, asked) } else { Command::CancelReplace(account, cancel, asked, true) };
        let before = counting::allocations();
        venue.carry_out(START + step * 1_000, &command, &mut |seen| {
            told += 1;
            trades += u32::from(matches!(seen, Told::Trade { .. }));
            if let (Told::Execution { order, .. }, Report::Execution { order: whole, .. }) = (seen, seen.report()) {
                newest = newest.max(order.id());
                let of = (whole.id, whole.account, whole.asked.symbol, whole.asked.side, whole.state, whole.filled);
                assert_eq!((order.id(), order.account(), order.symbol(), order.side(), order.state(), order.filled()), of);
            }
        });
        allocated += counting::allocations() - before;
    }
    assert_eq!(allocated, 0, "nothing, from the first command on");
    assert!(told > 60_000 && trades > 1_000, "{told} told, {trades} trades");
}
