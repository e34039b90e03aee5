//! What the venue asks of an order before it takes it: meaning, precision, filters, market, funds. The order of the checks is the order of the file.

use super::Exchange;
use super::market::Market;
use super::rules::{Lots, Rules, is_contingent, is_limited};
use super::scale::{Round, product};
use super::store::Where;
use crate::command::{Force, Kind, NewOrder, SelfTrade, Side, Status};
use crate::profile::refusal::Why;
use crate::{Account, Amount, Micros};
use bot4_engine::book::{Book, Incoming, MOST_TICKS};

/// Returns the first reason whose condition holds.
macro_rules! refuse {
    ($($is_broken:expr => $why:expr,)*) => { $(if $is_broken { return Err($why); })* };
}

/// An order that may be taken.
#[derive(Debug, Clone, Copy)]
pub struct Ready<'a> {
    /// Whose.
    pub account: Account,
    /// As asked.
    pub asked: &'a NewOrder,
    /// Self-trade prevention: the symbol's default where none was asked for.
    pub self_trade: SelfTrade,
    /// Base quantity; of a market order by quote as it may execute.
    pub quantity: Amount,
    /// Limit, ticks of the book; 0 for none.
    pub ticks: i64,
    /// Lots.
    pub lots: i64,
    /// What it holds of what it pays with.
    pub need: Amount,
}

/// Returns the side on which a contingent order's trigger lies: true where it fires at or above it.
#[inline]
#[must_use]
pub fn fires_above(kind: Kind, side: Side) -> bool {
    match kind {
        Kind::TakeProfit | Kind::TakeProfitLimit => side == Side::Sell,
        _ => side == Side::Buy,
    }
}

