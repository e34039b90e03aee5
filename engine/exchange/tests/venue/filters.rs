//! Every filter: its breach with code and text, and the boundary that still passes (Binance Spot, "Filters").

use crate::world::{BTCUSDT, World, amount, limit, market, order, small, text};
use bot4_exchange::command::{Command, Force, Key, Kind, NewOrder, SelfTrade, Side};
use bot4_exchange::profile::Profile;
use bot4_exchange::profile::filter::Filter;
use bot4_exchange::profile::refusal::ALL;
use bot4_exchange::text::Text;

fn with(filters: &str) -> World {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    let more: Vec<Filter> = serde_json::from_str(filters).expect("filters");
    for filter in more {
        let kind = std::mem::discriminant(&filter);
        let own = &mut profile.symbols[usize::from(BTCUSDT)].filters;
        own.retain(|other| std::mem::discriminant(other) != kind);
        own.push(filter);
    }
    World::new(profile)
}

/// Places an order that must be refused with −1013 and the filter's name.
fn breaks(world: &mut World, asked: NewOrder, filter: &str) {
    world.place(1, asked);
    assert_eq!(world.refusal(), Some((-1013, format!("Filter failure: {filter}").as_str())), "{asked:?}");
}

fn passes(world: &mut World, asked: NewOrder) {
    let id = world.taken(1, asked).id;
    world.cancel(1, Key::Order(id));
}

