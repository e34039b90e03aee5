//! The feed of orders by number (L3): who joins, changes, leaves, is filled. Anonymous: numbers of orders, and no account.
//!
//! Each report is taken as it comes → `settle` after each command, when it is known what is left of an order that came in. A fill changes no book: what
//! it leaves comes as a change or a cancel after it, as in Databento's "Market by order" (read 2026-11). Icebergs are told whole, as no venue does.

use crate::command::Side;
use crate::report::{Act, Order, Report, State};
use crate::{Amount, Symbol};
use std::collections::HashMap;

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderTold {
    /// It joined behind all others of its price.
    Added,
    /// It left.
    Left,
    /// Less of it is left, and it keeps its place.
    Changed,
    /// So much of it traded.
    Filled,
}

/// One row of the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderNews {
    /// The order.
    pub id: u64,
    /// What.
    pub told: OrderTold,
    /// Bid or ask.
    pub side: Side,
    /// Price.
    pub price: Amount,
    /// Base quantity: what is there now, or what was filled; 0 of one that left.
    pub quantity: Amount,
}

/// The orders of one symbol that rest, and what became known of them.
#[derive(Debug, Default)]
pub struct OrderFeed {
    symbol: Symbol,
    rests: HashMap<u64, Amount>,
    /// Orders that came in with this command, as last told.
    came: Vec<Order>,
    news: Vec<OrderNews>,
}

fn left(order: &Order) -> Amount {
    order.asked.quantity.unwrap_or(0) - order.filled - order.prevented
}

impl OrderFeed {
    /// Returns the feed of a symbol, empty.
    #[must_use]
    pub fn new(symbol: Symbol) -> Self {
        Self { symbol, ..Self::default() }
    }

    /// Takes what the venue told; what is of no order in the book passes by.
    pub fn take(&mut self, report: &Report) {
        let Report::Execution { act, order, fill, .. } = report else { return };
        if order.asked.symbol != self.symbol {
            return;
        }
        match fill.filter(|fill| *act == Act::Trade && fill.is_maker) {
            Some(fill) => {
                self.join(order, left(order) + fill.quantity);
                self.tell(order, OrderTold::Filled, fill.quantity);
                self.now(order);
            }
            None if self.rests.contains_key(&order.id) => self.now(order),
            None => {
                self.came.retain(|other| other.id != order.id);
                self.came.push(*order);
            }
        }
    }

    /// An order is in the book, if it was not.
    fn join(&mut self, order: &Order, quantity: Amount) {
        if !self.rests.contains_key(&order.id) {
            self.came.retain(|other| other.id != order.id);
            self.rests.insert(order.id, quantity);
            self.tell(order, OrderTold::Added, quantity);
        }
    }

    /// Tells what is left of an order that rests.
    fn now(&mut self, order: &Order) {
        let rests = matches!(order.state, State::New | State::PartlyFilled);
        let now = if rests { left(order) } else { 0 };
        if now <= 0 {
            self.rests.remove(&order.id);
            self.tell(order, OrderTold::Left, 0);
        } else if self.rests.insert(order.id, now) != Some(now) {
            self.tell(order, OrderTold::Changed, now);
        }
    }

    fn tell(&mut self, order: &Order, told: OrderTold, quantity: Amount) {
        let price = order.asked.price.unwrap_or(0);
        self.news.push(OrderNews { id: order.id, told, side: order.asked.side, price, quantity });
    }

    /// Ends a command: what came in and has something left in the book has joined it.
    pub fn settle(&mut self) {
        for order in std::mem::take(&mut self.came) {
            let rests = matches!(order.state, State::New | State::PartlyFilled) && order.is_working;
            if rests && order.asked.price.is_some() && left(&order) > 0 {
                self.join(&order, left(&order));
            }
        }
    }

    /// Returns the news since the last call, in order.
    pub fn news(&mut self) -> std::vec::Drain<'_, OrderNews> {
        self.news.drain(..)
    }
}
