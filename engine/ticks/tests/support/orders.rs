//! Rows of orders made by hand or drawn, as the store's columns.
#![allow(dead_code)] // each test takes what it needs

use bot4_ticks::book::Side;
use bot4_ticks::columns::{Columns, Depth, FIRST, LAST, Trades};
use bot4_ticks::orders::{Kind, Made, Rows, levels};
use bot4_ticks::random::Random;

/// Rows with their own memory, all known at once.
#[derive(Default)]
pub struct OrderTape {
    pub ns: Vec<i64>,
    pub id: Vec<i64>,
    pub kind: Vec<u8>,
    pub side: Vec<i8>,
    pub ticks: Vec<i64>,
    pub lots: Vec<i64>,
    levels: Made,
    level_ns: Vec<i64>,
    level_flags: Vec<u8>,
}

impl OrderTape {
    pub fn row(&mut self, ns: i64, kind: Kind, id: i64, side: i8, ticks: i64, lots: i64) {
        self.ns.push(ns);
        self.id.push(id);
        self.kind.push(kind as u8);
        self.side.push(side);
        self.ticks.push(ticks);
        self.lots.push(lots);
    }

    pub fn add(&mut self, ns: i64, id: i64, side: Side, ticks: i64, lots: i64) {
        self.row(ns, Kind::Add, id, side as i8, ticks, lots);
    }

    /// Makes the levels of the rows; before [`Self::columns`].
    pub fn finish(mut self) -> Self {
        self.levels = levels(&self.rows());
        assert!(self.levels.is_good.iter().all(|&good| good == 1), "every row can be");
        self.level_ns = self.levels.row.iter().map(|&row| self.ns[row as usize]).collect();
        self.level_flags = vec![FIRST | LAST; self.level_ns.len()];
        self
    }

    pub fn rows(&self) -> Rows<'_> {
        let Self { ns, id, kind, side, ticks, lots, .. } = self;
        Rows { exch_ns: ns, local_ns: ns, id, kind, side, ticks, lots }
    }

    pub fn level_row(&self, at: usize) -> usize {
        self.levels.row[at] as usize
    }

    pub fn columns(&self) -> Columns<'_> {
        let Made { side, ticks, lots, .. } = &self.levels;
        let depth = Depth { exch_ns: &self.level_ns, local_ns: &self.level_ns, side, ticks, lots, flags: &self.level_flags };
        Columns { depth, trades: Trades::default(), orders: self.rows() }
    }
}

/// Orders that come and go around a middle that stays, and are filled from the front of the best level.
pub fn random_orders(seed: u64, rows: usize) -> OrderTape {
    let (mut tape, mut random, mut at) = (OrderTape::default(), Random::new(seed), 0);
    let mut live: [Vec<(i64, i64, i64)>; 2] = [Vec::new(), Vec::new()];
    let mut next = 1;
    while tape.ns.len() < rows {
        at += random.below(50) as i64;
        let side = Side::of(random.below(2) as i8);
        let orders = &mut live[usize::from(side == Side::Bid)];
        let place = random.below(orders.len().max(1) as u64) as usize;
        match random.below(10) {
            0..=5 if orders.len() < 200 => {
                let (ticks, lots) = (1_000 - side as i64 * (1 + random.below(8) as i64), 1 + random.below(40) as i64);
                tape.add(at, next, side, ticks, lots);
                orders.push((next, ticks, lots));
                next += 1;
            }
            6..=7 if !orders.is_empty() => {
                let (id, ticks, lots) = orders.remove(place);
                tape.row(at, Kind::Cancel, id, side as i8, ticks, lots);
            }
            8 if !orders.is_empty() => {
                orders[place].2 = 1 + random.below(40) as i64;
                let (id, ticks, lots) = orders[place];
                tape.row(at, Kind::Change, id, side as i8, ticks, lots);
            }
            _ if !orders.is_empty() => {
                let best = (0..orders.len()).max_by_key(|&at| (side as i64 * orders[at].1, std::cmp::Reverse(orders[at].0))).unwrap_or(0);
                let (id, ticks, lots) = orders.remove(best);
                tape.row(at, Kind::Fill, id, side as i8, ticks, lots);
                tape.row(at, Kind::Cancel, id, side as i8, ticks, lots);
            }
            _ => {}
        }
    }
    tape.finish()
}
