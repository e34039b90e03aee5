//! The order book of one instrument: price-time priority over integer ticks and lots.
//!
//! One contract, [`Book`], with a naive implementation ([`naive`]) that anybody can check by eye and a fast one ([`fast`]); one suite of
//! tests runs on both, and random streams compare every event and the hash of what rests. Not here: balances, filters, stop orders and
//! order lists (the venue's), networks and clocks (the host's).
//!
//! Order of one incoming order: identity → post-only → fill-or-kill → matching, best price first, oldest first → what is left rests or
//! expires. A trade is at the price of the order that rested.

pub mod fast;
pub mod index;
mod ladder;
pub mod naive;

/// Which side of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Bids.
    Buy,
    /// Asks.
    Sell,
}

impl Side {
    /// Returns the other side.
    #[inline(always)]
    pub fn opposite(self) -> Self {
        match self {
            Self::Buy => Self::Sell,
            Self::Sell => Self::Buy,
        }
    }

    /// Tells whether an order of this side at `limit` trades with one that rests at `ticks`.
    #[inline(always)]
    pub fn reaches(self, limit: i64, ticks: i64) -> bool {
        match self {
            Self::Buy => ticks <= limit,
            Self::Sell => ticks >= limit,
        }
    }
}

/// What becomes of what does not trade at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Force {
    /// It rests.
    GoodTillCancelled,
    /// It expires.
    ImmediateOrCancel,
    /// All of it trades at once, or nothing does.
    FillOrKill,
    /// It rests; an order that would trade is refused whole.
    PostOnly,
}

/// What happens where an order would trade with one of its own account or group (Binance Spot, "Self Trade Prevention").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SelfTrade {
    /// They trade.
    Allow,
    /// What is left of the incoming order expires.
    ExpireTaker,
    /// The resting order expires, the incoming one goes on.
    ExpireMaker,
    /// Both expire.
    ExpireBoth,
    /// Both lose the lots that would have traded; the smaller expires, of equal ones both.
    Decrement,
    /// As `Decrement`; between two accounts of a group the venue moves what would have traded.
    Transfer,
}

/// An order on its way into the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incoming {
    /// Given by the venue; of no other order that rests.
    pub id: u64,
    /// Whose it is.
    pub account: u32,
    /// Accounts that count as one for [`SelfTrade`]; 0 for none.
    pub group: u32,
    /// Bid or ask.
    pub side: Side,
    /// Limit price, 1 to [`MOST_TICKS`]; of a market order the side's own end.
    pub ticks: i64,
    /// Lots, above 0.
    pub lots: i64,
    /// Lots shown at a time by an iceberg; 0 shows all.
    pub peak: i64,
    /// What becomes of what does not trade.
    pub force: Force,
    /// What happens at an own order.
    pub self_trade: SelfTrade,
}

/// The highest price a book can hold: 2³⁶ − 1 ticks.
pub const MOST_TICKS: i64 = (1 << 36) - 1;

impl Incoming {
    /// Returns the same order without a limit: it trades with whatever rests and what is left expires.
    #[must_use]
    pub fn market(self) -> Self {
        let ticks = if self.side == Side::Buy { MOST_TICKS } else { 1 };
        let force = if self.force == Force::FillOrKill { Force::FillOrKill } else { Force::ImmediateOrCancel };
        Self { ticks, force, peak: 0, ..self }
    }

    /// Tells whether an order of this account would be one of its own.
    #[inline(always)]
    fn owns(&self, account: u32, group: u32) -> bool {
        self.account == account || (self.group != 0 && self.group == group)
    }
}

/// Why an order left the book, or never came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// All of it has traded.
    Filled,
    /// Its owner withdrew it.
    Cancelled,
    /// Immediate-or-cancel: the rest found nobody. Fill-or-kill: not all of it would have traded.
    Expired,
    /// It met an own order.
    SelfTrade,
}

/// Why nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// No such order rests.
    Unknown,
    /// An order of this id rests.
    Duplicate,
    /// A post-only order would trade at once.
    WouldTrade,
    /// Ticks, lots or peak are out of range.
    OutOfRange,
    /// An amendment must leave less than there is, and more than nothing.
    NotLess,
    /// The book holds as many orders as it was made for.
    Full,
}

