//! What stood in the venue's book when an order was filled or joined: the evidence of fills, read from the rows themselves.
use bot4_ticks::book::{Fast, Levels, Side, mid2};
use bot4_ticks::columns::{Columns, FIRST, SNAPSHOT, VenueOrder};

/// Evidence of a fill beside the desk's own record.
#[derive(Clone, Copy)]
pub struct Evidence {
    /// When it happened at the venue, ns.
    pub venue_ns: i64,
    /// When it was known here, ns.
    pub local_ns: i64,
    /// Bid + ask just before it, ticks.
    pub mid2: i64,
    /// Row of depth (crossed by a level) or trades (queue, crossed by a trade) that caused it; −1 where it took.
    pub row: i64,
    /// When the order joined the book at the venue, ns; −1 where it took.
    pub joined_ns: i64,
    /// +1 buy, −1 sell.
    pub side: i64,
    /// Price, ticks.
    pub ticks: i64,
}

/// Takes a row of the depth in the venue's order into a book.
fn take(book: &mut Fast, columns: &Columns<'_>, row: usize) {
    let depth = &columns.depth;
    if depth.flags[row] & (SNAPSHOT | FIRST) == SNAPSHOT | FIRST {
        book.clear();
    }
    book.set(Side::of(depth.side[row]), depth.ticks[row], depth.lots[row]);
}

fn empty(columns: &Columns<'_>) -> Fast {
    let (low, high) = columns.check().expect("checked when lent");
    Fast::new(low, high)
}

/// Returns what stood before each maker's order at its price when it joined, lots; −1 where it took.
pub fn ahead(columns: &Columns<'_>, evidence: &[Evidence]) -> Vec<i64> {
    let mut asked: Vec<usize> = (0..evidence.len()).filter(|&at| evidence[at].joined_ns >= 0).collect();
    asked.sort_by_key(|&at| evidence[at].joined_ns);
    let (mut book, order, mut place) = (empty(columns), VenueOrder::of(columns.depth.exch_ns), 0);
    let mut found = vec![-1; evidence.len()];
    for at in asked {
        let Evidence { joined_ns, side, ticks, .. } = evidence[at];
        // Of one time market data comes before requests.
        while place < columns.depth.exch_ns.len() && columns.depth.exch_ns[order.row(place)] <= joined_ns {
            take(&mut book, columns, order.row(place));
            place += 1;
        }
        found[at] = book.lots(if side > 0 { Side::Bid } else { Side::Ask }, ticks);
    }
    found
}

/// Bid + ask of the venue's book over its own time.
pub struct Mids {
    /// (time of a change, ns, bid + ask from then on), by time.
    changes: Vec<(i64, i64)>,
}

impl Mids {
    /// Reads them from the rows.
    pub fn of(columns: &Columns<'_>) -> Self {
        let (mut book, depth) = (empty(columns), &columns.depth);
        let order = VenueOrder::of(depth.exch_ns);
        let mut changes: Vec<(i64, i64)> = Vec::new();
        for place in 0..depth.exch_ns.len() {
            let row = order.row(place);
            take(&mut book, columns, row);
            let (at, Some(mid)) = (depth.exch_ns[row], mid2(&book)) else { continue };
            match changes.last_mut() {
                Some(last) if last.1 == mid => {}
                Some(last) if last.0 == at => last.1 = mid,
                _ => changes.push((at, mid)),
            }
        }
        Self { changes }
    }

    /// Returns the last before a time; `strictly`, none of that time itself, which may be the event that filled.
    pub fn before(&self, at_ns: i64, strictly: bool) -> Option<i64> {
        let upto = self.changes.partition_point(|&(time, _)| if strictly { time < at_ns } else { time <= at_ns });
        Some(self.changes[upto.checked_sub(1)?].1)
    }
}
