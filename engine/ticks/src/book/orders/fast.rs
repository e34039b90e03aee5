//! The fast book of orders: levels in cells as in the fast book of levels, at each a list linked through slots, and an index by number.
//!
//! Nothing is allocated while no more orders rest than there was room for: slots are reused, and the index, twice as large, cleans itself in place.

use super::super::{Fast, Levels};
use super::{Level, Order, Orders, Side};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// No slot; slots are numbered from 1, so that untouched cells hold none.
const NONE: u32 = 0;

/// Numbers of orders are spread by one multiplication (Fibonacci hashing, Knuth, TAOCP 6.4).
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ mixed >> 32;
    }
}

#[derive(Clone, Copy)]
struct Slot {
    order: Order,
    before: u32,
    after: u32,
}

/// First and last slot of every price of a side.
struct Ends {
    first: Box<[u32]>,
    last: Box<[u32]>,
}

impl Ends {
    fn new(cells: usize) -> Self {
        Self { first: vec![NONE; cells].into_boxed_slice(), last: vec![NONE; cells].into_boxed_slice() }
    }
}

/// Orders in linked lists by cell.
pub struct FastOrders {
    low: i64,
    levels: Fast,
    bids: Ends,
    asks: Ends,
    slots: Vec<Slot>,
    free: Vec<u32>,
    index: HashMap<u64, u32, BuildHasherDefault<Spread>>,
    turn: u64,
}

impl FastOrders {
    fn ends(&mut self, side: Side) -> &mut Ends {
        match side {
            Side::Bid => &mut self.bids,
            Side::Ask => &mut self.asks,
        }
    }

    fn first(&self, side: Side, ticks: i64) -> u32 {
        let ends = if side == Side::Bid { &self.bids } else { &self.asks };
        usize::try_from(ticks - self.low).ok().and_then(|cell| ends.first.get(cell)).copied().unwrap_or(NONE)
    }

    fn grow(&mut self, side: Side, ticks: i64, lots: i64) {
        let now = self.levels.lots(side, ticks) + lots;
        self.levels.set_alone(side, ticks, now);
    }

    /// Links a slot behind all of its price, with a new turn.
    fn link(&mut self, at: u32) {
        self.turn += 1;
        let turn = self.turn;
        let Order { side, ticks, lots, .. } = self.slots[at as usize].order;
        let cell = (ticks - self.low) as usize;
        let ends = self.ends(side);
        let last = std::mem::replace(&mut ends.last[cell], at);
        if last == NONE {
            ends.first[cell] = at;
        } else {
            self.slots[last as usize].after = at;
        }
        let slot = &mut self.slots[at as usize];
        (slot.before, slot.after, slot.order.turn) = (last, NONE, turn);
        self.grow(side, ticks, lots);
    }

    fn unlink(&mut self, at: u32) {
        let Slot { order, before, after } = self.slots[at as usize];
        let cell = (order.ticks - self.low) as usize;
        if before == NONE {
            self.ends(order.side).first[cell] = after;
        } else {
            self.slots[before as usize].after = after;
        }
        if after == NONE {
            self.ends(order.side).last[cell] = before;
        } else {
            self.slots[after as usize].before = before;
        }
        self.grow(order.side, order.ticks, -order.lots);
    }
}

impl Orders for FastOrders {
    fn new(low: i64, high: i64, room: usize) -> Self {
        let cells = usize::try_from(high - low + 1).expect("a span has its lower end first");
        let mut slots = Vec::with_capacity(room + 1);
        let nobody = Order { id: 0, side: Side::Bid, ticks: low, lots: 0, turn: 0 };
        slots.push(Slot { order: nobody, before: NONE, after: NONE });
        Self {
            low,
            levels: Fast::new(low, high),
            bids: Ends::new(cells),
            asks: Ends::new(cells),
            slots,
            free: Vec::with_capacity(room),
            index: HashMap::with_capacity_and_hasher(2 * room, BuildHasherDefault::default()),
            turn: 0,
        }
    }

    fn add(&mut self, id: u64, side: Side, ticks: i64, lots: i64) -> bool {
        if self.index.contains_key(&id) {
            return false;
        }
        let slot = Slot { order: Order { id, side, ticks, lots, turn: 0 }, before: NONE, after: NONE };
        let at = if let Some(at) = self.free.pop() {
            self.slots[at as usize] = slot;
            at
        } else {
            self.slots.push(slot);
            (self.slots.len() - 1) as u32
        };
        self.index.insert(id, at);
        self.link(at);
        true
    }

    fn change(&mut self, id: u64, ticks: i64, lots: i64) -> Option<Order> {
        let at = *self.index.get(&id)?;
        let was = self.slots[at as usize].order;
        if was.ticks == ticks && lots <= was.lots {
            self.slots[at as usize].order.lots = lots;
            self.grow(was.side, ticks, lots - was.lots);
        } else {
            self.unlink(at);
            let order = &mut self.slots[at as usize].order;
            (order.ticks, order.lots) = (ticks, lots);
            self.link(at);
        }
        Some(was)
    }

    fn remove(&mut self, id: u64) -> Option<Order> {
        let at = self.index.remove(&id)?;
        self.unlink(at);
        self.free.push(at);
        Some(self.slots[at as usize].order)
    }

    fn clear(&mut self, side: Side) {
        while let Some(level) = self.levels.best(side) {
            let id = self.slots[self.first(side, level.ticks) as usize].order.id;
            self.remove(id);
        }
    }

    fn get(&self, id: u64) -> Option<Order> {
        self.index.get(&id).map(|&at| self.slots[at as usize].order)
    }

    fn turn(&self) -> u64 {
        self.turn
    }

    fn lots(&self, side: Side, ticks: i64) -> i64 {
        self.levels.lots(side, ticks)
    }

    fn best(&self, side: Side) -> Option<Level> {
        self.levels.best(side)
    }

    fn next(&self, side: Side, ticks: i64) -> Option<Level> {
        self.levels.next(side, ticks)
    }

    fn queue(&self, side: Side, ticks: i64, visit: &mut impl FnMut(&Order)) {
        let mut at = self.first(side, ticks);
        while at != NONE {
            let slot = &self.slots[at as usize];
            visit(&slot.order);
            at = slot.after;
        }
    }
}
