//! Taking orders: into the account's books, into the order book, and what that sets off.

use super::Exchange;
use super::check::{Ready, fires_above};
use super::market::Market;
use super::rules::{is_contingent, is_limited};
use super::scale::Round;
use super::scene::Scene;
use super::store::{Detail, NONE, Record, Where, mark};
use super::told::{As, Told};
use crate::command::{Force, Kind, NewOrder, Side};
use crate::report::{Act, State};
use crate::{Micros, Symbol};
use bot4_engine::book::{self, Book, Incoming, MOST_TICKS};

impl Exchange {
    /// Puts an order under its account: it holds what it needs, is counted and listed. `kind` is its type, `has_details` whether it has
    /// what few orders have: who knows them says so, and what does not apply is left out.
    #[inline(always)]
    pub(super) fn register(&mut self, now: Micros, ready: &Ready<'_>, kind: Kind, has_details: bool, list: u32, state: State) -> u32 {
        let core = &mut self.core;
        let asked = ready.asked;
        let id = core.next_order;
        core.next_order += 1;
        let pays = self.markets[usize::from(asked.symbol)].rules.pays(asked.side);
        let iceberg = u32::from(has_details && asked.iceberg.is_some_and(|quantity| quantity > 0));
        let record = Record {
            id,
            ticks: ready.ticks,
            left: ready.lots,
            locked: ready.need,
            filled: 0,
            filled_quote: 0,
            account: ready.account,
            list,
            symbol: asked.symbol,
            side: asked.side,
            kind,
            force: asked.force,
            state,
            place: if state == State::PendingNew { Where::Pending } else { Where::Book },
            marks: if iceberg > 0 { mark::ICEBERG } else { 0 },
            updated: now,
            quantity: ready.quantity,
            price: asked.price.unwrap_or(0),
            prevented: 0,
            created: now,
            working_since: 0,
            before: NONE,
            after: NONE,
            pays,
            self_trade: ready.self_trade,
        };
        let slot = core.store.add(record, &asked.client_id);
        if list != NONE || has_details {
            *core.store.detail_mut(slot) = Detail {
                quote_quantity: asked.quote_quantity,
                stop_price: asked.stop_price,
                trailing_delta: asked.trailing_delta,
                iceberg: asked.iceberg,
                strategy_id: asked.strategy_id,
                strategy_type: asked.strategy_type,
                list: if list == NONE { -1 } else { core.lists.get(list).id as i64 },
                trigger: asked.stop_price.unwrap_or(0),
                ..Detail::NONE
            };
        }
        if ready.need > 0 {
            let balance = core.accounts.change(ready.account, pays);
            balance.free -= ready.need;
            balance.locked += ready.need;
        }
        let algo = u32::from(is_contingent(kind));
        let all = &mut core.accounts.state_mut(ready.account).counts;
        all.orders += 1;
        if has_details {
            all.algos += algo;
            all.icebergs += iceberg;
        }
        let own = core.accounts.counts_mut(ready.account, asked.symbol);
        own.orders += 1;
        if has_details {
            own.algos += algo;
            own.icebergs += iceberg;
        }
        if asked.side == Side::Buy {
            own.buying += ready.quantity;
        }
        core.link(slot);
        slot
    }

