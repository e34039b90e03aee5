//! Times the venue in the mix of exchange-core: 9 % new orders, 3 % immediate-or-cancel, 6 % cancels, 82 % moves, about 1,000 live orders.
//!
//! Unlike `book_bench` each command goes through [`Exchange::apply`]: all filters, client ids, balances and fees, every report told. A move is
//! the venue's own cancel-replace, so it is two commands to the book and two sets of reports. Commands are drawn before they are timed.
//! Closed loop: commands a second, one after the other. Service time: each command with a read of the clock in it. Prints one line of
//! JSON. Run: `cargo run --release -p bot4-exchange --example exchange_bench [COMMANDS]`.

#[path = "../../host/examples/shared/counting.rs"]
mod counting;

use bot4_engine::telemetry::Histogram;
use bot4_exchange::command::{Cancel, Command, Force, Key, Kind, NewOrder, SelfTrade, Side};
use bot4_exchange::profile::Profile;
use bot4_exchange::profile::decimal::ONE;
use bot4_exchange::report::{Report, State};
use bot4_exchange::text::Text;
use bot4_exchange::venue::Exchange;
use bot4_exchange::{Amount, Micros};
use std::hint::black_box;
use std::time::Instant;

const LIVE: usize = 1_000;
const ACCOUNTS: u32 = 32;
const TICK: Amount = ONE / 100;
const LOT: Amount = ONE / 100_000;
const MIDDLE: Amount = 60_000 * ONE;
const START: Micros = 1_764_201_600_000_000;

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    /// A price on a side: mostly near the touch, now and then across it.
    fn price(&mut self, side: Side, venue: &Exchange) -> Amount {
        let best = venue.best(0, side).map_or(if side == Side::Buy { MIDDLE - TICK } else { MIDDLE }, |best| best.0);
        let away = ((self.below(40) * self.below(40) / 8) as i64 - if self.below(40) == 0 { 30 } else { 1 }) * TICK;
        if side == Side::Buy { best - away } else { best + away }
    }

    fn order(&mut self, side: Side, force: Force, price: Amount) -> NewOrder {
        NewOrder {
            symbol: 0,
            side,
            kind: Kind::Limit,
            force: Some(force),
            quantity: Some((100 + self.below(10_000) as i64) * LOT),
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
}

fn venue() -> Exchange {
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
        venue.apply(START, &Command::Credit(account, 0, 1_000_000_000 * ONE), &mut |_| {});
        venue.apply(START, &Command::Credit(account, 1, 10_000 * ONE), &mut |_| {});
    }
    venue
}

/// Draws the stream against a venue that goes along, so that ids live and prices follow the market.
fn stream(count: usize) -> (Vec<Command>, u64) {
    let (mut draw, mut venue, mut commands) = (Draw(7), venue(), Vec::new());
    let mut live = Vec::<(u64, u32, Side)>::new();
    let mut trades = 0;
    while commands.len() < count + LIVE {
        let kind = if live.len() < LIVE { 0 } else { draw.below(100) };
        let at = draw.below(live.len().max(1) as u64) as usize;
        let cancel = |id| Cancel { symbol: 0, key: Key::Order(id), client_id: Text::EMPTY, only: None };
        let command = if kind < 12 {
            let side = if draw.below(2) == 0 { Side::Buy } else { Side::Sell };
            let force = if kind < 9 { Force::Gtc } else { Force::Ioc };
            let price = draw.price(if kind < 9 { side } else { side.opposite() }, &venue);
            let account = 1 + draw.below(u64::from(ACCOUNTS)) as u32;
            Command::Place(account, draw.order(side, force, price))
        } else if kind < 18 {
            Command::Cancel(live[at].1, cancel(live[at].0))
        } else {
            let (id, account, side) = live[at];
            let price = draw.price(side, &venue);
            Command::CancelReplace(account, cancel(id), draw.order(side, Force::Gtc, price), false)
        };
        venue.apply(START + commands.len() as Micros, &command, &mut |report| match report {
            Report::Trade { .. } => trades += 1,
            Report::Execution { order, .. } if order.state != State::New && order.state != State::PartlyFilled => {
                live.retain(|&(other, ..)| other != order.id);
            }
            Report::Execution { order, .. } if order.asked.force == Some(Force::Gtc) && order.filled == 0 => {
                live.push((order.id, order.account, order.asked.side));
            }
            Report::Refused(refused) => panic!("refused {refused:?}: {command:?}"),
            _ => {}
        });
        commands.push(command);
    }
    (commands, trades)
}

/// Takes the orders that rest before the clock runs.
fn warm(venue: &mut Exchange, commands: &[Command]) {
    for (at, command) in commands[..LIVE].iter().enumerate() {
        venue.apply(START + at as Micros, command, &mut |report| _ = black_box(&report));
    }
}

#[inline(never)]
fn per_second(commands: &[Command]) -> (f64, u64, u64, u64) {
    let mut venue = venue();
    warm(&mut venue, commands);
    let (before, mut reports) = (counting::allocations(), 0_u64);
    let begun = Instant::now();
    for (at, command) in commands.iter().enumerate().skip(LIVE) {
        venue.apply(START + at as Micros, command, &mut |report| {
            reports += 1;
            _ = black_box(&report);
        });
    }
    let seconds = begun.elapsed().as_secs_f64();
    ((commands.len() - LIVE) as f64 / seconds, counting::allocations() - before, venue.book_hash(0), reports)
}

fn main() {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let (commands, trades) = stream(count);
    let mut runs: Vec<_> = (0..5).map(|_| per_second(&commands)).collect();
    runs.sort_by(|one, other| one.0.total_cmp(&other.0));
    assert!(runs.iter().all(|run| run.2 == runs[0].2), "every run holds the same");
    let (mut venue, mut times) = (venue(), Histogram::default());
    warm(&mut venue, &commands);
    for (at, command) in commands.iter().enumerate().skip(LIVE) {
        let begun = Instant::now();
        venue.apply(START + at as Micros, command, &mut |report| _ = black_box(&report));
        times.record(begun.elapsed().as_nanos() as u64);
    }
    let quantile = |part| times.quantile(part);
    println!(
        "{{\"commands\":{count},\"trades\":{trades},\"reports\":{},\"best_per_s\":{:.0},\"median_per_s\":{:.0},\"allocations\":{},\
         \"p50_ns\":{},\"p99_ns\":{},\"p999_ns\":{},\"p9999_ns\":{},\"max_ns\":{}}}",
        runs[2].3,
        runs[4].0,
        runs[2].0,
        runs.iter().map(|run| run.1).max().unwrap_or(0),
        quantile(0.5),
        quantile(0.99),
        quantile(0.999),
        quantile(0.9999),
        times.most_ns()
    );
}
