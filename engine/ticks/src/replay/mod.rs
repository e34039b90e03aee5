//! The replay: real market data in two times, with our orders in it. Where the queue is exact, the venue's side reads the market's orders (L3), and the
//! local side the levels that they make.
//!
//! Every event happens at the venue and is known locally later. We act in local time: a request travels to the venue, is served there in the venue's
//! time, and reports travel back. The venue's side keeps its own book from the rows in the venue's order, the local side from the rows as they arrived.
//!
//! Order within one time at the venue: market data before requests; of market data what arrived first, a trade before a level change. Up to
//! `advance_to(t)` everything of a time ≤ t has happened. After the start nothing allocates while the stated capacities hold.

mod exact;
mod order;
mod post;
mod taken;
mod venue;

pub use order::{Ask, Force, Report, TOLD, Told, WHY, Why};

use crate::book::{Fast, Levels, Side};
use crate::columns::{BadColumns, Columns, FIRST, SNAPSHOT};
use crate::latency::Latency;
use crate::queue::Queue;
use crate::random::Random;
use order::{Request, Sent};
use post::Post;
use std::collections::VecDeque;
use std::fmt;
use venue::Venue;

/// How much a fill may assume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realism {
    /// No liquidity twice: a trade or a crossing level fills no more than it holds, among all our orders; what we take is gone and comes back.
    Strict,
    /// Each order as if alone; one traded through or crossed is filled whole; takers walk the book and leave it as it is.
    Neutral,
    /// Each order as if alone, every fill whole, takers at the best price.
    Naive,
}

/// What a replay assumes.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Queue model.
    pub queue: Queue,
    /// How much a fill may assume.
    pub realism: Realism,
    /// Of new orders and amends, to the venue.
    pub entry: Latency,
    /// Of cancels, to the venue.
    pub cancel: Latency,
    /// Of reports, back to us.
    pub response: Latency,
    /// How long what we took takes to come back, ns.
    pub recovery_ns: i64,
    /// Most orders at the venue and on their way.
    pub max_orders: usize,
    /// Seed of the latencies.
    pub seed: u64,
}

#[derive(Clone, Copy)]
struct Settings {
    queue: Queue,
    realism: Realism,
    recovery_ns: i64,
    max_orders: usize,
}

/// Why a replay cannot be made or a request not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The columns.
    Columns(BadColumns),
    /// A setting: which, and what is right.
    Setting(&'static str),
    /// An order that is none.
    Order(&'static str),
    /// Too many orders are open.
    Full(usize),
}

impl fmt::Display for Refused {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns(bad) => bad.fmt(to),
            Self::Setting(text) | Self::Order(text) => to.write_str(text),
            Self::Full(most) => {
                write!(to, "{most} orders are open or on their way, the most there may be; cancel some or raise max_orders")
            }
        }
    }
}

impl std::error::Error for Refused {}

/// The last trade and what has traded so far, as known locally.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tape {
    /// Price of the last trade, ticks; 0 before the first.
    pub ticks: i64,
    /// Its lots, negative where the aggressor sold.
    pub lots: i64,
    /// Lots bought by aggressors since the start.
    pub bought: i64,
    /// Lots sold by aggressors since the start.
    pub sold: i64,
    /// Trades since the start.
    pub count: i64,
}

/// A replay of one instrument. `B` is the kind of its two books.
pub struct Replay<'a, B: Levels = Fast> {
    columns: Columns<'a>,
    venue: Venue<B>,
    book: B,
    tape: Tape,
    depth_at: usize,
    trade_at: usize,
    requests: VecDeque<Sent>,
    post: Post,
    arrived: Vec<Report>,
    entry: Latency,
    cancel: Latency,
    random: Random,
    last_sent_ns: i64,
    now: i64,
    next_id: u64,
    /// New orders whose end has not been told yet.
    open: usize,
    max_orders: usize,
}

impl<'a, B: Levels> Replay<'a, B> {
    /// Makes a replay that stands before the first row.
    ///
    /// # Errors
    /// Columns or settings that cannot be right.
    pub fn new(columns: Columns<'a>, config: &Config) -> Result<Self, Refused> {
        let span = columns.check().map_err(Refused::Columns)?;
        if ![&config.entry, &config.cancel, &config.response].iter().all(|latency| latency.is_sound()) {
            return Err(Refused::Setting("a latency is negative, without samples, or its times do not rise; state it in ns"));
        }
        if config.recovery_ns < 0 || config.max_orders == 0 {
            return Err(Refused::Setting("recovery_ns must not be negative, and max_orders be at least 1"));
        }
        if config.queue == Queue::Exact && columns.orders.is_empty() {
            return Err(Refused::Setting(
                "an exact queue needs the orders of the market by number (L3), and this recording tells levels; name another model",
            ));
        }
        let exponent = match config.queue {
            Queue::Power(n) | Queue::Power2(n) | Queue::Power3(n) => n,
            _ => 1.0,
        };
        if !(exponent > 0.0 && exponent <= 100.0) {
            return Err(Refused::Setting("the exponent of a queue model must be above 0 and at most 100"));
        }
        let settings =
            Settings { queue: config.queue, realism: config.realism, recovery_ns: config.recovery_ns, max_orders: config.max_orders };
        let reports = 16 * config.max_orders.max(64);
        Ok(Self {
            columns,
            venue: Venue::new(&columns, span, settings),
            book: B::new(span.0, span.1),
            tape: Tape::default(),
            depth_at: 0,
            trade_at: 0,
            requests: VecDeque::with_capacity(4 * config.max_orders),
            post: Post::new(config.response.clone(), config.seed ^ 0x5245_504f_5254, reports),
            arrived: Vec::with_capacity(reports),
            entry: config.entry.clone(),
            cancel: config.cancel.clone(),
            random: Random::new(config.seed),
            last_sent_ns: i64::MIN,
            now: i64::MIN,
            next_id: 1,
            open: 0,
            max_orders: config.max_orders,
        })
    }

