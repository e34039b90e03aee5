//! The way of a plain limit order through the checks: what a symbol's filters say of it, made once, compared in one pass.
//!
//! It only ever says yes. What it does not pass goes through `check.rs` in the order of the checks there, which finds the reason, or passes
//! it: an order with details, a symbol with a filter that is not here.

use super::Exchange;
use super::check::Ready;
use super::rules::{Band, Rules};
use super::scale::{Exact, Round, Scale};
use super::store::{NONE, Where, mark};
use super::take::has_details;
use super::told::{As, Told};
use crate::command::{Force, Kind, NewOrder, Side, Status};
use crate::profile::decimal::ONE;
use crate::report::{Act, State};
use crate::{Account, Amount, Micros};
use bot4_engine::book::{self, Incoming, MOST_TICKS};

/// What a plain limit order of a symbol must pass.
#[derive(Debug, Clone, Copy)]
pub struct Plain {
    /// Whether this is all it must pass.
    is_all: bool,
    tick: Exact,
    lot: Exact,
    price: (Amount, Amount),
    quantity: (Amount, Amount),
    /// Least and most of price × quantity, units of 1e-16.
    worth: (u128, u128),
    band: Option<Band>,
    /// Whether the band holds all within an eighth of the average and then some.
    is_wide: bool,
    most_orders: u32,
}

/// Returns a bound, where 0 is none.
fn bound(most: Amount) -> Amount {
    if most == 0 { Amount::MAX } else { most }
}

impl Plain {
    /// Passes nothing.
    pub const NONE: Self = Self {
        is_all: false,
        tick: Exact::ONE,
        lot: Exact::ONE,
        price: (1, 0),
        quantity: (1, 0),
        worth: (1, 0),
        band: None,
        is_wide: false,
        most_orders: 0,
    };

    /// Returns what a symbol's rules say; `most_of` is MAX_ASSET by asset.
    #[must_use]
    pub fn new(rules: &Rules, scale: &Scale, most_of: &[Amount]) -> Self {
        let [price_unit, base_unit, _] = rules.precision;
        let is_here = [
            rules.range.is_none(),
            rules.allowed.kinds[Kind::Limit as usize],
            rules.tick == scale.tick && rules.tick % price_unit == 0,
            rules.lots.step == scale.lot && rules.lots.step % base_unit == 0,
            rules.most_position == 0,
            most_of[usize::from(rules.base)] == 0 && most_of[usize::from(rules.quote)] == 0,
        ];
        let wide = |amount: Amount| amount.max(0) as u128 * ONE as u128;
        let (least, most) = rules.worth.map_or((0, 0), |(worth, _)| (worth.least, worth.most));
        Self {
            is_all: is_here.into_iter().all(|is_so| is_so),
            tick: Exact::new(scale.tick),
            lot: Exact::new(scale.lot),
            price: (rules.least_price.max(1), bound(rules.most_price).min(MOST_TICKS.saturating_mul(scale.tick))),
            quantity: (rules.lots.least.max(1), bound(rules.lots.most)),
            worth: (wide(least.max(1)), if most > 0 { wide(most) + ONE as u128 - 1 } else { wide(Amount::MAX) }),
            band: rules.band.map(|(band, _)| band),
            is_wide: rules.band.is_some_and(|(band, _)| {
                band.bid_up.min(band.ask_up) >= ONE + ONE / 4 && band.bid_down.max(band.ask_down) <= ONE - ONE / 4
            }),
            most_orders: rules.counts.orders,
        }
    }

    /// Returns ticks and lots of an order that passes all that depends on the symbol alone.
    #[inline]
    fn pass(&self, asked: &NewOrder) -> Option<(i64, i64, Amount, Amount)> {
        if !self.is_all || asked.kind != Kind::Limit || asked.force.is_none() || has_details(asked) {
            return None;
        }
        let (price, quantity) = (asked.price?, asked.quantity?);
        let (ticks, lots) = (self.tick.times(price)?, self.lot.times(quantity)?);
        let worth = price as u64 as u128 * quantity as u64 as u128;
        let passes = (self.price.0 <= price && price <= self.price.1)
            && (self.quantity.0 <= quantity && quantity <= self.quantity.1)
            && (self.worth.0 <= worth && worth <= self.worth.1);
        passes.then_some((ticks, lots, price, quantity))
    }
}

impl Exchange {
    /// Returns a plain limit order that passes every check; none says nothing.
    #[inline(always)]
    pub(super) fn check_plain<'a>(&mut self, now: Micros, account: Account, asked: &'a NewOrder) -> Option<Ready<'a>> {
        let market = self.markets.get_mut(usize::from(asked.symbol))?;
        let (ticks, lots, price, quantity) = market.plain.pass(asked)?;
        if let Some(band) = &market.plain.band
            && !(market.plain.is_wide && price >= 32 && market.tape.is_near(now, price))
        {
            let average = market.tape.average(now);
            if average > 0 && !Rules::is_within(band, asked.side, price, average) {
                return None;
            }
        }
        let self_trade = match asked.self_trade {
            Some(mode) if !market.rules.allowed.self_trade[mode as usize] => return None,
            mode => mode.unwrap_or(market.rules.self_trade),
        };
        let core = &self.core;
        if market.status != Status::Trading
            || !market.has_room(self.profile.room.book as usize)
            || !core.store.has_room(4)
            || account == 0
            || !core.has(account)
        {
            return None;
        }
        let state = core.accounts.state(account);
        if state.is_disabled
            || core.accounts.counts(account, asked.symbol).orders >= market.plain.most_orders
            || state.counts.orders >= core.counts.orders
        {
            return None;
        }
        let need = if asked.side == Side::Buy { market.scale.quote(ticks, lots, Round::Up)? } else { quantity };
        if core.accounts.balance(account, market.rules.pays(asked.side)).free < need {
            return None;
        }
        if !asked.client_id.is_empty() {
            let older = core.store.find_client(account, asked.symbol, &asked.client_id);
            if older.is_some_and(|slot| core.store.get(slot).place != Where::Done) {
                return None;
            }
        }
        Some(Ready { account, asked, self_trade, quantity, ticks, lots, need })
    }

    /// Takes a plain limit order that has passed every check: what `take` does, without asking what kind it is.
    #[inline(always)]
    pub(super) fn take_plain(&mut self, now: Micros, ready: &Ready<'_>, tell: &mut impl FnMut(Told<'_>)) {
        let Ready { account, asked, self_trade, ticks, lots, .. } = *ready;
        let slot = self.register(now, ready, Kind::Limit, false, NONE, State::New);
        let record = self.core.store.get_mut(slot);
        record.marks |= mark::WORKING;
        record.working_since = now;
        self.core.report(slot, Act::New, None, As::Itself, tell);
        let force = match asked.force {
            Some(Force::Ioc) => book::Force::ImmediateOrCancel,
            Some(Force::Fok) => book::Force::FillOrKill,
            Some(Force::Gtc) | None => book::Force::GoodTillCancelled,
        };
        let group = self.core.accounts.state(account).group;
        let order = Incoming { id: u64::from(slot), account, group, side: asked.side, ticks, lots, peak: 0, force, self_trade };
        self.match_order(now, asked.symbol, &order, false, tell);
    }
}
