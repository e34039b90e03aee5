//! The wire between desk and venue in a rehearsal: each order goes through the execution's states as it would live, and reports arrive as
//! a real connection brings them: twice, late, in another order, or never.
//!
//! The venue stands inside the desk, so what really happened is known: the desk's stream. From it come acts (open, send, replace) and reports,
//! which faults then perturb. A lost acknowledgement leaves the order unknown until the venue is asked; trades that a report tells of and that
//! did not come are fetched. At quiet moments (nothing on its way, nothing unknown) positions of the execution and books kept from what it booked must be
//! the desk's, to the unit. Everything is drawn from one seed.
use bot4_engine::config::Config;
use bot4_engine::desk::Desk;
use bot4_engine::desk::books::{BookKey, Books};
use bot4_engine::desk::execution::fence::Fence;
use bot4_engine::desk::execution::live::{Intent, Terms};
use bot4_engine::desk::execution::report::{Outcome, Report};
use bot4_engine::desk::execution::states::{Effect, Event, State};
use bot4_engine::desk::execution::{Orders, Room};
use bot4_engine::desk::order::FillRecord;
use bot4_engine::desk::reason::{Cause, Status};
use bot4_engine::desk::stream::{DeskEvent, Sent};
use bot4_engine::market::Market;
use std::collections::HashMap;

/// Rows after which everything on its way is let through, so that there are quiet moments.
const QUIET_ROWS: u64 = 32;
/// Rounds of questions and answers after which a quiet moment must have come.
const ROUNDS: usize = 64;
/// Epoch of orders on a simulated venue: nobody takes over. The journal's ids carry the same.
const EPOCH: u32 = 0;
/// Places by which a report may come before or after its turn.
const TURNED: u64 = 8;

/// What goes wrong, in thousandths of all reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Where the randomness begins.
    pub seed: u64,
    /// Reports that arrive twice.
    pub duplicate: u64,
    /// Reports that arrive late.
    pub late: u64,
    /// By how many rows at most.
    pub rows: u64,
    /// Reports that change places with their neighbours.
    pub reordered: u64,
    /// Acknowledgements that are lost.
    pub lost: u64,
}

/// How often what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Orders followed.
    pub orders: u64,
    /// Reports that arrived.
    pub reports: u64,
    /// Of them twice.
    pub duplicates: u64,
    /// Of them late.
    pub late: u64,
    /// Of them out of their turn.
    pub reordered: u64,
    /// Acknowledgements that were lost.
    pub lost: u64,
    /// Questions about orders that were unknown, or said to be more filled than known.
    pub questions: u64,
    /// Quiet moments at which positions and books were the desk's.
    pub quiet: u64,
}

/// What is true of an order.
struct Truth {
    lots: i64,
    ticks: i64,
    filled: i64,
    end: Option<Event>,
    trades: Vec<u64>,
}

struct Message {
    due: u64,
    place: u64,
    report: Report,
}

/// Orders on their way, and what the venue knows of them.
pub struct Wire {
    orders: Orders,
    books: Books,
    fence: Fence,
    faults: Faults,
    random: u64,
    row: u64,
    place: u64,
    truths: HashMap<u32, Truth>,
    /// Trades not forgotten, by number.
    trades: HashMap<u64, FillRecord>,
    trade: u64,
    on_way: Vec<Message>,
    tally: Tally,
}