    /// Returns the local time, ns; the least number before the first advance.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Returns the book as it is known locally.
    pub fn book(&self) -> &B {
        &self.book
    }

    /// Returns the trades as they are known locally.
    pub fn tape(&self) -> Tape {
        self.tape
    }

    /// Returns the venue's own book, which nobody sees: for tests.
    pub fn venue_book(&self) -> &B {
        &self.venue.book
    }

    /// Returns how many orders rest at the venue, which nobody sees: for tests.
    pub fn resting(&self) -> usize {
        self.venue.resting()
    }

    /// Returns the lots that stand before an order of ours in an exact queue, which nobody sees: for tests.
    pub fn ahead(&self, id: u64) -> Option<i64> {
        self.venue.ahead(id)
    }

    /// Returns the rows of depth and trades that have arrived.
    pub fn rows(&self) -> (usize, usize) {
        (self.depth_at, self.trade_at)
    }

    /// Returns when the next row arrives locally; nothing at the end.
    pub fn next_ns(&self) -> Option<i64> {
        let depth = self.columns.depth.local_ns.get(self.depth_at);
        let trade = self.columns.trades.local_ns.get(self.trade_at);
        depth.into_iter().chain(trade).min().copied()
    }

    /// Sends an order now; returns its number.
    ///
    /// # Errors
    /// What is no order, or one too many.
    pub fn submit(&mut self, ask: Ask) -> Result<u64, Refused> {
        if ask.lots <= 0 || ask.ticks.is_some_and(|ticks| ticks <= 0) {
            return Err(Refused::Order("an order needs at least one lot and a price of at least one tick"));
        }
        if ask.ticks.is_none() && ask.force == Force::Post {
            return Err(Refused::Order("a market order cannot be post-only; give it a price"));
        }
        if self.open >= self.max_orders {
            return Err(Refused::Full(self.max_orders));
        }
        let id = self.next_id;
        self.next_id += 1;
        self.open += 1;
        let latency = self.entry.ns(self.now, &mut self.random);
        self.send(id, latency, Request::New(ask));
        Ok(id)
    }

    /// Sends a cancel now. One that comes too late is answered with `NotThere`.
    pub fn cancel(&mut self, id: u64) {
        let latency = self.cancel.ns(self.now, &mut self.random);
        self.send(id, latency, Request::Cancel);
    }

    /// Sends an amend now: the price and how many lots are to be left. Fewer lots at the same price keep the place in the queue.
    ///
    /// # Errors
    /// What is no order.
    pub fn amend(&mut self, id: u64, ticks: i64, lots: i64) -> Result<(), Refused> {
        if lots <= 0 || ticks <= 0 {
            return Err(Refused::Order("an amend needs at least one lot and a price of at least one tick"));
        }
        let latency = self.entry.ns(self.now, &mut self.random);
        self.send(id, latency, Request::Amend(ticks, lots));
        Ok(())
    }

    /// On one connection what is sent later never arrives earlier.
    fn send(&mut self, id: u64, latency_ns: i64, request: Request) {
        let exch_ns = self.now.saturating_add(latency_ns).max(self.last_sent_ns);
        self.last_sent_ns = exch_ns;
        self.requests.push_back(Sent { exch_ns, id, request });
    }

    /// Goes on to a local time, ns, and returns what was reported on the way; a time that has passed changes nothing.
    pub fn advance_to(&mut self, local_ns: i64) -> &[Report] {
        self.advance(local_ns, false)
    }

    /// Goes on until something is reported, at most to a local time, ns; [`Self::now`] says how far it came.
    pub fn advance_to_report(&mut self, local_ns: i64) -> &[Report] {
        self.advance(local_ns, true)
    }

    fn advance(&mut self, local_ns: i64, stop: bool) -> &[Report] {
        self.arrived.clear();
        if local_ns < self.now {
            return &self.arrived;
        }
        self.venue.advance(&self.columns, local_ns, stop, &mut self.requests, &mut self.post);
        self.now = if stop { local_ns.min(self.post.first_ns()).max(self.now) } else { local_ns };
        self.hear(self.now);
        while let Some(report) = self.post.arrived(self.now) {
            self.open -= usize::from(report.is_last());
            self.arrived.push(report);
        }
        &self.arrived
    }

    /// Takes the rows that have arrived by a time.
    fn hear(&mut self, by_ns: i64) {
        let rows = self.columns.depth.local_ns.len();
        let depth = self.columns.depth.first(rows);
        while self.depth_at < rows && depth.local_ns[self.depth_at] <= by_ns {
            let row = self.depth_at;
            self.depth_at += 1;
            if depth.flags[row] & (SNAPSHOT | FIRST) == SNAPSHOT | FIRST {
                self.book.clear();
            }
            self.book.set(Side::of(depth.side[row]), depth.ticks[row], depth.lots[row]);
        }
        let trades = &self.columns.trades;
        while self.trade_at < trades.local_ns.len() && trades.local_ns[self.trade_at] <= by_ns {
            let row = self.trade_at;
            self.trade_at += 1;
            let lots = trades.lots[row];
            self.tape.ticks = trades.ticks[row];
            self.tape.count += 1;
            if trades.buyer_is_maker[row] != 0 {
                self.tape.sold += lots;
                self.tape.lots = -lots;
            } else {
                self.tape.bought += lots;
                self.tape.lots = lots;
            }
        }
    }
}