#[test]
fn price_filter() {
    let mut world = with(r#"[{"filterType":"PRICE_FILTER","minPrice":"10.00","maxPrice":"100000.00","tickSize":"0.01"}]"#);
    for price in ["9.99", "100000.01", "50000.001", "50000.00000001"] {
        breaks(&mut world, limit(Side::Sell, "1", price), "PRICE_FILTER");
    }
    for price in ["10", "100000", "50000.01"] {
        passes(&mut world, limit(Side::Sell, "1", price));
    }
    let stop = NewOrder { kind: Kind::StopLossLimit, stop_price: Some(amount("9.99")), ..limit(Side::Sell, "1", "10") };
    breaks(&mut world, stop, "PRICE_FILTER");
    passes(&mut world, NewOrder { stop_price: Some(amount("10")), ..stop });
}

#[test]
fn lot_size() {
    let mut world = with(r#"[{"filterType":"LOT_SIZE","minQty":"0.001","maxQty":"9","stepSize":"0.001"}]"#);
    for quantity in ["0.0009", "9.001", "0.0015"] {
        breaks(&mut world, limit(Side::Sell, quantity, "60000"), "LOT_SIZE");
    }
    for quantity in ["0.001", "9", "0.002"] {
        passes(&mut world, limit(Side::Sell, quantity, "60000"));
    }
    let berg = NewOrder { iceberg: Some(amount("0.0005")), ..limit(Side::Sell, "0.004", "60000") };
    breaks(&mut world, berg, "LOT_SIZE");
    passes(&mut world, NewOrder { iceberg: Some(amount("0.001")), ..berg });
}

#[test]
fn market_lot_size_is_for_market_orders_only() {
    let mut world = with(r#"[{"filterType":"MARKET_LOT_SIZE","minQty":"0.01","maxQty":"2","stepSize":"0.01"}]"#);
    world.taken(2, limit(Side::Buy, "10", "60000"));
    for quantity in ["0.005", "2.01", "0.015"] {
        breaks(&mut world, market(Side::Sell, quantity), "MARKET_LOT_SIZE");
    }
    world.taken(1, market(Side::Sell, "0.01"));
    world.taken(1, market(Side::Sell, "2"));
    passes(&mut world, limit(Side::Sell, "3", "60001"));
}

#[test]
fn percent_price_by_side_is_around_the_weighted_average() {
    let mut world = with(
        r#"[{"filterType":"PERCENT_PRICE_BY_SIDE","bidMultiplierUp":"1.2","bidMultiplierDown":"0.2","askMultiplierUp":"5","askMultiplierDown":"0.8",
            "avgPriceMins":1},
           {"filterType":"NOTIONAL","minNotional":"1","applyMinToMarket":true,"maxNotional":"900000000","applyMaxToMarket":false,"avgPriceMins":1}]"#,
    );
    passes(&mut world, limit(Side::Buy, "0.001", "999999"));
    world.trade_at("50000");
    world.trade_at("60000");
    // Equal quantities: the average is 55,000.
    assert_eq!(world.venue.average_price(BTCUSDT, world.now), Some(amount("55000")));
    for (side, low, high) in [(Side::Buy, "11000", "66000"), (Side::Sell, "44000", "275000")] {
        let tick = amount("0.01");
        passes(&mut world, limit(side, "0.001", low));
        passes(&mut world, limit(side, "0.001", high));
        breaks(&mut world, NewOrder { price: Some(amount(low) - tick), ..limit(side, "0.001", low) }, "PERCENT_PRICE_BY_SIDE");
        breaks(&mut world, NewOrder { price: Some(amount(high) + tick), ..limit(side, "0.001", high) }, "PERCENT_PRICE_BY_SIDE");
    }
    // A minute later nothing is in the window: the last price counts.
    world.now += 70_000_000;
    assert_eq!(world.venue.average_price(BTCUSDT, world.now), Some(amount("60000")));
    passes(&mut world, limit(Side::Buy, "0.001", "72000"));
}

#[test]
fn percent_price_of_zero_minutes_is_around_the_last_price() {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    let own = &mut profile.symbols[usize::from(BTCUSDT)].filters;
    own.retain(|filter| !matches!(filter, Filter::PercentPriceBySide { .. } | Filter::Notional { .. }));
    let json = r#"{"filterType":"PERCENT_PRICE","multiplierUp":"1.3","multiplierDown":"0.7","avgPriceMins":0}"#;
    own.push(serde_json::from_str(json).expect("a filter"));
    let mut world = World::new(profile);
    world.trade_at("50000");
    world.trade_at("60000");
    passes(&mut world, limit(Side::Buy, "0.001", "78000"));
    passes(&mut world, limit(Side::Buy, "0.001", "42000"));
    breaks(&mut world, limit(Side::Buy, "0.001", "78000.01"), "PERCENT_PRICE");
    breaks(&mut world, limit(Side::Buy, "0.001", "41999.99"), "PERCENT_PRICE");
}

#[test]
fn notional_of_limits_and_of_market_orders_at_the_average() {
    let mut world = with(
        r#"[{"filterType":"NOTIONAL","minNotional":"10","applyMinToMarket":true,"maxNotional":"60000","applyMaxToMarket":true,"avgPriceMins":5}]"#,
    );
    passes(&mut world, limit(Side::Buy, "0.001", "10000"));
    breaks(&mut world, limit(Side::Buy, "0.001", "9999.99"), "NOTIONAL");
    passes(&mut world, limit(Side::Buy, "1", "60000"));
    breaks(&mut world, limit(Side::Buy, "1", "60000.01"), "NOTIONAL");
    world.trade_at("50000");
    world.taken(2, limit(Side::Buy, "1", "50000"));
    breaks(&mut world, market(Side::Sell, "0.00019"), "NOTIONAL");
    world.taken(1, market(Side::Sell, "0.0002"));
    breaks(&mut world, market(Side::Sell, "1.20001"), "NOTIONAL");
    let by_quote = |quote| NewOrder { quote_quantity: Some(amount(quote)), ..order(Kind::Market, Side::Sell) };
    breaks(&mut world, by_quote("9.99"), "NOTIONAL");
    world.taken(1, by_quote("10"));
}

#[test]
fn minimum_notional_where_it_is_not_for_market_orders() {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    let own = &mut profile.symbols[usize::from(BTCUSDT)].filters;
    own.retain(|filter| !matches!(filter, Filter::Notional { .. }));
    let json = r#"{"filterType":"MIN_NOTIONAL","minNotional":"10","applyToMarket":false,"avgPriceMins":5}"#;
    own.push(serde_json::from_str(json).expect("a filter"));
    let mut world = World::new(profile);
    breaks(&mut world, limit(Side::Buy, "0.001", "9999.99"), "MIN_NOTIONAL");
    passes(&mut world, limit(Side::Buy, "0.001", "10000"));
    world.trade_at("50000");
    world.taken(2, limit(Side::Buy, "1", "50000"));
    world.taken(1, market(Side::Sell, "0.00001"));
}

#[test]
fn iceberg_parts() {
    let mut world = with(r#"[{"filterType":"ICEBERG_PARTS","limit":10}]"#);
    let berg = |shown| NewOrder { iceberg: Some(amount(shown)), ..limit(Side::Sell, "1", "60000") };
    passes(&mut world, berg("0.1"));
    breaks(&mut world, berg("0.09999"), "ICEBERG_PARTS");
    world.place(1, berg("1.1"));
    assert_eq!(world.refusal(), Some((-2010, "IcebergQty exceeds QTY.")));
}

#[test]
fn numbers_of_open_orders() {
    let mut world = with(
        r#"[{"filterType":"MAX_NUM_ORDERS","maxNumOrders":4},{"filterType":"MAX_NUM_ALGO_ORDERS","maxNumAlgoOrders":2},
            {"filterType":"MAX_NUM_ICEBERG_ORDERS","maxNumIcebergOrders":1}]"#,
    );
    let stop = NewOrder { kind: Kind::StopLossLimit, stop_price: Some(amount("50000")), ..limit(Side::Sell, "0.01", "50000") };
    let berg = NewOrder { iceberg: Some(amount("0.5")), ..limit(Side::Sell, "1", "70000") };
    world.taken(1, stop);
    world.taken(1, stop);
    breaks(&mut world, stop, "MAX_NUM_ALGO_ORDERS");
    let first = world.taken(1, berg).id;
    breaks(&mut world, berg, "MAX_NUM_ICEBERG_ORDERS");
    world.taken(1, limit(Side::Sell, "1", "70000"));
    breaks(&mut world, limit(Side::Sell, "1", "70000"), "MAX_NUM_ORDERS");
    world.cancel(1, Key::Order(first));
    world.taken(1, berg);
    world.taken(2, limit(Side::Sell, "1", "70000"));
}

#[test]
fn numbers_of_open_orders_on_the_exchange() {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    profile.exchange_filters = serde_json::from_str(
        r#"[{"filterType":"EXCHANGE_MAX_NUM_ORDERS","maxNumOrders":3},{"filterType":"EXCHANGE_MAX_NUM_ALGO_ORDERS","maxNumAlgoOrders":1},
            {"filterType":"EXCHANGE_MAX_NUM_ICEBERG_ORDERS","maxNumIcebergOrders":1},{"filterType":"MAX_ASSET","assetName":"BTC","limit":"42"}]"#,
    )
    .expect("filters");
    let mut world = World::new(profile);
    let stop = NewOrder { kind: Kind::StopLossLimit, stop_price: Some(amount("50000")), ..limit(Side::Sell, "0.01", "50000") };
    let berg = NewOrder { iceberg: Some(amount("0.5")), ..limit(Side::Sell, "1", "70000") };
    world.taken(1, stop);
    breaks(
        &mut world,
        NewOrder { symbol: 1, stop_price: Some(amount("3000")), price: Some(amount("3000")), ..stop },
        "EXCHANGE_MAX_NUM_ALGO_ORDERS",
    );
    world.taken(1, berg);
    breaks(&mut world, NewOrder { symbol: 1, price: Some(amount("3000")), ..berg }, "EXCHANGE_MAX_NUM_ICEBERG_ORDERS");
    breaks(&mut world, limit(Side::Sell, "42.00001", "70000"), "MAX_ASSET");
    world.taken(1, limit(Side::Sell, "42", "70000"));
    breaks(&mut world, NewOrder { symbol: 1, ..limit(Side::Sell, "1", "3000") }, "EXCHANGE_MAX_NUM_ORDERS");
}

