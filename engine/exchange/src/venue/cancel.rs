//! Withdrawing and changing orders: cancel, cancel all, cancel a list, cancel-replace, amend.

use super::Exchange;
use super::past::Amendment;
use super::store::{NONE, Where};
use super::told::{As, Told};
use crate::command::{Cancel, Key, NewOrder, Only, Status};
use crate::profile::refusal::Why;
use crate::report::{Act, State};
use crate::text::Text;
use crate::{Account, Amount, Micros, Symbol};
use bot4_engine::book::Book;

impl Exchange {
    /// Returns the place of an order that is known, open or over.
    #[inline(always)]
    pub(super) fn find(&self, account: Account, symbol: Symbol, key: &Key) -> Option<u32> {
        let store = &self.core.store;
        let is_own = |slot: &u32| {
            let record = store.get(*slot);
            record.account == account && record.symbol == symbol
        };
        match key {
            Key::Order(id) => store.find_id(*id).filter(is_own),
            Key::Client(text) => store.find_client(account, symbol, text),
            Key::Both(id, text) => store.find_id(*id).filter(is_own).filter(|&slot| store.seen(slot).client_id() == *text),
        }
    }

    #[inline(always)]
    fn find_open(&self, account: Account, symbol: Symbol, key: &Key) -> Result<u32, Why> {
        if usize::from(symbol) >= self.markets.len() {
            return Err(Why::BadSymbol);
        }
        if !self.core.has(account) || account == 0 {
            return Err(Why::NoAccount);
        }
        if self.core.accounts.state(account).is_disabled {
            return Err(Why::AccountDisabled);
        }
        self.find(account, symbol, key).filter(|&slot| self.core.store.get(slot).place != Where::Done).ok_or(Why::UnknownOrder)
    }

