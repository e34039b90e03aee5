//! What is told without being asked: user data after each command, market streams at once or when their time comes.

use crate::faults::Faults;
use crate::floor::Floor;
use crate::sessions::{Audience, Sessions};
use bot4_exchange::binance::json::Json;
use bot4_exchange::binance::public;
use bot4_exchange::binance::render::{List, Render, Told};
use bot4_exchange::binance::streams::{self, Stream, Topic};
use bot4_exchange::feed::{Feed, INTERVALS, News, Window};
use bot4_exchange::profile::Profile;
use bot4_exchange::report::{Order, Report};
use bot4_exchange::venue::Exchange;
use bot4_exchange::venue::lists::{Form, List as Held};
use bot4_exchange::{Account, Amount, Asset, Micros, Symbol};
use bot4_io::net::Wires;

/// Where a script of faults places user data.
const USER_DATA: &str = "userData";
/// Minutes of a day.
const DAY_MINUTES: i64 = 1440;
/// Shortest time between two tellings of a stream, microseconds.
pub const BEAT: Micros = 100_000;

/// What a stream's time is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    /// Its time has come.
    Now,
    /// Only what ended is told: a bar that closed.
    Closed,
}

/// Tells, and keeps the room to write in.
#[derive(Default)]
pub struct Push {
    event: Vec<u8>,
    frame: Vec<u8>,
    positions: Vec<(Account, Asset, Amount, Amount)>,
    /// The beat that was told last.
    beat: Micros,
    /// Events written so far: user data, market streams.
    pub told: (u64, u64),
}

/// Returns what is told of a list the venue holds.
#[must_use]
pub fn list_of(held: &Held, at: Micros) -> List<'_> {
    List { id: held.id, client_id: &held.client_id, symbol: held.symbol, state: held.state, is_oto: held.form != Form::Oco, at }
}

/// Returns the orders of a list.
#[must_use]
pub fn legs(exchange: &Exchange, held: &Held) -> Vec<Order> {
    let key = |id| bot4_exchange::command::Key::Order(id);
    held.legs[..held.count].iter().filter_map(|(_, id)| exchange.order(held.account, held.symbol, &key(*id)).ok()).collect()
}

impl Push {
    /// Tells the accounts what the last command did to them, and the public what became known.
    pub fn after(&mut self, floor: &mut Floor, sessions: &Sessions, wires: &mut Wires, faults: &mut Faults, now: Micros) {
        faults.now = now;
        let profile = floor.profile.clone();
        let render = Render { profile: &profile };
        self.positions.clear();
        for report in &floor.reports {
            let account = match report {
                Report::Execution { order, .. } => order.account,
                Report::List { account, .. } | Report::Balance { account, .. } | Report::Transfer { account, .. } => *account,
                _ => continue,
            };
            if sessions.listeners(account).is_empty() {
                continue;
            }
            self.event.clear();
            let mut json = Json::new(&mut self.event, false);
            match report {
                Report::Execution { act, order, fill, original, why, execution } => {
                    let (act, execution, fill) = (*act, *execution, fill.as_ref());
                    render.execution(&mut json, &Told { act, order, fill, original, why: *why, execution }, now);
                }
                Report::List { list, .. } => {
                    let Some(held) = floor.exchange.list(account, &bot4_exchange::command::Key::Order(*list)) else { continue };
                    let orders = legs(&floor.exchange, &held);
                    render.list_status(&mut json, &list_of(&held, now), orders.iter());
                }
                Report::Transfer { asset, amount, .. } => render.transfer(&mut json, *asset, *amount, now),
                Report::Balance { asset, free, locked, .. } => {
                    self.positions.push((account, *asset, *free, *locked));
                    continue;
                }
                _ => continue,
            }
            self.user(account, sessions, wires, faults);
        }
        self.balances(&render, sessions, wires, faults, now);
        self.news(&profile, &mut floor.feed, sessions, wires, faults, now);
    }

    /// Tells one `outboundAccountPosition` an account.
    fn balances(&mut self, render: &Render<'_>, sessions: &Sessions, wires: &mut Wires, faults: &mut Faults, now: Micros) {
        let positions = std::mem::take(&mut self.positions);
        for (at, &(account, ..)) in positions.iter().enumerate() {
            if positions[..at].iter().any(|(before, ..)| *before == account) {
                continue;
            }
            let own: Vec<_> =
                positions.iter().filter(|(whose, ..)| *whose == account).map(|&(_, asset, free, locked)| (asset, free, locked)).collect();
            self.event.clear();
            render.position(&mut Json::new(&mut self.event, false), &own, now);
            self.user(account, sessions, wires, faults);
        }
        self.positions = positions;
    }

