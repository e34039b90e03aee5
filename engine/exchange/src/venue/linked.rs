//! Order lists: OCO, OTO, OTOCO (Binance Spot, "Order lists").
//!
//! Both legs of an OCO hold the means of one order: the dearer of the two, kept by the leg that stands in the book, or else by the one at
//! the higher price. A leg that trades, fires, loses quantity to
//! self-trade prevention or ends makes the other expire before anything else happens, so both can never trade.
//! What waits for a working order holds nothing; when that order is filled it is checked as a new one, and rejected where it fails.

use super::Exchange;
use super::check::Ready;
use super::lists::{Form, List};
use super::market::Market;
use super::store::{NONE, Record, Where, own_name};
use super::told::{As, Told};
use crate::command::{Kind, NewList, NewOrder, Shape, Side};
use crate::profile::refusal::Why;
use crate::report::{Act, ListState, Order, State};
use crate::text::Text;
use crate::{Account, Micros};
use bot4_engine::book::Book;

/// Checks that two orders can be an OCO: the one at the higher price, then the one at the lower.
fn check_pair(above: &NewOrder, below: &NewOrder) -> Result<(), Why> {
    if above.side != below.side || above.quantity != below.quantity || above.symbol != below.symbol {
        return Err(Why::UnsupportedCombination);
    }
    let is_buy = above.side == Side::Buy;
    let is_stop = |order: &NewOrder| matches!(order.kind, Kind::StopLoss | Kind::StopLossLimit);
    let is_take = |order: &NewOrder| matches!(order.kind, Kind::TakeProfit | Kind::TakeProfitLimit);
    let is_limit = |order: &NewOrder| order.kind == Kind::LimitMaker;
    let checks = [
        ([above, below].iter().any(|order| matches!(order.kind, Kind::Market | Kind::Limit)), Why::OcoType),
        (is_limit(above) && is_limit(below), Why::OcoBothLimit),
        (is_buy && is_limit(above), Why::BuyOcoLimit),
        (!is_buy && is_limit(below), Why::SellOcoLimit),
        (is_buy && is_stop(below), Why::BuyOcoStop),
        (!is_buy && is_stop(above), Why::SellOcoStop),
        (is_buy && is_take(above), Why::BuyOcoTake),
        (!is_buy && is_take(below), Why::SellOcoTake),
    ];
    if let Some((_, why)) = checks.into_iter().find(|(is_broken, _)| *is_broken) {
        return Err(why);
    }
    let at = |order: &NewOrder| if is_limit(order) { order.price } else { order.stop_price };
    match (at(above), at(below)) {
        (Some(high), Some(low)) if high <= low => Err(Why::PriceRelation),
        _ => Ok(()),
    }
}

