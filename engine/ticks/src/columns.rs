//! The store's columns, borrowed: what a replay reads in place. Their meaning stands in `docs/ticks.md`.
//!
//! Rows are in arrival order. The exchange's side of a replay reads them in the venue's order: the same unless venue times run backwards,
//! and then through a list of row numbers.

use crate::orders::Rows;
use std::fmt;

/// First row of its message.
pub const FIRST: u8 = 1;
/// Last row of its message.
pub const LAST: u8 = 2;
/// The message replaces the book.
pub const SNAPSHOT: u8 = 4;
/// Messages are missing before it.
pub const GAP: u8 = 8;

/// Widest span of ticks a book holds: 512 MiB of address space a side, touched where there are levels.
pub const MAX_SPAN: i64 = 1 << 26;

/// Level changes.
#[derive(Clone, Copy, Default)]
pub struct Depth<'a> {
    /// The venue's time, ns.
    pub exch_ns: &'a [i64],
    /// Local time, ns; never falls.
    pub local_ns: &'a [i64],
    /// +1 bid, −1 ask.
    pub side: &'a [i8],
    /// Price in ticks.
    pub ticks: &'a [i64],
    /// Quantity now at that price; 0: none.
    pub lots: &'a [i64],
    /// Bits as above.
    pub flags: &'a [u8],
}

impl Depth<'_> {
    /// Returns the first rows: slices of one length, so that one check of a row's number serves all of them.
    #[inline(always)]
    pub fn first(&self, rows: usize) -> Self {
        Self {
            exch_ns: &self.exch_ns[..rows],
            local_ns: &self.local_ns[..rows],
            side: &self.side[..rows],
            ticks: &self.ticks[..rows],
            lots: &self.lots[..rows],
            flags: &self.flags[..rows],
        }
    }
}

/// Trades.
#[derive(Clone, Copy, Default)]
pub struct Trades<'a> {
    /// The venue's time, ns.
    pub exch_ns: &'a [i64],
    /// Local time, ns; never falls.
    pub local_ns: &'a [i64],
    /// Price in ticks.
    pub ticks: &'a [i64],
    /// Quantity in lots.
    pub lots: &'a [i64],
    /// Whether the aggressor sold.
    pub buyer_is_maker: &'a [u8],
}

/// Best bid and ask as the venue publishes them.
#[derive(Clone, Copy, Default)]
pub struct Best<'a> {
    /// Local time, ns; never falls.
    pub local_ns: &'a [i64],
    /// Best bid in ticks.
    pub bid_ticks: &'a [i64],
    /// Its lots; 0: there is none.
    pub bid_lots: &'a [i64],
    /// Best ask in ticks.
    pub ask_ticks: &'a [i64],
    /// Its lots; 0: there is none.
    pub ask_lots: &'a [i64],
}

impl Best<'_> {
    /// Checks lengths and order.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), BadColumns> {
        let rows = self.local_ns.len();
        if [self.bid_ticks, self.bid_lots, self.ask_ticks, self.ask_lots].iter().any(|column| column.len() != rows) {
            return Err(BadColumns::Lengths("best"));
        }
        match self.local_ns.windows(2).position(|pair| pair[1] < pair[0]) {
            Some(row) => Err(BadColumns::Order("best", row + 1)),
            None => Ok(()),
        }
    }
}

/// What is known of one instrument. Where there are rows of orders, the depth is what they make of the levels.
#[derive(Clone, Copy, Default)]
pub struct Columns<'a> {
    /// Level changes.
    pub depth: Depth<'a>,
    /// Trades.
    pub trades: Trades<'a>,
    /// Orders by number (L3), where the venue tells them.
    pub orders: Rows<'a>,
}