    fn user(&mut self, account: Account, sessions: &Sessions, wires: &mut Wires, faults: &mut Faults) {
        for (token, number) in sessions.listeners(account) {
            self.frame.clear();
            Json::new(&mut self.frame, false).object().key("subscriptionId").id(*number).key("event").raw(&self.event).end();
            faults.send(USER_DATA, *token, &self.frame, wires);
            self.told.0 += 1;
        }
    }

    fn news(&mut self, profile: &Profile, feed: &mut Feed, sessions: &Sessions, wires: &mut Wires, faults: &mut Faults, now: Micros) {
        for (symbol, news) in feed.news() {
            let topic = match news {
                News::Trade(_) => Topic::Trade,
                News::Aggregate(_) => Topic::Aggregate,
                News::Top(_) => Topic::Top,
            };
            let all = if topic == Topic::Top { sessions.audiences.get(&Stream { topic, symbol: None }) } else { None };
            let one = sessions.audiences.get(&Stream { topic, symbol: Some(symbol) });
            if one.is_none() && all.is_none() {
                continue;
            }
            let name = &profile.symbols[usize::from(symbol)].symbol;
            self.event.clear();
            let mut json = Json::new(&mut self.event, false);
            match &news {
                News::Trade(trade) => public::trade_event(&mut json, name, trade, now),
                News::Aggregate(whole) => public::aggregate_event(&mut json, name, whole, now),
                News::Top(top) => public::top_event(&mut json, name, top),
            }
            for audience in one.into_iter().chain(all) {
                tell(&self.event, &mut self.frame, audience, wires, &mut self.told.1, faults);
            }
        }
    }

    /// Returns when the next stream is due.
    #[must_use]
    pub fn due(&self) -> Micros {
        self.beat + BEAT
    }

    /// Tells the streams whose time has come.
    pub fn beat(&mut self, floor: &mut Floor, sessions: &mut Sessions, wires: &mut Wires, faults: &mut Faults, now: Micros) {
        faults.now = now;
        let beat = now - now.rem_euclid(BEAT);
        if beat <= self.beat {
            return;
        }
        let before = std::mem::replace(&mut self.beat, beat);
        let passed = |every: Micros| beat.div_euclid(every) > before.div_euclid(every);
        let profile = floor.profile.clone();
        self.differences(&profile, &mut floor.feed, sessions, wires, faults, now, passed(1_000_000));
        for (stream, audience) in &mut sessions.audiences {
            let Some(every) = stream.every_ms() else { continue };
            let is_bar = matches!(stream.topic, Topic::Bar(_));
            if matches!(stream.topic, Topic::Diff(_)) || !(passed(Micros::from(every) * 1000) || is_bar) {
                continue;
            }
            let due = if passed(Micros::from(every) * 1000) { Due::Now } else { Due::Closed };
            match stream.symbol {
                Some(symbol) => self.one(&profile, &floor.feed, stream.topic, symbol, audience, wires, faults, (before, now), due),
                None => self.all(&profile, &floor.feed, stream.topic, audience, wires, faults, now),
            }
        }
    }

