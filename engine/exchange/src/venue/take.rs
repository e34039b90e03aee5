//! Taking orders: into the account's books, into the order book, and what that sets off.

use super::Exchange;
use super::check::{Ready, fires_above};
use super::market::Market;
use super::rules::{is_contingent, is_limited};
use super::scale::Round;
use super::scene::Scene;
use super::store::{NONE, Record, Where, client_hash};
use crate::command::{Force, Kind, Side};
use crate::report::{Act, Order, Report, State};
use crate::text::Text;
use crate::{Account, Micros};
use bot4_engine::book::{self, Book, Incoming, MOST_TICKS, SelfTrade};

impl Exchange {
    /// Puts an order under its account: it holds what it needs, is counted and listed, and told unless it is `quiet`.
    pub(super) fn register(&mut self, now: Micros, ready: &Ready, list: u32, state: State) -> u32 {
        let core = &mut self.core;
        let asked = ready.asked;
        let id = core.next_order;
        core.next_order += 1;
        let pays = self.markets[usize::from(asked.symbol)].rules.pays(asked.side);
        let list_id = if list == NONE { -1 } else { core.lists.get(list).id as i64 };
        let order = Order {
            id,
            account: ready.account,
            asked,
            list: list_id,
            state,
            filled: 0,
            filled_quote: 0,
            prevented: 0,
            is_working: false,
            created: now,
            updated: now,
            working_since: 0,
            trigger: asked.stop_price.unwrap_or(0),
        };
        let slot = core.store.add(Record {
            order,
            ticks: ready.ticks,
            left: ready.lots,
            locked: ready.need,
            pays,
            place: if state == State::PendingNew { Where::Pending } else { Where::Book },
            hash: client_hash(ready.account, asked.symbol, &asked.client_id),
            before: NONE,
            after: NONE,
            list,
            amends: 0,
            follows: false,
            extreme: 0,
        });
        if ready.need > 0 {
            let balance = core.accounts.change(ready.account, pays);
            balance.free -= ready.need;
            balance.locked += ready.need;
        }
        let (algo, iceberg) = (u32::from(is_contingent(asked.kind)), u32::from(asked.iceberg.is_some_and(|quantity| quantity > 0)));
        let all = &mut core.accounts.state_mut(ready.account).counts;
        all.orders += 1;
        all.algos += algo;
        all.icebergs += iceberg;
        let own = core.accounts.counts_mut(ready.account, asked.symbol);
        own.orders += 1;
        own.algos += algo;
        own.icebergs += iceberg;
        if asked.side == Side::Buy {
            own.buying += asked.quantity.unwrap_or(0);
        }
        core.link(slot);
        slot
    }

    /// Takes an order that has passed all checks.
    pub(super) fn take(&mut self, now: Micros, ready: &Ready, tell: &mut impl FnMut(Report)) {
        let slot = self.register(now, ready, NONE, State::New);
        self.begin(now, slot, tell);
    }

    /// Tells an order as new, and sends it where it belongs: among the triggers, or into the book.
    pub(super) fn begin(&mut self, now: Micros, slot: u32, tell: &mut impl FnMut(Report)) {
        let record = self.core.store.get_mut(slot);
        record.order.state = State::New;
        record.order.updated = now;
        if !is_contingent(record.order.asked.kind) {
            self.work(now, slot, tell);
            return;
        }
        record.place = Where::Trigger;
        let asked = record.order.asked;
        let market = &mut self.markets[usize::from(asked.symbol)];
        let is_waiting = match asked.stop_price {
            Some(stop) => market.wait(slot, fires_above(asked.kind, asked.side), stop / market.scale.tick),
            None => {
                // It follows the price from the last trade on, where there was one.
                record.follows = true;
                record.extreme = market.tape.last;
                if let (Some(delta), true) = (asked.trailing_delta, record.extreme > 0) {
                    record.order.trigger = Market::trail(asked.side, record.extreme, delta);
                }
                market.follow(slot)
            }
        };
        self.core.report(slot, Act::New, None, Text::EMPTY, tell);
        if !is_waiting {
            self.give_up(now, slot, tell);
        }
    }

    /// Tells an order as working and sends it into the book.
    pub(super) fn work(&mut self, now: Micros, slot: u32, tell: &mut impl FnMut(Report)) {
        let record = self.core.store.get_mut(slot);
        record.place = Where::Book;
        record.order.is_working = true;
        record.order.working_since = now;
        record.order.updated = now;
        self.core.report(slot, Act::New, None, Text::EMPTY, tell);
        self.enter(now, slot, tell);
    }

