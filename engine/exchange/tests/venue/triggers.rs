//! Stop and take-profit orders, trailing ones, icebergs, self-trade prevention, the price range rule.

use crate::world::{BTCUSDT, World, amount, limit, market, order, small, text};
use bot4_exchange::command::{Key, Kind, NewOrder, SelfTrade, Side};
use bot4_exchange::profile::{PriceRange, Profile, decimal::Ratio};
use bot4_exchange::report::{Act, Report, State};

fn stop_limit(kind: Kind, side: Side, quantity: &str, stop: &str, price: &str) -> NewOrder {
    NewOrder { kind, stop_price: Some(amount(stop)), ..limit(side, quantity, price) }
}

/// Trades along the prices, one at a time, far from what waits.
fn walk(world: &mut World, prices: &[&str]) {
    for price in prices {
        world.trade_at(price);
    }
}

#[test]
fn a_trigger_that_is_already_reached_is_refused() {
    let mut world = World::spot();
    world.trade_at("50000");
    let cases = [
        (Kind::StopLossLimit, Side::Buy, "50000", "50000.01"),
        (Kind::StopLossLimit, Side::Sell, "50000", "49999.99"),
        (Kind::TakeProfitLimit, Side::Buy, "50000", "49999.99"),
        (Kind::TakeProfitLimit, Side::Sell, "50000", "50000.01"),
    ];
    for (kind, side, reached, waits) in cases {
        world.place(1, stop_limit(kind, side, "0.01", reached, "50000"));
        assert_eq!(world.refusal(), Some((-2010, "Order would trigger immediately.")), "{kind:?} {side:?}");
        let id = world.taken(1, stop_limit(kind, side, "0.01", waits, "50000")).id;
        assert!(!world.order(1, id).is_working);
        world.cancel(1, Key::Order(id));
    }
}

#[test]
fn a_stop_enters_the_book_when_a_trade_reaches_its_price() {
    let mut world = World::spot();
    world.trade_at("50000");
    let id = world.taken(1, stop_limit(Kind::StopLossLimit, Side::Sell, "0.5", "49000", "48000")).id;
    assert_eq!(world.balance(1, "BTC").1, amount("0.5"), "what it would sell is held from the start");
    world.trade_at("49000.01");
    assert!(!world.order(1, id).is_working);
    world.taken(2, limit(Side::Buy, "1", "48500"));
    world.trade_at("49000");
    let seen = world.order(1, id);
    assert_eq!((seen.state, seen.filled_quote), (State::Filled, amount("24250")), "it sold to the best bid");
    assert_eq!(seen.working_since, world.now);
}

#[test]
fn a_stop_at_market_buys_with_what_is_free_when_it_fires() {
    let mut world = World::spot();
    world.trade_at("50000");
    let stop = NewOrder { stop_price: Some(amount("51000")), quantity: Some(amount("1")), ..order(Kind::StopLoss, Side::Buy) };
    let id = world.taken(1, stop).id;
    assert_eq!(world.balance(1, "USDT"), (amount("1000000"), 0), "it holds nothing");
    world.taken(2, limit(Side::Sell, "2", "52000"));
    world.trade_at("51000");
    assert_eq!((world.order(1, id).state, world.balance(1, "USDT")), (State::Filled, (amount("948000"), 0)));
    // Another that finds no money expires.
    let poor = world.taken(1, NewOrder { stop_price: Some(amount("52500")), quantity: Some(amount("1")), ..stop }).id;
    world.taken(1, limit(Side::Buy, "1", "40000"));
    world.taken(1, limit(Side::Buy, "22.7", "39999"));
    world.taken(2, limit(Side::Sell, "2", "53000"));
    let ask = world.taken(2, limit(Side::Sell, "0.5", "52500")).id;
    world.place(4, market(Side::Buy, "1.5"));
    assert_eq!(world.order(2, ask).state, State::Filled);
    assert_eq!(world.order(1, poor).state, State::Expired);
}

