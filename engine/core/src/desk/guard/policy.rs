//! The policy as the host gives it: plain numbers, every limit optional. Rules: docs/semantics.md, section 11.
use crate::desk::breaker::settings::Settings;
use crate::money::E9;
use serde::Deserialize;

/// Closes of the price collar's window where nothing is said.
pub const COLLAR_BARS: i64 = 60;
/// Rows of the risk model's span where nothing is said.
pub const SPAN: i64 = 100;
/// Trades that Kelly's weight is estimated from where nothing is said.
pub const KELLY_TRADES: i64 = 50;
/// The most closes or trades that are kept.
const MOST_KEPT: i64 = 10_000;
/// The most ms of an age or window: a leap year.
const LONGEST_MS: i64 = 366 * 86_400_000;

/// Limits that stand above a strategy; what is left out binds nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Losing trades in a row that pause for the rest of the UTC day.
    pub losing_streak: Option<i64>,
    /// Orders in a row of one instrument and direction in a UTC day that pause for good.
    pub repeated_orders: Option<i64>,
    /// Loss in a UTC day that pauses the strategy, billionths.
    pub strategy_daily_loss_e9: Option<i64>,
    /// Loss from the peak that pauses the strategy for good, billionths.
    pub strategy_drawdown_e9: Option<i64>,
    /// Loss in a UTC hour that halves, billionths.
    pub hourly_loss_e9: Option<i64>,
    /// Loss in a UTC day that pauses, billionths.
    pub daily_loss_e9: Option<i64>,
    /// Loss of the start equity that pauses for good, billionths.
    pub total_loss_e9: Option<i64>,
    /// Loss from the peak that flattens, billionths.
    pub drawdown_e9: Option<i64>,
    /// Value at risk that pauses and cuts positions, billionths of equity.
    pub var_breach_e9: Option<i64>,
    /// Correlation of two positions that pauses and halves positions, billionths.
    pub correlation_break_e9: Option<i64>,
    /// Equity that a trade's stop may lose, billionths.
    pub risk_per_trade_e9: Option<i64>,
    /// Largest gross exposure as a multiple of equity, billionths.
    pub max_leverage_e9: Option<i64>,
    /// Largest notional of one order's increase, 1e-8 quote.
    pub max_notional: Option<i64>,
    /// Largest share of the decision bar's volume that one order may open, billionths.
    pub volume_share_e9: Option<i64>,
    /// Whether each instrument may be opened, in id order.
    pub allowed: Option<Vec<bool>>,
    /// Orders sent in one UTC minute.
    pub orders_per_minute: Option<i64>,
    /// Orders sent in one UTC day.
    pub orders_per_day: Option<i64>,
    /// Orders and cancels sent in one UTC minute.
    pub messages_per_minute: Option<i64>,
    /// Largest distance of an order's price from the decision's close, billionths of it.
    pub price_collar_e9: Option<i64>,
    /// Largest distance of a buy's price from the window's lowest close, of a sell's from its highest, billionths of it.
    pub collar_window_e9: Option<i64>,
    /// Closes of that window; none = [`COLLAR_BARS`].
    pub collar_bars: Option<i64>,
    /// How long an order like one that was sent is a duplicate, ms.
    pub duplicate_ms: Option<i64>,
    /// Whether an order that could meet an own one at work is refused.
    pub self_match: bool,
    /// Oldest prices that something may be opened on, ms.
    pub max_age_ms: Option<i64>,
    /// Largest move of a close from the one before that is believed, billionths.
    pub max_move_e9: Option<i64>,
    /// Largest value of one position, 1e-8 of the currency of settlement.
    pub max_exposure: Option<i64>,
    /// Largest share of equity in one instrument, billionths.
    pub concentration_e9: Option<i64>,
    /// Positions open at once.
    pub max_positions: Option<i64>,
    /// Largest order of each instrument, lots, in id order; no inner value = no limit.
    pub max_quantity: Option<Vec<Option<i64>>>,
    /// Largest position of each instrument, lots.
    pub max_position: Option<Vec<Option<i64>>>,
    /// Lots of each instrument that may be opened in a UTC day.
    pub daily_volume: Option<Vec<Option<i64>>>,
    /// Rows of the risk model's span; none = [`SPAN`].
    pub span: Option<i64>,
    /// Correlation with a position that is not opened beside it, billionths.
    pub correlation_e9: Option<i64>,
    /// Annual volatility of one position over equity, billionths.
    pub volatility_target_e9: Option<i64>,
    /// Σ |weight| · annual volatility, billionths.
    pub heat_e9: Option<i64>,
    /// Fraction of Kelly's weight, billionths.
    pub kelly_e9: Option<i64>,
    /// Closed trades that Kelly's weight is estimated from; none = [`KELLY_TRADES`].
    pub kelly_trades: Option<i64>,
    /// Value at risk after an order, billionths of equity.
    pub value_at_risk_e9: Option<i64>,
    /// Expected shortfall after an order, billionths of equity.
    pub expected_shortfall_e9: Option<i64>,
    /// Distance of the stop that rests at the venue, billionths of the entry price.
    pub venue_stop_e9: Option<i64>,
    /// Circuit breakers.
    pub breakers: Option<Settings>,
}

