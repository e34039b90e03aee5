//! What a book's events do to accounts, orders and the tape, while the book is at work.

use super::core::Core;
use super::market::Market;
use super::past::Prevented;
use super::rules::Rules;
use super::scale::{Round, Scale, product};
use super::store::{Record, Where, mark};
use super::tape::{Tape, Traded};
use super::told::{As, Told};
use crate::command::Side;
use crate::report::{Act, Fill, State};
use crate::{Amount, Micros, Symbol};
use bot4_engine::book::fast::FastBook;
use bot4_engine::book::{Book, End, Event, SelfTrade};

/// One order on its way through the book.
pub struct Scene<'a, F: FnMut(Told<'_>)> {
    /// Accounts and orders.
    pub core: &'a mut Core,
    /// The symbol's trades.
    pub tape: &'a mut Tape,
    /// Its rules.
    pub rules: &'a Rules,
    /// Its scale.
    pub scale: Scale,
    /// Orders waiting for a price at or above theirs.
    pub above: &'a mut FastBook,
    /// Orders waiting for a price at or below theirs.
    pub below: &'a mut FastBook,
    /// Trailing stops.
    pub followers: &'a mut Vec<u32>,
    /// Level changes of the symbol.
    pub update: &'a mut u64,
    /// The symbol.
    pub symbol: Symbol,
    /// Now.
    pub now: Micros,
    /// Id of the order on its way in the book.
    pub id: u64,
    /// Side of the order on its way.
    pub side: Side,
    /// Level the book is at, of the other side.
    pub at: Option<i64>,
    /// Whether what is left of the order on its way rests.
    pub rests: bool,
    /// Whether an order that expires with something left is only noted: it may rest after all.
    pub holds: bool,
    /// Lots of the order on its way that found nobody, where `holds`.
    pub held: i64,
    /// Hears of it.
    pub tell: &'a mut F,
}

