//! Rows of orders by number (L3): the store's columns, borrowed, and the levels that they make.
//!
//! A fill changes no book: what it leaves of the order comes as a change or a cancel after it, as Databento ("Market by order", read 2026-11) and
//! hftbacktest tell it. Every row but a clear holds side and price of its order; a change the new price.

use crate::book::Side;
use crate::columns::{BadColumns, times};
use std::collections::{BTreeMap, HashMap};

/// What a row tells, by number: those of hftbacktest's events less nine; 5 is a clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// An order joins behind all others of its price.
    Add = 1,
    /// It leaves.
    Cancel = 2,
    /// Price or lots change: fewer lots at the same price keep the place.
    Change = 3,
    /// It was hit: `lots` of it traded.
    Fill = 4,
    /// Every order of the side leaves; of both where the side is 0.
    Clear = 5,
}

impl Kind {
    /// Returns the kind of a number; nothing for one that is none.
    #[inline]
    pub fn of(number: u8) -> Option<Self> {
        [Self::Add, Self::Cancel, Self::Change, Self::Fill, Self::Clear].into_iter().find(|&kind| kind as u8 == number)
    }
}

/// Rows of orders.
#[derive(Clone, Copy, Default)]
pub struct Rows<'a> {
    /// The venue's time, ns.
    pub exch_ns: &'a [i64],
    /// Local time, ns; never falls.
    pub local_ns: &'a [i64],
    /// The venue's number of the order.
    pub id: &'a [i64],
    /// What happened: [`Kind`].
    pub kind: &'a [u8],
    /// +1 bid, −1 ask; 0: a clear of both.
    pub side: &'a [i8],
    /// Price in ticks.
    pub ticks: &'a [i64],
    /// Quantity in lots: what is there now, or what was filled.
    pub lots: &'a [i64],
}

impl Rows<'_> {
    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.exch_ns.is_empty()
    }

    /// Checks every row by itself and returns the lowest and highest price; an empty span without rows.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(i64, i64), BadColumns> {
        let rows = self.exch_ns.len();
        let others = [self.local_ns.len(), self.id.len(), self.kind.len(), self.side.len(), self.ticks.len(), self.lots.len()];
        if others.iter().any(|&length| length != rows) {
            return Err(BadColumns::Lengths("orders"));
        }
        times("orders", self.exch_ns, self.local_ns)?;
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        for row in 0..rows {
            let is_side = matches!(self.side[row], 1 | -1);
            let is_good = match Kind::of(self.kind[row]) {
                None => false,
                Some(Kind::Clear) => is_side || self.side[row] == 0,
                Some(Kind::Cancel) => is_side && self.ticks[row] > 0,
                Some(_) => is_side && self.ticks[row] > 0 && self.lots[row] > 0,
            };
            if !is_good {
                return Err(BadColumns::Row("orders", row));
            }
            if self.kind[row] != Kind::Clear as u8 {
                low = low.min(self.ticks[row]);
                high = high.max(self.ticks[row]);
            }
        }
        Ok((low, high))
    }

    /// Returns the most orders that rest at one time, at most: fills and clears are not taken off.
    pub fn room(&self) -> usize {
        let (mut now, mut most) = (0_usize, 0);
        for &kind in self.kind {
            if kind == Kind::Add as u8 {
                now += 1;
            } else if kind == Kind::Cancel as u8 {
                now = now.saturating_sub(1);
            }
            most = most.max(now);
        }
        most
    }
}

/// What rows of orders make of the levels: a row for each level that changes, in the order of the rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Which row it comes from.
    pub row: Vec<i64>,
    /// +1 bid, −1 ask.
    pub side: Vec<i8>,
    /// Price.
    pub ticks: Vec<i64>,
    /// Quantity now at that price.
    pub lots: Vec<i64>,
    /// For each row of orders whether it can be: an order that is added is not there, any other is.
    pub is_good: Vec<u8>,
    /// Side of each row of orders, as its order has it.
    pub order_side: Vec<i8>,
    /// Price of each row of orders: of a cancel or fill that of its order.
    pub order_ticks: Vec<i64>,
    /// Quantity of each row of orders: of a cancel what is left of the order.
    pub order_lots: Vec<i64>,
}

