//! OCO, OTO, OTOCO: states, both legs at once, partial fills, an invalid leg.

use crate::world::{BTCUSDT, World, amount, limit, market, order, small, text};
use bot4_exchange::command::{Command, Key, Kind, NewList, NewOrder, Shape, Side};
use bot4_exchange::profile::Profile;
use bot4_exchange::profile::filter::Filter;
use bot4_exchange::report::{ListState, Report, State};
use bot4_exchange::text::Text;

fn maker(side: Side, quantity: &str, price: &str) -> NewOrder {
    NewOrder { kind: Kind::LimitMaker, force: None, ..limit(side, quantity, price) }
}

fn stop(side: Side, quantity: &str, stop: &str, price: &str) -> NewOrder {
    NewOrder { kind: Kind::StopLossLimit, stop_price: Some(amount(stop)), ..limit(side, quantity, price) }
}

fn place(world: &mut World, account: u32, shape: Shape) -> Vec<Report> {
    world.apply(Command::PlaceList(account, NewList { client_id: Text::EMPTY, shape })).to_vec()
}

/// Returns the ids of a list's orders in the order they were told first.
fn ids(told: &[Report]) -> Vec<u64> {
    let mut ids: Vec<u64> = Vec::new();
    for report in told {
        if let Report::Execution { order, .. } = report
            && order.list >= 0
            && !ids.contains(&order.id)
        {
            ids.push(order.id);
        }
    }
    ids.sort_unstable();
    ids
}

fn states(told: &[Report]) -> Vec<ListState> {
    told.iter()
        .filter_map(|report| match report {
            Report::List { state, .. } => Some(*state),
            _ => None,
        })
        .collect()
}

/// An OCO of account 1 that sells 1: at 60,000, or at 44,000 once 45,000 is reached; the last price is 50,000.
fn oco() -> (World, [u64; 2]) {
    let mut world = World::spot();
    world.trade_at("50000");
    let told = place(&mut world, 1, Shape::OneCancelsOther(maker(Side::Sell, "1", "60000"), stop(Side::Sell, "1", "45000", "44000")));
    assert_eq!(states(&told), [ListState::Executing]);
    let ids = ids(&told);
    (world, [ids[0], ids[1]])
}

#[test]
fn an_oco_holds_the_means_of_one_order() {
    let (world, _) = oco();
    assert_eq!(world.balance(1, "BTC"), (amount("99"), amount("1")));
    let mut world = World::spot();
    world.trade_at("50000");
    place(&mut world, 1, Shape::OneCancelsOther(stop(Side::Buy, "1", "55000", "56000"), maker(Side::Buy, "1", "40000")));
    assert_eq!(world.balance(1, "USDT"), (amount("944000"), amount("56000")), "the dearer leg's");
}

#[test]
fn a_fill_of_the_limit_leg_even_in_part_makes_the_stop_expire() {
    let (mut world, [above, below]) = oco();
    let told = world.place(2, market(Side::Buy, "0.3")).to_vec();
    assert_eq!((world.order(1, above).state, world.order(1, below).state), (State::PartlyFilled, State::Expired));
    assert!(states(&told).is_empty(), "the list goes on: its limit order is open");
    assert_eq!(world.balance(1, "BTC"), (amount("99"), amount("0.7")));
    let told = world.place(2, market(Side::Buy, "0.7")).to_vec();
    assert_eq!((world.order(1, above).state, states(&told)), (State::Filled, vec![ListState::AllDone]));
}

#[test]
fn a_stop_that_fires_makes_the_limit_leg_expire_first() {
    let (mut world, [above, below]) = oco();
    world.taken(2, limit(Side::Buy, "5", "44500"));
    let told = {
        world.taken(3, limit(Side::Sell, "0.001", "45000"));
        world.place(4, limit(Side::Buy, "0.001", "45000")).to_vec()
    };
    assert_eq!((world.order(1, above).state, world.order(1, below).state), (State::Expired, State::Filled));
    assert_eq!(states(&told), [ListState::AllDone]);
    assert_eq!(world.balance(1, "BTC"), (amount("99"), 0), "one was sold, not two");
}

#[test]
fn both_legs_at_once_the_fill_is_first_and_the_stop_never_enters() {
    // One market order buys the limit leg at 60,000; in the same command a stop of another fires and sells down through 45,000.
    let mut world = World::spot();
    world.trade_at("50000");
    let told = place(&mut world, 1, Shape::OneCancelsOther(maker(Side::Sell, "1", "60000"), stop(Side::Sell, "1", "45000", "44000")));
    let [above, below] = ids(&told)[..] else { panic!("two orders") };
    let falls = NewOrder {
        kind: Kind::TakeProfit,
        stop_price: Some(amount("60000")),
        quantity: Some(amount("2")),
        ..order(Kind::TakeProfit, Side::Sell)
    };
    world.taken(2, falls);
    world.taken(3, limit(Side::Buy, "1", "45000"));
    world.taken(3, limit(Side::Buy, "5", "44000"));
    world.place(4, limit(Side::Buy, "1", "60000"));
    assert_eq!((world.order(1, above).state, world.order(1, below).state), (State::Filled, State::Expired));
    assert_eq!(world.venue.last_price(BTCUSDT), Some(amount("44000")), "the market did go through the stop");
    assert_eq!(world.balance(1, "BTC"), (amount("99"), 0));
}