/// What a command did, in order of happening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// `lots` changed hands at the maker's price; what each has left after it.
    Trade {
        /// Incoming order.
        taker: u64,
        /// Resting order.
        maker: u64,
        /// Price, ticks.
        ticks: i64,
        /// Lots traded.
        lots: i64,
        /// Lots the incoming order has left.
        taker_left: i64,
        /// Lots the resting order has left, hidden ones included.
        maker_left: i64,
    },
    /// A trade with an own order was prevented; lots that each lost by it.
    Prevented {
        /// Incoming order.
        taker: u64,
        /// Resting order.
        maker: u64,
        /// Price at which they would have traded, ticks.
        ticks: i64,
        /// Lots that would have traded.
        lots: i64,
        /// Lots taken from the incoming order.
        taker_lost: i64,
        /// Lots taken from the resting order.
        maker_lost: i64,
    },
    /// An order rests now, or rests with fewer lots; in front of it is what was there before.
    Rests {
        /// The order.
        id: u64,
        /// Its price, ticks.
        ticks: i64,
        /// Lots left, hidden ones included.
        lots: i64,
    },
    /// An order is over; what was left of it.
    Ended {
        /// The order.
        id: u64,
        /// Lots it had left.
        left: i64,
        /// Why.
        why: End,
    },
    /// Nothing was done.
    Refused {
        /// The order.
        id: u64,
        /// Why.
        why: Refusal,
    },
}

/// A price level as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shown {
    /// Price, ticks.
    pub ticks: i64,
    /// Lots shown, hidden ones left out.
    pub lots: i64,
    /// Orders.
    pub orders: u32,
}

/// An order book. Every command tells its events in order of happening.
pub trait Book {
    /// Takes an order in: matches it, rests what is left.
    fn submit(&mut self, order: &Incoming, tell: &mut impl FnMut(Event));

    /// Withdraws an order.
    fn cancel(&mut self, id: u64, tell: &mut impl FnMut(Event));

    /// Leaves an order fewer lots (`left`, hidden ones included) at its place in the queue.
    fn amend(&mut self, id: u64, left: i64, tell: &mut impl FnMut(Event));

    /// Moves an order to another price and `lots` lots: it goes to the end of the queue there and trades if it reaches the other side.
    fn replace(&mut self, id: u64, ticks: i64, lots: i64, tell: &mut impl FnMut(Event));

    /// Returns the best price of a side, ticks.
    fn best(&self, side: Side) -> Option<i64>;

    /// Tells the levels of a side, best first, at most `most`.
    fn depth(&self, side: Side, most: usize, tell: &mut impl FnMut(Shown));

    /// Returns the lots shown at a price of a side; 0 where there is no level.
    fn shown(&self, side: Side, ticks: i64) -> i64;

    /// Visits the orders of a side in priority with the lots each has left, hidden ones included, until `visit` says false.
    fn walk(&self, side: Side, visit: &mut impl FnMut(&Incoming, i64) -> bool);

    /// Returns the lots an order has left, hidden ones included; none where it does not rest.
    fn left(&self, id: u64) -> Option<i64>;

    /// Returns the number of orders that rest.
    fn orders(&self) -> usize;

    /// Returns a hash of all that rests, in priority: equal for equal books, whatever holds them.
    fn hash(&self) -> u64;
}

/// Refuses what no book can hold.
#[inline(always)]
fn in_range(order: &Incoming) -> bool {
    (1..=MOST_TICKS).contains(&order.ticks) && order.lots > 0 && (0..=order.lots).contains(&order.peak)
}

/// Folds one resting order into a hash (the finalizer of SplitMix64).
#[inline]
fn fold(hash: u64, id: u64, ticks: i64, left: i64, shown: i64) -> u64 {
    [id, ticks as u64, left as u64, shown as u64].into_iter().fold(hash, |hash, word| {
        let mut z = (hash ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}
