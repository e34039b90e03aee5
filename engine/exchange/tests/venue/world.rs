//! A small venue for the tests: two accounts with means, reports kept, amounts as decimals.

use bot4_exchange::command::{Cancel, Command, Force, Key, Kind, NewOrder, Side};
use bot4_exchange::profile::{Profile, decimal};
use bot4_exchange::report::{Order, Report};
use bot4_exchange::text::Text;
use bot4_exchange::venue::Exchange;
use bot4_exchange::{Account, Amount, Micros, Symbol};

pub const BTCUSDT: Symbol = 0;
pub const START: Micros = 1_764_201_600_000_000;

pub fn amount(text: &str) -> Amount {
    decimal::parse(text).expect("a decimal")
}

pub struct World {
    pub venue: Exchange,
    pub now: Micros,
    pub told: Vec<Report>,
}

impl World {
    /// Opens accounts 1 to 4 with 1,000,000 USDT, 100 BTC and 1,000 ETH each.
    pub fn new(profile: Profile) -> Self {
        let mut world = Self { venue: Exchange::new(profile).expect("a venue"), now: START, told: Vec::new() };
        for _ in 0..4 {
            let account = world.venue.open_account().expect("room");
            for (asset, much) in [("USDT", "1000000"), ("BTC", "100"), ("ETH", "1000")] {
                let asset = world.venue.profile().asset(asset).expect("it is there");
                world.apply(Command::Credit(account, asset, amount(much)));
            }
        }
        world
    }

    pub fn spot() -> Self {
        let mut profile = Profile::binance_spot();
        small(&mut profile);
        Self::new(profile)
    }

    /// Does a command a millisecond later, and returns what it told.
    pub fn apply(&mut self, command: Command) -> &[Report] {
        self.now += 1_000;
        self.told.clear();
        let told = &mut self.told;
        self.venue.apply(self.now, &command, &mut |report| told.push(report));
        &self.told
    }

    pub fn place(&mut self, account: Account, order: NewOrder) -> &[Report] {
        self.apply(Command::Place(account, order))
    }

    /// Places an order that must be taken, and returns it as it was first told.
    pub fn taken(&mut self, account: Account, order: NewOrder) -> Order {
        let told = self.place(account, order);
        match told.iter().find(|report| !matches!(report, Report::Level { .. })) {
            Some(Report::Execution { order, .. }) => *order,
            other => panic!("not taken: {other:?}"),
        }
    }

    pub fn cancel(&mut self, account: Account, key: Key) -> &[Report] {
        self.apply(Command::Cancel(account, Cancel { symbol: BTCUSDT, key, client_id: Text::EMPTY, only: None }))
    }

    /// Returns code and text of the refusal, if there was one.
    pub fn refusal(&self) -> Option<(i16, &str)> {
        self.told.iter().find_map(|report| match report {
            Report::Refused(refused) => Some((refused.code, self.venue.profile().words(*refused))),
            _ => None,
        })
    }

    pub fn order(&self, account: Account, id: u64) -> Order {
        self.venue.order(account, BTCUSDT, &Key::Order(id)).expect("it is known")
    }

    pub fn balance(&self, account: Account, asset: &str) -> (Amount, Amount) {
        self.venue.balance(account, self.venue.profile().asset(asset).expect("it is there"))
    }

    /// Trades a little between accounts 3 and 4 so that the last price is `price`; the book must be empty there.
    pub fn trade_at(&mut self, price: &str) {
        self.taken(3, limit(Side::Sell, "0.001", price));
        let told = self.place(4, limit(Side::Buy, "0.001", price)).to_vec();
        assert!(told.iter().any(|report| matches!(report, Report::Trade { price: at, .. } if *at == amount(price))), "it traded: {told:?}");
    }
}

/// Leaves a profile less room, so that a test's venue is quickly made.
pub fn small(profile: &mut Profile) {
    profile.room.accounts = 8;
    profile.room.orders = 1_024;
    profile.room.book = 1_024;
    profile.room.history = 200;
    profile.room.fills = 200;
}

pub fn order(kind: Kind, side: Side) -> NewOrder {
    NewOrder {
        symbol: BTCUSDT,
        side,
        kind,
        force: None,
        quantity: None,
        quote_quantity: None,
        price: None,
        stop_price: None,
        trailing_delta: None,
        iceberg: None,
        client_id: Text::EMPTY,
        self_trade: None,
        strategy_id: None,
        strategy_type: None,
    }
}

pub fn limit(side: Side, quantity: &str, price: &str) -> NewOrder {
    let force = Some(Force::Gtc);
    NewOrder { force, quantity: Some(amount(quantity)), price: Some(amount(price)), ..order(Kind::Limit, side) }
}

pub fn market(side: Side, quantity: &str) -> NewOrder {
    NewOrder { quantity: Some(amount(quantity)), ..order(Kind::Market, side) }
}

pub fn text(text: &str) -> Text {
    Text::new(text).expect("short enough")
}