    /// Takes an order that has passed all checks.
    pub(super) fn take(&mut self, now: Micros, ready: &Ready<'_>, tell: &mut impl FnMut(Told<'_>)) {
        let slot = self.register(now, ready, ready.asked.kind, has_details(ready.asked), NONE, State::New);
        self.begin(now, slot, tell);
    }

    /// Tells an order as new, and sends it where it belongs: among the triggers, or into the book.
    pub(super) fn begin(&mut self, now: Micros, slot: u32, tell: &mut impl FnMut(Told<'_>)) {
        let record = self.core.store.get_mut(slot);
        record.state = State::New;
        record.updated = now;
        if !is_contingent(record.kind) {
            self.work(now, slot, tell);
            return;
        }
        record.place = Where::Trigger;
        let &mut Record { symbol, kind, side, .. } = record;
        let market = &mut self.markets[usize::from(symbol)];
        let is_waiting = match self.core.store.detail(slot).stop_price {
            Some(stop) => market.wait(slot, fires_above(kind, side), stop / market.scale.tick),
            None => {
                // It follows the price from the last trade on, where there was one.
                let detail = self.core.store.detail_mut(slot);
                detail.extreme = market.tape.last;
                if let (Some(delta), true) = (detail.trailing_delta, detail.extreme > 0) {
                    detail.trigger = Market::trail(side, detail.extreme, delta);
                }
                market.follow(slot)
            }
        };
        self.core.report(slot, Act::New, None, As::Itself, tell);
        if !is_waiting {
            self.give_up(now, slot, tell);
        }
    }

    /// Tells an order as working and sends it into the book.
    pub(super) fn work(&mut self, now: Micros, slot: u32, tell: &mut impl FnMut(Told<'_>)) {
        let record = self.core.store.get_mut(slot);
        record.place = Where::Book;
        record.marks |= mark::WORKING;
        record.working_since = now;
        record.updated = now;
        self.core.report(slot, Act::New, None, As::Itself, tell);
        self.enter(now, slot, tell);
    }

    /// Sends an order into the book, within the prices at which it may trade now (Binance Spot, "Price Range Execution Rule").
    fn enter(&mut self, now: Micros, slot: u32, tell: &mut impl FnMut(Told<'_>)) {
        let &Record { account, symbol, side, kind, ticks: limit, left, self_trade, .. } = self.core.store.get(slot);
        let record = self.core.store.get(slot);
        let force = match (kind, record.force) {
            (Kind::LimitMaker, _) => book::Force::PostOnly,
            (_, Some(Force::Fok)) => book::Force::FillOrKill,
            (kind, Some(Force::Gtc) | None) if is_limited(kind) => book::Force::GoodTillCancelled,
            _ => book::Force::ImmediateOrCancel,
        };
        let shown = if record.has(mark::ICEBERG) { self.core.store.detail(slot).iceberg.unwrap_or(0) } else { 0 };
        let end = if side == Side::Buy { MOST_TICKS } else { 1 };
        let market = &mut self.markets[usize::from(symbol)];
        let order = Incoming {
            id: u64::from(slot),
            account,
            group: self.core.accounts.state(account).group,
            side,
            ticks: if limit > 0 { limit } else { end },
            lots: left,
            peak: if shown > 0 { shown / market.scale.lot } else { 0 },
            force,
            self_trade,
        };
        let (low, high) = if market.rules.range.is_some() { market.range(side, now) } else { (1, MOST_TICKS) };
        let best = market.book.best(side.opposite()).filter(|&best| side.reaches(order.ticks, best));
        let Some(best) = best.filter(|_| low > 1 || high < MOST_TICKS) else {
            self.submit(now, symbol, &order, false, tell);
            return;
        };
        let bound = if side == Side::Buy { order.ticks.min(high) } else { order.ticks.max(low) };
        if best < low || best > high {
            self.give_up(now, slot, tell);
        } else if bound == order.ticks {
            self.submit(now, symbol, &order, false, tell);
        } else {
            let force = if force == book::Force::FillOrKill { force } else { book::Force::ImmediateOrCancel };
            let holds = force != book::Force::FillOrKill;
            let left = self.submit(now, symbol, &Incoming { ticks: bound, force, peak: 0, ..order }, holds, tell);
            let market = &self.markets[usize::from(symbol)];
            let reaches = market.book.best(side.opposite()).is_some_and(|best| side.reaches(order.ticks, best));
            if left > 0 && (reaches || order.force == book::Force::ImmediateOrCancel) {
                self.give_up(now, slot, tell);
            } else if left > 0 {
                self.submit(now, symbol, &Incoming { lots: left, peak: order.peak.min(left), ..order }, false, tell);
            }
        }
    }

    /// Ends an order that may not trade where it would have to.
    fn give_up(&mut self, now: Micros, slot: u32, tell: &mut impl FnMut(Told<'_>)) {
        self.core.expire(slot, State::Expired, Act::Expired, now, tell);
        self.core.finish(slot);
    }

    /// As `match_order`, once for all who are in no hurry.
    #[inline(never)]
    fn submit(&mut self, now: Micros, symbol: Symbol, order: &Incoming, holds: bool, tell: &mut impl FnMut(Told<'_>)) -> i64 {
        self.match_order(now, symbol, order, holds, tell)
    }

    /// Lets the book match an order; returns the lots that found nobody, where `holds` keeps them.
    #[inline(always)]
    pub(super) fn match_order(
        &mut self,
        now: Micros,
        symbol: Symbol,
        order: &Incoming,
        holds: bool,
        tell: &mut impl FnMut(Told<'_>),
    ) -> i64 {
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
            id: order.id,
            side: order.side,
            at: None,
            rests: false,
            holds,
            held: 0,
            tell,
        };
        book.submit(order, &mut |event| scene.hear(event));
        if let Some(at) = scene.at {
            scene.level(order.side.opposite(), at, book.shown(order.side.opposite(), at));
        }
        if scene.rests {
            scene.level(order.side, order.ticks, book.shown(order.side, order.ticks));
        }
        scene.held
    }

    /// Lets what has been set off happen, until nothing is left: first the lists whose orders have changed, then one order at a time.
    pub(super) fn settle(&mut self, now: Micros, tell: &mut impl FnMut(Told<'_>)) {
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
    fn fire(&mut self, now: Micros, slot: u32, id: u64, tell: &mut impl FnMut(Told<'_>)) {
        let record = self.core.store.get(slot);
        if record.id != id || record.place != Where::Trigger {
            return;
        }
        // It stands nowhere now; whatever ends it need not look for it.
        self.core.store.get_mut(slot).place = Where::Pending;
        self.expire_partner(now, slot, tell);
        let record = *self.core.store.get(slot);
        let order = self.core.store.seen(slot).order();
        let ready = self.again(slot, &order);
        let market = &self.markets[usize::from(record.symbol)];
        let (side, scale) = (record.side, market.scale);
        let need = match (record.kind, side) {
            (Kind::StopLoss | Kind::TakeProfit, Side::Buy) => Some(self.walk(market, now, &ready, record.left, None).quote),
            (_, Side::Buy) => scale.quote(record.ticks, record.left, Round::Up),
            (_, Side::Sell) => Some(scale.base(record.left)),
        };
        let more = need.map(|need| need - record.locked);
        let free = self.core.accounts.balance(record.account, record.pays).free;
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
        let (account, pays) = (record.account, record.pays);
        if more != 0 {
            let balance = self.core.accounts.change(account, pays);
            balance.free -= more;
            balance.locked += more;
        }
    }
}

/// Tells whether an order has what few have.
#[inline]
pub(super) fn has_details(asked: &NewOrder) -> bool {
    asked.quote_quantity.is_some()
        | asked.stop_price.is_some()
        | asked.trailing_delta.is_some()
        | asked.iceberg.is_some()
        | asked.strategy_id.is_some()
        | asked.strategy_type.is_some()
}