impl<F: FnMut(Told<'_>)> Scene<'_, F> {
    /// Takes in what the book did.
    #[inline]
    pub fn hear(&mut self, event: Event) {
        match event {
            Event::Trade { taker, maker, ticks, lots, taker_left, maker_left } => {
                self.trade(taker as u32, maker as u32, ticks, lots, taker_left, maker_left);
            }
            Event::Prevented { taker, maker, ticks, lots, taker_lost, maker_lost } => {
                self.prevented([taker as u32, maker as u32], ticks, lots, [taker_lost, maker_lost]);
            }
            Event::Ended { id, left, why } => self.ended(id as u32, left, why),
            // A book that is full takes nothing that was set off: it expires like what finds nobody.
            Event::Refused { id, .. } => {
                self.core.expire(id as u32, State::Expired, Act::Expired, self.now, self.tell);
                self.core.finish(id as u32);
            }
            Event::Rests { id, .. } => self.rests |= id == self.id,
        }
    }

    /// Tells a level of the other side that the order on its way has left behind: it is empty.
    #[inline]
    fn reach(&mut self, ticks: i64) {
        if self.at != Some(ticks) {
            if let Some(behind) = self.at {
                self.level(self.side.opposite(), behind, 0);
            }
            self.at = Some(ticks);
        }
    }

    /// Tells a level as it is now.
    #[inline]
    pub fn level(&mut self, side: Side, ticks: i64, lots: i64) {
        *self.update += 1;
        (self.tell)(Told::Level { symbol: self.symbol, side, price: self.scale.price(ticks), quantity: self.scale.base(lots) });
    }

    fn trade(&mut self, taker: u32, maker: u32, ticks: i64, lots: i64, taker_left: i64, maker_left: i64) {
        self.reach(ticks);
        let (price, quantity) = (self.scale.price(ticks), self.scale.base(lots));
        // It fits: what a buyer holds for it was a sum that fits.
        let quote = self.scale.quote(ticks, lots, Round::Down).unwrap_or(0);
        let trade = self.tape.next_trade;
        let buyer_is_maker = self.side == Side::Sell;
        self.tape.push(Traded { trade, price, quantity, quote, time: self.now, buyer_is_maker });
        (self.tell)(Told::Trade { symbol: self.symbol, trade, price, quantity, buyer_is_maker });
        let fill = |is_maker| Fill { trade, price, quantity, quote, fee: 0, fee_asset: 0, is_maker };
        self.fill(taker, taker_left, fill(false));
        self.fill(maker, maker_left, fill(true));
        if self.above.best(Side::Sell).is_some_and(|best| best <= ticks)
            || self.below.best(Side::Buy).is_some_and(|best| best >= ticks)
            || !self.followers.is_empty()
        {
            self.set_off(ticks, price);
        }
    }

    /// Moves what one side of a trade pays and receives.
    #[inline]
    fn fill(&mut self, slot: u32, left: i64, mut fill: Fill) {
        let core = &mut *self.core;
        let record = core.store.get_mut(slot);
        let (account, side) = (record.account, record.side);
        let (paid, got) = if side == Side::Buy { (fill.quote, fill.quantity) } else { (fill.quantity, fill.quote) };
        let was = record.locked;
        let after = match side {
            Side::Buy if left == 0 => 0,
            Side::Buy if record.ticks > 0 => self.scale.quote(record.ticks, left, Round::Up).unwrap_or(was),
            Side::Buy | Side::Sell => was - paid,
        };
        record.locked = after;
        record.left = left;
        record.filled += fill.quantity;
        record.filled_quote += fill.quote;
        record.updated = self.now;
        record.state = if left == 0 { State::Filled } else { State::PartlyFilled };
        let (id, place) = (record.id, record.list);
        let list = core.store.detail(slot).list;
        let state = core.accounts.state(account);
        let rate = if fill.is_maker { state.fees.0 } else { state.fees.1 };
        fill.fee_asset = self.rules.receives(side);
        fill.fee = core.fee(got, rate, fill.fee_asset);
        let balance = core.accounts.change(account, record_pays(self.rules, side));
        balance.locked -= was - after;
        balance.free += was - after - paid;
        core.accounts.change(account, fill.fee_asset).free += got - fill.fee;
        core.accounts.change(0, fill.fee_asset).free += fill.fee;
        if side == Side::Buy {
            core.accounts.counts_mut(account, self.symbol).buying -= fill.quantity;
        }
        if self.rules.quote == core.volume_asset {
            core.accounts.trade(account, fill.quote);
        }
        core.accounts.state_mut(account).fills.push(super::accounts::OwnFill {
            symbol: self.symbol,
            order: id,
            list,
            side,
            time: self.now,
            fill,
        });
        core.report(slot, Act::Trade, Some(&fill), As::Itself, self.tell);
        core.touch(place);
    }

    #[cold]
    fn prevented(&mut self, slots: [u32; 2], ticks: i64, lots: i64, lost: [i64; 2]) {
        self.reach(ticks);
        let [taker, maker] = slots.map(|slot| *self.core.store.get(slot));
        let moves = |record: &Record| record.self_trade == SelfTrade::Transfer;
        if moves(&taker) && moves(&maker) && taker.account != maker.account {
            self.transfer(slots, ticks, lots);
        }
        let what = Prevented {
            symbol: self.symbol,
            id: 0,
            taker: taker.id,
            maker: maker.id,
            group: self.core.accounts.state(taker.account).group,
            mode: taker.self_trade,
            price: self.scale.price(ticks),
            lost: lost.map(|lots| self.scale.base(lots)),
            time: self.now,
        };
        self.core.past.prevented([taker.account, maker.account], what);
        for (slot, lost) in slots.into_iter().zip(lost) {
            if lost == 0 {
                continue;
            }
            let record = self.core.store.get_mut(slot);
            record.left -= lost;
            record.prevented += self.scale.base(lost);
            record.updated = self.now;
            if record.left == 0 {
                record.state = State::ExpiredInMatch;
            }
            let (side, account, was, place) = (record.side, record.account, record.locked, record.list);
            let after = match side {
                Side::Buy if record.left == 0 => 0,
                Side::Buy if record.ticks > 0 => self.scale.quote(record.ticks, record.left, Round::Up).unwrap_or(was),
                Side::Buy => was,
                Side::Sell => self.scale.base(record.left),
            };
            record.locked = after;
            let pays = record.pays;
            let balance = self.core.accounts.change(account, pays);
            balance.locked -= was - after;
            balance.free += was - after;
            if side == Side::Buy {
                self.core.accounts.counts_mut(account, self.symbol).buying -= self.scale.base(lost);
            }
            self.core.report(slot, Act::TradePrevention, None, As::Itself, self.tell);
            self.core.touch(place);
        }
    }

    /// Moves what would have traded between two accounts of a group, without fees: it is taken from what both hold for their orders.
    fn transfer(&mut self, slots: [u32; 2], ticks: i64, lots: i64) {
        let quantity = self.scale.base(lots);
        let quote = self.scale.quote(ticks, lots, Round::Down).unwrap_or(0);
        for slot in slots {
            let record = self.core.store.get_mut(slot);
            let (account, side) = (record.account, record.side);
            let (paid, got) = if side == Side::Buy { (quote, quantity) } else { (quantity, quote) };
            record.locked -= paid;
            self.core.accounts.change(account, self.rules.pays(side)).locked -= paid;
            self.core.accounts.change(account, self.rules.receives(side)).free += got;
        }
    }

    #[inline]
    fn ended(&mut self, slot: u32, left: i64, why: End) {
        match why {
            End::Cancelled => return,
            End::Expired if self.holds => {
                self.held = left;
                return;
            }
            End::Expired => self.core.expire(slot, State::Expired, Act::Expired, self.now, self.tell),
            End::Filled | End::SelfTrade => {}
        }
        self.core.finish(slot);
    }

    /// Finds what a trade sets off: those of one trade in the order of their ids.
    #[cold]
    fn set_off(&mut self, ticks: i64, price: Amount) {
        let from = self.core.fired.len();
        while let Some(best) = self.above.best(Side::Sell).filter(|&best| best <= ticks) {
            let slot = first(self.above, Side::Sell);
            self.above.cancel(u64::from(slot), &mut |_| {});
            debug_assert!(best <= ticks);
            self.reached(slot, price);
        }
        while self.below.best(Side::Buy).is_some_and(|best| best >= ticks) {
            let slot = first(self.below, Side::Buy);
            self.below.cancel(u64::from(slot), &mut |_| {});
            self.reached(slot, price);
        }
        self.follow(price);
        let store = &self.core.store;
        self.core.fired[from..].sort_unstable_by_key(|&(slot, _)| store.get(slot).id);
    }

    /// A trigger price is reached: the order fires, or begins to follow the price.
    fn reached(&mut self, slot: u32, price: Amount) {
        let &Record { id, side, .. } = self.core.store.get(slot);
        match self.core.store.detail(slot).trailing_delta {
            None => self.core.fired.push((slot, id)),
            Some(delta) => {
                let detail = self.core.store.detail_mut(slot);
                detail.extreme = price;
                detail.trigger = Market::trail(side, price, delta);
                self.followers.push(slot);
            }
        }
    }

    /// Moves what follows the price; what has been reached fires.
    fn follow(&mut self, price: Amount) {
        let mut at = 0;
        while at < self.followers.len() {
            let slot = self.followers[at];
            let &Record { id, side, .. } = self.core.store.get(slot);
            let detail = self.core.store.detail_mut(slot);
            let is_better =
                detail.extreme == 0 || (side == Side::Sell && price > detail.extreme) || (side == Side::Buy && price < detail.extreme);
            if is_better {
                detail.extreme = price;
                detail.trigger = Market::trail(side, price, detail.trailing_delta.unwrap_or(0));
            }
            let fires = if side == Side::Sell { price <= detail.trigger } else { price >= detail.trigger };
            if fires {
                self.core.fired.push((slot, id));
                self.followers.remove(at);
            } else {
                at += 1;
            }
        }
    }
}

#[inline]
fn record_pays(rules: &Rules, side: Side) -> crate::Asset {
    rules.pays(side)
}

/// Returns the first order of a side that has one.
fn first(book: &FastBook, side: Side) -> u32 {
    let mut slot = 0;
    book.walk(side, &mut |order, _| {
        slot = order.id as u32;
        false
    });
    slot
}

impl Core {
    /// Returns the fee of what is received: against the account, rounded up; a rebate rounded down and no more than the venue has.
    #[inline]
    pub fn fee(&self, got: Amount, rate: i64, asset: crate::Asset) -> Amount {
        if rate >= 0 {
            return product(got, rate, Round::Up).unwrap_or(got).min(got);
        }
        let rebate = product(got, -rate, Round::Down).unwrap_or(0);
        -rebate.min(self.accounts.balance(0, asset).free)
    }

    /// Notes that an order is over without a trade, and tells it.
    pub fn expire(&mut self, slot: u32, state: State, act: Act, now: Micros, tell: &mut impl FnMut(Told<'_>)) {
        let record = self.store.get_mut(slot);
        record.state = state;
        record.updated = now;
        let list = record.list;
        self.report(slot, act, None, As::Itself, tell);
        self.touch(list);
    }

    /// Ends an order: what it holds is free, it is no longer open, and the oldest that is over may be forgotten.
    #[inline]
    pub fn finish(&mut self, slot: u32) {
        let record = self.store.get_mut(slot);
        record.place = Where::Done;
        let &mut Record { account, symbol, side, kind, locked, pays, .. } = record;
        record.locked = 0;
        let is_iceberg = record.has(mark::ICEBERG);
        let rest = record.quantity - record.filled - record.prevented;
        if locked > 0 {
            let balance = self.accounts.change(account, pays);
            balance.locked -= locked;
            balance.free += locked;
        }
        let is_algo = super::rules::is_contingent(kind);
        self.accounts.state_mut(account).counts.orders -= 1;
        let own = self.accounts.counts_mut(account, symbol);
        own.orders -= 1;
        own.buying -= if side == Side::Buy { rest } else { 0 };
        if is_algo | is_iceberg {
            let less = |counts: &mut super::accounts::Open| {
                counts.algos -= u32::from(is_algo);
                counts.icebergs -= u32::from(is_iceberg);
            };
            less(&mut self.accounts.state_mut(account).counts);
            less(self.accounts.counts_mut(account, symbol));
        }
        self.unlink(slot);
        self.bury(slot);
    }
}
