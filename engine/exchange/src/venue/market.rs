//! One symbol: its book, its triggers, its tape.
//!
//! Triggers are two books of their own: what fires at or above a price is an ask of `above`, what fires at or below it a bid of `below`;
//! both are one-sided, so nothing ever matches in them. A trailing stop that follows the price stands in neither.

use super::plain::Plain;
use super::rules::Rules;
use super::scale::Scale;
use super::tape::Tape;
use crate::command::{Side, Status};
use crate::profile::Room;
use crate::profile::decimal::ONE;
use crate::{Amount, Micros};
use bot4_engine::book::fast::FastBook;
use bot4_engine::book::index::Dense;
use bot4_engine::book::{Book, Force, Incoming, MOST_TICKS, SelfTrade};

/// One symbol.
#[derive(Debug)]
pub struct Market {
    /// Its rules.
    pub rules: Rules,
    /// What a tick and a lot of the book are.
    pub scale: Scale,
    /// What a plain limit order must pass.
    pub plain: Plain,
    /// Whether it trades.
    pub status: Status,
    /// Resting orders.
    pub book: FastBook<Dense>,
    /// Orders that wait for a price at or above theirs.
    pub above: FastBook,
    /// Orders that wait for a price at or below theirs.
    pub below: FastBook,
    /// Trailing stops that follow the price.
    pub followers: Vec<u32>,
    /// Its trades.
    pub tape: Tape,
    /// Number of level changes so far.
    pub update: u64,
}

impl Market {
    /// Returns a symbol nothing has happened to.
    pub fn new(rules: Rules, room: &Room, status: Status) -> Self {
        let waiting = (room.book as usize).min(4_096);
        Self {
            scale: Scale::new(rules.tick, rules.lots.step),
            plain: Plain::NONE,
            status,
            book: FastBook::dense(room.book as usize, room.known()),
            above: FastBook::new(waiting),
            below: FastBook::new(waiting),
            followers: Vec::with_capacity(waiting),
            tape: Tape::new(room.trades as usize, rules.average_minutes, rules.range),
            update: 0,
            rules,
        }
    }

    /// Returns the ticks between which an order of a side may trade now: all of them where there is no rule or no reference price.
    pub fn range(&self, side: Side, now: Micros) -> (i64, i64) {
        let Some(range) = self.rules.range else { return (1, MOST_TICKS) };
        let Some(middle) = self.tape.reference(now) else { return (1, MOST_TICKS) };
        let (down, up) = match side {
            Side::Buy => (range.bid_multiplier_down.0, range.bid_multiplier_up.0),
            Side::Sell => (range.ask_multiplier_down.0, range.ask_multiplier_up.0),
        };
        let at = |part: i64| i128::from(middle) * i128::from(part);
        let unit = i128::from(ONE) * i128::from(self.scale.tick);
        let low = (at(down) + unit - 1) / unit;
        let high = at(up) / unit;
        (low.clamp(1, i128::from(MOST_TICKS)) as i64, high.clamp(1, i128::from(MOST_TICKS)) as i64)
    }

    /// Tells whether there is room for one more order that rests, and one that waits.
    #[inline]
    pub fn has_room(&self, most: usize) -> bool {
        self.book.orders() + 4 <= most
            && self.above.orders().max(self.below.orders()) + self.followers.len() + 4 <= self.followers.capacity()
    }

    /// Puts an order among those that wait for a price; tells whether there was room.
    pub fn wait(&mut self, slot: u32, is_above: bool, ticks: i64) -> bool {
        let side = if is_above { Side::Sell } else { Side::Buy };
        let book = if is_above { &mut self.above } else { &mut self.below };
        let order = Incoming {
            id: u64::from(slot),
            account: 0,
            group: 0,
            side,
            ticks,
            lots: 1,
            peak: 0,
            force: Force::GoodTillCancelled,
            self_trade: SelfTrade::Allow,
        };
        book.submit(&order, &mut |_| {});
        book.left(order.id).is_some()
    }

    /// Lets an order follow the price; tells whether there was room.
    pub fn follow(&mut self, slot: u32) -> bool {
        let has_room = self.followers.len() < self.followers.capacity();
        if has_room {
            self.followers.push(slot);
        }
        has_room
    }

    /// Takes an order from those that wait, wherever it does.
    pub fn forget(&mut self, slot: u32) {
        self.above.cancel(u64::from(slot), &mut |_| {});
        self.below.cancel(u64::from(slot), &mut |_| {});
        if let Some(at) = self.followers.iter().position(|&other| other == slot) {
            self.followers.remove(at);
        }
    }

    /// Returns the trigger of a trailing stop, rounded towards the price it follows to a whole 1e-8.
    #[must_use]
    pub fn trail(side: Side, extreme: Amount, delta: i64) -> Amount {
        let basis = 10_000;
        let extreme = i128::from(extreme);
        let at = match side {
            // Falls from the highest: the price must be at or below.
            Side::Sell => extreme * i128::from(basis - delta) / i128::from(basis),
            // Rises from the lowest: the price must be at or above.
            Side::Buy => (extreme * i128::from(basis + delta) + i128::from(basis) - 1) / i128::from(basis),
        };
        i64::try_from(at).unwrap_or(i64::MAX)
    }
}
