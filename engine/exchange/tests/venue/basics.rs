//! Limit, market, post-only, immediate-or-cancel, fill-or-kill; cancel, amend, replace; balances and fees; client ids; queries.

use crate::world::{BTCUSDT, World, amount, limit, market, order, small, text};
use bot4_exchange::command::{Cancel, Command, Force, Key, Kind, NewOrder, Only, Side, Status};
use bot4_exchange::profile::Profile;
use bot4_exchange::report::{Act, Report, State};
use bot4_exchange::text::Text;

fn acts(told: &[Report]) -> Vec<(Act, State)> {
    told.iter()
        .filter_map(|report| match report {
            Report::Execution { act, order, .. } => Some((*act, order.state)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_trade_moves_both_sides_and_the_fees_go_to_the_venue() {
    let mut world = World::spot();
    let ask = world.taken(1, limit(Side::Sell, "0.5", "60000"));
    assert_eq!(world.balance(1, "BTC"), (amount("99.5"), amount("0.5")));
    let told = world.place(2, limit(Side::Buy, "0.2", "60100")).to_vec();
    assert_eq!(acts(&told), [(Act::New, State::New), (Act::Trade, State::Filled), (Act::Trade, State::PartlyFilled)]);
    // 0.2 × 60,000 = 12,000; both fees are 0.1 %.
    assert_eq!(world.balance(2, "USDT"), (amount("988000"), 0), "what was locked above the price is free again");
    assert_eq!(world.balance(2, "BTC"), (amount("100.1998"), 0));
    assert_eq!(world.balance(1, "USDT"), (amount("1011988"), 0));
    assert_eq!(world.balance(1, "BTC"), (amount("99.5"), amount("0.3")));
    assert_eq!((world.balance(0, "BTC"), world.balance(0, "USDT")), ((amount("0.0002"), 0), (amount("12"), 0)));
    let seen = world.order(1, ask.id);
    assert_eq!((seen.filled, seen.filled_quote, seen.state), (amount("0.2"), amount("12000"), State::PartlyFilled));
    let level = told.iter().find_map(|report| match report {
        Report::Level { side: Side::Sell, price, quantity, .. } => Some((*price, *quantity)),
        _ => None,
    });
    assert_eq!(level, Some((amount("60000"), amount("0.3"))));
    assert!(
        told.iter()
            .any(|report| matches!(report, Report::Balance { account: 2, asset: 1, free, locked: 0 } if *free == amount("100.1998")))
    );
    assert_eq!(world.venue.volume(1), amount("12000"));
}

#[test]
fn fees_are_rounded_up_and_a_whole_unit_is_the_least() {
    let mut world = World::spot();
    world.taken(1, limit(Side::Sell, "0.00033", "60000.01"));
    world.place(2, limit(Side::Buy, "0.00033", "60000.01"));
    // 33,000 units of BTC: the fee of 33 is exact; 19.8000033 USDT: the fee of 0.0198000033 goes up by less than a unit.
    assert_eq!(world.balance(0, "BTC").0, 33);
    assert_eq!(world.balance(0, "USDT").0, 1_980_001);
}

#[test]
fn a_market_order_by_quote_spends_no_more_and_whole_steps() {
    let mut world = World::spot();
    world.taken(1, limit(Side::Sell, "0.001", "60000"));
    world.taken(1, limit(Side::Sell, "1", "60010"));
    let by_quote = NewOrder { quote_quantity: Some(amount("100")), ..order(Kind::Market, Side::Buy) };
    world.place(2, by_quote);
    // 60 buys 0.001 at 60,000; 40 buys 0.00066 at 60,010 = 39.6066.
    assert_eq!(world.balance(2, "USDT"), (amount("999900.3934"), 0));
    world.taken(1, limit(Side::Buy, "1", "59000"));
    let told = world.place(2, NewOrder { side: Side::Sell, ..by_quote }).to_vec();
    let Some(Report::Execution { order, .. }) =
        told.iter().rev().find(|report| matches!(report, Report::Execution { order, .. } if order.account == 2))
    else {
        panic!("no report")
    };
    assert_eq!((order.asked.quantity, order.filled, order.state), (Some(amount("0.00169")), amount("0.00169"), State::Filled));
}

#[test]
fn a_market_order_beyond_the_book_trades_what_is_there_and_the_rest_expires() {
    let mut world = World::spot();
    world.taken(1, limit(Side::Sell, "0.5", "60000"));
    let told = world.place(2, market(Side::Buy, "2")).to_vec();
    assert_eq!(acts(&told).last(), Some(&(Act::Expired, State::Expired)));
    assert_eq!(world.balance(2, "USDT"), (amount("970000"), 0));
    world.place(2, NewOrder { quote_quantity: Some(amount("50")), ..order(Kind::Market, Side::Buy) });
    assert_eq!(world.refusal(), Some((-2010, "Order book liquidity is less than symbol minimum quantity.")));
}

#[test]
fn a_market_order_that_costs_more_than_there_is_is_refused_whole() {
    let mut world = World::spot();
    world.taken(1, limit(Side::Sell, "50", "60000"));
    world.place(2, market(Side::Buy, "17"));
    assert_eq!(world.refusal(), Some((-2010, "Account has insufficient balance for requested action.")));
    assert_eq!(world.balance(2, "USDT"), (amount("1000000"), 0));
    world.place(2, market(Side::Sell, "100.5"));
    assert_eq!(world.refusal(), Some((-2010, "Account has insufficient balance for requested action.")));
}

#[test]
fn post_only_that_would_trade_is_refused_and_one_tick_away_rests() {
    let mut world = World::spot();
    world.taken(1, limit(Side::Sell, "0.5", "60000"));
    let maker = NewOrder { force: None, kind: Kind::LimitMaker, ..limit(Side::Buy, "0.1", "60000") };
    world.place(2, maker);
    assert_eq!(world.refusal(), Some((-2010, "Order would immediately match and take.")));
    let rests = world.taken(2, NewOrder { price: Some(amount("59999.99")), ..maker });
    assert_eq!(world.order(2, rests.id).state, State::New);
}

#[test]
fn fill_or_kill_is_all_or_nothing_and_immediate_or_cancel_never_rests() {
    let mut world = World::spot();
    world.taken(1, limit(Side::Sell, "0.5", "60000"));
    let kill = NewOrder { force: Some(Force::Fok), ..limit(Side::Buy, "0.6", "60000") };
    let told = world.place(2, kill).to_vec();
    assert_eq!(acts(&told), [(Act::New, State::New), (Act::Expired, State::Expired)]);
    assert_eq!(world.balance(2, "USDT"), (amount("1000000"), 0));
    let told = world.place(2, NewOrder { quantity: Some(amount("0.5")), ..kill }).to_vec();
    assert_eq!(acts(&told).last(), Some(&(Act::Trade, State::Filled)));
    world.taken(1, limit(Side::Sell, "0.5", "60000"));
    let told = world.place(2, NewOrder { force: Some(Force::Ioc), ..kill }).to_vec();
    assert_eq!(acts(&told).last(), Some(&(Act::Expired, State::Expired)));
    let mut open = 0;
    world.venue.open_orders(2, None, |_| open += 1);
    assert_eq!((open, world.balance(2, "USDT").1), (0, 0));
}

#[test]
fn a_client_id_is_one_open_orders_and_free_again_when_it_is_over() {
    let mut world = World::spot();
    let named = NewOrder { client_id: text("mine"), ..limit(Side::Buy, "0.1", "50000") };
    let first = world.taken(1, named);
    world.place(1, named);
    assert_eq!(world.refusal(), Some((-2010, "Duplicate order sent.")), "the same content");
    world.place(1, NewOrder { price: Some(amount("40000")), ..named });
    assert_eq!(world.refusal(), Some((-2010, "Duplicate order sent.")), "other content");
    world.taken(2, named);
    world.cancel(1, Key::Client(text("mine")));
    assert_eq!(world.order(1, first.id).state, State::Canceled);
    let second = world.taken(1, named);
    let seen = world.venue.order(1, BTCUSDT, &Key::Client(text("mine"))).map(|order| order.id);
    assert_eq!(seen, Ok(second.id), "the newest of the id");
    assert!(world.venue.order(1, BTCUSDT, &Key::Both(first.id, text("mine"))).is_ok());
    assert_eq!(world.venue.order(1, BTCUSDT, &Key::Both(second.id, text("other"))).map_err(|refused| refused.code), Err(-2039));
    assert_eq!(world.venue.order(1, BTCUSDT, &Key::Order(999)).map_err(|refused| refused.code), Err(-2013));
}

#[test]
fn a_cancel_carries_its_own_name_and_the_order_keeps_the_old() {
    let mut world = World::spot();
    let id = world.taken(1, NewOrder { client_id: text("mine"), ..limit(Side::Buy, "0.1", "50000") }).id;
    let cancel = Cancel { symbol: BTCUSDT, key: Key::Order(id), client_id: text("gone"), only: Some(Only::PartlyFilled) };
    world.apply(Command::Cancel(1, cancel));
    assert_eq!(world.refusal(), Some((-2011, "Order was not canceled due to cancel restrictions.")));
    let told = world.apply(Command::Cancel(1, Cancel { only: Some(Only::New), ..cancel })).to_vec();
    let Some(Report::Execution { act: Act::Canceled, order, original, .. }) =
        told.iter().find(|report| matches!(report, Report::Execution { .. }))
    else {
        panic!("not told")
    };
    assert_eq!((order.asked.client_id, *original), (text("gone"), text("mine")));
    assert_eq!(world.order(1, id).asked.client_id, text("mine"));
    assert_eq!(world.balance(1, "USDT"), (amount("1000000"), 0));
    world.cancel(1, Key::Order(id));
    assert_eq!(world.refusal(), Some((-2011, "Unknown order sent.")));
    world.cancel(2, Key::Order(id));
    assert_eq!(world.refusal(), Some((-2011, "Unknown order sent.")), "another's order is unknown");
}

#[test]
fn an_amendment_keeps_the_place_and_frees_what_is_no_longer_needed() {
    let mut world = World::spot();
    let first = world.taken(1, limit(Side::Buy, "1", "50000"));
    let second = world.taken(2, limit(Side::Buy, "1", "50000"));
    let told = world.apply(Command::Amend(1, BTCUSDT, Key::Order(first.id), amount("0.4"), text("less"))).to_vec();
    assert_eq!(acts(&told), [(Act::Replaced, State::New)]);
    assert_eq!(world.balance(1, "USDT"), (amount("980000"), amount("20000")));
    world.place(3, market(Side::Sell, "0.4"));
    assert_eq!(world.order(1, first.id).state, State::Filled, "it was first, and still is");
    assert_eq!(world.order(2, second.id).state, State::New);
    for (quantity, text) in
        [("1.5", "Order amend (quantity increase) is not supported."), ("1", "The requested action would change no state; rejecting.")]
    {
        world.apply(Command::Amend(2, BTCUSDT, Key::Order(second.id), amount(quantity), Text::EMPTY));
        assert_eq!(world.refusal(), Some((-2038, text)));
    }
    world.apply(Command::Amend(1, BTCUSDT, Key::Order(first.id), amount("0.1"), Text::EMPTY));
    assert_eq!(world.refusal(), Some((-2011, "Unknown order sent.")), "the fill was faster");
}

#[test]
fn an_amendment_below_what_is_filled_changes_nothing() {
    let mut world = World::spot();
    let rests = world.taken(1, limit(Side::Buy, "1", "50000"));
    world.place(3, market(Side::Sell, "0.4"));
    world.apply(Command::Amend(1, BTCUSDT, Key::Order(rests.id), amount("0.4"), Text::EMPTY));
    assert_eq!(world.refusal(), Some((-2038, "The requested action would change no state; rejecting.")));
    world.apply(Command::Amend(1, BTCUSDT, Key::Order(rests.id), amount("0.5"), Text::EMPTY));
    assert_eq!(world.balance(1, "USDT").1, amount("5000"), "0.1 is left");
}

#[test]
fn cancel_replace_stops_at_a_cancel_that_fails_unless_told_otherwise() {
    let mut world = World::spot();
    let old = world.taken(1, limit(Side::Buy, "10", "50000"));
    let cancel = Cancel { symbol: BTCUSDT, key: Key::Order(old.id), client_id: Text::EMPTY, only: None };
    let next = limit(Side::Buy, "19", "50000");
    let told = world.apply(Command::CancelReplace(1, cancel, next, false)).to_vec();
    assert_eq!(acts(&told), [(Act::Canceled, State::Canceled), (Act::New, State::New)], "what the old one held is there for the new");
    let told = world.apply(Command::CancelReplace(1, cancel, limit(Side::Buy, "0.1", "50000"), false)).to_vec();
    assert_eq!((world.refusal().map(|seen| seen.0), acts(&told).len()), (Some(-2011), 0));
    let told = world.apply(Command::CancelReplace(1, cancel, limit(Side::Buy, "0.1", "50000"), true)).to_vec();
    assert_eq!((world.refusal().map(|seen| seen.0), acts(&told)), (Some(-2011), vec![(Act::New, State::New)]));
}

#[test]
fn cancel_all_takes_a_symbols_orders_and_no_others() {
    let mut world = World::spot();
    for price in ["50000", "50001", "50002"] {
        world.taken(1, limit(Side::Buy, "0.1", price));
    }
    let other = world.taken(1, NewOrder { symbol: 1, ..limit(Side::Buy, "1", "2000") });
    let told = world.apply(Command::CancelAll(1, BTCUSDT)).to_vec();
    assert_eq!(acts(&told).len(), 3);
    let mut open = Vec::new();
    world.venue.open_orders(1, None, |order| open.push(order.id));
    assert_eq!(open, [other.id]);
    world.apply(Command::CancelAll(1, BTCUSDT));
    assert_eq!(world.refusal(), Some((-2011, "Unknown order sent.")));
}

#[test]
fn a_halted_symbol_takes_cancels_only() {
    let mut world = World::spot();
    let rests = world.taken(1, limit(Side::Buy, "0.1", "50000"));
    world.apply(Command::SetStatus(BTCUSDT, Status::Halt));
    world.place(1, limit(Side::Buy, "0.1", "50000"));
    assert_eq!(world.refusal(), Some((-2010, "Market is closed.")));
    world.apply(Command::Amend(1, BTCUSDT, Key::Order(rests.id), amount("0.05"), Text::EMPTY));
    assert_eq!(world.refusal(), Some((-2010, "Market is closed.")));
    world.cancel(1, Key::Order(rests.id));
    assert_eq!(world.order(1, rests.id).state, State::Canceled);
    world.apply(Command::SetStatus(BTCUSDT, Status::Trading));
    world.taken(1, limit(Side::Buy, "0.1", "50000"));
}

#[test]
fn a_test_order_is_checked_and_does_nothing() {
    let mut world = World::spot();
    assert!(world.apply(Command::Test(1, limit(Side::Buy, "0.1", "50000"))).is_empty());
    world.apply(Command::Test(1, limit(Side::Buy, "100", "50000")));
    assert_eq!(world.refusal().map(|seen| seen.0), Some(-2010));
    assert_eq!(world.balance(1, "USDT"), (amount("1000000"), 0));
}

#[test]
fn history_is_bounded_and_the_oldest_goes_first() {
    let mut world = World::spot();
    let ids: Vec<u64> = (0..250)
        .map(|_| {
            let id = world.taken(1, limit(Side::Buy, "0.1", "50000")).id;
            world.cancel(1, Key::Order(id));
            id
        })
        .collect();
    let all: Vec<u64> = world.venue.all_orders(1, BTCUSDT).iter().map(|order| order.id).collect();
    assert_eq!(all, ids[50..], "the profile keeps 200");
    assert!(world.venue.order(1, BTCUSDT, &Key::Order(ids[0])).is_err());
}

#[test]
fn credits_do_not_go_below_zero_nor_beyond_what_fits() {
    let mut world = World::spot();
    world.apply(Command::Credit(1, 0, -amount("1000000.00000001")));
    assert_eq!(world.refusal().map(|seen| seen.0), Some(-2010));
    world.apply(Command::Credit(1, 0, i64::MAX));
    assert_eq!(world.refusal().map(|seen| seen.0), Some(-2010));
    world.apply(Command::Credit(1, 0, -amount("1000000")));
    assert_eq!(world.balance(1, "USDT"), (0, 0));
}

#[test]
fn fees_follow_the_volume_of_thirty_days_from_the_next_day_on() {
    let mut world = World::spot();
    for _ in 0..3 {
        world.taken(1, limit(Side::Sell, "8", "50000"));
        world.place(2, market(Side::Buy, "8"));
        world.taken(2, limit(Side::Sell, "8", "50000"));
        world.place(1, market(Side::Buy, "8"));
    }
    assert_eq!((world.venue.volume(1), world.venue.fees(1)), (amount("2400000"), (amount("0.001"), amount("0.001"))));
    let day = 86_400_000_000;
    world.now += day;
    world.apply(Command::Tick);
    assert_eq!(world.venue.fees(1), (amount("0.0009"), amount("0.001")), "a million and more");
    world.now += 28 * day;
    world.apply(Command::Tick);
    assert_eq!(world.venue.fees(1).0, amount("0.0009"), "the day is one of the last thirty");
    world.now += day;
    world.apply(Command::Tick);
    assert_eq!((world.venue.fees(1).0, world.venue.volume(1)), (amount("0.001"), 0));
}

#[test]
fn a_rebate_is_what_the_venue_can_pay() {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    profile.fees.tiers[0].maker.0 = -amount("0.0005");
    let mut world = World::new(profile);
    world.taken(1, limit(Side::Sell, "1", "50000"));
    world.place(2, market(Side::Buy, "1"));
    // The taker's fee is in BTC, the maker's rebate would be in USDT, of which the venue has nothing.
    assert_eq!((world.balance(1, "USDT").0, world.balance(0, "USDT").0), (amount("1050000"), 0));
    world.apply(Command::Credit(0, 0, amount("30")));
    world.taken(1, limit(Side::Sell, "1", "50000"));
    world.place(2, market(Side::Buy, "1"));
    assert_eq!((world.balance(1, "USDT").0, world.balance(0, "USDT").0), (amount("1100025"), amount("5")));
}

#[test]
fn a_venue_without_room_is_busy_and_goes_on() {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    profile.room.book = 16;
    let mut world = World::new(profile);
    let mut ids = Vec::new();
    for at in 0..40 {
        let told = world.place(1, NewOrder { client_id: text(&format!("o{at}")), ..limit(Side::Buy, "0.001", "50000") }).to_vec();
        ids.extend(told.iter().find_map(|report| match report {
            Report::Execution { order, .. } => Some(order.id),
            _ => None,
        }));
    }
    assert_eq!(world.refusal().map(|seen| seen.0), Some(-1008));
    assert!((8..=16).contains(&ids.len()), "{}", ids.len());
    world.cancel(1, Key::Order(ids[0]));
    world.taken(1, limit(Side::Buy, "0.001", "50000"));
    let mut opened = 4;
    while world.venue.open_account().is_ok() {
        opened += 1;
    }
    assert_eq!(opened, 7, "eight accounts, one of them the venue's own");
}
