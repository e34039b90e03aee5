//! Why the venue refuses: names inside, codes and texts in the profile.

use crate::report::Refused;
use serde::{Deserialize, Serialize};

macro_rules! refusals {
    ($($name:ident $key:literal,)*) => {
        /// Why nothing was done; the profile holds the venue's code and text under the same name.
        #[allow(missing_docs, reason = "the names say it; the profile holds the venue's words")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u16)]
        pub enum Why { $($name,)* }

        /// Every reason with its name in a profile, in the order of [`Why`].
        pub const ALL: &[(Why, &str)] = &[$((Why::$name, $key),)*];
    };
}

refusals! {
    BadSymbol "bad_symbol",
    NoAccount "no_account",
    PrecisionQuantity "precision_quantity",
    PrecisionQuoteQuantity "precision_quote_quantity",
    PrecisionPrice "precision_price",
    PrecisionStopPrice "precision_stop_price",
    PrecisionIceberg "precision_iceberg",
    MissingQuantity "missing_quantity",
    MissingPrice "missing_price",
    MissingForce "missing_force",
    MissingTrigger "missing_trigger",
    UnneededPrice "unneeded_price",
    UnneededForce "unneeded_force",
    UnneededTrigger "unneeded_trigger",
    UnneededTrailing "unneeded_trailing",
    UnneededIceberg "unneeded_iceberg",
    BothQuantities "both_quantities",
    UnneededQuoteQuantity "unneeded_quote_quantity",
    IcebergForce "iceberg_force",
    BadStrategyType "bad_strategy_type",
    UnsupportedCombination "unsupported_combination",
    PriceFilter "price_filter",
    PercentPrice "percent_price",
    PercentPriceBySide "percent_price_by_side",
    LotSize "lot_size",
    MarketLotSize "market_lot_size",
    MinNotional "min_notional",
    Notional "notional",
    IcebergParts "iceberg_parts",
    MaxNumOrders "max_num_orders",
    MaxNumAlgoOrders "max_num_algo_orders",
    MaxNumIcebergOrders "max_num_iceberg_orders",
    MaxPosition "max_position",
    TrailingDelta "trailing_delta",
    MaxNumOrderAmends "max_num_order_amends",
    MaxNumOrderLists "max_num_order_lists",
    ExchangeMaxNumOrders "exchange_max_num_orders",
    ExchangeMaxNumAlgoOrders "exchange_max_num_algo_orders",
    ExchangeMaxNumIcebergOrders "exchange_max_num_iceberg_orders",
    ExchangeMaxNumOrderLists "exchange_max_num_order_lists",
    MaxAsset "max_asset",
    SelfTradeMode "self_trade_mode",
    UnknownOrder "unknown_order",
    NoSuchOrder "no_such_order",
    DuplicateOrder "duplicate_order",
    MarketClosed "market_closed",
    InsufficientBalance "insufficient_balance",
    NoMarketOrders "no_market_orders",
    NoIcebergs "no_icebergs",
    NoStopLoss "no_stop_loss",
    NoStopLossLimit "no_stop_loss_limit",
    NoTakeProfit "no_take_profit",
    NoTakeProfitLimit "no_take_profit_limit",
    ZeroNotional "zero_notional",
    IcebergExceeds "iceberg_exceeds",
    AccountDisabled "account_disabled",
    WouldTrigger "would_trigger",
    WouldMatch "would_match",
    PriceRelation "price_relation",
    NoOco "no_oco",
    NoOto "no_oto",
    NoQuoteMarket "no_quote_market",
    NoTrailing "no_trailing",
    NoCancelReplace "no_cancel_replace",
    NoAmend "no_amend",
    CancelRestricted "cancel_restricted",
    ThinLotSize "thin_lot_size",
    ThinMarketLotSize "thin_market_lot_size",
    ThinBook "thin_book",
    OcoType "oco_type",
    BuyOcoLimit "buy_oco_limit",
    SellOcoLimit "sell_oco_limit",
    OcoBothLimit "oco_both_limit",
    BuyOcoStop "buy_oco_stop",
    SellOcoStop "sell_oco_stop",
    BuyOcoTake "buy_oco_take",
    SellOcoTake "sell_oco_take",
    AmendIncrease "amend_increase",
    AmendNothing "amend_nothing",
    WrongClientId "wrong_client_id",
    Busy "busy",
}

/// The venue's words for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// The reason's name, one of [`ALL`].
    pub name: String,
    /// Code as clients read it.
    pub code: i16,
    /// Text as clients read it.
    pub text: String,
}

/// Codes in the order of [`Why`].
#[derive(Debug, Clone)]
pub struct Codes(Vec<i16>);

impl Codes {
    /// Returns the codes of a table that must name every reason, in the order of [`ALL`]. Errors: the name that is missing or out of place.
    pub fn new(table: &[Words]) -> Result<Self, String> {
        for (at, (_, key)) in ALL.iter().enumerate() {
            match table.get(at) {
                Some(words) if words.name == *key => {}
                _ => return Err(format!("refusals[{at}] must be `{key}`: the table names every reason in the engine's order")),
            }
        }
        Ok(Self(table.iter().map(|words| words.code).collect()))
    }

    /// Returns the refusal of a reason.
    #[must_use]
    pub fn refused(&self, why: Why) -> Refused {
        Refused { code: self.0[why as usize], text: why as u16 }
    }
}