#[test]
fn a_cancel_of_one_leg_cancels_the_list() {
    let (mut world, [above, below]) = oco();
    let told = world.cancel(1, Key::Order(below)).to_vec();
    assert_eq!((world.order(1, above).state, world.order(1, below).state), (State::Canceled, State::Canceled));
    assert_eq!((states(&told), world.balance(1, "BTC")), (vec![ListState::AllDone], (amount("100"), 0)));
    let list = world.venue.all_lists(1)[0];
    world.apply(Command::CancelList(1, BTCUSDT, Key::Order(list.id)));
    assert_eq!(world.refusal().map(|seen| seen.0), Some(-2011));
}

#[test]
fn a_list_is_cancelled_by_its_id_or_the_clients() {
    for by_client in [false, true] {
        let mut world = World::spot();
        world.trade_at("50000");
        let shape = Shape::OneCancelsOther(maker(Side::Sell, "1", "60000"), stop(Side::Sell, "1", "45000", "44000"));
        world.apply(Command::PlaceList(1, NewList { client_id: text("both"), shape }));
        world.apply(Command::PlaceList(1, NewList { client_id: text("both"), shape }));
        assert_eq!(world.refusal(), Some((-2010, "Duplicate order sent.")));
        let id = world.venue.list(1, &Key::Client(text("both"))).expect("it is there").id;
        let key = if by_client { Key::Client(text("both")) } else { Key::Order(id) };
        world.apply(Command::CancelList(2, BTCUSDT, key));
        assert_eq!(world.refusal().map(|seen| seen.0), Some(-2011), "another's list is unknown");
        let told = world.apply(Command::CancelList(1, BTCUSDT, key)).to_vec();
        assert_eq!(states(&told), [ListState::AllDone]);
    }
}

#[test]
fn an_invalid_leg_refuses_both() {
    let cases = [
        (maker(Side::Sell, "1", "60000"), stop(Side::Sell, "1", "50000", "44000"), -2010),
        (maker(Side::Sell, "1", "60000"), stop(Side::Sell, "1", "45000.001", "44000"), -1013),
        (maker(Side::Sell, "1", "60000"), maker(Side::Sell, "1", "55000"), -1168),
        (maker(Side::Buy, "1", "60000"), stop(Side::Buy, "1", "55000", "44000"), -1165),
        (stop(Side::Sell, "1", "45000", "44000"), stop(Side::Sell, "1", "44000", "44000"), -1197),
        (maker(Side::Sell, "1", "60000"), stop(Side::Sell, "2", "45000", "44000"), -1014),
        (limit(Side::Sell, "1", "60000"), stop(Side::Sell, "1", "45000", "44000"), -1158),
        (maker(Side::Sell, "101", "60000"), stop(Side::Sell, "101", "45000", "44000"), -2010),
    ];
    for (above, below, code) in cases {
        let mut world = World::spot();
        world.trade_at("50000");
        let told = place(&mut world, 1, Shape::OneCancelsOther(above, below));
        assert_eq!(world.refusal().map(|seen| seen.0), Some(code), "{above:?} {below:?}");
        assert_eq!((told.len(), world.venue.all_orders(1, BTCUSDT).len(), world.balance(1, "BTC")), (1, 0, (amount("100"), 0)));
    }
}

#[test]
fn an_amendment_of_one_leg_of_an_oco_is_of_both() {
    let (mut world, [above, below]) = oco();
    let told = world.apply(Command::Amend(1, BTCUSDT, Key::Order(below), amount("0.25"), Text::EMPTY)).to_vec();
    assert_eq!([above, below].map(|id| world.order(1, id).asked.quantity), [Some(amount("0.25")); 2]);
    assert_eq!((world.balance(1, "BTC").1, states(&told)), (amount("0.25"), vec![ListState::Updated]));
    world.place(2, market(Side::Buy, "1"));
    assert_eq!(world.order(1, above).filled, amount("0.25"));
}

#[test]
fn an_oto_sets_its_second_order_off_when_the_first_is_filled_whole() {
    let mut world = World::spot();
    let told = place(&mut world, 1, Shape::OneTriggersOther(limit(Side::Buy, "1", "50000"), limit(Side::Sell, "0.9", "60000")));
    let [working, pending] = ids(&told)[..] else { panic!("two orders") };
    assert_eq!((world.order(1, working).state, world.order(1, pending).state), (State::New, State::PendingNew));
    assert_eq!(world.balance(1, "BTC").1, 0, "what waits holds nothing");
    world.place(2, market(Side::Sell, "0.4"));
    assert_eq!(world.order(1, pending).state, State::PendingNew);
    let told = world.place(2, market(Side::Sell, "0.6")).to_vec();
    assert_eq!((world.order(1, working).state, world.order(1, pending).state), (State::Filled, State::New));
    assert_eq!((world.balance(1, "BTC").1, states(&told)), (amount("0.9"), vec![]));
    let told = world.place(2, market(Side::Buy, "0.9")).to_vec();
    assert_eq!((world.order(1, pending).state, states(&told)), (State::Filled, vec![ListState::AllDone]));
}

