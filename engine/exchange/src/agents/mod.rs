//! A market without data: makers, noise, momentum and informed traders over the venue, from one seed.
//!
//! A value nobody sees moves by a GARCH(1,1) of one-second returns (Bollerslev 1986). Makers quote ladders around it, informed traders take
//! what it has left behind, noise trades at random, momentum follows the last ten seconds. What that gives is tested as statistics: fat tails,
//! clustered volatility, returns without memory, a spread that stands, depth that grows away from the touch (Cont 2001). Every act is a command
//! anybody could send. Floats here decide what agents want, never what they own; only `+ − × ÷ √` are used, so every build draws the same.

use crate::command::{Cancel, Command, Force, Key, Kind, NewOrder, Side};
use crate::draw::Draw;
use crate::profile::decimal::ONE;
use crate::profile::filter::Filter;
use crate::report::Report;
use crate::text::Text;
use crate::venue::Exchange;
use crate::{Account, Amount, Micros, Symbol};

/// Time between two acts, microseconds.
pub const STEP: Micros = 4_000;
const MAKERS: usize = 4;
const LEVELS: usize = 8;
const NOISE_ORDERS: usize = 48;
const SECOND: Micros = 1_000_000;
/// Variance of a one-second return: 3 % a day.
const CALM: f64 = 0.03 * 0.03 / 86_400.0;
const SHOCK: f64 = 0.14;
const KEEP: f64 = 0.82;

impl Draw {
    /// From 0 to below 1.
    fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Near to a standard normal: twelve uniforms less six.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.part()).sum::<f64>() - 6.0
    }

    fn side(&mut self) -> Side {
        if self.below(2) == 0 { Side::Buy } else { Side::Sell }
    }
}

/// The agents of one symbol.
#[derive(Debug, Clone)]
pub struct Agents {
    symbol: Symbol,
    draw: Draw,
    tick: Amount,
    step: Amount,
    /// Makers, then noise, momentum, informed.
    accounts: Vec<Account>,
    /// Names of the makers' orders, then of the noise's: a name is used again when its order is over.
    names: Vec<Text>,
    /// The value, and its variance a second.
    value: f64,
    variance: f64,
    /// The value at the last full second, and at each of the last ten.
    before: f64,
    past: [f64; 10],
    second: Micros,
    next: Micros,
}

impl Agents {
    /// Opens the agents' accounts with means, and begins at a price. Errors: the venue has no room, or no such symbol.
    pub fn new(venue: &mut Exchange, symbol: Symbol, price: Amount, seed: u64, now: Micros) -> Result<Self, String> {
        let rules = venue.profile().symbols.get(usize::from(symbol)).ok_or_else(|| format!("there is no symbol {symbol}"))?.clone();
        let (mut tick, mut step) = (1, 1);
        for filter in &rules.filters {
            match filter {
                Filter::PriceFilter { tick_size, .. } => tick = tick_size.0,
                Filter::LotSize { step_size, .. } => step = step_size.0,
                _ => {}
            }
        }
        let assets = [&rules.quote_asset, &rules.base_asset].map(|name| venue.profile().asset(name).unwrap_or_default());
        let quote = 1_000_000_000 * ONE;
        let base = (quote as f64 / (price as f64 / ONE as f64)) as Amount;
        let mut accounts = Vec::new();
        for _ in 0..MAKERS + 3 {
            let account = venue.open_account()?;
            for (asset, much) in assets.into_iter().zip([quote, base.min(quote)]) {
                venue.apply(now, &Command::Credit(account, asset, much), &mut |_| {});
            }
            accounts.push(account);
        }
        let named = |at: usize| Text::new(&format!("agent-{at}")).unwrap_or_default();
        let value = price as f64;
        Ok(Self {
            symbol,
            draw: Draw(seed),
            tick,
            step,
            accounts,
            names: (0..2 * LEVELS + NOISE_ORDERS).map(named).collect(),
            value,
            variance: CALM,
            before: value,
            past: [value; 10],
            second: now.div_euclid(SECOND),
            next: now,
        })
    }

    /// Returns the agents' accounts.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Returns when the next act is due.
    #[must_use]
    pub fn next(&self) -> Micros {
        self.next
    }

    /// Goes on at a later time, as if nothing had been due between.
    pub fn resume(&mut self, now: Micros) {
        if now > self.next {
            self.next = now;
            self.second = now.div_euclid(SECOND);
        }
    }

    /// Does every act that is due until `now`, each at its own time.
    pub fn run(&mut self, now: Micros, venue: &mut Exchange, tell: &mut impl FnMut(Report)) {
        while let Some((at, command)) = self.due(now, venue) {
            venue.apply(at, &command, tell);
        }
    }

    /// Returns the next act that is due until `now`, and when; nothing when none is. Whoever asks does it before asking again.
    pub fn due(&mut self, now: Micros, venue: &Exchange) -> Option<(Micros, Command)> {
        while self.next <= now {
            let at = self.next;
            self.next += STEP;
            self.drift(at);
            if let Some(command) = self.act(venue) {
                return Some((at, command));
            }
        }
        None
    }

    /// Moves the value on by one step.
    fn drift(&mut self, now: Micros) {
        let part = STEP as f64 / SECOND as f64;
        self.value *= 1.0 + (self.variance * part).sqrt() * self.draw.normal();
        self.value = self.value.max(self.tick as f64 * 100.0);
        let second = now.div_euclid(SECOND);
        if second > self.second {
            self.second = second;
            let gain = self.value / self.before - 1.0;
            self.variance = CALM * (1.0 - SHOCK - KEEP) + SHOCK * gain * gain + KEEP * self.variance;
            self.before = self.value;
            self.past.rotate_left(1);
            self.past[9] = self.value;
        }
    }