impl Wire {
    /// Follows the orders of a run; `strategy` are the first 32 bits of its identity.
    ///
    /// # Errors
    /// Returns one sentence where market and configuration do not fit each other.
    pub fn new(market: &Market<'_>, config: &Config, strategy: u32, faults: Faults) -> Result<Self, String> {
        let contracts = bot4_engine::replay::contracts(market, config)?;
        let wallets = config.instruments.iter().map(|each| each.wallet);
        let contracts: Vec<_> = contracts.into_iter().zip(wallets).collect();
        let starts: Vec<i64> =
            if config.wallets.is_empty() { vec![config.cash] } else { config.wallets.iter().map(|wallet| wallet.cash).collect() };
        // Ended orders stay until nothing late can come any more.
        let retention_ms = market.interval_ms * (QUIET_ROWS + faults.rows + 1) as i64;
        let room = Room { retention_ms, window_ms: 0, ..Room::default() };
        Ok(Self {
            orders: Orders::new(room, market.listings.len(), EPOCH, strategy),
            books: Books::new(BookKey { strategy, account: 0, venue: 0 }, &contracts, &starts),
            fence: Fence::forever(EPOCH),
            random: faults.seed,
            faults,
            row: 0,
            place: 0,
            truths: HashMap::new(),
            trades: HashMap::new(),
            trade: 0,
            on_way: Vec::new(),
            tally: Tally::default(),
        })
    }

    /// Takes what the desk did in one row, and lets arrive what is due.
    ///
    /// # Errors
    /// Returns one sentence where the execution does not come to the desk's books.
    pub fn row(&mut self, stream: &[DeskEvent], ts: i64, desk: &Desk) -> Result<(), String> {
        for event in stream {
            self.take(event)?;
        }
        self.deliver(ts, false)?;
        self.row += 1;
        if self.row % QUIET_ROWS == 0 { self.settle(ts, desk) } else { self.look(ts, desk).map(|_| ()) }
    }

    /// Lets everything arrive that is on its way, until nothing is unknown.
    ///
    /// # Errors
    /// Returns one sentence where that does not come about, or the books differ then.
    pub fn settle(&mut self, ts: i64, desk: &Desk) -> Result<(), String> {
        for _ in 0..ROUNDS {
            self.deliver(ts, true)?;
            if self.look(ts, desk)? {
                return Ok(());
            }
            let unknown: Vec<_> = self.orders.iter().filter(|(_, live)| live.state == State::Unknown).map(|(_, live)| live.id).collect();
            unknown.into_iter().for_each(|id| self.ask(id.intent() as u32, ts));
        }
        Err(format!("orders did not come to rest within {ROUNDS} rounds of questions; report this, with the faults' seed"))
    }

