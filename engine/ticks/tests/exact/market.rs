//! Bot4's own venue and its agents, recorded: the commands that made a market, and the rows of orders that it told.

use super::orders::OrderTape;
use bot4_exchange::agents::Agents;
use bot4_exchange::command::{Command, Side};
use bot4_exchange::feed::{OrderFeed, OrderTold};
use bot4_exchange::profile::Profile;
use bot4_exchange::profile::decimal::ONE;
use bot4_exchange::profile::filter::Filter;
use bot4_exchange::venue::Exchange;
use bot4_exchange::{Account, Amount, Micros};
use bot4_ticks::orders::Kind;

pub const START: Micros = 1_764_201_600_000_000;

/// Tick and step of the symbol, in 1e-8.
#[derive(Clone, Copy)]
pub struct Grid {
    pub tick: Amount,
    pub step: Amount,
}

/// A venue with its agents, and an account of ours with means.
pub struct World {
    pub venue: Exchange,
    pub agents: Agents,
    pub ours: Account,
    pub grid: Grid,
}

impl World {
    pub fn new(profile: &Profile, seed: u64) -> Self {
        let mut venue = Exchange::new(profile.clone()).expect("a venue");
        let agents = Agents::new(&mut venue, 0, 60_000 * ONE, seed, START).expect("agents");
        let ours = venue.open_account().expect("room");
        for asset in [&profile.symbols[0].base_asset, &profile.symbols[0].quote_asset] {
            let asset = profile.asset(asset).expect("an asset");
            venue.apply(START, &Command::Credit(ours, asset, 1_000_000 * ONE), &mut |_| {});
        }
        let mut grid = Grid { tick: 1, step: 1 };
        for filter in &profile.symbols[0].filters {
            match filter {
                Filter::PriceFilter { tick_size, .. } => grid.tick = tick_size.0,
                Filter::LotSize { step_size, .. } => grid.step = step_size.0,
                _ => {}
            }
        }
        Self { venue, agents, ours, grid }
    }
}

/// Binance's spot profile; with a coarse tick, 5 USDT, there are queues at its prices.
pub fn profile(is_coarse: bool) -> Profile {
    let mut profile = Profile::binance_spot();
    for filter in &mut profile.symbols[0].filters {
        if let Filter::PriceFilter { tick_size, .. } = filter
            && is_coarse
        {
            tick_size.0 = 5 * ONE;
        }
    }
    profile.room.accounts = 16;
    profile.room.orders = 2_048;
    profile.room.book = 2_048;
    profile
}

/// A market that was recorded: the commands that made it, and the rows of orders that it told.
pub struct Tape {
    pub commands: Vec<(Micros, Command)>,
    pub orders: OrderTape,
}

impl Tape {
    /// Lets the agents trade for so long and writes down what the venue tells.
    pub fn record(world: &mut World, until: Micros) -> Self {
        let (mut commands, mut orders, mut feed, grid) = (Vec::new(), OrderTape::default(), OrderFeed::new(0), world.grid);
        while let Some((at, command)) = world.agents.due(until, &world.venue) {
            world.venue.apply(at, &command, &mut |report| feed.take(&report));
            feed.settle();
            for news in feed.news() {
                let kind = match news.told {
                    OrderTold::Added => Kind::Add,
                    OrderTold::Left => Kind::Cancel,
                    OrderTold::Changed => Kind::Change,
                    OrderTold::Filled => Kind::Fill,
                };
                let side = if news.side == Side::Buy { 1 } else { -1 };
                orders.row(at * 1_000, kind, news.id as i64, side, news.price / grid.tick, news.quantity / grid.step);
            }
            commands.push((at, command));
        }
        Self { commands, orders: orders.finish() }
    }
}