    /// Tells what changed in the books; asked of every book, so that no difference is of more than its time.
    #[allow(clippy::too_many_arguments, reason = "the parts of one state, borrowed apart")]
    fn differences(
        &mut self,
        profile: &Profile,
        feed: &mut Feed,
        sessions: &Sessions,
        wires: &mut Wires,
        faults: &mut Faults,
        now: Micros,
        is_second: bool,
    ) {
        for symbol in 0..profile.symbols.len() as Symbol {
            for is_fast in [true, false] {
                if !is_fast && !is_second {
                    continue;
                }
                let Some(diff) = feed.diff(symbol, streams::speed(is_fast)) else { continue };
                let Some(audience) = sessions.audiences.get(&Stream { topic: Topic::Diff(is_fast), symbol: Some(symbol) }) else {
                    continue;
                };
                self.event.clear();
                public::diff(&mut Json::new(&mut self.event, false), &profile.symbols[usize::from(symbol)].symbol, &diff, now);
                tell(&self.event, &mut self.frame, audience, wires, &mut self.told.1, faults);
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one state, borrowed apart")]
    fn one(
        &mut self,
        profile: &Profile,
        feed: &Feed,
        topic: Topic,
        symbol: Symbol,
        audience: &mut Audience,
        wires: &mut Wires,
        faults: &mut Faults,
        (before, now): (Micros, Micros),
        due: Due,
    ) {
        let (name, market) = (&profile.symbols[usize::from(symbol)].symbol, feed.market(symbol));
        self.event.clear();
        let mut json = Json::new(&mut self.event, false);
        let window = |hours: u8| Window::of(market, i64::from(hours) * 60, now);
        match topic {
            Topic::Partial(levels, _) => public::depth(&mut json, market, usize::from(levels)),
            Topic::Ticker => public::ticker_event(&mut json, name, "24hrTicker", market, &Window::of(market, DAY_MINUTES, now), now),
            Topic::Mini => public::mini_event(&mut json, name, &Window::of(market, DAY_MINUTES, now), now),
            Topic::Window(hours) => {
                let kind = format!("{}Ticker", streams::window_name(hours));
                public::ticker_event(&mut json, name, &kind, market, &window(hours), now);
            }
            Topic::Average => public::average_event(&mut json, name, market, now),
            Topic::Bar(place) => return self.bar(name, market, usize::from(place), audience, wires, faults, (before, now), due),
            _ => return,
        }
        tell(&self.event, &mut self.frame, audience, wires, &mut self.told.1, faults);
    }

    /// Tells a bar; first that of before, closed, where another has begun.
    #[allow(clippy::too_many_arguments, reason = "the parts of one state, borrowed apart")]
    fn bar(
        &mut self,
        name: &str,
        market: &bot4_exchange::feed::Market,
        place: usize,
        audience: &mut Audience,
        wires: &mut Wires,
        faults: &mut Faults,
        (since, now): (Micros, Micros),
        due: Due,
    ) {
        let Some(current) = market.bars.current(place, now) else { return };
        let told = std::mem::replace(&mut audience.told, current.begin);
        let before = if told == 0 { INTERVALS[place].1.begin(since) } else { told };
        if before < current.begin {
            for closed in market.bars.list(place, Some(before), Some(current.begin - 1), now, 100) {
                self.event.clear();
                let end = INTERVALS[place].1.next(closed.begin).max(now);
                public::bar_event(&mut Json::new(&mut self.event, false), name, place, &closed, end);
                tell(&self.event, &mut self.frame, audience, wires, &mut self.told.1, faults);
            }
        }
        if due == Due::Now {
            self.event.clear();
            public::bar_event(&mut Json::new(&mut self.event, false), name, place, &current, now);
            tell(&self.event, &mut self.frame, audience, wires, &mut self.told.1, faults);
        }
    }

    /// Tells the tickers of all symbols that ever traded.
    #[allow(clippy::too_many_arguments, reason = "the parts of one state, borrowed apart")]
    fn all(
        &mut self,
        profile: &Profile,
        feed: &Feed,
        topic: Topic,
        audience: &Audience,
        wires: &mut Wires,
        faults: &mut Faults,
        now: Micros,
    ) {
        self.event.clear();
        let mut json = Json::new(&mut self.event, false);
        json.array();
        let mut count = 0;
        for (symbol, rules) in profile.symbols.iter().enumerate() {
            let (name, market) = (&rules.symbol, feed.market(symbol as Symbol));
            if market.last() == 0 {
                continue;
            }
            count += 1;
            match topic {
                Topic::Ticker => public::ticker_event(&mut json, name, "24hrTicker", market, &Window::of(market, DAY_MINUTES, now), now),
                Topic::Mini => public::mini_event(&mut json, name, &Window::of(market, DAY_MINUTES, now), now),
                Topic::Window(hours) => {
                    let kind = format!("{}Ticker", streams::window_name(hours));
                    public::ticker_event(&mut json, name, &kind, market, &Window::of(market, i64::from(hours) * 60, now), now);
                }
                _ => return,
            }
        }
        json.close();
        if count > 0 {
            tell(&self.event, &mut self.frame, audience, wires, &mut self.told.1, faults);
        }
    }
}

/// Writes an event to everybody who is told it.
fn tell(event: &[u8], frame: &mut Vec<u8>, audience: &Audience, wires: &mut Wires, count: &mut u64, faults: &mut Faults) {
    for token in &audience.plain {
        faults.send(&audience.name, *token, event, wires);
    }
    if !audience.wrapped.is_empty() {
        frame.clear();
        Json::new(frame, false).object().key("stream").text(&audience.name).key("data").raw(event).end();
        for token in &audience.wrapped {
            faults.send(&audience.name, *token, frame, wires);
        }
    }
    *count += (audience.plain.len() + audience.wrapped.len()) as u64;
}