    /// Withdraws an order, and with it the list it belongs to; tells whether it did.
    #[inline]
    pub(super) fn cancel(&mut self, now: Micros, account: Account, asked: &Cancel, tell: &mut impl FnMut(Told<'_>)) -> bool {
        let found = self.find_open(account, asked.symbol, &asked.key).and_then(|slot| {
            let state = self.core.store.get(slot).state;
            let may = match asked.only {
                None => true,
                Some(Only::New) => state == State::New,
                Some(Only::PartlyFilled) => state == State::PartlyFilled,
            };
            if may { Ok(slot) } else { Err(Why::CancelRestricted) }
        });
        match found {
            Err(why) => {
                self.refuse(why, tell);
                false
            }
            Ok(slot) => {
                let list = self.core.store.get(slot).list;
                if list == NONE {
                    self.withdraw(now, slot, &asked.client_id, tell);
                } else {
                    self.cancel_orders_of(now, list, &asked.client_id, tell);
                }
                true
            }
        }
    }

    /// Withdraws one open order; the report carries the name of the cancel.
    #[inline(never)]
    pub(super) fn cancel_order(&mut self, now: Micros, slot: u32, name: &Text, tell: &mut impl FnMut(Told<'_>)) {
        self.withdraw(now, slot, name, tell);
    }

    /// As `cancel_order`, for the one place that is in a hurry.
    #[inline(always)]
    fn withdraw(&mut self, now: Micros, slot: u32, name: &Text, tell: &mut impl FnMut(Told<'_>)) {
        self.remove(slot, tell);
        let record = self.core.store.get_mut(slot);
        record.state = State::Canceled;
        record.updated = now;
        self.core.report(slot, Act::Canceled, None, As::Canceled(name), tell);
        self.core.finish(slot);
    }

    /// Withdraws every open order of an account in a symbol, oldest first.
    pub(super) fn cancel_all(&mut self, now: Micros, account: Account, symbol: Symbol, tell: &mut impl FnMut(Told<'_>)) {
        if usize::from(symbol) >= self.markets.len() || !self.core.has(account) || account == 0 {
            let why = if usize::from(symbol) >= self.markets.len() { Why::BadSymbol } else { Why::NoAccount };
            self.refuse(why, tell);
            return;
        }
        if self.core.accounts.counts(account, symbol).orders == 0 {
            self.refuse(Why::UnknownOrder, tell);
            return;
        }
        let mut slot = self.core.accounts.state(account).open.0;
        while slot != NONE {
            let record = self.core.store.get(slot);
            let (next, list, is_of) = (record.after, record.list, record.symbol == symbol);
            if !is_of {
                slot = next;
            } else if list == NONE {
                self.cancel_order(now, slot, &Text::EMPTY, tell);
                slot = next;
            } else {
                self.cancel_orders_of(now, list, &Text::EMPTY, tell);
                self.settle(now, tell);
                // Neighbours may have gone with the list.
                slot = self.core.accounts.state(account).open.0;
            }
        }
    }

    /// Withdraws a list.
    pub(super) fn cancel_list(&mut self, now: Micros, account: Account, symbol: Symbol, key: &Key, tell: &mut impl FnMut(Told<'_>)) {
        let lists = &self.core.lists;
        let place = match key {
            Key::Order(id) => lists.find_id(*id),
            Key::Client(text) => lists.find_client(account, text),
            Key::Both(id, text) => lists.find_id(*id).filter(|&place| lists.get(place).client_id == *text),
        };
        let is_open = |&place: &u32| {
            let list = lists.get(place);
            list.account == account && list.symbol == symbol && list.state != crate::report::ListState::AllDone
        };
        match place.filter(is_open) {
            None => self.refuse(Why::UnknownOrder, tell),
            Some(place) => self.cancel_orders_of(now, place, &Text::EMPTY, tell),
        }
    }

    /// Withdraws an order and takes another; with `anyway` also where there was nothing to withdraw.
    pub(super) fn replace(
        &mut self,
        now: Micros,
        account: Account,
        cancel: &Cancel,
        asked: &NewOrder,
        anyway: bool,
        tell: &mut impl FnMut(Told<'_>),
    ) {
        if self.markets.get(usize::from(asked.symbol)).is_some_and(|market| !market.rules.allowed.cancel_replace) {
            self.refuse(Why::NoCancelReplace, tell);
            return;
        }
        if self.cancel(now, account, cancel, tell) || anyway {
            self.place(now, account, asked, tell);
        }
    }

    /// Leaves an order less quantity at its place in the queue (Binance Spot, "Order Amend Keep Priority").
    pub(super) fn amend(
        &mut self,
        now: Micros,
        account: Account,
        symbol: Symbol,
        key: &Key,
        quantity: Amount,
        name: Text,
        tell: &mut impl FnMut(Told<'_>),
    ) {
        match self.check_amend(account, symbol, key, quantity, name) {
            Err(why) => self.refuse(why, tell),
            Ok(slot) => {
                let list = self.core.store.get(slot).list;
                let old = self.core.store.get(slot).quantity;
                let partner = self.partner(slot);
                self.amend_order(now, slot, quantity, Some(name), tell);
                if let Some(partner) = partner.filter(|_| old != quantity) {
                    self.amend_order(now, partner, quantity, None, tell);
                }
                if list != NONE {
                    self.tell_list_updated(list, tell);
                }
            }
        }
    }

    fn check_amend(&self, account: Account, symbol: Symbol, key: &Key, quantity: Amount, name: Text) -> Result<u32, Why> {
        let slot = self.find_open(account, symbol, key)?;
        let market = &self.markets[usize::from(symbol)];
        let (rules, record, detail) = (&market.rules, self.core.store.get(slot), self.core.store.detail(slot));
        let left = quantity.saturating_sub(record.filled).saturating_sub(record.prevented);
        let old = record.quantity;
        let older = self.core.store.find_client(account, symbol, &name).filter(|&other| other != slot);
        let lots = &rules.lots;
        let worth = super::scale::product(record.price, quantity, super::scale::Round::Down).unwrap_or(0);
        let least = rules.worth.filter(|_| record.price > 0).map_or(0, |(worth, _)| worth.least);
        let parts = detail.iceberg.filter(|&shown| shown > quantity);
        let is_held = !self.core.accounts.state(account).is_exempt;
        let checks = [
            (market.status != Status::Trading, Why::MarketClosed),
            (!rules.allowed.amend, Why::NoAmend),
            (is_held && detail.amends >= rules.amends, Why::MaxNumOrderAmends),
            (quantity > old, Why::AmendIncrease),
            (quantity == old || left <= 0, Why::AmendNothing),
            (quantity < lots.least || quantity % lots.step != 0 || quantity % market.scale.lot != 0, Why::LotSize),
            (
                is_held && worth < least,
                if rules.worth.is_some_and(|(_, by_notional)| by_notional) { Why::Notional } else { Why::MinNotional },
            ),
            (parts.is_some_and(|shown| shown % lots.step != 0), Why::LotSize),
            (!name.is_empty() && older.is_some_and(|other| self.core.store.get(other).place != Where::Done), Why::DuplicateOrder),
        ];
        checks.into_iter().find(|(is_broken, _)| *is_broken).map_or(Ok(slot), |(_, why)| Err(why))
    }

    /// Returns the other open leg of an order's pair.
    fn partner(&self, slot: u32) -> Option<u32> {
        let place = self.core.store.get(slot).list;
        let list = (place != NONE).then(|| self.core.lists.get(place))?;
        let pair = match list.form {
            super::lists::Form::Oco => [0, 1],
            super::lists::Form::Otoco => [1, 2],
            super::lists::Form::Oto => return None,
        };
        let slots = pair.map(|at| list.legs[at].0);
        let other = if slots[0] == slot {
            slots[1]
        } else if slots[1] == slot {
            slots[0]
        } else {
            return None;
        };
        (self.core.store.get(other).place != Where::Done).then_some(other)
    }

    /// Leaves one order a quantity; `name` is the new client id, empty for the venue's, none to keep it.
    fn amend_order(&mut self, now: Micros, slot: u32, quantity: Amount, name: Option<Text>, tell: &mut impl FnMut(Told<'_>)) {
        let original = self.core.store.seen(slot).client_id();
        let detail = self.core.store.detail_mut(slot);
        detail.iceberg = detail.iceberg.map(|shown| shown.min(quantity));
        detail.amends += 1;
        let record = self.core.store.get_mut(slot);
        let symbol = record.symbol;
        let market = &mut self.markets[usize::from(symbol)];
        let less = record.quantity - quantity;
        record.left = (quantity - record.filled - record.prevented) / market.scale.lot;
        record.quantity = quantity;
        record.updated = now;
        let (left, ticks, account, side) = (record.left, record.ticks, record.account, record.side);
        if side == crate::command::Side::Buy {
            self.core.accounts.counts_mut(account, symbol).buying -= less;
        }
        self.release(slot);
        if let Some(name) = name {
            let name = if name.is_empty() { Text::of_number(self.core.execution ^ 1 << 60) } else { name };
            self.core.store.rename(slot, name);
        }
        self.core.report(slot, Act::Replaced, None, As::Renamed(&original), tell);
        let (order, client_id) = (self.core.store.get(slot).id, self.core.store.seen(slot).client_id());
        let (before, execution) = (quantity + less, self.core.execution);
        let what = Amendment { symbol, order, execution, original, client_id, before, after: quantity, time: now };
        self.core.past.amended(account, what);
        let market = &mut self.markets[usize::from(symbol)];
        if self.core.store.get(slot).place == Where::Book {
            market.book.amend(u64::from(slot), left, &mut |_| {});
            market.update += 1;
            let quantity = market.scale.base(market.book.shown(side, ticks));
            tell(Told::Level { symbol, side, price: market.scale.price(ticks), quantity });
        }
    }

    /// Frees what an order, or its pair, no longer needs.
    fn release(&mut self, slot: u32) {
        let record = *self.core.store.get(slot);
        if record.locked == 0 {
            return;
        }
        let partner = self.partner(slot).map(|other| *self.core.store.get(other));
        let scale = self.markets[usize::from(record.symbol)].scale;
        let quantity = record.left;
        let need = |ticks: i64| match record.side {
            crate::command::Side::Sell => scale.base(quantity),
            crate::command::Side::Buy if ticks == 0 => 0,
            crate::command::Side::Buy => scale.quote(ticks, quantity, super::scale::Round::Up).unwrap_or(record.locked),
        };
        let needs = need(record.ticks).max(partner.map_or(0, |other| need(other.ticks)));
        self.hold(slot, needs.min(record.locked) - record.locked);
    }
}