/// Why columns cannot be replayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadColumns {
    /// Columns of one group have different lengths.
    Lengths(&'static str),
    /// A local time is below the one before.
    Order(&'static str, usize),
    /// A row holds what no market has: no price, a negative quantity, a side that is none.
    Row(&'static str, usize),
    /// A row is known locally before it happened.
    Clock(&'static str, usize),
    /// Prices are further apart than a book holds.
    Span(i64, i64),
}

impl fmt::Display for BadColumns {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lengths(group) => write!(to, "{group}: the columns differ in length; import the recording again"),
            Self::Order(group, row) => write!(to, "{group} row {row}: the local time runs backwards; sort the rows by arrival"),
            Self::Row(group, row) => write!(to, "{group} row {row}: price, quantity or side is none; import the recording again"),
            Self::Clock(group, row) => {
                write!(to, "{group} row {row}: is known before it happened; correct the clock (`bot4 data import` does)")
            }
            Self::Span(low, high) => {
                write!(to, "prices reach from {low} to {high} ticks, more than {MAX_SPAN} apart; state a coarser tick")
            }
        }
    }
}

impl std::error::Error for BadColumns {}

impl Columns<'_> {
    /// Checks every row once and returns the lowest and highest price of a level, ticks.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(i64, i64), BadColumns> {
        let Depth { exch_ns, local_ns, side, ticks, lots, flags } = self.depth;
        let rows = exch_ns.len();
        if [local_ns.len(), side.len(), ticks.len(), lots.len(), flags.len()].iter().any(|&length| length != rows) {
            return Err(BadColumns::Lengths("depth"));
        }
        times("depth", exch_ns, local_ns)?;
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        for row in 0..rows {
            if ticks[row] <= 0 || lots[row] < 0 || (side[row] != 1 && side[row] != -1) {
                return Err(BadColumns::Row("depth", row));
            }
            low = low.min(ticks[row]);
            high = high.max(ticks[row]);
        }
        let of = &self.trades;
        let rows = of.exch_ns.len();
        if [of.local_ns.len(), of.ticks.len(), of.lots.len(), of.buyer_is_maker.len()].iter().any(|&length| length != rows) {
            return Err(BadColumns::Lengths("trades"));
        }
        times("trades", of.exch_ns, of.local_ns)?;
        if let Some(row) = (0..rows).find(|&row| of.ticks[row] <= 0 || of.lots[row] <= 0) {
            return Err(BadColumns::Row("trades", row));
        }
        let span = self.orders.check()?;
        (low, high) = (low.min(span.0), high.max(span.1));
        if low > high {
            (low, high) = (1, 1);
        }
        if high - low >= MAX_SPAN {
            return Err(BadColumns::Span(low, high));
        }
        Ok((low, high))
    }
}

pub(crate) fn times(group: &'static str, exch_ns: &[i64], local_ns: &[i64]) -> Result<(), BadColumns> {
    let mut before = i64::MIN;
    for (row, (&exch, &local)) in exch_ns.iter().zip(local_ns).enumerate() {
        if local < before {
            return Err(BadColumns::Order(group, row));
        }
        if exch > local {
            return Err(BadColumns::Clock(group, row));
        }
        before = local;
    }
    Ok(())
}

/// The rows of a group in the venue's order: as they lie, or by a list where venue times run backwards.
pub struct VenueOrder(Option<Box<[u32]>>);

impl VenueOrder {
    /// Finds the order; rows of one time keep that of arrival.
    pub fn of(exch_ns: &[i64]) -> Self {
        if exch_ns.is_sorted() {
            return Self(None);
        }
        let mut rows: Vec<u32> = (0..exch_ns.len() as u32).collect();
        rows.sort_by_key(|&row| exch_ns[row as usize]);
        Self(Some(rows.into()))
    }

    /// Returns the row at a place.
    #[inline(always)]
    pub fn row(&self, place: usize) -> usize {
        match &self.0 {
            None => place,
            Some(rows) => rows[place] as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_replayed_is_named_with_its_row() {
        let good = Columns {
            depth: Depth { exch_ns: &[1, 2], local_ns: &[2, 3], side: &[1, -1], ticks: &[10, 11], lots: &[0, 5], flags: &[0, 0] },
            trades: Trades { exch_ns: &[1], local_ns: &[4], ticks: &[10], lots: &[1], buyer_is_maker: &[1] },
            orders: Rows::default(),
        };
        assert_eq!(good.check(), Ok((10, 11)));
        let with = |change: &dyn Fn(&mut Columns<'_>)| {
            let mut columns = good;
            change(&mut columns);
            columns.check().unwrap_err()
        };
        assert_eq!(with(&|c| c.depth.lots = &[1]), BadColumns::Lengths("depth"));
        assert_eq!(with(&|c| c.depth.local_ns = &[3, 2]), BadColumns::Order("depth", 1));
        assert_eq!(with(&|c| c.depth.exch_ns = &[1, 4]), BadColumns::Clock("depth", 1));
        assert_eq!(with(&|c| c.depth.side = &[1, 0]), BadColumns::Row("depth", 1));
        assert_eq!(with(&|c| c.trades.lots = &[0]), BadColumns::Row("trades", 0));
        assert_eq!(with(&|c| c.depth.ticks = &[1, (1 << 26) + 1]), BadColumns::Span(1, (1 << 26) + 1));
        assert_eq!(Columns::default().check(), Ok((1, 1)));
    }

    #[test]
    fn venue_order_is_by_time_and_then_by_arrival() {
        let order = VenueOrder::of(&[3, 1, 3, 2]);
        assert_eq!((0..4).map(|place| order.row(place)).collect::<Vec<_>>(), [1, 3, 0, 2]);
        assert!(VenueOrder::of(&[1, 1, 2]).0.is_none());
    }
}
