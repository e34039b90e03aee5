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

/// What a command does.
#[derive(Debug, Clone, Copy)]
enum Does {
    Place,
    Cancel,
    Move,
}

/// A command as it comes in, 40 bytes; the venue's [`Command`] is made of it when it is its turn, as a server makes it of a request.
#[derive(Debug, Clone, Copy)]
pub struct Request {
    does: Does,
    side: Side,
    force: Force,
    account: u32,
    /// The order that is withdrawn or moved.
    id: u64,
    quantity: Amount,
    price: Amount,
}

impl Request {
    /// Returns the command.
    #[inline(always)]
    fn command(&self) -> Command {
        let cancel = Cancel { symbol: 0, key: Key::Order(self.id), client_id: Text::EMPTY, only: None };
        let order = NewOrder {
            symbol: 0,
            side: self.side,
            kind: Kind::Limit,
            force: Some(self.force),
            quantity: Some(self.quantity),
            quote_quantity: None,
            price: Some(self.price),
            stop_price: None,
            trailing_delta: None,
            iceberg: None,
            client_id: Text::EMPTY,
            self_trade: Some(SelfTrade::ExpireTaker),
            strategy_id: None,
            strategy_type: None,
        };
        match self.does {
            Does::Place => Command::Place(self.account, order),
            Does::Cancel => Command::Cancel(self.account, cancel),
            Does::Move => Command::CancelReplace(self.account, cancel, order, false),
        }
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
pub fn stream(count: usize) -> (Vec<Request>, u64) {
    let (mut draw, mut venue, mut commands) = (Draw(7), venue(), Vec::with_capacity(count + LIVE));
    let mut live = Vec::<(u64, u32, Side)>::new();
    let mut trades = 0;
    while commands.len() < count + LIVE {
        let kind = if live.len() < LIVE { 0 } else { draw.below(100) };
        let at = draw.below(live.len().max(1) as u64) as usize;
        let quantity = |draw: &mut Draw| (100 + draw.below(10_000) as i64) * LOT;
        let request = if kind < 12 {
            let side = if draw.below(2) == 0 { Side::Buy } else { Side::Sell };
            let force = if kind < 9 { Force::Gtc } else { Force::Ioc };
            let price = price(&mut draw, if kind < 9 { side } else { side.opposite() }, &venue);
            let account = 1 + draw.below(u64::from(ACCOUNTS)) as u32;
            Request { does: Does::Place, side, force, account, id: 0, quantity: quantity(&mut draw), price }
        } else {
            let (id, account, side) = live[at];
            let gone = Request { does: Does::Cancel, side, force: Force::Gtc, account, id, quantity: 0, price: 0 };
            if kind < 18 {
                gone
            } else {
                let price = price(&mut draw, side, &venue);
                Request { does: Does::Move, quantity: quantity(&mut draw), price, ..gone }
            }
        };
        let command = request.command();
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
        commands.push(request);
    }
    (commands, trades)
}

/// Does commands one after the other, the first of them as number `from`; returns the number of reports.
#[inline(always)]
pub fn carry_out(venue: &mut Exchange, commands: &[Request], from: usize) -> u64 {
    let mut told = 0;
    for (at, request) in commands.iter().enumerate() {
        venue.carry_out(START + (from + at) as Micros, &request.command(), &mut |report| {
            told += 1;
            _ = black_box(&report);
        });
    }
    told
}

/// As [`carry_out`], with every order told whole: what a server that keeps each report pays on top.
#[allow(dead_code, reason = "instr_venue has no use for it")]
#[inline(always)]
pub fn apply(venue: &mut Exchange, commands: &[Request], from: usize) -> u64 {
    let mut told = 0;
    for (at, request) in commands.iter().enumerate() {
        venue.apply(START + (from + at) as Micros, &request.command(), &mut |report| {
            told += 1;
            _ = black_box(&report);
        });
    }
    told
}
