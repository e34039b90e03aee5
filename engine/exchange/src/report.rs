//! What the venue tells, in order of happening (Binance Spot, "User data streams" and "Market streams").

use crate::command::{Force, Kind, NewOrder, Side};
use crate::text::Text;
use crate::{Account, Amount, Asset, Micros, Symbol};

/// Order status (Binance Spot, enum "Order status").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// NEW.
    New,
    /// PENDING_NEW: waits for its list's working order.
    PendingNew,
    /// PARTIALLY_FILLED.
    PartlyFilled,
    /// FILLED.
    Filled,
    /// CANCELED.
    Canceled,
    /// REJECTED.
    Rejected,
    /// EXPIRED.
    Expired,
    /// EXPIRED_IN_MATCH: by self-trade prevention.
    ExpiredInMatch,
}

/// Why a report was made (`x` of executionReport).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// NEW.
    New,
    /// CANCELED.
    Canceled,
    /// REPLACED: amended.
    Replaced,
    /// REJECTED.
    Rejected,
    /// TRADE.
    Trade,
    /// EXPIRED.
    Expired,
    /// TRADE_PREVENTION.
    TradePrevention,
}

/// An order as the venue holds it. All quantities and prices in 1e-8; zero where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The venue's id.
    pub id: u64,
    /// Whose it is.
    pub account: Account,
    /// As it was asked for, client id filled in, quantity of a market order by quote as executed.
    pub asked: NewOrder,
    /// The order's list; −1 for none.
    pub list: i64,
    /// Status.
    pub state: State,
    /// Base quantity filled.
    pub filled: Amount,
    /// Quote quantity filled.
    pub filled_quote: Amount,
    /// Base quantity prevented by self-trade prevention.
    pub prevented: Amount,
    /// Whether it has come into the book (`isWorking`); it stays true when the order is over.
    pub is_working: bool,
    /// When it was taken.
    pub created: Micros,
    /// When it last changed.
    pub updated: Micros,
    /// When it came into the book; 0 before.
    pub working_since: Micros,
    /// Trigger of a trailing stop as it stands; else the asked one.
    pub trigger: Amount,
}

/// A fill of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    /// Trade id of the symbol.
    pub trade: u64,
    /// Price.
    pub price: Amount,
    /// Base quantity.
    pub quantity: Amount,
    /// Quote quantity.
    pub quote: Amount,
    /// Fee, in `fee_asset`; below zero a rebate.
    pub fee: Amount,
    /// What the fee is paid in.
    pub fee_asset: Asset,
    /// Whether the order rested.
    pub is_maker: bool,
}

/// Status of an order list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListState {
    /// EXEC_STARTED / EXECUTING.
    Executing,
    /// UPDATED.
    Updated,
    /// ALL_DONE.
    AllDone,
    /// REJECT.
    Rejected,
}

/// Why a command did nothing: the venue's code; its text is the profile's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Refused {
    /// Code as clients read it, such as −1013 or −2010.
    pub code: i16,
    /// Which text of that code (the venue's own table holds them).
    pub text: u16,
}

/// What the venue tells.
#[allow(clippy::large_enum_variant, reason = "it lives on the stack for one call; a box would allocate")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// An order changed: its owner's executionReport.
    Execution {
        /// Why.
        act: Act,
        /// The order after it.
        order: Order,
        /// The fill of `Act::Trade`.
        fill: Option<Fill>,
        /// Client id the order had before this report, where a cancel or an amendment renamed it; else empty.
        original: Text,
        /// Why it was refused, with `Act::Rejected`.
        why: Option<Refused>,
        /// Venue-wide number of executions, growing by one.
        execution: u64,
    },
    /// An order list changed.
    List {
        /// Whose.
        account: Account,
        /// The list's id.
        list: u64,
        /// The client's id of it.
        client_id: Text,
        /// Symbol.
        symbol: Symbol,
        /// Status after it.
        state: ListState,
    },
    /// A balance after a change: one of outboundAccountPosition.
    Balance {
        /// Whose.
        account: Account,
        /// Asset.
        asset: Asset,
        /// Free.
        free: Amount,
        /// Locked by orders.
        locked: Amount,
    },
    /// A deposit or withdrawal: balanceUpdate.
    Transfer {
        /// Whose.
        account: Account,
        /// Asset.
        asset: Asset,
        /// Change.
        amount: Amount,
    },
    /// A public trade.
    Trade {
        /// Symbol.
        symbol: Symbol,
        /// Trade id of the symbol.
        trade: u64,
        /// Price.
        price: Amount,
        /// Base quantity.
        quantity: Amount,
        /// Whether the buyer rested.
        buyer_is_maker: bool,
    },
    /// A price level after a change, hidden lots left out; quantity 0: gone.
    Level {
        /// Symbol.
        symbol: Symbol,
        /// Bids or asks.
        side: Side,
        /// Price.
        price: Amount,
        /// Base quantity shown now.
        quantity: Amount,
    },
    /// A symbol's status changed.
    Status {
        /// Symbol.
        symbol: Symbol,
        /// Its status.
        status: crate::command::Status,
    },
    /// The command did nothing (of a cancel-replace: that half).
    Refused(Refused),
}

impl Order {
    /// Returns the order type.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.asked.kind
    }

    /// Returns the time in force: GTC where none was given.
    #[must_use]
    pub fn force(&self) -> Force {
        self.asked.force.unwrap_or(Force::Gtc)
    }
}