impl Exchange {
    pub(super) fn place_list(&mut self, now: Micros, account: Account, asked: &NewList, tell: &mut impl FnMut(Told<'_>)) {
        match self.check_list(now, account, asked) {
            Err(why) => self.refuse(why, tell),
            Ok((form, mut legs, count)) => {
                let pair = if form == Form::Oco { Some(0) } else { None };
                if let Some(at) = pair {
                    share(&mut legs, at);
                }
                self.take_list(now, account, asked.client_id, form, &legs[..count], tell);
            }
        }
    }

    #[allow(clippy::type_complexity, reason = "three things that are used at one place")]
    fn check_list<'a>(&mut self, now: Micros, account: Account, asked: &'a NewList) -> Result<(Form, [Ready<'a>; 3], usize), Why> {
        let (form, orders, count) = match &asked.shape {
            Shape::OneCancelsOther(above, below) => (Form::Oco, [above, below, below], 2),
            Shape::OneTriggersOther(working, pending) => (Form::Oto, [working, pending, pending], 2),
            Shape::OneTriggersOco(working, above, below) => (Form::Otoco, [working, above, below], 3),
        };
        let market = self.markets.get(usize::from(orders[0].symbol)).ok_or(Why::BadSymbol)?;
        let allowed = market.rules.allowed;
        if !(if form == Form::Oto { allowed.oto } else { allowed.oco && (form == Form::Oco || allowed.oto) }) {
            return Err(if form == Form::Oco { Why::NoOco } else { Why::NoOto });
        }
        let most = market.rules.counts;
        match form {
            Form::Oco => check_pair(orders[0], orders[1])?,
            Form::Otoco => check_pair(orders[1], orders[2])?,
            Form::Oto => {}
        }
        if form != Form::Oco && !matches!(orders[0].kind, Kind::Limit | Kind::LimitMaker) {
            return Err(Why::UnsupportedCombination);
        }
        if orders[..count].iter().any(|order| order.symbol != orders[0].symbol || order.quote_quantity.is_some()) {
            return Err(Why::UnsupportedCombination);
        }
        let first = self.check_form(now, account, orders[0])?;
        let mut legs = [first; 3];
        for at in 1..count {
            legs[at] = self.check_form(now, account, orders[at])?;
        }
        let name = |at: usize| {
            let given = orders[at].client_id;
            if given.is_empty() { own_name(self.core.next_order + at as u64) } else { given }
        };
        let is_twice = |one: usize, other: usize| name(one) == name(other);
        if is_twice(0, 1) || (count == 3 && (is_twice(0, 2) || is_twice(1, 2))) {
            return Err(Why::DuplicateOrder);
        }
        self.check_list_counts(account, &orders[..count], &most)?;
        if self
            .core
            .lists
            .find_client(account, &asked.client_id)
            .is_some_and(|place| self.core.lists.get(place).state != ListState::AllDone)
        {
            return Err(Why::DuplicateOrder);
        }
        let together = if form == Form::Oco { 2 } else { 1 };
        let mut need = 0;
        for leg in &mut legs[..together] {
            self.check_market(leg)?;
            self.need(now, leg)?;
            need = need.max(leg.need);
        }
        let pays = self.markets[usize::from(orders[0].symbol)].rules.pays(orders[0].side);
        if self.core.accounts.balance(account, pays).free < need {
            return Err(Why::InsufficientBalance);
        }
        Ok((form, legs, count))
    }

    /// Checks the counts for all orders of a list at once.
    fn check_list_counts(&self, account: Account, orders: &[&NewOrder], most: &super::rules::Counts) -> Result<(), Why> {
        let all = &self.core.accounts.state(account).counts;
        let own = self.core.accounts.counts(account, orders[0].symbol);
        let exchange = &self.core.counts;
        let count = orders.len() as u32;
        let algos = orders.iter().filter(|order| super::rules::is_contingent(order.kind)).count() as u32;
        let checks = [
            (own.lists >= most.lists, Why::MaxNumOrderLists),
            (all.lists >= exchange.lists, Why::ExchangeMaxNumOrderLists),
            (own.orders.saturating_add(count) > most.orders, Why::MaxNumOrders),
            (algos > 0 && own.algos.saturating_add(algos) > most.algos, Why::MaxNumAlgoOrders),
            (all.orders.saturating_add(count) > exchange.orders, Why::ExchangeMaxNumOrders),
            (algos > 0 && all.algos.saturating_add(algos) > exchange.algos, Why::ExchangeMaxNumAlgoOrders),
        ];
        checks.into_iter().find(|(is_broken, _)| *is_broken).map_or(Ok(()), |(_, why)| Err(why))
    }

    fn take_list(
        &mut self,
        now: Micros,
        account: Account,
        client_id: Text,
        form: Form,
        legs: &[Ready<'_>],
        tell: &mut impl FnMut(Told<'_>),
    ) {
        let symbol = legs[0].asked.symbol;
        let list = List {
            id: 0,
            account,
            symbol,
            client_id,
            form,
            legs: [(NONE, 0); 3],
            count: legs.len(),
            state: ListState::Executing,
            created: now,
            is_active: form == Form::Oco,
            is_split: false,
        };
        let Some(place) = self.core.lists.add(list) else {
            self.refuse(Why::Busy, tell);
            return;
        };
        self.core.accounts.state_mut(account).counts.lists += 1;
        self.core.accounts.counts_mut(account, symbol).lists += 1;
        let mut slots = [NONE; 3];
        for (at, leg) in legs.iter().enumerate() {
            let waits = form != Form::Oco && at > 0;
            let slot = self.register(now, leg, leg.asked.kind, true, place, if waits { State::PendingNew } else { State::New });
            slots[at] = slot;
            let id = self.core.store.get(slot).id;
            self.core.lists.items[place as usize].legs[at] = (slot, id);
        }
        self.tell_list(place, ListState::Executing, tell);
        for (at, &slot) in slots[..legs.len()].iter().enumerate() {
            let waits = form != Form::Oco && at > 0;
            if waits {
                self.core.report(slot, Act::New, None, As::Itself, tell);
            }
        }
        // Triggers before what goes into the book: a leg that trades at once finds its partner.
        let together = if form == Form::Oco { 2 } else { 1 };
        let mut order: [u32; 2] = [slots[0], slots[1]];
        if together == 2 && self.core.store.get(slots[0]).kind == Kind::LimitMaker {
            order.swap(0, 1);
        }
        for &slot in &order[..together] {
            self.begin(now, slot, tell);
        }
    }

    fn tell_list(&mut self, place: u32, state: ListState, tell: &mut impl FnMut(Told<'_>)) {
        let list = &mut self.core.lists.items[place as usize];
        if state != ListState::Updated {
            list.state = state;
        }
        tell(Told::List { account: list.account, list: list.id, client_id: &list.client_id, symbol: list.symbol, state });
    }

    /// Tells that an order of a list has another name.
    pub(super) fn tell_list_updated(&mut self, place: u32, tell: &mut impl FnMut(Told<'_>)) {
        self.tell_list(place, ListState::Updated, tell);
    }

    /// Returns the place of an order of a list, while it is open.
    fn open_leg(&self, list: &List, at: usize) -> Option<u32> {
        let (slot, id) = list.legs[at];
        let record = (slot != NONE).then(|| self.core.store.get(slot))?;
        (record.id == id && record.place != Where::Done).then_some(slot)
    }

    /// Lets a list go on after one of its orders has changed.
    pub(super) fn settle_list(&mut self, now: Micros, place: u32, tell: &mut impl FnMut(Told<'_>)) {
        let list = *self.core.lists.get(place);
        if list.state == ListState::AllDone {
            return;
        }
        let state_of = |at: usize| {
            let (slot, id) = list.legs[at];
            let record = self.core.store.get(slot);
            (record.id == id).then_some(record)
        };
        if list.form != Form::Oco && !list.is_active && self.open_leg(&list, 0).is_none() {
            let is_filled = state_of(0).is_some_and(|order| order.state == State::Filled);
            self.core.lists.items[place as usize].is_active = true;
            if is_filled {
                self.activate(now, &list, tell);
            } else {
                (1..list.count).filter_map(|at| self.open_leg(&list, at)).collect_pair().into_iter().flatten().for_each(|slot| {
                    self.end_order(now, slot, State::Expired, Act::Expired, tell);
                });
            }
        } else if list.form != Form::Oto && list.is_active && !list.is_split {
            let pair = if list.form == Form::Oco { [0, 1] } else { [1, 2] };
            for (one, other) in [(pair[0], pair[1]), (pair[1], pair[0])] {
                let has_moved = self.open_leg(&list, one).is_none_or(|slot| {
                    let order = self.core.store.get(slot);
                    order.filled > 0 || order.prevented > 0
                });
                if let (true, Some(slot)) = (has_moved, self.open_leg(&list, other)) {
                    self.core.lists.items[place as usize].is_split = true;
                    self.end_order(now, slot, State::Expired, Act::Expired, tell);
                    break;
                }
            }
        }
        if (0..list.count).all(|at| self.open_leg(&list, at).is_none()) && self.core.lists.get(place).state != ListState::AllDone {
            self.tell_list(place, ListState::AllDone, tell);
            self.core.accounts.state_mut(list.account).counts.lists -= 1;
            self.core.accounts.counts_mut(list.account, list.symbol).lists -= 1;
            self.core.lists.done.push_back(place);
        }
    }

    /// Sends what waited for a working order into the market; where one of it cannot go, none does.
    fn activate(&mut self, now: Micros, list: &List, tell: &mut impl FnMut(Told<'_>)) {
        let slots = (1..list.count).filter_map(|at| self.open_leg(list, at)).collect_pair();
        let Some(first) = slots[0] else { return };
        let orders = [first, slots[1].unwrap_or(first)].map(|slot| self.core.store.seen(slot).order());
        let [ready, other] = [(first, &orders[0]), (slots[1].unwrap_or(first), &orders[1])].map(|(slot, order)| self.again(slot, order));
        let mut legs = [ready, other, ready];
        let count = slots.iter().flatten().count();
        let mut why = None;
        let mut need = 0;
        for leg in &mut legs[..count] {
            why = why.or(self.check_market(leg).err());
            match self.need(now, leg) {
                Ok(_) => need = need.max(leg.need),
                Err(reason) => why = why.or(Some(reason)),
            }
        }
        let record = self.core.store.get(first);
        if self.core.accounts.balance(list.account, record.pays).free < need {
            why = why.or(Some(Why::InsufficientBalance));
        }
        if let Some(why) = why {
            for slot in slots.into_iter().flatten() {
                self.reject(now, slot, why, tell);
            }
            return;
        }
        if count == 2 {
            share(&mut legs, 0);
        }
        let mut order = [(slots[0], legs[0].need), (slots[1], legs[1].need)];
        if count == 2 && legs[0].asked.kind == Kind::LimitMaker {
            order.swap(0, 1);
        }
        for (slot, need) in order.into_iter().filter_map(|(slot, need)| slot.map(|slot| (slot, need))) {
            self.hold(slot, need);
            self.begin(now, slot, tell);
        }
    }

    /// Returns an order that was taken as it would be checked again.
    pub(super) fn again<'a>(&self, slot: u32, order: &'a Order) -> Ready<'a> {
        let &Record { account, self_trade, quantity, ticks, left: lots, .. } = self.core.store.get(slot);
        Ready { account, asked: &order.asked, self_trade, quantity, ticks, lots, need: 0 }
    }

    /// Rejects an order that waited.
    fn reject(&mut self, now: Micros, slot: u32, why: Why, tell: &mut impl FnMut(Told<'_>)) {
        let record = self.core.store.get_mut(slot);
        record.state = State::Rejected;
        record.updated = now;
        let list = record.list;
        self.core.execution += 1;
        let (why, execution) = (Some(self.core.codes.refused(why)), self.core.execution);
        tell(Told::Execution { act: Act::Rejected, order: self.core.store.seen(slot), fill: None, name: As::Itself, why, execution });
        self.core.finish(slot);
        self.core.touch(list);
    }

    /// Lets the other leg of an order's pair expire.
    pub(super) fn expire_partner(&mut self, now: Micros, slot: u32, tell: &mut impl FnMut(Told<'_>)) {
        let place = self.core.store.get(slot).list;
        if place == NONE {
            return;
        }
        let list = *self.core.lists.get(place);
        let pair: &[usize] = match list.form {
            Form::Oco => &[0, 1],
            Form::Otoco => &[1, 2],
            Form::Oto => &[],
        };
        for &at in pair {
            if let Some(other) = self.open_leg(&list, at).filter(|&other| other != slot) {
                self.core.lists.items[place as usize].is_split = true;
                self.end_order(now, other, State::Expired, Act::Expired, tell);
            }
        }
    }

    /// Ends an open order wherever it is.
    pub(super) fn end_order(&mut self, now: Micros, slot: u32, state: State, act: Act, tell: &mut impl FnMut(Told<'_>)) {
        self.remove(slot, tell);
        self.core.expire(slot, state, act, now, tell);
        self.core.finish(slot);
    }

    /// Takes an open order from where it stands.
    #[inline(always)]
    pub(super) fn remove(&mut self, slot: u32, tell: &mut impl FnMut(Told<'_>)) {
        let record = self.core.store.get(slot);
        let (place, symbol, side, ticks) = (record.place, record.symbol, record.side, record.ticks);
        let market: &mut Market = &mut self.markets[usize::from(symbol)];
        match place {
            Where::Book => {
                let shown = market.book.withdraw(u64::from(slot));
                market.update += 1;
                let quantity = market.scale.base(shown.unwrap_or_else(|| market.book.shown(side, ticks)));
                tell(Told::Level { symbol, side, price: market.scale.price(ticks), quantity });
            }
            Where::Trigger => market.forget(slot),
            Where::Pending | Where::Done => {}
        }
    }

    /// Cancels every open order of a list; tells whether there was one.
    pub(super) fn cancel_orders_of(&mut self, now: Micros, place: u32, name: &Text, tell: &mut impl FnMut(Told<'_>)) {
        let list = *self.core.lists.get(place);
        for at in 0..list.count {
            if let Some(slot) = self.open_leg(&list, at) {
                self.cancel_order(now, slot, name, tell);
            }
        }
        self.core.touch(place);
    }
}

/// Lets one leg of a pair hold what the dearer needs: the one that stands in the book, or else the first.
fn share(legs: &mut [Ready<'_>; 3], at: usize) {
    let need = legs[at].need.max(legs[at + 1].need);
    let holds_second = legs[at + 1].asked.kind == Kind::LimitMaker;
    legs[at].need = if holds_second { 0 } else { need };
    legs[at + 1].need = if holds_second { need } else { 0 };
}

/// Collects at most two.
trait CollectPair: Iterator<Item = u32> + Sized {
    fn collect_pair(mut self) -> [Option<u32>; 2] {
        [self.next(), self.next()]
    }
}

impl<I: Iterator<Item = u32>> CollectPair for I {}
