//! A symbol's rules as plain integers: what the filters of a profile say, ready for the hot path.

use crate::command::{Kind, SelfTrade, Side};
use crate::profile::decimal::ONE;
use crate::profile::filter::Filter;
use crate::profile::{PriceRange, Profile, SymbolRules};
use crate::{Amount, Asset};
use bot4_engine::book::MOST_TICKS;

/// Bounds and step of a quantity; a step of 0 is no step.
#[derive(Debug, Clone, Copy)]
pub struct Lots {
    /// Least.
    pub least: Amount,
    /// Most; 0 is no bound.
    pub most: Amount,
    /// Step.
    pub step: Amount,
}

/// Bounds of a notional value.
#[derive(Debug, Clone, Copy)]
pub struct Worth {
    /// Least.
    pub least: Amount,
    /// Most; 0 is no bound.
    pub most: Amount,
    /// Whether `least` holds for market orders.
    pub least_for_market: bool,
    /// Whether `most` holds for market orders.
    pub most_for_market: bool,
}

/// Bounds of a price around the average, units of 1e-8.
#[derive(Debug, Clone, Copy)]
pub struct Band {
    /// Most of a bid.
    pub bid_up: i64,
    /// Least of a bid.
    pub bid_down: i64,
    /// Most of an ask.
    pub ask_up: i64,
    /// Least of an ask.
    pub ask_down: i64,
}

/// Bounds of a trailing delta, basis points: above and below.
#[derive(Debug, Clone, Copy)]
pub struct Deltas {
    /// Least and most of those that trigger above.
    pub above: (i64, i64),
    /// Least and most of those that trigger below.
    pub below: (i64, i64),
}

/// Most orders of an account; `u32::MAX` is no bound.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// Open orders.
    pub orders: u32,
    /// Open stop-loss and take-profit orders.
    pub algos: u32,
    /// Open icebergs.
    pub icebergs: u32,
    /// Open lists.
    pub lists: u32,
}

/// No bounds.
pub const NO_COUNTS: Counts = Counts { orders: u32::MAX, algos: u32::MAX, icebergs: u32::MAX, lists: u32::MAX };

/// What a symbol allows.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the names are the venue's")]
pub struct Allowed {
    pub iceberg: bool,
    pub oco: bool,
    pub oto: bool,
    pub quote_market: bool,
    pub trailing: bool,
    pub cancel_replace: bool,
    pub amend: bool,
    /// By [`Kind`].
    pub kinds: [bool; 7],
    /// By [`SelfTrade`].
    pub self_trade: [bool; 6],
}

/// A symbol's rules.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Base asset.
    pub base: Asset,
    /// Quote asset.
    pub quote: Asset,
    /// Tick of PRICE_FILTER.
    pub tick: Amount,
    /// Least price; 0 is no bound.
    pub least_price: Amount,
    /// Most price; 0 is no bound.
    pub most_price: Amount,
    /// LOT_SIZE.
    pub lots: Lots,
    /// MARKET_LOT_SIZE.
    pub market_lots: Option<Lots>,
    /// MIN_NOTIONAL or NOTIONAL; true: it is NOTIONAL.
    pub worth: Option<(Worth, bool)>,
    /// PERCENT_PRICE or PERCENT_PRICE_BY_SIDE; true: it is by side.
    pub band: Option<(Band, bool)>,
    /// Minutes of the average price; 0 is the last price.
    pub average_minutes: u32,
    /// ICEBERG_PARTS; 0 is no bound.
    pub iceberg_parts: u32,
    /// MAX_NUM_*.
    pub counts: Counts,
    /// MAX_POSITION; 0 is no bound.
    pub most_position: Amount,
    /// TRAILING_DELTA.
    pub deltas: Option<Deltas>,
    /// MAX_NUM_ORDER_AMENDS.
    pub amends: u32,
    /// What is allowed.
    pub allowed: Allowed,
    /// Self-trade prevention where an order names none.
    pub self_trade: SelfTrade,
    /// Price range execution rule.
    pub range: Option<PriceRange>,
    /// Smallest units of a price, a base and a quote quantity.
    pub precision: [Amount; 3],
}

/// Names of order types, by [`Kind`].
pub const KINDS: [&str; 7] = ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"];
/// Names of the modes of self-trade prevention, by [`SelfTrade`].
pub const MODES: [&str; 6] = ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"];
const BY_MODE: [SelfTrade; 6] =
    [SelfTrade::Allow, SelfTrade::ExpireTaker, SelfTrade::ExpireMaker, SelfTrade::ExpireBoth, SelfTrade::Decrement, SelfTrade::Transfer];

