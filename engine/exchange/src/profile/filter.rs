//! Filters as Binance's `exchangeInfo` writes them (Binance Spot, "Filters"), so that a profile is read and told in the venue's own words.

use super::decimal::{Decimal, Ratio};
use serde::{Deserialize, Serialize};

/// A rule of a symbol or of the exchange.
#[allow(missing_docs, reason = "the names are the venue's; the page \"Filters\" of its documents says what each means")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "filterType", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum Filter {
    PriceFilter {
        min_price: Decimal,
        max_price: Decimal,
        tick_size: Decimal,
    },
    PercentPrice {
        multiplier_up: Ratio,
        multiplier_down: Ratio,
        avg_price_mins: u32,
    },
    PercentPriceBySide {
        bid_multiplier_up: Ratio,
        bid_multiplier_down: Ratio,
        ask_multiplier_up: Ratio,
        ask_multiplier_down: Ratio,
        avg_price_mins: u32,
    },
    LotSize {
        min_qty: Decimal,
        max_qty: Decimal,
        step_size: Decimal,
    },
    MarketLotSize {
        min_qty: Decimal,
        max_qty: Decimal,
        step_size: Decimal,
    },
    MinNotional {
        min_notional: Decimal,
        apply_to_market: bool,
        avg_price_mins: u32,
    },
    Notional {
        min_notional: Decimal,
        apply_min_to_market: bool,
        max_notional: Decimal,
        apply_max_to_market: bool,
        avg_price_mins: u32,
    },
    IcebergParts {
        limit: u32,
    },
    MaxNumOrders {
        max_num_orders: u32,
    },
    MaxNumAlgoOrders {
        max_num_algo_orders: u32,
    },
    MaxNumIcebergOrders {
        max_num_iceberg_orders: u32,
    },
    MaxPosition {
        max_position: Decimal,
    },
    TrailingDelta {
        min_trailing_above_delta: i64,
        max_trailing_above_delta: i64,
        min_trailing_below_delta: i64,
        max_trailing_below_delta: i64,
    },
    MaxNumOrderAmends {
        max_num_order_amends: u32,
    },
    MaxNumOrderLists {
        max_num_order_lists: u32,
    },
    ExchangeMaxNumOrders {
        max_num_orders: u32,
    },
    ExchangeMaxNumAlgoOrders {
        max_num_algo_orders: u32,
    },
    ExchangeMaxNumIcebergOrders {
        max_num_iceberg_orders: u32,
    },
    ExchangeMaxNumOrderLists {
        max_num_order_lists: u32,
    },
    /// An asset filter: the most of an asset in one order.
    MaxAsset {
        asset_name: NameOf,
        limit: Decimal,
    },
}

/// A short name held in place, so that a filter stays plain data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameOf(pub crate::text::Text);

impl Serialize for NameOf {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for NameOf {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let written = String::deserialize(from)?;
        crate::text::Text::new(&written).map(Self).ok_or_else(|| serde::de::Error::custom(format!("`{written}` is too long a name")))
    }
}
