//! The plain book of orders: sorted prices, at each a list. What the fast one is held against.

use super::{Level, Order, Orders, Side};
use std::collections::BTreeMap;

/// Orders in lists by price.
pub struct NaiveOrders {
    bids: BTreeMap<i64, Vec<Order>>,
    asks: BTreeMap<i64, Vec<Order>>,
    turn: u64,
}

impl NaiveOrders {
    fn side(&self, side: Side) -> &BTreeMap<i64, Vec<Order>> {
        match side {
            Side::Bid => &self.bids,
            Side::Ask => &self.asks,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut BTreeMap<i64, Vec<Order>> {
        match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        }
    }
}

fn level((&ticks, orders): (&i64, &Vec<Order>)) -> Level {
    Level { ticks, lots: orders.iter().map(|order| order.lots).sum() }
}

impl Orders for NaiveOrders {
    fn new(_low: i64, _high: i64, _room: usize) -> Self {
        Self { bids: BTreeMap::new(), asks: BTreeMap::new(), turn: 0 }
    }

    fn add(&mut self, id: u64, side: Side, ticks: i64, lots: i64) -> bool {
        if self.get(id).is_some() {
            return false;
        }
        self.turn += 1;
        let turn = self.turn;
        self.side_mut(side).entry(ticks).or_default().push(Order { id, side, ticks, lots, turn });
        true
    }

    fn change(&mut self, id: u64, ticks: i64, lots: i64) -> Option<Order> {
        let was = self.get(id)?;
        if was.ticks == ticks && lots <= was.lots {
            let queue = self.side_mut(was.side).get_mut(&ticks)?;
            queue.iter_mut().find(|order| order.id == id)?.lots = lots;
        } else {
            self.remove(id);
            self.add(id, was.side, ticks, lots);
        }
        Some(was)
    }

    fn remove(&mut self, id: u64) -> Option<Order> {
        let was = self.get(id)?;
        let side = self.side_mut(was.side);
        let queue = side.get_mut(&was.ticks)?;
        queue.retain(|order| order.id != id);
        if queue.is_empty() {
            side.remove(&was.ticks);
        }
        Some(was)
    }

    fn clear(&mut self, side: Side) {
        self.side_mut(side).clear();
    }

    fn get(&self, id: u64) -> Option<Order> {
        self.bids.values().chain(self.asks.values()).flatten().find(|order| order.id == id).copied()
    }

    fn turn(&self) -> u64 {
        self.turn
    }

    fn lots(&self, side: Side, ticks: i64) -> i64 {
        self.side(side).get_key_value(&ticks).map_or(0, |entry| level(entry).lots)
    }

    fn best(&self, side: Side) -> Option<Level> {
        match side {
            Side::Bid => self.bids.last_key_value().map(level),
            Side::Ask => self.asks.first_key_value().map(level),
        }
    }

    fn next(&self, side: Side, ticks: i64) -> Option<Level> {
        match side {
            Side::Bid => self.bids.range(..ticks).next_back().map(level),
            Side::Ask => self.asks.range(ticks + 1..).next().map(level),
        }
    }

    fn queue(&self, side: Side, ticks: i64, visit: &mut impl FnMut(&Order)) {
        self.side(side).get(&ticks).into_iter().flatten().for_each(visit);
    }
}