#[test]
fn orders_of_one_trade_fire_in_the_order_of_their_ids_and_what_they_set_off_queues_behind() {
    let mut world = World::spot();
    world.trade_at("50000");
    let named = |name, order| NewOrder { client_id: text(name), ..order };
    // The dearer trigger is older; a trade at 49,000 reaches both, and the first sale at 48,000 reaches the third.
    world.taken(1, named("third", stop_limit(Kind::StopLossLimit, Side::Sell, "0.1", "48000", "40000")));
    world.taken(2, named("first", stop_limit(Kind::StopLossLimit, Side::Sell, "0.1", "49000", "40000")));
    world.taken(1, named("second", stop_limit(Kind::StopLossLimit, Side::Sell, "0.1", "49500", "40000")));
    world.taken(3, limit(Side::Buy, "0.01", "49000"));
    world.taken(3, limit(Side::Buy, "0.1", "48000"));
    world.taken(3, limit(Side::Buy, "0.3", "47000"));
    let told = world.place(4, market(Side::Sell, "0.01")).to_vec();
    let worked: Vec<String> = told
        .iter()
        .filter_map(|report| match report {
            Report::Execution { act: Act::New, order, .. } if order.asked.kind == Kind::StopLossLimit => {
                Some(order.asked.client_id.as_str().to_owned())
            }
            _ => None,
        })
        .collect();
    assert_eq!(worked, ["first", "second", "third"]);
}

#[test]
fn a_trailing_stop_to_sell_follows_the_highest_price() {
    // The venue's scenario E: 700 bips, no stop price; 42,000, 39,500, 45,500, then 42,315 = 45,500 × 0.93 fires.
    let mut world = World::spot();
    world.trade_at("40000");
    let trail = NewOrder { kind: Kind::StopLossLimit, trailing_delta: Some(700), ..limit(Side::Sell, "1", "39000") };
    let id = world.taken(1, trail).id;
    assert_eq!(world.order(1, id).trigger, amount("37200"));
    walk(&mut world, &["42000", "39500", "45500", "42315.01"]);
    assert!(!world.order(1, id).is_working);
    assert_eq!(world.order(1, id).trigger, amount("42315"));
    world.trade_at("42315");
    assert!(world.order(1, id).is_working);
}

#[test]
fn a_trailing_stop_with_a_stop_price_follows_from_there_on() {
    // Scenario A: buy, stop 44,000, 500 bips: 37,000 is before it follows; 44,000, 46,000, 42,000, then 44,100 = 42,000 × 1.05 fires.
    let mut world = World::spot();
    world.trade_at("40000");
    let trail = NewOrder { trailing_delta: Some(500), ..stop_limit(Kind::StopLossLimit, Side::Buy, "1", "44000", "45000") };
    let id = world.taken(1, trail).id;
    walk(&mut world, &["37000", "39000", "44000", "45000", "46000", "42000", "44099.99"]);
    assert!(!world.order(1, id).is_working);
    world.trade_at("44100");
    assert!(world.order(1, id).is_working);
}

#[test]
fn trailing_take_profits_fire_on_the_way_back() {
    // Scenario C: buy below 38,000, 850 bips: 37,000, 39,000, 38,000, then 40,145 = 37,000 × 1.085 fires.
    let mut world = World::spot();
    world.trade_at("40000");
    let trail = NewOrder { trailing_delta: Some(850), ..stop_limit(Kind::TakeProfitLimit, Side::Buy, "1", "38000", "38500") };
    let buys = world.taken(1, trail).id;
    walk(&mut world, &["42000", "38000", "37000", "39000", "38000", "40144.99"]);
    assert!(!world.order(1, buys).is_working);
    world.trade_at("40145");
    assert!(world.order(1, buys).is_working);
    // Scenario D: sell above 42,000, 750 bips: 45,000, 44,000, 46,500, then 43,012.5 = 46,500 × 0.925 fires.
    let mut world = World::spot();
    world.trade_at("40000");
    let trail = NewOrder { trailing_delta: Some(750), ..stop_limit(Kind::TakeProfitLimit, Side::Sell, "1", "42000", "41000") };
    let sells = world.taken(1, trail).id;
    walk(&mut world, &["41500", "39000", "42000", "45000", "44000", "46500", "43012.51"]);
    assert!(!world.order(1, sells).is_working);
    world.trade_at("43012.5");
    assert!(world.order(1, sells).is_working);
}