fn unit(precision: u8) -> Result<Amount, String> {
    if precision > 8 { Err("a precision is at most 8".to_owned()) } else { Ok(10_i64.pow(8 - u32::from(precision))) }
}

impl Rules {
    /// Returns the rules of a symbol. Errors: one sentence about what the symbol lacks.
    pub fn new(profile: &Profile, symbol: &SymbolRules) -> Result<Self, String> {
        let asset = |name: &str| profile.asset(name).ok_or_else(|| format!("the asset `{name}` is not in `assets`"));
        let mode = &symbol.default_self_trade_prevention_mode;
        let self_trade = MODES.iter().position(|name| name == mode).ok_or_else(|| format!("`{mode}` is no self-trade prevention mode"))?;
        let has = |names: &[String], name: &str| names.iter().any(|other| other == name);
        let none = Lots { least: 0, most: 0, step: 0 };
        let mut rules = Self {
            base: asset(&symbol.base_asset)?,
            quote: asset(&symbol.quote_asset)?,
            tick: 0,
            least_price: 0,
            most_price: 0,
            lots: none,
            market_lots: None,
            worth: None,
            band: None,
            average_minutes: 5,
            iceberg_parts: 0,
            counts: NO_COUNTS,
            most_position: 0,
            deltas: None,
            amends: u32::MAX,
            allowed: Allowed {
                iceberg: symbol.iceberg_allowed,
                oco: symbol.oco_allowed,
                oto: symbol.oto_allowed,
                quote_market: symbol.quote_order_qty_market_allowed,
                trailing: symbol.allow_trailing_stop,
                cancel_replace: symbol.cancel_replace_allowed,
                amend: symbol.amend_allowed,
                kinds: KINDS.map(|name| has(&symbol.order_types, name)),
                self_trade: MODES.map(|name| has(&symbol.allowed_self_trade_prevention_modes, name)),
            },
            self_trade: BY_MODE[self_trade],
            range: symbol.price_range,
            precision: [unit(symbol.quote_precision)?, unit(symbol.base_asset_precision)?, unit(symbol.quote_asset_precision)?],
        };
        symbol.filters.iter().for_each(|filter| rules.add(filter));
        rules.check()?;
        Ok(rules)
    }

