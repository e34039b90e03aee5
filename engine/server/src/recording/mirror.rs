//! A recording played into the venue: an account of its own mirrors what the recording shows, and clients' orders stand among its orders.
//!
//! After each step what rests at a price is what the recording shows there, less what clients took and has not come back. A level that grows
//! grows behind everybody, one that shrinks loses its youngest first: so an order of a client waits behind all that stood before it, and only
//! trades, and a level smaller than what is ahead, advance it (the pessimistic queue of `bot4_ticks`). A recorded trade is an order of the
//! account that takes: first what clients ask at better prices, then its price in priority; afterwards the recorded level is filled up again,
//! for the recording itself tells when it shrinks.

use super::level::{Level, Part, Side};
use super::{Recording, Step};
use bot4_exchange::command::{self, Cancel, Command, Force, Key, Kind, NewOrder, SelfTrade, Status};
use bot4_exchange::profile::decimal::ONE;
use bot4_exchange::report::{Act, Report};
use bot4_exchange::text::Text;
use bot4_exchange::venue::Exchange;
use bot4_exchange::{Account, Micros, Symbol};
use bot4_ticks::columns::{FIRST, SNAPSHOT};
use std::sync::Arc;

/// What the account owns of each asset at the start: more than any recorded book needs.
const MEANS: i64 = 40_000_000_000 * ONE;
/// A level of more orders than this, and of no client's, is made one order.
const PARTS: usize = 4;

/// A fill of one of the account's resting orders.
struct Made {
    trade: u64,
    id: u64,
    side: command::Side,
    ticks: i64,
    lots: i64,
}

/// A recording at work.
pub struct Mirror {
    recording: Arc<Recording>,
    /// Next step; one beyond the last, the symbol's end is told.
    at: usize,
    account: Account,
    symbol: Symbol,
    bids: Side,
    asks: Side,
    made: Vec<Made>,
    took: Vec<u64>,
    /// Lots of each fill of the last order that was placed.
    met: Vec<i64>,
    /// The last order that was placed: its id, lots filled.
    placed: (u64, i64),
}

impl Mirror {
    /// Opens the account, and stands before the first step.
    ///
    /// # Errors
    /// One sentence where the venue has no room or not the symbol.
    pub fn new(recording: Arc<Recording>, venue: &mut Exchange) -> Result<Self, String> {
        let profile = venue.profile();
        let symbol = profile.symbol(&recording.symbol).ok_or_else(|| format!("the venue has no symbol {}", recording.symbol))?;
        let rules = &profile.symbols[usize::from(symbol)];
        let assets = [&rules.base_asset, &rules.quote_asset].map(|name| profile.asset(name).unwrap_or_default());
        let account = venue.open_account()?;
        venue.exempt(account);
        for asset in assets {
            venue.apply(recording.begin(), &Command::Credit(account, asset, MEANS), &mut |_| {});
        }
        let (bids, asks) = (Side::default(), Side::default());
        Ok(Self { recording, at: 0, account, symbol, bids, asks, made: Vec::new(), took: Vec::new(), met: Vec::new(), placed: (0, 0) })
    }

    /// Returns when the next step is due; none at the end.
    #[must_use]
    pub fn next(&self) -> Option<Micros> {
        match self.recording.steps.get(self.at) {
            Some((at, _)) => Some(*at),
            None if self.at == self.recording.steps.len() => Some(self.recording.end()),
            None => None,
        }
    }