#[test]
fn greatest_position() {
    let mut world = with(r#"[{"filterType":"MAX_POSITION","maxPosition":"101"}]"#);
    world.taken(1, limit(Side::Sell, "40", "70000"));
    world.taken(1, limit(Side::Buy, "0.6", "50000"));
    breaks(&mut world, limit(Side::Buy, "0.40001", "50000"), "MAX_POSITION");
    world.taken(1, limit(Side::Buy, "0.4", "50000"));
    breaks(&mut world, limit(Side::Buy, "0.001", "50000"), "MAX_POSITION");
    world.place(2, market(Side::Sell, "0.6"));
    // 100 + 0.6 less the fee, and 0.4 open: only the fee is free.
    breaks(&mut world, limit(Side::Buy, "0.001", "50000"), "MAX_POSITION");
    passes(&mut world, limit(Side::Buy, "0.0006", "50000"));
}

#[test]
fn trailing_delta_above_and_below() {
    let mut world = with(
        r#"[{"filterType":"TRAILING_DELTA","minTrailingAboveDelta":10,"maxTrailingAboveDelta":2000,"minTrailingBelowDelta":20,
            "maxTrailingBelowDelta":1000}]"#,
    );
    let trail = |kind, side, delta| NewOrder { trailing_delta: Some(delta), quantity: Some(amount("0.01")), ..order(kind, side) };
    let above = [(Kind::StopLoss, Side::Buy), (Kind::TakeProfit, Side::Sell)];
    let below = [(Kind::StopLoss, Side::Sell), (Kind::TakeProfit, Side::Buy)];
    for (kinds, least, most) in [(above, 10, 2000), (below, 20, 1000)] {
        for (kind, side) in kinds {
            breaks(&mut world, trail(kind, side, least - 1), "TRAILING_DELTA");
            breaks(&mut world, trail(kind, side, most + 1), "TRAILING_DELTA");
            passes(&mut world, trail(kind, side, least));
            passes(&mut world, trail(kind, side, most));
        }
    }
}