#[test]
fn an_iceberg_shows_its_peak_and_goes_to_the_end_of_the_queue() {
    let mut world = World::spot();
    let berg = world.taken(1, NewOrder { iceberg: Some(amount("0.2")), ..limit(Side::Sell, "1", "50000") }).id;
    let plain = world.taken(2, limit(Side::Sell, "0.5", "50000")).id;
    let mut levels = Vec::new();
    world.venue.depth(BTCUSDT, Side::Sell, 5, |price, quantity| levels.push((price, quantity)));
    assert_eq!(levels, [(amount("50000"), amount("0.7"))]);
    world.place(3, market(Side::Buy, "0.3"));
    assert_eq!((world.order(1, berg).filled, world.order(2, plain).filled), (amount("0.2"), amount("0.1")));
    world.place(3, market(Side::Buy, "1.2"));
    assert_eq!((world.order(1, berg).state, world.order(2, plain).state), (State::Filled, State::Filled));
}

/// Sells 3 at 1.0 to a book of own bids 1.2, 1.3 and 8.1 (the venue's page on self-trade prevention, scenarios B to D), in units of 1,000.
fn own_cross(mode: SelfTrade) -> (World, [u64; 3], u64) {
    let mut world = World::spot();
    let bids =
        [("1.2", "1200"), ("1.3", "1100"), ("8.1", "1000")].map(|(quantity, price)| world.taken(1, limit(Side::Buy, quantity, price)).id);
    let taker = world.taken(1, NewOrder { self_trade: Some(mode), ..limit(Side::Sell, "3", "1000") }).id;
    (world, bids, taker)
}

#[test]
fn self_trade_prevention_in_the_venues_own_scenarios() {
    let (world, bids, taker) = own_cross(SelfTrade::ExpireMaker);
    assert_eq!(bids.map(|id| world.order(1, id).state), [State::ExpiredInMatch; 3]);
    assert_eq!(bids.map(|id| world.order(1, id).prevented), ["1.2", "1.3", "8.1"].map(amount));
    assert_eq!(
        (world.order(1, taker).state, world.balance(1, "USDT"), world.balance(1, "BTC").1),
        (State::New, (amount("1000000"), 0), amount("3"))
    );
    let (world, bids, taker) = own_cross(SelfTrade::ExpireTaker);
    assert_eq!(bids.map(|id| world.order(1, id).state), [State::New; 3]);
    assert_eq!((world.order(1, taker).state, world.order(1, taker).prevented), (State::ExpiredInMatch, amount("3")));
    let (world, bids, taker) = own_cross(SelfTrade::ExpireBoth);
    assert_eq!(bids.map(|id| world.order(1, id).state), [State::ExpiredInMatch, State::New, State::New]);
    assert_eq!((world.order(1, taker).state, world.balance(1, "BTC")), (State::ExpiredInMatch, (amount("100"), 0)));
    let (world, bids, taker) = own_cross(SelfTrade::Decrement);
    assert_eq!(bids.map(|id| world.order(1, id).state), [State::ExpiredInMatch, State::ExpiredInMatch, State::New]);
    assert_eq!(world.order(1, bids[2]).prevented, amount("0.5"));
    assert_eq!((world.order(1, taker).state, world.order(1, taker).prevented), (State::ExpiredInMatch, amount("3")));
    assert_eq!(world.balance(1, "USDT").1, amount("7600"), "8.1 − 0.5 at 1,000");
}

#[test]
fn a_transfer_moves_what_would_have_traded_between_accounts_of_a_group_without_fees() {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    profile.symbols[0].allowed_self_trade_prevention_modes.extend(["TRANSFER".to_owned(), "NONE".to_owned()]);
    let mut world = World::new(profile.clone());
    world.venue.set_group(1, 7);
    world.venue.set_group(2, 7);
    let with = |mode, order| NewOrder { self_trade: Some(mode), ..order };
    world.taken(1, with(SelfTrade::Transfer, limit(Side::Buy, "1", "50000")));
    let told = world.place(2, with(SelfTrade::Transfer, limit(Side::Sell, "0.4", "49000"))).to_vec();
    assert!(!told.iter().any(|report| matches!(report, Report::Trade { .. })));
    assert_eq!((world.balance(1, "BTC"), world.balance(1, "USDT")), ((amount("100.4"), 0), (amount("950000"), amount("30000"))));
    assert_eq!((world.balance(2, "BTC"), world.balance(2, "USDT")), ((amount("99.6"), 0), (amount("1020000"), 0)));
    // A maker of another mode is not moved: both lose the quantity.
    let mut world = World::new(profile);
    world.venue.set_group(1, 7);
    world.venue.set_group(2, 7);
    world.taken(1, with(SelfTrade::Decrement, limit(Side::Buy, "1", "50000")));
    world.place(2, with(SelfTrade::Transfer, limit(Side::Sell, "0.4", "49000")));
    assert_eq!((world.balance(1, "BTC"), world.balance(2, "BTC")), ((amount("100"), 0), (amount("100"), 0)));
    // Without prevention they trade.
    let told = world.place(2, with(SelfTrade::Allow, limit(Side::Sell, "0.4", "49000"))).to_vec();
    assert!(told.iter().any(|report| matches!(report, Report::Trade { .. })));
}