    fn check(&self) -> Result<(), String> {
        if self.tick <= 0 || self.lots.step <= 0 {
            return Err("PRICE_FILTER needs a tickSize and LOT_SIZE a stepSize above 0: the book counts in them".to_owned());
        }
        if self.lots.most <= 0 || self.lots.least < 0 {
            return Err("LOT_SIZE needs a maxQty above 0".to_owned());
        }
        if self.most_price / self.tick > MOST_TICKS {
            return Err(format!("maxPrice is more than {MOST_TICKS} ticks: a lower maxPrice or a coarser tickSize is needed"));
        }
        if self.average_minutes > 60 {
            return Err("avgPriceMins is at most 60".to_owned());
        }
        match self.range {
            Some(range) if !(1..=64).contains(&range.bucket_count) || range.bucket_width_ms <= 0 => {
                Err("priceRange needs 1 to 64 buckets of a width above 0".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, filter: &Filter) {
        let band = |bid_up, bid_down, ask_up, ask_down| Band { bid_up, bid_down, ask_up, ask_down };
        match *filter {
            Filter::PriceFilter { min_price, max_price, tick_size } => {
                (self.least_price, self.most_price, self.tick) = (min_price.0, max_price.0, tick_size.0);
            }
            Filter::LotSize { min_qty, max_qty, step_size } => {
                self.lots = Lots { least: min_qty.0, most: max_qty.0, step: step_size.0 };
            }
            Filter::MarketLotSize { min_qty, max_qty, step_size } => {
                self.market_lots = Some(Lots { least: min_qty.0, most: max_qty.0, step: step_size.0 });
            }
            Filter::PercentPrice { multiplier_up: up, multiplier_down: down, avg_price_mins } => {
                self.band = Some((band(up.0, down.0, up.0, down.0), false));
                self.average_minutes = avg_price_mins;
            }
            Filter::PercentPriceBySide {
                bid_multiplier_up,
                bid_multiplier_down,
                ask_multiplier_up,
                ask_multiplier_down,
                avg_price_mins,
            } => {
                self.band = Some((band(bid_multiplier_up.0, bid_multiplier_down.0, ask_multiplier_up.0, ask_multiplier_down.0), true));
                self.average_minutes = avg_price_mins;
            }
            Filter::MinNotional { min_notional, apply_to_market, avg_price_mins } => {
                let worth = Worth { least: min_notional.0, most: 0, least_for_market: apply_to_market, most_for_market: false };
                self.worth = Some((worth, false));
                self.average_minutes = avg_price_mins;
            }
            Filter::Notional { min_notional, apply_min_to_market, max_notional, apply_max_to_market, avg_price_mins } => {
                let worth = Worth {
                    least: min_notional.0,
                    most: max_notional.0,
                    least_for_market: apply_min_to_market,
                    most_for_market: apply_max_to_market,
                };
                self.worth = Some((worth, true));
                self.average_minutes = avg_price_mins;
            }
            Filter::IcebergParts { limit } => self.iceberg_parts = limit,
            Filter::MaxNumOrders { max_num_orders } => self.counts.orders = max_num_orders,
            Filter::MaxNumAlgoOrders { max_num_algo_orders } => self.counts.algos = max_num_algo_orders,
            Filter::MaxNumIcebergOrders { max_num_iceberg_orders } => self.counts.icebergs = max_num_iceberg_orders,
            Filter::MaxNumOrderLists { max_num_order_lists } => self.counts.lists = max_num_order_lists,
            Filter::MaxPosition { max_position } => self.most_position = max_position.0,
            Filter::TrailingDelta {
                min_trailing_above_delta,
                max_trailing_above_delta,
                min_trailing_below_delta,
                max_trailing_below_delta,
            } => {
                self.deltas = Some(Deltas {
                    above: (min_trailing_above_delta, max_trailing_above_delta),
                    below: (min_trailing_below_delta, max_trailing_below_delta),
                });
            }
            Filter::MaxNumOrderAmends { max_num_order_amends } => self.amends = max_num_order_amends,
            Filter::ExchangeMaxNumOrders { .. }
            | Filter::ExchangeMaxNumAlgoOrders { .. }
            | Filter::ExchangeMaxNumIcebergOrders { .. }
            | Filter::ExchangeMaxNumOrderLists { .. }
            | Filter::MaxAsset { .. } => {}
        }
    }

    /// Returns the asset an order of a side pays with.
    #[inline]
    #[must_use]
    pub fn pays(&self, side: Side) -> Asset {
        if side == Side::Buy { self.quote } else { self.base }
    }

    /// Returns the asset an order of a side receives.
    #[inline]
    #[must_use]
    pub fn receives(&self, side: Side) -> Asset {
        self.pays(side.opposite())
    }

    /// Tells whether a side's price is within the bounds around a middle: exactly, without rounding them.
    #[inline]
    #[must_use]
    pub fn is_within(band: &Band, side: Side, price: Amount, middle: Amount) -> bool {
        let (down, up) = if side == Side::Buy { (band.bid_down, band.bid_up) } else { (band.ask_down, band.ask_up) };
        let price = i128::from(price) * i128::from(ONE);
        let middle = i128::from(middle);
        middle * i128::from(down) <= price && price <= middle * i128::from(up)
    }
}

/// Returns the exchange's own filters over all symbols.
#[must_use]
pub fn exchange_counts(filters: &[Filter]) -> Counts {
    let mut counts = NO_COUNTS;
    for filter in filters {
        match *filter {
            Filter::ExchangeMaxNumOrders { max_num_orders } => counts.orders = max_num_orders,
            Filter::ExchangeMaxNumAlgoOrders { max_num_algo_orders } => counts.algos = max_num_algo_orders,
            Filter::ExchangeMaxNumIcebergOrders { max_num_iceberg_orders } => counts.icebergs = max_num_iceberg_orders,
            Filter::ExchangeMaxNumOrderLists { max_num_order_lists } => counts.lists = max_num_order_lists,
            _ => {}
        }
    }
    counts
}

/// Tells whether an order of this type waits for a trigger.
#[inline]
#[must_use]
pub fn is_contingent(kind: Kind) -> bool {
    matches!(kind, Kind::StopLoss | Kind::StopLossLimit | Kind::TakeProfit | Kind::TakeProfitLimit)
}

/// Tells whether an order of this type has a limit price.
#[inline]
#[must_use]
pub fn is_limited(kind: Kind) -> bool {
    matches!(kind, Kind::Limit | Kind::LimitMaker | Kind::StopLossLimit | Kind::TakeProfitLimit)
}
