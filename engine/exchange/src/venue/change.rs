//! Rules that change overnight: another tick, step or filter for a symbol that has orders.
//!
//! Orders that rest keep their prices and quantities, also where the new rules would not let them in. The book counts in its own grain, which
//! only becomes finer: where a new tick or step is no multiple of it the book is made anew, in priority, with an iceberg showing its peak.

use super::Exchange;
use super::market::Market;
use super::plain::Plain;
use super::rules::Rules;
use super::scale::Scale;
use super::store::NONE;
use crate::profile::SymbolRules;
use crate::profile::filter::Filter;
use crate::{Account, Symbol};
use bot4_engine::book::fast::FastBook;
use bot4_engine::book::index::{Dense, Index};
use bot4_engine::book::{Book, Force, Incoming, MOST_TICKS, SelfTrade, Side};

fn common(one: i64, other: i64) -> i64 {
    if other == 0 { one } else { common(other, one % other) }
}

impl Exchange {
    /// Gives a symbol other rules, from the next command on. Allocates. Errors: what the rules lack, or that the assets would be others.
    pub fn set_rules(&mut self, symbol: Symbol, changed: SymbolRules) -> Result<(), String> {
        let Some(market) = self.markets.get_mut(usize::from(symbol)) else {
            return Err(format!("there is no symbol {symbol}"));
        };
        let rules = Rules::new(&self.profile, &changed)?;
        if (rules.base, rules.quote) != (market.rules.base, market.rules.quote)
            || changed.symbol != self.profile.symbols[usize::from(symbol)].symbol
        {
            return Err(format!("{} must keep its name and its assets", changed.symbol));
        }
        let grain = Scale::new(common(market.scale.tick, rules.tick), common(market.scale.lot, rules.lots.step));
        let most = rules.most_price.max(market.rules.most_price);
        if most / grain.tick > MOST_TICKS {
            return Err(format!("{}: prices up to {most} are more than {MOST_TICKS} steps of {}", changed.symbol, grain.tick));
        }
        let finer = (market.scale.tick / grain.tick, market.scale.lot / grain.lot);
        let room = self.profile.room;
        market.tape.set_minutes(rules.average_minutes);
        market.rules = rules;
        if finer != (1, 1) {
            market.refine(grain, finer, FastBook::dense(room.book as usize, room.known()));
            self.refine_orders(symbol, finer);
        }
        let market = &mut self.markets[usize::from(symbol)];
        market.plain = Plain::new(&market.rules, &market.scale, &self.core.most_of);
        self.profile.symbols[usize::from(symbol)] = changed;
        Ok(())
    }

    /// Gives a symbol other filters: those named take the place of those of the same type. Errors: as [`Exchange::set_rules`].
    pub fn set_filters(&mut self, symbol: Symbol, filters: &[Filter]) -> Result<(), String> {
        let Some(rules) = self.profile.symbols.get(usize::from(symbol)) else {
            return Err(format!("there is no symbol {symbol}"));
        };
        let mut changed = rules.clone();
        for filter in filters {
            let kind = std::mem::discriminant(filter);
            match changed.filters.iter_mut().find(|other| std::mem::discriminant(*other) == kind) {
                Some(other) => *other = *filter,
                None => changed.filters.push(*filter),
            }
        }
        self.set_rules(symbol, changed)
    }

    /// Counts a symbol's open orders in the finer grain.
    fn refine_orders(&mut self, symbol: Symbol, finer: (i64, i64)) {
        for account in 0..self.core.accounts.count() as Account {
            let mut slot = self.core.accounts.state(account).open.0;
            while slot != NONE {
                let record = self.core.store.get_mut(slot);
                if record.symbol == symbol {
                    record.ticks *= finer.0;
                    record.left *= finer.1;
                }
                slot = record.after;
            }
        }
    }
}

impl Market {
    /// Makes the books anew in a finer grain.
    fn refine(&mut self, grain: Scale, finer: (i64, i64), empty: FastBook<Dense>) {
        let waiting = self.followers.capacity();
        self.scale = grain;
        self.book = refined(&self.book, empty, finer);
        self.above = refined(&self.above, FastBook::new(waiting), (finer.0, 1));
        self.below = refined(&self.below, FastBook::new(waiting), (finer.0, 1));
    }
}

fn refined<I: Index>(book: &FastBook<I>, mut made: FastBook<I>, (ticks, lots): (i64, i64)) -> FastBook<I> {
    for side in [Side::Buy, Side::Sell] {
        book.walk(side, &mut |order, left| {
            let (left, peak) = (left * lots, order.peak * lots);
            let (force, self_trade) = (Force::GoodTillCancelled, SelfTrade::Allow);
            let moved = Incoming { ticks: order.ticks * ticks, lots: left, peak: peak.min(left), force, self_trade, ..*order };
            made.submit(&moved, &mut |_| {});
            true
        });
    }
    made
}
