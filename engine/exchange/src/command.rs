//! What a client may ask of the venue, in the venue's own terms (Binance Spot REST, "Trading endpoints").

use crate::text::Text;
use crate::{Account, Amount, Asset, Symbol};
pub use bot4_engine::book::{SelfTrade, Side};

/// Order type (Binance Spot, enum "Order types").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// LIMIT.
    Limit,
    /// LIMIT_MAKER: post-only.
    LimitMaker,
    /// MARKET, by base or by quote quantity.
    Market,
    /// STOP_LOSS: a market order once the last price passes the trigger against the position.
    StopLoss,
    /// STOP_LOSS_LIMIT.
    StopLossLimit,
    /// TAKE_PROFIT: a market order once the last price reaches the trigger.
    TakeProfit,
    /// TAKE_PROFIT_LIMIT.
    TakeProfitLimit,
}

/// Time in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Force {
    /// Good till cancelled.
    Gtc,
    /// Immediate or cancel.
    Ioc,
    /// Fill or kill.
    Fok,
}

/// An order as a client words it; nothing checked yet but its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NewOrder {
    /// Symbol.
    pub symbol: Symbol,
    /// Buy or sell.
    pub side: Side,
    /// Order type.
    pub kind: Kind,
    /// Time in force, where given.
    pub force: Option<Force>,
    /// Base quantity, where given.
    pub quantity: Option<Amount>,
    /// Quote quantity of a market order, where given.
    pub quote_quantity: Option<Amount>,
    /// Limit price, where given.
    pub price: Option<Amount>,
    /// Trigger price, where given.
    pub stop_price: Option<Amount>,
    /// Trailing delta, basis points, where given.
    pub trailing_delta: Option<i64>,
    /// Shown quantity of an iceberg, where given.
    pub iceberg: Option<Amount>,
    /// The client's own id; empty: the venue makes one.
    pub client_id: Text,
    /// Self-trade prevention; none: the symbol's default.
    pub self_trade: Option<SelfTrade>,
    /// Arbitrary number a client may attach.
    pub strategy_id: Option<i64>,
    /// Arbitrary number of at least 1,000,000 a client may attach.
    pub strategy_type: Option<i64>,
}

/// An order list (Binance Spot, "Order lists").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NewList {
    /// The client's own id of the list; empty: the venue makes one.
    pub client_id: Text,
    /// What the orders are to each other.
    pub shape: Shape,
}

/// What the orders of a list are to each other.
#[allow(clippy::large_enum_variant, reason = "it lives on the stack for one call; a box would allocate")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// OCO: one cancels the other; the order at the higher price, then the one at the lower.
    OneCancelsOther(NewOrder, NewOrder),
    /// OTO: the working order; what it sets off once it is filled.
    OneTriggersOther(NewOrder, NewOrder),
    /// OTOCO: the working order; the pair of an OCO it sets off.
    OneTriggersOco(NewOrder, NewOrder, NewOrder),
}

/// Which order is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// The venue's id.
    Order(u64),
    /// The client's id (the newest order of that id).
    Client(Text),
    /// Both: they must be of the same order.
    Both(u64, Text),
}

/// In which states a cancel may act (`cancelRestrictions`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Only {
    /// ONLY_NEW.
    New,
    /// ONLY_PARTIALLY_FILLED.
    PartlyFilled,
}

/// A cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cancel {
    /// Symbol.
    pub symbol: Symbol,
    /// Which order.
    pub key: Key,
    /// Name of the cancel itself (`newClientOrderId`); empty: the venue makes one.
    pub client_id: Text,
    /// Where it may act; none: always.
    pub only: Option<Only>,
}

/// Symbol status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// TRADING.
    Trading,
    /// HALT: nothing trades, nothing is taken; cancels are.
    Halt,
    /// BREAK: as halt, announced.
    Break,
}

/// What is done to the venue, each at a venue time.
#[allow(clippy::large_enum_variant, reason = "it lives on the stack for one call; a box would allocate")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// POST order.
    Place(Account, NewOrder),
    /// POST order/test: all checks, nothing done.
    Test(Account, NewOrder),
    /// POST orderList/oco, /oto, /otoco.
    PlaceList(Account, NewList),
    /// DELETE order.
    Cancel(Account, Cancel),
    /// DELETE openOrders of a symbol.
    CancelAll(Account, Symbol),
    /// DELETE orderList, by the list's id or its client id.
    CancelList(Account, Symbol, Key),
    /// POST order/cancelReplace; true: place even where the cancel fails (ALLOW_FAILURE).
    CancelReplace(Account, Cancel, NewOrder, bool),
    /// PUT order/amend/keepPriority: less quantity at its place; the new client id, empty for the venue's.
    Amend(Account, Symbol, Key, Amount, Text),
    /// Operator: adds (or takes, below zero) free balance.
    Credit(Account, Asset, Amount),
    /// Operator: a symbol's status.
    SetStatus(Symbol, Status),
    /// Time passes: what is due happens.
    Tick,
}