#[test]
fn what_waits_is_rejected_where_its_means_are_missing_and_expires_with_its_working_order() {
    let mut world = World::spot();
    let told = place(&mut world, 1, Shape::OneTriggersOther(limit(Side::Buy, "1", "50000"), limit(Side::Sell, "102", "60000")));
    let pending = ids(&told)[1];
    let told = world.place(2, market(Side::Sell, "1")).to_vec();
    assert_eq!((world.order(1, pending).state, states(&told)), (State::Rejected, vec![ListState::AllDone]));
    let told = place(&mut world, 1, Shape::OneTriggersOther(limit(Side::Buy, "1", "50000"), limit(Side::Sell, "1", "60000")));
    let [working, pending] = ids(&told)[..] else { panic!("two orders") };
    world.cancel(1, Key::Order(working));
    assert_eq!((world.order(1, working).state, world.order(1, pending).state), (State::Canceled, State::Canceled));
}

#[test]
fn an_otoco_sets_a_pair_off() {
    let mut world = World::spot();
    world.trade_at("50000");
    let pair = (maker(Side::Sell, "1", "60000"), stop(Side::Sell, "1", "45000", "44000"));
    let told = place(&mut world, 1, Shape::OneTriggersOco(limit(Side::Buy, "1", "49000"), pair.0, pair.1));
    let [working, above, below] = ids(&told)[..] else { panic!("three orders") };
    let told = world.place(2, limit(Side::Sell, "1", "49000")).to_vec();
    assert_eq!([working, above, below].map(|id| world.order(1, id).state), [State::Filled, State::New, State::New]);
    assert!(states(&told).is_empty());
    assert_eq!(world.balance(1, "BTC").1, amount("1"));
    let told = world.place(2, market(Side::Buy, "1")).to_vec();
    assert_eq!([above, below].map(|id| world.order(1, id).state), [State::Filled, State::Expired]);
    assert_eq!(states(&told), [ListState::AllDone]);
    assert_eq!(world.venue.all_lists(1).iter().filter(|list| list.state == ListState::AllDone).count(), 1);
}

#[test]
fn a_working_order_that_is_filled_at_once_sets_off_at_once() {
    let mut world = World::spot();
    world.taken(2, limit(Side::Sell, "1", "50000"));
    let told = place(&mut world, 1, Shape::OneTriggersOther(limit(Side::Buy, "1", "50000"), limit(Side::Sell, "0.5", "60000")));
    let [working, pending] = ids(&told)[..] else { panic!("two orders") };
    assert_eq!((world.order(1, working).state, world.order(1, pending).state), (State::Filled, State::New));
}

#[test]
fn numbers_of_open_lists() {
    let shape = Shape::OneCancelsOther(maker(Side::Sell, "1", "60000"), stop(Side::Sell, "1", "45000", "44000"));
    let cases = [
        ("MAX_NUM_ORDER_LISTS", r#"{"filterType":"MAX_NUM_ORDER_LISTS","maxNumOrderLists":2}"#, false),
        ("EXCHANGE_MAX_NUM_ORDER_LISTS", r#"{"filterType":"EXCHANGE_MAX_NUM_ORDER_LISTS","maxNumOrderLists":2}"#, true),
    ];
    for (name, filter, is_of_all) in cases {
        let mut profile = Profile::binance_spot();
        small(&mut profile);
        let filters = if is_of_all { &mut profile.exchange_filters } else { &mut profile.symbols[0].filters };
        filters.retain(|filter| !matches!(filter, Filter::MaxNumOrderLists { .. } | Filter::ExchangeMaxNumOrderLists { .. }));
        filters.push(serde_json::from_str(filter).expect("a filter"));
        let mut world = World::new(profile);
        world.trade_at("50000");
        let first = ids(&place(&mut world, 1, shape))[0];
        place(&mut world, 1, shape);
        place(&mut world, 1, shape);
        assert_eq!(world.refusal(), Some((-1013, format!("Filter failure: {name}").as_str())));
        world.cancel(1, Key::Order(first));
        assert_eq!(states(&place(&mut world, 1, shape)), [ListState::Executing], "a list that is over is not counted");
    }
}

#[test]
fn a_list_counts_all_its_orders() {
    let mut world = World::spot();
    world.trade_at("50000");
    let shape = Shape::OneCancelsOther(maker(Side::Sell, "0.1", "60000"), stop(Side::Sell, "0.1", "45000", "44000"));
    for _ in 0..5 {
        place(&mut world, 1, shape);
    }
    place(&mut world, 1, shape);
    assert_eq!(world.refusal(), Some((-1013, "Filter failure: MAX_NUM_ALGO_ORDERS")), "each has a stop, five are the most");
}