    /// Returns how often what happened.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    fn take(&mut self, event: &DeskEvent) -> Result<(), String> {
        match event {
            DeskEvent::Sent(sent) => return self.send(sent),
            DeskEvent::Filled(fill) => {
                self.trade += 1;
                let trade = self.trade;
                let Some(truth) = self.truths.get_mut(&fill.order) else { return Ok(()) };
                truth.filled += fill.lots.abs();
                truth.trades.push(trade);
                let filled = truth.filled;
                self.trades.insert(trade, *fill);
                self.post(fill.order, |report| Report { event: Event::Fill, trade, lots: fill.lots.abs(), filled, ..report });
            }
            DeskEvent::Cut { order, ts } => {
                let Some(truth) = self.truths.get_mut(&order.id) else { return Ok(()) };
                truth.lots = order.lots;
                let terms = Terms { lots: order.lots, ticks: truth.ticks };
                let Some(handle) = self.orders.of_intent(u64::from(order.id)) else { return Ok(()) };
                // Where the execution knows too little to change it, it learns the terms when it asks.
                if let Ok(outcome) = self.orders.replace(handle, terms, &self.fence, *ts)
                    && outcome.goes_out()
                {
                    let request = outcome.request;
                    self.post(order.id, |report| Report { event: Event::Replaced, request, ..report });
                }
            }
            DeskEvent::Ended(record) => {
                let event = match (record.status, record.order.cause) {
                    (Status::Rejected, _) => return Ok(()),
                    (Status::Filled, _) => Event::FoundFilled,
                    (_, Cause::Expired) => Event::Expired,
                    _ => Event::Cancelled,
                };
                let Some(truth) = self.truths.get_mut(&record.order.id) else { return Ok(()) };
                truth.end = Some(event);
                let (lots, ticks, filled) = (truth.lots, truth.ticks, truth.filled);
                if event != Event::FoundFilled {
                    self.post(record.order.id, |report| Report { event, lots, ticks, filled, ..report });
                }
            }
            DeskEvent::Cash(cash) => self.books.cash(cash).map_err(|_| "an amount does not fit the books".to_owned())?,
        }
        Ok(())
    }

    fn send(&mut self, sent: &Sent) -> Result<(), String> {
        let order = &sent.order;
        let intent =
            Intent { number: u64::from(order.id), asset: order.asset, side: order.side, lots: order.lots, ticks: sent.price_ticks };
        let handle =
            self.orders.open(intent).map_err(|refused| format!("order {} cannot be followed: {refused:?}; report this", order.id))?;
        let outcome = self
            .orders
            .send(handle, &self.fence, order.ts)
            .map_err(|fenced| format!("order {} may not leave: {fenced:?}; report this", order.id))?;
        self.tally.orders += 1;
        let truth = Truth { lots: order.lots, ticks: sent.price_ticks, filled: 0, end: None, trades: Vec::new() };
        self.truths.insert(order.id, truth);
        let is_lost = self.chance(self.faults.lost);
        self.tally.lost += u64::from(is_lost);
        let event = if is_lost { Event::NoAnswer } else { Event::Accepted };
        self.post(order.id, |report| Report { event, request: outcome.request, ..report });
        Ok(())
    }

    /// Sends a report of the venue, with what may happen to it.
    fn post(&mut self, order: u32, with: impl FnOnce(Report) -> Report) {
        let Some(live) = self.orders.of_intent(u64::from(order)).and_then(|handle| self.orders.get(handle)) else { return };
        let report = with(Report::plain(live.id, Event::Accepted, 0));
        self.place += TURNED;
        let (mut due, mut place) = (self.row, self.place);
        if self.faults.rows > 0 && self.chance(self.faults.late) {
            due += 1 + self.draw() % self.faults.rows;
            self.tally.late += 1;
        }
        if self.chance(self.faults.reordered) {
            place = (place + self.draw() % (2 * TURNED * TURNED)).saturating_sub(TURNED * TURNED);
            self.tally.reordered += 1;
        }
        self.on_way.push(Message { due, place, report });
        if self.chance(self.faults.duplicate) {
            let due = due + self.draw() % (self.faults.rows + 1);
            let place = place + self.draw() % TURNED;
            self.on_way.push(Message { due, place, report });
            self.tally.duplicates += 1;
        }
    }

    /// Lets arrive what is due, or everything.
    fn deliver(&mut self, ts: i64, all: bool) -> Result<(), String> {
        loop {
            let row = self.row;
            let due = |message: &Message| all || message.due <= row;
            let next = (0..self.on_way.len()).filter(|&at| due(&self.on_way[at])).min_by_key(|&at| self.on_way[at].place);
            let Some(at) = next else { return Ok(()) };
            let Message { report, .. } = self.on_way.swap_remove(at);
            self.tally.reports += 1;
            let outcome = self.orders.report(&Report { ts, ..report });
            self.follow(&report, &outcome, ts)?;
        }
    }

    /// Does what a host does about an outcome.
    fn follow(&mut self, report: &Report, outcome: &Outcome, ts: i64) -> Result<(), String> {
        let order = report.id.intent() as u32;
        if outcome.booked != 0 {
            let Some(fill) = self.trades.get(&report.trade) else {
                return Err(format!("order {order} books a trade that never was; report this, with the faults' seed"));
            };
            if fill.lots != outcome.booked {
                return Err(format!("order {order} books {} lots of a trade of {}; report this", outcome.booked, fill.lots));
            }
            let booked = self.books.fill(fill.asset as usize, fill.lots, fill.ticks, fill.fee);
            booked.map_err(|_| "an amount does not fit the books".to_owned())?;
        }
        match outcome.effect {
            Effect::Ask | Effect::Conflict => self.ask(order, ts),
            Effect::Full => {
                return Err(format!("there is no room for the trades of order {order}; the run trades more than live would allow"));
            }
            _ => {}
        }
        if outcome.missing > 0 {
            self.fetch(order);
        }
        Ok(())
    }

    /// Asks the venue about an order; the answer is true when it leaves, and comes in its turn.
    fn ask(&mut self, order: u32, ts: i64) {
        let Some(handle) = self.orders.of_intent(u64::from(order)) else { return };
        let request = self.orders.question(handle, ts);
        self.tally.questions += 1;
        let Some(truth) = self.truths.get(&order) else { return };
        let event = match truth.end {
            None => Event::FoundOpen,
            Some(Event::FoundFilled) => Event::FoundFilled,
            Some(Event::Expired) => Event::FoundExpired,
            Some(_) => Event::FoundCancelled,
        };
        let (lots, ticks, filled) = (truth.lots, truth.ticks, truth.filled);
        let Some(live) = self.orders.get(handle) else { return };
        let report = Report { event, request, lots, ticks, filled, ..Report::plain(live.id, event, ts) };
        self.place += TURNED;
        self.on_way.push(Message { due: self.row, place: self.place, report });
    }

    /// Fetches an order's trades: those that are known already change nothing.
    fn fetch(&mut self, order: u32) {
        let Some(live) = self.orders.of_intent(u64::from(order)).and_then(|handle| self.orders.get(handle)) else { return };
        let id = live.id;
        for trade in self.truths.get(&order).map(|truth| truth.trades.clone()).unwrap_or_default() {
            let on_way = self.on_way.iter().any(|message| message.due <= self.row && message.report.trade == trade);
            if let Some(fill) = self.trades.get(&trade).filter(|_| !on_way) {
                self.place += TURNED;
                let report = Report::fill(id, trade, fill.lots.abs(), 0);
                self.on_way.push(Message { due: self.row, place: self.place, report });
            }
        }
    }

    /// Says whether the moment is quiet; where it is, positions and books must be the desk's.
    fn look(&mut self, ts: i64, desk: &Desk) -> Result<bool, String> {
        let is_quiet = self.on_way.is_empty() && self.orders.iter().all(|(_, live)| live.state != State::Unknown && live.missing() == 0);
        if !is_quiet {
            return Ok(false);
        }
        for (asset, position) in desk.ledger().positions.iter().enumerate() {
            let (ours, books) = (self.orders.position(asset), self.books.holdings[asset].lots);
            if ours != position.lots || books != position.lots {
                return Err(format!(
                    "at {ts} ms the execution holds {ours} lots of instrument {asset}, its books {books}, the desk {}; report this, with the faults' seed",
                    position.lots
                ));
            }
        }
        let ledger = desk.ledger();
        for (number, purse) in self.books.purses.iter().enumerate() {
            let flow = ledger.wallets.get(number).map_or(ledger.flow, |wallet| wallet.flow);
            if purse.flow != flow || !self.books.is_balanced() {
                return Err(format!("at {ts} ms the books say {} of wallet {number}, the desk {flow}; report this", purse.flow));
            }
        }
        self.tally.quiet += 1;
        self.orders.forget(ts);
        let orders = &self.orders;
        let trades = &mut self.trades;
        self.truths.retain(|&order, truth| {
            let is_kept = orders.of_intent(u64::from(order)).is_some();
            if !is_kept {
                truth.trades.iter().for_each(|trade| _ = trades.remove(trade));
            }
            is_kept
        });
        Ok(true)
    }

    fn chance(&mut self, thousandths: u64) -> bool {
        thousandths > 0 && self.draw() % 1_000 < thousandths
    }

    /// SplitMix64 (G. Steele, D. Lea, C. Flood, 2014).
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
