//! Orders: what was wanted, what was allowed, what became of it.
use super::reason::{Cause, Evidence, FillRule, OrderKind, Reason, Status, Tif};

/// No row.
pub const NEVER: u32 = u32::MAX;

/// A market order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Number in the run, from 0; the order of sending.
    pub id: u32,
    /// Decision time (for stops: open of the bar that touched it), ms.
    pub ts: i64,
    /// Instrument id.
    pub asset: u32,
    /// +1 buy, −1 sell.
    pub side: i64,
    /// Lots sent.
    pub lots: i64,
    /// Lots filled so far.
    pub filled: i64,
    /// Lots before controls cut them.
    pub wanted: i64,
    /// Price the decision saw: its close; for stops the worse of level and open. Ticks.
    pub ref_ticks: i64,
    /// Earliest bar open it may fill at, ms.
    pub due: i64,
    /// Why it was sent.
    pub reason: Reason,
    /// What cut it, if anything.
    pub cause: Cause,
    /// Row of the last bar whose volume left some of it unfilled; [`NEVER`] = none. Of targets and entries: lanes keep their own evidence.
    pub capped_row: u32,
    /// Distance of the fixed stop that an increase sets, ticks; 0 = none.
    pub fixed_ticks: i64,
    /// Distance of the trailing stop that an opening sets, ticks; 0 = none.
    pub trailing_ticks: i64,
    /// Distance of the take that an increase sets, ticks; 0 = none.
    pub take_ticks: i64,
}

impl Order {
    /// Returns the lots still to fill.
    pub fn left(&self) -> i64 {
        self.lots - self.filled
    }
    /// Returns the signed lots still to fill.
    pub fn signed_left(&self) -> i64 {
        self.side * self.left()
    }
}

/// What passed every control. Only this can be sent, and only [`super::risk`] makes it: what has one may read it,
///
/// ```
/// # use bot4_engine::desk::order::{Approved, Order};
/// fn send(order: Approved<Order>) -> i64 {
///     order.into_inner().lots
/// }
/// ```
///
/// nobody else can write one, nor stamp an order:
///
/// ```compile_fail,E0423
/// # use bot4_engine::desk::order::{Approved, Order};
/// fn forge(order: Order) -> Approved<Order> {
///     Approved(order)
/// }
/// ```
///
/// ```compile_fail,E0624
/// # use bot4_engine::desk::order::{Approved, Order};
/// fn forge(order: Order) -> Approved<Order> {
///     Approved::stamp(order)
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Approved<T>(T);

impl<T> Approved<T> {
    pub(super) fn stamp(order: T) -> Self {
        Self(order)
    }
    /// Hands the order to the venue.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// An order's whole life, written when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderRecord {
    /// The order as it ended; `cause` says what cut or ended it.
    pub order: Order,
    /// How it ended.
    pub status: Status,
    /// When it ended, ms; −1 while it works.
    pub done_ts: i64,
}

/// [`KeyedRecord::key`] of a take of a target or of entries.
pub const NO_KEY: u32 = u32::MAX;

/// What is known of an order of a lane, or of a take, beside its [`OrderRecord`], which has the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyedRecord {
    /// Number of the order.
    pub order: u32,
    /// Index into the run's keys, or [`NO_KEY`].
    pub key: u32,
    /// What kind of order.
    pub kind: OrderKind,
    /// How long it was to work.
    pub tif: Tif,
    /// Limit price, ticks; −1 = none.
    pub price_ticks: i64,
    /// Trigger price, ticks; −1 = none.
    pub trigger_ticks: i64,
    /// Order whose exit it is; −1 = none.
    pub parent: i64,
    /// Why it was reached and not filled last.
    pub evidence: Evidence,
    /// Row of that evidence in the asset's own data; −1 = none.
    pub evidence_row: i64,
}

/// One fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillRecord {
    /// Order filled.
    pub order: u32,
    /// Open time of the bar, ms.
    pub ts: i64,
    /// Row of the bar in the asset's own data: the evidence.
    pub row: u64,
    /// Instrument id.
    pub asset: u32,
    /// Signed lots.
    pub lots: i64,
    /// Price in ticks.
    pub ticks: i64,
    /// Price before spread and impact, ticks: the open, or the worse of stop level and open.
    pub base_ticks: i64,
    /// Fee, 1e-8 quote.
    pub fee: i64,
    /// Why its order was sent.
    pub reason: Reason,
    /// Position after it, lots.
    pub position: i64,
    /// Cash flow after it, 1e-8 quote.
    pub flow: i64,
    /// Which rule filled it.
    pub rule: FillRule,
    /// Whether it made liquidity.
    pub maker: bool,
    /// Lots that the bar still had for us before it; −1 = unlimited.
    pub volume_left: i64,
}

/// A round trip from flat to flat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradeRecord {
    /// Instrument id.
    pub asset: u32,
    /// +1 long, −1 short.
    pub side: i64,
    /// Bar of the first fill, ms.
    pub entry_ts: i64,
    /// Bar of the last fill, ms; −1 while open.
    pub exit_ts: i64,
    /// Lots of all increases.
    pub lots: i64,
    /// Amount of all increases, 1e-8 quote.
    pub entry_notional: i64,
    /// Amount of all reductions, 1e-8 quote.
    pub exit_notional: i64,
    /// Fees of all its fills.
    pub fees: i64,
    /// Profit after fees, with funding; an open trade's counts what is left at its last mark.
    pub pnl: i64,
    /// Funding and borrow interest, paid is negative.
    pub funding: i64,
    /// Bars held, the fill's bar included.
    pub bars: i64,
    /// Reason of the last fill's order.
    pub reason: Reason,
}