    /// Draws who acts, and what it wants.
    fn act(&mut self, venue: &Exchange) -> Option<Command> {
        match self.draw.below(100) {
            0..=65 => Some(self.quote()),
            66..=81 => self.informed(venue),
            82..=88 => Some(self.noise_limit()),
            89..=95 => Some(self.noise_market()),
            _ => self.momentum(),
        }
    }

    fn account(&self, kind: usize) -> Account {
        self.accounts[MAKERS + kind]
    }

    /// Rounds a price to a tick, away from the value.
    fn ticks(&self, side: Side, price: f64) -> Amount {
        let ticks = price / self.tick as f64;
        let ticks = if side == Side::Buy { ticks.floor() } else { ticks.ceil() };
        (ticks.max(1.0) as Amount) * self.tick
    }

    /// Returns a quantity worth about so much.
    fn quantity(&self, worth: f64) -> Amount {
        let lots = worth * ONE as f64 / self.value * ONE as f64 / self.step as f64;
        (lots as Amount).max(1) * self.step
    }

    /// Returns an order without what its kind does not have.
    fn order(&self, kind: Kind, side: Side, quantity: Amount, price: Option<Amount>) -> NewOrder {
        NewOrder {
            symbol: self.symbol,
            side,
            kind,
            force: (kind == Kind::Limit).then_some(Force::Gtc),
            quantity: Some(quantity),
            quote_quantity: None,
            price,
            stop_price: None,
            trailing_delta: None,
            iceberg: None,
            client_id: Text::EMPTY,
            self_trade: None,
            strategy_id: None,
            strategy_type: None,
        }
    }

    /// A new order in the place of the one of the same name.
    fn again(&self, account: Account, name: Text, order: NewOrder) -> Command {
        let cancel = Cancel { symbol: self.symbol, key: Key::Client(name), client_id: Text::EMPTY, only: None };
        Command::CancelReplace(account, cancel, NewOrder { client_id: name, ..order }, true)
    }

    /// A maker moves one of its quotes: the nearest most often, farther ones larger.
    fn quote(&mut self) -> Command {
        let maker = self.draw.below(MAKERS as u64) as usize;
        let (near, side) = (self.draw.part(), self.draw.side());
        let level = ((near * near * near * LEVELS as f64) as usize).min(LEVELS - 1);
        let spread = self.variance.sqrt() * 0.9 + 0.000_01;
        let away = spread * (1.0 + 0.8 * level as f64 + 0.4 * self.draw.part());
        let price = if side == Side::Buy { self.value * (1.0 - away) } else { self.value * (1.0 + away) };
        let worth = 3_000.0 * (1.0 + level as f64) * (0.5 + self.draw.part());
        let quantity = self.quantity(worth);
        let order = self.order(Kind::LimitMaker, side, quantity, Some(self.ticks(side, price)));
        let name = self.names[level * 2 + usize::from(side == Side::Sell)];
        self.again(self.accounts[maker], name, order)
    }

    /// Takes quotes that the value has left behind.
    fn informed(&mut self, venue: &Exchange) -> Option<Command> {
        let (bid, ask) = (venue.best(self.symbol, Side::Buy)?, venue.best(self.symbol, Side::Sell)?);
        let (side, price, much) = if (ask.0 as f64) < self.value {
            (Side::Buy, ask.0, ask.1)
        } else if (bid.0 as f64) > self.value {
            (Side::Sell, bid.0, bid.1)
        } else {
            return None;
        };
        let order = NewOrder { force: Some(Force::Ioc), ..self.order(Kind::Limit, side, much, Some(price)) };
        Some(Command::Place(self.account(2), order))
    }

    /// A limit order somewhere near.
    fn noise_limit(&mut self) -> Command {
        let (at, side) = (self.draw.below(NOISE_ORDERS as u64) as usize, self.draw.side());
        let away = self.variance.sqrt() * (1.2 + 8.0 * self.draw.part());
        let price = if side == Side::Buy { self.value * (1.0 - away) } else { self.value * (1.0 + away) };
        let worth = 200.0 + 4_000.0 * self.draw.part();
        let quantity = self.quantity(worth);
        let order = self.order(Kind::Limit, side, quantity, Some(self.ticks(side, price)));
        self.again(self.account(0), self.names[2 * LEVELS + at], order)
    }

    /// A market order of a heavy-tailed size.
    fn noise_market(&mut self) -> Command {
        let side = self.draw.side();
        let size = 60.0 / (0.002 + self.draw.part());
        let order = self.order(Kind::Market, side, self.quantity(size.min(20_000.0)), None);
        Command::Place(self.account(0), order)
    }

    /// Follows the last ten seconds where they have gone somewhere.
    fn momentum(&mut self) -> Option<Command> {
        let gain = self.value / self.past[0] - 1.0;
        if gain * gain < 10.0 * self.variance {
            return None;
        }
        let side = if gain > 0.0 { Side::Buy } else { Side::Sell };
        let worth = 100.0 + 400.0 * self.draw.part();
        let quantity = self.quantity(worth);
        Some(Command::Place(self.account(1), self.order(Kind::Market, side, quantity, None)))
    }
}
