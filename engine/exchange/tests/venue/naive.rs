//! Accounts and orders once more, as plainly as they can be said: maps, lists and the naive book. It shares no code with the venue but the
//! order book that the book's own suite holds to the fast one; rules are written from docs/exchange-venue.md.

use bot4_engine::book::naive::NaiveBook;
use bot4_engine::book::{self, Book, Event, Incoming, SelfTrade, Side};
use bot4_exchange::command::{Force, Kind};
use std::collections::BTreeMap;

pub const ONE: i128 = 100_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Open,
    Filled,
    Canceled,
    Expired,
    Prevented,
}

#[derive(Debug, Clone)]
pub struct Plain {
    pub account: u32,
    pub side: Side,
    pub kind: Kind,
    pub force: Force,
    /// Limit, ticks; 0 for none.
    pub ticks: i128,
    /// Lots, as last amended.
    pub lots: i128,
    pub filled: i128,
    pub prevented: i128,
    pub quote: i128,
    pub fate: Fate,
    pub mode: SelfTrade,
    pub peak: i128,
    pub stop: Option<i128>,
    pub is_waiting: bool,
    /// Lots that a market order may take: nothing holds it but what it was found to cost.
    pub name: String,
}

/// A symbol with its accounts.
pub struct Naive {
    pub tick: i128,
    pub lot: i128,
    pub maker: i128,
    pub taker: i128,
    /// Everything an account owns, locked or not, by (account, is base).
    pub owns: BTreeMap<(u32, bool), i128>,
    pub orders: BTreeMap<u64, Plain>,
    pub book: NaiveBook,
    pub last: Option<i128>,
    next: u64,
    fired: Vec<u64>,
}

fn up(value: i128, by: i128) -> i128 {
    (value + by - 1) / by
}

impl Naive {
    pub fn new(tick: i64, lot: i64, maker: i64, taker: i64) -> Self {
        Self {
            tick: tick.into(),
            lot: lot.into(),
            maker: maker.into(),
            taker: taker.into(),
            owns: BTreeMap::new(),
            orders: BTreeMap::new(),
            book: NaiveBook::new(1 << 20),
            last: None,
            next: 1,
            fired: Vec::new(),
        }
    }

    /// What an open order must hold.
    fn need(&self, order: &Plain) -> i128 {
        let left = order.lots - order.filled - order.prevented;
        match (order.side, order.ticks) {
            (Side::Sell, _) => left * self.lot,
            (Side::Buy, 0) => 0,
            (Side::Buy, ticks) => up(ticks * self.tick * left * self.lot, ONE),
        }
    }

    pub fn locked(&self, account: u32, is_base: bool) -> i128 {
        let of = |order: &&Plain| order.fate == Fate::Open && order.account == account && (order.side == Side::Sell) == is_base;
        self.orders.values().filter(of).map(|order| self.need(order)).sum()
    }

    pub fn free(&self, account: u32, is_base: bool) -> i128 {
        self.owns.get(&(account, is_base)).copied().unwrap_or(0) - self.locked(account, is_base)
    }

    fn is_named(&self, account: u32, name: &str) -> bool {
        !name.is_empty() && self.orders.values().any(|order| order.fate == Fate::Open && order.account == account && order.name == name)
    }

    /// What a market order to buy would cost at most.
    fn cost(&self, order: &Plain) -> i128 {
        let (mut left, mut cost, mut stop) = (order.lots, 0, false);
        self.book.walk(Side::Sell, &mut |maker, lots| {
            let own = maker.account == order.account && order.mode != SelfTrade::Allow;
            match order.mode {
                SelfTrade::ExpireMaker if own => return true,
                SelfTrade::ExpireTaker | SelfTrade::ExpireBoth if own => stop = true,
                _ => {}
            }
            if stop || left == 0 {
                return false;
            }
            let take = left.min(lots.into());
            cost += up(i128::from(maker.ticks) * self.tick * take * self.lot, ONE);
            left -= take;
            true
        });
        cost
    }

    /// Returns the order's id where it is taken.
    pub fn place(&mut self, order: Plain) -> Option<u64> {
        if self.is_named(order.account, &order.name) {
            return None;
        }
        if let (Some(stop), Some(last)) = (order.stop, self.last)
            && (if order.side == Side::Buy { last >= stop } else { last <= stop })
        {
            return None;
        }
        let best = self.book.best(order.side.opposite());
        if order.kind == Kind::LimitMaker && best.is_some_and(|best| order.side.reaches(order.ticks as i64, best)) {
            return None;
        }
        let need = match (order.kind, order.side) {
            (Kind::Market, Side::Buy) => self.cost(&order),
            _ => self.need(&order),
        };
        if need > self.free(order.account, order.side == Side::Sell) {
            return None;
        }
        let id = self.next;
        self.next += 1;
        let waits = order.stop.is_some();
        self.orders.insert(id, Plain { is_waiting: waits, ..order });
        if !waits {
            self.enter(id);
        }
        self.fire();
        Some(id)
    }