/// Plays rows of orders in the order of arrival and returns the levels they make; rows that cannot be are told and change nothing. Prices and
/// quantities may be of any unit; a change to nothing is a cancel of it (told with 0 lots).
pub fn levels(rows: &Rows<'_>) -> Made {
    let mut made = Made::default();
    let mut orders: HashMap<i64, (i8, i64, i64)> = HashMap::new();
    let mut levels: BTreeMap<(i8, i64), i64> = BTreeMap::new();
    for row in 0..rows.exch_ns.len() {
        let (id, ticks, lots) = (rows.id[row], rows.ticks[row], rows.lots[row]);
        let was = orders.get(&id).copied();
        let kind = Kind::of(rows.kind[row]);
        let mut told = (rows.side[row], ticks, lots);
        let mut moves = [None, None];
        let is_good = match (kind, was) {
            (Some(Kind::Add), None) if lots > 0 && ticks > 0 && told.0 != 0 => {
                orders.insert(id, told);
                moves[0] = Some((told.0, ticks, lots));
                true
            }
            (Some(Kind::Cancel), Some(was)) => {
                orders.remove(&id);
                moves[0] = Some((was.0, was.1, -was.2));
                told = was;
                true
            }
            (Some(Kind::Change), Some(was)) if ticks > 0 => {
                moves = [Some((was.0, was.1, -was.2)), Some((was.0, ticks, lots))];
                told.0 = was.0;
                if lots > 0 {
                    orders.insert(id, told);
                } else {
                    orders.remove(&id);
                }
                true
            }
            (Some(Kind::Fill), Some(was)) if lots > 0 => {
                told = (was.0, was.1, lots);
                true
            }
            (Some(Kind::Clear), _) => {
                let gone: Vec<_> = levels.keys().filter(|level| told.0 == 0 || level.0 == told.0).copied().collect();
                for (side, ticks) in gone {
                    levels.remove(&(side, ticks));
                    made.tell(row, side, ticks, 0);
                }
                orders.retain(|_, order| told.0 != 0 && order.0 != told.0);
                true
            }
            _ => false,
        };
        // A change at one price is one change of its level.
        if let [Some(from), Some(to)] = moves
            && from.1 == to.1
        {
            moves = [Some((to.0, to.1, to.2 + from.2)), None];
        }
        for (side, ticks, more) in moves.into_iter().flatten().filter(|change| change.2 != 0) {
            let level = levels.entry((side, ticks)).or_insert(0);
            *level += more;
            let now = *level;
            if now == 0 {
                levels.remove(&(side, ticks));
            }
            made.tell(row, side, ticks, now);
        }
        made.is_good.push(u8::from(is_good));
        made.order_side.push(told.0);
        made.order_ticks.push(told.1);
        made.order_lots.push(told.2);
    }
    made
}

impl Made {
    fn tell(&mut self, row: usize, side: i8, ticks: i64, lots: i64) {
        self.row.push(row as i64);
        self.side.push(side);
        self.ticks.push(ticks);
        self.lots.push(lots);
    }
}

/// Returns the side of a row that has one.
#[inline]
pub(crate) fn side_of(sign: i8) -> Option<Side> {
    (sign != 0).then(|| Side::of(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: Rows<'static> = Rows {
        exch_ns: &[1, 2, 3, 4, 5, 6, 7, 8, 9],
        local_ns: &[1, 2, 3, 4, 5, 6, 7, 8, 9],
        id: &[7, 8, 7, 7, 9, 8, 8, 7, 0],
        kind: &[1, 1, 4, 3, 2, 3, 1, 2, 5],
        side: &[1, 1, 0, 0, 0, 0, -1, 0, 0],
        ticks: &[10, 10, 0, 10, 0, 9, 10, 0, 0],
        lots: &[5, 3, 2, 3, 0, 3, 1, 0, 0],
    };

    #[test]
    fn levels_follow_the_orders_and_what_cannot_be_is_told() {
        let made = levels(&ROWS);
        let told: Vec<_> = (0..made.row.len()).map(|at| (made.row[at], made.side[at], made.ticks[at], made.lots[at])).collect();
        let wanted = [(0, 1, 10, 5), (1, 1, 10, 8), (3, 1, 10, 6), (5, 1, 10, 3), (5, 1, 9, 3), (7, 1, 10, 0), (8, 1, 9, 0)];
        assert_eq!(told, wanted);
        assert_eq!(made.is_good, [1, 1, 1, 1, 0, 1, 0, 1, 1], "9 was never there, 8 is there still");
        assert_eq!((made.order_ticks[2], made.order_side[2], made.order_lots[7]), (10, 1, 3));
    }

    #[test]
    fn rows_that_no_venue_tells_are_named() {
        let good = Rows { kind: &[1, 1], exch_ns: &[1, 2], local_ns: &[1, 2], id: &[1, 2], side: &[1, -1], ticks: &[9, 10], lots: &[1, 2] };
        assert_eq!((good.check(), good.room()), (Ok((9, 10)), 2));
        assert_eq!(Rows { kind: &[1, 6], ..good }.check(), Err(BadColumns::Row("orders", 1)));
        assert_eq!(Rows { side: &[0, 1], ..good }.check(), Err(BadColumns::Row("orders", 0)));
        assert_eq!(Rows { lots: &[1, 0], ..good }.check(), Err(BadColumns::Row("orders", 1)));
        assert_eq!(Rows { id: &[1], ..good }.check(), Err(BadColumns::Lengths("orders")));
        assert_eq!(Rows { exch_ns: &[2, 2], ..good }.check(), Err(BadColumns::Clock("orders", 0)));
        assert_eq!(Rows::default().check(), Ok((i64::MAX, i64::MIN)));
    }
}
