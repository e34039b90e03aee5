//! Our orders in a replay: what is asked, what is told, and why.

use crate::book::Side;
use crate::queue::Place;

/// What becomes of an order that does not trade, or not wholly, at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Rests until it is filled or cancelled.
    Rest,
    /// Rests, and is refused where it would trade at once (post-only).
    Post,
    /// Trades what it can, the rest ends (IOC).
    Now,
    /// Trades wholly or not at all (FOK).
    All,
}

/// An order as it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// Which side.
    pub side: Side,
    /// Limit in ticks; nothing: a market order, which never rests.
    pub ticks: Option<i64>,
    /// Quantity in lots, at least 1.
    pub lots: i64,
    /// What becomes of the rest.
    pub force: Force,
}

/// What is told of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Told {
    /// It rests at the venue.
    Accepted = 0,
    /// Some of it, or all, has traded.
    Filled = 1,
    /// It was cancelled as asked.
    Cancelled = 2,
    /// What was left of it ended: IOC, FOK or market.
    Expired = 3,
    /// Post-only, and it would have traded.
    WouldTake = 4,
    /// It was amended as asked.
    Amended = 5,
    /// A cancel or amend came when it was no longer there.
    NotThere = 6,
}

/// The names of [`Told`], by number.
pub const TOLD: [&str; 7] = ["accepted", "filled", "cancelled", "expired", "would_take", "amended", "not_there"];

/// Why something was filled, the evidence of a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Why {
    /// It is no fill.
    None = 0,
    /// It took what stood in the book.
    Took = 1,
    /// Its turn came: trades at its price passed what was ahead.
    Queue = 2,
    /// A trade at a worse price for us passed through its price.
    Through = 3,
    /// A level of the other side came to stand at or through its price.
    Crossed = 4,
}

/// The names of [`Why`], by number.
pub const WHY: [&str; 5] = ["", "took", "queue", "through", "crossed"];

/// A report on its way to us, or arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// When it reaches us, ns.
    pub local_ns: i64,
    /// When it happened at the venue, ns.
    pub exch_ns: i64,
    /// The order.
    pub id: u64,
    /// What.
    pub told: Told,
    /// Why, of a fill.
    pub why: Why,
    /// Whether we were the maker, of a fill.
    pub is_maker: bool,
    /// Price of the fill, else of the order, ticks; 0 for a market order.
    pub ticks: i64,
    /// Lots of the fill; else 0.
    pub lots: i64,
    /// Lots left of the order after it.
    pub left: i64,
    /// Row that caused it: of the depth for `Crossed`, of the trades for `Queue` and `Through`, of the orders for all three where the queue is exact;
    /// −1 else.
    pub row: i64,
}

/// What travels to the venue.
#[derive(Debug, Clone, Copy)]
pub(super) enum Request {
    /// A new order.
    New(Ask),
    /// Cancel it.
    Cancel,
    /// Change price and quantity left.
    Amend(i64, i64),
}

/// A request on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub exch_ns: i64,
    pub id: u64,
    pub request: Request,
}

/// An order that rests at the venue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resting {
    pub id: u64,
    pub side: Side,
    pub ticks: i64,
    pub left: i64,
    pub place: Place,
    /// Whether it was sent as post-only, which it stays when amended.
    pub is_post: bool,
    /// Number of acceptance: who has the smaller one is served first at a price.
    pub turn: u64,
    /// The last turn of the market's orders when it joined; 0 where they are not known.
    pub joined: u64,
}