fn ranged() -> World {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    let (up, down) = (Ratio(110_000_000), Ratio(90_000_000));
    profile.symbols[0].price_range = Some(PriceRange {
        bid_multiplier_up: up,
        bid_multiplier_down: down,
        ask_multiplier_up: up,
        ask_multiplier_down: down,
        bucket_width_ms: 1_000,
        bucket_count: 60,
    });
    World::new(profile)
}

#[test]
fn nothing_trades_beyond_the_price_range_and_what_would_expires() {
    let mut world = ranged();
    world.trade_at("50000");
    assert_eq!(world.venue.reference_price(BTCUSDT, world.now), Some(amount("50000")));
    world.taken(2, limit(Side::Sell, "1", "55000"));
    world.taken(2, limit(Side::Sell, "1", "55000.01"));
    let told = world.place(1, market(Side::Buy, "2")).to_vec();
    let last = told.iter().rev().find_map(|report| match report {
        Report::Execution { act, order, .. } if order.account == 1 => Some((*act, order.state, order.filled)),
        _ => None,
    });
    assert_eq!(last, Some((Act::Expired, State::Expired, amount("1"))), "55,000 is within, a tick more is not");
    // The mean is 52,500 now: 57,750 is the bound, and 55,000.01 is within.
    world.taken(2, limit(Side::Sell, "1", "57750.01"));
    let beyond = world.taken(1, limit(Side::Buy, "2", "60000")).id;
    assert_eq!((world.order(1, beyond).state, world.order(1, beyond).filled), (State::Expired, amount("1")));
    assert_eq!(world.balance(1, "USDT").1, 0);
    let rests = world.taken(1, limit(Side::Buy, "1", "57000")).id;
    assert_eq!(world.order(1, rests).state, State::New, "resting is no trade");
}

#[test]
fn a_limit_within_the_range_trades_and_rests_as_ever() {
    let mut world = ranged();
    world.trade_at("50000");
    world.taken(2, limit(Side::Sell, "1", "54000"));
    let id = world.taken(1, limit(Side::Buy, "3", "60000")).id;
    let seen = world.order(1, id);
    assert_eq!((seen.state, seen.filled), (State::PartlyFilled, amount("1")), "nothing was left that it would have reached");
    assert_eq!(world.venue.best(BTCUSDT, Side::Buy), Some((amount("60000"), amount("2"))));
}

#[test]
fn the_reference_price_is_a_mean_of_trades_with_the_oldest_bucket_in_part() {
    let mut profile = Profile::binance_spot();
    small(&mut profile);
    let mut world = {
        let world = ranged();
        profile.symbols[0].price_range = world.venue.profile().symbols[0].price_range.map(|range| PriceRange { bucket_count: 2, ..range });
        World::new(profile)
    };
    let second = 1_000_000;
    world.now = crate::world::START + second;
    world.trade_at("50000");
    world.now = crate::world::START + 2 * second;
    world.trade_at("52000");
    // At 3.5 s the window of 2 s begins at 1.5 s: half of the first bucket counts: (0.5 × 50,000 + 52,000) ÷ 1.5.
    let at = crate::world::START + 3 * second + second / 2;
    assert_eq!(world.venue.reference_price(BTCUSDT, at), Some(5_133_333_333_333));
    assert_eq!(world.venue.reference_price(BTCUSDT, at + 2 * second), None);
}