    /// Sends an order into the book, within the prices at which it may trade now (Binance Spot, "Price Range Execution Rule").
    fn enter(&mut self, now: Micros, slot: u32, tell: &mut impl FnMut(Report)) {
        let record = self.core.store.get(slot);
        let account = record.order.account;
        let asked = record.order.asked;
        let (limit, left) = (record.ticks, record.left);
        let side = asked.side;
        let force = match (asked.kind, asked.force) {
            (Kind::LimitMaker, _) => book::Force::PostOnly,
            (_, Some(Force::Fok)) => book::Force::FillOrKill,
            (kind, Some(Force::Gtc) | None) if is_limited(kind) => book::Force::GoodTillCancelled,
            _ => book::Force::ImmediateOrCancel,
        };
        let end = if side == Side::Buy { MOST_TICKS } else { 1 };
        let market = &mut self.markets[usize::from(asked.symbol)];
        let order = Incoming {
            id: u64::from(slot),
            account,
            group: self.core.accounts.state(account).group,
            side,
            ticks: if limit > 0 { limit } else { end },
            lots: left,
            peak: asked.iceberg.unwrap_or(0) / market.scale.lot,
            force,
            self_trade: asked.self_trade.unwrap_or(SelfTrade::Allow),
        };
        let (low, high) = if market.rules.range.is_some() { market.range(side, now) } else { (1, MOST_TICKS) };
        let best = market.book.best(side.opposite()).filter(|&best| side.reaches(order.ticks, best));
        let Some(best) = best.filter(|_| low > 1 || high < MOST_TICKS) else {
            self.submit(now, &order, false, tell);
            return;
        };
        let bound = if side == Side::Buy { order.ticks.min(high) } else { order.ticks.max(low) };
        if best < low || best > high {
            self.give_up(now, slot, tell);
        } else if bound == order.ticks {
            self.submit(now, &order, false, tell);
        } else {
            let force = if force == book::Force::FillOrKill { force } else { book::Force::ImmediateOrCancel };
            let holds = force != book::Force::FillOrKill;
            let left = self.submit(now, &Incoming { ticks: bound, force, peak: 0, ..order }, holds, tell);
            let market = &self.markets[usize::from(asked.symbol)];
            let reaches = market.book.best(side.opposite()).is_some_and(|best| side.reaches(order.ticks, best));
            if left > 0 && (reaches || order.force == book::Force::ImmediateOrCancel) {
                self.give_up(now, slot, tell);
            } else if left > 0 {
                self.submit(now, &Incoming { lots: left, peak: order.peak.min(left), ..order }, false, tell);
            }
        }
    }

    /// Ends an order that may not trade where it would have to.
    fn give_up(&mut self, now: Micros, slot: u32, tell: &mut impl FnMut(Report)) {
        self.core.expire(slot, State::Expired, Act::Expired, now, tell);
        self.core.finish(slot);
    }

    /// Lets the book match an order; returns the lots that found nobody, where `holds` keeps them.
    fn submit(&mut self, now: Micros, order: &Incoming, holds: bool, tell: &mut impl FnMut(Report)) -> i64 {
        let symbol = self.core.store.get(order.id as u32).order.asked.symbol;
        let Market { rules, scale, book, above, below, followers, tape, update, .. } = &mut self.markets[usize::from(symbol)];
        let mut scene = Scene {
            core: &mut self.core,
            tape,
            rules,
            scale: *scale,
            above,
            below,
            followers,
            update,
            symbol,
            now,
            side: order.side,
            at: None,
            holds,
            held: 0,
            tell,
        };
        book.submit(order, &mut |event| scene.hear(event));
        if let Some(at) = scene.at {
            scene.level(order.side.opposite(), at, book.shown(order.side.opposite(), at));
        }
        if book.left(order.id).is_some() {
            scene.level(order.side, order.ticks, book.shown(order.side, order.ticks));
        }
        scene.held
    }

    /// Lets what has been set off happen, until nothing is left: first the lists whose orders have changed, then one order at a time.
    pub(super) fn settle(&mut self, now: Micros, tell: &mut impl FnMut(Report)) {
        let mut next = 0;
        loop {
            if let Some(list) = self.core.touched.pop() {
                self.settle_list(now, list, tell);
            } else if let Some(&(slot, id)) = self.core.fired.get(next) {
                next += 1;
                self.fire(now, slot, id, tell);
            } else {
                self.core.fired.clear();
                return;
            }
        }
    }

    /// Lets a contingent order go into the book; its partner expires first.
    fn fire(&mut self, now: Micros, slot: u32, id: u64, tell: &mut impl FnMut(Report)) {
        let record = *self.core.store.get(slot);
        if record.order.id != id || record.place != Where::Trigger {
            return;
        }
        // It stands nowhere now; whatever ends it need not look for it.
        self.core.store.get_mut(slot).place = Where::Pending;
        self.expire_partner(now, slot, tell);
        let record = *self.core.store.get(slot);
        let asked = record.order.asked;
        let ready = Ready { account: record.order.account, asked, ticks: record.ticks, lots: record.left, need: 0 };
        let market = &self.markets[usize::from(asked.symbol)];
        let (side, scale) = (asked.side, market.scale);
        let need = match (asked.kind, side) {
            (Kind::StopLoss | Kind::TakeProfit, Side::Buy) => Some(self.walk(market, now, &ready, record.left, None).quote),
            (_, Side::Buy) => scale.quote(record.ticks, record.left, Round::Up),
            (_, Side::Sell) => Some(scale.base(record.left)),
        };
        let more = need.map(|need| need - record.locked);
        let free = self.core.accounts.balance(record.order.account, record.pays).free;
        match more {
            Some(more) if more <= free => {
                self.hold(slot, more);
                self.work(now, slot, tell);
            }
            _ => self.give_up(now, slot, tell),
        }
    }

    /// Lets an order hold more of what it pays with, or less.
    pub(super) fn hold(&mut self, slot: u32, more: i64) {
        let record = self.core.store.get_mut(slot);
        record.locked += more;
        let (account, pays): (Account, _) = (record.order.account, record.pays);
        if more != 0 {
            let balance = self.core.accounts.change(account, pays);
            balance.free -= more;
            balance.locked += more;
        }
    }
}