    /// Tells whether the recording is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.at > self.recording.steps.len()
    }

    /// Returns the recording.
    #[must_use]
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Does the next step.
    pub fn run(&mut self, now: Micros, venue: &mut Exchange, tell: &mut impl FnMut(Report)) {
        let step = self.recording.steps.get(self.at).map(|(_, step)| *step);
        self.at += 1;
        match step {
            Some(Step::Changes(from, to)) => self.change(from as usize, to as usize, now),
            Some(Step::Trade(row)) => self.trade(row as usize, now, venue, tell),
            None => venue.apply(now, &Command::SetStatus(self.symbol, Status::Break), tell),
        }
        self.recover(now, venue, tell);
        self.bids.told.clear();
        self.asks.told.clear();
    }

    /// Brings back what has recovered, before a client's command.
    pub fn recover(&mut self, now: Micros, venue: &mut Exchange, tell: &mut impl FnMut(Report)) {
        let recovery = self.recording.recovery;
        self.bids.recover(now, recovery);
        self.asks.recover(now, recovery);
        self.mirror(now, venue, tell);
    }

    /// Hears what a client's command did: what it took is gone.
    pub fn heard(&mut self, reports: &[Report], now: Micros) {
        reports.iter().for_each(|report| self.hear(report));
        self.settle(now);
    }

    fn side(&mut self, side: command::Side) -> &mut Side {
        match side {
            command::Side::Buy => &mut self.bids,
            command::Side::Sell => &mut self.asks,
        }
    }

    /// Takes rows of one message.
    fn change(&mut self, from: usize, to: usize, now: Micros) {
        let (recording, recovery) = (self.recording.clone(), self.recording.recovery);
        let rows = &recording.changes;
        for row in from..to {
            if rows.flags[row] & (SNAPSHOT | FIRST) == SNAPSHOT | FIRST {
                self.bids.restart();
                self.asks.restart();
            }
            let (ticks, lots) = (rows.ticks[row], rows.lots[row]);
            if rows.side[row] > 0 {
                if lots > 0 {
                    self.asks.hide(..=ticks);
                }
                self.bids.show(ticks, lots, now, recovery);
            } else {
                if lots > 0 {
                    self.bids.hide(ticks..);
                }
                self.asks.show(ticks, lots, now, recovery);
            }
        }
    }

    /// Takes a trade: what it passes of clients' orders, then its price in priority.
    fn trade(&mut self, row: usize, now: Micros, venue: &mut Exchange, tell: &mut impl FnMut(Report)) {
        let (ticks, lots) = (self.recording.prints.ticks[row], self.recording.prints.lots[row]);
        let sold = self.recording.prints.buyer_is_maker[row] != 0;
        let (hit, taker) = if sold { (command::Side::Buy, command::Side::Sell) } else { (command::Side::Sell, command::Side::Buy) };
        // What the recording still shows at better prices would trade in its place.
        let better: Vec<i64> = match hit {
            command::Side::Buy => self.bids.levels.range(ticks + 1..).map(|(ticks, _)| *ticks).collect(),
            command::Side::Sell => self.asks.levels.range(..ticks).map(|(ticks, _)| *ticks).collect(),
        };
        // What it still shows of the other side, at or through the price, would be in the way; where a client waits behind it, it stays.
        let behind: Vec<i64> = match hit {
            command::Side::Buy => self.asks.levels.range(..=ticks).map(|(ticks, _)| *ticks).collect(),
            command::Side::Sell => self.bids.levels.range(ticks..).map(|(ticks, _)| *ticks).collect(),
        };
        let is_alone = behind.iter().all(|ticks| self.is_alone(taker, *ticks, venue));
        let away = better.into_iter().map(|ticks| (hit, ticks)).chain(behind.into_iter().filter(|_| is_alone).map(|ticks| (taker, ticks)));
        for (side, ticks) in away {
            self.lower(side, ticks, 0, now, venue, tell);
            self.side(side).dirty.push(ticks);
        }
        // So that the whole trade is told, as much stands at its price, behind everybody, as it takes; not where a client is in the way.
        let filler = if self.is_free(hit, ticks, venue) { self.place(hit, ticks, lots, Force::Gtc, now, venue, tell) } else { 0 };
        self.place(taker, ticks, lots, Force::Ioc, now, venue, tell);
        if filler != 0 {
            self.cancel(filler, now, venue, tell);
        }
        self.side(hit).dirty.push(ticks);
    }

    /// Tells whether an order at a price would trade with nobody.
    fn is_free(&self, side: command::Side, ticks: i64, venue: &Exchange) -> bool {
        let price = ticks * self.recording.tick;
        match side {
            command::Side::Buy => venue.best(self.symbol, command::Side::Sell).is_none_or(|(best, _)| best > price),
            command::Side::Sell => venue.best(self.symbol, command::Side::Buy).is_none_or(|(best, _)| best < price),
        }
    }

    /// Tells whether nobody else stands at a price.
    fn is_alone(&mut self, side: command::Side, ticks: i64, venue: &Exchange) -> bool {
        let shown = venue.shown(self.symbol, side, ticks * self.recording.tick);
        shown == self.side(side).levels.get(&ticks).map_or(0, Level::resting) * self.recording.lot
    }

    /// Makes what rests what should. What comes back, untold by the recording, trades with nobody.
    fn mirror(&mut self, now: Micros, venue: &mut Exchange, tell: &mut impl FnMut(Report)) {
        let recovery = self.recording.recovery;
        for is_up in [false, true] {
            for side in [command::Side::Buy, command::Side::Sell] {
                let of = self.side(side);
                of.dirty.sort_unstable();
                of.dirty.dedup();
                // What is placed may trade with a client and make its price dirty again: it is looked at with the next step.
                let dirty = if is_up { std::mem::take(&mut of.dirty) } else { of.dirty.clone() };
                for ticks in dirty {
                    let of = self.side(side);
                    let wanted = of.wanted(ticks, now, recovery);
                    let resting = of.levels.get(&ticks).map_or(0, Level::resting);
                    if !is_up && wanted < resting {
                        self.lower(side, ticks, wanted, now, venue, tell);
                    } else if is_up && wanted > resting && (of.told.contains(&ticks) || self.is_free(side, ticks, venue)) {
                        self.raise(side, ticks, wanted - resting, now, venue, tell);
                    }
                    let of = self.side(side);
                    if of.levels.get(&ticks).is_some_and(|level| level.shown == 0 && level.parts.is_empty()) {
                        of.levels.remove(&ticks);
                    }
                }
            }
        }
    }

    /// Leaves so many lots of the account at a price: the youngest go first.
    fn lower(&mut self, side: command::Side, ticks: i64, lots: i64, now: Micros, venue: &mut Exchange, tell: &mut impl FnMut(Report)) {
        let (account, symbol, lot) = (self.account, self.symbol, self.recording.lot);
        let Some(level) = self.side(side).levels.get_mut(&ticks) else { return };
        let mut over = level.resting() - lots;
        while let Some(last) = level.parts.last_mut().filter(|_| over > 0) {
            if last.left <= over {
                over -= last.left;
                let id = last.id;
                level.parts.pop();
                let cancel = Cancel { symbol, key: Key::Order(id), client_id: Text::EMPTY, only: None };
                venue.apply(now, &Command::Cancel(account, cancel), tell);
            } else {
                let (id, left) = (last.id, last.left - over);
                let mut is_refused = false;
                let quantity = (left + last.filled) * lot;
                venue.apply(now, &Command::Amend(account, symbol, Key::Order(id), quantity, Text::EMPTY), &mut |report| {
                    is_refused |= matches!(report, Report::Refused(_));
                    tell(report);
                });
                if is_refused {
                    // A halted symbol takes cancels alone: the whole part goes, and what should be there comes with the next step.
                    level.parts.pop();
                    self.cancel(id, now, venue, tell);
                    self.side(side).dirty.push(ticks);
                    return;
                }
                last.left = left;
                over = 0;
            }
        }
    }

    /// Adds lots of the account at a price, behind everybody.
    fn raise(&mut self, side: command::Side, ticks: i64, lots: i64, now: Micros, venue: &mut Exchange, tell: &mut impl FnMut(Report)) {
        let mut lots = lots;
        let level = self.side(side).levels.entry(ticks).or_default();
        let (parts, resting) = (level.parts.len(), level.resting());
        if parts >= PARTS && self.is_alone(side, ticks, venue) {
            self.lower(side, ticks, 0, now, venue, tell);
            lots += resting;
        }
        let id = self.place(side, ticks, lots, Force::Gtc, now, venue, tell);
        if id == 0 {
            // The symbol is halted, or the venue is full: it is tried again with the next step.
            self.side(side).dirty.push(ticks);
            return;
        }
        let met = self.placed.1;
        let of = self.side(side);
        if met < lots {
            of.levels.entry(ticks).or_default().parts.push(Part { id, left: lots - met, filled: met });
        }
        // It met clients' orders: what each took of the level is gone.
        for lots in std::mem::take(&mut self.met) {
            self.side(side).take(ticks, lots, now);
        }
    }

    /// Places an order of the account; returns its id, 0 where the venue has no room for it.
    #[allow(clippy::too_many_arguments, reason = "an order, its time and where it goes")]
    fn place(
        &mut self,
        side: command::Side,
        ticks: i64,
        lots: i64,
        force: Force,
        now: Micros,
        venue: &mut Exchange,
        tell: &mut impl FnMut(Report),
    ) -> u64 {
        let order = NewOrder {
            symbol: self.symbol,
            side,
            kind: Kind::Limit,
            force: Some(force),
            quantity: Some(lots * self.recording.lot),
            quote_quantity: None,
            price: Some(ticks * self.recording.tick),
            stop_price: None,
            trailing_delta: None,
            iceberg: None,
            client_id: Text::EMPTY,
            self_trade: Some(SelfTrade::Allow),
            strategy_id: None,
            strategy_type: None,
        };
        self.placed = (0, 0);
        self.met.clear();
        let account = self.account;
        venue.apply(now, &Command::Place(account, order), &mut |report| {
            self.hear(&report);
            tell(report);
        });
        let placed = self.placed;
        self.settle(now);
        self.placed = placed;
        placed.0
    }

    fn cancel(&mut self, id: u64, now: Micros, venue: &mut Exchange, tell: &mut impl FnMut(Report)) {
        let cancel = Cancel { symbol: self.symbol, key: Key::Order(id), client_id: Text::EMPTY, only: None };
        venue.apply(now, &Command::Cancel(self.account, cancel), tell);
    }

    /// Notes what a report says of the account's orders.
    fn hear(&mut self, report: &Report) {
        let Report::Execution { act, order, fill, .. } = report else { return };
        if order.account != self.account {
            return;
        }
        match (act, fill) {
            (Act::New, _) => self.placed = (order.id, 0),
            (Act::Trade, Some(fill)) => {
                let lots = fill.quantity / self.recording.lot;
                if fill.is_maker {
                    let ticks = order.asked.price.unwrap_or(0) / self.recording.tick;
                    self.made.push(Made { trade: fill.trade, id: order.id, side: order.asked.side, ticks, lots });
                } else {
                    self.took.push(fill.trade);
                    self.placed.1 += lots;
                    self.met.push(lots);
                }
            }
            _ => {}
        }
    }

    /// Books what was noted: what rests less, and, where it was not the account itself that took, what is gone.
    fn settle(&mut self, now: Micros) {
        let made = std::mem::take(&mut self.made);
        for fill in &made {
            let is_own = self.took.contains(&fill.trade);
            let of = self.side(fill.side);
            if let Some(level) = of.levels.get_mut(&fill.ticks) {
                if let Some(part) = level.parts.iter_mut().find(|part| part.id == fill.id) {
                    part.left -= fill.lots;
                    part.filled += fill.lots;
                }
                level.parts.retain(|part| part.left > 0);
            }
            if !is_own {
                of.take_more(fill.ticks, fill.lots, now);
            }
        }
        self.made = made;
        self.made.clear();
        self.took.clear();
    }
}
