//! The venue's words for order types, sides and states, both ways (Binance Spot, "ENUM definitions").

use crate::command::{Force, Kind, SelfTrade, Side};
use crate::report::{Act, ListState, State};

/// Returns the word of an order type.
#[must_use]
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Limit => "LIMIT",
        Kind::LimitMaker => "LIMIT_MAKER",
        Kind::Market => "MARKET",
        Kind::StopLoss => "STOP_LOSS",
        Kind::StopLossLimit => "STOP_LOSS_LIMIT",
        Kind::TakeProfit => "TAKE_PROFIT",
        Kind::TakeProfitLimit => "TAKE_PROFIT_LIMIT",
    }
}

/// Returns the order type of a word.
#[must_use]
pub fn read_kind(word: &str) -> Option<Kind> {
    const ALL: [Kind; 7] =
        [Kind::Limit, Kind::LimitMaker, Kind::Market, Kind::StopLoss, Kind::StopLossLimit, Kind::TakeProfit, Kind::TakeProfitLimit];
    ALL.into_iter().find(|known| kind(*known) == word)
}

/// Returns the word of a side.
#[must_use]
pub fn side(side: Side) -> &'static str {
    match side {
        Side::Buy => "BUY",
        Side::Sell => "SELL",
    }
}

/// Returns the side of a word.
#[must_use]
pub fn read_side(word: &str) -> Option<Side> {
    match word {
        "BUY" => Some(Side::Buy),
        "SELL" => Some(Side::Sell),
        _ => None,
    }
}

/// Returns the word of a time in force.
#[must_use]
pub fn force(force: Force) -> &'static str {
    match force {
        Force::Gtc => "GTC",
        Force::Ioc => "IOC",
        Force::Fok => "FOK",
    }
}

/// Returns the time in force of a word.
#[must_use]
pub fn read_force(word: &str) -> Option<Force> {
    match word {
        "GTC" => Some(Force::Gtc),
        "IOC" => Some(Force::Ioc),
        "FOK" => Some(Force::Fok),
        _ => None,
    }
}

/// Returns the word of a mode of self-trade prevention.
#[must_use]
pub fn self_trade(mode: SelfTrade) -> &'static str {
    match mode {
        SelfTrade::Allow => "NONE",
        SelfTrade::ExpireTaker => "EXPIRE_TAKER",
        SelfTrade::ExpireMaker => "EXPIRE_MAKER",
        SelfTrade::ExpireBoth => "EXPIRE_BOTH",
        SelfTrade::Decrement => "DECREMENT",
        SelfTrade::Transfer => "TRANSFER",
    }
}

/// Returns the mode of self-trade prevention of a word.
#[must_use]
pub fn read_self_trade(word: &str) -> Option<SelfTrade> {
    const ALL: [SelfTrade; 6] = [
        SelfTrade::Allow,
        SelfTrade::ExpireTaker,
        SelfTrade::ExpireMaker,
        SelfTrade::ExpireBoth,
        SelfTrade::Decrement,
        SelfTrade::Transfer,
    ];
    ALL.into_iter().find(|known| self_trade(*known) == word)
}

/// Returns the word of an order's status.
#[must_use]
pub fn state(state: State) -> &'static str {
    match state {
        State::New => "NEW",
        State::PendingNew => "PENDING_NEW",
        State::PartlyFilled => "PARTIALLY_FILLED",
        State::Filled => "FILLED",
        State::Canceled => "CANCELED",
        State::Rejected => "REJECTED",
        State::Expired => "EXPIRED",
        State::ExpiredInMatch => "EXPIRED_IN_MATCH",
    }
}

/// Returns the word of why a report was made.
#[must_use]
pub fn act(act: Act) -> &'static str {
    match act {
        Act::New => "NEW",
        Act::Canceled => "CANCELED",
        Act::Replaced => "REPLACED",
        Act::Rejected => "REJECTED",
        Act::Trade => "TRADE",
        Act::Expired => "EXPIRED",
        Act::TradePrevention => "TRADE_PREVENTION",
    }
}

/// Returns the words of an order list's status: `listStatusType`, `listOrderStatus`.
#[must_use]
pub fn list_state(state: ListState) -> (&'static str, &'static str) {
    match state {
        ListState::Executing => ("EXEC_STARTED", "EXECUTING"),
        ListState::Updated => ("UPDATED", "EXECUTING"),
        ListState::AllDone => ("ALL_DONE", "ALL_DONE"),
        ListState::Rejected => ("RESPONSE", "REJECT"),
    }
}
