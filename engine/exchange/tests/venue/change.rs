//! Rules that change while orders rest.

use crate::world::{BTCUSDT, World, amount, limit, market};
use bot4_exchange::command::{Command, Key, Kind, NewOrder, Side};
use bot4_exchange::profile::decimal::Decimal;
use bot4_exchange::profile::filter::Filter;
use bot4_exchange::report::State;
use bot4_exchange::text::Text;

fn ticks(tick: &str) -> Filter {
    Filter::PriceFilter { min_price: Decimal(amount(tick)), max_price: Decimal(amount("1000000")), tick_size: Decimal(amount(tick)) }
}

fn lots(step: &str) -> Filter {
    Filter::LotSize { min_qty: Decimal(amount(step)), max_qty: Decimal(amount("9000")), step_size: Decimal(amount(step)) }
}

#[test]
fn a_coarser_tick_leaves_what_rests_and_refuses_what_is_new() {
    let mut world = World::spot();
    let old = world.taken(1, limit(Side::Buy, "0.5", "50000.01")).id;
    world.venue.set_filters(BTCUSDT, &[ticks("0.1")]).expect("rules");
    world.place(1, limit(Side::Buy, "0.5", "50000.01"));
    assert_eq!(world.refusal(), Some((-1013, "Filter failure: PRICE_FILTER")));
    world.taken(2, limit(Side::Sell, "0.2", "50000.0"));
    let seen = world.order(1, old);
    assert_eq!((seen.filled_quote, seen.state), (amount("10000.002"), State::PartlyFilled));
    world.cancel(1, Key::Order(old));
    assert_eq!(world.balance(1, "USDT"), (amount("989999.998"), 0));
}

#[test]
fn a_finer_tick_and_step_keep_prices_quantities_priority_and_locks() {
    let mut world = World::spot();
    world.trade_at("50000");
    let first = world.taken(1, limit(Side::Sell, "1", "50001")).id;
    let berg = world.taken(2, NewOrder { iceberg: Some(amount("0.2")), ..limit(Side::Sell, "1", "50001") }).id;
    let bid = world.taken(1, limit(Side::Buy, "0.33333", "49999.99")).id;
    let stop = NewOrder { kind: Kind::StopLossLimit, stop_price: Some(amount("49000")), ..limit(Side::Sell, "0.1", "49000") };
    let stop = world.taken(3, stop).id;
    let before = [1, 2, 3].map(|account| (world.balance(account, "BTC"), world.balance(account, "USDT")));
    world.venue.set_filters(BTCUSDT, &[ticks("0.005"), lots("0.000004")]).expect("rules");
    assert_eq!([1, 2, 3].map(|account| (world.balance(account, "BTC"), world.balance(account, "USDT"))), before);
    assert_eq!(world.venue.best(BTCUSDT, Side::Sell), Some((amount("50001"), amount("1.2"))));
    assert_eq!(world.venue.best(BTCUSDT, Side::Buy), Some((amount("49999.99"), amount("0.33333"))));
    world.taken(4, limit(Side::Buy, "0.001", "50000.005"));
    assert_eq!(world.venue.best(BTCUSDT, Side::Buy), Some((amount("50000.005"), amount("0.001"))));
    world.place(4, market(Side::Buy, "1.1"));
    assert_eq!((world.order(1, first).state, world.order(2, berg).filled), (State::Filled, amount("0.1")));
    world.apply(Command::Amend(1, BTCUSDT, Key::Order(bid), amount("0.2"), Text::EMPTY));
    assert_eq!(world.balance(1, "USDT").1, amount("9999.998"));
    world.place(4, market(Side::Sell, "0.001"));
    world.place(4, market(Side::Sell, "0.2"));
    assert_eq!(world.order(1, bid).state, State::Filled);
    world.trade_at("49000");
    assert!(world.order(3, stop).is_working);
}

#[test]
fn rules_that_do_not_fit_are_refused_and_change_nothing() {
    let mut world = World::spot();
    let before = world.venue.profile().clone();
    for (filter, why) in [(ticks("0.000001"), "ticks"), (ticks("0"), "tickSize")] {
        assert!(world.venue.set_filters(BTCUSDT, &[filter]).is_err_and(|text| text.contains(why)));
    }
    let mut other = before.symbols[0].clone();
    other.base_asset = "ETH".to_owned();
    assert!(world.venue.set_rules(BTCUSDT, other).is_err_and(|text| text.contains("assets")));
    assert!(world.venue.set_rules(99, before.symbols[0].clone()).is_err());
    assert_eq!(world.venue.profile(), &before);
}
