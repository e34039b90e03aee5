//! exchange-core's mix of commands for the venue: 9 % new orders, 3 % immediate-or-cancel, 6 % cancels, 82 % moves, about 1,000 live orders.
//!
//! Each command goes through the venue whole: filters, client ids, balances and fees, every report told. A move is the venue's own
//! cancel-replace, so it is two commands to the book and two sets of reports.

use bot4_exchange::command::{Cancel, Command, Force, Key, Kind, NewOrder, SelfTrade, Side};
use bot4_exchange::draw::Draw;
use bot4_exchange::profile::Profile;
use bot4_exchange::profile::decimal::ONE;
use bot4_exchange::report::State;
use bot4_exchange::text::Text;
use bot4_exchange::venue::Exchange;
use bot4_exchange::venue::told::Told;
use bot4_exchange::{Amount, Micros};
use std::hint::black_box;

/// Orders that live at a time, and commands that bring them there.
pub const LIVE: usize = 1_000;
const ACCOUNTS: u32 = 32;
const TICK: Amount = ONE / 100;
const LOT: Amount = ONE / 100_000;
const MIDDLE: Amount = 60_000 * ONE;
const START: Micros = 1_764_201_600_000_000;

/// Returns a price on a side: mostly near the touch, now and then across it.
fn price(draw: &mut Draw, side: Side, venue: &Exchange) -> Amount {
    let best = venue.best(0, side).map_or(if side == Side::Buy { MIDDLE - TICK } else { MIDDLE }, |best| best.0);
    let away = ((draw.below(40) * draw.below(40) / 8) as i64 - if draw.one_in(40) { 30 } else { 1 }) * TICK;
    if side == Side::Buy { best - away } else { best + away }
}

fn order(draw: &mut Draw, side: Side, force: Force, price: Amount) -> NewOrder {
    NewOrder {
        symbol: 0,
        side,
        kind: Kind::Limit,
        force: Some(force),
        quantity: Some((100 + draw.below(10_000) as i64) * LOT),
        quote_quantity: None,
        price: Some(price),
        stop_price: None,
        trailing_delta: None,
        iceberg: None,
        client_id: Text::EMPTY,
        self_trade: Some(SelfTrade::ExpireTaker),
        strategy_id: None,
        strategy_type: None,
    }
}

/// Returns a venue of one symbol and 32 accounts with means.
pub fn venue() -> Exchange {
    let mut profile = Profile::binance_spot();
    profile.symbols.truncate(1);
    profile.room.accounts = ACCOUNTS + 1;
    profile.room.orders = 4_096;
    profile.room.book = 4_096;
    profile.room.history = 100;
    profile.room.fills = 100;
    let mut venue = Exchange::new(profile).expect("a venue");
    for _ in 0..ACCOUNTS {
        let account = venue.open_account().expect("room");
        for (asset, much) in [(0, 1_000_000_000 * ONE), (1, 10_000 * ONE)] {
            venue.carry_out(START, &Command::Credit(account, asset, much), &mut |_| {});
        }
    }
    venue
}

/// Draws the first [`LIVE`] commands and so many more against a venue that goes along, so that ids live and prices follow the market;
/// returns them and the number of trades.
pub fn stream(count: usize) -> (Vec<Command>, u64) {
    let (mut draw, mut venue, mut commands) = (Draw(7), venue(), Vec::with_capacity(count + LIVE));
    let mut live = Vec::<(u64, u32, Side)>::new();
    let mut trades = 0;
    while commands.len() < count + LIVE {
        let kind = if live.len() < LIVE { 0 } else { draw.below(100) };
        let at = draw.below(live.len().max(1) as u64) as usize;
        let cancel = |id| Cancel { symbol: 0, key: Key::Order(id), client_id: Text::EMPTY, only: None };
        let command = if kind < 12 {
            let side = if draw.below(2) == 0 { Side::Buy } else { Side::Sell };
            let force = if kind < 9 { Force::Gtc } else { Force::Ioc };
            let price = price(&mut draw, if kind < 9 { side } else { side.opposite() }, &venue);
            let account = 1 + draw.below(u64::from(ACCOUNTS)) as u32;
            Command::Place(account, order(&mut draw, side, force, price))
        } else if kind < 18 {
            Command::Cancel(live[at].1, cancel(live[at].0))
        } else {
            let (id, account, side) = live[at];
            let price = price(&mut draw, side, &venue);
            Command::CancelReplace(account, cancel(id), order(&mut draw, side, Force::Gtc, price), false)
        };
        venue.carry_out(START + commands.len() as Micros, &command, &mut |told| match told {
            Told::Trade { .. } => trades += 1,
            Told::Execution { order, .. } if order.state() != State::New && order.state() != State::PartlyFilled => {
                live.retain(|&(other, ..)| other != order.id());
            }
            Told::Execution { order, .. } if order.filled() == 0 && order.order().asked.force == Some(Force::Gtc) => {
                live.push((order.id(), order.account(), order.side()));
            }
            Told::Refused(refused) => panic!("refused {refused:?}: {command:?}"),
            _ => {}
        });
        commands.push(command);
    }
    (commands, trades)
}

/// Does commands one after the other, the first of them as number `from`; returns the number of reports.
#[inline(always)]
pub fn carry_out(venue: &mut Exchange, commands: &[Command], from: usize) -> u64 {
    let mut told = 0;
    for (at, command) in commands.iter().enumerate() {
        venue.carry_out(START + (from + at) as Micros, command, &mut |report| {
            told += 1;
            _ = black_box(&report);
        });
    }
    told
}