impl Policy {
    /// Checks every limit; `assets` is the number of instruments.
    ///
    /// # Errors
    /// Returns one sentence naming the key and its range.
    pub fn validate(&self, assets: usize) -> Result<(), String> {
        for (name, value, most) in self.limits() {
            if let Some(value) = value.filter(|value| !(1..=most).contains(value)) {
                return Err(format!("policy.{name} is {value}; it must lie between 1 and {most}"));
            }
        }
        self.breakers.as_ref().map_or(Ok(()), |breakers| breakers.validate(assets))?;
        let per_instrument =
            [("max_quantity", &self.max_quantity), ("max_position", &self.max_position), ("daily_volume", &self.daily_volume)];
        let mut lengths: Vec<(&str, usize)> = self.allowed.iter().map(|allowed| ("allowed", allowed.len())).collect();
        for (name, limits) in per_instrument {
            let Some(limits) = limits else { continue };
            if let Some(value) = limits.iter().flatten().find(|&&value| value < 1) {
                return Err(format!("policy.{name} holds {value}; it must be at least 1"));
            }
            lengths.push((name, limits.len()));
        }
        match lengths.into_iter().find(|&(_, length)| length != assets) {
            Some((name, length)) => Err(format!("policy.{name} names {length} instruments, the configuration has {assets}")),
            None => Ok(()),
        }
    }