    fn enter(&mut self, id: u64) {
        let order = self.orders[&id].clone();
        let force = match (order.kind, order.force) {
            (Kind::LimitMaker, _) => book::Force::PostOnly,
            (_, Force::Fok) => book::Force::FillOrKill,
            (Kind::Limit | Kind::StopLossLimit, Force::Gtc) => book::Force::GoodTillCancelled,
            _ => book::Force::ImmediateOrCancel,
        };
        let end = if order.side == Side::Buy { book::MOST_TICKS } else { 1 };
        let incoming = Incoming {
            id,
            account: order.account,
            group: 0,
            side: order.side,
            ticks: if order.ticks > 0 { order.ticks as i64 } else { end },
            lots: order.lots as i64,
            peak: order.peak as i64,
            force,
            self_trade: order.mode,
        };
        let mut events = Vec::new();
        self.book.submit(&incoming, &mut |event| events.push(event));
        for event in events {
            match event {
                Event::Trade { taker, maker, ticks, lots, .. } => self.trade(taker, maker, ticks.into(), lots.into()),
                Event::Prevented { taker, maker, taker_lost, maker_lost, .. } => {
                    for (id, lost) in [(taker, taker_lost), (maker, maker_lost)] {
                        let order = self.orders.get_mut(&id).expect("known");
                        order.prevented += i128::from(lost);
                        if order.filled + order.prevented == order.lots && lost > 0 {
                            order.fate = Fate::Prevented;
                        }
                    }
                }
                Event::Ended { id, left, .. } if left > 0 => self.orders.get_mut(&id).expect("known").fate = Fate::Expired,
                _ => {}
            }
        }
    }

    fn trade(&mut self, taker: u64, maker: u64, ticks: i128, lots: i128) {
        let base = lots * self.lot;
        let quote = ticks * self.tick * base / ONE;
        for (id, rate) in [(taker, self.taker), (maker, self.maker)] {
            let order = self.orders.get_mut(&id).expect("known");
            order.filled += lots;
            order.quote += quote;
            if order.filled + order.prevented == order.lots {
                order.fate = Fate::Filled;
            }
            let buys = order.side == Side::Buy;
            let (paid, got) = if buys { (quote, base) } else { (base, quote) };
            let fee = up(got * rate, ONE).min(got);
            let account = order.account;
            *self.owns.entry((account, !buys)).or_default() -= paid;
            *self.owns.entry((account, buys)).or_default() += got - fee;
            *self.owns.entry((0, buys)).or_default() += fee;
        }
        self.last = Some(ticks * self.tick);
        let last = ticks * self.tick;
        let mut reached: Vec<u64> = Vec::new();
        for (id, order) in &mut self.orders {
            if order.is_waiting
                && order.fate == Fate::Open
                && order.stop.is_some_and(|stop| if order.side == Side::Buy { last >= stop } else { last <= stop })
            {
                order.is_waiting = false;
                reached.push(*id);
            }
        }
        self.fired.extend(reached);
    }

    fn fire(&mut self) {
        while !self.fired.is_empty() {
            let id = self.fired.remove(0);
            if self.orders[&id].fate == Fate::Open {
                self.enter(id);
            }
        }
    }

    /// Tells whether there was such an open order.
    pub fn cancel(&mut self, account: u32, id: u64) -> bool {
        match self.orders.get_mut(&id) {
            Some(order) if order.fate == Fate::Open && order.account == account => {
                order.fate = Fate::Canceled;
                self.book.cancel(id, &mut |_| {});
                true
            }
            _ => false,
        }
    }

    pub fn amend(&mut self, account: u32, id: u64, lots: i128, name: &str) -> bool {
        let is_taken = self
            .orders
            .iter()
            .any(|(other, order)| *other != id && order.fate == Fate::Open && order.account == account && order.name == name);
        let Some(order) = self.orders.get_mut(&id) else { return false };
        let left = lots - order.filled - order.prevented;
        if order.fate != Fate::Open || order.account != account || lots >= order.lots || left <= 0 || (is_taken && !name.is_empty()) {
            return false;
        }
        order.lots = lots;
        order.peak = order.peak.min(lots);
        order.name = name.to_owned();
        self.book.amend(id, left as i64, &mut |_| {});
        true
    }
}
