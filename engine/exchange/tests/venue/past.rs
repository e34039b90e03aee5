//! What an account may ask about its past: prevented trades and amendments.

use crate::world::{BTCUSDT, World, amount, limit, text};
use bot4_exchange::command::{Command, Key, NewOrder, SelfTrade, Side};
use bot4_exchange::text::Text;
use bot4_exchange::venue::past::{Amendment, Prevented};

fn prevented(world: &World, account: u32) -> Vec<Prevented> {
    let mut all = Vec::new();
    world.venue.prevented_matches(account, BTCUSDT, |prevented| all.push(*prevented));
    all
}

#[test]
fn a_prevented_trade_is_known_to_both_accounts_of_a_group_with_what_each_lost() {
    let mut world = World::spot();
    world.venue.set_group(1, 9);
    world.venue.set_group(2, 9);
    let mode = |mode, order: NewOrder| NewOrder { self_trade: Some(mode), ..order };
    let maker = world.taken(1, limit(Side::Sell, "0.3", "60000"));
    let taker = world.taken(2, mode(SelfTrade::ExpireMaker, limit(Side::Buy, "0.1", "60000")));
    let own = world.taken(2, mode(SelfTrade::ExpireBoth, limit(Side::Sell, "0.2", "60000")));
    let first = Prevented {
        symbol: BTCUSDT,
        id: 0,
        taker: taker.id,
        maker: maker.id,
        group: 9,
        mode: SelfTrade::ExpireMaker,
        price: amount("60000"),
        lost: [0, amount("0.3")],
        time: taker.created,
    };
    let lost = [amount("0.2"), amount("0.1")];
    let second = Prevented { id: 1, taker: own.id, maker: taker.id, mode: SelfTrade::ExpireBoth, lost, time: own.created, ..first };
    assert_eq!(prevented(&world, 1), [first]);
    assert_eq!(prevented(&world, 2), [first, second], "a trade with itself is noted once");
    assert_eq!((prevented(&world, 3), prevented(&world, 99)), (Vec::new(), Vec::new()));
}

#[test]
fn every_amendment_of_an_order_is_known_with_its_names_and_quantities() {
    let mut world = World::spot();
    let order = world.taken(1, NewOrder { client_id: text("first"), ..limit(Side::Buy, "0.5", "50000") });
    let other = world.taken(1, limit(Side::Buy, "0.5", "50000"));
    for (id, quantity, name) in [(order.id, "0.4", text("second")), (other.id, "0.1", Text::EMPTY), (order.id, "0.2", text("third"))] {
        world.apply(Command::Amend(1, BTCUSDT, Key::Order(id), amount(quantity), name));
    }
    world.apply(Command::Amend(1, BTCUSDT, Key::Order(order.id), amount("0.3"), text("refused")));
    let mut all: Vec<Amendment> = Vec::new();
    world.venue.amendments(1, BTCUSDT, |amendment| all.push(*amendment));
    all.retain(|amendment| amendment.order == order.id);
    let seen: Vec<_> = all.iter().map(|one| (one.original, one.client_id, one.before, one.after)).collect();
    let wanted =
        [(text("first"), text("second"), amount("0.5"), amount("0.4")), (text("second"), text("third"), amount("0.4"), amount("0.2"))];
    assert_eq!(seen, wanted);
    assert!(all[0].execution < all[1].execution && all[0].time < all[1].time && all[0].symbol == BTCUSDT);
    world.venue.amendments(2, BTCUSDT, |amendment| panic!("{amendment:?} is another account's"));
}