#[test]
fn amendments_of_an_order() {
    let mut world = with(r#"[{"filterType":"MAX_NUM_ORDER_AMENDS","maxNumOrderAmends":2}]"#);
    let id = world.taken(1, limit(Side::Buy, "1", "50000")).id;
    for (quantity, is_refused) in [("0.9", false), ("0.8", false), ("0.7", true)] {
        world.apply(Command::Amend(1, BTCUSDT, Key::Order(id), amount(quantity), Text::EMPTY));
        assert_eq!(world.refusal().map(|seen| seen.0), is_refused.then_some(-2038), "{quantity}");
    }
    let other = world.taken(1, limit(Side::Buy, "1", "50000")).id;
    world.apply(Command::Amend(1, BTCUSDT, Key::Order(other), amount("0.00009"), Text::EMPTY));
    assert_eq!(world.refusal(), Some((-1013, "Filter failure: NOTIONAL")), "an amendment is held to the filters");
}

#[test]
fn precision() {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    profile.symbols[0].quote_precision = 4;
    profile.symbols[0].base_asset_precision = 6;
    profile.symbols[0].quote_asset_precision = 4;
    let mut world = World::new(profile);
    let cases = [
        (limit(Side::Buy, "0.0000001", "50000"), "quantity"),
        (limit(Side::Buy, "0.01", "50000.00001"), "price"),
        (
            NewOrder { kind: Kind::StopLossLimit, stop_price: Some(amount("50000.00001")), ..limit(Side::Sell, "0.01", "50000") },
            "stopPrice",
        ),
        (NewOrder { iceberg: Some(amount("0.0000001")), ..limit(Side::Sell, "0.01", "50000") }, "icebergQty"),
        (NewOrder { quote_quantity: Some(amount("50.00001")), ..order(Kind::Market, Side::Buy) }, "quoteOrderQty"),
    ];
    for (asked, name) in cases {
        world.place(1, asked);
        assert_eq!(world.refusal(), Some((-1111, format!("Parameter '{name}' has too much precision.").as_str())));
    }
    passes(&mut world, limit(Side::Buy, "0.01", "50000.01"));
}

#[test]
fn parameters_that_mean_nothing_together() {
    let mut world = World::spot();
    let plain = limit(Side::Buy, "0.01", "50000");
    let cases = [
        (NewOrder { quantity: None, ..plain }, -1102),
        (NewOrder { price: None, ..plain }, -1102),
        (NewOrder { force: None, ..plain }, -1102),
        (NewOrder { quote_quantity: Some(1), ..plain }, -1106),
        (NewOrder { stop_price: Some(1), ..plain }, -1106),
        (NewOrder { trailing_delta: Some(100), ..plain }, -1106),
        (NewOrder { kind: Kind::LimitMaker, ..plain }, -1106),
        (NewOrder { price: plain.price, ..market(Side::Buy, "0.01") }, -1106),
        (NewOrder { force: Some(Force::Gtc), ..market(Side::Buy, "0.01") }, -1106),
        (NewOrder { iceberg: Some(1), ..market(Side::Buy, "0.01") }, -1106),
        (NewOrder { quote_quantity: Some(1), ..market(Side::Buy, "0.01") }, -1128),
        (NewOrder { quantity: Some(amount("0.01")), ..order(Kind::StopLoss, Side::Buy) }, -1102),
        (NewOrder { iceberg: Some(amount("0.005")), force: Some(Force::Ioc), ..plain }, -1013),
        (NewOrder { strategy_type: Some(999_999), ..plain }, -1134),
        (NewOrder { self_trade: Some(SelfTrade::Allow), ..plain }, -1013),
        (NewOrder { symbol: 999, ..plain }, -1121),
    ];
    for (asked, code) in cases {
        world.place(1, asked);
        assert_eq!(world.refusal().map(|seen| seen.0), Some(code), "{asked:?}");
    }
    passes(&mut world, NewOrder { strategy_type: Some(1_000_000), strategy_id: Some(-1), ..plain });
    world.place(99, plain);
    assert_eq!(world.refusal().map(|seen| seen.0), Some(-2015));
    world.place(0, plain);
    assert_eq!(world.refusal().map(|seen| seen.0), Some(-2015), "the venue's own account does not trade");
}

#[test]
fn what_a_symbol_does_not_allow() {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    let symbol = &mut profile.symbols[0];
    symbol.order_types = vec!["LIMIT".to_owned(), "STOP_LOSS_LIMIT".to_owned()];
    (symbol.iceberg_allowed, symbol.allow_trailing_stop, symbol.amend_allowed) = (false, false, false);
    let mut world = World::new(profile);
    let cases = [
        (market(Side::Sell, "1"), "Market orders are not supported for this symbol."),
        (
            NewOrder { stop_price: Some(amount("5")), quantity: Some(amount("1")), ..order(Kind::StopLoss, Side::Sell) },
            "Stop loss orders are not supported for this symbol.",
        ),
        (NewOrder { iceberg: Some(amount("0.5")), ..limit(Side::Sell, "1", "60000") }, "Iceberg orders are not supported for this symbol."),
        (
            NewOrder { kind: Kind::StopLossLimit, trailing_delta: Some(100), ..limit(Side::Sell, "1", "60000") },
            "Trailing stop orders are not supported for this symbol.",
        ),
    ];
    for (asked, why) in cases {
        world.place(1, asked);
        assert_eq!(world.refusal(), Some((-2010, why)));
    }
    let id = world.taken(1, limit(Side::Sell, "1", "60000")).id;
    world.apply(Command::Amend(1, BTCUSDT, Key::Order(id), amount("0.5"), text("a")));
    assert_eq!(world.refusal().map(|seen| seen.0), Some(-2038));
}

#[test]
fn every_reason_has_words_and_a_code_below_minus_a_thousand() {
    let profile = Profile::binance_spot();
    assert_eq!(profile.refusals.len(), ALL.len());
    assert!(profile.refusals.iter().all(|words| (-2_100..=-1_000).contains(&words.code) && words.text.len() > 8));
}