    /// Returns every single number with its largest value; the least is 1.
    fn limits(&self) -> [(&'static str, Option<i64>, i64); 35] {
        [
            ("losing_streak", self.losing_streak, 1_000_000),
            ("repeated_orders", self.repeated_orders, 1_000_000),
            ("strategy_daily_loss_e9", self.strategy_daily_loss_e9, E9),
            ("strategy_drawdown_e9", self.strategy_drawdown_e9, E9),
            ("hourly_loss_e9", self.hourly_loss_e9, E9),
            ("daily_loss_e9", self.daily_loss_e9, E9),
            ("total_loss_e9", self.total_loss_e9, E9),
            ("drawdown_e9", self.drawdown_e9, E9),
            ("var_breach_e9", self.var_breach_e9, 1_000 * E9),
            ("correlation_break_e9", self.correlation_break_e9, E9),
            ("risk_per_trade_e9", self.risk_per_trade_e9, E9),
            ("max_leverage_e9", self.max_leverage_e9, 1_000 * E9),
            ("max_notional", self.max_notional, i64::MAX),
            ("volume_share_e9", self.volume_share_e9, E9),
            ("orders_per_minute", self.orders_per_minute, i64::MAX),
            ("orders_per_day", self.orders_per_day, i64::MAX),
            ("messages_per_minute", self.messages_per_minute, i64::MAX),
            ("price_collar_e9", self.price_collar_e9, 1_000 * E9),
            ("collar_window_e9", self.collar_window_e9, 1_000 * E9),
            ("collar_bars", self.collar_bars, MOST_KEPT),
            ("duplicate_ms", self.duplicate_ms, LONGEST_MS),
            ("max_age_ms", self.max_age_ms, LONGEST_MS),
            ("max_move_e9", self.max_move_e9, 1_000 * E9),
            ("max_exposure", self.max_exposure, i64::MAX),
            ("concentration_e9", self.concentration_e9, 1_000 * E9),
            ("max_positions", self.max_positions, 1_000_000),
            ("span", self.span, MOST_KEPT),
            ("correlation_e9", self.correlation_e9, E9),
            ("volatility_target_e9", self.volatility_target_e9, 1_000 * E9),
            ("heat_e9", self.heat_e9, 1_000 * E9),
            ("kelly_e9", self.kelly_e9, 1_000 * E9),
            ("venue_stop_e9", self.venue_stop_e9, E9 - 1),
            ("kelly_trades", self.kelly_trades, MOST_KEPT),
            ("value_at_risk_e9", self.value_at_risk_e9, 1_000 * E9),
            ("expected_shortfall_e9", self.expected_shortfall_e9, 1_000 * E9),
        ]
    }

    /// Returns whether something needs the moments of returns.
    pub fn needs_model(&self) -> bool {
        let of_orders = [self.correlation_e9, self.volatility_target_e9, self.heat_e9, self.value_at_risk_e9, self.expected_shortfall_e9];
        of_orders.into_iter().chain([self.var_breach_e9, self.correlation_break_e9]).any(|limit| limit.is_some())
    }

    /// Returns whether something needs the value of every position.
    pub fn needs_exposures(&self) -> bool {
        self.needs_model() || self.max_positions.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_outside_their_range_are_refused_by_name() {
        assert_eq!(Policy::default().validate(2), Ok(()));
        let wrong = Policy { drawdown_e9: Some(E9 + 1), ..Policy::default() };
        assert_eq!(wrong.validate(1), Err("policy.drawdown_e9 is 1000000001; it must lie between 1 and 1000000000".to_owned()));
        let none = Policy { losing_streak: Some(0), ..Policy::default() };
        assert!(none.validate(1).unwrap_err().starts_with("policy.losing_streak is 0;"));
        let short = Policy { allowed: Some(vec![true]), ..Policy::default() };
        assert_eq!(short.validate(2), Err("policy.allowed names 1 instruments, the configuration has 2".to_owned()));
        let other = Policy { max_position: Some(vec![None, Some(3), None]), ..Policy::default() };
        assert_eq!(other.validate(2), Err("policy.max_position names 3 instruments, the configuration has 2".to_owned()));
        let zero = Policy { daily_volume: Some(vec![Some(0)]), ..Policy::default() };
        assert_eq!(zero.validate(1), Err("policy.daily_volume holds 0; it must be at least 1".to_owned()));
    }

    /// Largest values that are not above 1, as docs/semantics.md has them, section 11.
    const LARGEST: [(&str, i64); 32] = [
        ("losing_streak", 1_000_000),
        ("repeated_orders", 1_000_000),
        ("strategy_daily_loss_e9", 1_000_000_000),
        ("strategy_drawdown_e9", 1_000_000_000),
        ("hourly_loss_e9", 1_000_000_000),
        ("daily_loss_e9", 1_000_000_000),
        ("total_loss_e9", 1_000_000_000),
        ("drawdown_e9", 1_000_000_000),
        ("var_breach_e9", 1_000_000_000_000),
        ("correlation_break_e9", 1_000_000_000),
        ("risk_per_trade_e9", 1_000_000_000),
        ("max_leverage_e9", 1_000_000_000_000),
        ("volume_share_e9", 1_000_000_000),
        ("price_collar_e9", 1_000_000_000_000),
        ("collar_window_e9", 1_000_000_000_000),
        ("collar_bars", 10_000),
        ("duplicate_ms", 31_622_400_000),
        ("max_age_ms", 31_622_400_000),
        ("max_move_e9", 1_000_000_000_000),
        ("concentration_e9", 1_000_000_000_000),
        ("max_positions", 1_000_000),
        ("span", 10_000),
        ("correlation_e9", 1_000_000_000),
        ("volatility_target_e9", 1_000_000_000_000),
        ("heat_e9", 1_000_000_000_000),
        ("kelly_e9", 1_000_000_000_000),
        ("venue_stop_e9", 999_999_999),
        ("kelly_trades", 10_000),
        ("value_at_risk_e9", 1_000_000_000_000),
        ("expected_shortfall_e9", 1_000_000_000_000),
        ("max_exposure", i64::MAX),
        ("orders_per_day", i64::MAX),
    ];

    #[test]
    fn every_limit_takes_its_largest_value_and_no_larger_one() {
        let with = |name: &str, value: i64| serde_json::from_str::<Policy>(&format!("{{\"{name}\":{value}}}")).unwrap().validate(1);
        for (name, most) in LARGEST {
            assert_eq!(with(name, most), Ok(()), "{name}");
            assert_eq!(with(name, 1), Ok(()), "{name}");
            assert!(with(name, 0).unwrap_err().contains(name));
            if let Some(more) = most.checked_add(1) {
                assert!(with(name, more).unwrap_err().contains(name), "{name}");
            }
        }
    }

    #[test]
    fn each_limit_of_the_model_needs_it_and_the_number_of_positions_needs_exposures_alone() {
        let some = Some(E9);
        let none = Policy::default();
        for policy in [
            Policy { correlation_e9: some, ..none.clone() },
            Policy { volatility_target_e9: some, ..none.clone() },
            Policy { heat_e9: some, ..none.clone() },
            Policy { value_at_risk_e9: some, ..none.clone() },
            Policy { expected_shortfall_e9: some, ..none.clone() },
            Policy { var_breach_e9: some, ..none.clone() },
            Policy { correlation_break_e9: some, ..none.clone() },
        ] {
            assert!(policy.needs_model() && policy.needs_exposures(), "{policy:?}");
        }
        let counted = Policy { max_positions: Some(1), ..none.clone() };
        assert_eq!((counted.needs_model(), counted.needs_exposures()), (false, true));
        assert!(!none.needs_model() && !none.needs_exposures());
    }

    #[test]
    fn a_limit_of_one_lot_is_taken() {
        let one = Some(vec![Some(1), None]);
        let policy = Policy { max_position: one.clone(), max_quantity: one.clone(), daily_volume: one, ..Policy::default() };
        assert_eq!(policy.validate(2), Ok(()));
    }
}