impl Exchange {
    /// Checks an order of any type that would be taken at once. Errors: why the venue refuses.
    #[inline(never)]
    pub(super) fn check<'a>(&mut self, now: Micros, account: Account, asked: &'a NewOrder) -> Result<Ready<'a>, Why> {
        let mut ready = self.check_form(now, account, asked)?;
        self.check_market(&ready)?;
        let paid = self.need(now, &mut ready)?;
        if self.core.accounts.balance(account, paid).free < ready.need {
            return Err(Why::InsufficientBalance);
        }
        Ok(ready)
    }

    /// Checks all that does not depend on funds or on where the market is: also what waits for another order is held to it.
    pub(super) fn check_form<'a>(&mut self, now: Micros, account: Account, asked: &'a NewOrder) -> Result<Ready<'a>, Why> {
        if !self.core.has(account) || account == 0 {
            return Err(Why::NoAccount);
        }
        if self.core.accounts.state(account).is_disabled {
            return Err(Why::AccountDisabled);
        }
        let market = self.markets.get_mut(usize::from(asked.symbol)).ok_or(Why::BadSymbol)?;
        check_meaning(asked)?;
        check_precision(&market.rules, asked)?;
        let is_held = !self.core.accounts.state(account).is_exempt;
        is_held.then(|| check_allowed(&market.rules, asked)).transpose()?;
        let average = market.tape.average(now);
        let market = &self.markets[usize::from(asked.symbol)];
        is_held.then(|| check_filters(market, asked, average)).transpose()?;
        if market.status != Status::Trading {
            return Err(Why::MarketClosed);
        }
        let room = self.profile.room;
        if !market.has_room(room.book as usize) || !self.core.store.has_room(4) {
            return Err(Why::Busy);
        }
        let rules = &market.rules;
        is_held.then(|| self.check_counts(rules, account, asked)).transpose()?;
        is_held.then(|| check_assets(&self.core.most_of, rules, asked, average)).transpose()?;
        if !asked.client_id.is_empty() {
            let older = self.core.store.find_client(account, asked.symbol, &asked.client_id);
            if older.is_some_and(|slot| self.core.store.get(slot).place != Where::Done) {
                return Err(Why::DuplicateOrder);
            }
        }
        let scale = market.scale;
        let ticks = if is_limited(asked.kind) { asked.price.unwrap_or(0) / scale.tick } else { 0 };
        let (self_trade, quantity) = (asked.self_trade.unwrap_or(rules.self_trade), asked.quantity.unwrap_or(0));
        Ok(Ready { account, asked, self_trade, quantity, ticks, lots: quantity / scale.lot, need: 0 })
    }

    fn check_counts(&self, rules: &Rules, account: Account, asked: &NewOrder) -> Result<(), Why> {
        let all = &self.core.accounts.state(account).counts;
        let own = self.core.accounts.counts(account, asked.symbol);
        let (algo, iceberg) = (is_contingent(asked.kind), asked.iceberg.is_some_and(|quantity| quantity > 0));
        let (most, exchange) = (&rules.counts, &self.core.counts);
        refuse! {
            own.orders >= most.orders => Why::MaxNumOrders,
            algo && own.algos >= most.algos => Why::MaxNumAlgoOrders,
            iceberg && own.icebergs >= most.icebergs => Why::MaxNumIcebergOrders,
            all.orders >= exchange.orders => Why::ExchangeMaxNumOrders,
            algo && all.algos >= exchange.algos => Why::ExchangeMaxNumAlgoOrders,
            iceberg && all.icebergs >= exchange.icebergs => Why::ExchangeMaxNumIcebergOrders,
        }
        if rules.most_position > 0 && asked.side == Side::Buy {
            let balance = self.core.accounts.balance(account, rules.base);
            let held = balance.free.saturating_add(balance.locked).saturating_add(own.buying);
            if held.saturating_add(asked.quantity.unwrap_or(0)) > rules.most_position {
                return Err(Why::MaxPosition);
            }
        }
        Ok(())
    }

    /// Checks a trigger against the last price, and a post-only order against the other side.
    pub(super) fn check_market(&self, ready: &Ready<'_>) -> Result<(), Why> {
        let market = &self.markets[usize::from(ready.asked.symbol)];
        let &NewOrder { kind, side, .. } = ready.asked;
        if kind == Kind::LimitMaker && market.book.best(side.opposite()).is_some_and(|best| side.reaches(ready.ticks, best)) {
            return Err(Why::WouldMatch);
        }
        let last = market.tape.last;
        match ready.asked.stop_price {
            Some(stop) if is_contingent(kind) && last > 0 => {
                let fires = if fires_above(kind, side) { last >= stop } else { last <= stop };
                if fires { Err(Why::WouldTrigger) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    /// Finds what an order must hold, and the lots of a market order by quote quantity; returns the asset it pays with.
    pub(super) fn need(&self, now: Micros, ready: &mut Ready<'_>) -> Result<crate::Asset, Why> {
        let market = &self.markets[usize::from(ready.asked.symbol)];
        let (side, scale) = (ready.asked.side, market.scale);
        let paid = market.rules.pays(side);
        ready.need = match (ready.asked.kind, side) {
            (Kind::Market, _) => {
                let free = self.core.accounts.balance(ready.account, paid).free;
                return self.need_of_market(market, now, ready, free).map(|()| paid);
            }
            // A stop or take-profit at market buys with what is free when it fires.
            (Kind::StopLoss | Kind::TakeProfit, Side::Buy) => 0,
            (_, Side::Buy) => scale.quote(ready.ticks, ready.lots, Round::Up).ok_or(Why::InsufficientBalance)?,
            (_, Side::Sell) => scale.base(ready.lots),
        };
        Ok(paid)
    }

    /// Walks the book as a market order would.
    fn need_of_market(&self, market: &Market, now: Micros, ready: &mut Ready<'_>, free: Amount) -> Result<(), Why> {
        let (rules, scale, side) = (&market.rules, market.scale, ready.asked.side);
        if let Some(quote) = ready.asked.quote_quantity {
            if market.book.best(side.opposite()).is_none() {
                return Err(Why::ThinBook);
            }
            let walked = self.walk(market, now, ready, i64::MAX, Some(quote));
            ready.lots = walked.lots;
            let quantity = scale.base(walked.lots);
            if quantity < rules.lots.least || quantity == 0 {
                return Err(Why::ThinLotSize);
            }
            if rules.market_lots.is_some_and(|lots| quantity < lots.least) {
                return Err(Why::ThinMarketLotSize);
            }
            ready.quantity = quantity;
            ready.need = if side == Side::Buy { walked.quote } else { quantity };
            return Ok(());
        }
        ready.need = match side {
            Side::Sell => scale.base(ready.lots),
            Side::Buy => {
                let walked = self.walk(market, now, ready, ready.lots, None);
                if walked.quote > free {
                    return Err(Why::InsufficientBalance);
                }
                walked.quote
            }
        };
        Ok(())
    }

    /// Returns what a market order of so many lots would take, and what it would cost at most; `quote` bounds the cost.
    pub(super) fn walk(&self, market: &Market, now: Micros, ready: &Ready<'_>, lots: i64, quote: Option<Amount>) -> Walked {
        let (side, scale) = (ready.asked.side, market.scale);
        let (low, high) = market.range(side, now);
        let mode = ready.self_trade;
        let group = self.core.accounts.state(ready.account).group;
        let own = |other: &Incoming| other.account == ready.account || (group != 0 && other.group == group);
        let mut walked = Walked { lots: 0, quote: 0 };
        let mut left = lots;
        market.book.walk(side.opposite(), &mut |maker, maker_left| {
            if maker.ticks < low || maker.ticks > high || left == 0 {
                return false;
            }
            let prevents = mode != SelfTrade::Allow && own(maker);
            match mode {
                SelfTrade::ExpireMaker if prevents => return true,
                SelfTrade::ExpireTaker | SelfTrade::ExpireBoth if prevents => return false,
                _ => {}
            }
            let mut take = left.min(maker_left);
            if let Some(most) = quote {
                let rest = i128::from(most - walked.quote);
                let price = i128::from(maker.ticks) * i128::from(scale.tick) * i128::from(scale.lot);
                let affordable = rest * i128::from(crate::profile::decimal::ONE) / price;
                take = take.min(i64::try_from(affordable).unwrap_or(i64::MAX));
            }
            // What is prevented costs nothing, but for a transfer; it is counted all the same, so that no order can lack the means.
            let Some(cost) = scale.quote(maker.ticks, take, Round::Up).and_then(|cost| walked.quote.checked_add(cost)) else {
                walked.quote = i64::MAX;
                return false;
            };
            walked.quote = cost;
            walked.lots += take;
            left -= take;
            take == maker_left
        });
        walked
    }
}

/// What a market order would do.
#[derive(Debug, Clone, Copy)]
pub struct Walked {
    /// Lots it would take.
    pub lots: i64,
    /// What they would cost at most.
    pub quote: Amount,
}

/// Checks that the parameters mean something together (Binance Spot, "New order", mandatory parameters by type).
fn check_meaning(asked: &NewOrder) -> Result<(), Why> {
    let kind = asked.kind;
    let is_set = |amount: Option<Amount>| amount.is_some_and(|amount| amount > 0);
    let by_quote = kind == Kind::Market && asked.quote_quantity.is_some();
    refuse! {
        asked.quote_quantity.is_some() && kind != Kind::Market => Why::UnneededQuoteQuantity,
        by_quote && asked.quantity.is_some() => Why::BothQuantities,
        !by_quote && !is_set(asked.quantity) => Why::MissingQuantity,
        by_quote && !is_set(asked.quote_quantity) => Why::MissingQuantity,
        is_limited(kind) && !is_set(asked.price) => Why::MissingPrice,
        !is_limited(kind) && asked.price.is_some() => Why::UnneededPrice,
        is_limited(kind) && kind != Kind::LimitMaker && asked.force.is_none() => Why::MissingForce,
        !(is_limited(kind) && kind != Kind::LimitMaker) && asked.force.is_some() => Why::UnneededForce,
        is_contingent(kind) && !is_set(asked.stop_price) && asked.trailing_delta.is_none() => Why::MissingTrigger,
        asked.stop_price.is_some_and(|price| price <= 0) => Why::MissingTrigger,
        !is_contingent(kind) && asked.stop_price.is_some() => Why::UnneededTrigger,
        !is_contingent(kind) && asked.trailing_delta.is_some() => Why::UnneededTrailing,
        !is_limited(kind) && asked.iceberg.is_some() => Why::UnneededIceberg,
        asked.iceberg.is_some_and(|quantity| quantity < 0) => Why::LotSize,
        is_set(asked.iceberg) && kind != Kind::LimitMaker && asked.force != Some(Force::Gtc) => Why::IcebergForce,
        asked.strategy_type.is_some_and(|kind| kind < 1_000_000) => Why::BadStrategyType,
    }
    Ok(())
}

/// Checks the decimals (−1111).
fn check_precision(rules: &Rules, asked: &NewOrder) -> Result<(), Why> {
    let [price, base, quote] = rules.precision;
    if price == 1 && base == 1 && quote == 1 {
        return Ok(());
    }
    let fine = |amount: Option<Amount>, unit: Amount| amount.is_some_and(|amount| amount % unit != 0);
    refuse! {
        fine(asked.quantity, base) => Why::PrecisionQuantity,
        fine(asked.quote_quantity, quote) => Why::PrecisionQuoteQuantity,
        fine(asked.price, price) => Why::PrecisionPrice,
        fine(asked.stop_price, price) => Why::PrecisionStopPrice,
        fine(asked.iceberg, base) => Why::PrecisionIceberg,
    }
    Ok(())
}

/// Checks what the symbol allows.
fn check_allowed(rules: &Rules, asked: &NewOrder) -> Result<(), Why> {
    let allowed = &rules.allowed;
    if !allowed.kinds[asked.kind as usize] {
        return Err(match asked.kind {
            Kind::Limit | Kind::LimitMaker => Why::UnsupportedCombination,
            Kind::Market => Why::NoMarketOrders,
            Kind::StopLoss => Why::NoStopLoss,
            Kind::StopLossLimit => Why::NoStopLossLimit,
            Kind::TakeProfit => Why::NoTakeProfit,
            Kind::TakeProfitLimit => Why::NoTakeProfitLimit,
        });
    }
    let is_iceberg = asked.iceberg.is_some_and(|quantity| quantity > 0);
    refuse! {
        asked.quote_quantity.is_some() && !allowed.quote_market => Why::NoQuoteMarket,
        asked.trailing_delta.is_some() && !allowed.trailing => Why::NoTrailing,
        is_iceberg && !allowed.iceberg => Why::NoIcebergs,
        asked.self_trade.is_some_and(|mode| !allowed.self_trade[mode as usize]) => Why::SelfTradeMode,
    }
    Ok(())
}

#[inline]
fn fits(lots: &Lots, quantity: Amount) -> bool {
    quantity >= lots.least && (lots.most == 0 || quantity <= lots.most) && (lots.step == 0 || quantity % lots.step == 0)
}

/// Checks the symbol's filters (Binance Spot, "Filters").
fn check_filters(market: &Market, asked: &NewOrder, average: Amount) -> Result<(), Why> {
    let rules = &market.rules;
    let scale = &market.scale;
    for price in [asked.price, asked.stop_price].into_iter().flatten() {
        // The book's grain is the filter's tick, but where the tick became coarser while orders rested.
        let ticks = price / scale.tick;
        let is_off = ticks * scale.tick != price || (rules.tick != scale.tick && price % rules.tick != 0);
        if is_off || price < rules.least_price || (rules.most_price > 0 && price > rules.most_price) || ticks > MOST_TICKS {
            return Err(Why::PriceFilter);
        }
    }
    if let Some((band, by_side)) = &rules.band
        && average > 0
        && let Some(price) = asked.price
        && !Rules::is_within(band, asked.side, price, average)
    {
        return Err(if *by_side { Why::PercentPriceBySide } else { Why::PercentPrice });
    }
    if let Some(quantity) = asked.quantity {
        if !fits(&rules.lots, quantity) || (rules.lots.step != scale.lot && quantity % scale.lot != 0) {
            return Err(Why::LotSize);
        }
        if asked.kind == Kind::Market && rules.market_lots.as_ref().is_some_and(|lots| !fits(lots, quantity)) {
            return Err(Why::MarketLotSize);
        }
        check_iceberg(rules, asked, quantity)?;
    }
    check_worth(rules, asked, average)?;
    check_delta(rules, asked)
}

fn check_iceberg(rules: &Rules, asked: &NewOrder, quantity: Amount) -> Result<(), Why> {
    let Some(shown) = asked.iceberg.filter(|&shown| shown > 0) else { return Ok(()) };
    if !fits(&rules.lots, shown) {
        return Err(Why::LotSize);
    }
    if shown > quantity {
        return Err(Why::IcebergExceeds);
    }
    let parts = (quantity - 1) / shown + 1;
    if rules.iceberg_parts > 0 && parts > i64::from(rules.iceberg_parts) { Err(Why::IcebergParts) } else { Ok(()) }
}

/// Checks the notional: of a market order at the average price, where there is one.
fn check_worth(rules: &Rules, asked: &NewOrder, average: Amount) -> Result<(), Why> {
    let is_market = matches!(asked.kind, Kind::Market | Kind::StopLoss | Kind::TakeProfit);
    let price = if is_market { average } else { asked.price.unwrap_or(0) };
    let worth = match (asked.quote_quantity, asked.quantity) {
        (Some(quote), _) => quote,
        (None, _) if price == 0 => return Ok(()),
        (None, quantity) => product(price, quantity.unwrap_or(0), Round::Down).unwrap_or(i64::MAX),
    };
    if worth <= 0 {
        return Err(Why::ZeroNotional);
    }
    let Some((bounds, is_notional)) = &rules.worth else { return Ok(()) };
    let low = (!is_market || bounds.least_for_market) && worth < bounds.least;
    let high = bounds.most > 0 && (!is_market || bounds.most_for_market) && worth > bounds.most;
    if low || high { Err(if *is_notional { Why::Notional } else { Why::MinNotional }) } else { Ok(()) }
}

fn check_delta(rules: &Rules, asked: &NewOrder) -> Result<(), Why> {
    let (Some(delta), Some(deltas)) = (asked.trailing_delta, &rules.deltas) else {
        // Without the filter a delta must still leave a price.
        let is_sound = asked.trailing_delta.is_none_or(|delta| (1..10_000).contains(&delta));
        return if is_sound { Ok(()) } else { Err(Why::TrailingDelta) };
    };
    let (least, most) = if fires_above(asked.kind, asked.side) { deltas.above } else { deltas.below };
    if (least.max(1)..=most.min(9_999)).contains(&delta) { Ok(()) } else { Err(Why::TrailingDelta) }
}

/// Checks MAX_ASSET: the base by quantity, the quote by notional.
fn check_assets(most_of: &[Amount], rules: &Rules, asked: &NewOrder, average: Amount) -> Result<(), Why> {
    let (base, quote) = (most_of[usize::from(rules.base)], most_of[usize::from(rules.quote)]);
    if base == 0 && quote == 0 {
        return Ok(());
    }
    let quantity = asked.quantity.unwrap_or(0);
    let worth = asked.quote_quantity.unwrap_or_else(|| product(asked.price.unwrap_or(average), quantity, Round::Down).unwrap_or(i64::MAX));
    if (base > 0 && quantity > base) || (quote > 0 && worth > quote) { Err(Why::MaxAsset) } else { Ok(()) }
}
